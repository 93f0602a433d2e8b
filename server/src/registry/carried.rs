//! Persons on their way to another instance: all that is known of one, with history and the evidence in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::history::{self, Action, AttributeChange, Because, Entry, Evidence};
use super::model::{AddError, Fault, Identifier, IdentifierKind, NewPerson, PersonId, Photo, Status};
use super::store::numbers;
use super::verification::Verification;
use super::{sealed, store, unique, validation, whole};
use crate::clock::Millis;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A person, whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// `active` or `disabled`.
    pub status: String,
    /// When the person was added, in milliseconds since 1970.
    pub created_at: Millis,
    /// When the person last changed, in milliseconds since 1970.
    pub updated_at: Millis,
    /// What the person is and was found by. None of one who was erased.
    pub identifiers: Vec<CarriedIdentifier>,
    /// By claim name.
    pub attributes: Map<String, Value>,
    /// What was verified of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verifications: Vec<Verification>,
    /// Face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<CarriedPhoto>,
    /// What was done to the person, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<CarriedEntry>,
}

/// An identifier, ended ones too.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedIdentifier {
    /// Which kind.
    pub kind: IdentifierKind,
    /// It.
    pub value: String,
    /// When it was given out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Millis>,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Millis>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
}

/// A face.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedPhoto {
    /// Media type.
    pub media_type: String,
    /// The file in base64.
    pub data: String,
}

/// One thing that was done.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedEntry {
    /// Primary key.
    pub id: i64,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// What.
    pub action: Action,
    /// Who.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The caller's own name for the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// Which attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<AttributeChange>,
    /// The documents that it was done upon.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// Primary keys of persons after `after`, in their order, at most `most`; erased ones too.
///
/// # Errors
/// [`StoreError`].
pub async fn persons_after(tx: &mut Tx, after: PersonId, most: u32) -> Result<Vec<PersonId>, StoreError> {
    Ok(store::list(tx, after.0, most.into()).await?.into_iter().map(|listed| listed.id).collect())
}

/// Everything known of a person; `None` of an unknown one.
///
/// # Errors
/// [`Fault`] where the database does not answer or a value does not open.
pub async fn carry(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<Option<Carried>, Fault> {
    let Some(known) = whole::whole(state, tx, person).await? else { return Ok(None) };
    let mut identifiers = Vec::new();
    for row in numbers::all(tx, person).await? {
        identifiers.push(CarriedIdentifier {
            kind: IdentifierKind::named(&row.kind).ok_or(StoreError::Corrupt { what: "identifier kind" })?,
            value: sealed::open_identifier(state, person, &row.sealed)?,
            made_at: row.made_at,
            ends_at: row.ends_at,
            revoked_at: row.revoked_at,
        });
    }
    let mut entries = Vec::new();
    for entry in history::all_within(state, tx, person).await? {
        let mut evidence = Vec::new();
        for (id, _) in &entry.evidence {
            evidence.extend(history::evidence_within(state, tx, *id).await?);
        }
        let Entry { id, at, action, because: Because { by, why, transaction }, changes, .. } = entry;
        entries.push(CarriedEntry { id, at, action, by, why, transaction, changes, evidence });
    }
    let photo = known
        .person
        .photo
        .map(|photo| CarriedPhoto { media_type: photo.media_type, data: STANDARD.encode(&*photo.bytes) });
    Ok(Some(Carried {
        id: person.0,
        status: known.status.name().to_owned(),
        created_at: known.created_at,
        updated_at: known.updated_at,
        identifiers,
        attributes: known.person.attributes,
        verifications: known.person.verifications,
        photo,
        history: entries,
    }))
}

/// Writes a person as another instance had it. Nobody is told of a new person.
///
/// # Errors
/// [`AddError`] where a member is malformed or an identifier is taken; then the transaction must not be kept.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), AddError> {
    let malformed = |member: &str, reason| AddError::Invalid { member: member.to_owned(), reason };
    let id = PersonId(carried.id);
    let status = Status::named(&carried.status).ok_or_else(|| malformed("status", "active or disabled"))?;
    let identifiers: Vec<Identifier> = carried
        .identifiers
        .iter()
        .map(|CarriedIdentifier { kind, value, .. }| Identifier { kind: *kind, value: value.clone() })
        .collect();
    let photo = carried.photo.as_ref().map(|CarriedPhoto { media_type, data }| {
        let bytes = STANDARD.decode(data).map_err(|_| malformed("photo", "is not base64"))?;
        Ok::<_, AddError>(Photo { media_type: media_type.clone(), bytes: bytes.into() })
    });
    let (attributes, verifications) = (carried.attributes.clone(), carried.verifications.clone());
    let person = NewPerson { identifiers, attributes, verifications, photo: photo.transpose()? };
    // Of one who was erased only the row is left.
    if !person.identifiers.is_empty() {
        validation::check(&person)?;
    }
    let rows = store::Rows {
        id,
        biographics: sealed::biographics(state, id, &person.attributes)?,
        identifiers: person
            .identifiers
            .iter()
            .map(|identifier| sealed::identifier(state, id, identifier))
            .collect::<Result<_, _>>()?,
        photo: person.photo.as_ref().map(|photo| sealed::photo(state, id, photo)).transpose()?,
        verifications: match person.verifications.as_slice() {
            [] => None,
            all => Some(sealed::verifications(state, id, all)?),
        },
    };
    store::insert(tx, &rows, carried.created_at).await?.map_err(|kind| AddError::Duplicate(kind.name()))?;
    store::set_times(tx, id, (status, carried.created_at, carried.updated_at)).await?;
    for (row, one) in rows.identifiers.iter().zip(&carried.identifiers) {
        numbers::set_times(tx, &row.lookup, one.made_at, one.ends_at, one.revoked_at).await?;
    }
    unique::index(state, tx, id, &person.attributes).await?;
    for entry in &carried.history {
        let because = Because { by: entry.by.clone(), why: entry.why.clone(), transaction: entry.transaction.clone() };
        let (moment, what) = ((entry.id, entry.at), (entry.action, &because));
        history::write(state, tx, id, moment, what, entry.changes.clone(), &entry.evidence).await?;
    }
    Ok(())
}
