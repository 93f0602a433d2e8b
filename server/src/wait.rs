//! Long polls wait here: many waiters per key, no database connection and no lock held while waiting.
//!
//! A key stands for what may change (a login transaction); [`crate::store::Tx::wake`] wakes it once the change is
//! committed, on every node. A wake carries no state: who is woken reads the database again, so that a late, doubled or
//! foreign wake does no harm. A waiter registers before it reads, so that a change between its read and its wait is not
//! missed, and leaves nothing behind when it goes away.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::store::{OnWake, Wake, WakeKey};

/// The key of a login transaction: woken when it is linked, authenticated, approved, denied or over.
#[must_use]
pub fn transaction(id: i64) -> WakeKey {
    let digest: [u8; 32] =
        Sha256::new_with_prefix(b"tessera/wait/transaction").chain_update(id.to_be_bytes()).finalize().into();
    digest.first_chunk().map_or(id, |head| WakeKey::from_be_bytes(*head))
}

/// The key of what clients are to be told: woken when there is something to deliver.
#[must_use]
pub fn logout_notices() -> WakeKey {
    let digest: [u8; 32] = Sha256::digest(b"tessera/wait/logout-notices").into();
    digest.first_chunk().map_or(0, |head| WakeKey::from_be_bytes(*head))
}

/// The key of all changes of persons: woken when one is noted, for whoever tells others of it.
#[must_use]
pub fn person_changes() -> WakeKey {
    let digest: [u8; 32] = Sha256::digest(b"tessera/wait/person-changes").into();
    digest.first_chunk().map_or(0, |head| WakeKey::from_be_bytes(*head))
}

/// The key of what services have subscribed to: woken when there is something to tell them.
#[must_use]
pub fn events() -> WakeKey {
    let digest: [u8; 32] = Sha256::digest(b"tessera/wait/events").into();
    digest.first_chunk().map_or(0, |head| WakeKey::from_be_bytes(*head))
}

/// The key of finalized enrollments: woken when there is one to take on.
#[must_use]
pub fn enrollments() -> WakeKey {
    let digest: [u8; 32] = Sha256::digest(b"tessera/wait/enrollments").into();
    digest.first_chunk().map_or(0, |head| WakeKey::from_be_bytes(*head))
}

struct Waiters {
    count: usize,
    wakes: watch::Sender<()>,
}

/// Why a waiter goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Its key was woken: something may have changed.
    Changed,
    /// Its time is up.
    Late,
    /// The server stops.
    Closed,
}

/// Everyone who waits on this node. One for the server, made before the store, which wakes it.
#[derive(Default)]
pub struct Hub {
    keys: Mutex<HashMap<WakeKey, Waiters>>,
    /// Places of the server's own work.
    work: AtomicUsize,
    closed: AtomicBool,
}

impl Hub {
    /// An empty one.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What the store calls after each commit, and for wakes of other nodes.
    #[must_use]
    pub fn on_wake(self: &Arc<Self>) -> OnWake {
        let hub = Arc::clone(self);
        Arc::new(move |wake| match wake {
            Wake::Key(key) => hub.wake(key),
            Wake::Everyone => hub.wake_everyone(),
        })
    }

    /// Wakes everyone who waits for `key`.
    pub fn wake(&self, key: WakeKey) {
        if let Some(waiters) = self.keys().get(&key) {
            waiters.wakes.send_replace(());
        }
    }

    /// Wakes everyone: after wakes of other nodes may have been missed.
    pub fn wake_everyone(&self) {
        self.keys().values().for_each(|waiters| waiters.wakes.send_replace(()));
    }

