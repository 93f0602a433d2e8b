//! `GET /authorize` (OpenID Connect Core §3.1.2.1): the request is checked, then the login page is shown, or what a browser
//! still needs in which somebody is logged in. What cannot be trusted is refused with a page and no redirect; a fault behind
//! a proven redirect URI is told there.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

use super::form::is_form;
use super::page::{Making, Showing};
use super::refusal::{Refusal, browser_language, deliver, send_back};
use crate::authorization::authorize::{Begun, Start, start};
use crate::authorization::checks::Fault;
use crate::dialect::Mount;
use crate::error::OAuthError;
use crate::http::csrf;
use crate::pages::Step;
use crate::registry::PersonId;
use crate::risk::Origin;
use crate::state::AppState;

/// `GET /authorize`: the login page; `303` to the redirect URI with an error; `400` with a page where the redirect URI
/// is not the client's (A1 to A5).
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    from: Origin,
) -> Response {
    let answer = answer(&state, mount, &query.unwrap_or_default(), &headers, from).await;
    answer.unwrap_or_else(|refusal| refusal.page(browser_language(&state, &headers, &[])))
}

/// `POST /authorize`: the same parameters in a form (OpenID Connect Core §3.1.2.1).
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    from: Origin,
    body: Bytes,
) -> Response {
    let answer = match std::str::from_utf8(&body) {
        Ok(query) if is_form(&headers) => answer(&state, mount, query, &headers, from).await,
        _ => Err(Refusal::MALFORMED),
    };
    answer.unwrap_or_else(|refusal| refusal.page(browser_language(&state, &headers, &[])))
}

async fn answer(
    state: &AppState,
    mount: Mount,
    query: &str,
    headers: &HeaderMap,
    from: Origin,
) -> Result<Response, Refusal> {
    let arrival = csrf::arrive(state, headers);
    let started = start(state, mount, query, &arrival.browser, headers, from).await?;
    let step = |begun: &Begun| Step {
        base: mount.prefix().to_owned(),
        transaction_id: begun.transaction_id.clone(),
        csrf: arrival.token.clone(),
    };
    let (begun, shown) = match &started {
        Start::Page(begun) => (begun, Shown::Login),
        Start::Account(begun, person) => (begun, Shown::Account(*person)),
        Start::Consent(begun) => (begun, Shown::Consent),
        Start::Finished(finished) => return send_back(state, mount, headers, finished).await,
        Start::Back(delivery) => return deliver(state, headers, delivery.clone()),
        Start::Error(fault) => return told(mount, *fault),
    };
    let making = Making {
        state,
        mount,
        headers,
        browser: &arrival.browser,
        request: &begun.request,
        client: &begun.client,
        step: step(begun),
    };
    let mut response = match shown {
        Shown::Login => {
            let individual_id = begun.request.login_hint.clone().unwrap_or_default();
            making.login(Showing { with_qr: true, individual_id, ..Showing::default() }).await?
        }
        Shown::Account(person) => making.account(person).await?,
        Shown::Consent => making.consent(),
    };
    for cookie in arrival.set_cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A fault that must not be redirected: in a body where the mount has a word for it, else on a page.
fn told(mount: Mount, fault: Fault) -> Result<Response, Refusal> {
    let named = mount.dialect().request_refusals.iter().find(|(code, _)| *code == fault.code);
    let (_, error) = named.ok_or(fault)?;
    Ok(OAuthError::bad(error, fault.description).into_response())
}

/// Which page a login begins with.
enum Shown {
    Login,
    Account(PersonId),
    Consent,
}
