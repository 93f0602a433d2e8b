//! How an OSIA interface refuses: a status, and a body with `code` and `message` and nothing else.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::dialect::Mount;
use crate::error::ApiError;
use crate::secrets::SecretError;
use crate::store::StoreError;

/// Why a call is refused. Messages say what to do; they name members, never values.
///
/// OSIA's files define no values of `code`: it is the HTTP status, as in OSIA's reference implementation. They give 400 and
/// 500 a body; here every refusal has the same one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request is at fault: 400.
    #[error("{0}")]
    Bad(String),
    /// No or no good bearer token: 401.
    #[error("a bearer token is needed")]
    Unauthorized,
    /// Not allowed: 403.
    #[error("{0}")]
    Forbidden(&'static str),
    /// No such thing, or not the caller's: 404.
    #[error("not found")]
    NotFound,
    /// The id is taken: 409.
    #[error("{0}")]
    Conflict(&'static str),
    /// More than is taken: 413.
    #[error("too large")]
    TooLarge,
    /// A media type that is not taken, or cannot be given: 415.
    #[error("this media type is not taken here")]
    MediaType,
    /// Too many requests: 429, with seconds to wait.
    #[error("too many requests")]
    TooMany(u32),
    /// The store or another service does not answer: 503.
    #[error("temporarily unavailable; try again in a moment")]
    Unavailable,
}

/// A refusal's body.
#[derive(Serialize)]
struct Body {
    code: i32,
    message: String,
}

impl Refusal {
    /// The request is at fault, in these words.
    #[must_use]
    pub fn bad(message: impl Into<String>) -> Self {
        Self::Bad(message.into())
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let body = Body { code: status.as_u16().into(), message: self.to_string() };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Unauthorized => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::TooMany(seconds) => {
                headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::Unavailable
    }
}

impl From<SecretError> for Refusal {
    fn from(error: SecretError) -> Self {
        tracing::error!(%error, "a sealed value failed");
        Self::Unavailable
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Refused(_) | ApiError::Ended { .. } | ApiError::Malformed => {
                Self::bad("the request cannot be read")
            }
            ApiError::Unauthorized => Self::Unauthorized,
            ApiError::Forbidden => Self::Forbidden("the token lacks the scope"),
            ApiError::NotFound => Self::NotFound,
            ApiError::TooMany(seconds) => Self::TooMany(seconds),
            ApiError::Unavailable => Self::Unavailable,
        }
    }
}

/// What a caller without a good token is asked for (RFC 6750 §3.1): an error is named only to one who sent a
/// bearer token.
fn challenge(error: &ApiError, sent: bool) -> Option<&'static str> {
    match error {
        ApiError::Unauthorized if sent => Some(r#"Bearer error="invalid_token""#),
        ApiError::Unauthorized => Some("Bearer"),
        ApiError::Forbidden => Some(r#"Bearer error="insufficient_scope""#),
        _ => None,
    }
}

/// Laid over every OSIA interface. They are the whole host's, so that a token of any issuer will do; what the check of the
/// token refuses is told as OSIA does. A path or body that axum itself refuses gets OSIA's body too.
pub async fn answer(mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(Mount::Wallet);
    let authorization = request.headers().get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let sent = authorization.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        let challenge = challenge(&error, sent);
        let mut response = Refusal::from(error).into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        return response;
    }
    let plain =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if plain && response.status() == StatusCode::BAD_REQUEST {
        return Refusal::bad("the path cannot be read").into_response();
    }
    // What is told of persons is kept by nobody on its way, nor by the caller, unless its handler says otherwise.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
