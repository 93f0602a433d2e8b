//! What became of enrollments, and deciding of those that are parked, over HTTP.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::calls::{self, Call};
use super::duplicates::{self, Case, CaseError, Known};
use super::model::{Cause, Decision, DecisionError, State as Stage, Suspect};
use crate::audit::EventKind;
use crate::enrollment;
use crate::http::envelope::format_time;
use crate::ids::Kind;
use crate::osia::{Refusal, Strict};
use crate::registry::{self, PersonId};
use crate::state::AppState;

/// Cases of a page.
const PAGE: u32 = 100;

impl From<CaseError> for Refusal {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Unknown => Self::NotFound,
            CaseError::Decision(error @ DecisionError::NoSuspect) => Self::bad(error.to_string()),
            CaseError::Decision(DecisionError::NotReadable) => {
                Self::Conflict("nobody can be made of this enrollment as it is: refuse it, or have it looked at again")
            }
            CaseError::Fault(fault) => fault.into(),
            CaseError::Read(error) => {
                tracing::error!(%error, "an enrollment could not be read");
                Self::Unavailable
            }
        }
    }
}

/// What became of an enrollment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Became {
    /// The client's own id.
    enrollment_id: String,
    /// How far it is.
    state: Stage,
    /// Why it is parked.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
    /// The UIN of the person whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    uin: Option<String>,
}

/// `GET /identity/enrollments/{enrollmentId}`: for the service whose enrollment it is.
///
/// # Errors
/// 404 where the service has no such enrollment, or it is not finalized or was not taken on yet; 400 without
/// `transactionId`.
pub async fn enrollment(
    State(state): State<AppState>,
    call: enrollment::Call,
    enrollment::Named(id): enrollment::Named,
) -> Result<Json<Became>, Refusal> {
    let outcome = duplicates::outcome(&state, &call.service, &id).await?.ok_or(Refusal::NotFound)?;
    call.note_read(&state, &id).await?;
    let uin = match outcome.person {
        Some(person) => registry::uin_of(&state, person).await?.map(|uin| uin.to_string()),
        None => None,
    };
    let enrollment_id = id.as_str().to_owned();
    Ok(Json(Became { enrollment_id, state: outcome.state, cause: outcome.cause, uin }))
}

/// Parked enrollments, oldest first.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cases {
    /// They.
    cases: Vec<CaseView>,
    /// Where to go on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// A parked enrollment, or a parked identity of the population registry.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseView {
    /// Its name.
    case_id: String,
    /// When the enrollment was finalized, or the identity was looked at.
    since: String,
    /// Whose enrollment it is; of an identity mount and id of the client that sent it, with a colon between.
    service: String,
    /// The client's own id of the enrollment.
    #[serde(skip_serializing_if = "Option::is_none")]
    enrollment_id: Option<String>,
    /// The identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_id: Option<String>,
    /// Whose identity it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    person_id: Option<String>,
    /// Why it is parked.
    cause: Cause,
    /// What makes it unreadable or unfit: places and rules, no values.
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<String>,
    /// Who may be the same person.
    suspects: Vec<SuspectView>,
}

/// Somebody who may be the same person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SuspectView {
    /// The name by which a decision names the person.
    person: String,
    /// How alike the attributes are, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    likeness: Option<f64>,
    /// What the ABIS said of the biometrics, in its own unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
}

fn suspect(state: &AppState, suspect: Suspect) -> SuspectView {
    let Suspect { person, likeness, score } = suspect;
    SuspectView { person: state.ids.name(Kind::Person, person.0), likeness, score }
}

fn view(state: &AppState, case: Case) -> CaseView {
    let Case { id, since, task } = case;
    let content = task.content;
    let (enrollment_id, identity_id, person_id) = match content.claim {
        Some(_) => (None, Some(content.enrollment_id), content.uin),
        None => (Some(content.enrollment_id), None, None),
    };
    CaseView {
        case_id: id,
        since: format_time(since),
        service: task.service,
        enrollment_id,
        identity_id,
        person_id,
        cause: task.stage.0,
        fault: content.fault,
        suspects: content.suspects.into_iter().map(|one| suspect(state, one)).collect(),
    }
}

