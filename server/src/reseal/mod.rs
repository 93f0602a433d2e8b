//! Sealing anew what older secrets sealed, so that they can be removed: in small batches, by any node, as often as one likes.
//!
//! A value is replaced only where it still is what was read: a change that comes between wins. What does not open is left
//! as it is, and counted.

mod store;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use store::Renewed;

use crate::clients;
use crate::secrets::{Column, SecretError};
use crate::state::AppState;
use crate::store::StoreError;
use crate::verification::identify;
use crate::{
    account, authorization, bankid, binding, consents, enrollment, events, grants, identity, inbox, keys, linked,
    notifications, population, registry, sessions, statistics,
};

/// Every column of sealed values. Secrets of clients are not among them: they lie inside their registration.
#[must_use]
pub fn columns() -> Vec<Column> {
    [
        registry::SEALED,
        registry::SEALED_HISTORY,
        registry::SEALED_UINS,
        identity::SEALED,
        keys::SEALED,
        binding::SEALED_KEY,
        binding::SEALED_NAME,
        consents::SEALED,
        grants::SEALED,
        sessions::SEALED,
        account::SEALED,
        authorization::store::SEALED_TRANSACTION,
        authorization::par::SEALED_REQUEST,
        authorization::consent::SEALED_CONSENT,
        linked::SEALED,
        bankid::notifications::SEALED,
        events::SEALED,
        inbox::SEALED,
        identify::SEALED,
        notifications::SEALED,
        population::SEALED,
        enrollment::SEALED,
        statistics::SEALED,
    ]
    .concat()
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Values that are sealed under the newest secret now and were not before.
    pub resealed: u64,
    /// Values that no secret opens.
    pub unopened: u64,
}

/// Why it stopped.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A client.
    #[error(transparent)]
    Client(#[from] clients::ManagementError),
}

/// Where a walk through all columns stands.
#[derive(Debug, Default)]
struct Walk {
    column: usize,
    after: Option<String>,
}

/// Everything, to its end.
///
/// # Errors
/// [`ResealError`]; what was done until then stays done.
pub async fn all(state: &AppState) -> Result<Outcome, ResealError> {
    let mut outcome = Outcome { resealed: clients::reseal_secrets(state).await?, unopened: 0 };
    let (columns, mut walk) = (columns(), Walk::default());
    while step(state, &columns, &mut walk, &mut outcome).await? {}
    Ok(outcome)
}

/// How many values are not sealed under the newest secret.
///
/// # Errors
/// [`ResealError`] where the database fails.
pub async fn left(state: &AppState) -> Result<u64, ResealError> {
    let mut left = clients::stale_secrets(state).await?;
    for column in columns() {
        let mut after = None;
        loop {
            let rows = store::rows(state, column, after).await?;
            let Some(last) = rows.last() else { break };
            left += rows.iter().filter(|row| row.stale.is_some()).count() as u64;
            after = Some(last.key[0].clone());
        }
    }
    Ok(left)
}

/// One batch; `false` at the end.
async fn step(
    state: &AppState,
    columns: &[Column],
    walk: &mut Walk,
    outcome: &mut Outcome,
) -> Result<bool, ResealError> {
    let Some(column) = columns.get(walk.column) else { return Ok(false) };
    let rows = store::rows(state, *column, walk.after.clone()).await?;
    let Some(last) = rows.last().map(|row| row.key[0].clone()) else {
        *walk = Walk { column: walk.column + 1, after: None };
        return Ok(true);
    };
    let mut renewed = Vec::new();
    for row in rows {
        let Some(before) = row.stale else { continue };
        let key: Vec<&str> = row.key.iter().take(column.key.len()).map(String::as_str).collect();
        let context = (column.context)(&key);
        match state.secrets.open(column.purpose, &context, &before) {
            Ok(clear) => {
                let after = state.secrets.seal(column.purpose, &context, &clear, &*state.rng)?;
                renewed.push(Renewed { key: row.key, before, after });
            }
            Err(_) => outcome.unopened += 1,
        }
    }
    if !renewed.is_empty() {
        outcome.resealed += store::renew(state, *column, renewed).await?;
    }
    walk.after = Some(last);
    Ok(true)
}

/// What a node remembers of its own work.
#[derive(Default)]
struct Progress(Mutex<Option<Walk>>);

/// One batch of a node's own walk, for the job; `false` at its end, and from then on. Nothing is done while one secret is all
/// there is.
///
/// # Errors
/// [`ResealError`]; the next call goes on from there.
pub async fn batch(state: &AppState) -> Result<bool, ResealError> {
    if !state.secrets.are_several() {
        return Ok(false);
    }
    let progress = state.kept.get::<Progress>();
    let known = progress.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let mut walk = match known {
        Some(walk) => walk,
        None => {
            clients::reseal_secrets(state).await?;
            Walk::default()
        }
    };
    let mut outcome = Outcome::default();
    let went = step(state, &columns(), &mut walk, &mut outcome).await;
    *progress.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(walk);
    if outcome.unopened > 0 {
        tracing::warn!(values = outcome.unopened, "sealed values that no secret opens");
    }
    went
}
