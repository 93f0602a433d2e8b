//! `POST /v1/enrollments/{enrollmentId}`: createEnrollment (OSIA-ENR-01).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::accept;
use super::call::{Call, Named};
use super::finalize;
use super::model::Status;
use super::store;
use crate::audit::EventKind;
use crate::osia::Refusal;
use crate::state::AppState;

/// Makes an enrollment under the client's id; with `finalize=true` it is finalized at once (GS-ENR-02).
///
/// # Errors
/// [`Refusal`]: `Conflict` where the id is taken in the caller's service.
pub async fn post(
    State(state): State<AppState>,
    call: Call,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let status = if call.parameters.boolean("finalize", false)? { Status::Finalized } else { Status::InProgress };
    let enrollment = accept::sent(&state, &id, &headers, body).await?;
    let row = state.next_id();
    let rows = accept::accept(&state, &call, &id, row, enrollment, None, status).await?;
    let lookup = id.lookup(&state, &call.service);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let now = inner.clock.now();
                if !store::insert(tx, row, call.service.name(), &lookup, status, &rows, now).await? {
                    return Err(Refusal::Conflict("there is an enrollment with this id already"));
                }
                call.record(&inner, tx, EventKind::EnrollmentCreated, Some((&id, Some(row)))).await?;
                if status == Status::Finalized {
                    finalize::hand_over(&inner, tx, &call, &id, row).await?;
                }
                Ok(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
