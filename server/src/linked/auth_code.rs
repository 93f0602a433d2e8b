//! `link-auth-code` (long poll): has the citizen consented? Then the browser gets its authorization code (GS-WAL-03).
//!
//! The code is issued once. What the browser was told is kept, sealed, as long as the code is good, so that one whose
//! answer was lost hears it again.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use protocol::linked::{LinkAuthCode, LinkAuthCodeRequest};
use tokio::time::Instant;

use super::poll::{PAUSE, Poll};
use super::{returned, store};
use crate::authorization::approval::{Finished, finish_linked_in};
use crate::authorization::login::client_of;
use crate::authorization::{Stage, Transaction, TransactionError};
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::StoreError;

/// `POST linked-authorization/link-auth-code`.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, denied or another browser's),
/// `invalid_link_code` (unknown, another transaction's, not claimed), `response_timeout`.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    Body(request): Body<LinkAuthCodeRequest>,
) -> Result<(HeaderMap, Reply), ApiError> {
    let began = Instant::now();
    let answer = answer(&state, mount, browser, &request).await;
    if answer.is_err() {
        tokio::time::sleep_until(began + PAUSE).await;
    }
    let finished = answer?;
    let cookies = finished.set_cookies(&state);
    let reply = Reply::of(&LinkAuthCode {
        nonce: finished.nonce,
        state: finished.state,
        code: finished.code,
        redirect_uri: finished.redirect_uri,
    })?;
    Ok((cookies, reply))
}

async fn answer(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    request: &LinkAuthCodeRequest,
) -> Result<Finished, ApiError> {
    let poll = Poll::open(state.clone(), mount, browser, &request.transaction_id, &request.linked_code)?;
    // The transaction is not kept while this waits.
    let ends_at = poll.look().await?.0.expires_at;
    let ended = state
        .waits
        .until(poll.key(), poll.held(ends_at), || async { ended(poll.look().await?.0) })
        .await?
        .ok_or(Code::ResponseTimeout)?;
    finish(state, ended).await
}

/// The transaction, once its wallet has approved.
fn ended(transaction: Transaction) -> Result<Option<Transaction>, ApiError> {
    match transaction.stage {
        Stage::Linked(_) | Stage::LinkedAuthenticated(..) => Ok(None),
        // The code waits for the wallet's own link, whoever asks here.
        _ if returned::is_awaited(&transaction) => Ok(None),
        Stage::Approved(..) | Stage::Finished => Ok(Some(transaction)),
        Stage::Started | Stage::FirstFactor(_) => Err(Code::InvalidLinkCode.into()),
        Stage::Authenticated(_) => Err(Code::InvalidTransaction.into()),
        Stage::Denied(_) => Err(ApiError::Ended { code: Code::InvalidTransaction, state: "denied" }),
    }
}

/// Ends an approved transaction and gives its code; one that has just ended gives the same again, to a browser whose
/// answer was lost.
///
/// # Errors
/// `invalid_transaction` where no wallet approved it, `invalid_client_id` where the client is not active any more.
pub(crate) async fn finish(state: &AppState, transaction: Transaction) -> Result<Finished, ApiError> {
    let (id, mount) = (transaction.id, transaction.mount);
    if transaction.stage != Stage::Finished {
        let client = client_of(state, &transaction).await?;
        match end(state, client, transaction).await {
            Ok(finished) => {
                state.flow.count(mount, Step::Finished);
                return Ok(finished);
            }
            // Another request of this browser was first.
            Err(TransactionError::Raced) => {}
            Err(error) => return Err(error.into()),
        }
    }
    again(state, id).await?.ok_or_else(|| Code::InvalidTransaction.into())
}

fn context(id: i64) -> Vec<u8> {
    format!("linked_transaction/{id}/answer").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "linked_transaction",
    key: &[Key::Number("transaction_id")],
    column: "answer",
    purpose: Purpose::Transactions,
    context: |key| context(number(key, 0)),
}];

async fn end(
    state: &AppState,
    client: Arc<Client>,
    mut transaction: Transaction,
) -> Result<Finished, TransactionError> {
    let in_write = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let (state, id) = (in_write, transaction.id);
                store::found_later(tx, &mut transaction.stage).await?;
                let finished = finish_linked_in(&state, tx, &client, transaction).await?;
                let clear = serde_json::to_vec(&finished).map_err(|_| StoreError::Corrupt { what: "answer" })?;
                let sealed = state.secrets.seal(Purpose::Transactions, &context(id), &clear, &*state.rng)?;
                store::keep_answer(tx, id, &sealed).await?;
                Ok(finished)
            })
        })
        .await
}

async fn again(state: &AppState, id: i64) -> Result<Option<Finished>, ApiError> {
    let sealed = state.store.read(move |tx| Box::pin(store::answer(tx, id))).await.map_err(ApiError::from)?;
    let Some(sealed) = sealed else { return Ok(None) };
    let clear = state.secrets.open(Purpose::Transactions, &context(id), &sealed)?;
    Ok(Some(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "answer" })?))
}
