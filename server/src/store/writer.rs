//! How writes reach the database: SQLite's single writer with group commit, PostgreSQL's transactions.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};

use super::lent::Lent;
use super::sqlite::Sqlite;
use super::tx::{Conn, Tx};
use super::{CHANNEL, OnWake, PATIENCE, StoreError, Wake};

/// Closures that share one commit at most; more would only delay the first.
const GROUP: usize = 64;
/// Closures that may wait; beyond, callers are told to come back.
const QUEUE: usize = 1024;

/// What is to be told once the group's commit has succeeded or failed.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// A write whose types are forgotten, so that different ones fit in one queue.
trait Job: Send {
    /// Runs it; `true` where it is to be kept.
    fn run<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, (bool, Answer)>;
}

struct Write<F, T, E> {
    work: F,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, (bool, Answer)> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            match AssertUnwindSafe(work(tx)).catch_unwind().await {
                Ok(result) => {
                    let keep = result.is_ok();
                    let tell: Answer = Box::new(move |committed| {
                        // A caller that went away needs no answer.
                        let _ = answer.send(result.and_then(|value| committed.map(|()| value).map_err(E::from)));
                    });
                    (keep, tell)
                }
                // The dropped sender tells the caller; the writer lives on.
                Err(_) => (false, Box::new(|_| ()) as Answer),
            }
        })
    }
}

/// The queue to SQLite's one writing connection.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread that writes. It is a thread of its own because a commit waits for the disk; it ends when the last
    /// handle to it is dropped.
    pub(super) fn start(sqlite: Sqlite, on_wake: OnWake) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let run = run_groups(Tx::new(Conn::Sqlite(sqlite)), jobs, on_wake);
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || futures::executor::block_on(run))
            .map_err(|error| StoreError::Unavailable(error.kind().to_string()))?;
        Ok(Self { queue })
    }

    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        self.queue.send_timeout(Box::new(Write { work, answer }), PATIENCE).await.map_err(|_| StoreError::Busy)?;
        outcome.await.unwrap_or_else(|_| Err(StoreError::Lost.into()))
    }
}

async fn run_groups(mut tx: Tx, mut jobs: mpsc::Receiver<Box<dyn Job>>, on_wake: OnWake) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        if !run_group(&mut tx, std::mem::take(&mut group), &on_wake).await {
            // Who waited behind them has waited long enough: another process holds the lock, or the disk is gone (F5).
            while jobs.try_recv().is_ok() {}
        }
    }
}

/// One commit for all. Each job sits in a savepoint, so that one that fails takes nobody with it. `false` where the
/// database takes no writes now.
///
/// A job that is dropped drops its sender, which answers its caller.
async fn run_group(tx: &mut Tx, group: Vec<Box<dyn Job>>, on_wake: &OnWake) -> bool {
    if let Err(error) = crate::execute!(tx, "BEGIN IMMEDIATE") {
        tracing::error!(%error, "the database takes no writes");
        // A transaction that an earlier fault left open would refuse every later one.
        let _ = crate::execute!(tx, "ROLLBACK");
        return false;
    }
    tx.wakes.clear();
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        let woken = tx.wakes.len();
        if let Err(error) = crate::execute!(tx, "SAVEPOINT job") {
            tracing::error!(%error, "a write could not begin");
            break;
        }
        let (keep, answer) = job.run(tx).await;
        let end = if keep {
            crate::execute!(tx, "RELEASE job")
        } else {
            tx.wakes.truncate(woken);
            match crate::execute!(tx, "ROLLBACK TO job") {
                Ok(_) => crate::execute!(tx, "RELEASE job"),
                Err(error) => Err(error),
            }
        };
        match end {
            Ok(_) => answers.push(answer),
            Err(error) => {
                // SQLite rolled all of it back by itself, as it does on a full disk (F2): a later savepoint would be a
                // transaction of its own, committed before its group is.
                tracing::error!(%error, "a group of writes was undone");
                answer(Err(error));
                break;
            }
        }
    }
    match crate::execute!(tx, "COMMIT") {
        Ok(_) => {
            answers.into_iter().for_each(|answer| answer(Ok(())));
            tx.wakes.drain(..).for_each(|key| on_wake(Wake::Key(key)));
        }
        Err(error) => {
            tracing::error!(%error, "a group of writes could not be committed");
            // Where the database rolled back by itself (a full disk does that), this fails and does no harm.
            let _ = crate::execute!(tx, "ROLLBACK");
            let told = error.to_string();
            answers.into_iter().for_each(|answer| answer(Err(StoreError::Unavailable(told.clone()))));
        }
    }
    true
}

/// One PostgreSQL transaction; runs as a task of its own, so that a caller that goes away leaves none open.
pub(super) async fn transact<T, E, F>(pool: PgPool, on_wake: OnWake, limit: Duration, work: F) -> Result<T, E>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let conn = pool.acquire().await.map_err(StoreError::from)?;
    let mut lent = Lent::new(conn);
    let (result, reusable) = lent.within(limit, |tx| Box::pin(run_one(tx, on_wake, work))).await??;
    if reusable {
        lent.give_back();
    }
    result
}

/// The transaction itself, and whether its connection is good for another one.
async fn run_one<T, E, F>(tx: &mut Tx, on_wake: OnWake, work: F) -> Result<(Result<T, E>, bool), StoreError>
where
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    crate::execute!(tx, "BEGIN")?;
    match AssertUnwindSafe(work(tx)).catch_unwind().await {
        Ok(Ok(value)) => match commit(tx).await {
            Ok(()) => {
                tx.wakes.drain(..).for_each(|key| on_wake(Wake::Key(key)));
                Ok((Ok(value), true))
            }
            Err(error) => Ok((Err(error.into()), false)),
        },
        Ok(Err(error)) => {
            let undone = crate::execute!(tx, "ROLLBACK").is_ok();
            Ok((Err(error), undone))
        }
        Err(_) => Ok((Err(StoreError::Lost.into()), false)),
    }
}

/// Other nodes hear of a wake exactly when its transaction is visible to them.
async fn commit(tx: &mut Tx) -> Result<(), StoreError> {
    for key in tx.wakes.clone() {
        crate::execute!(tx, "SELECT pg_notify($1, $2)", CHANNEL, key.to_string())?;
    }
    crate::execute!(tx, "COMMIT")?;
    Ok(())
}
