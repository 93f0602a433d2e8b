//! A person as a whole: for those who keep the registry itself (the population registry, an export, an import), not for
//! relying parties.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::added::{admit, next_person, ready};
use super::history::{self, Action, AttributeChange, Because};
use super::model::{AddError, Fault, Identifier, NewPerson, PersonId, Photo, Status};
use super::{numbers, sealed, store, validation};
use crate::clock::Millis;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// All that the registry knows of a person. Its `Debug` shows no attribute.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Identifiers, attributes, face, verifications.
    pub person: NewPerson,
    /// Whether the person may log in.
    pub status: Status,
    /// When the person was added.
    pub created_at: Millis,
    /// When an attribute or the status last changed.
    pub updated_at: Millis,
}

/// Everything known of a person; `None` of an unknown one.
///
/// # Errors
/// [`Fault`] where the database does not answer or a value does not open.
pub async fn whole(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<Whole>, Fault> {
    let Some((status, created_at, updated_at)) = store::times(tx, person).await? else { return Ok(None) };
    let Some(row) = store::biographics(tx, person).await? else { return Ok(None) };
    let mut identifiers = Vec::new();
    for (kind, row) in store::identifiers(tx, person).await? {
        identifiers.push(Identifier { kind, value: sealed::open_identifier(state, person, &row)? });
    }
    let photo = match store::photo(tx, person).await? {
        Some(row) => Some(photo(&Zeroizing::new(sealed::open_photo(state, person, &row)?))?),
        None => None,
    };
    let verifications = match store::verifications(tx, person).await? {
        Some(row) => sealed::open_verifications(state, person, &row)?,
        None => Vec::new(),
    };
    let attributes = sealed::open_biographics(state, person, &row.biographics)?;
    let person = NewPerson { identifiers, attributes, verifications, photo };
    Ok(Some(Whole { person, status, created_at, updated_at }))
}

/// The photo of a `data:` URI.
fn photo(uri: &str) -> Result<Photo, StoreError> {
    let corrupt = StoreError::Corrupt { what: "photo" };
    let Some((media_type, data)) = uri.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) else {
        return Err(corrupt);
    };
    let Ok(bytes) = STANDARD.decode(data) else { return Err(corrupt) };
    Ok(Photo { media_type: media_type.to_owned(), bytes: Zeroizing::new(bytes) })
}

/// A person's attributes, by claim name; `None` of an unknown person.
///
/// # Errors
/// As [`whole`].
pub async fn attributes(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<Map<String, Value>>, Fault> {
    let Some(row) = store::biographics(tx, person).await? else { return Ok(None) };
    Ok(Some(sealed::open_biographics(state, person, &row.biographics)?))
}

/// The identifier that others name a person by: the UIN, else the first one. `None` of one who was erased.
///
/// # Errors
/// As [`whole`].
pub async fn main_identifier(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<String>, Fault> {
    let all = store::identifiers(tx, person).await?;
    let uin = all.iter().find(|(kind, _)| *kind == super::IdentifierKind::Uin).or_else(|| all.first());
    Ok(uin.map(|(_, row)| sealed::open_identifier(state, person, row)).transpose()?)
}

/// Adds a person in the caller's transaction.
///
/// # Errors
/// [`AddError`] where a member is malformed or an identifier is taken; then the transaction must not be kept.
pub async fn add_within(
    state: &AppState,
    tx: &mut Tx,
    person: &NewPerson,
    because: Because,
) -> Result<PersonId, AddError> {
    admit(state, tx, &ready(state, next_person(state), person, because)?).await
}

/// Disables a person or makes one active again, in the caller's transaction.
///
/// # Errors
/// [`Fault`].
pub async fn set_status_within(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    status: Status,
    because: Because,
) -> Result<(), Fault> {
    if store::status(tx, person).await?.is_none_or(|before| before == status) {
        return Ok(());
    }
    store::set_status(tx, person, status, state.clock.now()).await?;
    let action = match status {
        Status::Active => Action::Enabled,
        Status::Disabled => Action::Disabled,
    };
    history::record(state, tx, person, action, &because, Vec::new(), &[]).await
}

/// Keeps a person's row for this transaction: whoever else changes the person comes after.
///
/// # Errors
/// [`StoreError`].
pub async fn take(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    store::take_biographics(tx, person).await.map(|_| ())
}

/// Writes down that a status which others keep of a person is another, in the write that makes it so: each that changed, with
/// what it was and is.
///
/// # Errors
/// [`Fault`].
pub async fn status_changed(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    changes: Vec<AttributeChange>,
    because: Because,
) -> Result<(), Fault> {
    history::record(state, tx, person, Action::StatusChanged, &because, changes, &[]).await
}

/// Whether a person exists and is not disabled, in the caller's transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn is_active_within(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    Ok(store::status(tx, person).await? == Some(Status::Active))
}

/// Whether a value has the form that an attribute of this name must have.
#[must_use]
pub fn fits(name: &str, value: &Value) -> bool {
    validation::fits(name, value)
}

/// Erases a person: identifiers, attributes, face, verifications. UINs are kept among those that were given out, without whose
/// they were, so that nobody else gets one. What is left is a row that nobody is found by and nobody
/// logs in as, so that receipts and audit events still stand on something.
///
/// # Errors
/// [`Fault`].
pub async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    numbers::keep(state, tx, person).await?;
    let nothing = sealed::biographics(state, person, &Map::new())?;
    Ok(store::erase(tx, person, &nothing, state.clock.now()).await?)
}

/// When a person was added; `None` of an unknown one.
///
/// # Errors
/// [`StoreError`].
pub async fn added_at(tx: &mut Tx, person: PersonId) -> Result<Option<Millis>, StoreError> {
    Ok(store::times(tx, person).await?.map(|(_, created_at, _)| created_at))
}

/// Whether no person was ever added.
///
/// # Errors
/// [`StoreError`].
pub async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    store::is_empty(tx).await
}

/// Persons that were added or whose attributes changed since [`take_touched`] took the note of it; at most `most`.
///
/// # Errors
/// [`StoreError`].
pub async fn touched(tx: &mut Tx, most: u32) -> Result<Vec<PersonId>, StoreError> {
    store::touched(tx, most.into()).await
}

/// Whether there is such a note of a person.
///
/// # Errors
/// [`StoreError`].
pub async fn is_touched(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    store::is_touched(tx, person).await
}

/// Takes the note, in the caller's transaction; `false` where another was first.
///
/// # Errors
/// [`StoreError`].
pub async fn take_touched(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    store::take_touched(tx, person).await
}
