//! Calls from pages of other origins (the Fetch standard's CORS protocol): which endpoints answer them is the mount's
//! ([`Dialect::cross_origin`]).
//!
//! Any origin may call them: none of them looks at cookies, so that a page gets nothing by its visitor's browser that it
//! could not get by itself (RFC 9700 §2.6 keeps the authorization endpoint out).

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::dialect::{Dialect, Mount};

/// What scripts may send beside the harmless headers.
const SENT: HeaderValue = HeaderValue::from_static("Authorization, Content-Type, DPoP");
/// What scripts may read of an answer beside the harmless headers.
const READ: HeaderValue = HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce, Retry-After");
/// Seconds that a browser may remember the answer to a preflight.
const REMEMBERED: HeaderValue = HeaderValue::from_static("600");

/// Whether pages of other origins may call this path.
#[must_use]
pub fn is_shared(mount: Mount, path: &str) -> bool {
    let dialect: &Dialect = mount.dialect();
    let Some(path) = path.strip_prefix(mount.prefix()) else { return false };
    dialect.cross_origin.contains(&path)
}

/// The answer to a preflight, where the request is one: what may be called, and with what.
#[must_use]
pub fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response> {
    let asked = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    if method != Method::OPTIONS || !headers.contains_key(header::ORIGIN) {
        return None;
    }
    let known = [Method::GET, Method::POST].iter().any(|known| asked == known.as_str());
    let allowed = HeaderValue::from_static(if known { "GET, POST" } else { "" });
    let answer = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::ACCESS_CONTROL_ALLOW_METHODS, allowed),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
        (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED),
    ];
    Some((StatusCode::NO_CONTENT, answer).into_response())
}

/// Lets the page that called read the answer.
pub fn allow(response: &mut Response) {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, READ);
}
