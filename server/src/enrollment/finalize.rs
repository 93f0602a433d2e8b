//! `PUT /v1/enrollments/{enrollmentId}/finalize`: finalizeEnrollment (OSIA-ENR-06): all data has been collected, and somebody
//! may make an identity of it.

use axum::extract::State;
use axum::http::StatusCode;

use super::call::{Call, Named};
use super::fault::Fault;
use super::name::EnrollmentId;
use super::protect;
use super::read::opened;
use super::sealed;
use super::store::{self, Head, Parts};
use super::update::TRIES;
use crate::audit::EventKind;
use crate::clock::Millis;
use crate::events::{self, Event};
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::wait;

/// Finalizes an enrollment, once.
///
/// # Errors
/// [`Refusal`]: `Forbidden` where it is finalized already.
pub async fn put(State(state): State<AppState>, call: Call, Named(id): Named) -> Result<StatusCode, Refusal> {
    for _ in 0..TRIES {
        let lookup = id.lookup(&state, &call.service);
        let read = state.store.read(move |tx| Box::pin(async move { store::find(tx, &lookup, Parts::ALL).await }));
        let stored = read.await?.ok_or(Refusal::NotFound)?;
        let change = stored.head.stage().open()?.finalized();
        // Encrypted buffers must be there and open now.
        let (_, enrollment) = opened(&state, stored)?;
        protect::check(&state, &call, &id, &enrollment, Some(&enrollment), change.status).await?;
        let (inner, by, name) = (state.clone(), call.clone(), id.clone());
        let saved = state
            .store
            .write(move |tx| {
                Box::pin(async move {
                    if !store::save(tx, change, None, inner.clock.now()).await? {
                        return Ok::<_, Refusal>(false);
                    }
                    hand_over(&inner, tx, &by, &name, change.row).await?;
                    Ok(true)
                })
            })
            .await?;
        if saved {
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(Refusal::Unavailable)
}

/// The caller's enrollment, without its data.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Unavailable`].
pub(super) async fn head(state: &AppState, call: &Call, id: &EnrollmentId) -> Result<Head, Refusal> {
    let lookup = id.lookup(state, &call.service);
    let found = state.store.read(move |tx| Box::pin(async move { store::head(tx, &lookup).await })).await?;
    found.ok_or(Refusal::NotFound)
}

/// What finalizing means, in the same transaction: it is written down, and whoever makes identities is woken.
pub(super) async fn hand_over(
    state: &AppState,
    tx: &mut Tx,
    call: &Call,
    id: &EnrollmentId,
    row: i64,
) -> Result<(), Refusal> {
    let sealed = sealed::transaction(state, row, &call.transaction.0)?;
    store::hand_over(tx, row, &sealed, state.clock.now()).await?;
    call.record(state, tx, EventKind::EnrollmentFinalized, Some((id, Some(row)))).await?;
    let event = Event::EnrollmentFinalized {
        service: Some(call.service.name().to_owned()),
        enrollment_id: id.as_str().to_owned(),
        transaction_id: call.transaction.0.clone(),
    };
    events::publish(state, tx, &event).await?;
    tx.wake(wait::enrollments());
    Ok(())
}

/// A finalized enrollment that nobody has taken on.
pub struct Finalized {
    /// Its row: what [`take_finalized`] and [`super::load`] ask for.
    pub row: i64,
    /// The `transactionId` of the call that finalized it.
    pub transaction_id: String,
    /// When that was.
    pub at: Millis,
}

/// The oldest finalized enrollments whose row is above `after`, `most` of them; [`wait::enrollments`] is woken when there is
/// a new one.
///
/// # Errors
/// [`Fault`].
pub async fn finalized(state: &AppState, after: i64, most: u32) -> Result<Vec<Finalized>, Fault> {
    let rows =
        state.store.read(move |tx| Box::pin(async move { store::finalized(tx, after, most.into()).await })).await?;
    // One that no secret opens any more keeps nobody else waiting.
    let opened = rows.into_iter().filter_map(|(row, sealed, at)| match sealed::open_transaction(state, row, &sealed) {
        Ok(transaction_id) => Some(Finalized { row, transaction_id, at }),
        Err(error) => {
            tracing::error!(%error, "a finalized enrollment cannot be opened");
            None
        }
    });
    Ok(opened.collect())
}

/// Takes a finalized enrollment on, in the transaction that writes down what becomes of it: of several that try, one does.
/// `false` where another one did, or it was deleted.
///
/// # Errors
/// [`StoreError`].
pub async fn take_finalized(tx: &mut Tx, row: i64) -> Result<bool, StoreError> {
    store::take_finalized(tx, row).await
}
