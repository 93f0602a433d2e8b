//! How a citizen's no is written down: the event, and a case where something looked wrong.

use protocol::linked::DenyReason;

use crate::audit::{Cause, Event, EventKind, NewCase};
use crate::authorization::{Stage, Transaction};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A reason as the database has it.
pub(super) fn name(reason: DenyReason) -> &'static str {
    match reason {
        DenyReason::NotMe => "not_me",
        DenyReason::ChangedMind => "changed_mind",
        DenyReason::Suspicious => "suspicious",
    }
}

/// Who had proven to be there, before the transaction is moved.
pub(super) fn person(transaction: &Transaction) -> Option<i64> {
    match &transaction.stage {
        Stage::LinkedAuthenticated(_, who) | Stage::Approved(_, who, _) | Stage::Authenticated(who) => {
            Some(who.person.0)
        }
        _ => None,
    }
}

/// A refusal in the wallet.
pub(super) struct Denied<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) linked: i64,
    pub(super) person: Option<i64>,
    pub(super) reason: Option<&'a str>,
    /// What opens a case, where something does.
    pub(super) cause: Option<Cause>,
}

/// Records a refusal in the write that makes it.
pub(super) async fn record(state: &AppState, tx: &mut Tx, denied: Denied<'_>) -> Result<(), StoreError> {
    let Denied { transaction, linked, person, reason, cause } = denied;
    let (mount, client, login) = (transaction.mount, transaction.client_id.as_str(), transaction.id);
    let mut event = Event::new(EventKind::LoginDenied, mount).client(client).login(login).object(linked);
    if let Some(person) = person {
        event = event.person(person);
    }
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    state.audit.record(tx, event).await?;
    if let Some(cause) = cause {
        let case = NewCase { mount, client, person, login, cause, reason: reason.unwrap_or("none") };
        state.audit.open_case(tx, case).await?;
    }
    Ok(())
}
