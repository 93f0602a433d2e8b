//! `link-code`: the browser asks for a code to show as QR (GS-WAL-01).

use axum::extract::State;
use axum::http::HeaderMap;
use protocol::linked::{LinkCode, LinkCodeRequest};

use super::access;
use super::browser_kind::browser_kind;
use super::frame::{self, Frames, Presented};
use super::store::{self, CodeRow};
use crate::authorization::login::client_of;
use crate::authorization::store::{Counter, TransactionError, count, open_id};
use crate::authorization::{Channel, Transaction, first_factor};
use crate::clients::Rotation;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::flow::Step;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply, format_time};
use crate::ids::{Kind, Opened};
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A page asks for the next code this long before the end of the one it shows, or half its life where that is less.
const MARGIN: Millis = 10_000;

/// What a page shows: a link code, or a frame of one.
#[derive(Clone)]
pub(crate) struct Issued {
    /// 64 characters, or a frame of about 90; stored as a hash only.
    pub(crate) code: String,
    /// When it can no longer be claimed.
    pub(crate) expires_at: Millis,
    /// When the page is to show another.
    pub(crate) next_at: Millis,
}

/// What a page goes on showing.
#[derive(Clone)]
pub(super) enum Held {
    /// A code that stands for itself.
    Code(Issued),
    /// A code that is shown as frames.
    Frames(String, Frames),
}

impl Held {
    /// What to show at `now`.
    pub(super) fn at(&self, now: Millis) -> Issued {
        match self {
            Self::Code(issued) => issued.clone(),
            Self::Frames(code, frames) => {
                let frame = frames.at(now);
                Issued { code: frame.of_code(code), expires_at: frame.expires_at, next_at: frame.next_at }
            }
        }
    }
}

/// `POST linked-authorization/link-code`.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, linked or another browser's),
/// `link_code_limit_reached`; `cross_device_refused` where the client's policy wants a first factor before; 403 without
/// CSRF token.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: HeaderMap,
    Body(request): Body<LinkCodeRequest>,
) -> Result<Reply, ApiError> {
    let id = open_id(&state, Some(&request.transaction_id))?;
    let issued = issue(&state, mount, browser, id, browser_kind(&headers)).await?;
    Reply::of(&LinkCode {
        transaction_id: request.transaction_id,
        link_code: issued.code,
        expire_date_time: format_time(issued.expires_at),
    })
}

/// What to show for a transaction that nobody answered yet; see [`hold`].
///
/// # Errors
/// See [`post`].
pub(crate) async fn issue(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    kind: Option<&'static str>,
) -> Result<Issued, ApiError> {
    Ok(hold(state, mount, browser, id, kind, None).await?.at(state.clock.now()))
}

/// A code for a transaction that nobody answered yet, as its client's policy has it.
///
/// Where the picture changes, a transaction has one code, as long as it lives, and its frames cost no write. Otherwise
/// each call makes a code; earlier ones stay good until their own end, so that a picture taken just before the page
/// changed it still works. Where the page `shows` one that it need not change yet, that is the one.
///
/// # Errors
/// See [`post`].
pub(super) async fn hold(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    kind: Option<&'static str>,
    shows: Option<(String, Presented)>,
) -> Result<Held, ApiError> {
    let (transaction, row) = find(state, mount, browser.clone(), id.clone()).await?;
    let client = client_of(state, &transaction).await?;
    if first_factor::is_wanted(&client, &transaction.request) && transaction.stage.first_factor().is_none() {
        return Err(Code::CrossDeviceRefused.into());
    }
    if client.login_policy().rotation == Rotation::Off {
        let good = match shows {
            Some((text, shown)) => still(state, mount, transaction.id, text, shown).await?,
            None => None,
        };
        return Ok(Held::Code(match good {
            Some(issued) => issued,
            None => make(state, mount, browser, id, kind).await?,
        }));
    }
    let minted = frame::code_of(state, transaction.id);
    let row = match row {
        Some(row) => row,
        None => make_changing(state, mount, browser, id, kind).await?,
    };
    let frames = Frames::of(&state.secrets, minted.id, &row).ok_or(StoreError::Corrupt { what: "link code" })?;
    Ok(Held::Frames(minted.text, frames))
}

