//! A person comes into the registry: the rows, the history's first entry, and the blocks by which the same person is known
//! again, in one write.

use serde_json::{Map, Value};

use super::history::{self, Action, Because};
use super::model::{AddError, NewPerson, PersonId};
use super::{sealed, store, told, unique, validation};
use crate::state::AppState;
use crate::store::Tx;

/// A person who was found good, sealed and ready to be written. Its `Debug` shows nothing.
pub struct Ready {
    rows: store::Rows,
    attributes: Map<String, Value>,
    because: Because,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ready")
    }
}

impl Ready {
    /// The primary key that the person will have.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.rows.id
    }
}

/// A primary key for a person who is to be added.
#[must_use]
pub fn next_person(state: &AppState) -> PersonId {
    PersonId(state.next_id())
}

/// Holds a person against the forms of its members, and seals it under this primary key.
///
/// # Errors
/// [`AddError`] where a member is malformed.
pub fn ready(state: &AppState, id: PersonId, person: &NewPerson, because: Because) -> Result<Ready, AddError> {
    validation::check(person)?;
    validation::born(&person.attributes, state.clock.now())?;
    let identifiers = person.identifiers.iter().map(|identifier| sealed::identifier(state, id, identifier));
    let rows = store::Rows {
        id,
        biographics: sealed::biographics(state, id, &person.attributes)?,
        identifiers: identifiers.collect::<Result<_, _>>()?,
        photo: person.photo.as_ref().map(|photo| sealed::photo(state, id, photo)).transpose()?,
        verifications: match person.verifications.as_slice() {
            [] => None,
            all => Some(sealed::verifications(state, id, all)?),
        },
    };
    Ok(Ready { rows, attributes: person.attributes.clone(), because })
}

/// Writes a person, in the caller's transaction, and tells who wants to know of new persons.
///
/// # Errors
/// [`AddError`] where an identifier is taken: then the transaction must not be kept.
pub async fn admit(state: &AppState, tx: &mut Tx, ready: &Ready) -> Result<PersonId, AddError> {
    let Ready { rows, attributes, because } = ready;
    let inserted = store::insert(tx, rows, state.clock.now()).await?;
    inserted.map_err(|kind| AddError::Duplicate(kind.name()))?;
    history::record(state, tx, rows.id, Action::Added, because, history::named(attributes), &[]).await?;
    unique::index(state, tx, rows.id, attributes).await?;
    told::of_new(state, tx, rows.id).await?;
    Ok(rows.id)
}
