//! Userinfo endpoint (OpenID Connect Core §5.3): the claims that the person consented to, and no other (GS-OIDC-05).

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use protocol::jws::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub use super::place::Place;
use super::{aml, claims, place};
use crate::access::dpop::{self, BadProof, DPOP_ALGORITHMS, DPOP_NONCE};
use crate::access::{self, Credential, Form};
use crate::claims::bankid::VERIFIED_CLAIMS;
use crate::clients::{self, Client, UserinfoType};
use crate::dialect::Mount;
use crate::grants::{self, AccessToken, Approval, Grant};
use crate::keys::{self, KeyError};
use crate::registry::{self, Fault};
use crate::state::AppState;
use crate::store::StoreError;

/// Why there are no claims; told in `WWW-Authenticate`, with an empty body.
#[derive(Debug)]
pub enum Refusal {
    /// No access token in the header, nor in the form of a mount that looks for one there.
    Missing(Mount),
    /// A form that cannot be read, or a token in it beside one in the header (RFC 6750 §2).
    Malformed,
    /// Foreign, altered, expired, revoked, or bound to a key and sent as if it were not; or its client or person is not
    /// active any more.
    InvalidToken,
    /// The proof of the token's key is missing or does not hold (RFC 9449 §7.1).
    InvalidProof,
    /// The proof repeats an old nonce; here is the one of this minute (RFC 9449 §9).
    ProofNonce(String),
    /// Not a person's login with scope `openid`.
    InsufficientScope,
    /// The store, the keys, or a registration that cannot be honoured.
    Unavailable,
}