/// A code of the transaction that stands for itself, where it need not be changed yet.
async fn still(
    state: &AppState,
    mount: Mount,
    transaction_id: i64,
    text: String,
    shown: Presented,
) -> Result<Option<Issued>, ApiError> {
    let in_read = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let state = in_read;
                let now = state.clock.now();
                let row = store::code(tx, mount, &shown.code).await?.filter(|row| row.transaction_id == transaction_id);
                let Some(row) = row else { return Ok(None) };
                let Ok(expires_at) = shown.claimable(&state, &row, now) else { return Ok(None) };
                let next_at = expires_at - MARGIN.min(life(&state) / 2);
                Ok((row.frame_ms.is_none() && next_at > now).then_some(Issued { code: text, expires_at, next_at }))
            })
        })
        .await
}

/// How long a code lives that stands for itself.
fn life(state: &AppState) -> Millis {
    i64::from(state.config.lifetimes.link_code) * 1000
}

/// The transaction, while it can be linked, and its changing code, where it has one.
async fn find(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
) -> Result<(Transaction, Option<CodeRow>), ApiError> {
    let in_read = state.clone();
    state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let transaction = started(&in_read, tx, mount, &browser, &id).await?;
                let row = store::changing(tx, transaction.id).await?;
                Ok((transaction, row))
            })
        })
        .await
}

async fn started(
    state: &AppState,
    tx: &mut Tx,
    mount: Mount,
    browser: &Browser,
    id: &Opened,
) -> Result<Transaction, ApiError> {
    let transaction = access::of_browser(state, tx, mount, browser, id).await?;
    if !transaction.stage.is_open() {
        return Err(Code::InvalidTransaction.into());
    }
    Ok(transaction)
}

/// Counts a code before it is made.
async fn count_code(state: &AppState, tx: &mut Tx, transaction: &Transaction) -> Result<(), ApiError> {
    count(tx, transaction.id, Counter::LinkCodes, state.config.limits.link_codes).await.map_err(|error| match error {
        TransactionError::Exhausted => Code::LinkCodeLimitReached.into(),
        other => other.into(),
    })
}

async fn make(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    kind: Option<&'static str>,
) -> Result<Issued, ApiError> {
    let in_write = state.clone();
    let issued = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let transaction = started(&state, tx, mount, &browser, &id).await?;
                count_code(&state, tx, &transaction).await?;
                let now = state.clock.now();
                let expires_at = transaction.expires_at.min(now + life(&state));
                let minted = state.mint(Kind::LinkCode);
                store::insert_code(tx, &minted, mount, transaction.id, (kind, Channel::CrossDevice), expires_at)
                    .await?;
                let next_at = expires_at - MARGIN.min((expires_at - now) / 2);
                Ok::<_, ApiError>(Issued { code: minted.text, expires_at, next_at })
            })
        })
        .await?;
    state.flow.count(mount, Step::CodeMade);
    Ok(issued)
}

async fn make_changing(
    state: &AppState,
    mount: Mount,
    browser: Browser,
    id: Opened,
    kind: Option<&'static str>,
) -> Result<CodeRow, ApiError> {
    let in_write = state.clone();
    let (row, made) = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let transaction = started(&state, tx, mount, &browser, &id).await?;
                // Another request of this browser may have been first: then its code is the code, and none is counted.
                if let Some(row) = store::changing(tx, transaction.id).await? {
                    return Ok((row, false));
                }
                count_code(&state, tx, &transaction).await?;
                let minted = frame::code_of(&state, transaction.id);
                let times = (state.clock.now(), frame::length(&state.config.lifetimes), transaction.expires_at);
                store::insert_changing(tx, &minted, mount, kind, times).await?;
                let row = store::changing(tx, transaction.id).await?;
                Ok::<_, ApiError>((row.ok_or(StoreError::Corrupt { what: "link code" })?, true))
            })
        })
        .await?;
    if made {
        state.flow.count(mount, Step::CodeMade);
    }
    Ok(row)
}
