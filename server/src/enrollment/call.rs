//! What every call has: who calls, for which service, and the caller's own name for what it does.

use axum::Extension;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::name::EnrollmentId;
use super::service::Service;
use crate::access::Caller;
use crate::audit::{Event, EventKind};
use crate::osia::{Parameters, Refusal, Transaction};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A call of an enrollment client whose token has the scope of the route.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// Whose enrollments it sees.
    pub service: Service,
    /// Its `transactionId`.
    pub transaction: Transaction,
    /// The query.
    pub parameters: Parameters,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Extension(caller) =
            Extension::<Caller>::from_request_parts(parts, state).await.map_err(|_| Refusal::Unauthorized)?;
        let parameters = Parameters::from_request_parts(parts, state).await?;
        let transaction = parameters.transaction()?;
        let service = Service::of(state, &caller).await?;
        Ok(Self { caller, service, transaction, parameters })
    }
}

impl Call {
    /// Writes down a step in the caller's transaction, with both of its trace ids (GS-ENR-08). `row` is the enrollment's.
    pub(super) async fn record(
        &self,
        state: &AppState,
        tx: &mut Tx,
        kind: EventKind,
        about: Option<(&EnrollmentId, Option<i64>)>,
    ) -> Result<(), StoreError> {
        let mut event = Event::new(kind, self.caller.mount).client(&self.caller.client_id).traced(&self.transaction.0);
        if let Some((id, row)) = about {
            event = event.enrollment(id.as_str());
            if let Some(row) = row {
                event = event.object(row);
            }
        }
        state.audit.record(tx, event).await
    }
}

impl Call {
    /// Writes down that somebody was told about an enrollment, before it is told.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is to be told.
    pub async fn note_read(&self, state: &AppState, id: &EnrollmentId) -> Result<(), StoreError> {
        let (call, inner, id) = (self.clone(), state.clone(), id.clone());
        let kind = EventKind::EnrollmentRead;
        state
            .store
            .write(move |tx| Box::pin(async move { call.record(&inner, tx, kind, Some((&id, None))).await }))
            .await
    }
}

/// The `enrollmentId` of a path that has no other parameter.
pub struct Named(pub EnrollmentId);

impl FromRequestParts<AppState> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let Path(id) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::bad("the path cannot be read"))?;
        EnrollmentId::read(id).map(Self)
    }
}
