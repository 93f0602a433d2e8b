//! What is written down and counted once a citizen has agreed in the wallet, by consent given now or before.

use crate::audit::{Event, EventKind};
use crate::authorization::{Stage, Transaction};
use crate::flow::{Step, Wait};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Records an approval in the write that makes it; does nothing at any other stage.
pub(super) async fn record(state: &AppState, tx: &mut Tx, transaction: &Transaction) -> Result<(), StoreError> {
    let Stage::Approved(link, who, _) = &transaction.stage else { return Ok(()) };
    let event = Event::new(EventKind::LoginApproved, transaction.mount).client(&transaction.client_id);
    state.audit.record(tx, event.login(transaction.id).person(who.person.0).object(link.linked)).await
}

/// Counts an approval that was committed.
pub(super) fn count(state: &AppState, transaction: &Transaction) {
    let Stage::Approved(link, ..) = &transaction.stage else { return };
    state.flow.count(transaction.mount, Step::Approved);
    state.flow.waited(transaction.mount, Wait::Approval, link.linked_at, state.clock.now());
}
