//! `traceId`: every answer of the mount carries a name of its own, and the log tells which call it was (BID-120-04). A
//! relying party that calls for support names it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::media_type;
use crate::clock::{Rng, random};
use crate::dialect::Mount;
use crate::state::AppState;

/// On every answer: 16 letters and digits.
pub const HEADER: HeaderName = HeaderName::from_static("traceid");
/// Beside `Retry-After`, spelled as the interface file has it.
const WAIT: HeaderName = HeaderName::from_static("retryafter");
/// The parameter of the authorization request by which a relying party names a call itself: 32 letters and digits.
const PARAMETER: &str = "trace_id";
const LONGEST_QUERY: usize = 32 * 1024;

/// Whether a path lies under the mount.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    path.strip_prefix(Mount::BankId.prefix()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Names an answer that has no name yet, and says when to come back in the mount's own word.
pub fn mark(headers: &mut HeaderMap, rng: &dyn Rng) {
    if !headers.contains_key(HEADER) {
        name(headers, &fresh(rng));
    }
    if let Some(wait) = headers.get(header::RETRY_AFTER).cloned() {
        headers.insert(WAIT, wait);
    }
}

fn fresh(rng: &dyn Rng) -> String {
    format!("{:016x}", u64::from_be_bytes(random(rng)))
}

fn name(headers: &mut HeaderMap, trace_id: &str) {
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert(HEADER, value);
    }
}

/// The relying party's own name for a call, where it has the right form; another is as if there were none.
fn theirs(query: &str) -> Option<String> {
    if query.len() > LONGEST_QUERY {
        return None;
    }
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == PARAMETER);
    let (_, value) = found?;
    (value.len() == 32 && value.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| value.into_owned())
}

/// Laid over all routes: names each call of the mount, writes it down, and answers a body of a foreign media type.
pub async fn on_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !is_ours(request.uri().path()) {
        return next.run(request).await;
    }
    let trace_id = fresh(&*state.rng);
    let theirs = theirs(request.uri().query().unwrap_or_default()).unwrap_or_default();
    // What was routed nowhere is not repeated.
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!("bankid", trace_id);
    let refused = media_type::refused(&route, &request);
    let mut response = match refused {
        Some(refused) => refused,
        None => next.run(request).instrument(span).await,
    };
    name(response.headers_mut(), &trace_id);
    mark(response.headers_mut(), &*state.rng);
    let status = response.status().as_u16();
    if response.status() >= StatusCode::INTERNAL_SERVER_ERROR {
        tracing::warn!(trace_id, theirs, %method, route, status, "answered");
    } else {
        tracing::info!(trace_id, theirs, %method, route, status, "answered");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_is_a_folder_not_a_beginning() {
        assert!(is_ours("/bankid") && is_ours("/bankid/") && is_ours("/bankid/api/v1/banks"));
        assert!(!is_ours("/bankidentity") && !is_ours("/op/bankid") && !is_ours("/"));
    }

    /// BID-132-02.
    #[test]
    fn bid_132_02_a_foreign_trace_id_is_taken_in_its_form_only() {
        let good = "26f6ea6095205ebc26f6ea6095205ebc";
        assert_eq!(theirs(&format!("scope=openid&trace_id={good}")).as_deref(), Some(good));
        for bad in ["", "trace_id=", "trace_id=26f6", "trace_id=26f6ea6095205ebc26f6ea6095205e%0A", "trace=1"] {
            assert_eq!(theirs(bad), None, "{bad}");
        }
    }
}
