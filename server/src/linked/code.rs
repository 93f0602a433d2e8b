//! `link-code`: the browser asks for a code to show as QR (GS-WAL-01).

use axum::extract::State;
use axum::http::HeaderMap;
use protocol::linked::{LinkCode, LinkCodeRequest};

use super::access;
use super::browser_kind::browser_kind;
use super::store;
use crate::authorization::Stage;
use crate::authorization::store::{Counter, TransactionError, count, open_id};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply, format_time};
use crate::ids::{Kind, Opened};
use crate::state::AppState;

/// A link code and when it can no longer be claimed.
pub(crate) struct Issued {
    /// 64 characters; stored as a hash only.
    pub(crate) code: String,
    /// Its end.
    pub(crate) expires_at: Millis,
}

/// `POST linked-authorization/link-code`.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, linked or another browser's),
/// `link_code_limit_reached`; 403 without CSRF token.
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

/// Makes a code for a transaction that nobody answered yet. Earlier codes of it stay good until their own end, so that
/// a picture taken just before the page changed it still works.
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
    let in_write = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = in_write;
                let transaction = access::of_browser(&state, tx, mount, &browser, &id).await?;
                if transaction.stage != Stage::Started {
                    return Err(Code::InvalidTransaction.into());
                }
                count(tx, transaction.id, Counter::LinkCodes, state.config.limits.link_codes).await.map_err(
                    |error| match error {
                        TransactionError::Exhausted => Code::LinkCodeLimitReached.into(),
                        other => ApiError::from(other),
                    },
                )?;
                let life = i64::from(state.config.lifetimes.link_code) * 1000;
                let expires_at = transaction.expires_at.min(state.clock.now() + life);
                let minted = state.mint(Kind::LinkCode);
                store::insert_code(tx, &minted, mount, transaction.id, kind, expires_at).await?;
                Ok(Issued { code: minted.text, expires_at })
            })
        })
        .await
}
