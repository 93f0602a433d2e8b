//! The SQL of searches: candidates, in the order in which enrollments were made.

use super::status;
use crate::enrollment::model::Status;
use crate::store::{StoreError, Tx};

/// A candidate, to be opened and looked at.
pub(in crate::enrollment) struct Candidate {
    pub(in crate::enrollment) row: i64,
    pub(in crate::enrollment) status: Status,
    pub(in crate::enrollment) record: Vec<u8>,
    pub(in crate::enrollment) name: Vec<u8>,
}

type Row = (i64, String, Vec<u8>, Vec<u8>);

fn candidates(rows: Vec<Row>) -> Result<Vec<Candidate>, StoreError> {
    rows.into_iter()
        .map(|(row, name_of_status, record, name)| {
            Ok(Candidate { row, status: status(&name_of_status)?, record, name })
        })
        .collect()
}

/// How many enrollments have a value, up to `most`.
pub(in crate::enrollment) async fn count_equal(tx: &mut Tx, hash: &[u8], most: i64) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM enrollment_attribute WHERE hash = $1 LIMIT $2) AS found";
    Ok(crate::fetch_one!(tx, (i64,), sql, hash, most)?.0)
}

/// Enrollments with a value, and maybe another one.
pub(in crate::enrollment) async fn equal(
    tx: &mut Tx,
    hash: &[u8],
    other: Option<&[u8]>,
    after: i64,
    most: i64,
) -> Result<Vec<Candidate>, StoreError> {
    let rows = match other {
        None => crate::fetch_all!(
            tx,
            Row,
            "SELECT e.id, e.status, e.record, e.name FROM enrollment_attribute a JOIN enrollment e ON e.id = a.enrollment
             WHERE a.hash = $1 AND a.enrollment > $2 ORDER BY a.enrollment LIMIT $3",
            hash,
            after,
            most
        )?,
        Some(other) => crate::fetch_all!(
            tx,
            Row,
            "SELECT e.id, e.status, e.record, e.name FROM enrollment_attribute a JOIN enrollment e ON e.id = a.enrollment
             WHERE a.hash = $1 AND a.enrollment > $2
               AND EXISTS (SELECT 1 FROM enrollment_attribute b WHERE b.hash = $4 AND b.enrollment = a.enrollment)
             ORDER BY a.enrollment LIMIT $3",
            hash,
            after,
            most,
            other
        )?,
    };
    candidates(rows)
}

/// Enrollments with a value of an attribute in some buckets, both ends included.
pub(in crate::enrollment) async fn between(
    tx: &mut Tx,
    name: &[u8],
    (from, to): (i64, i64),
    after: i64,
    most: i64,
) -> Result<Vec<Candidate>, StoreError> {
    // A list may have values in several buckets.
    let rows = crate::fetch_all!(
        tx,
        Row,
        "SELECT e.id, e.status, e.record, e.name
         FROM (SELECT DISTINCT b.enrollment AS found FROM enrollment_bucket b
               WHERE b.name = $1 AND b.enrollment > $2 AND b.bucket BETWEEN $3 AND $4
               ORDER BY b.enrollment LIMIT $5) AS hits
         JOIN enrollment e ON e.id = hits.found ORDER BY e.id",
        name,
        after,
        from,
        to,
        most
    )?;
    candidates(rows)
}

/// All enrollments of a service with a status.
pub(in crate::enrollment) async fn all(
    tx: &mut Tx,
    service: &str,
    wanted: Status,
    after: i64,
    most: i64,
) -> Result<Vec<Candidate>, StoreError> {
    let rows = crate::fetch_all!(
        tx,
        Row,
        "SELECT id, status, record, name FROM enrollment
         WHERE service = $1 AND status = $2 AND id > $3 ORDER BY id LIMIT $4",
        service,
        wanted.name(),
        after,
        most
    )?;
    candidates(rows)
}
