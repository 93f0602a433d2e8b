//! How the calls that take an access token refuse: a word in capitals and a sentence, in the body.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a call with an access token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no token, or it is not one of ours, or it is revoked.
    Unauthorized,
    /// The token has ended, or is not good for this.
    Forbidden,
    /// The store, the keys, or a registration that cannot be honoured.
    Unavailable,
}

/// The body.
#[derive(Debug, Serialize)]
struct Told {
    /// `UNAUTHORIZED`, `FORBIDDEN` or `TEMPORARILY_UNAVAILABLE`.
    error: &'static str,
    /// For the client's developer.
    error_description: &'static str,
}

impl Refusal {
    /// What a status of the common claims endpoint means here.
    pub(super) fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized,
            StatusCode::FORBIDDEN => Self::Forbidden,
            _ => Self::Unavailable,
        }
    }

    fn told(self) -> (StatusCode, Told) {
        let (status, error, error_description) = match self {
            Self::Unauthorized => {
                (StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "the access token is missing or not valid")
            }
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "FORBIDDEN",
                "the access token has expired, or is not of a login with the scope openid",
            ),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "TEMPORARILY_UNAVAILABLE", "try again in a moment"),
        };
        (status, Told { error, error_description })
    }
}

impl IntoResponse for Refusal {
    /// With the challenge of RFC 6750 §3, as everywhere.
    fn into_response(self) -> Response {
        let (status, told) = self.told();
        let mut response = (status, Json(told)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::Forbidden => {
                let challenge = HeaderValue::from_static(r#"Bearer error="insufficient_scope", scope="openid""#);
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
        }
        response
    }
}
