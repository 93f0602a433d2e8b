//! A login begins: a request that passes every check becomes a transaction of one browser.

use std::sync::Arc;

use super::asked::Asked;
use super::checks::{self, Fault, Refused};
use super::model::{Stage, Transaction};
use super::request::Request;
use super::resolve::{Door, resolve};
use super::response::ReturnTo;
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
use crate::sessions::id_token_hint;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

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

impl From<ApiError> for NotBegun {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
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
    let (asked, door) = resolve(state, &client, asked).await?;
    let mut request = read(state, &client, &asked, door)?;
    request.from = from.begins(state);
    Ok(Checked { client, request })
}

/// Holds what a client asks against its registration, whether it is begun now or pushed for later.
///
/// # Errors
/// [`Refused`] with every fault.
pub(super) fn read(state: &AppState, client: &Client, asked: &Asked, door: Door) -> Result<Request, Refused> {
    let mut request = checks::check(asked, client, client.mount, door)?;
    if let Door::Pushed(row) = door {
        request.pushed = Some(row);
    }
    if let Some(token) = &asked.id_token_hint {
        let hint = id_token_hint::read(state, client.mount, token).ok_or_else(|| Refused {
            faults: vec![Fault {
                code: Code::InvalidIdTokenHint,
                error: "invalid_request",
                description: "id_token_hint is no ID token of this issuer",
            }],
            return_to: Some(ReturnTo::new(client, &request)),
        })?;
        request.hinted_subject = Some(hint.sub);
    }
    Ok(request)
}

/// A new login of this browser; `minted` is its `transactionId`, and `details_hash` the hash of the answer of
/// `oauth-details` (empty where a page of ours is the answer).
pub(super) fn started(
    state: &AppState,
    browser: &Browser,
    checked: &Checked,
    minted: &Minted,
    details_hash: String,
) -> Transaction {
    let now = state.clock.now();
    Transaction {
        id: minted.id,
        mount: checked.client.mount,
        client_id: checked.client.id.clone(),
        browser: browser.hash.clone(),
        session: None,
        details_hash,
        request: checked.request.clone(),
        stage: Stage::Started,
        created_at: now,
        expires_at: now + i64::from(state.config.lifetimes.transaction) * 1000,
        version: 0,
    }
}

/// Writes a new transaction; see [`started`].
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
    let transaction = started(state, browser, checked, &minted, details_hash);
    let stale = Refused {
        faults: vec![Fault {
            code: Code::InvalidRequest,
            error: "invalid_request",
            description: "nonce was used before",
        }],
        return_to: Some(ReturnTo::of(&transaction)),
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
                Ok(insert(&inner, tx, &transaction, &minted).await?)
            })
        })
        .await;
    written?;
    state.flow.count(mount, Step::Started);
    Ok(())
}

/// Writes it, inside the caller's write.
///
/// # Errors
/// [`TransactionError::Store`] or [`TransactionError::Sealed`].
pub(super) async fn insert(
    state: &AppState,
    tx: &mut Tx,
    transaction: &Transaction,
    minted: &Minted,
) -> Result<(), TransactionError> {
    store::insert(state, tx, transaction, minted).await?;
    let event = Event::new(EventKind::LoginStarted, transaction.mount).client(&transaction.client_id);
    Ok(state.audit.record(tx, event.login(transaction.id)).await?)
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
