//! What `GET /authorize` and its pages do, without HTML: begin, log in, consent, deny, and the way back to the relying
//! party with `iss` (RFC 9207).

use std::sync::Arc;

use protocol::linked::Challenge;
use url::form_urlencoded::Serializer;

use super::asked::Asked;
use super::begin::{self, NotBegun};
use super::checks::{Fault, Refused, ReturnTo};
use super::login::{self, LoggedIn, Memory};
use super::model::Transaction;
use super::{approval, first_factor, guard};
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::factors::Masked;
use crate::http::csrf::Browser;
use crate::risk::Origin;
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
    /// Back to the relying party, with an error.
    Back(String),
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
    from: Origin,
) -> Result<Start, ApiError> {
    const TOO_LONG: Fault =
        Fault { code: Code::InvalidRequest, error: "invalid_request", description: "the request is too long" };
    let Some(asked) = Asked::from_query(query) else { return Ok(Start::Error(TOO_LONG)) };
    let checked = match begin::check(state, mount, &asked, from).await {
        Ok(checked) => checked,
        Err(NotBegun::Refused(refused)) => return Ok(turned_away(state, mount, &refused)),
        Err(NotBegun::Failed(error)) => return Err(error),
    };
    let minted = begin::mint(state);
    let transaction_id = minted.text.clone();
    match begin::write(state, mount, browser, &checked, minted, String::new()).await {
        Ok(()) => Ok(Start::Page(Box::new(Begun { transaction_id, client: checked.client, request: checked.request }))),
        Err(NotBegun::Refused(refused)) => Ok(turned_away(state, mount, &refused)),
        Err(NotBegun::Failed(error)) => Err(error),
    }
}

fn turned_away(state: &AppState, mount: Mount, refused: &Refused) -> Start {
    let fault = refused.first();
    match &refused.return_to {
        None => Start::Error(fault),
        Some(return_to) => Start::Back(back_with_error(state, mount, return_to, fault.error, fault.description)),
    }
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
) -> Result<approval::Finished, ApiError> {
    approval::finish(state, transaction, accepted_claims, permitted_scopes).await
}

/// Ends a login that the citizen refused; gives the URL to redirect to.
///
/// # Errors
/// See [`approval::deny`].
pub async fn deny(state: &AppState, transaction: Transaction) -> Result<String, ApiError> {
    let url = denied(state, &transaction);
    approval::deny(state, transaction).await?;
    Ok(url)
}

/// Where a browser goes whose login was refused, here or in a wallet: `access_denied`, `state`, `iss`.
#[must_use]
pub fn denied(state: &AppState, transaction: &Transaction) -> String {
    let return_to =
        ReturnTo { redirect_uri: transaction.request.redirect_uri.clone(), state: transaction.request.state.clone() };
    back_with_error(state, transaction.mount, &return_to, "access_denied", "the person did not agree")
}

/// Where a browser goes whose login is finished: `code`, `state`, `iss`.
#[must_use]
pub fn back_with_code(state: &AppState, mount: Mount, finished: &approval::Finished) -> String {
    let mut parameters = vec![("code", finished.code.as_str())];
    if let Some(state) = &finished.state {
        parameters.push(("state", state));
    }
    with_parameters(&finished.redirect_uri, &parameters, &state.issuer(mount))
}

fn back_with_error(state: &AppState, mount: Mount, to: &ReturnTo, error: &str, description: &str) -> String {
    let mut parameters = vec![("error", error), ("error_description", description)];
    if let Some(state) = &to.state {
        parameters.push(("state", state));
    }
    with_parameters(&to.redirect_uri, &parameters, &state.issuer(mount))
}

/// Adds parameters to a registered redirect URI, whose own query stays as it is (RFC 6749 §3.1.2).
fn with_parameters(uri: &str, parameters: &[(&str, &str)], issuer: &str) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).append_pair("iss", issuer).finish();
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, own)) if own.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_query_stays_and_state_keeps_its_bytes() {
        let of = |uri| with_parameters(uri, &[("code", "c"), ("state", "a b&c=\"<")], "https://id.test/op");
        let added = "code=c&state=a+b%26c%3D%22%3C&iss=https%3A%2F%2Fid.test%2Fop";
        assert_eq!(of("https://rp.test/cb"), format!("https://rp.test/cb?{added}"));
        assert_eq!(of("https://rp.test/cb?x=1"), format!("https://rp.test/cb?x=1&{added}"));
        assert_eq!(of("https://rp.test/cb?"), format!("https://rp.test/cb?{added}"));
        assert_eq!(of("app.test:/cb"), format!("app.test:/cb?{added}"));
    }
}
