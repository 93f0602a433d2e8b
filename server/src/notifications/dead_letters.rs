//! Dead letters: messages that were given up. A relying party looks at its own, sends them again or removes them; the operator
//! does so with everybody's.

use schemars::JsonSchema;
use serde::Serialize;

use super::message::{self, Message, NotMade};
use super::party;
use super::store::{self, DeadRow};
use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::dialect::Mount;
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

/// Who looks at dead letters.
#[derive(Clone)]
pub(super) enum Reader {
    /// A client, at those of its relying party.
    Client {
        /// The client.
        caller: Caller,
        /// Its relying party.
        party: String,
    },
    /// The operator, by a command, at everybody's.
    Operator,
}

impl Reader {
    /// A client.
    ///
    /// # Errors
    /// As [`party`].
    pub(super) async fn client(state: &AppState, caller: Caller) -> Result<Self, Refusal> {
        let party = party(state, &caller).await?;
        Ok(Self::Client { caller, party })
    }

    /// Whose letters there are for it; `None`: everybody's.
    fn party(&self) -> Option<&str> {
        match self {
            Self::Client { party, .. } => Some(party),
            Self::Operator => None,
        }
    }

    /// Writes down what it did with a letter.
    async fn record(&self, state: &AppState, tx: &mut Tx, kind: EventKind, row: &DeadRow) -> Result<(), StoreError> {
        let (mount, client_id, actor) = match self {
            Self::Client { caller, .. } => {
                (caller.mount, &caller.client_id, Actor::client(caller.mount, &caller.client_id))
            }
            Self::Operator => {
                let mount = Mount::named(&row.lane.mount).ok_or(StoreError::Corrupt { what: "mount" })?;
                (mount, &row.lane.client_id, Actor::command())
            }
        };
        let event = Event::new(kind, mount).client(client_id).by(&actor).object(row.id);
        state.audit.record(tx, event).await
    }
}

/// What is shown of a letter.
pub(super) fn view(state: &AppState, row: &DeadRow, message: Option<Message>) -> DeadLetter {
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

/// The reader's dead letters, oldest first, without what they say.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn list(state: &AppState, reader: &Reader, page: Page) -> Result<Vec<DeadRow>, StoreError> {
    let (limit, offset, reader) = (i64::from(page.limit), i64::from(page.offset), reader.clone());
    state.store.read(move |tx| Box::pin(async move { store::dead(tx, reader.party(), limit, offset).await })).await
}

/// One dead letter with its message. That it was read is written down.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or another relying party's.
pub(super) async fn show(state: &AppState, reader: Reader, name: &str) -> Result<(DeadRow, Option<Message>), Refusal> {
    let (id, inner) = (id_of(state, name)?, state.clone());
    let row = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = store::dead_letter(tx, id, reader.party()).await?.ok_or(Refusal::NotFound)?;
                reader.record(&inner, tx, EventKind::DeadLetterRead, &row).await?;
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
    Ok((row, message))
}

/// Sends dead letters again, at once, each by its subscription's policy from the beginning: all of them or none. Gives how
/// many they are.
///
/// # Errors
/// [`Refusal::NotFound`] where one is not there, or another relying party's.
pub(super) async fn resend(state: &AppState, reader: Reader, names: &[String]) -> Result<usize, Refusal> {
    let (ids, inner) = (ids_of(state, names)?, state.clone());
    let count = ids.len();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                for id in ids {
                    let row = store::dead_letter(tx, id, reader.party()).await?.ok_or(Refusal::NotFound)?;
                    if !store::revive(tx, id, inner.clock.now()).await? {
                        return Err(Refusal::NotFound);
                    }
                    reader.record(&inner, tx, EventKind::DeadLetterResent, &row).await?;
                }
                tx.wake(wait::events());
                Ok(count)
            })
        })
        .await
}

/// Removes dead letters, all of them or none; gives how many they are.
///
/// # Errors
/// [`Refusal::NotFound`] where one is not there, or another relying party's.
pub(super) async fn remove(state: &AppState, reader: Reader, names: &[String]) -> Result<usize, Refusal> {
    let (ids, inner) = (ids_of(state, names)?, state.clone());
    let count = ids.len();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                for id in ids {
                    let row = store::dead_letter(tx, id, reader.party()).await?.ok_or(Refusal::NotFound)?;
                    store::delete_delivery(tx, id).await?;
                    if let Some(event) = row.event_id {
                        crate::events::forget_told(tx, event).await?;
                    }
                    reader.record(&inner, tx, EventKind::DeadLetterRemoved, &row).await?;
                }
                Ok(count)
            })
        })
        .await
}

fn ids_of(state: &AppState, names: &[String]) -> Result<Vec<i64>, Refusal> {
    let mut ids = names.iter().map(|name| id_of(state, name)).collect::<Result<Vec<i64>, Refusal>>()?;
    // Said twice is said once; and in one order, so that two who do the same do not wait for each other.
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
