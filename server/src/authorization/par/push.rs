//! `POST` pushed authorization request endpoint (RFC 9126 §2): the client proves who it is, the request is held against its
//! registration at once, and a fault is told to nobody but the client.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::{LIFE, URN, store};
use crate::access::{self, Form, Proven};
use crate::authorization::asked::Asked;
use crate::authorization::begin;
use crate::authorization::checks::Fault;
use crate::authorization::request_object;
use crate::authorization::resolve::Door;
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::OAuthError;
use crate::ids::Kind;
use crate::state::AppState;

/// The form, for the API document; read by [`Form`]. What the authorization endpoint takes, and what proves who the client
/// is.
#[derive(JsonSchema)]
pub struct PushedRequest {
    /// `code`, unless the request is an object.
    pub response_type: Option<String>,
    /// One that is registered, byte for byte.
    pub redirect_uri: Option<String>,
    /// `openid` and others, separated by blanks.
    pub scope: Option<String>,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// All of them, as one token signed by the client (RFC 9101).
    pub request: Option<String>,
    /// Where the client says who it is by nothing else.
    pub client_id: Option<String>,
    /// The client's secret, where it is registered for `client_secret_post`.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub client_assertion_type: Option<String>,
    /// A JWT signed by a key of the client, or by its secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// The answer (RFC 9126 §2.2).
#[derive(Debug, Serialize, JsonSchema)]
pub struct Pushed {
    /// What the browser is to bring to the authorization endpoint, beside `client_id`.
    pub request_uri: String,
    /// Seconds that it may be brought.
    pub expires_in: i64,
}

impl IntoResponse for Pushed {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self)).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Keeps a client's request.
///
/// # Errors
/// [`OAuthError`]: those of client authentication, `invalid_request`, and what the authorization endpoint would tell.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    form: Form,
) -> Result<Pushed, OAuthError> {
    let Proven { client, proof } = access::client(&state, mount, &headers, &form).await?;
    if !proof.spend(&state).await? {
        return Err(access::used_before(mount));
    }
    let asked = read(&state, &client, &form).await?;
    keep(&state, &client, &asked).await
}

/// What is asked, found good.
async fn read(state: &AppState, client: &Client, form: &Form) -> Result<Asked, OAuthError> {
    if form.get("request_uri").is_some() {
        return Err(OAuthError::bad("invalid_request", "a request that is pushed has no request_uri"));
    }
    let (mut asked, object) = match form.get("request") {
        Some(token) => (request_object::read(state, client, token).await.map_err(told)?, true),
        None => (Asked::from_form(|name| form.get(name)), false),
    };
    // Whatever it says: who pushes was proven, and a request object that names another was refused.
    asked.client_id = Some(client.id.clone());
    begin::read(state, client, &asked, Door::Pushing { object }).map_err(|refused| told(refused.first()))?;
    Ok(asked)
}

fn told(fault: Fault) -> OAuthError {
    OAuthError::bad(fault.error, fault.description)
}

pub(super) async fn keep(state: &AppState, client: &Client, asked: &Asked) -> Result<Pushed, OAuthError> {
    let minted = state.mint(Kind::PushedRequest);
    let row = store::NewRow {
        id: minted.id,
        secret_hash: minted.secret_hash,
        mount: client.mount.name(),
        client_id: client.id.clone(),
        asked: store::seal(state, minted.id, asked)?,
        expires_at: state.clock.now() + LIFE,
    };
    state.store.write(move |tx| Box::pin(store::insert(tx, row))).await?;
    Ok(Pushed { request_uri: format!("{URN}{}", minted.text), expires_in: LIFE / 1000 })
}
