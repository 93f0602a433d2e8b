//! `send-otp`.

use axum::extract::State;

use super::super::bodies::{SendOtp, SendOtpRequest};
use super::super::guard::{self, DetailsHeaders};
use super::super::login;
use super::no_captcha;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::http::csrf::Browser;
use crate::http::envelope::{Body, Reply};
use crate::state::AppState;

/// `POST authorization/send-otp`.
///
/// # Errors
/// See [`guard::of_page`] and [`login::send_otp`]; `invalid_captcha` where a token is sent; 403 without CSRF token.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    browser: Browser,
    headers: DetailsHeaders,
    Body(request): Body<SendOtpRequest>,
) -> Result<Reply, ApiError> {
    let id = request.transaction_id;
    let transaction = guard::of_page(&state, mount, &browser, &headers, id.as_deref()).await?;
    no_captcha(request.captcha_token.as_deref())?;
    let person = request.individual_id.unwrap_or_default();
    let channels = request.otp_channels.unwrap_or_default();
    let masked = login::send_otp(&state, &transaction, &person, &channels).await?;
    Reply::of(&SendOtp {
        transaction_id: id.unwrap_or_default(),
        masked_email: masked.email,
        masked_mobile: masked.phone,
    })
}
