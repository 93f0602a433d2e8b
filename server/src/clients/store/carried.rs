//! SQL of clients as another instance had them.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// A client as it lies, gone ones too.
#[derive(sqlx::FromRow)]
pub(in crate::clients) struct Row {
    pub(in crate::clients) id: i64,
    pub(in crate::clients) mount: String,
    pub(in crate::clients) client_id: String,
    pub(in crate::clients) relying_party_id: String,
    pub(in crate::clients) status: String,
    pub(in crate::clients) registration: String,
    pub(in crate::clients) created_at: Millis,
    pub(in crate::clients) updated_at: Millis,
    pub(in crate::clients) unused_since: Option<Millis>,
}

/// Clients above a row, at most `most`.
pub(in crate::clients) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    crate::fetch_all!(
        tx,
        Row,
        "SELECT id, mount, client_id, relying_party_id, status, registration, created_at, updated_at, unused_since
         FROM client WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

/// Writes a client as it was, without its keys; `false` where its id is taken.
pub(in crate::clients) async fn insert(tx: &mut Tx, row: &Row) -> Result<bool, StoreError> {
    let inserted = crate::execute!(
        tx,
        "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                             updated_at, unused_since)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9) ON CONFLICT DO NOTHING",
        row.id,
        &row.mount,
        &row.client_id,
        &row.relying_party_id,
        &row.status,
        &row.registration,
        row.created_at,
        row.updated_at,
        row.unused_since
    )?;
    Ok(inserted == 1)
}

/// Whether no client was ever registered.
pub(in crate::clients) async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(crate::fetch_optional!(tx, (i64,), "SELECT id FROM client LIMIT 1")?.is_none())
}
