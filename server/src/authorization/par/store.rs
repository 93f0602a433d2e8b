//! Table `pushed_request`. What was asked is sealed, bound to the row.

use super::LIFE;
use crate::authorization::asked::Asked;
use crate::clock::Millis;
use crate::registry::Fault;
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// A request to be kept.
pub(super) struct NewRow {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: String,
    pub(super) asked: Vec<u8>,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert(tx: &mut Tx, row: NewRow) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO pushed_request (id, secret_hash, mount, client_id, asked, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.secret_hash,
        row.mount,
        row.client_id,
        row.asked,
        row.expires_at
    )?;
    Ok(())
}

/// A request as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) secret_hash: Vec<u8>,
    pub(super) mount: String,
    pub(super) client_id: String,
    pub(super) asked: Vec<u8>,
    pub(super) expires_at: Millis,
    pub(super) used_at: Option<Millis>,
}

pub(super) async fn find(tx: &mut Tx, id: i64) -> Result<Option<Row>, StoreError> {
    fetch_optional!(
        tx,
        Row,
        "SELECT secret_hash, mount, client_id, asked, expires_at, used_at FROM pushed_request WHERE id = $1",
        id
    )
}

/// Uses a pushed request up, inside the write that ends the login; `false` where another login was first.
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    let taken = execute!(tx, "UPDATE pushed_request SET used_at = $1 WHERE id = $2 AND used_at IS NULL", now, id)?;
    Ok(taken == 1)
}

fn context(id: i64) -> Vec<u8> {
    format!("pushed_request/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED_REQUEST: &[Column] = &[Column {
    table: "pushed_request",
    key: &[Key::Number("id")],
    column: "asked",
    purpose: Purpose::Transactions,
    context: |key| context(number(key, 0)),
}];

pub(super) fn seal(state: &AppState, id: i64, asked: &Asked) -> Result<Vec<u8>, StoreError> {
    let unwritable = StoreError::Corrupt { what: "pushed request" };
    let Ok(clear) = serde_json::to_vec(asked) else { return Err(unwritable) };
    state.secrets.seal(Purpose::Transactions, &context(id), &clear, &*state.rng).map_err(|_| unwritable)
}

pub(super) fn open(state: &AppState, id: i64, sealed: &[u8]) -> Result<Asked, Fault> {
    let clear = state.secrets.open(Purpose::Transactions, &context(id), sealed)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "pushed request" })?)
}

/// Deletes a batch of requests that no login can come from any more; gives how many. One that was used stays as long as
/// others that began with it may be under way.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let lives = &state.config.lifetimes;
    let seconds = [lives.transaction, lives.linked, lives.authenticated, lives.linked, 60].map(i64::from);
    let before = state.ids.first_at(state.clock.now() - LIFE - seconds.iter().sum::<i64>() * 1000);
    let delete = "DELETE FROM pushed_request WHERE id IN
        (SELECT id FROM pushed_request WHERE id < $1 ORDER BY id LIMIT $2)";
    state.store.write(move |tx| Box::pin(async move { execute!(tx, delete, before, BATCH) })).await
}
