//! `POST` token endpoint (RFC 6749 §3.2, OpenID Connect Core §3.1.3). What each grant gives stands in `grant`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grant::{self, Asking};
use crate::access::dpop::{self, BadProof, DPOP, DPOP_NONCE};
use crate::access::{self, Form, Proof, Proven};
use crate::clients::{GrantType, Profile};
use crate::dialect::Mount;
use crate::error::{OAuthError, TokenFault};
use crate::grants::{HeldKey, Shown};
use crate::keys::KeyError;
use crate::state::AppState;

/// The form, for the API document; read by [`Form`].
#[derive(Deserialize, JsonSchema)]
pub struct TokenRequest {
    /// `authorization_code`, `refresh_token` or `client_credentials`.
    pub grant_type: String,
    /// The authorization code.
    pub code: Option<String>,
    /// The redirect URI of the authorization request, as it was sent.
    pub redirect_uri: Option<String>,
    /// RFC 7636.
    pub code_verifier: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// Scopes of a client's own token, or of the one that a refresh token gets, separated by spaces; all that may be had
    /// where absent.
    pub scope: Option<String>,
    /// Where the client says who it is by nothing else.
    pub client_id: Option<String>,
    /// The client's secret, where it is registered for `client_secret_post`.
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    pub client_assertion_type: Option<String>,
    /// A JWT signed by a key of the client, or by its secret (RFC 7523).
    pub client_assertion: Option<String>,
}

/// The answer (RFC 6749 §5.1).
#[derive(Debug, Serialize, JsonSchema)]
pub struct TokenResponse {
    /// The ID token; for scope `openid` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// Opaque.
    pub access_token: String,
    /// Opaque; where the client may have one and the person agreed to `offline_access`. After a refresh, the one that takes
    /// the place of the one used, which stays good where this is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer`, or `DPoP` where the request proved a key (RFC 9449 §5).
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

/// Gives tokens to a client that proves who it is: for a person's approval, or for itself. Refusals are [`OAuthError`]s in
/// the mount's words. A request with a proof of a key is told the nonce for the next.
pub async fn post(State(state): State<AppState>, mount: Mount, headers: HeaderMap, form: Form) -> Response {
    let answer = answer(&state, mount, &headers, &form).await;
    let mut response = answer.into_response();
    if mount.dialect().dpop
        && headers.contains_key(DPOP)
        && let Ok(nonce) = HeaderValue::from_str(&dpop::nonce(&state))
    {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}

async fn answer(state: &AppState, mount: Mount, headers: &HeaderMap, form: &Form) -> Result<TokenResponse, OAuthError> {
    let dialect = mount.dialect();
    let grant = form.require(dialect, "grant_type", "grant_type is missing")?;
    let known = |grant: &GrantType| Profile::of_mount(mount).iter().any(|of| of.policy().grants.contains(grant));
    let grant = GrantType::named(grant).filter(known);
    let grant = grant.ok_or_else(|| dialect.oauth(TokenFault::GrantType, "there is no such grant here"))?;
    // Before the client is looked at: a request that must be sent again with a nonce has used no assertion up.
    let key = held_key(state, mount, headers)?;
    let Proven { client, proof } = access::client(state, mount, headers, form).await?;
    let public = matches!(proof, Proof::Public);
    let bound = key.is_some();
    let shown = Shown { assertion: proof.into_assertion(), key };
    let asking = Asking { state, mount, client: &client, form, public };
    if !client.allows(grant) || !client.policy().grants.contains(&grant) {
        let refusal = dialect.oauth(TokenFault::GrantNotAllowed, "the client is not registered for this grant");
        return Err(asking.refused(shown, refusal).await);
    }
    if client.sender_constrained().is_required() && !bound {
        let refusal = dialect.oauth(TokenFault::Proof, "tokens of this client are bound to a key: send a DPoP proof");
        return Err(asking.refused(shown, refusal).await);
    }
    match grant {
        GrantType::AuthorizationCode => grant::code(&asking, shown).await,
        GrantType::RefreshToken => grant::refresh(&asking, shown).await,
        GrantType::ClientCredentials => grant::client_credentials(&asking, shown).await,
    }
}

/// The key that the tokens asked for are to be bound to.
fn held_key(state: &AppState, mount: Mount, headers: &HeaderMap) -> Result<Option<HeldKey>, OAuthError> {
    let dialect = mount.dialect();
    if !dialect.dpop || !headers.contains_key(DPOP) {
        return Ok(None);
    }
    let issuer = state.issuer(mount);
    let urls: Vec<String> = dialect.token_paths.iter().map(|path| format!("{issuer}{path}")).collect();
    let expected = dpop::Expected { method: &Method::POST, urls: &urls, access_token: None, nonce: true };
    dpop::held_key(state, mount, headers, &expected).map_err(|bad| match bad {
        BadProof::Invalid(why) => dialect.oauth(TokenFault::Proof, why),
        BadProof::Nonce => dialect.oauth(TokenFault::ProofNonce, "the DPoP proof must repeat the nonce of DPoP-Nonce"),
    })
}
