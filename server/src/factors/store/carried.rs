//! SQL of PINs as another instance had them.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all};

/// A PIN as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::factors) struct Row {
    pub(in crate::factors) person: i64,
    pub(in crate::factors) hash: String,
    pub(in crate::factors) changed_at: Millis,
    pub(in crate::factors) pepper: Option<Vec<u8>>,
}

/// PINs of persons above a primary key, at most `most`.
pub(in crate::factors) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT person, hash, changed_at, pepper FROM pin WHERE person > $1 ORDER BY person LIMIT $2";
    fetch_all!(tx, Row, sql, after, most)
}

/// Writes a PIN as it was; `false` where the person has one.
pub(in crate::factors) async fn insert(tx: &mut Tx, row: &Row) -> Result<bool, StoreError> {
    let sql = "INSERT INTO pin (person, hash, changed_at, pepper) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(execute!(tx, sql, row.person, &row.hash, row.changed_at, &row.pepper)? == 1)
}
