//! Whether a person is in the registry already (GS-UNQ-01), by the keys that the configuration names.
//!
//! The database holds no clear value for it: persons who may be the same share a *block*, a keyed hash of how their
//! attributes sound. Those of one block are opened and compared. Who adds blocks holds one row until the end of the
//! transaction, so that of two who come at once the second sees the first.

mod key;
mod plain;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::model::{Fault, PersonId};
use super::sealed;
use super::store::{self as rows, uniqueness as store};
use crate::secrets::{Hash, Purpose};
use crate::state::AppState;
use crate::store::{StoreError, Tx, take_turn};

/// Bytes of a block's hash that are kept.
const HASH: usize = 16;
/// Persons of one block that are looked at, at most: what so many have in common tells nobody apart.
const CROWD: i64 = 200;
/// Persons that get new blocks in one transaction.
const BATCH: i64 = 100;

/// Somebody who may be the same person.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// Who.
    pub person: PersonId,
    /// From 0 to 1; 1: the attributes of a key are the same, but for their spelling.
    pub likeness: f64,
    /// Which of the configured keys, from 0.
    pub key: usize,
}

/// The rules that blocks are made under, in a few letters: others, where the configuration or the secret is another.
#[must_use]
pub fn rules(state: &AppState) -> String {
    let keys = serde_json::to_vec(&state.config.identity.unique).unwrap_or_default();
    let digest = Sha256::digest([b"1/", state.secrets.hashed_with().as_bytes(), b"/", &keys].concat());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The hashes of a person's blocks, each once.
fn blocks(state: &AppState, attributes: &Map<String, Value>) -> Vec<Hash> {
    let mut hashes = Vec::new();
    for one in &state.config.identity.unique {
        // Keys of the same attributes share their blocks, wherever they stand in the configuration.
        let names = one.attributes.join(" ");
        for values in key::values(one, attributes) {
            for block in key::blocks(one, &values) {
                let parts: Vec<&[u8]> =
                    std::iter::once(names.as_bytes()).chain(block.iter().map(String::as_bytes)).collect();
                hashes.push(state.secrets.hash(Purpose::Uniqueness, &parts).truncated(HASH));
            }
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// Writes a person's blocks in place of those that were there.
pub(super) async fn index(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    attributes: &Map<String, Value>,
) -> Result<(), StoreError> {
    take_turn(tx).await?;
    store::replace(tx, person, &blocks(state, attributes), &rules(state)).await
}

/// Whoever is in the registry and may be the same as a person with these attributes, the most alike first. Nobody else adds
/// a person until this transaction ends.
///
/// # Errors
/// [`Fault`] where the database does not answer or somebody's attributes do not open.
pub async fn alike(
    state: &AppState,
    tx: &mut Tx,
    attributes: &Map<String, Value>,
    except: Option<PersonId>,
) -> Result<Vec<Alike>, Fault> {
    take_turn(tx).await?;
    let keys = &state.config.identity.unique;
    let mine: Vec<Vec<key::Values>> = keys.iter().map(|one| key::values(one, attributes)).collect();
    let mut candidates = Vec::new();
    for hash in blocks(state, attributes) {
        for hash in hash.each() {
            candidates.extend(store::of_block(tx, hash, CROWD).await?);
        }
    }
    candidates.sort_unstable();
    candidates.dedup();
    let mut found: BTreeMap<PersonId, Alike> = BTreeMap::new();
    for person in candidates.into_iter().filter(|person| Some(*person) != except) {
        let Some(row) = rows::biographics(tx, person).await? else { continue };
        let known = sealed::open_biographics(state, person, &row.biographics)?;
        for (place, (one, mine)) in keys.iter().zip(&mine).enumerate() {
            let theirs = key::values(one, &known);
            let pairs = mine.iter().flat_map(|mine| theirs.iter().map(move |theirs| key::likeness(mine, theirs)));
            let likeness = pairs.fold(0.0, f64::max);
            let enough = if one.fuzzy { f64::from(one.likeness) / 100.0 } else { 1.0 };
            if likeness >= enough && found.get(&person).is_none_or(|known| known.likeness < likeness) {
                found.insert(person, Alike { person, likeness, key: place });
            }
        }
    }
    let mut found: Vec<Alike> = found.into_values().collect();
    found.sort_by(|one, other| other.likeness.total_cmp(&one.likeness));
    Ok(found)
}

/// Whether there is a person whose blocks were made under other rules or another secret, or not at all.
///
/// # Errors
/// [`StoreError`].
pub async fn is_stale(state: &AppState) -> Result<bool, StoreError> {
    let wanted = rules(state);
    let others = state.store.read(move |tx| Box::pin(async move { store::others(tx, &wanted, 1).await })).await?;
    let others: Vec<PersonId> = others;
    Ok(!others.is_empty())
}

/// Makes the blocks of a batch of persons who have none yet, or some of other rules; gives how many. Until it gives 0,
/// [`alike`] may miss somebody.
///
/// # Errors
/// As [`alike`].
pub async fn reindex(state: &AppState) -> Result<u64, Fault> {
    let wanted = rules(state);
    let others = state.store.read(move |tx| Box::pin(async move { store::others(tx, &wanted, BATCH).await })).await?;
    let others: Vec<PersonId> = others;
    if others.is_empty() {
        return Ok(0);
    }
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                // All persons first, then the turn: whoever changes one goes the same way.
                let mut opened = Vec::with_capacity(others.len());
                for person in others {
                    if let Some(row) = rows::take_biographics(tx, person).await? {
                        opened.push((person, sealed::open_biographics(&inner, person, &row)?));
                    }
                }
                for (person, attributes) in &opened {
                    index(&inner, tx, *person, attributes).await?;
                }
                Ok::<_, Fault>(opened.len() as u64)
            })
        })
        .await
}
