//! Events on their way to another instance: those who have not been told yet are told there.

use serde::{Deserialize, Serialize};

use super::store::{self, Kept};
use super::{Content, Unreadable, context};
use crate::clock::Millis;
use crate::secrets::{Purpose, SecretError};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// An event, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// Primary key of its topic.
    pub topic: i64,
    /// What is told of it.
    pub content: Content,
    /// When it was written down, in milliseconds since 1970.
    pub made_at: Millis,
    /// When it was put down for everyone who is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_at: Option<Millis>,
}

/// Events with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Unreadable`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Unreadable> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::after(tx, after, most.into()).await })).await?;
    let rows: Vec<Kept> = rows;
    rows.into_iter()
        .map(|row| {
            let clear = state.secrets.open(Purpose::Events, &context(row.id), &row.content)?;
            let content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "event" })?;
            let Kept { id, topic_id: topic, made_at, spread_at, .. } = row;
            Ok(Carried { id, topic, content, made_at, spread_at })
        })
        .collect()
}

/// Writes an event as another instance had it.
///
/// # Errors
/// [`Unreadable`].
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Unreadable> {
    let Carried { id, topic: topic_id, made_at, spread_at, .. } = *carried;
    let clear = serde_json::to_vec(&carried.content).map_err(|_| SecretError::Sealed)?;
    let content = state.secrets.seal(Purpose::Events, &context(id), &clear, &*state.rng)?;
    Ok(store::insert_as_it_was(tx, &Kept { id, topic_id, content, made_at, spread_at }).await?)
}
