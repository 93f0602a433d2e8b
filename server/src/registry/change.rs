//! A person's attributes change: the new ones, and the note of which changed, in one write. Whoever must tell others of it
//! finds the note ([`take_change`]).

use serde_json::{Map, Value};

use super::history::{self, Action, AttributeChange, Because, Evidence};
use super::model::{AddError, Fault, PersonId, Photo};
use super::{sealed, store, told, unique, validation, verification};
use crate::claims::untagged;
use crate::clock::Millis;
use crate::osia;
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// The claim that a face is told by.
const PICTURE: &str = "picture";

/// What is to change of a person. Its `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Change {
    /// New or other values, by attribute.
    pub set: Map<String, Value>,
    /// Attributes that are known no more.
    pub unset: Vec<String>,
    /// Who changes them, and why.
    pub because: Because,
    /// Documents that it is done upon.
    pub evidence: Vec<Evidence>,
    /// What becomes of the face.
    pub face: Face,
}

/// What becomes of a person's face, the claim `picture`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Face {
    /// It stays.
    #[default]
    Kept,
    /// It is known no more.
    Gone,
    /// It is this one.
    Is(Photo),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a change of {:?}, without {:?}", self.set.keys().collect::<Vec<_>>(), self.unset)
    }
}

/// Why a person is not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such person.
    #[error("there is no such person")]
    Unknown,
    /// No document is attached that proves it.
    #[error("a document that proves the change is needed: attach at least one")]
    NoEvidence,
    /// What the person would be is refused.
    #[error(transparent)]
    Refused(#[from] AddError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

/// A note of what changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The note's primary key.
    pub id: i64,
    /// Whose.
    pub person: PersonId,
    /// Claims, without language tags, those that are computed from a changed one included.
    pub claims: Vec<String>,
    /// When.
    pub at: Millis,
}

/// Changes a person's attributes; gives the names, without language tags, of the claims that are other than before.
///
/// # Errors
/// [`ChangeError`]; then nothing is changed.
pub async fn change(state: &AppState, person: PersonId, change: Change) -> Result<Vec<String>, ChangeError> {
    let inner = state.clone();
    state.store.write(move |tx| Box::pin(async move { change_within(&inner, tx, person, change).await })).await
}

/// As [`change_within`], upon documents that prove it (GS-IDM-02b); they are kept with the change for ever.
///
/// # Errors
/// [`ChangeError::NoEvidence`] without a document, and as [`change`]; then nothing is changed.
pub async fn change_with_evidence(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    change: Change,
    evidence: Vec<Evidence>,
) -> Result<Vec<String>, ChangeError> {
    if evidence.is_empty() {
        return Err(ChangeError::NoEvidence);
    }
    change_within(state, tx, person, Change { evidence, ..change }).await
}

/// As [`change`], in the caller's transaction.
///
/// # Errors
/// As [`change`].
pub async fn change_within(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    change: Change,
) -> Result<Vec<String>, ChangeError> {
    let (note, now) = (state.next_id(), state.clock.now());
    let row = store::take_biographics(tx, person).await?.ok_or(ChangeError::Unknown)?;
    let before = sealed::open_biographics(state, person, &row).map_err(AddError::from)?;
    validation::born(&change.set, now)?;
    let mut after = before.clone();
    for name in &change.unset {
        after.remove(name);
    }
    after.extend(change.set);
    rename(&before, &mut after);
    let mut changed = differences(&before, &after);
    let mut changes = history::changes(&before, &after);
    if set_face(state, tx, person, &change.face).await? {
        changed.push(PICTURE.to_owned());
        // Faces are kept once, and not in histories.
        changes.push(AttributeChange { attribute: PICTURE.to_owned(), before: None, after: None });
    }
    if changed.is_empty() {
        return Ok(changed);
    }
    validation::attributes(&after)?;
    let biographics = sealed::biographics(state, person, &after).map_err(AddError::from)?;
    store::set_biographics(tx, person, &biographics, now).await?;
    if let Some(row) = store::verifications(tx, person).await? {
        let verified = sealed::open_verifications(state, person, &row).map_err(AddError::from)?;
        let left = verification::without(verified, &changed);
        let row = sealed::verifications(state, person, &left).map_err(AddError::from)?;
        store::set_verifications(tx, person, &row).await?;
    }
    store::insert_change(tx, note, person, &changed.join(" "), now).await?;
    history::record(state, tx, person, Action::Changed, &change.because, changes, &change.evidence).await?;
    unique::index(state, tx, person, &after).await?;
    let died = after.contains_key("date_of_death") && !before.contains_key("date_of_death");
    told::of_change(state, tx, person, &changed, died).await?;
    tx.wake(wait::person_changes());
    Ok(changed)
}

/// Sets a person's face; gives whether it is another than before.
async fn set_face(state: &AppState, tx: &mut Tx, person: PersonId, face: &Face) -> Result<bool, AddError> {
    match face {
        Face::Kept => Ok(false),
        Face::Gone => Ok(store::delete_photo(tx, person).await?),
        Face::Is(photo) => {
            validation::face(photo)?;
            if let Some(known) = store::photo(tx, person).await?
                && sealed::open_photo(state, person, &known)? == photo.data_uri()
            {
                return Ok(false);
            }
            store::set_photo(tx, person, &sealed::photo(state, person, photo)?).await?;
            Ok(true)
        }
    }
}

/// A name that was put together of its parts is put together again where one of them changes.
fn rename(before: &Map<String, Value>, after: &mut Map<String, Value>) {
    let (old, new) = (full_name(before), full_name(after));
    let was_made = before.get("name").is_some_and(|name| name.as_str() == old.as_deref());
    if was_made
        && before.get("name") == after.get("name")
        && let Some(new) = new
    {
        after.insert("name".into(), new.into());
    }
}

/// The full name that a person's parts of a name make, in the order of given, middle and family name; `None` without any.
#[must_use]
pub fn full_name(attributes: &Map<String, Value>) -> Option<String> {
    let parts = ["given_name", "middle_name", "family_name"];
    let parts: Vec<&str> = parts.iter().filter_map(|part| attributes.get(*part)?.as_str()).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let keys = before.keys().chain(after.keys());
    let mut changed: Vec<String> =
        keys.filter(|key| before.get(*key) != after.get(*key)).map(|key| untagged(key).to_owned()).collect();
    if changed.iter().any(|name| name == "birthdate") {
        changed.extend(["age", "majority"].map(str::to_owned));
    }
    changed.sort_unstable();
    changed.dedup();
    changed
}

/// The oldest note of a change that nobody took, without taking it.
///
/// # Errors
/// [`StoreError`].
pub async fn oldest_change(state: &AppState) -> Result<Option<Changed>, StoreError> {
    let row = state.store.read(|tx| Box::pin(store::oldest_change(tx))).await?;
    let names = |claims: String| claims.split_whitespace().map(str::to_owned).collect();
    Ok(row.map(|row: store::ChangeRow| Changed {
        id: row.id,
        person: PersonId(row.person),
        claims: names(row.claims),
        at: row.changed_at,
    }))
}

/// Takes a note, in the caller's transaction; `false` where another was first.
///
/// # Errors
/// [`StoreError`].
pub async fn take_change(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    store::delete_change(tx, id).await
}

impl From<ChangeError> for osia::Refusal {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::NotFound,
            ChangeError::NoEvidence => Self::bad(error.to_string()),
            ChangeError::Refused(error) => error.into(),
        }
    }
}

impl From<Fault> for ChangeError {
    fn from(fault: Fault) -> Self {
        Self::Refused(fault.into())
    }
}
