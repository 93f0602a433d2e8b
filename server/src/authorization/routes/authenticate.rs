//! `authenticate`.

use axum::extract::State;
use axum::http::{HeaderMap, header};

use super::super::bodies::{Authenticate, AuthenticateRequest};
use super::super::guard::{self, DetailsHeaders};
use super::super::login::{self, Memory};
use super::no_captcha;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST authorization/authenticate`: does not tell whether consent is needed, so that it always is.
///
/// # Errors
/// See [`guard::of_page`] and [`login::authenticate`]; 403 without CSRF token.
pub async fn v1(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<AuthenticateRequest>,
) -> Result<(HeaderMap, Reply), ApiError> {
    answer(&state, mount, &browser, &headers, request, Memory::Ignored).await
}

/// `POST authorization/v2/authenticate` and `v3`.
///
/// # Errors
/// As [`v1`]; `invalid_captcha` where a token is sent.
pub async fn v2(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<AuthenticateRequest>,
) -> Result<(HeaderMap, Reply), ApiError> {
    answer(&state, mount, &browser, &headers, request, Memory::Used).await
}

async fn answer(
    state: &AppState,
    mount: Mount,
    browser: &Browser,
    headers: &DetailsHeaders,
    request: AuthenticateRequest,
    memory: Memory,
) -> Result<(HeaderMap, Reply), ApiError> {
    let id = request.transaction_id;
    let transaction = guard::of_page(state, mount, browser, headers, id.as_deref()).await?;
    no_captcha(request.captcha_token.as_deref())?;
    let person = request.individual_id.unwrap_or_default();
    let challenges = request.challenge_list.unwrap_or_default();
    let done = login::authenticate(state, browser, transaction, &person, &challenges, memory).await?;
    let reply = Reply::of(&Authenticate {
        transaction_id: id.unwrap_or_default(),
        consent_action: (memory == Memory::Used).then_some(done.consent),
    })?;
    Ok((done.set_cookie.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect(), reply))
}
