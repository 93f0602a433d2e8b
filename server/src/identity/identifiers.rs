//! The numbers that name persons: a new UIN for another registry (OSIA UIN 1.2.0), and a person's virtual ids (GS-IDF-01).

use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::calls::{self, Call};
use super::duplicates;
use crate::audit::EventKind;
use crate::http::envelope::format_time;
use crate::osia::{Refusal, Strict, Transaction, repeated};
use crate::registry::{self, Fault, Held, IdentifierKind};
use crate::state::AppState;

/// Attributes of the person who gets the number: texts, numbers, truths. They are looked at and not kept.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Attributes(Map<String, Value>);

/// `POST /v1/uin`: a UIN that nobody has or ever gets again.
///
/// # Errors
/// 400 without `transactionId`, and for attributes that are objects, lists or null.
pub async fn uin(
    State(state): State<AppState>,
    _: Transaction,
    call: Call,
    Strict(Attributes(attributes)): Strict<Attributes>,
) -> Result<Json<String>, Refusal> {
    let simple = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    if let Some((name, _)) = attributes.iter().find(|(_, value)| !simple(value)) {
        return Err(Refusal::bad(format!("{} must be a text, a number, true or false", repeated(name))));
    }
    let (inner, trace) = (state.clone(), call.trace());
    let uin: Result<String, Fault> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let uin = registry::issue_uin(&inner, tx).await?;
                trace.record(&inner, tx, EventKind::UinIssued, None, None).await?;
                Ok(uin)
            })
        })
        .await;
    Ok(Json(uin?))
}

/// Whose identifiers.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonRequest {
    /// UIN or another identifier. In a body, so that it stands in no URL.
    individual_id: String,
}

/// A person's identifiers.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Identifiers {
    /// What the person is or was found by, in the order in which they came.
    identifiers: Vec<IdentifierView>,
    /// Enrollments that were found to be the person's.
    enrollments: Vec<EnrollmentView>,
}

/// One identifier.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdentifierView {
    /// Of what kind.
    kind: IdentifierKind,
    /// It.
    value: String,
    /// Whether the person is found by it now.
    good: bool,
    /// When it was given out; absent where it came with the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    issued: Option<String>,
    /// When it ends; absent where it does not end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
}

/// An enrollment, by the id that its client gave it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnrollmentView {
    /// Whose enrollment it is.
    service: String,
    /// The client's own id.
    enrollment_id: String,
}

fn view(state: &AppState, held: Held) -> IdentifierView {
    let good = held.is_good(state.clock.now());
    let Held { identifier, made_at, ends_at, revoked_at } = held;
    IdentifierView {
        kind: identifier.kind,
        value: identifier.value,
        good,
        issued: made_at.map(format_time),
        ends: ends_at.map(format_time),
        revoked: revoked_at.map(format_time),
    }
}

/// `POST /identity/identifiers/list`.
///
/// # Errors
/// 404 where nobody has the identifier.
pub async fn list(
    State(state): State<AppState>,
    call: Call,
    Strict(request): Strict<PersonRequest>,
) -> Result<Json<Identifiers>, Refusal> {
    let person = calls::person(&state, &request.individual_id).await?;
    call.note(&state, EventKind::IdentifiersRead, Some(person), None).await?;
    let held = registry::held(&state, person).await?;
    let enrollments = duplicates::references(&state, person).await?;
    Ok(Json(Identifiers {
        identifiers: held.into_iter().map(|held| view(&state, held)).collect(),
        enrollments: enrollments
            .into_iter()
            .map(|(service, enrollment_id)| EnrollmentView { service, enrollment_id })
            .collect(),
    }))
}

/// Who is to get a virtual id.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IssueRequest {
    /// UIN or another identifier.
    individual_id: String,
    /// Days that it is good for; 0: until it is revoked. As configured where it is left out.
    #[serde(default)]
    days: Option<u32>,
}

/// `POST /identity/identifiers/issue`.
///
/// # Errors
/// As [`list`]; 400 for more than a hundred years.
pub async fn issue(
    State(state): State<AppState>,
    call: Call,
    Strict(request): Strict<IssueRequest>,
) -> Result<Json<IdentifierView>, Refusal> {
    if request.days.is_some_and(|days| days > registry::MOST_VIRTUAL_DAYS) {
        return Err(Refusal::bad("days must be 0 to 36500"));
    }
    let person = calls::person(&state, &request.individual_id).await?;
    let (inner, trace, because) = (state.clone(), call.trace(), call.because(""));
    let issued: Result<Held, Refusal> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let issued = registry::issue_virtual_within(&inner, tx, person, request.days, because).await?;
                trace.record(&inner, tx, EventKind::IdentifierIssued, Some(person), None).await?;
                issued.ok_or(Refusal::NotFound)
            })
        })
        .await;
    Ok(Json(view(&state, issued?)))
}

/// Which virtual id is to end.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevokeRequest {
    /// UIN or another identifier of the person.
    individual_id: String,
    /// The virtual id.
    virtual_id: String,
}

/// `POST /identity/identifiers/revoke`: nobody is found by it any more.
///
/// # Errors
/// As [`list`], and where it is no virtual id of the person that still stands.
pub async fn revoke(
    State(state): State<AppState>,
    call: Call,
    Strict(request): Strict<RevokeRequest>,
) -> Result<axum::http::StatusCode, Refusal> {
    let person = calls::person(&state, &request.individual_id).await?;
    let (inner, trace, because) = (state.clone(), call.trace(), call.because(""));
    let revoked: Result<(), Refusal> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !registry::revoke_virtual_within(&inner, tx, person, &request.virtual_id, because).await? {
                    return Err(Refusal::NotFound);
                }
                Ok(trace.record(&inner, tx, EventKind::IdentifierRevoked, Some(person), None).await?)
            })
        })
        .await;
    revoked?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}
