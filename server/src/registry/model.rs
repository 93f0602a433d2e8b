//! What a person is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::verification::Verification;
use crate::error::{ApiError, OAuthError};
use crate::osia;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// A person's row. Outside of this server only ever as an encrypted name (`Ids::name`) or a pairwise subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub i64);

/// What kind of identifier it is; a person may be found by any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdentifierKind {
    /// The unique identity number, for life.
    Uin,
    /// A number that stands for it, and can be replaced.
    Vid,
    /// A chosen name, a phone number, a mail address.
    Handle,
}

impl IdentifierKind {
    /// Name in the database and in person files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Uin => "uin",
            Self::Vid => "vid",
            Self::Handle => "handle",
        }
    }

    /// Reads [`IdentifierKind::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Uin, Self::Vid, Self::Handle].into_iter().find(|kind| kind.name() == name)
    }
}

/// What a person is found by. Its `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// Which kind.
    pub kind: IdentifierKind,
    /// 1 to 128 characters, neither white space nor control characters; compared exactly.
    pub value: String,
}

impl std::fmt::Debug for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.name())
    }
}

/// A picture of the face. Its `Debug` shows the type only.
#[derive(Clone, PartialEq, Eq)]
pub struct Photo {
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: String,
    /// The file.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.media_type)
    }
}

impl Photo {
    /// As a `data:` URI, which is what the claim `picture` holds.
    #[must_use]
    pub fn data_uri(&self) -> String {
        format!("data:{};base64,{}", self.media_type, STANDARD.encode(&self.bytes))
    }
}

/// A person to be added. Its `Debug` shows no attribute.
#[derive(Clone, Default)]
pub struct NewPerson {
    /// At least one. The first is what the claim `individual_id` tells.
    pub identifiers: Vec<Identifier>,
    /// By OpenID Connect claim name (`crate::claims::ALL`, without those that are computed: `picture`, `individual_id`,
    /// `updated_at`), with a language tag where there are several: `name#en`, `name#fr`.
    pub attributes: Map<String, Value>,
    /// What was verified of the attributes.
    pub verifications: Vec<Verification>,
    /// Face.
    pub photo: Option<Photo>,
}

impl std::fmt::Debug for NewPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a person with {:?}", self.identifiers)
    }
}

/// Where a person can be reached. Its `Debug` shows nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Mail address.
    pub email: Option<String>,
    /// Phone number, E.164.
    pub phone: Option<String>,
    /// Preferred language, BCP 47.
    pub language: Option<String>,
}

impl std::fmt::Debug for Contacts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contacts")
    }
}

/// Whether a person may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// May.
    Active,
    /// May not, and is as good as unknown.
    Disabled,
}

impl Status {
    /// Name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads [`Status::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|status| status.name() == name)
    }
}

/// What goes wrong when a person is read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] SecretError),
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(error) => error.into(),
        }
    }
}

impl From<Fault> for osia::Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(error) => error.into(),
        }
    }
}

impl From<AddError> for osia::Refusal {
    /// The error names members and kinds, never values.
    fn from(error: AddError) -> Self {
        match error {
            AddError::Invalid { .. } => Self::bad(error.to_string()),
            AddError::Duplicate(_) => Self::Conflict("an identifier belongs to a person already"),
            AddError::Fault(fault) => fault.into(),
        }
    }
}

impl From<Fault> for OAuthError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(error) => error.into(),
        }
    }
}

/// Why a person is not added. Names members and kinds, never values.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// A member is missing or malformed.
    #[error("{member}: {reason}")]
    Invalid {
        /// The member.
        member: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Another person, or this one twice, has an identifier of this kind with this value.
    #[error("an identifier of kind {0} belongs to a person already")]
    Duplicate(&'static str),
    /// The database, or a sealed value.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for AddError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SecretError> for AddError {
    fn from(error: SecretError) -> Self {
        Self::Fault(error.into())
    }
}
