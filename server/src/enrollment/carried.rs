//! Enrollments on their way to another instance, in whatever state they are.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::model::Enrollment;
use super::name::EnrollmentId;
use super::read::opened;
use super::service::Service;
use super::store::{self, Parts, carried::Times};
use super::{sealed, store::carried as rows};
use crate::clock::Millis;
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// An enrollment, whole; its buffers travel beside it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Carried {
    /// Primary key.
    pub id: i64,
    /// Whose it is.
    pub service: String,
    /// How often it was written.
    pub version: i64,
    /// When it was made, in milliseconds since 1970.
    pub created_at: Millis,
    /// When it last changed.
    pub updated_at: Millis,
    /// When it was finalized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalized_at: Option<Millis>,
    /// Present where it is finalized, and nobody has taken it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_taken_on: Option<NotTakenOn>,
    /// OSIA's `Enrollment`, with `enrollmentId` and `status`. What its client encrypted is encrypted here too.
    pub enrollment: Enrollment,
}

/// What is known of a finalized enrollment that waits to be taken on.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotTakenOn {
    /// The `transactionId` of the call that finalized it.
    pub transaction_id: String,
    /// Since when it waits.
    pub since: Millis,
}

/// The next enrollment above a primary key.
///
/// # Errors
/// [`Fault`].
pub async fn carry(state: &AppState, after: i64) -> Result<Option<Carried>, Fault> {
    let read = state.store.read(move |tx| {
        Box::pin(async move {
            let Some(times) = rows::next(tx, after).await? else { return Ok::<_, StoreError>(None) };
            let stored = store::find_row(tx, times.id, Parts::ALL).await?;
            Ok(Some((times, stored, rows::waiting(tx, times.id).await?)))
        })
    });
    let Some((times, stored, waiting)) = read.await? else { return Ok(None) };
    let Times { id, created_at, updated_at, finalized_at } = times;
    let stored = stored.ok_or(StoreError::Corrupt { what: "enrollment" })?;
    let (service, version) = (stored.service.clone(), stored.head.version);
    let (_, enrollment) = opened(state, stored)?;
    let not_taken_on = waiting
        .map(|(sealed, since)| {
            let transaction_id = sealed::open_transaction(state, id, &sealed)?;
            Ok::<_, Fault>(NotTakenOn { transaction_id, since })
        })
        .transpose()?;
    Ok(Some(Carried { id, service, version, created_at, updated_at, finalized_at, not_taken_on, enrollment }))
}

/// Writes an enrollment as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where it is malformed, or two of a service have one id.
pub async fn settle(state: &AppState, tx: &mut Tx, carried: &Carried) -> Result<(), Refusal> {
    let Carried { id, version, created_at, updated_at, finalized_at, .. } = *carried;
    let enrollment = &carried.enrollment;
    let name = enrollment.enrollment_id.clone().ok_or_else(|| Refusal::bad("enrollmentId is missing"))?;
    let status = enrollment.status.ok_or_else(|| Refusal::bad("status is missing"))?;
    let (service, name) = (Service::from(carried.service.clone()), EnrollmentId::read(name)?);
    let written = sealed::rows(state, id, &service, &name, enrollment.clone())?;
    let lookup = name.lookup(state, &service);
    if !store::insert(tx, id, service.name(), &lookup, status, &written, created_at).await? {
        return Err(Refusal::bad("two enrollments of a service have one id"));
    }
    rows::set_times(tx, version, Times { id, created_at, updated_at, finalized_at }).await?;
    if let Some(NotTakenOn { transaction_id, since }) = &carried.not_taken_on {
        store::hand_over(tx, id, &sealed::transaction(state, id, transaction_id)?, *since).await?;
    }
    Ok(())
}

/// Whether there is neither an enrollment nor a buffer, in the caller's transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    rows::is_empty(tx).await
}
