//! The databases that servers stand on.

use std::path::Path;

use sqlx::AssertSqlSafe;

use crate::random;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of its own.
    Sqlite,
    /// A fresh database on the server of `TESSERA_TEST_POSTGRES`.
    Postgres,
}

impl Database {
    /// Both, or SQLite alone where there is no PostgreSQL; that is said aloud.
    pub fn all() -> Vec<Self> {
        if std::env::var_os("TESSERA_TEST_POSTGRES").is_some() {
            vec![Self::Sqlite, Self::Postgres]
        } else {
            println!("SKIPPED on PostgreSQL: TESSERA_TEST_POSTGRES is not set");
            vec![Self::Sqlite]
        }
    }

    /// The URL of a new one; a file lies in this folder.
    pub(crate) async fn fresh(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("tessera.sqlite").display()),
            Self::Postgres => fresh_on(&std::env::var("TESSERA_TEST_POSTGRES").unwrap()).await,
        }
    }
}

/// The URL of a new database of a PostgreSQL; `admin_url` is of a role that may make databases.
pub(crate) async fn fresh_on(admin_url: &str) -> String {
    let name = format!("outside_{}", random().to_lowercase().replace(['-', '_'], "x"));
    let admin = sqlx::PgPool::connect(admin_url).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
    let mut url = url::Url::parse(admin_url).unwrap();
    url.set_path(&name);
    url.into()
}
