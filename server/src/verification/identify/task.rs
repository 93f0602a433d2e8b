//! Searching a watch list, at once or as a task. A task is a row: any node goes on with it where the one that began was
//! stopped, and whoever is first writes the result.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{entry, store};
use crate::clients::Client;
use crate::osia::Refusal;
use crate::registry::Fault;
use crate::secrets::{Purpose, SecretError};
use crate::state::AppState;
use crate::store::StoreError;
use crate::verification::answer::Wanted;
use crate::verification::model::ToldAttributes;
use crate::verification::sets::Set;

/// Entries read at once.
const PAGE: i64 = 500;
/// Entries that one search finds at most: whoever finds more must say more.
pub(super) const MOST_FOUND: usize = 100;
/// Milliseconds after which a task that nobody has finished is begun again.
const PATIENCE: i64 = 30_000;

/// What is sought, and what is told of those who are found.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Search {
    pub(super) gallery: String,
    pub(super) sought: Vec<(String, Value)>,
    pub(super) set: String,
}

pub(super) fn context(id: i64, part: &str) -> Vec<u8> {
    format!("identify_task/{id}/{part}").into_bytes()
}

impl Search {
    /// How many entries it looks at.
    pub(super) async fn size(&self, state: &AppState) -> Result<i64, StoreError> {
        let gallery = self.gallery.clone();
        state.store.read(move |tx| Box::pin(async move { store::count(tx, &gallery).await })).await
    }

    /// Looks at every entry of the list.
    pub(super) async fn run(&self, state: &AppState) -> Result<Vec<ToldAttributes>, Fault> {
        let Some(set) = Set::named(&state.config.verification, &self.set) else { return Ok(Vec::new()) };
        let wanted = Wanted::new(set.wanted());
        let mut found = Vec::new();
        let mut after = i64::MIN;
        loop {
            let gallery = self.gallery.clone();
            let rows = state
                .store
                .read(move |tx| Box::pin(async move { store::page(tx, &gallery, after, PAGE).await }))
                .await?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = last.id;
            for row in &rows {
                let claims = entry::open(state, row)?;
                if entry::is_sought(&claims, &self.sought) {
                    found.push(wanted.of(&claims));
                }
                if found.len() == MOST_FOUND {
                    return Ok(found);
                }
            }
        }
    }

    /// Becomes a task: the row of the caller's transaction.
    pub(super) fn seal(&self, state: &AppState, id: i64) -> Result<Vec<u8>, SecretError> {
        let clear = Zeroizing::new(serde_json::to_vec(self).map_err(|_| SecretError::Sealed)?);
        state.secrets.seal(Purpose::Biographics, &context(id, "search"), &clear, &*state.rng)
    }

    fn open(state: &AppState, task: &store::Task) -> Result<Self, Fault> {
        let clear = state.secrets.open(Purpose::Biographics, &context(task.id, "search"), &task.content)?;
        serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "search" }.into())
    }
}

/// Runs a task and writes its result.
pub(super) async fn run(state: &AppState, task: store::Task) -> Result<(), Fault> {
    let found = Search::open(state, &task)?.run(state).await?;
    let clear = Zeroizing::new(serde_json::to_vec(&found).map_err(|_| SecretError::Sealed)?);
    let sealed = state.secrets.seal(Purpose::Biographics, &context(task.id, "result"), &clear, &*state.rng)?;
    let id = task.id;
    state.store.write(move |tx| Box::pin(async move { store::finish(tx, id, &sealed).await })).await?;
    Ok(())
}

/// Goes on with a task whose node was stopped; gives how many, 0 or 1.
///
/// # Errors
/// [`StoreError`].
pub async fn tend(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    let before = state.ids.first_at(now - PATIENCE);
    let task = state.store.read(move |tx| Box::pin(store::unfinished(tx, before, now))).await?;
    let Some(task) = task else { return Ok(0) };
    match run(state, task).await {
        Ok(()) => Ok(1),
        Err(Fault::Store(error)) => Err(error),
        Err(Fault::Sealed(error)) => {
            tracing::error!(%error, "a search of a watch list does not open");
            Ok(0)
        }
    }
}

/// The result of a task of this client: `None` of an unknown one, `Some(None)` while it is running.
pub(super) async fn result(
    state: &AppState,
    client: &Client,
    id: i64,
) -> Result<Option<Option<Vec<ToldAttributes>>>, Refusal> {
    let now = state.clock.now();
    let task: Option<store::Task> = state.store.read(move |tx| Box::pin(store::task(tx, id, now))).await?;
    let own = |task: &store::Task| task.client_mount == client.mount.name() && task.client_id == client.id;
    let Some(task) = task.filter(own) else { return Ok(None) };
    let Some(sealed) = task.result else { return Ok(Some(None)) };
    let clear = state.secrets.open(Purpose::Biographics, &context(id, "result"), &sealed)?;
    let found = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "search" })?;
    Ok(Some(Some(found)))
}
