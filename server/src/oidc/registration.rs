//! Dynamic client registration (RFC 7591, RFC 7592, OpenID Connect Registration): `POST` registers, and under
//! `/{client_id}` `GET`, `PUT` and `DELETE` manage. Off unless the configuration opens it; the endpoints answer all the
//! same, because GovStack's metadata must name one.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::access::bearer;
use crate::clients::{self, RegistrationError, SelfRegistered};
use crate::config::{Opening, sha256_from_hex};
use crate::dialect::Mount;
use crate::error::OAuthError;
use crate::state::AppState;

/// Told where nobody registers himself.
const OFF: &str = "dynamic registration is off; clients are registered by the operator";

/// What a client may say of itself, for the API document; RFC 7591 §2 and OpenID Connect Registration §2 tell the rest.
#[derive(schemars::JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
pub struct ClientMetadata {
    /// Where browsers may be sent back to; compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Its name, for people; `client_name#fr` in French.
    pub client_name: Option<String>,
    /// `client_secret_basic` where absent.
    pub token_endpoint_auth_method: Option<String>,
    /// `authorization_code` where absent.
    pub grant_types: Option<Vec<String>>,
    /// Its public keys; or `jwks_uri`.
    pub jwks: Option<Map<String, Value>>,
    /// Where it publishes its public keys.
    pub jwks_uri: Option<String>,
}

/// A client as it is registered: its metadata, and this.
#[derive(schemars::JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
pub struct ClientInformation {
    /// Its id.
    pub client_id: String,
    /// Its secret, where it authenticates with one.
    pub client_secret: Option<String>,
    /// What it manages its registration with.
    pub registration_access_token: String,
    /// Where it does that.
    pub registration_client_uri: String,
}

/// Why nothing is registered or changed.
#[derive(Debug)]
pub enum Refusal {
    /// Dynamic registration is off.
    Off {
        /// Whether the caller has a token; then there is nothing to be had with it.
        bearer: bool,
    },
    /// No initial access token, or a wrong one; no registration access token, or another client's.
    Unauthorized,
    /// Not JSON.
    Unreadable(StatusCode),
    /// The metadata, or the store.
    Registration(RegistrationError),
}

impl From<RegistrationError> for Refusal {
    fn from(error: RegistrationError) -> Self {
        match error {
            RegistrationError::NotItsToken => Self::Unauthorized,
            error => Self::Registration(error),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let told = |status, error| OAuthError { status, error, description: OFF };
        match self {
            Self::Off { bearer: false } => {
                let error = told(StatusCode::UNAUTHORIZED, "invalid_token");
                ([(header::WWW_AUTHENTICATE, "Bearer")], error).into_response()
            }
            Self::Off { bearer: true } => told(StatusCode::FORBIDDEN, "access_denied").into_response(),
            Self::Unauthorized => {
                let description = "a token for this is needed, and it must be good";
                let error = OAuthError { description, ..told(StatusCode::UNAUTHORIZED, "invalid_token") };
                ([(header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)], error).into_response()
            }
            Self::Unreadable(status) => {
                let description = "the body must be a JSON object, as application/json";
                OAuthError { status, error: "invalid_client_metadata", description }.into_response()
            }
            Self::Registration(RegistrationError::Metadata(fault)) => {
                let body = json!({ "error": fault.fault.name(), "error_description": fault.to_string() });
                unkept((StatusCode::BAD_REQUEST, Json(body)).into_response())
            }
            Self::Registration(_) => OAuthError::unavailable().into_response(),
        }
    }
}

/// Nothing with a secret in it is kept by anybody on the way (RFC 7591 §3.2.1).
fn unkept(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// `POST`: registers a client.
///
/// # Errors
/// [`Refusal`].
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    may_register(&state, mount, &headers)?;
    let sent = object(&headers, &body)?;
    let registered = clients::register(&state, mount, &sent).await?;
    Ok(answer(&state, mount, StatusCode::CREATED, &registered))
}

/// `GET`: what is registered.
///
/// # Errors
/// [`Refusal`].
pub async fn get(
    State(state): State<AppState>,
    mount: Mount,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = own_token(&state, mount, &headers)?;
    Ok(answer(&state, mount, StatusCode::OK, &clients::show_own(&state, mount, &id, token).await?))
}

/// `PUT`: replaces what is registered.
///
/// # Errors
/// [`Refusal`].
pub async fn put(
    State(state): State<AppState>,
    mount: Mount,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let token = own_token(&state, mount, &headers)?;
    let sent = object(&headers, &body)?;
    Ok(answer(&state, mount, StatusCode::OK, &clients::replace_own(&state, mount, &id, token, &sent).await?))
}

/// `DELETE`: the client removes itself.
///
/// # Errors
/// [`Refusal`].
pub async fn delete(
    State(state): State<AppState>,
    mount: Mount,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let token = own_token(&state, mount, &headers)?;
    clients::withdraw_own(&state, mount, &id, token).await?;
    Ok(unkept(StatusCode::NO_CONTENT.into_response()))
}

fn answer(state: &AppState, mount: Mount, status: StatusCode, registered: &SelfRegistered) -> Response {
    let endpoint = format!("{}{}", state.issuer(mount), mount.dialect().registration_path.unwrap_or_default());
    unkept((status, Json(registered.answer(&endpoint))).into_response())
}

/// Whether the caller may register a client here and now (RFC 7591 §3).
fn may_register(state: &AppState, mount: Mount, headers: &HeaderMap) -> Result<(), Refusal> {
    let token = bearer(headers);
    let settings = &state.config.registration;
    if !mount.dialect().client_metadata || settings.opening == Opening::Off {
        return Err(Refusal::Off { bearer: token.is_some() });
    }
    let hash = Sha256::digest(token.unwrap_or_default());
    let known = settings.initial_access_tokens.iter().filter_map(|text| sha256_from_hex(text));
    // All are compared, whichever it is.
    let good = known.fold(false, |good, known| bool::from(known.as_slice().ct_eq(&hash)) | good);
    match (settings.opening, token) {
        (Opening::Open, None) => Ok(()),
        (_, Some(_)) if good => Ok(()),
        _ => Err(Refusal::Unauthorized),
    }
}

/// The token of a call to the management endpoint. A client manages itself also where no new ones may come.
fn own_token<'h>(state: &AppState, mount: Mount, headers: &'h HeaderMap) -> Result<&'h str, Refusal> {
    if !mount.dialect().client_metadata || state.config.registration.opening == Opening::Off {
        return Err(Refusal::Off { bearer: bearer(headers).is_some() });
    }
    bearer(headers).ok_or(Refusal::Unauthorized)
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::Unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    serde_json::from_slice(body).map_err(|_| Refusal::Unreadable(StatusCode::BAD_REQUEST))
}
