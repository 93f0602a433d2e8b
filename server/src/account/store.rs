//! Table `account_session`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// A session to be written.
pub(super) struct NewRow {
    pub(super) id: i64,
    pub(super) secret_hash: Vec<u8>,
    pub(super) person: Vec<u8>,
    pub(super) person_hash: Vec<u8>,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert(tx: &mut Tx, row: NewRow) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO account_session (id, secret_hash, person, expires_at, person_hash) VALUES ($1, $2, $3, $4, $5)",
        row.id,
        row.secret_hash,
        row.person,
        row.expires_at,
        row.person_hash
    )?;
    Ok(())
}

/// Secret's hash and sealed person of a session that is neither over nor ended.
pub(super) async fn live(tx: &mut Tx, id: i64, now: Millis) -> Result<Option<(Vec<u8>, Vec<u8>)>, StoreError> {
    fetch_optional!(
        tx,
        (Vec<u8>, Vec<u8>),
        "SELECT secret_hash, person FROM account_session WHERE id = $1 AND expires_at > $2 AND ended_at IS NULL",
        id,
        now
    )
}

pub(super) async fn end(tx: &mut Tx, id: i64, now: Millis) -> Result<(), StoreError> {
    execute!(tx, "UPDATE account_session SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL", now, id)?;
    Ok(())
}

/// A person's sessions that are neither over nor ended, newest first.
pub(super) async fn of_person(tx: &mut Tx, person_hash: Vec<u8>, now: Millis) -> Result<Vec<i64>, StoreError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "SELECT id FROM account_session WHERE person_hash = $1 AND expires_at > $2 AND ended_at IS NULL
         ORDER BY id DESC LIMIT 50",
        person_hash,
        now
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Ends a session of this person.
pub(super) async fn end_of_person(tx: &mut Tx, id: i64, person_hash: Vec<u8>, now: Millis) -> Result<(), StoreError> {
    let sql = "UPDATE account_session SET ended_at = $1 WHERE id = $2 AND person_hash = $3 AND ended_at IS NULL";
    execute!(tx, sql, now, id, person_hash)?;
    Ok(())
}

/// Deletes at most `batch` sessions that began before the id `before`.
pub(super) async fn delete_before(tx: &mut Tx, before: i64, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM account_session WHERE id IN (SELECT id FROM account_session WHERE id < $1 ORDER BY id LIMIT $2)",
        before,
        batch
    )
}
