//! The SQL of making anew what enrollments are found by.

use std::collections::BTreeSet;

use super::insert_index;
use crate::enrollment::index::Index;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx};

/// What the hashes of an enrollment are made of.
#[derive(sqlx::FromRow)]
pub(in crate::enrollment) struct HashedRow {
    pub(in crate::enrollment) id: i64,
    pub(in crate::enrollment) service: String,
    pub(in crate::enrollment) lookup: Vec<u8>,
    pub(in crate::enrollment) name: Vec<u8>,
    pub(in crate::enrollment) record: Vec<u8>,
}

/// The hashes under which an enrollment's attributes lie.
pub(in crate::enrollment) struct Lying {
    pub(in crate::enrollment) hashes: BTreeSet<Vec<u8>>,
    pub(in crate::enrollment) buckets: BTreeSet<(Vec<u8>, i64)>,
}

/// Enrollments whose rows are above `after`, in that order.
pub(in crate::enrollment) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<HashedRow>, StoreError> {
    let sql = "SELECT id, service, lookup, name, record FROM enrollment WHERE id > $1 ORDER BY id LIMIT $2";
    crate::fetch_all!(tx, HashedRow, sql, after, most)
}

/// One, which nobody changes until the end of this transaction.
pub(in crate::enrollment) async fn held(tx: &mut Tx, row: i64) -> Result<Option<HashedRow>, StoreError> {
    let sql = "UPDATE enrollment SET version = version WHERE id = $1 RETURNING id, service, lookup, name, record";
    crate::fetch_optional!(tx, HashedRow, sql, row)
}

/// What an enrollment's attributes are found by now.
pub(in crate::enrollment) async fn lying(tx: &mut Tx, row: i64) -> Result<Lying, StoreError> {
    let sql = "SELECT hash FROM enrollment_attribute WHERE enrollment = $1";
    let hashes = crate::fetch_all!(tx, (Vec<u8>,), sql, row)?;
    let sql = "SELECT name, bucket FROM enrollment_bucket WHERE enrollment = $1";
    let buckets = crate::fetch_all!(tx, (Vec<u8>, i64), sql, row)?;
    Ok(Lying { hashes: hashes.into_iter().map(|(hash,)| hash).collect(), buckets: buckets.into_iter().collect() })
}

/// Puts other hashes in the place of those that an enrollment and its buffers were found by.
pub(in crate::enrollment) async fn replace(
    tx: &mut Tx,
    row: &HashedRow,
    lookup: &Hash,
    index: &Index,
) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE enrollment SET lookup = $1 WHERE id = $2", lookup.newest(), row.id)?;
    let sql = "UPDATE enrollment_buffer SET lookup = $1 WHERE lookup = $2";
    crate::execute!(tx, sql, lookup.newest(), &row.lookup)?;
    crate::execute!(tx, "DELETE FROM enrollment_attribute WHERE enrollment = $1", row.id)?;
    crate::execute!(tx, "DELETE FROM enrollment_bucket WHERE enrollment = $1", row.id)?;
    insert_index(tx, row.id, index).await
}
