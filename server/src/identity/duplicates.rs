//! Enrollments, and identities of the population registry, that somebody must decide of: those of whom somebody in the registry
//! may be the same person (GS-UNQ-01), and those of which nobody can be made. Nothing is ever merged but by a decision that
//! names whom.

use serde_json::{Map, Value};

use super::model::{AnyTask, Cause, Content, Decided, Decision, DecisionError, Parked, State, Task};
use super::source::{self, Buffers, ReadError};
use super::store::Row;
use super::{biometrics, claims, draft, saved, sealed, store};
use crate::audit::EventKind;
use crate::claims::osia;
use crate::clock::Millis;
use crate::enrollment::{EnrollmentId, Service};
use crate::ids::Kind;
use crate::registry::{self, Fault, PersonId};
use crate::state::AppState;
use crate::store::StoreError;
use crate::wait;

/// A parked enrollment.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// When the enrollment was finalized.
    pub since: Millis,
    /// It.
    pub task: Task<Parked>,
}

/// A person who may be the same, or the one who was enrolled, to be looked at side by side. Its `Debug` shows nothing.
#[derive(Clone, Default)]
pub struct Known {
    /// UIN; `None` where no person was made yet.
    pub uin: Option<String>,
    /// What is known, in OSIA's words.
    pub biographic: Map<String, Value>,
    /// Face, as a `data:` URI.
    pub picture: Option<String>,
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

/// Why a case cannot be looked at or decided.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// There is no such case, or it was decided.
    #[error("there is no such case, or it was decided already")]
    Unknown,
    /// The decision makes no sense.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// The database, or a sealed value.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The enrollment.
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl From<StoreError> for CaseError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

fn case(state: &AppState, row: Row) -> Result<Option<Case>, Fault> {
    let (id, since) = (state.ids.name(Kind::IdentityCase, row.enrollment), row.made_at);
    Ok(match sealed::task(state, row)? {
        AnyTask::Parked(task) => Some(Case { id, since, task }),
        AnyTask::Waiting(_) | AnyTask::Ended(_) => None,
    })
}

/// Cases after the one of this name, oldest first.
///
/// # Errors
/// [`CaseError`].
pub async fn list(state: &AppState, after: Option<&str>, most: u32) -> Result<Vec<Case>, CaseError> {
    let after = match after {
        Some(name) => state.ids.named(Kind::IdentityCase, name).ok_or(CaseError::Unknown)?,
        None => 0,
    };
    let rows = state.store.read(move |tx| Box::pin(async move { store::parked(tx, after, most.into()).await })).await?;
    let rows: Vec<Row> = rows;
    let mut cases = Vec::with_capacity(rows.len());
    for row in rows {
        cases.extend(case(state, row)?);
    }
    Ok(cases)
}

/// The case of this name.
///
/// # Errors
/// [`CaseError`].
pub async fn find(state: &AppState, id: &str) -> Result<Case, CaseError> {
    let enrollment = state.ids.named(Kind::IdentityCase, id).ok_or(CaseError::Unknown)?;
    let row = state.store.read(move |tx| Box::pin(async move { store::find(tx, enrollment).await })).await?;
    let row: Row = row.ok_or(CaseError::Unknown)?;
    case(state, row)?.ok_or(CaseError::Unknown)
}

/// Who was enrolled, as far as it can be read.
///
/// # Errors
/// [`CaseError`] where the store does not answer.
pub async fn enrolled(state: &AppState, case: &Case) -> Result<Known, CaseError> {
    if case.task.content.claim.is_some() {
        let Some((attributes, captured)) = claims::said(state, case.task.enrollment).await? else {
            return Ok(Known::default());
        };
        let photo = match biometrics::face(&captured) {
            Some(face) => biometrics::photo(face).await,
            None => None,
        };
        return Ok(Known {
            uin: case.task.content.uin.clone(),
            biographic: osia::biographic(&attributes),
            picture: photo.map(|photo| photo.data_uri()),
        });
    }
    let read = match source::read(state, case.task.enrollment).await {
        Ok(Some(read)) => read,
        Ok(None) | Err(ReadError::Unreadable(_)) => return Ok(Known::default()),
        Err(error) => return Err(error.into()),
    };
    let buffers = Buffers::of(state, &read);
    let draft = match draft::draft(state, &read.enrollment, &buffers, case.since, false).await {
        Ok(draft) => draft,
        Err(ReadError::Unreadable(_)) => return Ok(Known::default()),
        Err(error) => return Err(error.into()),
    };
    Ok(Known {
        uin: None,
        biographic: osia::biographic(&draft.attributes),
        picture: draft.photo.map(|photo| photo.data_uri()),
    })
}

/// What is known of somebody who may be the same; empty of one who is only about to be made.
///
/// # Errors
/// [`CaseError`].
pub async fn known(state: &AppState, person: PersonId) -> Result<Known, CaseError> {
    let inner = state.clone();
    let whole = state.store.read(move |tx| Box::pin(async move { registry::whole(&inner, tx, person).await })).await?;
    let Some(whole) = whole else { return Ok(Known::default()) };
    Ok(Known {
        uin: registry::uin_of(state, person).await?.map(|uin| uin.to_string()),
        biographic: osia::biographic(&whole.person.attributes),
        picture: whole.person.photo.map(|photo| photo.data_uri()),
    })
}

/// Decides of a case, once: of two who do, the second is told that there is none. `by` and `why` are kept.
///
/// # Errors
/// [`CaseError`]; then the case is as it was.
pub async fn decide(state: &AppState, id: &str, decision: Decision, by: &str, why: &str) -> Result<(), CaseError> {
    let task = find(state, id).await?.task;
    let decided = task.decide(decision, by, why)?;
    let inner = state.clone();
    let saved = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let saved = saved::decided(&inner, tx, &decided).await?;
                if saved {
                    match &decided {
                        Decided::Ends(task) => {
                            saved::note(&inner, tx, EventKind::DuplicateDecided, task, task.stage.person()).await?;
                        }
                        Decided::Waits(task) => {
                            saved::note(&inner, tx, EventKind::DuplicateDecided, task, None).await?;
                        }
                    }
                    tx.wake(wait::enrollments());
                }
                Ok::<_, Fault>(saved)
            })
        })
        .await?;
    if saved { Ok(()) } else { Err(CaseError::Unknown) }
}

