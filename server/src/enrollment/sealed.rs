//! What of an enrollment lies in the database, and under which key: the client's id among identifiers, biographics and
//! documents among biographics, biometrics among biometrics (GS-SEC-05c). A sealed value opens only in its own row.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::attributes::{self, Attribute};
use super::fault::Fault;
use super::index::{self, Index};
use super::model::Enrollment;
use super::name::{self, EnrollmentId};
use super::service::Service;
use crate::osia::Refusal;
use crate::secrets::{Column, Hashed, Key, Purpose, SecretError, number};
use crate::state::AppState;

/// An enrollment ready to be written.
pub(super) struct Rows {
    pub(super) name: Vec<u8>,
    pub(super) record: Vec<u8>,
    pub(super) biometrics: Option<Vec<u8>>,
    pub(super) documents: Option<Vec<u8>>,
    pub(super) index: Index,
}

/// All of an enrollment but biometrics and documents, and what searches need of the latter.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) enrollment: Enrollment,
    pub(super) documents: Vec<Attribute>,
}

fn context(table: &str, row: i64) -> Vec<u8> {
    [table.as_bytes(), b"/", &row.to_be_bytes()].concat()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "enrollment",
        key: &[Key::Number("id")],
        column: "name",
        purpose: Purpose::Identifiers,
        context: |key| context("enrollment", number(key, 0)),
    },
    Column {
        table: "enrollment",
        key: &[Key::Number("id")],
        column: "record",
        purpose: Purpose::Biographics,
        context: |key| context("enrollment", number(key, 0)),
    },
    Column {
        table: "enrollment_biometrics",
        key: &[Key::Number("enrollment")],
        column: "sealed",
        purpose: Purpose::Biometrics,
        context: |key| context("enrollment_biometrics", number(key, 0)),
    },
    Column {
        table: "enrollment_documents",
        key: &[Key::Number("enrollment")],
        column: "sealed",
        purpose: Purpose::Biographics,
        context: |key| context("enrollment_documents", number(key, 0)),
    },
    Column {
        table: "enrollment_finalized",
        key: &[Key::Number("enrollment")],
        column: "sealed",
        purpose: Purpose::Identifiers,
        context: |key| context("enrollment_finalized", number(key, 0)),
    },
    Column {
        table: "enrollment_buffer",
        key: &[Key::Number("id")],
        column: "about",
        purpose: Purpose::Biometrics,
        context: |key| context("enrollment_buffer", number(key, 0)),
    },
    OWNER,
    Column {
        table: "enrollment_buffer_chunk",
        key: &[Key::Number("buffer"), Key::Number("place")],
        column: "sealed",
        purpose: Purpose::Biometrics,
        context: |key| chunk_context(number(key, 0), number(key, 1)),
    },
];

const OWNER: Column = Column {
    table: "enrollment_buffer",
    key: &[Key::Number("id")],
    column: "owner",
    purpose: Purpose::Identifiers,
    context: |key| context("enrollment_buffer", number(key, 0)),
};

/// What buffers are found by before their enrollment is there, to be hashed anew; afterwards `rehash` does it with the
/// enrollment.
pub const HASHED: &[Hashed] = &[Hashed {
    column: "lookup",
    with: &[],
    sealed: OWNER,
    made: |secrets, _, clear| {
        let (service, id): (String, String) = serde_json::from_slice(clear).ok()?;
        Some(name::lookup(secrets, &service, &id))
    },
}];

fn seal<T: Serialize>(state: &AppState, purpose: Purpose, context: &[u8], value: &T) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(value).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(purpose, context, &clear, &*state.rng)
}

fn open<T: DeserializeOwned>(
    state: &AppState,
    purpose: Purpose,
    context: &[u8],
    sealed: &[u8],
) -> Result<T, SecretError> {
    let clear = state.secrets.open(purpose, context, sealed)?;
    serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)
}

/// Seals an enrollment for its row.
///
/// # Errors
/// [`Refusal::Bad`] where it has too many single values; [`Refusal::Unavailable`].
pub(super) fn rows(
    state: &AppState,
    row: i64,
    service: &Service,
    id: &EnrollmentId,
    enrollment: Enrollment,
) -> Result<Rows, Refusal> {
    let documents = attributes::of_documents(&enrollment)?;
    let mut searched = attributes::of(id.as_str(), &enrollment)?;
    searched.extend(documents.iter().cloned());
    let index = index::of(state, service, &searched);
    let mut enrollment = Enrollment { enrollment_id: None, status: None, ..enrollment };
    let biometrics = enrollment.biometric_data.take();
    let biometrics = biometrics
        .map(|data| seal(state, Purpose::Biometrics, &context("enrollment_biometrics", row), &data))
        .transpose()?;
    let document_data = enrollment.document_data.take();
    let document_data = document_data
        .map(|data| seal(state, Purpose::Biographics, &context("enrollment_documents", row), &data))
        .transpose()?;
    let record = Record { enrollment, documents };
    Ok(Rows {
        name: state.secrets.seal(
            Purpose::Identifiers,
            &context("enrollment", row),
            id.as_str().as_bytes(),
            &*state.rng,
        )?,
        record: seal(state, Purpose::Biographics, &context("enrollment", row), &record)?,
        biometrics,
        documents: document_data,
        index,
    })
}

