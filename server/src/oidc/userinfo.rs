//! Userinfo endpoint (OpenID Connect Core §5.3): the claims that the person consented to, and no other (GS-OIDC-05).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub use super::place::Place;
use super::{aml, place};
use crate::access::bearer;
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
    /// No bearer token in the header; elsewhere none is looked for.
    Missing(Mount),
    /// Foreign, altered, expired, revoked; or its client or person is not active any more.
    InvalidToken,
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
        let (status, challenge) = match self {
            Self::Missing(mount) => (
                StatusCode::UNAUTHORIZED,
                mount
                    .dialect()
                    .missing_bearer
                    .map_or_else(|| "Bearer".into(), |error| format!(r#"Bearer error="{error}""#)),
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                r#"Bearer error="invalid_token", error_description="the access token is not valid""#.to_owned(),
            ),
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, r#"Bearer error="insufficient_scope", scope="openid""#.to_owned())
            }
            Self::Unavailable => {
                let retry = [(header::RETRY_AFTER, "2"), (header::CACHE_CONTROL, "no-store")];
                return (StatusCode::SERVICE_UNAVAILABLE, retry).into_response();
            }
        };
        let mut response = status.into_response();
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// The claims as JSON, for the API document: `sub` always, others as consented.
#[derive(schemars::JsonSchema)]
pub struct Claims {
    /// The person, as this relying party knows him.
    pub sub: String,
}

/// What the bearer of a login's access token may know: as JSON, as a signed JWT, or as one encrypted for the client.
///
/// # Errors
/// [`Refusal`].
pub async fn get(State(state): State<AppState>, mount: Mount, headers: HeaderMap) -> Result<Response, Refusal> {
    tell(&state, mount, &headers, Place::Userinfo).await
}

/// The same, at one of the mount's claim endpoints.
///
/// # Errors
/// [`Refusal`].
pub async fn tell(state: &AppState, mount: Mount, headers: &HeaderMap, place: Place) -> Result<Response, Refusal> {
    let token = bearer(headers).ok_or(Refusal::Missing(mount))?;
    let token = grants::access_token(state, token).await?.filter(|token| token.mount == mount);
    let AccessToken { id, grant, client_id, .. } = token.ok_or(Refusal::InvalidToken)?;
    let Grant::Login(approval) = grant else { return Err(Refusal::InsufficientScope) };
    if !approval.scopes.iter().any(|scope| scope == "openid") {
        return Err(Refusal::InsufficientScope);
    }
    let client = clients::find(state, mount, &client_id).await?.ok_or(Refusal::InvalidToken)?;
    if !registry::is_active(state, approval.person).await? {
        return Err(Refusal::InvalidToken);
    }
    let names = place.told(&approval);
    let mut claims = registry::claims(state, approval.person, &names, &approval.locales).await?;
    if names.iter().any(|name| name == VERIFIED_CLAIMS) {
        aml::add(&mut claims, &registry::verifications(state, approval.person).await?);
    }
    let subject = registry::subject_for(state, approval.person, client.sector()).await?;
    claims.insert("sub".into(), subject.into());
    if mount.dialect().txn {
        claims.insert("txn".into(), place::txn(state, &approval, id).into());
    }
    write(state, &client, &approval, claims)
}

fn write(
    state: &AppState,
    client: &Client,
    approval: &Approval,
    claims: Map<String, Value>,
) -> Result<Response, Refusal> {
    let dialect = approval.mount.dialect();
    let form = client.additional.userinfo_response_type;
    let (media, text) = match form {
        UserinfoType::Unset if dialect.userinfo_json => ("application/json", Value::Object(claims).to_string()),
        UserinfoType::Unset | UserinfoType::Jws => ("application/jwt", sign(state, client, approval, claims)?),
        UserinfoType::Jwe => {
            // Registration demands the key; what was meant to be encrypted never leaves in clear.
            let key = client.enc_jwk.as_ref().ok_or(KeyError::Crypto("finding the client's encryption key"))?;
            let signed = sign(state, client, approval, claims)?;
            ("application/jwt", keys::encrypt(key, Some("JWT"), signed.as_bytes())?)
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
    mut claims: Map<String, Value>,
) -> Result<String, Refusal> {
    claims.insert("iss".into(), state.issuer(approval.mount).into());
    claims.insert("aud".into(), client.id.clone().into());
    claims.insert("iat".into(), json!(state.clock.now().div_euclid(1000)));
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    Ok(state.keys.sign_jwt(alg, "JWT", &claims)?)
}
