//! The id that a client gives its enrollment.

use zeroize::Zeroizing;

use super::service::Service;
use crate::osia::Refusal;
use crate::secrets::{Hash, Purpose, Secrets};
use crate::state::AppState;

/// Characters of an id at most.
const LONGEST: usize = 256;

/// An `enrollmentId`. Clients may have put anything into it, so that it is treated as an identifier of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrollmentId(String);

impl std::fmt::Debug for EnrollmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrollmentId")
    }
}

impl EnrollmentId {
    /// Reads what stands in a path. It is a key and never a path of a file: `..` is an id like any other.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it is empty, longer than 256 characters or has control characters.
    pub fn read(text: String) -> Result<Self, Refusal> {
        if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(Refusal::bad("enrollmentId must have 1 to 256 characters, none of them a control character"));
        }
        Ok(Self(text))
    }

    /// As it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The keyed hash that it is found by: another one in each service.
    pub(super) fn lookup(&self, state: &AppState, service: &Service) -> Hash {
        lookup(&state.secrets, service.name(), &self.0)
    }
}

/// The same, of what was sealed.
pub(super) fn lookup(secrets: &Secrets, service: &str, id: &str) -> Hash {
    secrets.hash(Purpose::Lookup, &[b"enrollment", service.as_bytes(), id.as_bytes()])
}

impl From<Zeroizing<String>> for EnrollmentId {
    fn from(stored: Zeroizing<String>) -> Self {
        Self(stored.to_string())
    }
}
