//! Table `signing_key`.

use crate::clock::Millis;
use crate::store::{Store, StoreError, Tx};
use crate::{execute, fetch_all, fetch_one};

/// A row.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct KeyRow {
    pub(super) id: i64,
    pub(super) family: String,
    pub(super) generation: i64,
    pub(super) kid: String,
    pub(super) public_jwk: String,
    pub(super) certificate: Option<Vec<u8>>,
    pub(super) private_jwk: Vec<u8>,
    pub(super) created_at: Millis,
    pub(super) signs_from: Millis,
    pub(super) certificate_until: Millis,
}

/// All keys, by family, oldest first.
pub(super) async fn all(store: &Store) -> Result<Vec<KeyRow>, StoreError> {
    store
        .read(|tx| {
            Box::pin(async move {
                fetch_all!(
                    tx,
                    KeyRow,
                    "SELECT id, family, generation, kid, public_jwk, certificate, private_jwk, created_at, signs_from, \
                     certificate_until FROM signing_key ORDER BY family, generation"
                )
            })
        })
        .await
}

/// Adds keys; where another node was faster with one of the same generation, that one stays.
pub(super) async fn add(store: &Store, rows: Vec<KeyRow>) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                for row in &rows {
                    insert(tx, row).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Lets a key that is published already sign earlier.
pub(super) async fn advance(store: &Store, id: i64, signs_from: Millis) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                execute!(
                    tx,
                    "UPDATE signing_key SET signs_from = $1 WHERE id = $2 AND signs_from > $1",
                    signs_from,
                    id
                )?;
                Ok(())
            })
        })
        .await
}

/// Removes keys.
pub(super) async fn drop(store: &Store, ids: Vec<i64>) -> Result<(), StoreError> {
    store
        .write(move |tx| {
            Box::pin(async move {
                for id in ids {
                    execute!(tx, "DELETE FROM signing_key WHERE id = $1", id)?;
                }
                Ok(())
            })
        })
        .await
}

/// Writes a key as another instance had it, as the oldest of its family where its generation is taken.
pub(super) async fn insert_as_it_was(tx: &mut Tx, mut row: KeyRow) -> Result<(), StoreError> {
    if insert(tx, &row).await? {
        return Ok(());
    }
    let sql = "SELECT MIN(generation) - 1 FROM signing_key WHERE family = $1";
    (row.generation,) = fetch_one!(tx, (i64,), sql, &row.family)?;
    if insert(tx, &row).await? { Ok(()) } else { Err(StoreError::Busy) }
}

/// Writes a key; `false` where its generation is taken.
async fn insert(tx: &mut Tx, row: &KeyRow) -> Result<bool, StoreError> {
    let inserted = execute!(
        tx,
        "INSERT INTO signing_key (id, family, generation, kid, public_jwk, certificate, private_jwk, created_at, \
         signs_from, certificate_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (family, generation) DO NOTHING",
        row.id,
        &row.family,
        row.generation,
        &row.kid,
        &row.public_jwk,
        &row.certificate,
        &row.private_jwk,
        row.created_at,
        row.signs_from,
        row.certificate_until
    )?;
    Ok(inserted == 1)
}
