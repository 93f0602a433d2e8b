//! Dead letters: messages that were given up. A relying party looks at its own, sends them again or removes them.

use schemars::JsonSchema;
use serde::Serialize;

use super::message::{self, Message, NotMade};
use super::party;
use super::store::{self, DeadRow};
use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::osia::{Page, Refusal};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// A message that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Its id, for the calls that look at it, send it again or remove it.
    pub id: String,
    /// The unique id of the subscription.
    pub subscription: String,
    /// The unique id of the topic.
    pub topic: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was given up.
    pub given_up_at: String,
    /// The message; in lists it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

fn view(state: &AppState, row: &DeadRow, message: Option<Message>) -> DeadLetter {
    DeadLetter {
        id: state.ids.name(Kind::DeadLetter, row.id),
        subscription: row.lane.uuid.clone(),
        topic: row.lane.topic.clone(),
        attempts: row.attempts,
        given_up_at: format_time(row.dead_at),
        message,
    }
}

fn id_of(state: &AppState, name: &str) -> Result<i64, Refusal> {
    state.ids.named(Kind::DeadLetter, name).ok_or(Refusal::NotFound)
}

async fn record(state: &AppState, tx: &mut Tx, kind: EventKind, caller: &Caller, id: i64) -> Result<(), StoreError> {
    let actor = Actor::client(caller.mount, &caller.client_id);
    state.audit.record(tx, Event::new(kind, caller.mount).client(&caller.client_id).by(&actor).object(id)).await
}

/// The caller's dead letters, oldest first, without what they say.
///
/// # Errors
/// [`Refusal`]
pub(super) async fn list(state: &AppState, caller: &Caller, page: Page) -> Result<Vec<DeadLetter>, Refusal> {
    let party = party(state, caller).await?;
    let (limit, offset) = (i64::from(page.limit), i64::from(page.offset));
    let rows =
        state.store.read(move |tx| Box::pin(async move { store::dead(tx, &party, limit, offset).await })).await?;
    Ok(rows.iter().map(|row| view(state, row, None)).collect())
}

/// One dead letter with its message. That it was read is written down.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or another relying party's.
pub(super) async fn show(state: &AppState, caller: Caller, name: &str) -> Result<DeadLetter, Refusal> {
    let (id, party, inner) = (id_of(state, name)?, party(state, &caller).await?, state.clone());
    let row = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = store::dead_letter(tx, id, &party).await?.ok_or(Refusal::NotFound)?;
                record(&inner, tx, EventKind::DeadLetterRead, &caller, id).await?;
                Ok::<_, Refusal>(row)
            })
        })
        .await?;
    let message = message::make(state, &row.lane, row.id, row.event_id).await.map_err(|error| match error {
        NotMade::Store(error) => Refusal::from(error),
        other => {
            tracing::error!(error = %other, "a dead letter cannot be read");
            Refusal::Unavailable
        }
    })?;
    Ok(view(state, &row, message))
}

/// Sends a dead letter again, at once, by its subscription's policy from the beginning.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or another relying party's.
pub(super) async fn resend(state: &AppState, caller: Caller, name: &str) -> Result<(), Refusal> {
    let (id, party, inner) = (id_of(state, name)?, party(state, &caller).await?, state.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::revive(tx, id, &party, inner.clock.now()).await? {
                    return Err(Refusal::NotFound);
                }
                record(&inner, tx, EventKind::DeadLetterResent, &caller, id).await?;
                tx.wake(wait::events());
                Ok(())
            })
        })
        .await
}

/// Removes a dead letter.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or another relying party's.
pub(super) async fn remove(state: &AppState, caller: Caller, name: &str) -> Result<(), Refusal> {
    let (id, party, inner) = (id_of(state, name)?, party(state, &caller).await?, state.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = store::dead_letter(tx, id, &party).await?.ok_or(Refusal::NotFound)?;
                store::delete_delivery(tx, id).await?;
                if let Some(event) = row.event_id {
                    crate::events::forget_told(tx, event).await?;
                }
                Ok(record(&inner, tx, EventKind::DeadLetterRemoved, &caller, id).await?)
            })
        })
        .await
}
