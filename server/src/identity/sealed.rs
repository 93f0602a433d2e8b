//! What of an enrollment on its way lies in the database.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{AnyTask, Cause, Content, Ended, Parked, State, Task, Waiting};
use super::store::Row;
use super::store::claims::ClaimRow;
use crate::enrollment::{EnrollmentId, Service};
use crate::registry::{Fault, PersonId};
use crate::secrets::{Column, Hash, Hashed, Key, Purpose, SecretError, Secrets, number};
use crate::state::AppState;
use crate::store::StoreError;

fn context(table: &str, key: i64) -> Vec<u8> {
    format!("{table}/{key}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    TASK,
    Column {
        table: "identity_claim",
        key: &[Key::Number("task")],
        column: "attributes",
        purpose: Purpose::Biographics,
        context: |key| context("identity_claim", number(key, 0)),
    },
    Column {
        table: "identity_claim",
        key: &[Key::Number("task")],
        column: "biometrics",
        purpose: Purpose::Biometrics,
        context: |key| context("identity_claim", number(key, 0)),
    },
    Column {
        table: "abis_call",
        key: &[Key::Number("id")],
        column: "answer",
        purpose: Purpose::Identities,
        context: |key| context("abis_call", number(key, 0)),
    },
];

const TASK: Column = Column {
    table: "identity_task",
    key: &[Key::Number("enrollment")],
    column: "sealed",
    purpose: Purpose::Identities,
    context: |key| context("identity_task", number(key, 0)),
};

/// What enrollments on their way, and claims of identities, are found by, to be hashed anew.
pub const HASHED: &[Hashed] = &[Hashed {
    column: "reference",
    with: &["service"],
    sealed: TASK,
    made: |secrets, with, clear| {
        let content: Content = serde_json::from_slice(clear).ok()?;
        Some(match content.claim {
            Some(claim) => claim_hash(secrets, claim.record),
            None => hash(secrets, with.first()?, &content.enrollment_id),
        })
    },
}];

/// The keyed hash under which a service's enrollment is found.
pub(super) fn reference(state: &AppState, service: &Service, id: &EnrollmentId) -> Hash {
    hash(&state.secrets, service.name(), id.as_str())
}

fn hash(secrets: &Secrets, service: &str, enrollment_id: &str) -> Hash {
    secrets.hash(Purpose::Identities, &[b"reference", service.as_bytes(), enrollment_id.as_bytes()])
}

/// The keyed hash under which the claim of an identity is found.
pub(super) fn claim_reference(state: &AppState, record: i64) -> Hash {
    claim_hash(&state.secrets, record)
}

fn claim_hash(secrets: &Secrets, record: i64) -> Hash {
    secrets.hash(Purpose::Identities, &[b"claim", &record.to_be_bytes()])
}

/// What lies beside a claim's task.
pub(super) fn claim(
    state: &AppState,
    task: i64,
    attributes: &Map<String, Value>,
    biometrics: &[Value],
) -> Result<ClaimRow, SecretError> {
    let seal = |purpose, clear: Result<Vec<u8>, serde_json::Error>| {
        let clear = Zeroizing::new(clear.map_err(|_| SecretError::Sealed)?);
        state.secrets.seal(purpose, &context("identity_claim", task), &clear, &*state.rng)
    };
    let biometrics = match biometrics {
        [] => None,
        all => Some(seal(Purpose::Biometrics, serde_json::to_vec(all))?),
    };
    Ok(ClaimRow { attributes: seal(Purpose::Biographics, serde_json::to_vec(attributes))?, biometrics })
}

/// Attributes and biometrics of a claim.
pub(super) fn open_claim(
    state: &AppState,
    task: i64,
    row: &ClaimRow,
) -> Result<(Map<String, Value>, Vec<Value>), SecretError> {
    let open = |purpose, sealed: &[u8]| state.secrets.open(purpose, &context("identity_claim", task), sealed);
    let attributes = serde_json::from_slice(&open(Purpose::Biographics, &row.attributes)?);
    let biometrics = match &row.biometrics {
        Some(sealed) => serde_json::from_slice(&open(Purpose::Biometrics, sealed)?),
        None => Ok(Vec::new()),
    };
    Ok((attributes.map_err(|_| SecretError::Sealed)?, biometrics.map_err(|_| SecretError::Sealed)?))
}

/// What an ABIS answered.
pub(super) fn answer(state: &AppState, call: i64, answer: &[u8]) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(Purpose::Identities, &context("abis_call", call), answer, &*state.rng)
}

pub(super) fn open_answer(state: &AppState, call: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    state.secrets.open(Purpose::Identities, &context("abis_call", call), sealed)
}

pub(super) fn content(state: &AppState, enrollment: i64, content: &Content) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(content).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Identities, &context("identity_task", enrollment), &clear, &*state.rng)
}

/// A row as the task that it is.
pub(super) fn task(state: &AppState, row: Row) -> Result<AnyTask, Fault> {
    const STATE: StoreError = StoreError::Corrupt { what: "identity task state" };
    let clear = state.secrets.open(Purpose::Identities, &context("identity_task", row.enrollment), &row.sealed)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)?;
    let Row { enrollment, service, person, cause, identity, .. } = row;
    // The number in a claim's row is nobody's.
    let person = content.claim.map_or(PersonId(person), |claim| claim.person);
    let known = State::named(&row.state).ok_or(STATE)?;
    Ok(match known {
        State::Waiting => AnyTask::Waiting(Task { enrollment, service, person, content, stage: Waiting }),
        State::Parked => {
            let cause = cause.and_then(|name| cause_named(&name)).ok_or(STATE)?;
            AnyTask::Parked(Task { enrollment, service, person, content, stage: Parked(cause) })
        }
        State::Made | State::Same | State::Refused | State::Erased => {
            let whose = || identity.map(PersonId).ok_or(STATE);
            let stage = match known {
                State::Made => Ended::Made(whose()?),
                State::Same => Ended::Same(whose()?),
                State::Erased => Ended::Erased(whose()?),
                _ => Ended::Refused,
            };
            AnyTask::Ended(Task { enrollment, service, person, content, stage })
        }
    })
}

pub(super) fn cause_name(cause: Cause) -> &'static str {
    match cause {
        Cause::Duplicate => "duplicate",
        Cause::Unreadable => "unreadable",
        Cause::Unfit => "unfit",
    }
}

fn cause_named(name: &str) -> Option<Cause> {
    [Cause::Duplicate, Cause::Unreadable, Cause::Unfit].into_iter().find(|cause| cause_name(*cause) == name)
}
