//! Table `abis_call`: calls that an ABIS answers later.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// A call as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::identity) struct CallRow {
    pub(in crate::identity) id: i64,
    pub(in crate::identity) remote: Option<String>,
    pub(in crate::identity) asked_at: Millis,
    pub(in crate::identity) answered_at: Option<Millis>,
    pub(in crate::identity) answer: Option<Vec<u8>>,
}

/// Begins a call, in place of one of the same step that was given up.
pub(in crate::identity) async fn begin(
    tx: &mut Tx,
    (id, secret_hash): (i64, &[u8]),
    (task, step): (i64, &str),
    now: Millis,
) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM abis_call WHERE task = $1 AND step = $2", task, step)?;
    let sql = "INSERT INTO abis_call (id, secret_hash, task, step, asked_at) VALUES ($1, $2, $3, $4, $5)";
    crate::execute!(tx, sql, id, secret_hash, task, step, now)?;
    Ok(())
}

pub(in crate::identity) async fn find(tx: &mut Tx, task: i64, step: &str) -> Result<Option<CallRow>, StoreError> {
    let sql = "SELECT id, remote, asked_at, answered_at, answer FROM abis_call WHERE task = $1 AND step = $2";
    crate::fetch_optional!(tx, CallRow, sql, task, step)
}

/// The ABIS took a call, under this name of its own.
pub(in crate::identity) async fn took(tx: &mut Tx, id: i64, remote: &str) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE abis_call SET remote = $1 WHERE id = $2", remote, id)?;
    Ok(())
}

/// The step of an open call, whose secret is this one.
pub(in crate::identity) async fn step_of(tx: &mut Tx, id: i64, hash: &[u8]) -> Result<Option<String>, StoreError> {
    let sql = "SELECT step FROM abis_call WHERE id = $1 AND secret_hash = $2 AND answered_at IS NULL";
    Ok(crate::fetch_optional!(tx, (String,), sql, id, hash)?.map(|(step,)| step))
}

/// Takes the answer of a call, once; gives its task, which is due now.
pub(in crate::identity) async fn answer(
    tx: &mut Tx,
    (id, secret_hash): (i64, &[u8]),
    answer: Option<&[u8]>,
    now: Millis,
) -> Result<Option<i64>, StoreError> {
    let sql = "UPDATE abis_call SET answered_at = $1, answer = $2
               WHERE id = $3 AND secret_hash = $4 AND answered_at IS NULL RETURNING task";
    let Some((task,)) = crate::fetch_optional!(tx, (i64,), sql, now, answer, id, secret_hash)? else { return Ok(None) };
    let sql = "UPDATE identity_task SET due_at = $1 WHERE enrollment = $2 AND state = 'waiting'";
    crate::execute!(tx, sql, now, task)?;
    Ok(Some(task))
}

/// Keeps the answer of a call that was answered at once.
pub(in crate::identity) async fn keep(tx: &mut Tx, id: i64, answer: &[u8], now: Millis) -> Result<(), StoreError> {
    let sql = "UPDATE abis_call SET answered_at = $1, answer = $2 WHERE id = $3 AND answered_at IS NULL";
    crate::execute!(tx, sql, now, answer, id)?;
    Ok(())
}

/// A call is over: it is to be made again.
pub(in crate::identity) async fn end(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM abis_call WHERE id = $1", id)?;
    Ok(())
}

/// No answer for a task is of use any more.
pub(in crate::identity) async fn close(tx: &mut Tx, task: i64) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM abis_call WHERE task = $1", task)?;
    Ok(())
}
