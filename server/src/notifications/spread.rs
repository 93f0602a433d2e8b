//! Putting down, once for every subscriber, what happened.

use std::collections::HashMap;

use super::store;
use crate::clients;
use crate::clock::Millis;
use crate::events::{self, Content, Event, Happened};
use crate::state::AppState;
use crate::store::StoreError;

/// Events put down in one write.
const BATCH: i64 = 64;

/// Puts down all that waits.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn all(state: &AppState) -> Result<(), StoreError> {
    while batch(state).await? > 0 {}
    Ok(())
}

/// Who may be told of an event.
#[derive(Clone, PartialEq, Eq)]
enum Audience {
    /// Whoever has subscribed.
    Everyone,
    /// One relying party: a consent is between a person and whom it was given to.
    Party(String),
    /// The relying parties of one enrollment service: nobody else sees its enrollments (GS-SEC-05b).
    Service(String),
    /// Nobody: its client is gone, or it cannot be read.
    Nobody,
}

async fn audience(state: &AppState, happened: &Happened) -> Result<Audience, StoreError> {
    let Content::Ours(event) = &happened.content else { return Ok(Audience::Everyone) };
    if let Event::EnrollmentFinalized { service, .. } = event {
        return Ok(service.clone().map_or(Audience::Nobody, Audience::Service));
    }
    let Some(consent) = event.consent() else { return Ok(Audience::Everyone) };
    let client = clients::find_any(state, consent.mount, &consent.client_id).await?;
    Ok(client.map_or(Audience::Nobody, |client| Audience::Party(client.relying_party_id.clone())))
}

/// A batch of events; gives how many there were.
async fn batch(state: &AppState) -> Result<usize, StoreError> {
    let waiting = events::waiting(state, BATCH).await?;
    let count = waiting.len();
    let mut read = Vec::with_capacity(count);
    for event in waiting {
        match event.happened {
            Ok(happened) => read.push((happened.id, happened.topic, audience(state, &happened).await?)),
            Err(error) => {
                tracing::error!(%error, event = event.id, "an event cannot be read: nobody is told of it");
                read.push((event.id, 0, Audience::Nobody));
            }
        }
    }
    if read.is_empty() {
        return Ok(0);
    }
    let (inner, now) = (state.clone(), state.clock.now());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut told: HashMap<i64, Vec<(i64, String, Millis)>> = HashMap::new();
                for (id, topic, audience) in read {
                    if !events::take(tx, id, now).await? {
                        continue;
                    }
                    let subscribers = match told.entry(topic) {
                        std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                        std::collections::hash_map::Entry::Vacant(free) => {
                            free.insert(store::told_of(tx, topic).await?)
                        }
                    };
                    let mut any = false;
                    let happened = inner.ids.made_at(id);
                    for (subscription, party, confirmed_at) in subscribers.iter() {
                        let may_know = match &audience {
                            // What happened before it was confirmed is not its.
                            _ if *confirmed_at > happened => false,
                            Audience::Everyone => true,
                            Audience::Party(only) => only == party,
                            Audience::Service(only) => only == inner.config.enrollment.service_of(party),
                            Audience::Nobody => false,
                        };
                        if may_know {
                            any = true;
                            put(&inner, tx, *subscription, id, now).await?;
                        }
                    }
                    if !any && audience != Audience::Nobody {
                        events::forget_told(tx, id).await?;
                    }
                }
                Ok::<_, StoreError>(())
            })
        })
        .await?;
    Ok(count)
}

async fn put(
    state: &AppState,
    tx: &mut crate::store::Tx,
    subscription: i64,
    event: i64,
    now: Millis,
) -> Result<(), StoreError> {
    store::insert_delivery(tx, state.next_id(), subscription, Some(event), now).await
}
