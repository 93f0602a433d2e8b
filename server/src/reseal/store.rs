//! Sealed and hashed columns, whoever's they are. Names of tables and columns come from [`Column`]s and [`Hashed`]s, which are
//! constants.

use sqlx::AssertSqlSafe;

use crate::secrets::{Column, Hashed, Key};
use crate::state::AppState;
use crate::store::StoreError;
use crate::{execute, fetch_all};

/// Rows of a batch: some tables have values of a quarter of a megabyte.
const BATCH: i64 = 100;
/// Columns of a key at most.
const KEY: usize = 3;

/// A row, with its value where the newest secret did not seal it.
pub(super) struct Row {
    /// The key's columns as text; empty beyond those that there are.
    pub(super) key: [String; KEY],
    pub(super) stale: Option<Vec<u8>>,
}

/// `$n` as what the column is.
fn parameter(key: Key, number: usize) -> String {
    match key {
        Key::Number(_) => format!("CAST(${number} AS BIGINT)"),
        Key::Text(_) => format!("${number}"),
    }
}

/// The next rows in the order of the key's first column; with all those that share the last one's. However many of them need
/// nothing, a statement never looks at more.
pub(super) async fn rows(state: &AppState, of: Column, after: Option<String>) -> Result<Vec<Row>, StoreError> {
    let newest = state.secrets.newest();
    // A column of a key beyond the first may be NULL: then nothing is sealed in the row.
    let text = |place: usize| {
        of.key.get(place).map_or("''".into(), |key| format!("COALESCE(CAST({} AS TEXT), '')", key.name()))
    };
    let (table, column, first) = (of.table, of.column, of.key[0].name());
    let beyond = match &after {
        Some(_) => format!("{first} > {}", parameter(of.key[0], 2)),
        None => "$2 = ''".into(),
    };
    let sql = format!(
        "SELECT {}, {}, {}, CASE WHEN substr({column}, 1, 4) <> $1 THEN {column} END FROM {table} WHERE {beyond} AND \
         {first} <= (SELECT MAX(batch.{first}) FROM (SELECT {first} FROM {table} WHERE {beyond} ORDER BY {first} \
         LIMIT {BATCH}) AS batch) ORDER BY {first}",
        text(0),
        text(1),
        text(2),
    );
    let after = after.unwrap_or_default();
    let read = state.store.read(move |tx| {
        Box::pin(async move {
            fetch_all!(tx, (String, String, String, Option<Vec<u8>>), AssertSqlSafe(sql.as_str()), newest, after)
        })
    });
    let rows: Vec<(String, String, String, Option<Vec<u8>>)> = read.await?;
    Ok(rows.into_iter().map(|(one, two, three, stale)| Row { key: [one, two, three], stale }).collect())
}

/// A new value for a row.
pub(super) struct Renewed {
    pub(super) key: [String; KEY],
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// Puts new values where the old ones still are; gives how many were.
pub(super) async fn renew(state: &AppState, of: Column, renewed: Vec<Renewed>) -> Result<u64, StoreError> {
    let found: Vec<String> =
        of.key.iter().enumerate().map(|(at, key)| format!("{} = {}", key.name(), parameter(*key, at + 3))).collect();
    // Every parameter is used, whatever the key has.
    let unused: String = (of.key.len()..KEY).map(|at| format!(" AND ${} = ''", at + 3)).collect();
    let column = of.column;
    let sql = format!("UPDATE {} SET {column} = $1 WHERE {}{unused} AND {column} = $2", of.table, found.join(" AND "));
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut changed = 0;
                for Renewed { key: [one, two, three], before, after } in renewed {
                    changed += execute!(tx, AssertSqlSafe(sql.as_str()), after, before, one, two, three)?;
                }
                Ok(changed)
            })
        })
        .await
}

/// A row with a hash, and what it is made of.
pub(super) struct HashedRow {
    /// The first column of the key, as text.
    pub(super) key: String,
    /// The columns that the hash is made of besides; empty beyond those that there are.
    pub(super) with: [String; 2],
    pub(super) hash: Vec<u8>,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Key, what the hash is made of besides, hash, sealed value.
type Read = (String, String, String, Vec<u8>, Option<Vec<u8>>);

/// The next rows in the order of the key's first column, with all those that share the last one's.
pub(super) async fn hashed(state: &AppState, of: Hashed, after: Option<String>) -> Result<Vec<HashedRow>, StoreError> {
    let Hashed { column: hash, with, sealed: Column { table, key, column, .. }, .. } = of;
    let first = key[0].name();
    let beyond = match &after {
        Some(_) => format!("{first} > {}", parameter(key[0], 1)),
        None => "$1 = ''".into(),
    };
    let text = |place: usize| with.get(place).copied().unwrap_or("''");
    let sql = format!(
        "SELECT CAST({first} AS TEXT), {}, {}, {hash}, {column} FROM {table} WHERE {beyond} AND \
         {first} <= (SELECT MAX(batch.{first}) FROM (SELECT {first} FROM {table} WHERE {beyond} ORDER BY {first} \
         LIMIT {BATCH}) AS batch) ORDER BY {first}",
        text(0),
        text(1),
    );
    let after = after.unwrap_or_default();
    let read =
        state.store.read(move |tx| Box::pin(async move { fetch_all!(tx, Read, AssertSqlSafe(sql.as_str()), after) }));
    let rows: Vec<Read> = read.await?;
    let row = |(key, one, other, hash, sealed)| HashedRow { key, with: [one, other], hash, sealed };
    Ok(rows.into_iter().map(row).collect())
}

/// A new hash for a row.
pub(super) struct Rehashed {
    pub(super) key: String,
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// Puts new hashes where the old ones still are; gives how many were.
pub(super) async fn rehash(state: &AppState, of: Hashed, renewed: Vec<Rehashed>) -> Result<u64, StoreError> {
    let (table, hash, key) = (of.sealed.table, of.column, of.sealed.key[0]);
    let (first, wanted) = (key.name(), parameter(key, 3));
    let sql = format!("UPDATE {table} SET {hash} = $1 WHERE {hash} = $2 AND {first} = {wanted}");
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut changed = 0;
                for Rehashed { key, before, after } in renewed {
                    changed += execute!(tx, AssertSqlSafe(sql.as_str()), after, before, key)?;
                }
                Ok(changed)
            })
        })
        .await
}
