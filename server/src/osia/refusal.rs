//! How an OSIA interface refuses: a status, and a body with `code` and `message` and nothing else.

use axum::Json;
use axum::body::HttpBody;
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
    /// Too many requests: 429, with seconds to wait, and what to do then.
    #[error("{1}")]
    TooMany(u32, &'static str),
    /// The store or another service does not answer: 503.
    #[error("temporarily unavailable; try again in a moment")]
    Unavailable,
}

/// What is said of a 429 of which nothing more is known.
const MANY: &str = "too many requests: wait as many seconds as the header retry-after says";

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
            Self::TooMany(..) => StatusCode::TOO_MANY_REQUESTS,
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
            Self::TooMany(seconds, _) => {
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
            ApiError::TooMany(seconds) => Self::TooMany(seconds, MANY),
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
    if plain && is_refusal(response.status()) {
        *response.body_mut() = axum::body::Body::empty();
        response = worded(response);
    }
    // What is told of persons is kept by nobody on its way, nor by the caller, unless its handler says otherwise.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_refusal(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

/// What is said with a status that came without words.
fn words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "the body broke off: send it again",
        StatusCode::METHOD_NOT_ALLOWED => "this method is not served here: the header allow names those that are",
        StatusCode::REQUEST_TIMEOUT => "the body did not come in time: send it again",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is larger than this server takes",
        StatusCode::TOO_MANY_REQUESTS => MANY,
        StatusCode::NOT_IMPLEMENTED => {
            "this transfer-encoding is not read here: send the body with content-length, or chunked"
        }
        StatusCode::SERVICE_UNAVAILABLE => "it took too long; try again in a moment",
        status if status.is_server_error() => "the server failed: tell its operator, whose log says more",
        _ => "the request is refused",
    }
}

/// Gives a refusal that has no body OSIA's: one of the limits in front of the routes, of the router, or after a panic. Status
/// and headers stay as they are, but for what they say of the body. Any other answer stays as it is.
#[must_use]
pub fn worded(response: Response) -> Response {
    let status = response.status();
    if !is_refusal(status) || response.body().size_hint().exact() != Some(0) {
        return response;
    }
    let body = Json(Body { code: status.as_u16().into(), message: words(status).to_owned() }).into_response();
    let (mut parts, _) = response.into_parts();
    let (of_body, body) = body.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(of_body.headers);
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    async fn read(response: Response) -> Value {
        let bytes = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// OSIA-ERR-01, OSIA-ERR-03: whatever refuses, and with its own headers.
    #[tokio::test]
    async fn osia_err_01_a_refusal_without_words_gets_them() {
        for status in [400, 405, 408, 413, 414, 429, 500, 501, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            let refused = (status, [(header::RETRY_AFTER, "7"), (header::CONNECTION, "close")], "").into_response();
            let worded = worded(refused);
            assert_eq!(worded.status(), status);
            let told = |name: header::HeaderName| worded.headers()[name].to_str().unwrap().to_owned();
            assert_eq!((told(header::RETRY_AFTER), told(header::CONNECTION)), ("7".into(), "close".into()));
            assert_eq!(told(header::CONTENT_TYPE), "application/json");
            assert_eq!(worded.headers().get_all(header::CONTENT_TYPE).iter().count(), 1);
            let body = read(worded).await;
            assert_eq!((&body["code"], body.as_object().unwrap().len()), (&json!(status.as_u16()), 2));
            assert!(!body["message"].as_str().unwrap().is_empty());
        }
    }

    /// GS-SEC-06, GS-PRI-01a: what is told of persons stays in nobody's cache.
    #[tokio::test]
    async fn gs_sec_06_no_answer_is_kept_unless_its_handler_says_so() {
        use axum::routing::get;
        use tower::ServiceExt;

        let keys = || async { ([(header::CACHE_CONTROL, "public, max-age=3600")], "keys") };
        let app: axum::Router = axum::Router::new()
            .route("/person", get(|| async { Json("Anna") }))
            .route("/made", get(|| async { StatusCode::NO_CONTENT }))
            .route("/refused", get(|| async { Refusal::NotFound }))
            .route("/keys", get(keys))
            .layer(axum::middleware::from_fn(answer));
        for (path, kept) in [
            ("/person", "no-store"),
            ("/made", "no-store"),
            ("/refused", "no-store"),
            ("/keys", "public, max-age=3600"),
        ] {
            let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let values: Vec<_> = response.headers().get_all(header::CACHE_CONTROL).iter().collect();
            assert_eq!(values, [kept], "{path}");
        }
    }

    #[tokio::test]
    async fn what_has_words_or_is_no_refusal_stays_as_it_is() {
        let own = worded(Refusal::bad("name it").into_response());
        assert_eq!(read(own).await, json!({ "code": 400, "message": "name it" }));
        for status in [StatusCode::NO_CONTENT, StatusCode::CREATED, StatusCode::NOT_MODIFIED] {
            let good = worded(status.into_response());
            assert_eq!(good.body().size_hint().exact(), Some(0), "{status}");
            assert!(good.headers().is_empty());
        }
        let wait = Refusal::TooMany(9, "ask later").into_response();
        assert_eq!(wait.headers()[header::RETRY_AFTER], "9");
        assert_eq!(read(wait).await["message"], "ask later");
    }
}
