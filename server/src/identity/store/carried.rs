//! SQL of enrollments on their way to identities, as another instance had them.

use super::{ALL, Row};
use crate::store::{StoreError, Tx};

/// Tasks of enrollments above one, at most `most`.
pub(in crate::identity) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ALL} FROM identity_task WHERE enrollment > $1 ORDER BY enrollment LIMIT $2"
    ));
    crate::fetch_all!(tx, Row, sql, after, most)
}

/// Writes a task as it was; `false` where the enrollment or the person has one.
pub(in crate::identity) async fn insert(tx: &mut Tx, row: &Row, reference: &[u8]) -> Result<bool, StoreError> {
    let inserted = crate::execute!(
        tx,
        "INSERT INTO identity_task (enrollment, reference, service, person, state, cause, identity, due_at, attempts,
            made_at, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        row.enrollment,
        reference,
        &row.service,
        row.person,
        &row.state,
        &row.cause,
        row.identity,
        row.due_at,
        row.attempts,
        row.made_at,
        &row.sealed
    )?;
    Ok(inserted == 1)
}
