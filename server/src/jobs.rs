//! Work that nobody asked for: what has expired is deleted in small batches, so that the database stays as small as what
//! lives.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::account;
use crate::authorization;
use crate::binding;
use crate::clients;
use crate::consents;
use crate::enrollment;
use crate::factors;
use crate::grants;
use crate::http::limits::PerAddress;
use crate::inbox;
use crate::linked;
use crate::notifications;
use crate::population;
use crate::reseal;
use crate::risk;
use crate::sessions;
use crate::state::AppState;
use crate::statistics;
use crate::store::StoreError;
use crate::verification::{self, identify};

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
        seal_anew(&state).await;
    }
}

/// Rounds over one room at most, so that a flood in one cannot keep the others from being cleaned.
const ROUNDS: u32 = 100;

/// Every room that keeps things with an end.
async fn expire(state: &AppState) {
    until_done("factors", || Box::pin(factors::expire(state))).await;
    until_done("grants", || Box::pin(grants::expire(state))).await;
    until_done("assertions", || Box::pin(grants::expire_assertions(state))).await;
    until_done("binding", || Box::pin(binding::expire(state))).await;
    until_done("authorization", || Box::pin(authorization::expire(state))).await;
    until_done("sessions", || Box::pin(sessions::expire(state))).await;
    until_done("account", || Box::pin(account::expire(state))).await;
    until_done("identify", || Box::pin(identify::tend(state))).await;
    until_done("identify", || Box::pin(identify::expire(state))).await;
    until_done("verification", || Box::pin(verification::expire(state))).await;
    until_done("inbox", || Box::pin(inbox::expire(state))).await;
    until_done("consents", || Box::pin(consents::expire(state))).await;
    until_done("population", || Box::pin(population::catch_up(state))).await;
    until_done("statistics", || Box::pin(statistics::count(state))).await;
    until_done("risk", || Box::pin(risk::expire(state))).await;
    until_done("clients", || Box::pin(clients::expire(state))).await;
    until_done("enrollment", || Box::pin(enrollment::buffer::expire(state))).await;
    until_done("notifications", || Box::pin(notifications::expire(state))).await;
    until_done("linked", || Box::pin(linked::expire(state))).await;
    until_done("audit", || Box::pin(state.audit.expire(&state.store, state.config.lifetimes.audit_days))).await;
}

/// While a master secret is being replaced: some batches at each tick. What fails is tried again at the next.
async fn seal_anew(state: &AppState) {
    for _ in 0..ROUNDS {
        match reseal::batch(state).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "values of an older secret could not be sealed anew");
                return;
            }
        }
    }
}

/// Small batches, until there is nothing left to delete. What fails is tried again at the next tick.
async fn until_done<'a>(room: &'static str, batch: impl Fn() -> BoxFuture<'a, Result<u64, StoreError>>) {
    for _ in 0..ROUNDS {
        match batch().await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, room, "what has ended could not be deleted");
                return;
            }
        }
    }
}
