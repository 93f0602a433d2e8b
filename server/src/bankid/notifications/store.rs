//! Table `notification`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all};

/// A notification on its way.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) mount: String,
    pub(super) client_id: String,
    pub(super) content: Vec<u8>,
    pub(super) attempts: i64,
}

pub(super) async fn insert(
    tx: &mut Tx,
    id: i64,
    mount: &str,
    client_id: &str,
    content: &[u8],
    now: Millis,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO notification (id, mount, client_id, content, due_at, attempts) VALUES ($1, $2, $3, $4, $5, 0)",
        id,
        mount,
        client_id,
        content,
        now
    )?;
    Ok(())
}

/// Takes what is due, so that nobody else takes it before `until`.
pub(super) async fn take(tx: &mut Tx, now: Millis, until: Millis, most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "UPDATE notification SET attempts = attempts + 1, due_at = $1 WHERE due_at <= $2 AND id IN
            (SELECT id FROM notification WHERE due_at <= $2 ORDER BY due_at LIMIT $3)
         RETURNING id, mount, client_id, content, attempts",
        until,
        now,
        most
    )
}

pub(super) async fn again(tx: &mut Tx, id: i64, due_at: Millis) -> Result<(), StoreError> {
    execute!(tx, "UPDATE notification SET due_at = $1 WHERE id = $2", due_at, id)?;
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM notification WHERE id = $1", id)?;
    Ok(())
}
