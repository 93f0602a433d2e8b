//! An import for real, or a trial of it.

use futures::future::BoxFuture;

use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Whether what is done is kept. A trial does all of it and takes it back, so that it tells exactly what would happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// Kept.
    Real,
    /// Taken back.
    Trial,
}

/// With what a trial ends its transaction.
enum End<T> {
    Trial(T),
    Store(StoreError),
}

impl<T> From<StoreError> for End<T> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Run {
    /// Runs a piece of work in one transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is kept either way.
    pub(super) async fn write<T, F>(self, state: &AppState, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
        T: Send + 'static,
    {
        let done = state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let done = work(tx).await.map_err(End::Store)?;
                    if self == Self::Trial { Err(End::Trial(done)) } else { Ok(done) }
                })
            })
            .await;
        match done {
            Ok(done) | Err(End::Trial(done)) => Ok(done),
            Err(End::Store(error)) => Err(error),
        }
    }
}