/// `GET /identity/duplicates?after=&limit=`. That they were listed is written down.
///
/// # Errors
/// 400 for a limit out of range, 404 for an unknown `after`.
pub async fn list(State(state): State<AppState>, call: Call) -> Result<Json<Cases>, Refusal> {
    let limit = call.parameters.page(PAGE, PAGE)?.limit;
    if limit == 0 {
        return Err(Refusal::bad("limit must be 1 to 100"));
    }
    let cases = duplicates::list(&state, call.parameters.one("after")?, limit).await?;
    call.note(&state, EventKind::DuplicateRead, None, None).await?;
    let full = u32::try_from(cases.len()).is_ok_and(|found| found == limit);
    let after = cases.last().filter(|_| full).map(|case| case.id.clone());
    Ok(Json(Cases { cases: cases.into_iter().map(|case| view(&state, case)).collect(), after }))
}

/// A case, with those whom it is about side by side.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaseDetails {
    #[serde(flatten)]
    case: CaseView,
    /// Who was enrolled.
    enrolled: KnownView,
    /// Who may be the same, in the order of `suspects`.
    known: Vec<KnownView>,
}

/// What is known of somebody.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KnownView {
    /// UIN; absent where no person was made yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    uin: Option<String>,
    /// What is known, in OSIA's words.
    biographic_data: Map<String, Value>,
    /// Face, as a `data:` URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

impl From<Known> for KnownView {
    fn from(Known { uin, biographic, picture }: Known) -> Self {
        Self { uin, biographic_data: biographic, picture }
    }
}

/// `GET /identity/duplicates/{caseId}`. That it was looked at is written down, for each person it shows.
///
/// # Errors
/// 404 where there is no such case, or it was decided.
pub async fn show(
    State(state): State<AppState>,
    call: Call,
    Path(case_id): Path<String>,
) -> Result<Json<CaseDetails>, Refusal> {
    let case = duplicates::find(&state, &case_id).await?;
    let (persons, object) = (case.task.content.suspects.clone(), case.task.enrollment);
    call.note(&state, EventKind::DuplicateRead, None, Some(object)).await?;
    let enrolled = duplicates::enrolled(&state, &case).await?;
    let mut known = Vec::with_capacity(persons.len());
    for Suspect { person, .. } in persons {
        call.note(&state, EventKind::DuplicateRead, Some(person), Some(object)).await?;
        known.push(duplicates::known(&state, person).await?.into());
    }
    Ok(Json(CaseDetails { case: view(&state, case), enrolled: enrolled.into(), known }))
}

/// What somebody decides.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// It is another person: make one.
    Different,
    /// It is one of those who may be the same: make nobody.
    Same,
    /// Make nobody of it.
    Refuse,
    /// Look at it again, as if for the first time.
    Again,
}

impl Choice {
    /// The decision; `person` is needed for [`Choice::Same`] and for nothing else. `None` where that does not hold.
    #[must_use]
    pub fn decision(self, person: Option<PersonId>) -> Option<Decision> {
        match (self, person) {
            (Self::Different, None) => Some(Decision::Different),
            (Self::Same, Some(person)) => Some(Decision::Same(person)),
            (Self::Refuse, None) => Some(Decision::Refuse),
            (Self::Again, None) => Some(Decision::Again),
            _ => None,
        }
    }
}

/// A decision of a case.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DecideRequest {
    /// What.
    decision: Choice,
    /// Whose the enrollment is, with `same`: as `suspects` names the person.
    #[serde(default)]
    person: Option<String>,
    /// Why, in words for people: 1 to 1000 characters.
    reason: String,
}

/// `POST /identity/duplicates/{caseId}/decision`.
///
/// # Errors
/// 404 where there is no such case, or it was decided; 400 for `same` without one of those who may be the same; 409 for
/// `different` of an enrollment of which nobody can be made.
pub async fn decide(
    State(state): State<AppState>,
    call: Call,
    Path(case_id): Path<String>,
    Strict(request): Strict<DecideRequest>,
) -> Result<StatusCode, Refusal> {
    let reason = calls::reason(&request.reason)?;
    let named = |name: &String| state.ids.named(Kind::Person, name).map(PersonId);
    let person = match &request.person {
        Some(name) => Some(named(name).ok_or_else(|| Refusal::bad("person is not one of those who may be the same"))?),
        None => None,
    };
    let decision = request.decision.decision(person);
    let decision = decision.ok_or_else(|| Refusal::bad("person is needed with `same`, and with nothing else"))?;
    duplicates::decide(&state, &case_id, decision, call.actor().name(), reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
