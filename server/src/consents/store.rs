//! Table `consent_receipt`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// A receipt to be written.
pub(super) struct NewRow<'a> {
    pub(super) id: i64,
    pub(super) holder: Vec<u8>,
    pub(super) mount: &'static str,
    pub(super) client_id: &'a str,
    pub(super) transaction: i64,
    pub(super) content: Vec<u8>,
    pub(super) given_at: Millis,
    pub(super) expires_at: Option<Millis>,
}

pub(super) async fn insert(tx: &mut Tx, row: NewRow<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO consent_receipt (id, holder, client_mount, client_id, transaction_id, content, given_at,
            expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        row.holder,
        row.mount,
        row.client_id,
        row.transaction,
        row.content,
        row.given_at,
        row.expires_at
    )?;
    Ok(())
}

/// A receipt as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) client_mount: String,
    pub(super) client_id: String,
    pub(super) transaction_id: i64,
    pub(super) content: Vec<u8>,
    pub(super) given_at: Millis,
    pub(super) expires_at: Option<Millis>,
    pub(super) withdrawn_at: Option<Millis>,
}

/// Receipts with ids above `after`, in their order.
pub(super) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, transaction_id, content, given_at, expires_at, withdrawn_at
         FROM consent_receipt WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

pub(super) async fn stands(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM consent_receipt WHERE id = $1 AND withdrawn_at IS NULL";
    Ok(fetch_optional!(tx, (i64,), sql, id)?.is_some())
}

pub(super) async fn find(tx: &mut Tx, holder: &[u8], id: i64) -> Result<Option<Row>, StoreError> {
    fetch_optional!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, transaction_id, content, given_at, expires_at, withdrawn_at
         FROM consent_receipt WHERE id = $1 AND holder = $2",
        id,
        holder
    )
}

pub(super) async fn of_holder(tx: &mut Tx, holder: &[u8], most: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, transaction_id, content, given_at, expires_at, withdrawn_at
         FROM consent_receipt
         WHERE id IN (SELECT id FROM consent_receipt WHERE holder = $1 ORDER BY id DESC LIMIT $2)
            OR id IN (SELECT MAX(id) FROM consent_receipt WHERE holder = $1 AND withdrawn_at IS NULL
                      GROUP BY client_mount, client_id)
         ORDER BY id DESC",
        holder,
        most
    )
}

/// Receipts for one client that are neither withdrawn nor over at `now`, newest first.
pub(super) async fn standing(
    tx: &mut Tx,
    holder: &[u8],
    mount: &'static str,
    client_id: &str,
    now: Millis,
    most: i64,
) -> Result<Vec<Row>, StoreError> {
    fetch_all!(
        tx,
        Row,
        "SELECT id, client_mount, client_id, transaction_id, content, given_at, expires_at, withdrawn_at
         FROM consent_receipt
         WHERE holder = $1 AND client_mount = $2 AND client_id = $3 AND withdrawn_at IS NULL
            AND (expires_at IS NULL OR expires_at > $4)
         ORDER BY id DESC LIMIT $5",
        holder,
        mount,
        client_id,
        now,
        most
    )
}

pub(super) async fn withdraw(
    tx: &mut Tx,
    holder: &[u8],
    mount: &'static str,
    client_id: &str,
    now: Millis,
) -> Result<u64, StoreError> {
    execute!(
        tx,
        "UPDATE consent_receipt SET withdrawn_at = $1
         WHERE holder = $2 AND client_mount = $3 AND client_id = $4 AND withdrawn_at IS NULL",
        now,
        holder,
        mount,
        client_id
    )
}

/// Gives the receipt where it stood until now.
pub(super) async fn withdraw_one(tx: &mut Tx, id: i64, now: Millis) -> Result<Option<Row>, StoreError> {
    fetch_optional!(
        tx,
        Row,
        "UPDATE consent_receipt SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at IS NULL
         RETURNING id, client_mount, client_id, transaction_id, content, given_at, expires_at, withdrawn_at",
        now,
        id
    )
}

/// The clients that a person agrees with still.
pub(super) async fn clients(tx: &mut Tx, holder: &[u8]) -> Result<Vec<(String, String)>, StoreError> {
    fetch_all!(
        tx,
        (String, String),
        "SELECT DISTINCT client_mount, client_id FROM consent_receipt WHERE holder = $1 AND withdrawn_at IS NULL",
        holder
    )
}

pub(super) async fn erase(tx: &mut Tx, holder: &[u8]) -> Result<u64, StoreError> {
    execute!(tx, "DELETE FROM consent_receipt WHERE holder = $1", holder)
}

/// Deletes at most `batch` of those that were given before the id `before` and not withdrawn, and as many of those that
/// were withdrawn by `until`.
pub(super) async fn delete(tx: &mut Tx, before: i64, until: Millis, batch: i64) -> Result<u64, StoreError> {
    let standing = execute!(
        tx,
        "DELETE FROM consent_receipt WHERE id IN
            (SELECT id FROM consent_receipt WHERE id < $1 AND withdrawn_at IS NULL ORDER BY id LIMIT $2)",
        before,
        batch
    )?;
    let withdrawn = execute!(
        tx,
        "DELETE FROM consent_receipt WHERE id IN
            (SELECT id FROM consent_receipt WHERE withdrawn_at <= $1 ORDER BY withdrawn_at LIMIT $2)",
        until,
        batch
    )?;
    Ok(standing + withdrawn)
}
