//! Table `consent_question`.

pub(super) mod carried;

use super::Outcome;
use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// Of whom and to whom: what a client's open question to a person is found by.
#[derive(Clone)]
pub(super) struct Between {
    pub(super) holder: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: String,
}

/// A question as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) client_mount: String,
    pub(super) client_id: String,
    pub(super) content: Vec<u8>,
    pub(super) expires_at: Millis,
    pub(super) ended_at: Option<Millis>,
    pub(super) outcome: Option<String>,
    pub(super) receipt_id: Option<i64>,
}

/// Ends what nobody answered in time, so that another may be asked.
pub(super) async fn end_expired(tx: &mut Tx, between: &Between, now: Millis) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE consent_question SET ended_at = expires_at, outcome = $1
         WHERE holder = $2 AND client_mount = $3 AND client_id = $4 AND ended_at IS NULL AND expires_at <= $5",
        Outcome::Expired.name(),
        &between.holder,
        between.mount,
        &between.client_id,
        now
    )?;
    Ok(())
}

/// When the person last said no to this client, after `since`.
pub(super) async fn declined_since(
    tx: &mut Tx,
    between: &Between,
    since: Millis,
) -> Result<Option<Millis>, StoreError> {
    let found = fetch_optional!(
        tx,
        (Millis,),
        "SELECT ended_at FROM consent_question
         WHERE holder = $1 AND client_mount = $2 AND client_id = $3 AND outcome = $4 AND ended_at > $5
         ORDER BY ended_at DESC LIMIT 1",
        &between.holder,
        between.mount,
        &between.client_id,
        Outcome::Declined.name(),
        since
    )?;
    Ok(found.map(|(at,)| at))
}

/// Questions that a person can answer now.
pub(super) async fn count_open(tx: &mut Tx, holder: &[u8], now: Millis) -> Result<i64, StoreError> {
    let (count,) = fetch_one!(
        tx,
        (i64,),
        "SELECT COUNT(*) FROM consent_question WHERE holder = $1 AND ended_at IS NULL AND expires_at > $2",
        holder,
        now
    )?;
    Ok(count)
}

/// Asks; `false` where this client has a question open to this person already.
pub(super) async fn insert(
    tx: &mut Tx,
    id: i64,
    between: &Between,
    content: &[u8],
    expires_at: Millis,
) -> Result<bool, StoreError> {
    let asked = execute!(
        tx,
        "INSERT INTO consent_question (id, holder, client_mount, client_id, content, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        id,
        &between.holder,
        between.mount,
        &between.client_id,
        content,
        expires_at
    )?;
    Ok(asked == 1)
}

/// Questions that a person can answer now, oldest first.
pub(super) async fn open_of(tx: &mut Tx, holder: &[u8], now: Millis) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, content, expires_at, ended_at, outcome, receipt_id FROM consent_question
         WHERE holder = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY id",
        holder,
        now
    )
}

pub(super) async fn find(tx: &mut Tx, id: i64) -> Result<Option<Row>, StoreError> {
    fetch_optional!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, content, expires_at, ended_at, outcome, receipt_id FROM consent_question
         WHERE id = $1",
        id
    )
}

/// Ends a question that is open; `false` where it is not.
pub(super) async fn end(
    tx: &mut Tx,
    id: i64,
    outcome: Outcome,
    receipt: Option<i64>,
    now: Millis,
) -> Result<bool, StoreError> {
    let ended = execute!(
        tx,
        "UPDATE consent_question SET ended_at = $1, outcome = $2, receipt_id = $3
         WHERE id = $4 AND ended_at IS NULL AND expires_at > $1",
        now,
        outcome.name(),
        receipt,
        id
    )?;
    Ok(ended == 1)
}

/// Ends all that a person can answer now, as if nobody had answered in time; gives how many.
pub(super) async fn end_all(tx: &mut Tx, holder: &[u8], now: Millis) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE consent_question SET ended_at = $1, outcome = $2
         WHERE holder = $3 AND ended_at IS NULL AND expires_at > $1",
        now,
        Outcome::Expired.name(),
        holder
    )
}

/// Deletes at most `batch` that were asked before the id `before`.
pub(super) async fn delete_before(tx: &mut Tx, before: i64, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM consent_question WHERE id IN
            (SELECT id FROM consent_question WHERE id < $1 ORDER BY id LIMIT $2)",
        before,
        batch
    )
}
