//! Why something of the store cannot be read.

use crate::osia::Refusal;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// A fault of this server, never of a request.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Secret(error) => error.into(),
        }
    }
}
