//! `POST` token endpoint (RFC 6749 §3.2, OpenID Connect Core §3.1.3).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id_token;
use crate::access::{self, Form, Proven};
use crate::clients::{Client, GrantType};
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::{self, Assertion, NotRedeemed, Presented, RedeemError};
use crate::keys::KeyError;
use crate::registry;
use crate::state::AppState;

/// The form, for the API document; read by [`Form`].
#[derive(Deserialize, JsonSchema)]
pub struct TokenRequest {
    /// `authorization_code` or `client_credentials`.
    pub grant_type: String,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI of the authorization request, as it was sent.
    pub redirect_uri: Option<String>,
    /// RFC 7636.
    pub code_verifier: Option<String>,
    /// Scopes of a client's own token, separated by spaces; all that it may have where absent.
    pub scope: Option<String>,
    /// May be left out: the assertion says it.
    pub client_id: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub client_assertion_type: String,
    /// A JWT signed by a key of the client (RFC 7523).
    pub client_assertion: String,
}

/// The answer (RFC 6749 §5.1).
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenResponse {
    /// The ID token; for scope `openid` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Opaque.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// What the access token is good for, separated by spaces.
    pub scope: String,
}

impl IntoResponse for TokenResponse {
    fn into_response(self) -> Response {
        let mut response = Json(self).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        response
    }
}

impl From<KeyError> for OAuthError {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "a token could not be signed");
        Self::unavailable()
    }
}

/// Gives tokens to a client that proves who it is: for a person's approval, or for itself.
///
/// # Errors
/// [`OAuthError`] in the mount's words.
pub async fn post(
    State(state): State<AppState>,
    mount: Mount,
    headers: HeaderMap,
    form: Form,
) -> Result<TokenResponse, OAuthError> {
    let dialect = mount.dialect();
    let grant = match form.require(dialect, "grant_type", "grant_type is missing")? {
        "authorization_code" => GrantType::AuthorizationCode,
        "client_credentials" => GrantType::ClientCredentials,
        _ => return Err(dialect.oauth(TokenFault::GrantType, "authorization_code and client_credentials are known")),
    };
    let Proven { client, proof } = access::client(&state, mount, &headers, &form).await?;
    let assertion = proof.into_assertion();
    if !client.allows(grant) {
        let refusal = dialect.oauth(TokenFault::GrantNotAllowed, "the client is not registered for this grant");
        return Err(spent(&state, mount, assertion, refusal).await);
    }
    match grant {
        GrantType::AuthorizationCode => for_code(&state, mount, &client, assertion, &form).await,
        GrantType::ClientCredentials => for_client(&state, mount, &client, assertion, &form).await,
        GrantType::RefreshToken => {
            let refusal = dialect.oauth(TokenFault::GrantType, "authorization_code and client_credentials are known");
            Err(spent(&state, mount, assertion, refusal).await)
        }
    }
}

/// A refusal for which nothing but the assertion is written. That it was used before goes before what else is wrong.
async fn spent(state: &AppState, mount: Mount, assertion: Option<Assertion>, refusal: OAuthError) -> OAuthError {
    let Some(assertion) = assertion else { return refusal };
    match assertion.spend(state).await {
        Ok(true) => refusal,
        Ok(false) => access::used_before(mount),
        Err(error) => error.into(),
    }
}

async fn for_code(
    state: &AppState,
    mount: Mount,
    client: &Client,
    assertion: Option<Assertion>,
    form: &Form,
) -> Result<TokenResponse, OAuthError> {
    let dialect = mount.dialect();
    let code = match form.require(dialect, "code", "code is missing") {
        Ok(code) => code,
        Err(refusal) => return Err(spent(state, mount, assertion, refusal).await),
    };
    let presented = Presented {
        mount,
        client_id: &client.id,
        code,
        redirect_uri: form.get("redirect_uri"),
        code_verifier: form.get("code_verifier"),
    };
    let issued = grants::redeem(state, presented, assertion).await.map_err(|error| match error {
        RedeemError::Refused(why) => not_redeemed(mount, why),
        RedeemError::Fault(fault) => fault.into(),
    })?;
    let approval = &issued.approval;
    if !registry::is_active(state, approval.person).await? {
        return Err(not_redeemed(mount, NotRedeemed::Unknown));
    }
    let id_token = if approval.scopes.iter().any(|scope| scope == "openid") {
        Some(id_token::sign(state, client, approval, &issued.access_token).await?)
    } else {
        None
    };
    let scope = approval.scopes.iter().chain(&approval.permitted_scopes).map(String::as_str).collect::<Vec<_>>();
    Ok(TokenResponse {
        id_token,
        scope: scope.join(" "),
        access_token: issued.access_token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
    })
}

fn not_redeemed(mount: Mount, why: NotRedeemed) -> OAuthError {
    let dialect = mount.dialect();
    match why {
        NotRedeemed::AssertionUsed => access::used_before(mount),
        NotRedeemed::Unknown => dialect.oauth(TokenFault::Code, "the code is not known"),
        NotRedeemed::Expired => dialect.oauth(TokenFault::Code, "the code has expired"),
        NotRedeemed::Used => dialect.oauth(TokenFault::Code, "the code was used before; what it got is revoked"),
        NotRedeemed::Withdrawn => dialect.oauth(TokenFault::Code, "the person has withdrawn the consent"),
        NotRedeemed::OtherClient => dialect.oauth(TokenFault::Code, "the code was issued to another client"),
        NotRedeemed::RedirectUri => dialect.oauth(TokenFault::RedirectUri, "redirect_uri is not the request's"),
        NotRedeemed::CodeVerifier => {
            dialect.oauth(TokenFault::CodeVerifier, "code_verifier does not fit the request's code_challenge")
        }
    }
}

async fn for_client(
    state: &AppState,
    mount: Mount,
    client: &Client,
    assertion: Option<Assertion>,
    form: &Form,
) -> Result<TokenResponse, OAuthError> {
    let scopes: Vec<String> = match form.get("scope") {
        None => client.scopes.clone(),
        Some(asked) => asked.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
    };
    if scopes.is_empty() || scopes.iter().any(|scope| !client.scopes.contains(scope)) {
        let refusal = mount.dialect().oauth(TokenFault::Scope, "the client may not have this scope");
        return Err(spent(state, mount, assertion, refusal).await);
    }
    let issued = grants::issue_to_client(state, mount, &client.id, &scopes, assertion).await?;
    let access_token = issued.ok_or_else(|| access::used_before(mount))?;
    Ok(TokenResponse {
        id_token: None,
        access_token,
        token_type: "Bearer",
        expires_in: i64::from(state.config.lifetimes.access_token),
        scope: scopes.join(" "),
    })
}
