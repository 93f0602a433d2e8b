//! One call at a time on a session, and a way to stop it.

use crate::errors::{ErrorCode, WalletError};
use futures::future::{AbortHandle, Abortable};
use std::future::Future;
use std::sync::{Mutex, PoisonError};

enum State {
    Idle,
    Running(AbortHandle),
    Cancelled,
}

/// Whose turn it is on a session.
///
/// Swift's task cancellation does not reach Rust, so a session has a `cancel()` of its own: it
/// aborts the call that runs, and no other begins.
pub(crate) struct Turn(Mutex<State>);

/// Gives the turn back also where the call's future is dropped half-way (Kotlin's cancellation).
struct Back<'a>(&'a Turn);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Running(_)) {
            *state = State::Idle;
        }
    }
}

impl Turn {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State::Idle))
    }

    /// Runs one call. Errors: `Busy`, `Cancelled`, and the call's own.
    pub(crate) async fn run<T>(&self, call: impl Future<Output = Result<T, WalletError>>) -> Result<T, WalletError> {
        let (handle, registration) = AbortHandle::new_pair();
        {
            let mut state = self.lock();
            match *state {
                State::Idle => *state = State::Running(handle),
                State::Running(_) => return Err(ErrorCode::Busy.into()),
                State::Cancelled => return Err(ErrorCode::Cancelled.into()),
            }
        }
        let _back = Back(self);
        Abortable::new(call, registration).await.unwrap_or_else(|_| Err(ErrorCode::Cancelled.into()))
    }

    /// Stops the call that runs, if any, and every later one.
    pub(crate) fn cancel(&self) {
        let before = std::mem::replace(&mut *self.lock(), State::Cancelled);
        if let State::Running(handle) = before {
            handle.abort();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::{future, poll};

    #[test]
    fn one_at_a_time_dropped_and_cancelled() {
        block_on(async {
            let turn = Turn::new();
            {
                let mut first = Box::pin(turn.run(future::pending::<Result<(), WalletError>>()));
                assert!(poll!(&mut first).is_pending());
                let second = turn.run(async { Ok(()) }).await;
                assert_eq!(second.map_err(|e| e.code()), Err(ErrorCode::Busy));
            }
            assert_eq!(turn.run(async { Ok(7) }).await, Ok(7));
            let mut running = Box::pin(turn.run(future::pending::<Result<(), WalletError>>()));
            assert!(poll!(&mut running).is_pending());
            turn.cancel();
            assert_eq!(running.await.map_err(|e| e.code()), Err(ErrorCode::Cancelled));
            assert_eq!(turn.run(async { Ok(()) }).await.map_err(|e| e.code()), Err(ErrorCode::Cancelled));
        });
    }
}
