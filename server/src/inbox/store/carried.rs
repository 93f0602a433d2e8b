//! SQL of questions as another instance had them.

use super::Row;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all};

/// Questions above a row, at most `most`; those that ended too.
pub(in crate::inbox) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, content, expires_at, ended_at, outcome, receipt_id FROM consent_question
         WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

/// Writes a question as it was; `false` where the client has one open to this person.
pub(in crate::inbox) async fn insert(tx: &mut Tx, row: &Row, holder: &[u8]) -> Result<bool, StoreError> {
    let inserted = execute!(
        tx,
        "INSERT INTO consent_question (id, holder, client_mount, client_id, content, expires_at, ended_at, outcome,
            receipt_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        row.id,
        holder,
        &row.client_mount,
        &row.client_id,
        &row.content,
        row.expires_at,
        row.ended_at,
        &row.outcome,
        row.receipt_id
    )?;
    Ok(inserted == 1)
}
