//! `authorization/*`, the JSON API for login pages, one file per family of calls.

pub mod auth_code;
pub mod authenticate;
pub mod claim_details;
pub mod csrf;
pub mod first_factor;
pub mod oauth_details;
pub mod send_otp;
pub mod signup;

use crate::error::{ApiError, Code};

/// There is no captcha here: a token that nobody checks must not look checked.
fn no_captcha(token: Option<&str>) -> Result<(), ApiError> {
    match token {
        Some(token) if !token.trim().is_empty() => Err(Code::InvalidCaptcha.into()),
        _ => Ok(()),
    }
}
