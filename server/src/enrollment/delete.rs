//! `DELETE /v1/enrollments/{enrollmentId}`: deleteEnrollment (OSIA-ENR-05).

use axum::extract::State;
use axum::http::StatusCode;

use super::call::{Call, Named};
use super::store;
use crate::audit::EventKind;
use crate::osia::Refusal;
use crate::state::AppState;

/// Deletes an enrollment with its buffers, a finalized one too: to erase what it holds is its service's duty. What was made
/// of it in the registry stays; what nobody has taken on yet, nobody will.
///
/// # Errors
/// [`Refusal`].
pub async fn delete(State(state): State<AppState>, call: Call, Named(id): Named) -> Result<StatusCode, Refusal> {
    let lookup = id.lookup(&state, &call.service);
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let row = store::delete(tx, &lookup).await?.ok_or(Refusal::NotFound)?;
                call.record(&inner, tx, EventKind::EnrollmentDeleted, Some((&id, Some(row)))).await?;
                Ok::<_, Refusal>(())
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
