//! Same device: the wallet sends the citizen back to the browser that began, by `<issuer>/authorize/return` with a
//! `response_code`. The authorization code is released only there, once, to the browser whose cookie began the login.
//!
//! So a link that was sent to somebody (session fixation) logs in nobody: the sender's browser never learns the
//! `response_code`, and the receiver's browser has not the cookie.

use crate::audit::{Event, EventKind};
use crate::authorization::approval::{Finished, finish_returned_in};
use crate::authorization::login::client_of;
use crate::authorization::store::load_id;
use crate::authorization::{Channel, Stage, Transaction, TransactionError};
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::ids::{Kind, Opened};
use crate::state::AppState;
use crate::store::StoreError;

use super::store;

/// Query parameter of the link.
pub(crate) const PARAMETER: &str = "response_code";

/// Where a wallet sends a citizen back to.
pub(super) fn return_uri(state: &AppState, mount: Mount) -> String {
    format!("{}/authorize/return", state.issuer(mount))
}

/// Makes the link for a transaction that was just approved on the browser's own device, before it is saved; leaves any
/// other as it is.
pub(super) fn offer(state: &AppState, transaction: Transaction) -> (Transaction, Option<String>) {
    let linked = match &transaction.stage {
        Stage::Approved(link, ..) if link.channel == Channel::SameDevice => link.linked,
        _ => return (transaction, None),
    };
    let minted = state.ids.mint_for(Kind::ResponseCode, linked, &*state.rng);
    let link = format!("{}?{PARAMETER}={}", return_uri(state, transaction.mount), minted.text);
    (transaction.expect_return(minted.secret_hash), Some(link))
}

/// Where a browser that came by the link goes.
pub(crate) enum Returned {
    /// Back to the relying party, with the code.
    Finished(Finished),
    /// Back to the relying party: the citizen refused meanwhile.
    Denied(Box<Transaction>),
    /// Nowhere: it did not begin this login. The one that did may still come.
    ForeignBrowser,
    /// Nowhere: used before, over, or never a link of ours.
    Gone,
}

/// Takes a `response_code`. `browser` is who the cookies say it is, where they say anything.
///
/// # Errors
/// `invalid_client_id` where the client is not active any more; a fault of the store.
pub(crate) async fn take(
    state: &AppState,
    mount: Mount,
    browser: Option<&Browser>,
    response_code: &str,
) -> Result<Returned, ApiError> {
    let Some(response) = state.ids.open(Kind::ResponseCode, response_code) else { return Ok(Returned::Gone) };
    let Some(transaction) = find(state, response.id).await? else { return Ok(Returned::Gone) };
    let good = match transaction.stage.link() {
        Some(link) => link.response.as_deref().is_some_and(|stored| response.matches(stored)),
        None => false,
    };
    if !good || transaction.mount != mount {
        return Ok(Returned::Gone);
    }
    if !browser.is_some_and(|browser| transaction.is_of(browser)) {
        foreign(state, &transaction).await?;
        return Ok(Returned::ForeignBrowser);
    }
    if let Stage::Denied(_) = transaction.stage {
        return Ok(Returned::Denied(Box::new(transaction)));
    }
    match finish(state, transaction, response).await {
        Ok(finished) => Ok(Returned::Finished(finished)),
        // Another request was first: the code is given once.
        Err(FinishError::Transaction(TransactionError::Raced | TransactionError::Stage(_))) => Ok(Returned::Gone),
        Err(FinishError::Transaction(error)) => Err(error.into()),
        Err(FinishError::Api(error)) => Err(error),
    }
}

async fn find(state: &AppState, linked: i64) -> Result<Option<Transaction>, ApiError> {
    let in_read = state.clone();
    let found = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let id = store::transaction_of(tx, linked).await?.ok_or(TransactionError::Gone)?;
                load_id(&in_read, tx, id).await
            })
        })
        .await;
    match found {
        Ok(transaction) => Ok(Some(transaction)),
        Err(TransactionError::Gone) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

enum FinishError {
    Transaction(TransactionError),
    Api(ApiError),
}

impl From<ApiError> for FinishError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

async fn finish(state: &AppState, transaction: Transaction, response: Opened) -> Result<Finished, FinishError> {
    let client = client_of(state, &transaction).await?;
    let (in_write, mount) = (state.clone(), transaction.mount);
    let finished = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                finish_returned_in(&in_write, tx, &client, transaction, |stored| response.matches(stored)).await
            })
        })
        .await
        .map_err(FinishError::Transaction)?;
    state.flow.count(mount, Step::Finished);
    Ok(finished)
}

/// Writes down that a browser came which did not begin this login.
async fn foreign(state: &AppState, transaction: &Transaction) -> Result<(), StoreError> {
    let audit = state.audit.clone();
    let (mount, login, client) = (transaction.mount, transaction.id, transaction.client_id.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let event = Event::new(EventKind::LoginForeignBrowser, mount).client(&client).login(login);
                audit.record(tx, event).await
            })
        })
        .await
}

/// Whether the browser must wait for the citizen to come back by the wallet's link, although the wallet has approved.
#[must_use]
pub(crate) fn is_awaited(transaction: &Transaction) -> bool {
    matches!(&transaction.stage, Stage::Approved(link, ..) if link.channel == Channel::SameDevice)
}
