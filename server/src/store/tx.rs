//! One transaction, on either database, and the macros that run one statement text on both.

use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use super::sqlite::Sqlite;

/// What a long poll waits for, as a number derived from it (see `wait`).
pub type WakeKey = i64;

/// A connection of either database.
pub enum Conn {
    /// Embedded.
    Sqlite(Sqlite),
    /// Shared by many nodes.
    Postgres(PoolConnection<Postgres>),
}

/// A transaction (in `Store::write`) or a plain connection (in `Store::read`).
pub struct Tx {
    /// For the macros below.
    pub conn: Conn,
    pub(super) wakes: Vec<WakeKey>,
}

impl Tx {
    pub(super) fn new(conn: Conn) -> Self {
        Self { conn, wakes: Vec::new() }
    }

    /// Wakes, once this transaction is committed, everyone on any node who waits for `key`.
    pub fn wake(&mut self, key: WakeKey) {
        self.wakes.push(key);
    }
}

/// Runs one statement on either database; gives the number of rows it changed.
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => c.execute($sql, &[$(&$arg as &dyn rusqlite::ToSql),*]),
            $crate::store::Conn::Postgres(c) => sqlx::query($sql)$(.bind($arg))*
                .execute(&mut **c)
                .await
                .map(|done| done.rows_affected())
                .map_err($crate::store::StoreError::from),
        }
    };
}

/// Fetches all rows as `$row` (a tuple or a type with `#[derive(sqlx::FromRow)]`).
#[macro_export]
macro_rules! fetch_all {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => c.fetch::<$row>($sql, &[$(&$arg as &dyn rusqlite::ToSql),*], usize::MAX),
            $crate::store::Conn::Postgres(c) => sqlx::query_as::<_, $row>($sql)$(.bind($arg))*
                .fetch_all(&mut **c)
                .await
                .map_err($crate::store::StoreError::from),
        }
    };
}

/// Fetches at most one row; `Ok(None)` where there is none. This is how `UPDATE … RETURNING` takes a thing once.
#[macro_export]
macro_rules! fetch_optional {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => c.fetch::<$row>($sql, &[$(&$arg as &dyn rusqlite::ToSql),*], 1).map(|mut rows| rows.pop()),
            $crate::store::Conn::Postgres(c) => sqlx::query_as::<_, $row>($sql)$(.bind($arg))*
                .fetch_optional(&mut **c)
                .await
                .map_err($crate::store::StoreError::from),
        }
    };
}

/// Fetches exactly one row, of a statement that always gives one.
#[macro_export]
macro_rules! fetch_one {
    ($tx:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => c.fetch::<$row>($sql, &[$(&$arg as &dyn rusqlite::ToSql),*], 1)
                .and_then(|mut rows| rows.pop().ok_or($crate::store::StoreError::Corrupt { what: "row" })),
            $crate::store::Conn::Postgres(c) => sqlx::query_as::<_, $row>($sql)$(.bind($arg))*
                .fetch_one(&mut **c)
                .await
                .map_err($crate::store::StoreError::from),
        }
    };
}
