//! Sealing and hashing anew what older secrets sealed and hashed, so that they can be removed: in small batches, by any node,
//! as often as one likes.
//!
//! A value is replaced only where it still is what was read: a change that comes between wins. What does not open is left
//! as it is, and counted. A hash is made anew of what is sealed in its row; where a row has several, its room does it.

mod store;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use store::{Rehashed, Renewed};

use crate::clients;
use crate::enrollment::Fault as EnrollmentFault;
use crate::registry::{Fault, unique};
use crate::secrets::{Column, Hashed, SecretError, Seen};
use crate::state::AppState;
use crate::store::StoreError;
use crate::verification::identify;
use crate::{
    account, authorization, bankid, binding, consents, enrollment, events, factors, grants, identity, inbox, keys,
    linked, notifications, population, portability, registry, sessions, statistics,
};

/// Rows with several hashes that are looked at in one go.
const ROWS: i64 = 50;

/// Every column of hashes that are made of what is sealed beside them, one of each.
#[must_use]
pub fn hashed() -> Vec<Hashed> {
    [
        registry::HASHED,
        registry::HASHED_UINS,
        identity::HASHED,
        notifications::HASHED,
        population::HASHED,
        enrollment::HASHED,
    ]
    .concat()
}

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
        factors::SEALED,
        portability::SEALED,
    ]
    .concat()
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Values that are sealed under the newest secret now and were not before.
    pub resealed: u64,
    /// Rows with hashes that the newest secret makes now and did not before.
    pub rehashed: u64,
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

impl From<Fault> for ResealError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Store(error) => error.into(),
            Fault::Sealed(error) => error.into(),
        }
    }
}

impl From<EnrollmentFault> for ResealError {
    fn from(fault: EnrollmentFault) -> Self {
        match fault {
            EnrollmentFault::Store(error) => error.into(),
            EnrollmentFault::Secret(error) => error.into(),
        }
    }
}

/// Rows with several hashes each.
#[derive(Clone, Copy)]
enum Several {
    /// What enrollments are found by, with their buffers.
    Enrollments,
    /// What identities of the population registry are searched by.
    Identities,
}

/// What a walk goes through, one after the other.
#[derive(Clone, Copy)]
enum Part {
    Sealed(Column),
    Several(Several),
    Hashed(Hashed),
    /// By what persons who may be the same are found.
    Likeness,
}

fn parts() -> Vec<Part> {
    let sealed = columns().into_iter().map(Part::Sealed);
    let hashed = hashed().into_iter().map(Part::Hashed);
    let several = [Several::Enrollments, Several::Identities].map(Part::Several);
    // Buffers after their enrollments, with which they are found: only those that wait for theirs are left then.
    sealed.chain(several).chain(hashed).chain([Part::Likeness]).collect()
}

/// Where a walk stands.
#[derive(Debug, Default)]
struct Walk {
    part: usize,
    /// The key of the last row of the part, as text.
    after: Option<String>,
}

/// One batch of a part.
#[derive(Default)]
struct Batch {
    /// The key of the last row; `None` at the end.
    last: Option<String>,
    /// What the newest secret did not seal or hash; where it is renewed, only what was.
    stale: u64,
    unopened: u64,
}

/// Everything, to its end.
///
/// # Errors
/// [`ResealError`]; what was done until then stays done.
pub async fn all(state: &AppState) -> Result<Outcome, ResealError> {
    let mut outcome = Outcome { resealed: clients::reseal_secrets(state).await?, ..Outcome::default() };
    let (parts, mut walk) = (parts(), Walk::default());
    while step(state, &parts, &mut walk, &mut outcome, true).await? {}
    Ok(outcome)
}

/// How many values the newest secret did not seal, and how many rows have a hash that it did not make.
///
/// # Errors
/// [`ResealError`] where the database fails.
pub async fn left(state: &AppState) -> Result<u64, ResealError> {
    let mut outcome = Outcome { resealed: clients::stale_secrets(state).await?, ..Outcome::default() };
    let (parts, mut walk) = (parts(), Walk::default());
    while step(state, &parts, &mut walk, &mut outcome, false).await? {}
    Ok(outcome.resealed + outcome.rehashed)
}

/// One batch; `false` at the end. `renew`: whether what is found is made anew, or only counted.
async fn step(
    state: &AppState,
    parts: &[Part],
    walk: &mut Walk,
    outcome: &mut Outcome,
    renew: bool,
) -> Result<bool, ResealError> {
    let Some(part) = parts.get(walk.part) else { return Ok(false) };
    let after = walk.after.clone();
    let row = after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(i64::MIN);
    let Batch { last, stale, unopened } = match part {
        Part::Sealed(column) => sealed(state, *column, after, renew).await?,
        Part::Hashed(hashed) => rehashed(state, *hashed, after, renew).await?,
        Part::Several(rows) => several(state, *rows, row, renew).await?,
        Part::Likeness => likeness(state, renew).await?,
    };
    match part {
        Part::Sealed(_) => outcome.resealed += stale,
        _ => outcome.rehashed += stale,
    }
    outcome.unopened += unopened;
    *walk = match last {
        Some(last) => Walk { part: walk.part, after: Some(last) },
        None => Walk { part: walk.part + 1, after: None },
    };
    Ok(true)
}