    /// Lets every poll end as if its time were up, now and from now on: for a graceful stop.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.wake_everyone();
    }

    /// Polls that wait now, for metrics.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let all: usize = self.keys().values().map(|waiters| waiters.count).sum();
        all.saturating_sub(self.work.load(Ordering::SeqCst))
    }

    /// Reads until there is something to tell, at once and after each wake; `None` when `longest` has passed.
    ///
    /// `read` answers `None` for *nothing yet*; it holds a connection, and its memory, only while it runs.
    ///
    /// # Errors
    /// What `read` returns.
    pub async fn until<T, E, F, R>(
        self: &Arc<Self>,
        key: WakeKey,
        longest: Duration,
        mut read: R,
    ) -> Result<Option<T>, E>
    where
        R: FnMut() -> F,
        F: Future<Output = Result<Option<T>, E>>,
    {
        let mut place = self.watch(key);
        let deadline = Instant::now() + longest;
        loop {
            if let Some(found) = Box::pin(read()).await? {
                return Ok(Some(found));
            }
            match place.woken(deadline).await {
                Woken::Changed => {}
                // Once more: another node's wake may have been lost with the connection that carries wakes.
                Woken::Late | Woken::Closed => return Box::pin(read()).await,
            }
        }
    }

    /// A place to wait at for several changes of `key`: those from now on are told, one after the other.
    pub fn watch(self: &Arc<Self>, key: WakeKey) -> Watch {
        let mut keys = self.keys();
        let waiters = keys.entry(key).or_insert_with(|| Waiters { count: 0, wakes: watch::Sender::new(()) });
        waiters.count += 1;
        Watch { hub: Arc::clone(self), key, wakes: waiters.wakes.subscribe(), works: false }
    }

    /// As [`Hub::watch`], for work that waits for as long as the server runs: nobody's poll, so not among
    /// [`Hub::waiting`].
    pub fn watch_for_work(self: &Arc<Self>, key: WakeKey) -> Watch {
        let mut place = self.watch(key);
        place.works = true;
        self.work.fetch_add(1, Ordering::SeqCst);
        place
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<WakeKey, Waiters>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One waiter's place; leaving frees it, also when the poll is dropped because its caller went away.
pub struct Watch {
    hub: Arc<Hub>,
    key: WakeKey,
    wakes: watch::Receiver<()>,
    works: bool,
}

impl Watch {
    /// Waits for a wake, `deadline` or the server's stop. A wake between two calls is told by the second, so that
    /// nothing is missed by who reads in between.
    pub async fn woken(&mut self, deadline: Instant) -> Woken {
        if self.hub.closed.load(Ordering::SeqCst) {
            return Woken::Closed;
        }
        match tokio::time::timeout_at(deadline, self.wakes.changed()).await {
            Err(_) => Woken::Late,
            Ok(_) if self.hub.closed.load(Ordering::SeqCst) => Woken::Closed,
            Ok(_) => Woken::Changed,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.works {
            self.hub.work.fetch_sub(1, Ordering::SeqCst);
        }
        if let Entry::Occupied(mut waiters) = self.hub.keys().entry(self.key) {
            waiters.get_mut().count -= 1;
            if waiters.get().count == 0 {
                waiters.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;
    use crate::testkit::Kit;

    const LONG: Duration = Duration::from_secs(30);

    async fn settled(hub: &Hub, waiting: usize) {
        while hub.waiting() != waiting {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_both_fifty_waiters_of_one_key_are_woken_by_one_commit() {
        for kit in Kit::both().await {
            let (hub, store) = (kit.state.waits.clone(), kit.state.store.clone());
            let done = Arc::new(AtomicBool::new(false));
            let polls: Vec<_> = (0..50)
                .map(|_| {
                    let (hub, done) = (hub.clone(), done.clone());
                    tokio::spawn(async move {
                        hub.until(7, LONG, || async { Ok::<_, StoreError>(done.load(Ordering::SeqCst).then_some(())) })
                            .await
                    })
                })
                .collect();
            settled(&hub, 50).await;
            store
                .write(move |tx| {
                    Box::pin(async move {
                        done.store(true, Ordering::SeqCst);
                        tx.wake(7);
                        Ok::<_, StoreError>(())
                    })
                })
                .await
                .unwrap();
            for poll in polls {
                assert_eq!(poll.await.unwrap().unwrap(), Some(()));
            }
            assert_eq!(hub.waiting(), 0);
        }
    }

    #[tokio::test]
    async fn the_servers_own_work_is_nobodys_poll() {
        let hub = Hub::new();
        let work = hub.watch_for_work(1);
        assert_eq!(hub.waiting(), 0);
        let poll = hub.watch(1);
        assert_eq!(hub.waiting(), 1);
        drop(work);
        assert_eq!(hub.waiting(), 1);
        drop(poll);
        assert_eq!(hub.waiting(), 0);
    }

    #[test]
    fn who_waits_holds_little_whatever_the_read_needs() {
        let hub = Hub::new();
        let wait = hub.until(1, LONG, || async {
            let page = [0_u8; 8192];
            tokio::task::yield_now().await;
            Ok::<_, ()>(page.first().copied())
        });
        assert!(size_of_val(&wait) < 1024, "{}", size_of_val(&wait));
    }

    #[tokio::test]
    async fn a_wake_between_the_read_and_the_wait_is_not_lost() {
        let hub = Hub::new();
        let reads = AtomicUsize::new(0);
        let found = hub
            .until(1, LONG, || {
                let first = reads.fetch_add(1, Ordering::SeqCst) == 0;
                if first {
                    hub.wake(1);
                }
                async move { Ok::<_, ()>((!first).then_some("changed")) }
            })
            .await;
        assert_eq!(found, Ok(Some("changed")));
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_watch_tells_every_change_the_end_of_its_time_and_the_stop() {
        let hub = Hub::new();
        let mut watch = hub.watch(1);
        hub.wake(2);
        assert_eq!(watch.woken(Instant::now()).await, Woken::Late);
        hub.wake(1);
        assert_eq!(watch.woken(Instant::now() + LONG).await, Woken::Changed);
        assert_eq!(watch.woken(Instant::now()).await, Woken::Late);
        hub.close();
        assert_eq!(watch.woken(Instant::now() + LONG).await, Woken::Closed);
        drop(watch);
        assert_eq!(hub.waiting(), 0);
    }

    #[tokio::test]
    async fn a_poll_ends_on_time_and_reads_once_more() {
        let hub = Hub::new();
        let reads = AtomicUsize::new(0);
        let found = hub
            .until(1, Duration::from_millis(5), || {
                reads.fetch_add(1, Ordering::SeqCst);
                async { Ok::<Option<()>, ()>(None) }
            })
            .await;
        assert_eq!(found, Ok(None));
        assert_eq!(reads.load(Ordering::SeqCst), 2);
    }

    /// L5: callers that close their sockets leave nothing.
    #[tokio::test]
    async fn polls_that_go_away_leave_nothing_behind() {
        let hub = Hub::new();
        for round in 0..10_000 {
            let waiting = hub.until(round % 7, LONG, || async { Ok::<Option<()>, ()>(None) });
            tokio::select! {
                biased;
                _ = waiting => unreachable!(),
                () = std::future::ready(()) => {}
            }
        }
        assert_eq!(hub.waiting(), 0);
        assert!(hub.keys().is_empty());
    }

    #[tokio::test]
    async fn a_closing_server_lets_its_polls_go() {
        let hub = Hub::new();
        let waiting = tokio::spawn({
            let hub = hub.clone();
            async move { hub.until(1, LONG, || async { Ok::<Option<()>, ()>(None) }).await }
        });
        settled(&hub, 1).await;
        hub.close();
        assert_eq!(waiting.await.unwrap(), Ok(None));
    }
}
