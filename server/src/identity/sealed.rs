//! What of an enrollment on its way lies in the database.

use zeroize::Zeroizing;

use super::model::{AnyTask, Cause, Content, Ended, Parked, State, Task, Waiting};
use super::store::Row;
use crate::enrollment::{EnrollmentId, Service};
use crate::registry::{Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, SecretError, number};
use crate::state::AppState;
use crate::store::StoreError;

fn context(enrollment: i64) -> Vec<u8> {
    format!("identity_task/{enrollment}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "identity_task",
    key: &[Key::Number("enrollment")],
    column: "sealed",
    purpose: Purpose::Identities,
    context: |key| context(number(key, 0)),
}];

/// The keyed hash under which a service's enrollment is found.
pub(super) fn reference(state: &AppState, service: &Service, id: &EnrollmentId) -> Vec<u8> {
    state.secrets.mac(Purpose::Identities, &[b"reference", service.name().as_bytes(), id.as_str().as_bytes()])
}

pub(super) fn content(state: &AppState, enrollment: i64, content: &Content) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(content).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Identities, &context(enrollment), &clear, &*state.rng)
}

/// A row as the task that it is.
pub(super) fn task(state: &AppState, row: Row) -> Result<AnyTask, Fault> {
    const STATE: StoreError = StoreError::Corrupt { what: "identity task state" };
    let clear = state.secrets.open(Purpose::Identities, &context(row.enrollment), &row.sealed)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| SecretError::Sealed)?;
    let Row { enrollment, service, person, cause, identity, .. } = row;
    let person = PersonId(person);
    let known = State::named(&row.state).ok_or(STATE)?;
    Ok(match known {
        State::Waiting => AnyTask::Waiting(Task { enrollment, service, person, content, stage: Waiting }),
        State::Parked => {
            let cause = cause.and_then(|name| cause_named(&name)).ok_or(STATE)?;
            AnyTask::Parked(Task { enrollment, service, person, content, stage: Parked(cause) })
        }
        State::Made => AnyTask::Ended(Task { enrollment, service, person, content, stage: Ended::Made }),
        State::Same => {
            let same = Ended::Same(PersonId(identity.ok_or(STATE)?));
            AnyTask::Ended(Task { enrollment, service, person, content, stage: same })
        }
        State::Refused => AnyTask::Ended(Task { enrollment, service, person, content, stage: Ended::Refused }),
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
