//! Where enrollments come from: finalized ones, in the clear, with the buffers that are their own (GS-ENR-06).

use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::enrollment::model::Enrollment;
use crate::enrollment::{self, EnrollmentId, Service, buffer};
use crate::protection::{self, Clear, Reason, buffer_in_clear};
use crate::secrets::SecretError;
use crate::state::AppState;
use crate::store::StoreError;

/// Why an enrollment cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store, or a sealed value: it is tried again.
    #[error(transparent)]
    Fault(#[from] enrollment::Fault),
    /// It is encrypted for a key that this server does not have: somebody must decide. The words name places, never values.
    #[error("{0}")]
    Unreadable(String),
}

impl From<Reason> for ReadError {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Unavailable => Self::Fault(StoreError::Busy.into()),
            reason => Self::Unreadable(reason.to_string()),
        }
    }
}

impl From<protection::Fault> for ReadError {
    fn from(fault: protection::Fault) -> Self {
        match fault.reason {
            Reason::Unavailable => Self::Fault(StoreError::Busy.into()),
            _ => Self::Unreadable(fault.to_string()),
        }
    }
}

impl From<StoreError> for ReadError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SecretError> for ReadError {
    fn from(error: SecretError) -> Self {
        Self::Fault(error.into())
    }
}

/// An enrollment in the clear.
pub struct Read {
    /// Whose it is.
    pub service: Service,
    /// The client's own id.
    pub id: EnrollmentId,
    /// It.
    pub enrollment: Enrollment,
    clear: Clear,
}

/// Reads an enrollment; `None` where it was deleted.
///
/// # Errors
/// [`ReadError`].
pub async fn read(state: &AppState, row: i64) -> Result<Option<Read>, ReadError> {
    let Some(loaded) = enrollment::load(state, row).await? else { return Ok(None) };
    let enrollment::Loaded { service, id, enrollment } = loaded;
    let document = serde_json::to_value(&enrollment).map_err(|_| SecretError::Sealed)?;
    let clear = protection::clear(state, &document).await?;
    let opened = serde_json::from_value(clear.document.clone());
    let enrollment = opened.map_err(|_| ReadError::Unreadable(NO_ENROLLMENT.into()))?;
    Ok(Some(Read { service, id, enrollment, clear }))
}

/// What is said where what was encrypted is something else than the schema has.
const NO_ENROLLMENT: &str = "what was encrypted is not what the schema of enrollments has in its place";

/// The buffers of one enrollment. Nothing else is ever read for it.
pub struct Buffers<'s> {
    state: &'s AppState,
    of: Option<&'s Read>,
}

impl<'s> Buffers<'s> {
    /// Those of an enrollment.
    #[must_use]
    pub fn of(state: &'s AppState, read: &'s Read) -> Self {
        Self { state, of: Some(read) }
    }

    /// None at all.
    #[cfg(test)]
    pub fn none(state: &'s AppState) -> Self {
        Self { state, of: None }
    }

    /// The buffer of this address, in the clear; `None` where it is not the enrollment's own, or larger than `most` bytes.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(&self, address: &str, most: usize) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
        let Some(of) = self.of else { return Ok(None) };
        match buffer_in_clear(&self.state.keys, &of.clear, self, address).await {
            Ok(bytes) => Ok(Some(bytes).filter(|bytes| bytes.len() <= most)),
            Err(Reason::Reference | Reason::TooLarge) => Ok(None),
            Err(reason) => Err(reason.into()),
        }
    }
}

impl protection::Buffers for Buffers<'_> {
    fn piece<'a>(&'a self, url: &'a str, number: u32) -> BoxFuture<'a, Result<Option<Zeroizing<Vec<u8>>>, Reason>> {
        Box::pin(async move {
            let Some(of) = self.of else { return Err(Reason::Reference) };
            match buffer::piece(self.state, &of.service, &of.id, url, number).await {
                Ok(buffer::Piece::Bytes(piece)) => Ok(Some(piece)),
                Ok(buffer::Piece::End) => Ok(None),
                Ok(buffer::Piece::Unknown) => Err(Reason::Reference),
                Err(error) => {
                    tracing::error!(%error, "a buffer could not be read");
                    Err(Reason::Unavailable)
                }
            }
        })
    }
}
