//! What of a person lies in the database, and under which key: identifiers, biographics and biometrics each have one of
//! their own (GS-SEC-05c). A sealed value opens only in the row that it was sealed for.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{Identifier, IdentifierKind, PersonId, Photo};
use super::verification::Verification;
use crate::secrets::{Column, Hash, Hashed, Key, Purpose, SecretError, Secrets, number};
use crate::state::AppState;

/// An identifier as it lies in the database.
pub(super) struct SealedIdentifier {
    pub(super) kind: IdentifierKind,
    pub(super) lookup: Hash,
    pub(super) sealed: Vec<u8>,
}

/// The keyed hash under which a person is looked up. White space around an identifier is not part of it.
pub(super) fn lookup(state: &AppState, individual_id: &str) -> Hash {
    hash(&state.secrets, individual_id)
}

fn hash(secrets: &Secrets, individual_id: &str) -> Hash {
    secrets.hash(Purpose::Lookup, &[individual_id.trim().as_bytes()])
}

/// The same, of what was sealed.
pub(super) fn hash_of(secrets: &Secrets, _: &[&str], clear: &[u8]) -> Option<Hash> {
    Some(hash(secrets, std::str::from_utf8(clear).ok()?))
}

fn context(table: &str, person: PersonId) -> Vec<u8> {
    [table.as_bytes(), b"/", &person.0.to_be_bytes()].concat()
}

/// Under which key, and in which table, each kind of value lies.
const IDENTIFIER: (Purpose, &str) = (Purpose::Identifiers, "person_identifier");
const BIOGRAPHICS: (Purpose, &str) = (Purpose::Biographics, "person");
const PHOTO: (Purpose, &str) = (Purpose::Biometrics, "person_photo");
const VERIFICATIONS: (Purpose, &str) = (Purpose::Biographics, "person_verification");

const IDENTIFIER_COLUMN: Column = Column {
    table: "person_identifier",
    key: &[Key::Number("person")],
    column: "sealed",
    purpose: Purpose::Identifiers,
    context: |key| context("person_identifier", PersonId(number(key, 0))),
};

/// What persons are found by, to be hashed anew.
pub const HASHED: &[Hashed] = &[Hashed { column: "lookup", with: &[], sealed: IDENTIFIER_COLUMN, made: hash_of }];

/// A value that was opened.
type Clear = Result<Zeroizing<Vec<u8>>, SecretError>;

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "person",
        key: &[Key::Number("id")],
        column: "biographics",
        purpose: Purpose::Biographics,
        context: |key| context("person", PersonId(number(key, 0))),
    },
    IDENTIFIER_COLUMN,
    Column {
        table: "person_photo",
        key: &[Key::Number("person")],
        column: "sealed",
        purpose: Purpose::Biometrics,
        context: |key| context("person_photo", PersonId(number(key, 0))),
    },
    Column {
        table: "person_verification",
        key: &[Key::Number("person")],
        column: "sealed",
        purpose: Purpose::Biographics,
        context: |key| context("person_verification", PersonId(number(key, 0))),
    },
];

/// Seals a value of a person's row in `table`.
fn seal(
    state: &AppState,
    (purpose, table): (Purpose, &str),
    person: PersonId,
    clear: &[u8],
) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(purpose, &context(table, person), clear, &*state.rng)
}

fn open(state: &AppState, (purpose, table): (Purpose, &str), person: PersonId, sealed: &[u8]) -> Clear {
    state.secrets.open(purpose, &context(table, person), sealed)
}

fn seal_json<T: Serialize + ?Sized>(
    state: &AppState,
    place: (Purpose, &str),
    person: PersonId,
    value: &T,
) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SecretError::Sealed)?);
    seal(state, place, person, &clear)
}

fn open_json<T: DeserializeOwned>(
    state: &AppState,
    place: (Purpose, &str),
    person: PersonId,
    sealed: &[u8],
) -> Result<T, SecretError> {
    serde_json::from_slice(&open(state, place, person, sealed)?).map_err(|_| SecretError::Sealed)
}

fn text(clear: Clear) -> Result<String, SecretError> {
    String::from_utf8(clear?.to_vec()).map_err(|_| SecretError::Sealed)
}

pub(super) fn identifier(
    state: &AppState,
    person: PersonId,
    identifier: &Identifier,
) -> Result<SealedIdentifier, SecretError> {
    let sealed = seal(state, IDENTIFIER, person, identifier.value.as_bytes())?;
    Ok(SealedIdentifier { kind: identifier.kind, lookup: lookup(state, &identifier.value), sealed })
}

pub(super) fn open_identifier(state: &AppState, person: PersonId, sealed: &[u8]) -> Result<String, SecretError> {
    text(open(state, IDENTIFIER, person, sealed))
}

pub(super) fn biographics(
    state: &AppState,
    person: PersonId,
    attributes: &Map<String, Value>,
) -> Result<Vec<u8>, SecretError> {
    seal_json(state, BIOGRAPHICS, person, attributes)
}

pub(super) fn open_biographics(
    state: &AppState,
    person: PersonId,
    sealed: &[u8],
) -> Result<Map<String, Value>, SecretError> {
    open_json(state, BIOGRAPHICS, person, sealed)
}

/// Sealed as a `data:` URI, which is what the claim `picture` holds.
pub(super) fn photo(state: &AppState, person: PersonId, photo: &Photo) -> Result<Vec<u8>, SecretError> {
    seal(state, PHOTO, person, Zeroizing::new(photo.data_uri()).as_bytes())
}

pub(super) fn open_photo(state: &AppState, person: PersonId, sealed: &[u8]) -> Result<String, SecretError> {
    text(open(state, PHOTO, person, sealed))
}

pub(super) fn verifications(
    state: &AppState,
    person: PersonId,
    verifications: &[Verification],
) -> Result<Vec<u8>, SecretError> {
    seal_json(state, VERIFICATIONS, person, verifications)
}

pub(super) fn open_verifications(
    state: &AppState,
    person: PersonId,
    sealed: &[u8],
) -> Result<Vec<Verification>, SecretError> {
    open_json(state, VERIFICATIONS, person, sealed)
}
