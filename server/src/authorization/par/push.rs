//! `POST` pushed authorization request endpoint (RFC 9126 §2): the client proves who it is, the request is held against its
//! registration at once, and a fault is told to nobody but the client.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::{LIFE, URN, store};
use crate::access::dpop::{self, BadProof, DPOP, DPOP_NONCE, Expected};
use crate::access::{self, Form, Proven};
use crate::authorization::asked::Asked;
use crate::authorization::begin;
use crate::authorization::checks::Fault;
use crate::authorization::request_object;
use crate::authorization::resolve::Door;
use crate::clients::Client;
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::HeldKey;
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

/// Keeps a client's request. Refusals are [`OAuthError`]s: those of client authentication, `invalid_request`, and what the
/// authorization endpoint would tell. A request with a proof of a key is told the nonce for the next.
pub async fn post(State(state): State<AppState>, mount: Mount, headers: HeaderMap, form: Form) -> Response {
    let mut response = push(&state, mount, &headers, &form).await.into_response();
    if mount.dialect().dpop
        && headers.contains_key(DPOP)
        && let Ok(nonce) = HeaderValue::from_str(&dpop::nonce(&state))
    {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}

async fn push(state: &AppState, mount: Mount, headers: &HeaderMap, form: &Form) -> Result<Pushed, OAuthError> {
    // Before the client is looked at: a request that must be sent again with a nonce has used no assertion up.
    let key = held_key(state, mount, headers)?;
    let Proven { client, proof } = access::client(state, mount, headers, form).await?;
    if !proof.spend(state).await? {
        return Err(access::used_before(mount));
    }
    let mut bound = None;
    if let Some(HeldKey { jkt, proof }) = key {
        if !proof.spend(state).await? {
            return Err(mount.dialect().oauth(TokenFault::Proof, "the DPoP proof was used before"));
        }
        bound = Some(jkt);
    }
    let asked = read(state, &client, form, bound).await?;
    keep(state, &client, &asked).await
}

/// The key that the code is to be bound to, where a proof comes with the request (RFC 9449 §10.1).
fn held_key(state: &AppState, mount: Mount, headers: &HeaderMap) -> Result<Option<HeldKey>, OAuthError> {
    let dialect = mount.dialect();
    let (true, Some(path)) = (dialect.dpop, dialect.par_path) else { return Ok(None) };
    let urls = [format!("{}{path}", state.issuer(mount))];
    let expected = Expected { method: &Method::POST, urls: &urls, access_token: None, nonce: false };
    dpop::held_key(state, mount, headers, &expected).map_err(|bad| match bad {
        BadProof::Invalid(why) => dialect.oauth(TokenFault::Proof, why),
        BadProof::Nonce => dialect.oauth(TokenFault::ProofNonce, "the nonce of the DPoP proof is not a good one"),
    })
}

/// What is asked, found good.
async fn read(state: &AppState, client: &Client, form: &Form, key: Option<String>) -> Result<Asked, OAuthError> {
    if form.get("request_uri").is_some() {
        return Err(OAuthError::bad("invalid_request", "a request that is pushed has no request_uri"));
    }
    let (mut asked, object) = match form.get("request") {
        Some(token) => (request_object::read(state, client, token).await.map_err(told)?, true),
        None => (Asked::from_form(|name| form.get(name)), false),
    };
    // Whatever it says: who pushes was proven, and a request object that names another was refused.
    asked.client_id = Some(client.id.clone());
    if let Some(key) = key
        && *asked.dpop_jkt.get_or_insert_with(|| key.clone()) != key
    {
        return Err(OAuthError::bad("invalid_request", "dpop_jkt is another key than that of the DPoP proof"));
    }
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
