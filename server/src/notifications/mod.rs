//! Telling other services what happened (OSIA Notification Interface 1.2.0, GS-NOT-01): topics, subscriptions that the
//! address itself confirms, delivery at least once by HTTP or mail, and dead letters.
//!
//! `events` keeps what happened. Here each event is put down once for every subscriber (`spread`), and each subscriber has
//! a lane of its own (`lanes`): one node at a time delivers to it, so that a slow receiver delays nobody else.

pub mod address;
mod carried;
pub mod cli;
mod dead_letters;
mod lanes;
mod message;
pub mod policy;
pub mod routes;
mod spread;
mod store;
mod subscriptions;
mod topics;
mod uuid;

#[cfg(test)]
mod tests;

use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use carried::{
    CarriedDelivery, CarriedSubscription, CarriedTopic, carry_deliveries, carry_subscriptions, carry_topics,
    settle_delivery, settle_subscription, settle_topic,
};
pub use dead_letters::DeadLetter;
pub use message::{Message, MessageType, SIGNATURE_HEADER};
pub use subscriptions::{HASHED, SEALED, Subscription};
pub use topics::Topic;

use crate::access::Caller;
use crate::clients;
use crate::clock::Millis;
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::StoreError;
use crate::wait::{self, Woken};

/// Between two looks at what is to be done, where nobody wakes the one who looks and nothing is due earlier.
const PAUSE: Duration = Duration::from_secs(10);
/// At least, between two looks: where another node has the work.
const LEAST: Duration = Duration::from_millis(50);
/// Rows deleted at once.
const BATCH: i64 = 500;

/// How far messages are counted: it is done again and again, and must cost little where a receiver was away for a week.
const COUNTED: i64 = 100_000;

const DAY: Millis = 24 * 3600 * 1000;

/// Whose a caller's subscriptions are: its relying party's, so that several machines of one service share them.
///
/// # Errors
/// [`Refusal::Unauthorized`] where the client is not there any more.
async fn party(state: &AppState, caller: &Caller) -> Result<String, Refusal> {
    let client = clients::find(state, caller.mount, &caller.client_id).await?;
    client.map(|client| client.relying_party_id.clone()).ok_or(Refusal::Unauthorized)
}

/// Works until the server stops.
pub async fn run(state: AppState) {
    let mut place = state.waits.watch_for_work(wait::events());
    // Ends with this: what a lane has taken is then another node's, or this one's after its next start.
    let mut busy = JoinSet::new();
    loop {
        if let Err(error) = spread::all(&state).await {
            tracing::error!(%error, "what happened could not be put down for those who are told");
        }
        while busy.len() < usize::from(state.config.notifications.at_once.max(1)) {
            match lanes::take(&state).await {
                Ok(Some(lane)) => {
                    busy.spawn(lanes::deliver(state.clone(), lane));
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::error!(%error, "services could not be told");
                    break;
                }
            }
        }
        let until = until_due(&state).await;
        tokio::select! {
            woken = place.woken(Instant::now() + until) => if woken == Woken::Closed { return },
            Some(_) = busy.join_next() => {}
        }
    }
}

/// How long there is nothing to do, as far as can be known.
async fn until_due(state: &AppState) -> Duration {
    let now = state.clock.now();
    let due = state.store.read(|tx| Box::pin(store::soonest_due(tx))).await.ok().flatten();
    let wait = due.map(|due| Duration::from_millis(u64::try_from(due - now).unwrap_or(0)));
    wait.unwrap_or(PAUSE).clamp(LEAST, PAUSE)
}

/// Messages that are not taken yet, and those that were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// On their way, those that ask an address to agree among them.
    pub waiting: i64,
    /// Dead letters.
    pub dead: i64,
}

/// Counts all messages, up to a limit of each.
///
/// # Errors
/// [`StoreError`].
pub async fn counted(state: &AppState) -> Result<Counted, StoreError> {
    state.store.read(|tx| Box::pin(store::counted(tx, COUNTED))).await
}

/// Puts down all that happened, and tries once all that is due now; gives how many messages were tried.
///
/// # Errors
/// [`StoreError`].
pub async fn work(state: &AppState) -> Result<usize, StoreError> {
    spread::all(state).await?;
    let mut busy = FuturesUnordered::new();
    let mut tried = 0;
    while let Some(lane) = lanes::take(state).await? {
        tried += 1;
        busy.push(lanes::deliver(state.clone(), lane));
    }
    while busy.next().await.is_some() {}
    Ok(tried)
}

/// Deletes a batch of what is over: subscriptions that nobody confirmed, dead letters whose days are over, events that
/// everyone was told of; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    let settings = &state.config.notifications;
    let (asked, died) =
        (now - Millis::from(settings.confirmation_days) * DAY, now - Millis::from(settings.dead_letter_days) * DAY);
    let over = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let unconfirmed = store::delete_unconfirmed(tx, asked, BATCH).await?;
                Ok::<_, StoreError>(unconfirmed + store::delete_dead(tx, died, BATCH).await?)
            })
        })
        .await?;
    Ok(over + crate::events::expire(state).await?)
}