/// What became of an enrollment.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How far it is.
    pub state: State,
    /// Why it is parked.
    pub cause: Option<Cause>,
    /// Whose it is.
    pub person: Option<PersonId>,
    /// What is known of it.
    pub content: Content,
}

/// What became of a service's enrollment; `None` where it was not taken on.
///
/// # Errors
/// [`Fault`].
pub async fn outcome(state: &AppState, service: &Service, id: &EnrollmentId) -> Result<Option<Outcome>, Fault> {
    let reference = sealed::reference(state, service, id);
    let row = state.store.read(move |tx| Box::pin(async move { store::named(tx, &reference).await })).await?;
    let row: Option<Row> = row;
    row.map(|row| {
        Ok(match sealed::task(state, row)? {
            AnyTask::Waiting(task) => {
                Outcome { state: State::Waiting, cause: None, person: None, content: task.content }
            }
            AnyTask::Parked(task) => {
                Outcome { state: State::Parked, cause: Some(task.stage.0), person: None, content: task.content }
            }
            AnyTask::Ended(task) => {
                let (state, person) = (task.stage.state(), task.stage.person());
                Outcome { state, cause: None, person, content: task.content }
            }
        })
    })
    .transpose()
}

/// The `enrollmentId` of every enrollment that was found to be a person's (GS-IDF-01), with the service of each.
///
/// # Errors
/// [`Fault`].
pub async fn references(state: &AppState, person: PersonId) -> Result<Vec<(String, String)>, Fault> {
    let rows = state.store.read(move |tx| Box::pin(async move { store::of_person(tx, person).await })).await?;
    let rows: Vec<Row> = rows;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        if let AnyTask::Ended(Task { service, content, .. }) = sealed::task(state, row)?
            && content.claim.is_none()
        {
            found.push((service, content.enrollment_id));
        }
    }
    Ok(found)
}
