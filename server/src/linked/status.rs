//! `link-status` (long poll): has a wallet claimed the code? (GS-WAL-02)
//!
//! A caller that also says which `state` it knows already (our own page) is answered as soon as there is another one,
//! until the end of the login. Without it, the answers are those of the standard.

use std::sync::Arc;

use axum::extract::State;
use protocol::linked::{LINKED, LinkStatus, LinkStatusRequest};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::Instant;

use super::poll::{PAUSE, Poll};
use crate::authorization::Stage;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `linked-authorization/link-status`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusRequest {
    /// The standard's members.
    #[serde(flatten)]
    request: LinkStatusRequest,
    /// The state the caller knows: `waiting`, `scanned`, `authenticated`. Ours.
    #[serde(default)]
    state: Option<String>,
}

/// What there is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    state: &'static str,
    linked_at: Millis,
    number: Option<String>,
}

/// `POST linked-authorization/link-status`.
///
/// # Errors
/// `invalid_transaction_id` (blank), `invalid_transaction` (unknown, over, denied or another browser's),
/// `invalid_link_code` (unknown, another transaction's, expired without a scan), `response_timeout`.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    Body(StatusRequest { request, state: known }): Body<StatusRequest>,
) -> Result<Reply, ApiError> {
    let began = Instant::now();
    let answer = answer(state, mount, browser, &request, known.as_deref()).await;
    if known.is_none() && matches!(answer, Err(ApiError::Ended { .. })) {
        // Others' pages ask again without a pause.
        tokio::time::sleep_until(began + PAUSE).await;
    }
    let seen = answer?;
    Reply::of(&LinkStatus {
        transaction_id: request.transaction_id,
        link_status: LINKED.into(),
        linked_date_time: seen.linked_at.to_string(),
        match_number: seen.number,
        state: known.is_some().then(|| seen.state.into()),
    })
}

async fn answer(
    state: AppState,
    mount: Mount,
    browser: Browser,
    request: &LinkStatusRequest,
    known: Option<&str>,
) -> Result<Seen, ApiError> {
    let poll = Poll::open(state, mount, browser, &request.transaction_id, &request.link_code)?;
    // The transaction is not kept while this waits.
    let ends_at = match poll.look().await? {
        (transaction, code_ends_at) if transaction.stage.is_open() => code_ends_at,
        (transaction, _) => transaction.expires_at,
    };
    let seen = poll.state.waits.until(poll.key(), poll.held(ends_at), || look(&poll, known)).await?;
    seen.ok_or_else(|| Code::ResponseTimeout.into())
}

/// What our page calls the stages.
pub(super) fn name(stage: &Stage) -> &'static str {
    match stage {
        Stage::Started | Stage::FirstFactor(_) => "waiting",
        Stage::Linked(_) => "scanned",
        Stage::LinkedAuthenticated(..) => "authenticated",
        Stage::Approved(..) => "approved",
        Stage::Denied(_) => "denied",
        Stage::Authenticated(_) | Stage::Finished => "over",
    }
}

async fn look(poll: &Arc<Poll>, known: Option<&str>) -> Result<Option<Seen>, ApiError> {
    let (transaction, code_ends_at) = poll.look().await?;
    let (state, link) = match &transaction.stage {
        Stage::Started | Stage::FirstFactor(_) if code_ends_at <= poll.state.clock.now() => {
            return Err(ApiError::Ended { code: Code::InvalidLinkCode, state: "expired" });
        }
        Stage::Started | Stage::FirstFactor(_) => return Ok(None),
        Stage::Linked(link) => ("scanned", link),
        Stage::LinkedAuthenticated(link, _) => ("authenticated", link),
        Stage::Approved(link, ..) => ("approved", link),
        Stage::Denied(denial) => match (&denial.link, known) {
            (Some(link), Some(_)) => ("denied", link),
            _ => return Err(ApiError::Ended { code: Code::InvalidTransaction, state: "denied" }),
        },
        Stage::Authenticated(_) | Stage::Finished => return Err(Code::InvalidTransaction.into()),
    };
    Ok((known != Some(state)).then(|| Seen {
        state,
        linked_at: link.linked_at,
        number: transaction.stage.number().map(str::to_owned),
    }))
}
