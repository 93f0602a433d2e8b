//! SQL of enrollments and buffers as other instances had them.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// Times of an enrollment.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(in crate::enrollment) struct Times {
    pub(in crate::enrollment) id: i64,
    pub(in crate::enrollment) created_at: Millis,
    pub(in crate::enrollment) updated_at: Millis,
    pub(in crate::enrollment) finalized_at: Option<Millis>,
}

/// The next enrollment above a row.
pub(in crate::enrollment) async fn next(tx: &mut Tx, after: i64) -> Result<Option<Times>, StoreError> {
    let sql = "SELECT id, created_at, updated_at, finalized_at FROM enrollment WHERE id > $1 ORDER BY id LIMIT 1";
    crate::fetch_optional!(tx, Times, sql, after)
}

/// Gives an enrollment that was just written the version and times that it had.
pub(in crate::enrollment) async fn set_times(tx: &mut Tx, version: i64, times: Times) -> Result<(), StoreError> {
    let sql = "UPDATE enrollment SET version = $1, created_at = $2, updated_at = $3, finalized_at = $4 WHERE id = $5";
    let Times { id, created_at, updated_at, finalized_at } = times;
    crate::execute!(tx, sql, version, created_at, updated_at, finalized_at, id)?;
    Ok(())
}

/// What is sealed of a finalized enrollment that nobody has taken on, and since when it waits.
pub(in crate::enrollment) async fn waiting(tx: &mut Tx, row: i64) -> Result<Option<(Vec<u8>, Millis)>, StoreError> {
    let sql = "SELECT sealed, finalized_at FROM enrollment_finalized WHERE enrollment = $1";
    crate::fetch_optional!(tx, (Vec<u8>, i64), sql, row)
}

/// Whether there is neither an enrollment nor a buffer.
pub(in crate::enrollment) async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    for sql in ["SELECT id FROM enrollment LIMIT 1", "SELECT id FROM enrollment_buffer LIMIT 1"] {
        if crate::fetch_optional!(tx, (i64,), sql)?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A buffer that is there as a whole, with its enrollment where that is there too.
#[derive(sqlx::FromRow)]
pub(in crate::enrollment) struct BufferRow {
    pub(in crate::enrollment) id: i64,
    pub(in crate::enrollment) created_at: Millis,
    pub(in crate::enrollment) stored_at: Millis,
    pub(in crate::enrollment) claimed: i64,
    pub(in crate::enrollment) chunks: i64,
    pub(in crate::enrollment) about: Vec<u8>,
    pub(in crate::enrollment) owner: Option<Vec<u8>>,
    pub(in crate::enrollment) enrollment: Option<i64>,
    pub(in crate::enrollment) service: Option<String>,
    pub(in crate::enrollment) name: Option<Vec<u8>>,
}

/// The next buffer above an id.
pub(in crate::enrollment) async fn next_buffer(tx: &mut Tx, after: i64) -> Result<Option<BufferRow>, StoreError> {
    crate::fetch_optional!(
        tx,
        BufferRow,
        "SELECT b.id, b.created_at, b.stored_at, b.claimed, b.chunks, b.about, b.owner, e.id AS enrollment, e.service, e.name
         FROM enrollment_buffer b LEFT JOIN enrollment e ON e.lookup = b.lookup
         WHERE b.id > $1 AND b.stored_at IS NOT NULL ORDER BY b.id LIMIT 1",
        after
    )
}

/// A buffer to be written without its chunks.
pub(in crate::enrollment) struct NewBuffer<'b> {
    pub(in crate::enrollment) id: i64,
    pub(in crate::enrollment) lookup: &'b [u8],
    pub(in crate::enrollment) created_at: Millis,
    pub(in crate::enrollment) stored_at: Millis,
    pub(in crate::enrollment) claimed: bool,
    pub(in crate::enrollment) chunks: i64,
    pub(in crate::enrollment) about: &'b [u8],
    pub(in crate::enrollment) owner: &'b [u8],
}

/// Writes a buffer as it was.
pub(in crate::enrollment) async fn insert_buffer(tx: &mut Tx, buffer: &NewBuffer<'_>) -> Result<(), StoreError> {
    crate::execute!(
        tx,
        "INSERT INTO enrollment_buffer (id, lookup, created_at, stored_at, claimed, chunks, about, owner)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        buffer.id,
        buffer.lookup,
        buffer.created_at,
        buffer.stored_at,
        i64::from(buffer.claimed),
        buffer.chunks,
        buffer.about,
        buffer.owner
    )?;
    Ok(())
}