impl From<Fault> for Refusal {
    fn from(error: Fault) -> Self {
        tracing::error!(%error, "userinfo could not be read");
        Self::Unavailable
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "userinfo could not be signed or encrypted");
        Self::Unavailable
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, challenge) = match &self {
            Self::Missing(mount) => (
                StatusCode::UNAUTHORIZED,
                mount
                    .dialect()
                    .missing_bearer
                    .map_or_else(|| "Bearer".into(), |error| format!(r#"Bearer error="{error}""#)),
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                r#"Bearer error="invalid_request", error_description="one access token, in the header or in the form""#
                    .to_owned(),
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer error="invalid_token", error_description="the access token is not valid""#.to_owned(),
            ),
            Self::InvalidProof => (StatusCode::UNAUTHORIZED, proof_challenge("invalid_dpop_proof")),
            Self::ProofNonce(_) => (StatusCode::UNAUTHORIZED, proof_challenge("use_dpop_nonce")),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, r#"Bearer error="insufficient_scope", scope="openid""#.to_owned())
            }
            Self::Unavailable => {
                let retry = [(header::RETRY_AFTER, "2"), (header::CACHE_CONTROL, "no-store")];
                return (StatusCode::SERVICE_UNAVAILABLE, retry).into_response();
            }
        };
        let mut response = status.into_response();
        if let Self::ProofNonce(nonce) = self
            && let Ok(nonce) = HeaderValue::from_str(&nonce)
        {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// RFC 9449 §7.1.
fn proof_challenge(error: &str) -> String {
    let algs = DPOP_ALGORITHMS.map(Algorithm::name).join(" ");
    format!(r#"DPoP error="{error}", algs="{algs}""#)
}

/// The claims as JSON, for the API document: `sub` always, others as consented.
#[derive(schemars::JsonSchema)]
pub struct Claims {
    /// The person, as this relying party knows him.
    pub sub: String,
}

/// What the holder of a login's access token may know: as JSON, as a signed JWT, encrypted for the client, or both.
///
/// # Errors
/// [`Refusal`].
pub async fn get(State(state): State<AppState>, mount: Mount, headers: HeaderMap) -> Result<Response, Refusal> {
    tell(&state, mount, (&Method::GET, &headers), Place::Userinfo).await
}

/// The form of a POST, for the API document; read by [`Form`].
#[derive(Deserialize, schemars::JsonSchema)]
pub struct TokenForm {
    /// The access token, where it is not in the header `Authorization`. One that is bound to a key goes there.
    pub access_token: Option<String>,
}

/// The same for `POST`. Where the mount has it, the access token may come in a form (RFC 6750 §2.2).
///
/// # Errors
/// [`Refusal`].
pub async fn post(State(state): State<AppState>, mount: Mount, request: Request) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let sent = credential_of(mount, &headers);
    let credential = if mount.dialect().bearer_in_form && Form::is_sent(&headers) {
        let form = Form::from_request(request, &state).await.map_err(|_| Refusal::Malformed)?;
        match (form.get("access_token"), headers.contains_key(header::AUTHORIZATION)) {
            (Some(_), true) => return Err(Refusal::Malformed),
            (Some(token), false) => {
                let credential = Some(Credential::Bearer(token));
                return tell_bearer(&state, mount, (&Method::POST, &headers), credential, Place::Userinfo).await;
            }
            (None, _) => sent,
        }
    } else {
        sent
    };
    tell_bearer(&state, mount, (&Method::POST, &headers), credential, Place::Userinfo).await
}

/// The access token of the header, as far as the mount knows the way it was sent.
fn credential_of(mount: Mount, headers: &HeaderMap) -> Option<Credential<'_>> {
    access::credential(headers).filter(|sent| mount.dialect().dpop || !sent.is_dpop())
}

/// The same, at one of the mount's claim endpoints.
///
/// # Errors
/// [`Refusal`].
pub async fn tell(
    state: &AppState,
    mount: Mount,
    (method, headers): (&Method, &HeaderMap),
    place: Place,
) -> Result<Response, Refusal> {
    tell_bearer(state, mount, (method, headers), credential_of(mount, headers), place).await
}

async fn tell_bearer(
    state: &AppState,
    mount: Mount,
    (method, headers): (&Method, &HeaderMap),
    credential: Option<Credential<'_>>,
    place: Place,
) -> Result<Response, Refusal> {
    let credential = credential.ok_or(Refusal::Missing(mount))?;
    let token = grants::access_token(state, credential.token()).await?.filter(|token| token.mount == mount);
    let token = token.ok_or(Refusal::InvalidToken)?;
    prove(state, method, headers, credential, &token).await?;
    let AccessToken { id, grant, client_id, .. } = token;
    let Grant::Login(approval) = grant else { return Err(Refusal::InsufficientScope) };
    if !approval.grants("openid") {
        return Err(Refusal::InsufficientScope);
    }
    let client = clients::find(state, mount, &client_id).await?.ok_or(Refusal::InvalidToken)?;
    if !registry::is_active(state, approval.person).await? {
        return Err(Refusal::InvalidToken);
    }
    let names = place.told(&approval);
    let mut claims = claims::told(state, &approval, &names, &approval.claims.userinfo).await?;
    if names.iter().any(|name| name == VERIFIED_CLAIMS) {
        aml::add(&mut claims, &registry::verifications(state, approval.person).await?);
    }
    let subject = registry::subject_for(state, approval.person, client.sector()).await?;
    claims.insert("sub".into(), subject.into());
    if mount.dialect().txn {
        claims.insert("txn".into(), place::txn(state, &approval, id).into());
    }
    write(state, &client, &approval, claims).await
}

/// Demands of a token that is bound to a key the proof of that key, made for this token and this request (RFC 9449 §7.1).
async fn prove(
    state: &AppState,
    method: &Method,
    headers: &HeaderMap,
    credential: Credential<'_>,
    token: &AccessToken,
) -> Result<(), Refusal> {
    let bound_to = match (&token.dpop_jkt, credential) {
        (None, Credential::Bearer(_)) => return Ok(()),
        (Some(jkt), Credential::DPoP(_)) => jkt,
        _ => return Err(Refusal::InvalidToken),
    };
    let url = format!("{}{}", state.issuer(token.mount), token.mount.dialect().userinfo_path);
    let expected = dpop::Expected { method, urls: &[url], access_token: Some(credential.token()), nonce: false };
    let key = dpop::held_key(state, token.mount, headers, &expected).map_err(|bad| match bad {
        BadProof::Invalid(_) => Refusal::InvalidProof,
        BadProof::Nonce => Refusal::ProofNonce(dpop::nonce(state)),
    })?;
    let key = key.ok_or(Refusal::InvalidProof)?;
    if key.jkt != *bound_to {
        return Err(Refusal::InvalidToken);
    }
    if key.proof.spend(state).await? { Ok(()) } else { Err(Refusal::InvalidProof) }
}

/// In the form that the client registered: signed, encrypted, both, or as the mount has it.
async fn write(
    state: &AppState,
    client: &Client,
    approval: &Approval,
    claims: Map<String, Value>,
) -> Result<Response, Refusal> {
    let plain = |claims: Map<String, Value>| ("application/json", Value::Object(claims).to_string());
    let registered = (client.userinfo_signed_response_alg, client.userinfo_encryption);
    let (media, text) = match (registered, client.additional.userinfo_response_type) {
        ((None, None), UserinfoType::Unset) if approval.mount.dialect().userinfo_json => plain(claims),
        ((None, None), UserinfoType::Unset | UserinfoType::Jws) => {
            ("application/jwt", sign(state, client, approval, client.signed_with(), claims)?)
        }
        ((None, None), UserinfoType::Jwe) => {
            // Registration demands the key; what was meant to be encrypted never leaves in clear.
            let key = client.enc_jwk.as_ref().ok_or(KeyError::Crypto("finding the client's encryption key"))?;
            let signed = sign(state, client, approval, client.signed_with(), claims)?;
            ("application/jwt", keys::encrypt(key, Some("JWT"), signed.as_bytes())?)
        }
        ((Some(alg), None), _) => ("application/jwt", sign(state, client, approval, Some(alg), claims)?),
        ((None, Some(how)), _) => {
            let claims = plain(claims).1;
            ("application/jwt", clients::encrypt_for(state, client, how, None, claims.as_bytes()).await?)
        }
        ((Some(alg), Some(how)), _) => {
            let signed = sign(state, client, approval, Some(alg), claims)?;
            ("application/jwt", clients::encrypt_for(state, client, how, Some("JWT"), signed.as_bytes()).await?)
        }
    };
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-store"), (header::PRAGMA, "no-cache")];
    Ok((headers, text).into_response())
}

/// Signed, it says who says so to whom (§5.3.2).
fn sign(
    state: &AppState,
    client: &Client,
    approval: &Approval,
    alg: Option<Algorithm>,
    mut claims: Map<String, Value>,
) -> Result<String, Refusal> {
    claims.insert("iss".into(), state.issuer(approval.mount).into());
    claims.insert("aud".into(), client.id.clone().into());
    claims.insert("iat".into(), json!(state.clock.now().div_euclid(1000)));
    let alg = alg.ok_or(KeyError::Crypto("choosing an algorithm"))?;
    Ok(state.keys.sign_jwt(alg, "JWT", &claims)?)
}
