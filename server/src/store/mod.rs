//! The database: one SQL text for SQLite (embedded, the default) and PostgreSQL (many nodes).
//!
//! Statements are written once, in the common subset: `$1`, `TEXT`, 64-bit integers, milliseconds, JSON as `TEXT`,
//! `ON CONFLICT`, `RETURNING`. A capability's SQL lives in its own `store.rs`; this room has only connections,
//! transactions and migrations.
//!
//! Writes are closures in which nothing but SQL is awaited. On SQLite one writer runs them in groups, so that concurrent
//! requests share one `fsync`; on PostgreSQL each is a transaction of its own. A closure that returns `Err` leaves no trace.

mod error;
mod lent;
mod migrations;
pub mod sqlite;
mod turn;
mod tx;
mod writer;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgListener, PgPool, PgPoolOptions};

pub use error::StoreError;
use lent::{LONGEST, Lent};
use sqlite::Sqlite;
pub use turn::take_turn;
pub use tx::{Conn, Tx, WakeKey};

/// Who is to look at the database again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Whoever waits for this key.
    Key(WakeKey),
    /// Everyone: wakes of other nodes may have been missed.
    Everyone,
}

/// Called with each key that a committed write woke; see [`Tx::wake`].
pub type OnWake = Arc<dyn Fn(Wake) + Send + Sync>;

/// How long a request waits for its turn at the database before it is answered with 503.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the server waits at its start for a database that cannot be reached.
const AT_START: Duration = Duration::from_secs(30);
/// How long bringing the schema forward may take, waiting for another node that does it included.
const FOR_MIGRATION: Duration = Duration::from_secs(3600);
/// How long the connection that carries wakes may be quiet before it is asked whether it still lives.
const QUIET: Duration = Duration::from_secs(15);
/// How long a PostgreSQL connection may have been idle to be used unasked.
const FRESH: Duration = Duration::from_secs(1);
/// PostgreSQL's channel on which nodes wake each other's long polls.
const CHANNEL: &str = "tessera_wake";

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    on_wake: OnWake,
}

#[derive(Clone)]
enum Backend {
    Sqlite { writer: writer::Writer, readers: sqlite::Readers },
    Postgres(PgPool),
}

impl Store {
    /// Opens `sqlite:PATH` (created if missing) or `postgres://…`. Does not migrate.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] where the database cannot be reached or the address is not one of these two.
    pub async fn open(url: &str, on_wake: OnWake) -> Result<Self, StoreError> {
        let backend = if let Some(path) = sqlite::path(url) {
            let writer = writer::Writer::start(Sqlite::writer(&path)?, on_wake.clone())?;
            Backend::Sqlite { writer, readers: sqlite::Readers::new(&path) }
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?.options([("statement_timeout", "5000")]);
            let pool = PgPoolOptions::new()
                .max_connections(24)
                .acquire_timeout(PATIENCE)
                // Not at each use, which would be one more question to the database for every other.
                .test_before_acquire(false)
                .before_acquire(|conn, of| Box::pin(still_alive(conn, of.idle_for)))
                .connect_lazy_with(options);
            reached(&pool).await?;
            Backend::Postgres(pool)
        } else {
            return Err(StoreError::Address);
        };
        Ok(Self { backend, on_wake })
    }

