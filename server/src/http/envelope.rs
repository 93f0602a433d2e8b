//! The JSON envelope of all GovStack- and eSignet-style calls:
//! `{requestTime, request}` in, `{responseTime, response, errors: [{errorCode, errorMessage}]}` out.
//!
//! Handlers take a [`Body`] and give `Result<Reply, ApiError>`; [`on_mount`], laid over each mount, writes the answer
//! in the mount's dialect.

use axum::body::{Body as HttpBody, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use protocol::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::clock::Millis;
use crate::dialect::{Dialect, Mount};
use crate::error::{ApiError, Code};
use crate::http::cors;
use crate::state::AppState;

const TIME: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// How far a `requestTime` may be off, either way.
const LEEWAY: Millis = 120_000;

/// `yyyy-MM-ddTHH:mm:ss.SSSZ` in UTC.
#[must_use]
pub fn format_time(at: Millis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000)
        .ok()
        .and_then(|at| at.format(TIME).ok())
        .unwrap_or_default()
}

/// Reads `yyyy-MM-ddTHH:mm:ss.SSSZ`; milliseconds are mandatory.
#[must_use]
pub fn parse_time(text: &str) -> Option<Millis> {
    let at = time::PrimitiveDateTime::parse(text, TIME).ok()?.assume_utc();
    Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

/// The `request` of an envelope whose `requestTime` was good.
pub struct Body<T>(pub T);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Incoming<T> {
    request_time: Option<String>,
    request: Option<T>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        require_json(request.headers())?;
        let bytes = Bytes::from_request(request, state).await.map_err(|_: BytesRejection| ApiError::Malformed)?;
        read(&bytes, state.clock.now()).map(Self)
    }
}

/// A time as the wire writes it.
///
/// # Errors
/// [`ApiError::Unavailable`] beyond the year 9999.
pub fn timestamp(at: Millis) -> Result<Timestamp, ApiError> {
    Timestamp::from_epoch_ms(at).map_err(|error| {
        tracing::error!(%error, "a time could not be written");
        ApiError::Unavailable
    })
}

/// Holds a request's headers against the one media type of envelopes.
///
/// # Errors
/// [`ApiError::Malformed`] for any other.
pub fn require_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_none_or(|kind| kind.trim() != "application/json") {
        return Err(ApiError::Malformed);
    }
    Ok(())
}

/// Reads an envelope's bytes; see [`Body`]. For handlers that must also see the bytes themselves.
///
/// # Errors
/// [`ApiError::Malformed`] for anything but such JSON, `invalid_request` for a wrong time or a missing `request`.
pub fn read<T: DeserializeOwned>(bytes: &[u8], now: Millis) -> Result<T, ApiError> {
    let incoming: Incoming<T> = serde_json::from_slice(bytes).map_err(|_| ApiError::Malformed)?;
    let sent = incoming.request_time.as_deref().and_then(parse_time);
    match (sent, incoming.request) {
        (Some(sent), Some(request)) if (now - sent).abs() <= LEEWAY => Ok(request),
        _ => Err(Code::InvalidRequest.into()),
    }
}

/// A successful `response`, already as text: whoever hashes it must hash these bytes.
#[derive(Clone)]
pub struct Reply(Box<RawValue>);

impl Reply {
    /// Any serialisable response.
    ///
    /// # Errors
    /// [`ApiError::Unavailable`] only for types that cannot be JSON.
    pub fn of<T: Serialize>(response: &T) -> Result<Self, ApiError> {
        serde_json::value::to_raw_value(response).map(Self).map_err(|error| {
            tracing::error!(%error, "a response could not be written");
            ApiError::Unavailable
        })
    }

    /// The response's exact text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outgoing<'a> {
    response_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a RawValue>,
    errors: Vec<Problem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem {
    error_code: &'static str,
    error_message: String,
}

/// Tells handlers the mount that they are at, and writes what they left: a [`Reply`] or an [`ApiError`]. Other answers pass
/// untouched.
pub async fn on_mount(State((state, mount)): State<(AppState, Mount)>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(mount);
    let shared = cors::is_shared(mount, request.uri().path());
    if shared && let Some(answer) = cors::preflight(request.method(), request.headers()) {
        return answer;
    }
    let basic = uses_basic(request.headers());
    let mut response = next.run(request).await;
    if shared {
        cors::allow(&mut response);
    }
    if basic && response.status() == StatusCode::UNAUTHORIZED {
        // RFC 6749 §5.2: whoever tried this scheme is answered in it. Others are not: a browser would ask the person.
        let own = HeaderValue::from_static(r#"Basic realm="clients", charset="UTF-8""#);
        response.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(own);
    }
    let now = state.clock.now();
    let (status, text) = if let Some(reply) = response.extensions_mut().remove::<Reply>() {
        (StatusCode::OK, write(now, Some(&reply.0), Vec::new()))
    } else if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        write_error(now, mount.dialect(), &error)
    } else {
        return response;
    };
    let (mut parts, _) = response.into_parts();
    parts.status = status;
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.remove(header::CONTENT_LENGTH);
    match status {
        StatusCode::UNAUTHORIZED => {
            parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            parts.headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        _ => {}
    }
    Response::from_parts(parts, HttpBody::from(text))
}

fn uses_basic(headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    value.is_some_and(|value| value.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Basic ")))
}

fn write(now: Millis, response: Option<&RawValue>, errors: Vec<Problem>) -> String {
    let outgoing = Outgoing { response_time: format_time(now), response, errors };
    serde_json::to_string(&outgoing).unwrap_or_default()
}

/// Status and text of an error, in a dialect.
fn write_error(now: Millis, dialect: &Dialect, error: &ApiError) -> (StatusCode, String) {
    let refused = StatusCode::from_u16(dialect.error_status).unwrap_or(StatusCode::BAD_REQUEST);
    let plain = |code: &'static str| vec![Problem { error_code: code, error_message: code.into() }];
    let (status, errors, state) = match error {
        ApiError::Refused(codes) => {
            let told = if dialect.several_errors { codes.len() } else { 1 };
            let problems = codes.iter().take(told).map(|(code, field)| problem(dialect, *code, *field));
            (refused, problems.collect(), None)
        }
        ApiError::Ended { code, state } => (refused, vec![problem(dialect, *code, None)], Some(*state)),
        ApiError::Malformed => (StatusCode::BAD_REQUEST, plain(dialect.code(Code::InvalidRequest)), None),
        ApiError::Unauthorized => (StatusCode::UNAUTHORIZED, plain("invalid_token"), None),
        ApiError::Forbidden => (StatusCode::FORBIDDEN, plain("forbidden"), None),
        ApiError::NotFound => (StatusCode::NOT_FOUND, plain("not_found"), None),
        ApiError::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, plain("too_many_requests"), None),
        ApiError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, plain("temporarily_unavailable"), None),
    };
    let response = match state {
        Some(state) if dialect.null_response => serde_json::value::to_raw_value(&Ending { state }).ok(),
        _ if dialect.null_response => Some(RawValue::NULL.to_owned()),
        _ => None,
    };
    (status, write(now, response.as_deref(), errors))
}

#[derive(Serialize)]
struct Ending {
    state: &'static str,
}

fn problem(dialect: &Dialect, code: Code, field: Option<&'static str>) -> Problem {
    let name = dialect.code(code);
    let error_message = field.map_or_else(|| name.into(), |field| format!("{field}: {name}"));
    Problem { error_code: name, error_message }
}
