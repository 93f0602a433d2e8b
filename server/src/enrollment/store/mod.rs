//! The SQL of enrollments: tables `enrollment`, `enrollment_biometrics`, `enrollment_documents`, `enrollment_attribute`,
//! `enrollment_bucket` and `enrollment_finalized`; of buffers, searches and exports in the files beside.

pub(super) mod buffers;
pub(super) mod carried;
pub(super) mod hashes;
pub(super) mod search;

use super::index::Index;
use super::model::Status;
use super::sealed::Rows;
use super::stage::{Change, Stage};
use crate::clock::Millis;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx, take_turn};

/// An enrollment as it lies, without its data.
pub(super) struct Head {
    pub(super) row: i64,
    pub(super) version: i64,
    pub(super) status: Status,
}

impl Head {
    /// How far it is.
    pub(super) fn stage(&self) -> Stage {
        Stage::of(self.row, self.version, self.status)
    }
}

/// An enrollment as it lies.
pub(super) struct Stored {
    pub(super) head: Head,
    pub(super) service: String,
    pub(super) name: Vec<u8>,
    pub(super) record: Vec<u8>,
    pub(super) biometrics: Option<Vec<u8>>,
    pub(super) documents: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    id: i64,
    service: String,
    status: String,
    version: i64,
    name: Vec<u8>,
    record: Vec<u8>,
}

pub(super) fn status(name: &str) -> Result<Status, StoreError> {
    Status::named(name).ok_or(StoreError::Corrupt { what: "enrollment status" })
}

/// Which of the larger parts are to be read.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    pub(super) biometrics: bool,
    pub(super) documents: bool,
}

impl Parts {
    pub(super) const ALL: Self = Self { biometrics: true, documents: true };
}

/// Writes a new enrollment; `false` where its id is taken.
pub(super) async fn insert(
    tx: &mut Tx,
    row: i64,
    service: &str,
    lookup: &Hash,
    status: Status,
    rows: &Rows,
    now: Millis,
) -> Result<bool, StoreError> {
    if lookup.is_double() {
        take_turn(tx).await?;
        if head(tx, lookup).await?.is_some() {
            return Ok(false);
        }
    }
    let inserted = crate::execute!(
        tx,
        "INSERT INTO enrollment (id, service, lookup, status, version, created_at, updated_at, finalized_at, name, record)
         VALUES ($1, $2, $3, $4, 1, $5, $5, $6, $7, $8) ON CONFLICT (lookup) DO NOTHING",
        row,
        service,
        lookup.newest(),
        status.name(),
        now,
        (status == Status::Finalized).then_some(now),
        &rows.name,
        &rows.record
    )?;
    if inserted == 0 {
        return Ok(false);
    }
    insert_parts(tx, row, rows).await?;
    buffers::claim(tx, lookup).await?;
    Ok(true)
}

async fn insert_parts(tx: &mut Tx, row: i64, rows: &Rows) -> Result<(), StoreError> {
    if let Some(sealed) = &rows.biometrics {
        crate::execute!(tx, "INSERT INTO enrollment_biometrics (enrollment, sealed) VALUES ($1, $2)", row, sealed)?;
    }
    if let Some(sealed) = &rows.documents {
        crate::execute!(tx, "INSERT INTO enrollment_documents (enrollment, sealed) VALUES ($1, $2)", row, sealed)?;
    }
    insert_index(tx, row, &rows.index).await
}

async fn insert_index(tx: &mut Tx, row: i64, index: &Index) -> Result<(), StoreError> {
    for hash in &index.hashes {
        crate::execute!(tx, "INSERT INTO enrollment_attribute (hash, enrollment) VALUES ($1, $2)", hash.newest(), row)?;
    }
    for (name, bucket) in &index.buckets {
        let sql = "INSERT INTO enrollment_bucket (name, enrollment, bucket) VALUES ($1, $2, $3)";
        crate::execute!(tx, sql, name.newest(), row, *bucket)?;
    }
    Ok(())
}

async fn delete_parts(tx: &mut Tx, row: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM enrollment_biometrics WHERE enrollment = $1",
        "DELETE FROM enrollment_documents WHERE enrollment = $1",
        "DELETE FROM enrollment_attribute WHERE enrollment = $1",
        "DELETE FROM enrollment_bucket WHERE enrollment = $1",
    ] {
        crate::execute!(tx, sql, row)?;
    }
    Ok(())
}

