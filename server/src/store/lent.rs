//! A PostgreSQL connection that is lent for one piece of work, and comes back to the pool only where that work came to its
//! end.

use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::Postgres;
use sqlx::pool::PoolConnection;

use super::StoreError;
use super::tx::{Conn, Tx};

/// How long one piece of work may hold a connection. A database that went silent (a network cut in two tells nobody) must
/// not keep connections, and so requests, for as long as TCP hopes.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// A connection in use. Dropped before [`Lent::give_back`], it is closed: in an unknown state, with an answer under way that
/// may never come, it must not go back to the pool, which would wait for that answer. SQLite's goes back always.
pub(super) struct Lent {
    tx: Option<Tx>,
}

impl Lent {
    pub(super) fn new(conn: PoolConnection<Postgres>) -> Self {
        Self { tx: Some(Tx::new(Conn::Postgres(conn))) }
    }

    /// Works with it, at most so long.
    ///
    /// # Errors
    /// [`StoreError::Silent`] where it took longer.
    pub(super) async fn within<T, F>(&mut self, limit: Duration, work: F) -> Result<T, StoreError>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, T>,
    {
        let Some(tx) = &mut self.tx else { return Err(StoreError::Lost) };
        tokio::time::timeout(limit, work(tx)).await.map_err(|_| StoreError::Silent)
    }

    /// Back to the pool.
    pub(super) fn give_back(mut self) {
        self.tx = None;
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(Tx { conn: Conn::Postgres(conn), .. }) = self.tx.take() {
            // Out of the pool, which may open another in its place; dropping it closes the socket.
            drop(conn.detach());
        }
    }
}
