//! The end of what a person agreed to: withdrawn, taken back before anything came of it, or erased.

use super::model::{Decision, Stage, Transaction};
use super::{consent, store};
use crate::audit::{Event, EventKind};
use crate::clock::Millis;
use crate::consents;
use crate::dialect::Mount;
use crate::registry::{Fault, PersonId};
use crate::sessions;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// What a withdrawal ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawn {
    /// The issuer.
    pub mount: Mount,
    /// The relying party's client.
    pub client_id: String,
    /// When the consent that was named ended; earlier than now where it was withdrawn before.
    pub at: Millis,
}

/// Withdraws what a person agreed to for the relying party of one of the person's receipts, all of it: from then on no
/// code and no token of those approvals is good, the next login asks again, and the relying party is told where it asked for
/// logout tokens. `None` where the person has no such
/// receipt. Withdrawing twice changes nothing.
///
/// # Errors
/// [`Fault`].
pub async fn withdraw(state: &AppState, person: PersonId, receipt: i64) -> Result<Option<Withdrawn>, Fault> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let Some(found) = consents::find(&inner, tx, person, receipt).await? else { return Ok(None) };
                let (mount, client_id) = (found.mount, found.client_id);
                end(&inner, tx, person, (mount, &client_id), Some(receipt)).await?;
                let at = found.withdrawn_at.unwrap_or(inner.clock.now());
                Ok(Some(Withdrawn { mount, client_id, at }))
            })
        })
        .await
}

/// Withdraws all that a person agreed to, for every relying party, inside the write that erases the person.
///
/// # Errors
/// [`Fault`].
pub async fn withdraw_all(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    for (mount, client_id) in consents::clients(state, tx, person).await? {
        end(state, tx, person, (mount, &client_id), None).await?;
    }
    // What is remembered of those whose receipts are gone.
    Ok(store::consent::forget_all(tx, person).await?)
}

async fn end(
    state: &AppState,
    tx: &mut Tx,
    person: PersonId,
    (mount, client_id): (Mount, &str),
    receipt: Option<i64>,
) -> Result<(), Fault> {
    // First the memory: a login that is being approved by it has it locked, and its receipt is then seen.
    consent::forget(tx, mount, client_id, person).await?;
    if consents::withdraw(state, tx, person, mount, client_id).await? > 0 {
        let event = Event::new(EventKind::ConsentWithdrawn, mount).client(client_id).person(person.0);
        let event = if let Some(receipt) = receipt { event.object(receipt) } else { event };
        state.audit.record(tx, event).await?;
        sessions::leave(state, tx, person, mount, client_id).await?;
    }
    Ok(())
}

/// An approval is taken back before the browser had its code: its receipt is withdrawn, and what was remembered with it
/// forgotten.
///
/// # Errors
/// [`StoreError`].
pub async fn take_back(state: &AppState, tx: &mut Tx, approved: &Transaction) -> Result<(), StoreError> {
    let Stage::Approved(_, who, Decision { receipt: Some(receipt), .. }) = &approved.stage else { return Ok(()) };
    consent::forget(tx, approved.mount, &approved.client_id, who.person).await?;
    consents::withdraw_one(state, tx, *receipt).await
}

/// Erases every receipt of a person and all that is remembered; what stands on them is dead. Gives how many receipts
/// there were. For those who have a right to be forgotten, and leave no proof of what they agreed to.
///
/// # Errors
/// [`StoreError`].
pub async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    store::consent::forget_all(tx, person).await?;
    consents::erase(state, tx, person).await
}
