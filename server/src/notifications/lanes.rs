//! Delivery: each subscriber is a lane. Whoever takes a lane has it for a while, tries what is due, and writes down in one
//! write what came of it.

use std::time::Duration;

use futures::StreamExt;

use super::address::Protocol;
use super::message::{self, Message, NotMade, SIGNATURE_HEADER};
use super::policy::Policy;
use super::store::{self, Due, Lane};
use super::subscriptions;
use crate::audit::{Event, EventKind};
use crate::clients::{self, Client};
use crate::clock::Millis;
use crate::deliveries::{self, Sent};
use crate::dialect::Mount;
use crate::events;
use crate::http::mail::Relay;
use crate::state::AppState;
use crate::store::StoreError;

/// How long a lane is left alone by others, in milliseconds; longer than a batch may take where each message waits for its
/// fetch to the end.
const LEASE: Millis = 20_000;
/// How long handing one mail to the relay may take in all, so that a batch is done within its lease.
const MAILING: Duration = Duration::from_secs(8);
/// Messages of one lane tried before others have their turn.
const BATCH: i64 = 16;
/// Messages of one lane on their way at the same time.
const SIDE_BY_SIDE: usize = 8;

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The subscriber took it.
    Taken,
    /// It did not.
    NotTaken,
    /// There is nothing left to tell.
    Over,
}

/// Takes a lane in which something is due, the one that waited longest.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn take(state: &AppState) -> Result<Option<Lane>, StoreError> {
    let now = state.clock.now();
    // Most looks find nothing, and need no write to find it.
    if !state.store.read(move |tx| Box::pin(store::any_due(tx, now))).await? {
        return Ok(None);
    }
    state.store.write(move |tx| Box::pin(store::take_lane(tx, now, now + LEASE))).await
}

/// Delivers what is due in a lane, a batch of it, and frees the lane. What fails here is tried again when the lease is over.
pub(super) async fn deliver(state: AppState, lane: Lane) {
    if let Err(error) = batch(&state, &lane).await {
        tracing::error!(%error, subscription = %lane.uuid, "a subscriber could not be told");
    }
}

