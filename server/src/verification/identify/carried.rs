//! Entries of watch lists on their way to another instance. Searches are not: they are over in minutes, and asked again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{entry, store};
use crate::osia::Refusal;
use crate::registry::Fault;
use crate::state::AppState;
use crate::store::Tx;

/// An entry, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// The list.
    pub gallery: String,
    /// What it says, by claim name.
    pub claims: Map<String, Value>,
}

/// Entries of all lists with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64, most: u32) -> Result<Vec<Carried>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::after(tx, after, most.into()).await })).await?;
    let rows: Vec<(String, store::Row)> = rows;
    rows.into_iter()
        .map(|(gallery, row)| Ok(Carried { id: row.id, gallery, claims: entry::open(state, &row)? }))
        .collect()
}

/// Writes an entry as another instance had it.
///
/// # Errors
/// [`Refusal::Unavailable`].
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let sealed = entry::seal(state, carried.id, &carried.claims)?;
    Ok(store::insert(tx, carried.id, &carried.gallery, &sealed).await?)
}
