//! SQLite on the thread that asks. A statement whose pages are in memory takes microseconds, less than handing it to
//! another thread and waking up again for its answer; nothing here awaits.

mod driver;
mod row;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::{ToSql, Value};
use rusqlite::{CachedStatement, Connection, OpenFlags};
use sqlx::{FromRow, SqlSafeStr};

use super::StoreError;
pub use row::Row;
use row::{Column, Columns};

/// How long a statement waits for another process that writes.
const PATIENCE: Duration = Duration::from_secs(4);
/// Prepared statements kept per connection: more than there are.
const STATEMENTS: usize = 512;
/// KiB of pages that the writer keeps in memory.
const WRITER_KIB: i64 = 65_536;
/// KiB of pages that each reader keeps in memory: the system's own cache holds the rest once for all of them.
const READER_KIB: i64 = 8_192;
/// Pages of the write-ahead log after which it is moved into the database: 32 MiB. A page that many commits changed is
/// then moved once.
const LOG_PAGES: i64 = 8192;
/// How often, and after which pause, a database is turned to its log that another process is opening too: at start only.
const TURNS: u32 = 400;
const TURN: Duration = Duration::from_millis(25);
/// Readers kept open; more than can run at once on most machines.
const IDLE: usize = 16;

impl From<rusqlite::Error> for StoreError {
    /// Keeps the kind of fault and drops the text: it may quote rows.
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(inner, _) if inner.code == rusqlite::ErrorCode::DiskFull => Self::Full,
            rusqlite::Error::SqliteFailure(inner, _) => Self::Unavailable(format!("code {}", inner.extended_code)),
            _ => Self::Unavailable("connection".into()),
        }
    }
}

/// Where the database lies: the path in `sqlite:PATH`.
pub(super) fn path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty()).then(|| path.into())
}

/// Makes the file where there is none, for nobody but the user that this runs as; the log beside it takes after it. Where
/// that fails, opening says why.
fn make(path: &Path) {
    let mut how = std::fs::OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let _ = how.open(path);
}

/// One connection and its prepared statements.
pub struct Sqlite {
    connection: Connection,
    /// The names of each statement's columns, by its text.
    columns: HashMap<String, Columns>,
}

impl Sqlite {
    /// Opens the one connection that writes; the file is created where there is none.
    pub(super) fn writer(path: &Path) -> Result<Self, StoreError> {
        make(path);
        let sqlite = Self::open(path, OpenFlags::SQLITE_OPEN_CREATE, WRITER_KIB)?;
        sqlite.turn_to_log()?;
        sqlite.connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        Ok(sqlite)
    }

    /// Turns the database to its write-ahead log. For this SQLite does not wait while another process does the same (F12).
    fn turn_to_log(&self) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            match self.connection.pragma_update(None, "journal_mode", "WAL") {
                Err(rusqlite::Error::SqliteFailure(error, _))
                    if error.code == rusqlite::ErrorCode::DatabaseBusy && tries < TURNS =>
                {
                    tries += 1;
                    std::thread::sleep(TURN);
                }
                done => return Ok(done?),
            }
        }
    }

    fn reader(path: &Path) -> Result<Self, StoreError> {
        let sqlite = Self::open(path, OpenFlags::empty(), READER_KIB)?;
        sqlite.connection.pragma_update(None, "query_only", true)?;
        Ok(sqlite)
    }

    fn open(path: &Path, more: OpenFlags, cache_kib: i64) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cache_size", -cache_kib)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(Self { connection, columns: HashMap::new() })
    }

    /// Runs one statement; gives the number of rows it changed.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with SQLite's code.
    pub fn execute(&mut self, sql: impl SqlSafeStr, arguments: &[&dyn ToSql]) -> Result<u64, StoreError> {
        let sql = sql.into_sql_str();
        let mut statement = prepare(&self.connection, sql.as_str(), arguments)?;
        if statement.column_count() == 0 {
            return Ok(statement.raw_execute()? as u64);
        }
        // A statement that answers with rows (a PRAGMA, a SELECT for its effect) is run to its end.
        let mut rows = statement.raw_query();
        while rows.next()?.is_some() {}
        drop(rows);
        drop(statement);
        Ok(self.connection.changes())
    }

    /// Runs one statement and reads at most `limit` of its rows. It runs to its end all the same, so that an
    /// `UPDATE … RETURNING` has changed all it would.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with SQLite's code, [`StoreError::Corrupt`] for a column of another type.
    pub fn fetch<T>(
        &mut self,
        sql: impl SqlSafeStr,
        arguments: &[&dyn ToSql],
        limit: usize,
    ) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, Row>,
    {
        let sql = sql.into_sql_str();
        let mut statement = prepare(&self.connection, sql.as_str(), arguments)?;
        let columns = match self.columns.get(sql.as_str()) {
            Some(columns) => columns.clone(),
            None => {
                let names = statement.column_names().into_iter().enumerate();
                let columns: Columns = names.map(|(at, name)| Column::new(at, name)).collect();
                self.columns.insert(sql.as_str().to_owned(), columns.clone());
                columns
            }
        };
        let mut rows = statement.raw_query();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if found.len() < limit {
                let values: Result<Vec<Value>, _> = (0..columns.len()).map(|at| row.get(at)).collect();
                found.push(T::from_row(&Row::new(columns.clone(), values?))?);
            }
        }
        Ok(found)
    }
}

/// A statement with its arguments. `$2` means the second argument wherever it stands, as in PostgreSQL; to SQLite it is a
/// name like any other.
fn prepare<'c>(
    connection: &'c Connection,
    sql: &str,
    arguments: &[&dyn ToSql],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    for at in 1..=statement.parameter_count() {
        let number = statement.parameter_name(at).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let argument = number.and_then(|number| arguments.get(number.checked_sub(1)?));
        let argument = argument.ok_or_else(|| StoreError::Unavailable("a statement lacks an argument".into()))?;
        statement.raw_bind_parameter(at, argument)?;
    }
    Ok(statement)
}

/// Connections that only read. A read never waits for another: where none is idle, one more is opened.
#[derive(Clone)]
pub(super) struct Readers {
    path: Arc<Path>,
    idle: Arc<Mutex<Vec<Sqlite>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.into(), idle: Arc::default() }
    }

    /// A connection for one read.
    pub(super) fn take(&self) -> Result<Sqlite, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Sqlite::reader(&self.path), Ok)
    }

    /// Back from a read that came to its end.
    pub(super) fn give_back(&self, sqlite: Sqlite) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(sqlite);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_else_reads_a_new_file_or_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new.sqlite");
        let mut sqlite = Sqlite::writer(&path).unwrap();
        sqlite.execute("CREATE TABLE thing (id BIGINT)", &[]).unwrap();
        for file in ["new.sqlite", "new.sqlite-wal"] {
            let mode = folder.path().join(file).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}