    /// Brings the schema to this version; safe when several nodes do it at once.
    ///
    /// # Errors
    /// [`StoreError`] where the database is unreachable, or newer than this program.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.write(|tx| Box::pin(migrations::apply(tx))).await,
            Backend::Postgres(pool) => {
                let (pool, on_wake) = (pool.clone(), self.on_wake.clone());
                writer::transact(pool, on_wake, FOR_MIGRATION, |tx| Box::pin(migrations::apply(tx))).await
            }
        }
    }

    /// Reads; several reads in one closure see no common snapshot.
    ///
    /// # Errors
    /// What the closure returns, or [`StoreError`] where no connection was free in two seconds.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send,
        E: From<StoreError>,
    {
        match &self.backend {
            Backend::Sqlite { readers, .. } => {
                let mut tx = Tx::new(Conn::Sqlite(readers.take()?));
                let result = work(&mut tx).await;
                if let Conn::Sqlite(sqlite) = tx.conn {
                    readers.give_back(sqlite);
                }
                result
            }
            Backend::Postgres(pool) => {
                let mut lent = Lent::new(pool.acquire().await.map_err(StoreError::from)?);
                let result = lent.within(LONGEST, work).await?;
                lent.give_back();
                result
            }
        }
    }

    /// Runs a closure as one transaction, to its end even where the caller goes away. Committed and durable when this
    /// returns `Ok`; undone when the closure returns `Err`.
    ///
    /// # Errors
    /// What the closure returns, or [`StoreError`] where the database refused or was too busy.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite { writer, .. } => writer.write(work).await,
            Backend::Postgres(pool) => {
                let (pool, on_wake) = (pool.clone(), self.on_wake.clone());
                match tokio::spawn(writer::transact(pool, on_wake, LONGEST, work)).await {
                    Ok(result) => result,
                    Err(_) => Err(StoreError::Lost.into()),
                }
            }
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] where it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|tx| {
            Box::pin(async move {
                crate::fetch_one!(tx, (i64,), "SELECT CAST(1 AS BIGINT)")?;
                Ok(())
            })
        })
        .await
    }

    /// Listens for wakes of other nodes until the task is dropped; returns at once on SQLite, where there are none.
    pub async fn listen(self) {
        let Backend::Postgres(pool) = &self.backend else { return };
        loop {
            if let Err(error) = Self::listen_once(pool, &self.on_wake).await {
                tracing::warn!(%error, "wakes of other nodes are not heard; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Hears wakes until the connection is lost, or has gone silent, which only a question on it can tell.
    async fn listen_once(pool: &PgPool, on_wake: &OnWake) -> Result<(), StoreError> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        // Whatever was woken while nobody listened.
        on_wake(Wake::Everyone);
        loop {
            match tokio::time::timeout(QUIET, listener.try_recv()).await {
                Ok(note) => {
                    let Some(note) = note? else { return Err(StoreError::Lost) };
                    if let Ok(key) = note.payload().parse::<WakeKey>() {
                        on_wake(Wake::Key(key));
                    }
                }
                Err(_) => {
                    let asked = sqlx::query("SELECT 1").execute(&mut listener);
                    tokio::time::timeout(PATIENCE, asked).await.map_err(|_| StoreError::Silent)??;
                }
            }
        }
    }
}

/// Whether an idle connection still answers; one that was in use a moment ago is believed to.
async fn still_alive(conn: &mut PgConnection, idle: Duration) -> Result<bool, sqlx::Error> {
    if idle > FRESH {
        conn.ping().await?;
    }
    Ok(true)
}

/// Waits for a database that is slow, or comes up after the server does, as they do when all is started at once.
async fn reached(pool: &PgPool) -> Result<(), StoreError> {
    let began = tokio::time::Instant::now();
    while let Err(error) = pool.acquire().await {
        let error = StoreError::from(error);
        if !matches!(error, StoreError::Busy) || began.elapsed() > AT_START {
            return Err(error);
        }
        tracing::warn!("the database cannot be reached yet; trying again");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;
    use crate::testkit::Kit;

    #[derive(Debug, PartialEq)]
    enum Refusal {
        Store(String),
        Mine,
    }

    impl From<StoreError> for Refusal {
        fn from(error: StoreError) -> Self {
            Self::Store(error.to_string())
        }
    }

    async fn prepare(store: &Store) {
        store
            .write(|tx| {
                Box::pin(async move {
                    crate::execute!(tx, "CREATE TABLE thing (id BIGINT NOT NULL, name TEXT, bytes TEXT)")?;
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    }

    async fn count(store: &Store) -> i64 {
        store
            .read(|tx| {
                Box::pin(async move {
                    let (n,) = crate::fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM thing")?;
                    Ok::<_, StoreError>(n)
                })
            })
            .await
            .unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_both_a_failed_write_leaves_no_trace_and_takes_nobody_with_it() {
        for kit in Kit::both().await {
            let store = kit.state.store.clone();
            prepare(&store).await;
            let writes = (0..40i64).map(|n| {
                let store = store.clone();
                async move {
                    store
                        .write(move |tx| {
                            Box::pin(async move {
                                crate::execute!(tx, "INSERT INTO thing (id, name) VALUES ($1, $2)", n, "x")?;
                                if n % 4 == 0 { Err(Refusal::Mine) } else { Ok(n) }
                            })
                        })
                        .await
                }
            });
            // As many at once as share a group, and as PostgreSQL opens connections for in time on a slow machine.
            let results: Vec<_> = futures::stream::iter(writes).buffer_unordered(8).collect().await;
            assert_eq!(results.iter().filter(|result| **result == Err(Refusal::Mine)).count(), 10);
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 30);
            assert_eq!(count(&store).await, 30);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_both_a_panicking_or_refused_write_is_undone_and_the_store_lives_on() {
        for kit in Kit::both().await {
            let store = kit.state.store.clone();
            prepare(&store).await;
            let lost = store
                .write(|tx| {
                    Box::pin(async move {
                        crate::execute!(tx, "INSERT INTO thing (id) VALUES (1)")?;
                        if true {
                            panic!("a fault in a closure");
                        }
                        Ok::<_, StoreError>(())
                    })
                })
                .await;
            assert!(matches!(lost, Err(StoreError::Lost)));
            let refused = store
                .write(|tx| {
                    Box::pin(async move {
                        crate::execute!(tx, "INSERT INTO thing (id) VALUES (2)")?;
                        crate::execute!(tx, "INSERT INTO nowhere (id) VALUES (2)")?;
                        Ok::<_, StoreError>(())
                    })
                })
                .await;
            assert!(matches!(refused, Err(StoreError::Unavailable(_))));
            assert_eq!(count(&store).await, 0);
            store.ping().await.unwrap();
        }
    }

    #[tokio::test]
    async fn on_both_migrating_twice_changes_nothing() {
        for kit in Kit::both().await {
            kit.state.store.migrate().await.unwrap();
        }
    }
}
