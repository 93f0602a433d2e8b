//! `first-factor`, for login pages that are not the server's own.

use axum::extract::State;

use super::super::bodies::{AuthenticateRequest, FirstFactor};
use super::super::first_factor;
use super::super::guard::{self, DetailsHeaders};
use super::no_captcha;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST authorization/first-factor`: the person proves OTP or PIN, where the client's policy lets a wallet on another device
/// answer only after that (`cross_device: after_first_factor`). From then on `link-code` gives a code, and only that person
/// may answer. The page is asked for it by `cross_device_refused` of `link-code`.
///
/// # Errors
/// See [`guard::of_page`] and [`first_factor::prove`]; `invalid_captcha` where a token is sent; 403 without CSRF token.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<AuthenticateRequest>,
) -> Result<Reply, ApiError> {
    let id = request.transaction_id;
    let transaction = guard::of_page(&state, mount, &browser, &headers, id.as_deref()).await?;
    no_captcha(request.captcha_token.as_deref())?;
    let person = request.individual_id.unwrap_or_default();
    let challenges = request.challenge_list.unwrap_or_default();
    first_factor::prove(&state, transaction, &person, &challenges).await?;
    Reply::of(&FirstFactor { transaction_id: id.unwrap_or_default() })
}
