//! A login begins: a request that passes every check becomes a transaction of one browser.

use std::sync::Arc;

use super::asked::Asked;
use super::checks::{self, Fault, Refused, ReturnTo};
use super::model::{Stage, Transaction};
use super::request::Request;
use super::store::{self, TransactionError};
use crate::audit::{Event, EventKind};
use crate::clients::{self, Client};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::ids::{Kind, Minted};
use crate::risk::Origin;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::StoreError;

/// Longest client id looked for.
const LONGEST_CLIENT_ID: usize = 256;

/// Why a login does not begin.
#[derive(Debug)]
pub enum NotBegun {
    /// The request is at fault.
    Refused(Refused),
    /// The server is.
    Failed(ApiError),
}

impl From<Refused> for NotBegun {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for NotBegun {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<TransactionError> for NotBegun {
    fn from(error: TransactionError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotBegun> for ApiError {
    fn from(not: NotBegun) -> Self {
        match not {
            NotBegun::Refused(refused) => refused.into(),
            NotBegun::Failed(error) => error,
        }
    }
}

/// A request that passed, before it is written.
pub struct Checked {
    /// Who asks.
    pub client: Arc<Client>,
    /// What for.
    pub request: Request,
}

/// Holds a request against its client. `from`: the browser that brings it.
///
/// # Errors
/// [`NotBegun::Refused`] with every fault.
pub async fn check(state: &AppState, mount: Mount, asked: &Asked, from: Origin) -> Result<Checked, NotBegun> {
    let id = asked.client_id.as_deref().unwrap_or_default();
    let plausible = asked.twice.iter().all(|name| *name != "client_id")
        && !id.is_empty()
        && id.len() <= LONGEST_CLIENT_ID
        && !id.chars().any(char::is_control);
    let found = if plausible { clients::find(state, mount, id).await? } else { None };
    let client = found.ok_or_else(checks::unknown_client)?;
    let mut request = checks::check(asked, &client, mount)?;
    request.from = from.begins(state);
    Ok(Checked { client, request })
}

/// Writes a new transaction; `minted` is its `transactionId`, and `details_hash` the hash of the answer of
/// `oauth-details` (empty where a page of ours is the answer).
///
/// # Errors
/// [`NotBegun::Refused`] where the `nonce` was used within a day, on a mount that wants it fresh. A page's reload sends
/// the same `nonce` again, so that only `oauth-details`, which says so by its hash, is asked.
pub async fn write(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    checked: &Checked,
    minted: Minted,
    details_hash: String,
) -> Result<(), NotBegun> {
    let now = state.clock.now();
    let once = mount.dialect().nonce_once && !details_hash.is_empty();
    let nonce = checked.request.nonce.as_ref().filter(|_| once);
    let nonce = nonce.map(|nonce| nonce_hash(state, &checked.client, nonce));
    let transaction = Transaction {
        id: minted.id,
        mount,
        client_id: checked.client.id.clone(),
        browser: browser.hash.clone(),
        session: None,
        details_hash,
        request: checked.request.clone(),
        stage: Stage::Started,
        created_at: now,
        expires_at: now + i64::from(state.config.lifetimes.transaction) * 1000,
        version: 0,
    };
    let stale = Refused {
        faults: vec![Fault {
            code: Code::InvalidRequest,
            error: "invalid_request",
            description: "nonce was used before",
        }],
        return_to: Some(ReturnTo {
            redirect_uri: transaction.request.redirect_uri.clone(),
            state: transaction.request.state.clone(),
        }),
    };
    let inner = state.clone();
    let written: Result<(), NotBegun> = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(nonce) = nonce
                    && !store::take_nonce(tx, &nonce, now).await?
                {
                    return Err(NotBegun::Refused(stale));
                }
                store::insert(&inner, tx, &transaction, &minted).await?;
                let event = Event::new(EventKind::LoginStarted, mount).client(&transaction.client_id);
                Ok(inner.audit.record(tx, event.login(transaction.id)).await?)
            })
        })
        .await;
    written?;
    state.flow.count(mount, Step::Started);
    Ok(())
}

fn nonce_hash(state: &AppState, client: &Client, nonce: &str) -> Vec<u8> {
    let parts: [&[u8]; 4] = [b"nonce", client.mount.name().as_bytes(), client.id.as_bytes(), nonce.as_bytes()];
    state.secrets.mac(Purpose::Lookup, &parts)
}

/// A fresh `transactionId`.
#[must_use]
pub fn mint(state: &AppState) -> Minted {
    state.mint(Kind::Transaction)
}
