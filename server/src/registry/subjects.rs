//! Pairwise subjects (OpenID Connect Core §8.1): what a relying party knows a person by. Derived, unless one was imported
//! from the server that the person used before: relying parties keep their accounts under it.

use std::sync::atomic::{AtomicI64, Ordering};

use super::model::PersonId;
use super::store::subjects as store;
use super::subject;
use crate::clock::Millis;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// How long a node believes that nothing was imported. An import shows on a running server after this time at most.
const BELIEVED: Millis = 10_000;
/// Bytes of a subject at most (OpenID Connect Core §2).
const LONGEST: usize = 255;

/// Until when this node need not ask whether any subject was imported.
#[derive(Default)]
struct NoneUntil(AtomicI64);

/// What a relying party knows a person by: the imported subject, else the derived one.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn subject_for(state: &AppState, person: PersonId, relying_party_id: &str) -> Result<String, StoreError> {
    let none_until = state.kept.get::<NoneUntil>();
    let now = state.clock.now();
    if now < none_until.0.load(Ordering::Relaxed) {
        return Ok(subject(state, person, relying_party_id));
    }
    let party = relying_party_id.to_owned();
    let (any, found) = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let any = store::any(tx).await?;
                Ok::<_, StoreError>((any, if any { store::find(tx, &party, person).await? } else { None }))
            })
        })
        .await?;
    if !any {
        none_until.0.store(now + BELIEVED, Ordering::Relaxed);
    }
    Ok(found.unwrap_or_else(|| subject(state, person, relying_party_id)))
}

/// What became of a subject to be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is the person's now.
    Added,
    /// It was so already.
    Present,
    /// The person has another one at this relying party, or another person has this one.
    Taken,
    /// Blank, longer than 255 bytes, or not visible ASCII.
    Malformed,
}

/// Gives a person the subject that a relying party knows him by. What is there already is never replaced.
///
/// # Errors
/// [`StoreError`].
pub async fn import(
    tx: &mut Tx,
    relying_party_id: &str,
    person: PersonId,
    subject: &str,
) -> Result<Imported, StoreError> {
    if !(1..=LONGEST).contains(&subject.len()) || !subject.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Imported::Malformed);
    }
    if store::insert(tx, relying_party_id, person, subject).await? {
        return Ok(Imported::Added);
    }
    let found = store::find(tx, relying_party_id, person).await?;
    Ok(if found.as_deref() == Some(subject) { Imported::Present } else { Imported::Taken })
}

/// Imported subjects after one of a relying party and a person, in the order of both, at most `most`.
///
/// # Errors
/// [`StoreError`].
pub async fn after(
    tx: &mut Tx,
    relying_party_id: &str,
    person: PersonId,
    most: u32,
) -> Result<Vec<(String, PersonId, String)>, StoreError> {
    store::after(tx, relying_party_id, person, most.into()).await
}

/// By what a subject that was told is found again. Under the key of the subjects themselves, which never changes.
fn told_lookup(state: &AppState, relying_party_id: &str, subject: &str) -> Vec<u8> {
    state.secrets.mac(Purpose::Subject, &[b"told", relying_party_id.as_bytes(), subject.as_bytes()])
}

/// Keeps that a relying party is told a person's derived subject, in the write that leads to it, so that [`whose`] finds the
/// person by it.
///
/// # Errors
/// [`StoreError`].
pub async fn told(state: &AppState, tx: &mut Tx, person: PersonId, relying_party_id: &str) -> Result<(), StoreError> {
    let lookup = told_lookup(state, relying_party_id, &subject(state, person, relying_party_id));
    store::insert_told(tx, &lookup, person).await
}

/// Whose told subjects there are, and to whom they were told.
pub struct Told {
    /// The last look-up that was gone through.
    pub last: Vec<u8>,
    /// Persons and relying parties, as far as `parties` has the relying party.
    pub subjects: Vec<(PersonId, String)>,
}

/// Subjects that were told, in the order of their look-ups above `after`, at most `most`; `None` where there are no more.
/// What lies is a keyed hash, so that each of `parties` is tried.
///
/// # Errors
/// [`StoreError`].
pub async fn told_after(
    state: &AppState,
    after: Vec<u8>,
    most: u32,
    parties: &[String],
) -> Result<Option<Told>, StoreError> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::told_after(tx, &after, most.into()).await }));
    let rows: Vec<(Vec<u8>, PersonId)> = rows.await?;
    let Some((last, _)) = rows.last() else { return Ok(None) };
    let last = last.clone();
    let mut subjects = Vec::new();
    for (lookup, person) in rows {
        for party in parties {
            if told_lookup(state, party, &subject(state, person, party)) == lookup {
                subjects.push((person, party.clone()));
                break;
            }
        }
    }
    Ok(Some(Told { last, subjects }))
}

/// The person whom a relying party was told under this subject, or had under it before an import; active or not.
///
/// # Errors
/// [`StoreError`].
pub async fn whose(state: &AppState, relying_party_id: &str, subject: &str) -> Result<Option<PersonId>, StoreError> {
    let lookup = told_lookup(state, relying_party_id, subject);
    let (party, subject) = (relying_party_id.to_owned(), subject.to_owned());
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                match store::imported_as(tx, &party, &subject).await? {
                    Some(person) => Ok(Some(person)),
                    None => store::told_as(tx, &lookup).await,
                }
            })
        })
        .await
}
