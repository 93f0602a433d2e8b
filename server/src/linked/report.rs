//! `/wallet/report`: something is wrong with a login. Before the browser has its code this is a refusal; afterwards it
//! revokes the code and the tokens that the login yielded. Either way a case is opened. Only the key that approved may
//! report, and saying it twice changes nothing.

use axum::extract::State;
use protocol::linked::{Report, ReportRequest};

use super::access::{self, Linked};
use super::ended::{self, Denied};
use crate::audit::{Cause, Event, EventKind, NewCase};
use crate::authorization::store::{TransactionError, save};
use crate::authorization::{DeniedBy, Stage, Transaction, consent, withdrawal};
use crate::binding::{BoundKey, Signed};
use crate::consents;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::flow::Step;
use crate::grants::{self, Reported};
use crate::http::envelope::Reply;
use crate::ids::Opened;
use crate::sessions;
use crate::state::AppState;
use crate::store::Tx;
use crate::wait;

/// Tries, where the browser takes its code in the same moment.
const TRIES: u32 = 4;

/// What a report did.
enum Done {
    /// It ended the login.
    Denied(Mount),
    /// It revoked what the login had yielded, or came too late for anything but a case.
    Reported(Mount),
    /// It had been said before.
    Before,
}

/// `POST /wallet/report`, header `Tessera-Wallet`.
///
/// # Errors
/// `invalid_wallet_token`, `invalid_transaction_id` (blank), `invalid_transaction` for a login that this key had no part
/// in, or that is too long ago.
pub async fn post(State(state): State<AppState>, caller: Signed<ReportRequest>) -> Result<Reply, ApiError> {
    let Signed { key, request } = caller;
    let id = access::open_linked(&state, &request.linked_transaction_id)?;
    let reason = request.reason.map_or("none", ended::name);
    let mut tries = 0;
    let done = loop {
        tries += 1;
        match report(&state, key.clone(), id.clone(), reason).await {
            Err(TransactionError::Raced) if tries < TRIES => {}
            other => break other.map_err(ApiError::from)?,
        }
    };
    match done {
        Done::Denied(mount) => state.flow.count(mount, Step::Denied),
        Done::Reported(mount) => state.flow.count(mount, Step::Reported),
        Done::Before => {}
    }
    Reply::of(&Report { linked_transaction_id: request.linked_transaction_id })
}

async fn report(state: &AppState, key: BoundKey, id: Opened, reason: &'static str) -> Result<Done, TransactionError> {
    let in_write = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                match access::of_wallet(&state, tx, None, &id).await {
                    Ok(found) if found.transaction.stage != Stage::Finished => {
                        before_the_code(&state, tx, &key, found, reason).await
                    }
                    Ok(_) | Err(TransactionError::Gone) => after_the_code(&state, tx, &key, id.id, reason).await,
                    Err(error) => Err(error),
                }
            })
        })
        .await
}

/// Whether this key is, or may become, the one that the login goes by.
fn has_part(transaction: &Transaction, key: &BoundKey) -> bool {
    let named = |link: &crate::authorization::Link| link.key.as_ref().is_none_or(|named| *named == key.thumbprint);
    match &transaction.stage {
        Stage::Linked(link) => named(link),
        Stage::LinkedAuthenticated(_, who) | Stage::Approved(_, who, _) => {
            who.key.as_ref().is_some_and(|(row, _)| *row == key.id)
        }
        Stage::Denied(denial) => denial.link.as_ref().is_some_and(named),
        Stage::Started | Stage::FirstFactor(_) | Stage::Authenticated(_) | Stage::Finished => false,
    }
}

async fn before_the_code(
    state: &AppState,
    tx: &mut Tx,
    key: &BoundKey,
    found: Linked,
    reason: &'static str,
) -> Result<Done, TransactionError> {
    let Linked { id: linked, transaction } = found;
    if !has_part(&transaction, key) {
        return Err(TransactionError::Gone);
    }
    let person = ended::person(&transaction);
    withdrawal::take_back(state, tx, &transaction).await?;
    if let Stage::Denied(_) = transaction.stage {
        // What was refused without a case gets one now.
        let (mount, client, login) = (transaction.mount, transaction.client_id.as_str(), transaction.id);
        let case = NewCase { mount, client, person: Some(key.person.0), login, cause: Cause::Denied, reason };
        state.audit.open_case(tx, case).await?;
        return Ok(Done::Before);
    }
    let denied = transaction.deny(DeniedBy::Wallet, Some(linked), Some(reason.to_owned()), state.clock.now())?;
    save(state, tx, &denied).await?;
    let (reason, cause) = (Some(reason), Some(Cause::Denied));
    ended::record(state, tx, Denied { transaction: &denied, linked, person, reason, cause }).await?;
    tx.wake(wait::transaction(denied.id));
    Ok(Done::Denied(denied.mount))
}

async fn after_the_code(
    state: &AppState,
    tx: &mut Tx,
    key: &BoundKey,
    linked: i64,
    reason: &'static str,
) -> Result<Done, TransactionError> {
    let (mount, client, login) = match grants::report(state, tx, linked, key.id).await? {
        Reported::Before => return Ok(Done::Before),
        Reported::Now(approval) => {
            let login = approval.login.ok_or(TransactionError::Gone)?;
            // What was agreed to then is not to log anybody in again without asking.
            consent::forget(tx, approval.mount, &approval.client_id, approval.person).await?;
            if let Some(receipt) = approval.receipt {
                consents::withdraw_one(state, tx, receipt).await?;
            }
            // Whoever is logged in by it is out, and the clients hear of it.
            if let Some(session) = approval.session {
                sessions::end(state, tx, session).await?;
            }
            (approval.mount, approval.client_id, login)
        }
        Reported::OtherKey => return Err(TransactionError::Gone),
        // Codes and tokens are over; the events remember who approved.
        Reported::Forgotten => {
            let found = state.audit.of_object(tx, key.person.0, EventKind::LoginApproved, linked).await?;
            let (login, client, mount) = found.ok_or(TransactionError::Gone)?;
            (mount, client, login)
        }
    };
    let person = Some(key.person.0);
    let case = NewCase { mount, client: &client, person, login, cause: Cause::Reported, reason };
    if !state.audit.open_case(tx, case).await? {
        return Ok(Done::Before);
    }
    let event = Event::new(EventKind::LoginReported, mount).client(&client).login(login).object(linked);
    state.audit.record(tx, event.person(key.person.0).reason(reason)).await?;
    Ok(Done::Reported(mount))
}
