//! Same device: the wallet sends the citizen back to the browser that began; see `linked::returned`.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::refusal::{Refusal, browser_language, deliver, send_back};
use crate::authorization::authorize;
use crate::dialect::Mount;
use crate::http::csrf;
use crate::linked::returned::{PARAMETER, Returned, take};
use crate::state::AppState;

/// `GET /authorize/return?response_code=…`: `303` to the relying party, once, for the browser that began; `403` with a
/// page for any other, which changes nothing for the right one; `400` for a link that is used, over or not ours.
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    // What only looks, or fetches before anybody asks, must not use the link up.
    if method == Method::HEAD || headers.get("sec-purpose").is_some() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let answer = answer(&state, mount, &query.unwrap_or_default(), &headers).await;
    answer.unwrap_or_else(|refusal| refusal.page(browser_language(&state, &headers, &[])))
}

async fn answer(state: &AppState, mount: Mount, query: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let code = pairs.find(|(name, _)| name == PARAMETER).map(|(_, value)| value).ok_or(Refusal::Gone)?;
    let browser = csrf::of_cookie(state, headers).ok();
    match take(state, mount, browser.as_ref(), &code).await? {
        Returned::Finished(finished) => send_back(state, mount, headers, &finished).await,
        Returned::Denied(transaction) => deliver(state, headers, authorize::denied(state, &transaction).await?),
        Returned::ForeignBrowser => Err(Refusal::ForeignBrowser),
        Returned::Gone => Err(Refusal::Gone),
    }
}
