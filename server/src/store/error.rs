//! What can go wrong with the database.

/// A fault of the store, never of the request: the caller answers 503 and asks to try again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `database.url` is neither `sqlite:` nor `postgres:`.
    #[error("database.url must begin with sqlite: or postgres:")]
    Address,
    /// Too many requests wait for the database.
    #[error("the database is too busy; try again")]
    Busy,
    /// There is no room for the database to grow; reading goes on.
    #[error("the disk of the database is full: make room, the server goes on by itself")]
    Full,
    /// The database did not answer in time; what was asked for may have happened.
    #[error("the database did not answer in time")]
    Silent,
    /// The write was abandoned before its outcome was known.
    #[error("the write was abandoned")]
    Lost,
    /// The database is of a newer version than this program.
    #[error("the database has schema version {found}, this program knows {known}: use a newer program")]
    Newer {
        /// Version in the database.
        found: i64,
        /// Highest version this program knows.
        known: i64,
    },
    /// A stored value cannot be read; `what` names the column, never its content.
    #[error("a stored {what} cannot be read")]
    Corrupt {
        /// The column or value.
        what: &'static str,
    },
    /// The database refused or could not be reached.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
}

impl From<sqlx::Error> for StoreError {
    /// Keeps the kind of fault and drops values: a driver's text may quote rows.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            // PostgreSQL's disk_full; SQLite's is told by its own driver.
            sqlx::Error::Database(inner) if inner.code().as_deref() == Some("53100") => Self::Full,
            sqlx::Error::Database(inner) => Self::Unavailable(format!(
                "code {}, table {}",
                inner.code().unwrap_or_default(),
                inner.table().unwrap_or("unknown")
            )),
            sqlx::Error::Io(inner) => Self::Unavailable(inner.kind().to_string()),
            sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Self::Corrupt { what: "column" }
            }
            sqlx::Error::RowNotFound => Self::Corrupt { what: "row" },
            _ => Self::Unavailable("connection".into()),
        }
    }
}
