//! What every enrollment goes through before it is written, however it came: by POST, PUT, PATCH or finalize.

use axum::body::Body;
use axum::http::HeaderMap;
use serde_json::Value;

use super::call::Call;
use super::model::{Enrollment, Status};
use super::name::EnrollmentId;
use super::protect;
use super::sealed::{self, Rows};
use crate::osia::{Refusal, body};
use crate::state::AppState;

/// The enrollment in the body of a POST or PUT; one without data where there is no body, which the interface file permits.
///
/// # Errors
/// [`Refusal::Bad`] where it is not as the schema has it or names another id; those of [`body::json`].
pub(super) async fn sent(
    state: &AppState,
    id: &EnrollmentId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Enrollment, Refusal> {
    let most = state.config.enrollment.largest_record;
    let bytes = body::json(headers, body, &["application/json"], most).await?;
    let read = Enrollment::read(bytes.as_deref().unwrap_or(b"{}"));
    of_id(read.map_err(|fault| Refusal::bad(fault.to_string()))?, id)
}

/// The patch in the body of a PATCH; one that changes nothing where there is no body.
///
/// # Errors
/// Those of [`body::json`]; [`Refusal::Bad`] where it is no JSON object.
pub(super) async fn patch(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
    let most = state.config.enrollment.largest_record;
    let kinds = ["application/json", "application/merge-patch+json"];
    let bytes = body::json(headers, body, &kinds, most).await?;
    let patch: Value = serde_json::from_slice(bytes.as_deref().unwrap_or(b"{}"))
        .map_err(|_| Refusal::bad("the body must be JSON (RFC 8259)"))?;
    if patch.is_object() { Ok(patch) } else { Err(Refusal::bad("the patch must be a JSON object (RFC 7396)")) }
}

/// An enrollment whose `enrollmentId`, where it says one, is that of the path (OSIA-MOD-01).
///
/// # Errors
/// [`Refusal::Bad`] where it is another.
pub(super) fn of_id(enrollment: Enrollment, id: &EnrollmentId) -> Result<Enrollment, Refusal> {
    if enrollment.enrollment_id.as_deref().is_some_and(|said| said != id.as_str()) {
        return Err(Refusal::bad("enrollmentId: must be that of the path, or left out"));
    }
    Ok(enrollment)
}

/// Seals an enrollment for its row, once it is good: its blocks hold, and its client's policy is met. `status` is what it will
/// have; `before` is the enrollment as it lies, where the new one was made from it.
///
/// # Errors
/// [`Refusal::Bad`] where it is not; [`Refusal::Unavailable`].
pub(super) async fn accept(
    state: &AppState,
    call: &Call,
    id: &EnrollmentId,
    row: i64,
    enrollment: Enrollment,
    before: Option<&Enrollment>,
    status: Status,
) -> Result<Rows, Refusal> {
    protect::check(state, call, id, &enrollment, before, status).await?;
    sealed::rows(state, row, &call.service, id, enrollment)
}
