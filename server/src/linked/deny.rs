//! `/wallet/deny`: the citizen says no. The linked transaction id alone is the right to say it, before and after the
//! wallet proved who is there, and until the browser has its code.

use axum::extract::State;
use protocol::linked::{Deny, DenyReason, DenyRequest};

use super::access;
use crate::authorization::store::{TransactionError, save};
use crate::authorization::{DeniedBy, withdrawal};
use crate::error::ApiError;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;
use crate::wait;

fn name(reason: DenyReason) -> &'static str {
    match reason {
        DenyReason::NotMe => "not_me",
        DenyReason::ChangedMind => "changed_mind",
        DenyReason::Suspicious => "suspicious",
    }
}

/// `POST /wallet/deny`. The browser's long polls learn of it at once.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, denied or finished).
pub async fn post(State(state): State<AppState>, Body(request): Body<DenyRequest>) -> Result<Reply, ApiError> {
    let id = access::open_linked(&state, &request.linked_transaction_id)?;
    let reason = request.reason.map(|reason| name(reason).to_owned());
    let in_write = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let linked = access::of_wallet(&state, tx, None, &id).await?;
                let key = wait::transaction(linked.transaction.id);
                withdrawal::take_back(&state, tx, &linked.transaction).await?;
                let denied = linked
                    .transaction
                    .deny(DeniedBy::Wallet, Some(linked.id), reason, state.clock.now())
                    .map_err(TransactionError::from)?;
                save(&state, tx, &denied).await?;
                tx.wake(key);
                Ok::<_, ApiError>(())
            })
        })
        .await?;
    Reply::of(&Deny { linked_transaction_id: request.linked_transaction_id })
}
