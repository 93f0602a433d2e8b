//! Tables `watch_entry` and `identify_task`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// An entry as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) content: Vec<u8>,
}

pub(super) async fn insert(tx: &mut Tx, id: i64, gallery: &str, content: &[u8]) -> Result<(), StoreError> {
    execute!(tx, "INSERT INTO watch_entry (id, gallery, content) VALUES ($1, $2, $3)", id, gallery, content)?;
    Ok(())
}

/// Entries of a list after `after`, in the order in which they were added.
pub(super) async fn page(tx: &mut Tx, gallery: &str, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, content FROM watch_entry WHERE gallery = $1 AND id > $2 ORDER BY id LIMIT $3",
        gallery,
        after,
        most
    )
}

/// Entries of all lists after `after`, each with its list.
pub(super) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<(String, Row)>, StoreError> {
    let sql = "SELECT gallery, id, content FROM watch_entry WHERE id > $1 ORDER BY id LIMIT $2";
    let rows = fetch_all!(tx, (String, i64, Vec<u8>), sql, after, most)?;
    Ok(rows.into_iter().map(|(gallery, id, content)| (gallery, Row { id, content })).collect())
}

pub(super) async fn count(tx: &mut Tx, gallery: &str) -> Result<i64, StoreError> {
    let (count,) = fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM watch_entry WHERE gallery = $1", gallery)?;
    Ok(count)
}

/// `false` where there is no such entry.
pub(super) async fn remove(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    Ok(execute!(tx, "DELETE FROM watch_entry WHERE id = $1", id)? == 1)
}

/// A search as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Task {
    pub(super) id: i64,
    pub(super) client_mount: String,
    pub(super) client_id: String,
    pub(super) content: Vec<u8>,
    pub(super) result: Option<Vec<u8>>,
}

pub(super) async fn begin(
    tx: &mut Tx,
    id: i64,
    mount: &'static str,
    client_id: &str,
    content: &[u8],
    expires_at: Millis,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO identify_task (id, client_mount, client_id, content, expires_at) VALUES ($1, $2, $3, $4, $5)",
        id,
        mount,
        client_id,
        content,
        expires_at
    )?;
    Ok(())
}

pub(super) async fn task(tx: &mut Tx, id: i64, now: Millis) -> Result<Option<Task>, StoreError> {
    fetch_optional!(
        tx,
        Task,
        "SELECT id, client_mount, client_id, content, result FROM identify_task WHERE id = $1 AND expires_at > $2",
        id,
        now
    )
}

/// The oldest search with an id below `before` that nobody has finished.
pub(super) async fn unfinished(tx: &mut Tx, before: i64, now: Millis) -> Result<Option<Task>, StoreError> {
    fetch_optional!(
        tx,
        Task,
        "SELECT id, client_mount, client_id, content, result FROM identify_task
         WHERE result IS NULL AND id < $1 AND expires_at > $2 ORDER BY id LIMIT 1",
        before,
        now
    )
}

/// Writes a result; `false` where another node was first.
pub(super) async fn finish(tx: &mut Tx, id: i64, result: &[u8]) -> Result<bool, StoreError> {
    Ok(execute!(tx, "UPDATE identify_task SET result = $1 WHERE id = $2 AND result IS NULL", result, id)? == 1)
}

/// Deletes at most `batch` that are over.
pub(super) async fn delete_expired(tx: &mut Tx, now: Millis, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM identify_task WHERE id IN
            (SELECT id FROM identify_task WHERE expires_at <= $1 ORDER BY id LIMIT $2)",
        now,
        batch
    )
}
