//! `GET /v1/enrollments/{enrollmentId}`: readEnrollment (OSIA-ENR-02).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};

use super::call::{Call, Named};
use super::fault::Fault;
use super::filter::Filter;
use super::model::Enrollment;
use super::name::EnrollmentId;
use super::sealed;
use super::service::Service;
use super::store::{self, Parts, Stored};
use crate::audit::EventKind;
use crate::osia::Refusal;
use crate::state::AppState;

/// What no cache may keep.
pub(super) const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// The enrollment, or the members of it that `attributes` names.
///
/// # Errors
/// [`Refusal`]: `NotFound` also where another service has one of this id.
pub async fn get(
    State(state): State<AppState>,
    call: Call,
    Named(id): Named,
) -> Result<([(HeaderName, HeaderValue); 1], Json<Enrollment>), Refusal> {
    let filter = Filter::read(&call.parameters)?;
    let lookup = id.lookup(&state, &call.service);
    let parts = filter.parts();
    let stored = state.store.read(move |tx| Box::pin(async move { store::find(tx, &lookup, parts).await })).await?;
    let stored = stored.ok_or(Refusal::NotFound)?;
    let row = stored.head.row;
    let (_, enrollment) = opened(&state, stored)?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move { call.record(&inner, tx, EventKind::EnrollmentRead, Some((&id, Some(row)))).await })
        })
        .await?;
    Ok((NO_STORE, Json(filter.of(enrollment))))
}

/// An enrollment in the clear, with its id and status, and the parts that were read.
pub(super) fn opened(state: &AppState, stored: Stored) -> Result<(EnrollmentId, Enrollment), Fault> {
    let Stored { head, name, record, biometrics, documents, .. } = stored;
    let id = sealed::open_name(state, head.row, &name)?;
    let mut enrollment = sealed::open_record(state, head.row, &record)?.enrollment;
    sealed::open_rest(state, head.row, &mut enrollment, biometrics.as_deref(), documents.as_deref())?;
    enrollment.enrollment_id = Some(id.as_str().to_owned());
    enrollment.status = Some(head.status);
    Ok((id, enrollment))
}

/// An enrollment with everything, as its client sent it: what is encrypted is encrypted here too.
#[derive(Debug)]
pub struct Loaded {
    /// Whose it is.
    pub service: Service,
    /// The client's own id.
    pub id: EnrollmentId,
    /// Its data, with id and status.
    pub enrollment: Enrollment,
}

/// An enrollment by its row; `None` where it was deleted.
///
/// # Errors
/// [`Fault`].
pub async fn load(state: &AppState, row: i64) -> Result<Option<Loaded>, Fault> {
    let read = state.store.read(move |tx| Box::pin(async move { store::find_row(tx, row, Parts::ALL).await }));
    let Some(stored) = read.await? else { return Ok(None) };
    let service = Service::from(stored.service.clone());
    let (id, enrollment) = opened(state, stored)?;
    Ok(Some(Loaded { service, id, enrollment }))
}
