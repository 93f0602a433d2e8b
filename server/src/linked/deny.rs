//! `/wallet/deny`: the citizen says no. The linked transaction id alone is the right to say it, before and after the
//! wallet proved who is there, and until the browser has its code. What looked suspicious opens a case.

use axum::extract::State;
use protocol::linked::{Deny, DenyReason, DenyRequest};

use super::access;
use super::ended::{self, Denied};
use crate::audit::Cause;
use crate::authorization::store::{TransactionError, save};
use crate::authorization::{DeniedBy, withdrawal};
use crate::error::ApiError;
use crate::flow::Step;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;
use crate::wait;

/// `POST /wallet/deny`. The browser's long polls learn of it at once.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, denied or finished).
pub async fn post(State(state): State<AppState>, Body(request): Body<DenyRequest>) -> Result<Reply, ApiError> {
    let id = access::open_linked(&state, &request.linked_transaction_id)?;
    let reason = request.reason.map(ended::name);
    let cause = (request.reason == Some(DenyReason::Suspicious)).then_some(Cause::Denied);
    let in_write = state.clone();
    let mount = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let found = access::of_wallet(&state, tx, None, &id).await?;
                withdrawal::take_back(&state, tx, &found.transaction).await?;
                let (linked, person) = (found.id, ended::person(&found.transaction));
                let denied = found
                    .transaction
                    .deny(DeniedBy::Wallet, Some(linked), reason.map(str::to_owned), state.clock.now())
                    .map_err(TransactionError::from)?;
                save(&state, tx, &denied).await?;
                ended::record(&state, tx, Denied { transaction: &denied, linked, person, reason, cause }).await?;
                tx.wake(wait::transaction(denied.id));
                Ok::<_, ApiError>(denied.mount)
            })
        })
        .await?;
    state.flow.count(mount, Step::Denied);
    Reply::of(&Deny { linked_transaction_id: request.linked_transaction_id })
}
