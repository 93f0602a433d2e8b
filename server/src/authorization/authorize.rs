//! What `GET /authorize` and its pages do, without HTML: begin, log in, consent, deny, and the way back to the relying
//! party.

use std::sync::Arc;

use axum::http::HeaderMap;
use protocol::linked::Challenge;

use super::approval::Finished;
use super::asked::Asked;
use super::begin::{self, Checked, NotBegun};
use super::checks::{Fault, Refused};
use super::login::{self, LoggedIn, Memory};
use super::model::Transaction;
use super::request::Prompt;
use super::response::{self, Delivery, ReturnTo};
use super::silent::{self, Silent};
use super::{approval, first_factor, guard};
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::Masked;
use crate::http::csrf::Browser;
use crate::registry::PersonId;
use crate::risk::Origin;
use crate::sessions;
use crate::state::AppState;

/// A login that began: what the page needs.
pub struct Begun {
    /// For hidden fields and the linked calls of the page.
    pub transaction_id: String,
    /// Who asks.
    pub client: Arc<Client>,
    /// What for.
    pub request: super::Request,
}

/// Where a request of `GET /authorize` leads.
pub enum Start {
    /// To the login page.
    Page(Box<Begun>),
    /// To the page that asks whether to go on as who is logged in.
    Account(Box<Begun>, PersonId),
    /// To the consent page, for who is logged in.
    Consent(Box<Begun>),
    /// Back to the relying party, without a page.
    Finished(Box<Finished>),
    /// Back to the relying party, with an error.
    Back(Delivery),
    /// To an error page: the redirect URI is not proven (A1 to A3, A5).
    Error(Fault),
}

/// Begins a login from the query (or the form body, RFC 6749 §3.1) of `/authorize`.
///
/// # Errors
/// [`ApiError`] only where the server is at fault.
pub async fn start(
    state: &AppState,
    mount: Mount,
    query: &str,
    browser: &Browser,
    headers: &HeaderMap,
    from: Origin,
) -> Result<Start, ApiError> {
    const TOO_LONG: Fault = Fault::of(Code::InvalidRequest, "the request is too long");
    let Some(asked) = Asked::from_query(query) else { return Ok(Start::Error(TOO_LONG)) };
    match begin_with(state, mount, &asked, browser, headers, from).await {
        Ok(start) => Ok(start),
        Err(NotBegun::Refused(refused)) => turned_away(state, mount, &refused).await,
        Err(NotBegun::Failed(error)) => Err(error),
    }
}

async fn begin_with(
    state: &AppState,
    mount: Mount,
    asked: &Asked,
    browser: &Browser,
    headers: &HeaderMap,
    from: Origin,
) -> Result<Start, NotBegun> {
    let mut checked = begin::check(state, mount, asked, from).await?;
    let session = sessions::find(state, mount, headers).await.map_err(ApiError::from)?;
    checked.request.session = session.as_ref().map(|session| session.row);
    let Checked { client, request } = &checked;
    let (chooses, nothing_shown) = (request.prompts(Prompt::SelectAccount), request.prompts(Prompt::None));
    let minted = begin::mint(state);
    let begun =
        Box::new(Begun { transaction_id: minted.text.clone(), client: client.clone(), request: request.clone() });
    let proven = match &session {
        Some(session) => silent::proves(state, client, request, session).await?.map(|acr| (session, acr)),
        None => None,
    };
    match proven {
        Some((session, acr)) if !chooses => {
            return Ok(match silent::begin(state, browser, &checked, minted, session, acr).await? {
                Silent::Finished(finished) => Start::Finished(finished),
                Silent::Consent => Start::Consent(begun),
            });
        }
        None if nothing_shown => {
            return Err(silent::refused(client, request, "login_required", "the person must log in").into());
        }
        _ => {}
    }
    begin::write(state, mount, browser, &checked, minted, String::new()).await?;
    Ok(match proven {
        Some((session, _)) => Start::Account(begun, session.person),
        None => Start::Page(begun),
    })
}

async fn turned_away(state: &AppState, mount: Mount, refused: &Refused) -> Result<Start, ApiError> {
    let fault = refused.first();
    match &refused.return_to {
        None => Ok(Start::Error(fault)),
        Some(to) => Ok(Start::Back(response::with_error(state, mount, to, fault.error, fault.description).await?)),
    }
}

