//! What happened to identities and consents, for other services to know (GS-NOT-01, OSIA notification 1.2.0): written down
//! in the write that makes it so, and told by whoever delivers (`notifications`). What nobody has subscribed to is not
//! kept.

mod carried;
mod model;
mod store;
#[cfg(test)]
mod tests;

pub use carried::{Carried, carry, settle};
pub use model::{Consent, Event, OWN_TOPICS};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::secrets::{Column, Key, Purpose, SecretError, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// What is told of an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// Something that this server did.
    Ours(Event),
    /// What another service published to a topic.
    Published {
        /// Its subject, where it has one.
        subject: Option<String>,
        /// Its text, as it came.
        text: String,
    },
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ours(event) => event.fmt(f),
            Self::Published { .. } => f.write_str("Published"),
        }
    }
}

/// An event as it lies.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its primary key.
    pub id: i64,
    /// The primary key of its topic.
    pub topic: i64,
    /// When it was written down.
    pub at: Millis,
    /// What is told of it.
    pub content: Content,
}

fn context(id: i64) -> Vec<u8> {
    format!("event/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "event",
    key: &[Key::Number("id")],
    column: "content",
    purpose: Purpose::Events,
    context: |key| context(number(key, 0)),
}];

/// Writes down that something happened, in the caller's transaction: when that is committed, everyone who has subscribed to
/// its topic is told, at least once.
///
/// # Errors
/// [`StoreError`]; then what the event tells of is undone as well.
pub async fn publish(state: &AppState, tx: &mut Tx, event: &Event) -> Result<(), StoreError> {
    match store::listened_to(tx, event.topic()).await? {
        Some(topic) => put(state, tx, topic, &Content::Ours(event.clone())).await,
        None => Ok(()),
    }
}

/// The same for what is published to any topic, named by its primary key.
///
/// # Errors
/// [`StoreError`].
pub async fn put(state: &AppState, tx: &mut Tx, topic: i64, content: &Content) -> Result<(), StoreError> {
    const WHAT: StoreError = StoreError::Corrupt { what: "event" };
    let id = state.next_id();
    let clear = serde_json::to_vec(content).map_err(|_| WHAT)?;
    let sealed = state.secrets.seal(Purpose::Events, &context(id), &clear, &*state.rng).map_err(|_| WHAT)?;
    store::insert(tx, id, topic, &sealed, state.clock.now()).await?;
    tx.wake(wait::events());
    Ok(())
}

/// Why an event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A sealed value does not open.
    #[error(transparent)]
    Sealed(#[from] SecretError),
}

/// The event of this primary key; `None` where it was forgotten.
///
/// # Errors
/// [`Unreadable`].
pub async fn find(state: &AppState, id: i64) -> Result<Option<Happened>, Unreadable> {
    let row = state.store.read(move |tx| Box::pin(store::find(tx, id))).await?;
    row.map(|row| open(state, row)).transpose()
}

fn open(state: &AppState, row: store::Row) -> Result<Happened, Unreadable> {
    let clear = state.secrets.open(Purpose::Events, &context(row.id), &row.content)?;
    let content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "event" })?;
    Ok(Happened { id: row.id, topic: row.topic_id, at: row.made_at, content })
}

/// An event that nobody has put down for its subscribers yet.
pub struct Waiting {
    /// Its primary key.
    pub id: i64,
    /// The event; where it cannot be read, why.
    pub happened: Result<Happened, Unreadable>,
}

/// The oldest events that nobody has put down for their subscribers, at most so many, without taking them.
///
/// # Errors
/// [`StoreError`].
pub async fn waiting(state: &AppState, most: i64) -> Result<Vec<Waiting>, StoreError> {
    let rows = state.store.read(move |tx| Box::pin(store::waiting(tx, most))).await?;
    Ok(rows.into_iter().map(|row| Waiting { id: row.id, happened: open(state, row) }).collect())
}

/// Takes an event to put it down for its subscribers, in the caller's transaction; `false` where another node was first.
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    store::take(tx, id, now).await
}

/// Forgets an event where everyone has been told of it.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_told(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    store::delete_told(tx, id).await
}

/// Events deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;
/// How long an event that nobody is told of any more may lie, in milliseconds: those whose last two subscribers were told
/// at the same moment, or whose subscribers left.
const LEFT: Millis = 3_600_000;

/// Deletes a batch of events that everyone has been told of; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let until = state.clock.now() - LEFT;
    let left = state.store.read(move |tx| Box::pin(store::told(tx, until, BATCH))).await?;
    if left.is_empty() {
        return Ok(0);
    }
    let count = left.len() as u64;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                for id in left {
                    store::delete_told(tx, id).await?;
                }
                Ok(count)
            })
        })
        .await
}

/// Forgets all events of a topic.
///
/// # Errors
/// [`StoreError`].
pub async fn forget_topic(tx: &mut Tx, topic: i64) -> Result<(), StoreError> {
    store::delete_of_topic(tx, topic).await
}
