//! `PUT` and `PATCH /v1/enrollments/{enrollmentId}`: updateEnrollment and partialUpdateEnrollment (OSIA-ENR-03, OSIA-ENR-04).
//!
//! PUT replaces the enrollment as a whole, as HTTP has it; PATCH leaves unchanged what it does not name (GS-EAP-04).

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::accept;
use super::call::{Call, Named};
use super::finalize;
use super::model::{Enrollment, Status};
use super::name::EnrollmentId;
use super::read::opened;
use super::sealed::Rows;
use super::stage::Change;
use super::store::{self, Parts};
use crate::audit::EventKind;
use crate::osia::{Refusal, merged};
use crate::state::AppState;

/// How often a change is made anew where another one came first.
pub(super) const TRIES: u32 = 20;

/// Replaces an enrollment as a whole.
///
/// # Errors
/// [`Refusal`]: `Forbidden` where it is finalized.
pub async fn put(
    State(state): State<AppState>,
    call: Call,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let finalize = call.parameters.boolean("finalize", false)?;
    let enrollment = accept::sent(&state, &id, &headers, body).await?;
    for _ in 0..TRIES {
        let head = finalize::head(&state, &call, &id).await?;
        let open = head.stage().open()?;
        let change = if finalize { open.finalized() } else { open.updated() };
        let rows = accept::accept(&state, &call, &id, head.row, enrollment.clone(), None, change.status).await?;
        if save(&state, &call, &id, change, rows).await? {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(Refusal::Unavailable)
}

/// Merges a patch into an enrollment (RFC 7396); the result must be a good one.
///
/// # Errors
/// [`Refusal`]: `Forbidden` where it is finalized.
pub async fn patch(
    State(state): State<AppState>,
    call: Call,
    Named(id): Named,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, Refusal> {
    let finalize = call.parameters.boolean("finalize", false)?;
    let patch = accept::patch(&state, &headers, body).await?;
    for _ in 0..TRIES {
        let lookup = id.lookup(&state, &call.service);
        let read = state.store.read(move |tx| Box::pin(async move { store::find(tx, &lookup, Parts::ALL).await }));
        let stored = read.await?.ok_or(Refusal::NotFound)?;
        let (row, open) = (stored.head.row, stored.head.stage().open()?);
        let (_, before) = opened(&state, stored)?;
        let enrollment = after(before.clone(), patch.clone(), &id)?;
        let change = if finalize { open.finalized() } else { open.updated() };
        let rows = accept::accept(&state, &call, &id, row, enrollment, Some(&before), change.status).await?;
        if save(&state, &call, &id, change, rows).await? {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(Refusal::Unavailable)
}

/// The merged enrollment, where it is as the schema has it.
fn after(before: Enrollment, patch: Value, id: &EnrollmentId) -> Result<Enrollment, Refusal> {
    let before = serde_json::to_value(before).map_err(|_| Refusal::Unavailable)?;
    let merged = merged(before, patch);
    let enrollment = Enrollment::from_value(merged).map_err(|fault| Refusal::bad(fault.to_string()))?;
    accept::of_id(enrollment, id)
}

/// Writes a change; `false` where another one came first.
async fn save(state: &AppState, call: &Call, id: &EnrollmentId, change: Change, rows: Rows) -> Result<bool, Refusal> {
    let (inner, call, id) = (state.clone(), call.clone(), id.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::save(tx, change, Some(&rows), inner.clock.now()).await? {
                    return Ok(false);
                }
                call.record(&inner, tx, EventKind::EnrollmentChanged, Some((&id, Some(change.row)))).await?;
                if change.status == Status::Finalized {
                    finalize::hand_over(&inner, tx, &call, &id, change.row).await?;
                }
                Ok(true)
            })
        })
        .await
}