async fn batch(state: &AppState, lane: &Lane) -> Result<(), StoreError> {
    let (now, id) = (state.clock.now(), lane.id);
    let due = state.store.read(move |tx| Box::pin(store::due(tx, id, now, BATCH))).await?;
    let mount = Mount::named(&lane.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
    let client = clients::find(state, mount, &lane.client_id).await?;
    let client = client.as_deref();
    let tried = due.into_iter().map(|due| async move {
        let outcome = attempt(state, lane, client, &due).await.unwrap_or_else(|error| {
            tracing::error!(%error, subscription = %lane.uuid, "a message could not be made");
            Outcome::NotTaken
        });
        (due, outcome)
    });
    let tried: Vec<(Due, Outcome)> = futures::stream::iter(tried).buffer_unordered(SIDE_BY_SIDE).collect().await;
    settle(state, lane, mount, tried).await
}

/// One attempt. Who is no approved service any more is told nothing; its messages wait as those of one who does not answer.
async fn attempt(state: &AppState, lane: &Lane, client: Option<&Client>, due: &Due) -> Result<Outcome, NotMade> {
    let Some(client) = client else { return Ok(Outcome::NotTaken) };
    let Some(message) = message::make(state, lane, due.id, due.event_id).await? else { return Ok(Outcome::Over) };
    let Ok(address) = subscriptions::address(state, lane.id, &lane.address) else {
        return Err(StoreError::Corrupt { what: "address" }.into());
    };
    let taken = if is_mail(lane) {
        mail(state, client, &address, &message).await?
    } else {
        post(state, client, lane, &address, &message).await?
    };
    if let Err(reason) = taken {
        tracing::warn!(%reason, subscription = %lane.uuid, attempts = due.attempts + 1, "a subscriber did not take a message");
        return Ok(Outcome::NotTaken);
    }
    Ok(Outcome::Taken)
}

fn is_mail(lane: &Lane) -> bool {
    lane.protocol == Protocol::Email.name()
}

/// Posts a message; gives why it was not taken.
async fn post(
    state: &AppState,
    client: &Client,
    lane: &Lane,
    address: &str,
    message: &Message,
) -> Result<Result<(), String>, NotMade> {
    let Ok(url) = url::Url::parse(address) else { return Ok(Err("the address is no URL".into())) };
    let body = serde_json::to_string(message).map_err(|_| NotMade::Written)?;
    let signature = message::sign(state, client, &lane.uuid, body.as_bytes())?;
    let headers = [
        ("message-type", message.kind.name()),
        ("message-id", message.message_id.as_str()),
        ("subscription-id", lane.uuid.as_str()),
        ("topic-id", lane.topic.as_str()),
        (SIGNATURE_HEADER, signature.as_str()),
    ];
    let posted = state.fetch.post_with(&url, &headers, "application/json", body).await;
    Ok(posted.map_err(|error| error.to_string()))
}

/// Mails a message; gives why it was not sent.
async fn mail(
    state: &AppState,
    client: &Client,
    address: &str,
    message: &Message,
) -> Result<Result<(), String>, NotMade> {
    let Some(relay) = Relay::of(&state.config.otp.delivery) else { return Ok(Err("no relay is configured".into())) };
    let text = message::mail(state, client, message)?;
    let subject = message.subject.as_deref().filter(|subject| !subject.is_empty()).unwrap_or("notification");
    let sent = tokio::time::timeout(MAILING, relay.send(address, subject, text)).await;
    Ok(sent.map_or_else(|_| Err("the relay took too long".into()), |sent| sent.map_err(|error| error.to_string())))
}

/// Writes down what came of the attempts, frees the lane, and counts.
async fn settle(state: &AppState, lane: &Lane, mount: Mount, tried: Vec<(Due, Outcome)>) -> Result<(), StoreError> {
    let now = state.clock.now();
    let policy = Policy { countdown: lane.countdown, retries: lane.retries };
    let (subscription, client_id, audit) = (lane.id, lane.client_id.clone(), state.audit.clone());
    let sent = if is_mail(lane) { Sent::Mail } else { Sent::Notification };
    let counted: Vec<deliveries::Outcome> = tried
        .iter()
        .filter_map(|(due, outcome)| match outcome {
            Outcome::Taken => Some(deliveries::Outcome::Delivered),
            Outcome::NotTaken if policy.again(due.attempts + 1, now).is_none() => Some(deliveries::Outcome::Dead),
            Outcome::NotTaken => Some(deliveries::Outcome::Refused),
            Outcome::Over => None,
        })
        .collect();
    let until = lane.leased_until;
    let freed = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut told: Vec<i64> = Vec::new();
                for (due, outcome) in tried {
                    if outcome != Outcome::NotTaken {
                        store::delete_delivery(tx, due.id).await?;
                        told.extend(due.event_id);
                        continue;
                    }
                    let attempts = due.attempts + 1;
                    match policy.again(attempts, now) {
                        Some(at) => store::again(tx, due.id, attempts, at).await?,
                        None => {
                            store::give_up(tx, due.id, attempts, now).await?;
                            let event = Event::new(EventKind::MessageGivenUp, mount).client(&client_id);
                            audit.record(tx, event.object(due.id)).await?;
                        }
                    }
                }
                // In one order on all nodes, so that two lanes do not wait for each other.
                told.sort_unstable();
                for event in told {
                    events::forget_told(tx, event).await?;
                }
                store::free(tx, subscription, until, now).await
            })
        })
        .await?;
    if !freed {
        tracing::warn!(subscription = %lane.uuid, "delivering took longer than its lease: messages may have come twice");
    }
    counted.into_iter().for_each(|outcome| state.deliveries.count(sent, outcome));
    Ok(())
}