/// Where going on as who is logged in leads.
pub enum GoneOn {
    /// Back to the relying party.
    Finished(Box<Finished>),
    /// To the consent page.
    Consent,
    /// To the login page: the session is over, or proves no longer what is asked.
    LogIn,
}

/// Goes on with a login as who is logged in.
///
/// # Errors
/// `invalid_transaction` unless nobody answered yet; `invalid_client_id` where the client is not active any more.
pub async fn go_on_as_logged_in(
    state: &AppState,
    headers: &HeaderMap,
    transaction: Transaction,
) -> Result<GoneOn, ApiError> {
    login::must_be_open(&transaction)?;
    let client = login::client_of(state, &transaction).await?;
    let Some(session) = sessions::find(state, transaction.mount, headers).await? else { return Ok(GoneOn::LogIn) };
    let Some(acr) = silent::proves(state, &client, &transaction.request, &session).await? else {
        return Ok(GoneOn::LogIn);
    };
    if transaction.stage.first_factor().is_some_and(|first| first.person != session.person) {
        return Ok(GoneOn::LogIn);
    }
    Ok(match silent::resume(state, client, transaction, &session, acr).await? {
        Silent::Finished(finished) => GoneOn::Finished(finished),
        Silent::Consent => GoneOn::Consent,
    })
}

/// The transaction of a form that a page of ours sent.
///
/// # Errors
/// See [`guard::of_browser`].
pub async fn resume(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    transaction_id: &str,
) -> Result<Transaction, ApiError> {
    guard::of_browser(state, mount, browser, Some(transaction_id)).await
}

/// Sends an OTP; see [`login::send_otp`].
///
/// # Errors
/// As there.
pub async fn send_otp(
    state: &AppState,
    transaction: &Transaction,
    individual_id: &str,
    channels: &[String],
) -> Result<Masked, ApiError> {
    login::send_otp(state, transaction, individual_id, channels).await
}

/// Logs in by OTP or PIN; see [`login::authenticate`].
///
/// # Errors
/// As there.
pub async fn log_in(
    state: &AppState,
    browser: &Browser,
    transaction: Transaction,
    individual_id: &str,
    challenges: &[Challenge],
) -> Result<LoggedIn, ApiError> {
    login::authenticate(state, browser, transaction, individual_id, challenges, Memory::Used).await
}

/// Takes OTP or PIN as a first factor; see [`first_factor::prove`].
///
/// # Errors
/// As there.
pub async fn prove_first(
    state: &AppState,
    transaction: Transaction,
    individual_id: &str,
    challenges: &[Challenge],
) -> Result<Transaction, ApiError> {
    first_factor::prove(state, transaction, individual_id, challenges).await
}

/// Ends a login with consent (GS-OIDC-01); the browser goes to [`back_with_code`].
///
/// # Errors
/// See [`approval::finish`].
pub async fn consent(
    state: &AppState,
    transaction: Transaction,
    accepted_claims: &[String],
    permitted_scopes: &[String],
) -> Result<Finished, ApiError> {
    approval::finish(state, transaction, accepted_claims, permitted_scopes).await
}

/// Ends a login that the citizen refused; gives the way back.
///
/// # Errors
/// See [`approval::deny`].
pub async fn deny(state: &AppState, transaction: Transaction) -> Result<Delivery, ApiError> {
    let back = denied(state, &transaction).await?;
    approval::deny(state, transaction).await?;
    Ok(back)
}

/// How a browser goes back whose login was refused, here or in a wallet: `access_denied`.
///
/// # Errors
/// As [`back_with_code`].
pub async fn denied(state: &AppState, transaction: &Transaction) -> Result<Delivery, ApiError> {
    let to = ReturnTo::of(transaction);
    response::with_error(state, transaction.mount, &to, "access_denied", "the person did not agree").await
}

/// How a browser goes back whose login is finished.
///
/// # Errors
/// [`ApiError`] where the answer is to be signed and cannot be.
pub async fn back_with_code(state: &AppState, mount: Mount, finished: &Finished) -> Result<Delivery, ApiError> {
    response::with_code(state, mount, finished).await
}
