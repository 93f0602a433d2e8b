//! What of a person lies in the database, and under which key: identifiers, biographics and biometrics each have one of
//! their own (GS-SEC-05c). A sealed value opens only in the row that it was sealed for.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{Identifier, IdentifierKind, PersonId, Photo};
use super::verification::Verification;
use crate::secrets::{Column, Key, Purpose, SecretError, number};
use crate::state::AppState;

/// An identifier as it lies in the database.
pub(super) struct SealedIdentifier {
    pub(super) kind: IdentifierKind,
    pub(super) lookup: Vec<u8>,
    pub(super) sealed: Vec<u8>,
}

/// The keyed hash under which a person is looked up. White space around an identifier is not part of it.
pub(super) fn lookup(state: &AppState, individual_id: &str) -> Vec<u8> {
    state.secrets.mac(Purpose::Lookup, &[individual_id.trim().as_bytes()])
}

fn context(table: &str, person: PersonId) -> Vec<u8> {
    [table.as_bytes(), b"/", &person.0.to_be_bytes()].concat()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "person",
        key: &[Key::Number("id")],
        column: "biographics",
        purpose: Purpose::Biographics,
        context: |key| context("person", PersonId(number(key, 0))),
    },
    Column {
        table: "person_identifier",
        key: &[Key::Number("person")],
        column: "sealed",
        purpose: Purpose::Identifiers,
        context: |key| context("person_identifier", PersonId(number(key, 0))),
    },
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

pub(super) fn identifier(
    state: &AppState,
    person: PersonId,
    identifier: &Identifier,
) -> Result<SealedIdentifier, SecretError> {
    let clear = identifier.value.as_bytes();
    let sealed = state.secrets.seal(Purpose::Identifiers, &context("person_identifier", person), clear, &*state.rng)?;
    Ok(SealedIdentifier { kind: identifier.kind, lookup: lookup(state, &identifier.value), sealed })
}

pub(super) fn open_identifier(state: &AppState, person: PersonId, sealed: &[u8]) -> Result<String, SecretError> {
    let clear = state.secrets.open(Purpose::Identifiers, &context("person_identifier", person), sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| SecretError::Sealed)
}

pub(super) fn biographics(
    state: &AppState,
    person: PersonId,
    attributes: &Map<String, Value>,
) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(attributes).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Biographics, &context("person", person), &clear, &*state.rng)
}

pub(super) fn open_biographics(
    state: &AppState,
    person: PersonId,
    sealed: &[u8],
) -> Result<Map<String, Value>, SecretError> {
    let clear = state.secrets.open(Purpose::Biographics, &context("person", person), sealed)?;
    serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)
}

/// Sealed as a `data:` URI, which is what the claim `picture` holds.
pub(super) fn photo(state: &AppState, person: PersonId, photo: &Photo) -> Result<Vec<u8>, SecretError> {
    let uri = Zeroizing::new(photo.data_uri());
    state.secrets.seal(Purpose::Biometrics, &context("person_photo", person), uri.as_bytes(), &*state.rng)
}

pub(super) fn open_photo(state: &AppState, person: PersonId, sealed: &[u8]) -> Result<String, SecretError> {
    let clear = state.secrets.open(Purpose::Biometrics, &context("person_photo", person), sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| SecretError::Sealed)
}

pub(super) fn verifications(
    state: &AppState,
    person: PersonId,
    verifications: &[Verification],
) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(verifications).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Biographics, &context("person_verification", person), &clear, &*state.rng)
}

pub(super) fn open_verifications(
    state: &AppState,
    person: PersonId,
    sealed: &[u8],
) -> Result<Vec<Verification>, SecretError> {
    let clear = state.secrets.open(Purpose::Biographics, &context("person_verification", person), sealed)?;
    serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)
}