/// The client's own id.
pub(super) fn open_name(state: &AppState, row: i64, sealed: &[u8]) -> Result<EnrollmentId, Fault> {
    let clear = state.secrets.open(Purpose::Identifiers, &context("enrollment", row), sealed)?;
    let text = std::str::from_utf8(&clear).map_err(|_| SecretError::Sealed)?;
    Ok(Zeroizing::new(text.to_owned()).into())
}

/// All but biometrics and documents.
pub(super) fn open_record(state: &AppState, row: i64, sealed: &[u8]) -> Result<Record, Fault> {
    Ok(open(state, Purpose::Biographics, &context("enrollment", row), sealed)?)
}

/// Puts biometrics and documents into an enrollment, where there are some.
pub(super) fn open_rest(
    state: &AppState,
    row: i64,
    enrollment: &mut Enrollment,
    biometrics: Option<&[u8]>,
    documents: Option<&[u8]>,
) -> Result<(), Fault> {
    enrollment.biometric_data = biometrics
        .map(|sealed| open(state, Purpose::Biometrics, &context("enrollment_biometrics", row), sealed))
        .transpose()?;
    enrollment.document_data = documents
        .map(|sealed| open(state, Purpose::Biographics, &context("enrollment_documents", row), sealed))
        .transpose()?;
    Ok(())
}

/// The `transactionId` of the call that finalized an enrollment.
pub(super) fn transaction(state: &AppState, row: i64, transaction: &str) -> Result<Vec<u8>, SecretError> {
    let context = context("enrollment_finalized", row);
    state.secrets.seal(Purpose::Identifiers, &context, transaction.as_bytes(), &*state.rng)
}

/// Opens [`transaction`].
pub(super) fn open_transaction(state: &AppState, row: i64, sealed: &[u8]) -> Result<String, Fault> {
    let clear = state.secrets.open(Purpose::Identifiers, &context("enrollment_finalized", row), sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| SecretError::Sealed.into())
}

/// What is known of a buffer, as JSON.
pub(super) fn about<T: Serialize>(state: &AppState, buffer: i64, about: &T) -> Result<Vec<u8>, SecretError> {
    seal(state, Purpose::Biometrics, &context("enrollment_buffer", buffer), about)
}

/// Opens [`about`].
pub(super) fn open_about<T: DeserializeOwned>(state: &AppState, buffer: i64, sealed: &[u8]) -> Result<T, SecretError> {
    open(state, Purpose::Biometrics, &context("enrollment_buffer", buffer), sealed)
}

/// For which service's enrollment a buffer was sent.
pub(super) fn owner(
    state: &AppState,
    buffer: i64,
    service: &Service,
    id: &EnrollmentId,
) -> Result<Vec<u8>, SecretError> {
    seal(state, Purpose::Identifiers, &context("enrollment_buffer", buffer), &(service.name(), id.as_str()))
}

/// Opens [`owner`].
pub(super) fn open_owner(state: &AppState, buffer: i64, sealed: &[u8]) -> Result<(Service, EnrollmentId), SecretError> {
    let context = context("enrollment_buffer", buffer);
    let (service, id): (String, String) = open(state, Purpose::Identifiers, &context, sealed)?;
    Ok((service.into(), Zeroizing::new(id).into()))
}

fn chunk_context(buffer: i64, place: i64) -> Vec<u8> {
    [b"enrollment_buffer_chunk/".as_slice(), &buffer.to_be_bytes(), &place.to_be_bytes()].concat()
}

/// One chunk of a buffer: it opens in its own place only.
pub(super) fn chunk(state: &AppState, buffer: i64, place: i64, clear: &[u8]) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(Purpose::Biometrics, &chunk_context(buffer, place), clear, &*state.rng)
}

/// Opens [`chunk`].
pub(super) fn open_chunk(
    state: &AppState,
    buffer: i64,
    place: i64,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    state.secrets.open(Purpose::Biometrics, &chunk_context(buffer, place), sealed)
}
