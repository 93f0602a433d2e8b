//! Clients kept in memory for a few seconds: every request of every flow asks for one. A change made on this node is
//! seen at once, one made on another node within [`LIFE`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::model::Client;
use crate::clock::Millis;
use crate::dialect::Mount;

/// How long a copy is good.
const LIFE: Millis = 5_000;
/// Copies at most.
const MOST: usize = 4_096;

#[derive(Default)]
pub(super) struct Cache(Mutex<Copies>);

#[derive(Default)]
struct Copies {
    clients: HashMap<(Mount, String), (Millis, Arc<Client>)>,
    /// Counts changes: what was read before one must not be kept after it.
    changes: u64,
}

impl Cache {
    fn copies(&self) -> MutexGuard<'_, Copies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A good copy, or what to show to [`Cache::keep`] after reading the database.
    pub(super) fn find(&self, mount: Mount, id: &str, now: Millis) -> Result<Arc<Client>, u64> {
        let copies = self.copies();
        match copies.clients.get(&(mount, id.to_owned())) {
            Some((until, client)) if now < *until => Ok(client.clone()),
            _ => Err(copies.changes),
        }
    }

    /// Keeps a copy, unless something changed since it was asked for.
    pub(super) fn keep(&self, client: &Arc<Client>, asked_at: u64, now: Millis) {
        let mut copies = self.copies();
        if copies.changes != asked_at {
            return;
        }
        if copies.clients.len() >= MOST {
            copies.clients.retain(|_, (until, _)| now < *until);
        }
        if copies.clients.len() < MOST {
            copies.clients.insert((client.mount, client.id.clone()), (now + LIFE, client.clone()));
        }
    }

    /// Forgets a client that was changed.
    pub(super) fn forget(&self, mount: Mount, id: &str) {
        let mut copies = self.copies();
        copies.changes += 1;
        copies.clients.remove(&(mount, id.to_owned()));
    }
}
