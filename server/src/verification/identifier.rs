//! By what a caller names a person (`identifierType`).

use crate::clients::Client;
use crate::osia::{Parameters, Refusal};
use crate::registry::{self, IdentifierKind, PersonId, subjects};
use crate::state::AppState;

/// Characters of an identifier at most.
const LONGEST: usize = 255;

/// What kind of identifier it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierType {
    /// The unique identity number.
    Uin,
    /// A pseudonym: the caller's own for the person (`sub`), or a virtual id.
    Token,
    /// The number of a document that was registered among the person's identifiers.
    CredentialNumber,
}

impl IdentifierType {
    /// Reads `identifierType`; a UIN where it is absent.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for any other.
    pub fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        Self::named(parameters.one("identifierType")?)
    }

    /// Reads a name; a UIN where there is none.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for any other.
    pub fn named(name: Option<&str>) -> Result<Self, Refusal> {
        match name {
            None | Some("uin") => Ok(Self::Uin),
            Some("token") => Ok(Self::Token),
            Some("credentialNumber") => Ok(Self::CredentialNumber),
            Some(_) => Err(Refusal::bad("identifierType must be uin, token or credentialNumber")),
        }
    }
}

/// The active person whom a client names so.
///
/// # Errors
/// [`Refusal::NotFound`] where there is none.
pub async fn person(
    state: &AppState,
    client: &Client,
    kind: IdentifierType,
    identifier: &str,
) -> Result<PersonId, Refusal> {
    if identifier.chars().count() > LONGEST {
        return Err(Refusal::NotFound);
    }
    let of = async |kind| registry::find_of_kind(state, kind, identifier).await;
    let found = match kind {
        IdentifierType::Uin => of(IdentifierKind::Uin).await?,
        IdentifierType::CredentialNumber => of(IdentifierKind::Handle).await?,
        IdentifierType::Token => match subjects::whose(state, client.sector(), identifier).await? {
            Some(person) if registry::is_active(state, person).await? => Some(person),
            Some(_) => None,
            None => of(IdentifierKind::Vid).await?,
        },
    };
    found.ok_or(Refusal::NotFound)
}
