//! The SQL of buffers: tables `enrollment_buffer` and `enrollment_buffer_chunk`.

use crate::clock::Millis;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx, take_turn};

/// A buffer that is there as a whole.
#[derive(sqlx::FromRow)]
pub(in crate::enrollment) struct BufferRow {
    pub(in crate::enrollment) id: i64,
    pub(in crate::enrollment) chunks: i64,
    pub(in crate::enrollment) about: Option<Vec<u8>>,
}

/// Begins a buffer: nobody sees it yet.
pub(in crate::enrollment) async fn begin(
    tx: &mut Tx,
    buffer: i64,
    lookup: &Hash,
    owner: &[u8],
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO enrollment_buffer (id, lookup, owner, created_at, claimed, chunks)
               VALUES ($1, $2, $3, $4, 0, 0)";
    crate::execute!(tx, sql, buffer, lookup.newest(), owner, now)?;
    Ok(())
}

/// Adds a chunk.
pub(in crate::enrollment) async fn add(tx: &mut Tx, buffer: i64, place: i64, sealed: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO enrollment_buffer_chunk (buffer, place, sealed) VALUES ($1, $2, $3)";
    crate::execute!(tx, sql, buffer, place, sealed)?;
    Ok(())
}

/// Whether a buffer could be completed.
pub(in crate::enrollment) enum Completed {
    /// It is there now.
    Stored,
    /// Its enrollment has been finalized.
    Finalized,
    /// It took so long that it was cleared away.
    Gone,
}

/// Makes a buffer visible, where its enrollment is not finalized.
pub(in crate::enrollment) async fn complete(
    tx: &mut Tx,
    buffer: i64,
    lookup: &Hash,
    chunks: i64,
    about: &[u8],
    now: Millis,
) -> Result<Completed, StoreError> {
    if lookup.is_double() {
        // Whoever makes the enrollment now, under the other hash, comes before or after.
        take_turn(tx).await?;
    }
    // Held until the end of the transaction: an enrollment that is finalized meanwhile waits, or was first.
    let sql = "UPDATE enrollment SET version = version WHERE lookup IN ($1, $2) RETURNING status, lookup";
    let enrollment = crate::fetch_optional!(tx, (String, Vec<u8>), sql, lookup.newest(), lookup.before())?;
    // A buffer lies under the same hash as its enrollment, so that both are made anew together.
    let (claimed, lookup) = match &enrollment {
        Some((status, _)) if status == "FINALIZED" => return Ok(Completed::Finalized),
        Some((_, lookup)) => (1, lookup.as_slice()),
        None => (0, lookup.newest()),
    };
    let stored = crate::execute!(
        tx,
        "UPDATE enrollment_buffer SET stored_at = $1, claimed = $2, chunks = $3, about = $4, lookup = $5
         WHERE id = $6 AND stored_at IS NULL",
        now,
        claimed,
        chunks,
        about,
        lookup,
        buffer
    )?;
    Ok(if stored == 1 { Completed::Stored } else { Completed::Gone })
}

/// Buffers that were there before their enrollment are its own from now on.
pub(in crate::enrollment) async fn claim(tx: &mut Tx, lookup: &Hash) -> Result<(), StoreError> {
    let sql = "UPDATE enrollment_buffer SET claimed = 1, lookup = $1
               WHERE lookup IN ($1, $2) AND stored_at IS NOT NULL AND claimed = 0";
    crate::execute!(tx, sql, lookup.newest(), lookup.before())?;
    Ok(())
}

/// A buffer of an enrollment, where it is there as a whole.
pub(in crate::enrollment) async fn find(
    tx: &mut Tx,
    buffer: i64,
    lookup: &Hash,
) -> Result<Option<BufferRow>, StoreError> {
    let sql = "SELECT id, chunks, about FROM enrollment_buffer WHERE id = $1 AND lookup IN ($2, $3) AND stored_at IS NOT NULL";
    crate::fetch_optional!(tx, BufferRow, sql, buffer, lookup.newest(), lookup.before())
}

/// One chunk.
pub(in crate::enrollment) async fn chunk(tx: &mut Tx, buffer: i64, place: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM enrollment_buffer_chunk WHERE buffer = $1 AND place = $2";
    Ok(crate::fetch_optional!(tx, (Vec<u8>,), sql, buffer, place)?.map(|(sealed,)| sealed))
}

/// Deletes a buffer that is not to be completed.
pub(in crate::enrollment) async fn abandon(tx: &mut Tx, buffer: i64) -> Result<(), StoreError> {
    let unfinished = "SELECT id FROM enrollment_buffer WHERE id = $1 AND stored_at IS NULL";
    if crate::fetch_optional!(tx, (i64,), unfinished, buffer)?.is_some() {
        delete(tx, buffer).await?;
    }
    Ok(())
}

async fn delete(tx: &mut Tx, buffer: i64) -> Result<(), StoreError> {
    crate::execute!(tx, "DELETE FROM enrollment_buffer_chunk WHERE buffer = $1", buffer)?;
    crate::execute!(tx, "DELETE FROM enrollment_buffer WHERE id = $1", buffer)?;
    Ok(())
}

/// Deletes the buffers of an enrollment that goes, those that are still being sent included.
pub(super) async fn delete_of(tx: &mut Tx, lookup: &Hash) -> Result<(), StoreError> {
    let sql = "SELECT id FROM enrollment_buffer WHERE lookup IN ($1, $2)";
    let buffers = crate::fetch_all!(tx, (i64,), sql, lookup.newest(), lookup.before())?;
    for (buffer,) in buffers {
        delete(tx, buffer).await?;
    }
    Ok(())
}

/// Deletes a buffer that was begun before `begun` and never completed, or stored before `stored` and has no enrollment;
/// gives how many were looked at. One whose enrollment came at the same moment is the enrollment's from now on.
pub(in crate::enrollment) async fn expire(tx: &mut Tx, begun: Millis, stored: Millis) -> Result<u64, StoreError> {
    let sql = "SELECT id, lookup FROM enrollment_buffer
               WHERE claimed = 0 AND (created_at < $1 OR created_at < $2)
                 AND ((stored_at IS NULL AND created_at < $1) OR (stored_at IS NOT NULL AND stored_at < $2))
               ORDER BY created_at LIMIT 1";
    let Some((buffer, lookup)) = crate::fetch_optional!(tx, (i64, Vec<u8>), sql, begun, stored)? else { return Ok(0) };
    let sql = "UPDATE enrollment SET version = version WHERE lookup = $1 RETURNING id";
    let adopted = match crate::fetch_optional!(tx, (i64,), sql, lookup)? {
        Some(_) => {
            let sql = "UPDATE enrollment_buffer SET claimed = 1 WHERE id = $1 AND stored_at IS NOT NULL";
            crate::execute!(tx, sql, buffer)? == 1
        }
        None => false,
    };
    if !adopted {
        delete(tx, buffer).await?;
    }
    Ok(1)
}