/// Saves a change, where the enrollment still is what it was made from: of two that race, one wins. Without `rows` the data
/// stays as it is.
pub(super) async fn save(tx: &mut Tx, change: Change, rows: Option<&Rows>, now: Millis) -> Result<bool, StoreError> {
    let changed = crate::execute!(
        tx,
        "UPDATE enrollment SET status = $1, version = version + 1, updated_at = $2, finalized_at = $3
         WHERE id = $4 AND version = $5 AND status = 'IN_PROGRESS'",
        change.status.name(),
        now,
        (change.status == Status::Finalized).then_some(now),
        change.row,
        change.of_version
    )?;
    if changed == 0 {
        return Ok(false);
    }
    if let Some(rows) = rows {
        crate::execute!(tx, "UPDATE enrollment SET record = $1 WHERE id = $2", &rows.record, change.row)?;
        delete_parts(tx, change.row).await?;
        insert_parts(tx, change.row, rows).await?;
    }
    Ok(true)
}

/// An enrollment without its data.
pub(super) async fn head(tx: &mut Tx, lookup: &Hash) -> Result<Option<Head>, StoreError> {
    let sql = "SELECT id, version, status FROM enrollment WHERE lookup IN ($1, $2)";
    let found = crate::fetch_optional!(tx, (i64, i64, String), sql, lookup.newest(), lookup.before())?;
    found.map(|(row, version, name)| Ok(Head { row, version, status: status(&name)? })).transpose()
}

/// An enrollment with the parts asked for.
pub(super) async fn find(tx: &mut Tx, lookup: &Hash, parts: Parts) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT id, service, status, version, name, record FROM enrollment WHERE lookup IN ($1, $2)";
    let found = crate::fetch_optional!(tx, StoredRow, sql, lookup.newest(), lookup.before())?;
    with_parts(tx, found, parts).await
}

/// The same, by its row.
pub(super) async fn find_row(tx: &mut Tx, row: i64, parts: Parts) -> Result<Option<Stored>, StoreError> {
    let sql = "SELECT id, service, status, version, name, record FROM enrollment WHERE id = $1";
    let found = crate::fetch_optional!(tx, StoredRow, sql, row)?;
    with_parts(tx, found, parts).await
}

async fn with_parts(tx: &mut Tx, found: Option<StoredRow>, parts: Parts) -> Result<Option<Stored>, StoreError> {
    let Some(StoredRow { id, service, status: name_of_status, version, name, record }) = found else {
        return Ok(None);
    };
    let mut stored = Stored {
        head: Head { row: id, version, status: status(&name_of_status)? },
        service,
        name,
        record,
        biometrics: None,
        documents: None,
    };
    if parts.biometrics {
        let sql = "SELECT sealed FROM enrollment_biometrics WHERE enrollment = $1";
        stored.biometrics = crate::fetch_optional!(tx, (Vec<u8>,), sql, id)?.map(|(sealed,)| sealed);
    }
    if parts.documents {
        let sql = "SELECT sealed FROM enrollment_documents WHERE enrollment = $1";
        stored.documents = crate::fetch_optional!(tx, (Vec<u8>,), sql, id)?.map(|(sealed,)| sealed);
    }
    Ok(Some(stored))
}

/// Deletes an enrollment with all that belongs to it, its buffers included; gives its row, `None` where there is none.
pub(super) async fn delete(tx: &mut Tx, lookup: &Hash) -> Result<Option<i64>, StoreError> {
    // Held until the end of the transaction, so that no change adds parts meanwhile.
    let sql = "UPDATE enrollment SET version = version + 1 WHERE lookup IN ($1, $2) RETURNING id";
    let held = crate::fetch_optional!(tx, (i64,), sql, lookup.newest(), lookup.before())?;
    let Some((row,)) = held else { return Ok(None) };
    delete_parts(tx, row).await?;
    crate::execute!(tx, "DELETE FROM enrollment_finalized WHERE enrollment = $1", row)?;
    buffers::delete_of(tx, lookup).await?;
    crate::execute!(tx, "DELETE FROM enrollment WHERE id = $1", row)?;
    Ok(Some(row))
}

/// Puts a finalized enrollment down for whoever takes it on.
pub(super) async fn hand_over(tx: &mut Tx, row: i64, sealed: &[u8], now: Millis) -> Result<(), StoreError> {
    let sql = "INSERT INTO enrollment_finalized (enrollment, sealed, finalized_at) VALUES ($1, $2, $3)";
    crate::execute!(tx, sql, row, sealed, now)?;
    Ok(())
}

/// The oldest finalized enrollments after a row: row, sealed transaction id, time.
pub(super) async fn finalized(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<(i64, Vec<u8>, Millis)>, StoreError> {
    let sql = "SELECT enrollment, sealed, finalized_at FROM enrollment_finalized
               WHERE enrollment > $1 ORDER BY enrollment LIMIT $2";
    crate::fetch_all!(tx, (i64, Vec<u8>, i64), sql, after, most)
}

/// Takes a finalized enrollment on, once; `false` where it is gone.
pub(super) async fn take_finalized(tx: &mut Tx, row: i64) -> Result<bool, StoreError> {
    Ok(crate::execute!(tx, "DELETE FROM enrollment_finalized WHERE enrollment = $1", row)? == 1)
}
