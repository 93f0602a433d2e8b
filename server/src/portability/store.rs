//! Tables `restored_file` and `carried_key`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// How far a restore is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Progress {
    pub(super) digest: String,
    pub(super) lines: i64,
    pub(super) ended_at: Option<Millis>,
}

pub(super) async fn progress(tx: &mut Tx) -> Result<Option<Progress>, StoreError> {
    fetch_optional!(tx, Progress, "SELECT digest, lines, ended_at FROM restored_file WHERE id = 1")
}

/// Begins; `false` where another was first.
pub(super) async fn begin(tx: &mut Tx, digest: &str) -> Result<bool, StoreError> {
    let sql = "INSERT INTO restored_file (id, digest, lines) VALUES (1, $1, 0) ON CONFLICT DO NOTHING";
    Ok(execute!(tx, sql, digest)? == 1)
}

/// Goes on from one line to another; `false` where it is not there: somebody else restores.
pub(super) async fn advance(tx: &mut Tx, digest: &str, from: i64, to: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE restored_file SET lines = $1
               WHERE id = 1 AND digest = $2 AND lines = $3 AND ended_at IS NULL";
    Ok(execute!(tx, sql, to, digest, from)? == 1)
}

/// Ends; `false` where somebody else did.
pub(super) async fn end(tx: &mut Tx, digest: &str, now: Millis) -> Result<bool, StoreError> {
    let sql = "UPDATE restored_file SET ended_at = $1 WHERE id = 1 AND digest = $2 AND ended_at IS NULL";
    Ok(execute!(tx, sql, now, digest)? == 1)
}

pub(super) async fn key(tx: &mut Tx, purpose: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found = fetch_optional!(tx, (Vec<u8>,), "SELECT sealed FROM carried_key WHERE purpose = $1", purpose)?;
    Ok(found.map(|(sealed,)| sealed))
}

pub(super) async fn put_key(tx: &mut Tx, purpose: &str, sealed: &[u8]) -> Result<(), StoreError> {
    execute!(tx, "INSERT INTO carried_key (purpose, sealed) VALUES ($1, $2)", purpose, sealed)?;
    Ok(())
}