async fn sealed(state: &AppState, column: Column, after: Option<String>, renew: bool) -> Result<Batch, ResealError> {
    let rows = store::rows(state, column, after).await?;
    let Some(last) = rows.last().map(|row| row.key[0].clone()) else { return Ok(Batch::default()) };
    let mut batch = Batch { last: Some(last), ..Batch::default() };
    let mut renewed = Vec::new();
    for row in rows {
        let Some(before) = row.stale else { continue };
        if !renew {
            batch.stale += 1;
            continue;
        }
        let key: Vec<&str> = row.key.iter().take(column.key.len()).map(String::as_str).collect();
        let context = (column.context)(&key);
        match state.secrets.open(column.purpose, &context, &before) {
            Ok(clear) => {
                let after = state.secrets.seal(column.purpose, &context, &clear, &*state.rng)?;
                renewed.push(Renewed { key: row.key, before, after });
            }
            Err(_) => batch.unopened += 1,
        }
    }
    if !renewed.is_empty() {
        batch.stale = store::renew(state, column, renewed).await?;
    }
    Ok(batch)
}

async fn several(state: &AppState, rows: Several, after: i64, renew: bool) -> Result<Batch, ResealError> {
    let inner = state.clone();
    let seen: Result<Vec<Seen>, StoreError> = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                match rows {
                    Several::Enrollments => enrollment::rehash::seen(&inner, tx, after, ROWS).await,
                    Several::Identities => population::rehash::seen(&inner, tx, after, ROWS).await,
                }
            })
        })
        .await;
    let seen = seen?;
    let stale: Vec<i64> = seen.iter().filter(|one| one.newest == Some(false)).map(|one| one.row).collect();
    let batch = Batch {
        last: seen.last().map(|last| last.row.to_string()),
        stale: stale.len() as u64,
        unopened: seen.iter().filter(|one| one.newest.is_none()).count() as u64,
    };
    if renew && !stale.is_empty() {
        let inner = state.clone();
        let renewed: Result<(), ResealError> = state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    for row in stale {
                        match rows {
                            Several::Enrollments => enrollment::rehash::renew(&inner, tx, row).await?,
                            Several::Identities => population::rehash::renew(&inner, tx, row).await?,
                        }
                    }
                    Ok(())
                })
            })
            .await;
        renewed?;
    }
    Ok(batch)
}

async fn rehashed(state: &AppState, hashed: Hashed, after: Option<String>, renew: bool) -> Result<Batch, ResealError> {
    let rows = store::hashed(state, hashed, after).await?;
    let Some(last) = rows.last().map(|row| row.key.clone()) else { return Ok(Batch::default()) };
    let mut batch = Batch { last: Some(last), ..Batch::default() };
    let mut renewed = Vec::new();
    for row in rows {
        // Of what is not written down yet nothing is found.
        let Some(sealed) = &row.sealed else { continue };
        let context = (hashed.sealed.context)(&[&row.key]);
        let with: Vec<&str> = row.with.iter().take(hashed.with.len()).map(String::as_str).collect();
        let clear = state.secrets.open(hashed.sealed.purpose, &context, sealed);
        let made = clear.ok().and_then(|clear| (hashed.made)(&state.secrets, &with, &clear));
        match made {
            Some(made) if made.newest() == row.hash => {}
            Some(made) => {
                renewed.push(Rehashed { key: row.key, before: row.hash, after: made.newest().to_vec() });
            }
            None => batch.unopened += 1,
        }
    }
    batch.stale = renewed.len() as u64;
    if renew && !renewed.is_empty() {
        batch.stale = store::rehash(state, hashed, renewed).await?;
    }
    Ok(batch)
}

/// Persons have no order here: each batch takes those whose blocks are not those of the present rules and secret.
async fn likeness(state: &AppState, renew: bool) -> Result<Batch, ResealError> {
    if renew {
        let stale = unique::reindex(state).await?;
        return Ok(Batch { last: (stale > 0).then(String::new), stale, unopened: 0 });
    }
    Ok(Batch { stale: u64::from(unique::is_stale(state).await?), ..Batch::default() })
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
    let went = step(state, &parts(), &mut walk, &mut outcome, true).await;
    *progress.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(walk);
    if outcome.unopened > 0 {
        tracing::warn!(values = outcome.unopened, "sealed values that no secret opens");
    }
    went
}
