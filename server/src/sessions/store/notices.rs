//! Table `logout_notice`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all};

/// A notice on its way.
#[derive(sqlx::FromRow)]
pub(in crate::sessions) struct Row {
    pub(in crate::sessions) id: i64,
    pub(in crate::sessions) mount: String,
    pub(in crate::sessions) client_id: String,
    pub(in crate::sessions) content: Vec<u8>,
    pub(in crate::sessions) tries: i64,
}

pub(in crate::sessions) async fn insert(
    tx: &mut Tx,
    id: i64,
    (mount, client_id): (&'static str, &str),
    content: &[u8],
    now: Millis,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO logout_notice (id, mount, client_id, content, tries, due_at) VALUES ($1, $2, $3, $4, 0, $5)",
        id,
        mount,
        client_id,
        content,
        now
    )?;
    Ok(())
}

/// Takes what is due, so that no other node takes it before `until`.
pub(in crate::sessions) async fn take(
    tx: &mut Tx,
    now: Millis,
    until: Millis,
    most: i64,
) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "UPDATE logout_notice SET tries = tries + 1, due_at = $1 WHERE due_at <= $2 AND id IN
            (SELECT id FROM logout_notice WHERE due_at <= $2 ORDER BY due_at LIMIT $3)
         RETURNING id, mount, client_id, content, tries",
        until,
        now,
        most
    )
}

pub(in crate::sessions) async fn again(tx: &mut Tx, id: i64, due_at: Millis) -> Result<(), StoreError> {
    execute!(tx, "UPDATE logout_notice SET due_at = $1 WHERE id = $2", due_at, id)?;
    Ok(())
}

pub(in crate::sessions) async fn delete(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM logout_notice WHERE id = $1", id)?;
    Ok(())
}
