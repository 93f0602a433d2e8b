//! What of an identity lies in the database: biographic data, documents and biometrics each sealed, found by keyed hashes
//! of attribute and value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use super::record::{Content, Identity};
use super::store::{RecordRow, Sealed};
use crate::registry::PersonId;
use crate::secrets::{Column, Hash, Hashed, Key, Purpose, SecretError, Secrets, number};
use crate::state::AppState;

/// The keyed hash under which a person's identity of this name lies.
pub(super) fn name_hash(secrets: &Secrets, identity_id: &str) -> Hash {
    secrets.hash(Purpose::Lookup, &[b"identityId", identity_id.as_bytes()])
}

/// The keyed hash of an attribute that has this value. Numbers and truth values are found by their text too, for those who
/// search by a query's parameters.
pub(super) fn attribute_hash(secrets: &Secrets, name: &str, value: &str) -> Hash {
    secrets.hash(Purpose::Lookup, &[b"identity", name.as_bytes(), value.as_bytes()])
}

/// The hashes of everything that an identity is searched by.
pub(super) fn hashes(secrets: &Secrets, content: &Content) -> impl Iterator<Item = Hash> {
    let attributes = content.attributes().into_iter();
    attributes.filter_map(|(name, value)| Some(attribute_hash(secrets, &name, &written(&value)?)))
}

/// How a value is written where it is looked for; nothing for lists, objects and `null`.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(match number.as_f64() {
            // 1 and 1.0 are one number.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        }),
        _ => None,
    }
}

fn context(table: &str, id: i64) -> Vec<u8> {
    format!("{table}/{id}").into_bytes()
}

const NAME: Column = Column {
    table: "identity_record",
    key: &[Key::Number("id")],
    column: "name",
    purpose: Purpose::Identifiers,
    context: |key| context("identity_record", number(key, 0)),
};

/// What identities are found by, to be hashed anew; what they are searched by besides is `rehash`'s.
pub const HASHED: &[Hashed] = &[Hashed {
    column: "name_hash",
    with: &[],
    sealed: NAME,
    made: |secrets, _, clear| Some(name_hash(secrets, std::str::from_utf8(clear).ok()?)),
}];

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "population_person",
        key: &[Key::Number("person")],
        column: "name",
        purpose: Purpose::Identifiers,
        context: |key| context("population_person", number(key, 0)),
    },
    NAME,
    Column {
        table: "identity_record",
        key: &[Key::Number("id")],
        column: "content",
        purpose: Purpose::Biographics,
        context: |key| context("identity_record", number(key, 0)),
    },
    Column {
        table: "identity_record",
        key: &[Key::Number("id")],
        column: "documents",
        purpose: Purpose::Biographics,
        context: |key| context("identity_documents", number(key, 0)),
    },
    Column {
        table: "identity_record",
        key: &[Key::Number("id")],
        column: "biometrics",
        purpose: Purpose::Biometrics,
        context: |key| context("identity_biometrics", number(key, 0)),
    },
];

pub(super) fn person_name(state: &AppState, person: PersonId, name: &str) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(Purpose::Identifiers, &context("population_person", person.0), name.as_bytes(), &*state.rng)
}

pub(super) fn open_person_name(state: &AppState, person: PersonId, sealed: &[u8]) -> Result<String, SecretError> {
    open_text(state, &context("population_person", person.0), sealed)
}

pub(super) fn name(state: &AppState, id: i64, identity_id: &str) -> Result<Vec<u8>, SecretError> {
    let context = context("identity_record", id);
    state.secrets.seal(Purpose::Identifiers, &context, identity_id.as_bytes(), &*state.rng)
}

pub(super) fn open_name(state: &AppState, id: i64, sealed: &[u8]) -> Result<String, SecretError> {
    open_text(state, &context("identity_record", id), sealed)
}

fn open_text(state: &AppState, context: &[u8], sealed: &[u8]) -> Result<String, SecretError> {
    let clear = state.secrets.open(Purpose::Identifiers, context, sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| SecretError::Sealed)
}

fn seal<T: Serialize>(state: &AppState, purpose: Purpose, context: &[u8], what: &T) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(what).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(purpose, context, &clear, &*state.rng)
}

fn open<T: DeserializeOwned>(
    state: &AppState,
    purpose: Purpose,
    context: &[u8],
    sealed: &[u8],
) -> Result<T, SecretError> {
    serde_json::from_slice(&state.secrets.open(purpose, context, sealed)?).map_err(|_| SecretError::Sealed)
}

/// Seals an identity for its row.
pub(super) fn identity(state: &AppState, id: i64, identity: &Identity) -> Result<Sealed, SecretError> {
    let documents = |list| seal(state, Purpose::Biographics, &context("identity_documents", id), list);
    let biometrics = |list| seal(state, Purpose::Biometrics, &context("identity_biometrics", id), list);
    Ok(Sealed {
        content: seal(state, Purpose::Biographics, &context("identity_record", id), &identity.content)?,
        biometrics: identity.biometrics.as_ref().map(biometrics).transpose()?,
        documents: identity.documents.as_ref().map(documents).transpose()?,
        hashes: hashes(&state.secrets, &identity.content).collect(),
        galleries: identity.content.galleries.clone().unwrap_or_default(),
    })
}

/// Opens what a search looks at.
pub(super) fn open_content(state: &AppState, id: i64, sealed: &[u8]) -> Result<Content, SecretError> {
    open(state, Purpose::Biographics, &context("identity_record", id), sealed)
}

/// Opens the documents of an identity.
pub(super) fn open_documents(state: &AppState, row: &RecordRow) -> Result<Option<Vec<Value>>, SecretError> {
    let opened = row
        .documents
        .as_ref()
        .map(|sealed| open(state, Purpose::Biographics, &context("identity_documents", row.id), sealed));
    opened.transpose()
}

/// Opens a whole identity.
pub(super) fn open_identity(state: &AppState, row: &RecordRow) -> Result<Identity, SecretError> {
    let biometrics = row
        .biometrics
        .as_ref()
        .map(|sealed| open(state, Purpose::Biometrics, &context("identity_biometrics", row.id), sealed));
    Ok(Identity {
        status: row.status().map_err(|_| SecretError::Sealed)?,
        content: open_content(state, row.id, &row.content)?,
        biometrics: biometrics.transpose()?,
        documents: open_documents(state, row)?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_looked_for_however_it_is_written() {
        assert_eq!(written(&json!(1)), written(&json!(1.0)));
        assert_eq!(written(&json!(1.5)).as_deref(), Some("1.5"));
        assert_eq!(written(&json!(true)).as_deref(), Some("true"));
        assert_eq!((written(&json!(null)), written(&json!([1])), written(&json!({}))), (None, None, None));
    }
}
