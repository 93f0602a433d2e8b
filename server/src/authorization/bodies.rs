//! JSON bodies of `authorization/*` (facts §1.2). Members that are missing or `null` read as not sent, so that the
//! answer can name the code; unknown members are ignored.

use protocol::linked::{AuthFactor, Challenge, ClientName, Configs, ConsentAction};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::asked::{Asked, ClaimsAsked};

/// `oauth-details`, version 1.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OAuthDetailsRequest {
    /// `client_id`.
    pub client_id: Option<String>,
    /// Scopes, separated by blanks.
    pub scope: Option<String>,
    /// `code`.
    pub response_type: Option<String>,
    /// One that is registered.
    pub redirect_uri: Option<String>,
    /// `page`, `popup`, `touch` or `wap`.
    pub display: Option<String>,
    /// `none`, or some of `login`, `consent`, `select_account`.
    pub prompt: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// Given back.
    pub state: Option<String>,
    /// Authentication context classes, best first, separated by blanks.
    pub acr_values: Option<String>,
    /// Seconds; also as text, as pages pass it on from a query.
    #[schemars(with = "Option<i64>")]
    pub max_age: Option<Value>,
    /// `claims` of OpenID Connect Core §5.5, as an object or as the text of one.
    pub claims: Option<Value>,
    /// Languages of claims, best first, separated by blanks.
    pub claims_locales: Option<String>,
    /// Languages of the page, best first, separated by blanks.
    pub ui_locales: Option<String>,
    /// Not served: refused when sent.
    pub dpop_jkt: Option<String>,
}

/// `oauth-details`, versions 2 and 3.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OAuthDetailsRequestV2 {
    /// What version 1 has.
    #[serde(flatten)]
    pub v1: OAuthDetailsRequest,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// Version 3. Not served: refused when sent.
    pub id_token_hint: Option<String>,
}

fn sent(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl From<OAuthDetailsRequest> for Asked {
    fn from(body: OAuthDetailsRequest) -> Self {
        Self {
            client_id: sent(body.client_id),
            scope: sent(body.scope),
            response_type: sent(body.response_type),
            redirect_uri: sent(body.redirect_uri),
            display: sent(body.display),
            prompt: sent(body.prompt),
            nonce: sent(body.nonce),
            state: body.state.filter(|state| !state.is_empty()),
            acr_values: sent(body.acr_values),
            max_age: body.max_age.and_then(|seconds| match seconds {
                Value::Null => None,
                Value::String(text) => sent(Some(text)),
                other => Some(other.to_string()),
            }),
            claims: body.claims.and_then(|claims| match claims {
                Value::Null => None,
                Value::String(text) => sent(Some(text)).map(ClaimsAsked::Text),
                other => Some(ClaimsAsked::Json(other)),
            }),
            claims_locales: sent(body.claims_locales),
            ui_locales: sent(body.ui_locales),
            dpop_jkt: sent(body.dpop_jkt),
            ..Self::default()
        }
    }
}

impl From<OAuthDetailsRequestV2> for Asked {
    fn from(body: OAuthDetailsRequestV2) -> Self {
        let mut asked = Self::from(body.v1);
        asked.code_challenge = sent(body.code_challenge);
        asked.code_challenge_method = sent(body.code_challenge_method);
        asked.id_token_hint = sent(body.id_token_hint);
        asked
    }
}

/// `par-oauth-details`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParOAuthDetailsRequest {
    /// `client_id`.
    pub client_id: Option<String>,
    /// A pushed request's URI; there are none here.
    pub request_uri: Option<String>,
}

/// Answer of `oauth-details`; its exact text is hashed for the header `oauth-details-hash`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OAuthDetails {
    /// Names the login in all later calls.
    pub transaction_id: String,
    /// The relying party's name: text in version 1, by language in versions 2 and 3.
    pub client_name: ClientName,
    /// The relying party's logo.
    pub logo_url: Option<String>,
    /// Alternatives; of one, all factors must be given.
    pub auth_factors: Vec<Vec<AuthFactor>>,
    /// Scopes to be permitted one by one.
    pub authorize_scopes: Vec<String>,
    /// Claims that must be accepted.
    pub essential_claims: Vec<String>,
    /// Claims that may be accepted.
    pub voluntary_claims: Vec<String>,
    /// Versions 2 and 3: scopes of credentials; none here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_scopes: Option<Vec<String>>,
    /// What the page needs to know.
    pub configs: Configs,
    /// Where the browser goes in the end.
    pub redirect_uri: String,
}

/// `send-otp`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendOtpRequest {
    /// The transaction.
    pub transaction_id: Option<String>,
    /// UIN or another identifier of the person.
    pub individual_id: Option<String>,
    /// `email`, `phone`; one or both.
    pub otp_channels: Option<Vec<String>>,
    /// Not served: refused when sent.
    pub captcha_token: Option<String>,
}

/// Answer of `send-otp`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendOtp {
    /// The transaction.
    pub transaction_id: String,
    /// Where the OTP went, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked_email: Option<String>,
    /// Where the OTP went, masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masked_mobile: Option<String>,
}

/// `authenticate`, all versions, and `first-factor`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticateRequest {
    /// The transaction.
    pub transaction_id: Option<String>,
    /// UIN or another identifier of the person.
    pub individual_id: Option<String>,
    /// One to five.
    pub challenge_list: Option<Vec<Challenge>>,
    /// Version 3. Not served: refused when sent.
    pub captcha_token: Option<String>,
}

/// Answer of `authenticate`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authenticate {
    /// The transaction.
    pub transaction_id: String,
    /// Versions 2 and 3: whether consent is still to be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_action: Option<ConsentAction>,
}

/// Answer of `first-factor`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstFactor {
    /// The transaction.
    pub transaction_id: String,
}

/// `auth-code`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthCodeRequest {
    /// The transaction.
    pub transaction_id: Option<String>,
    /// Claims accepted.
    pub accepted_claims: Option<Vec<String>>,
    /// Scopes permitted.
    pub permitted_authorize_scopes: Option<Vec<String>>,
}

/// Answer of `auth-code`: what the browser takes to the relying party.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthCode {
    /// As in the authorization request.
    pub nonce: Option<String>,
    /// As in the authorization request.
    pub state: Option<String>,
    /// The authorization code.
    pub code: String,
    /// Where to take it.
    pub redirect_uri: String,
}

/// Answer of `claim-details`.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimDetails {
    /// The transaction.
    pub transaction_id: String,
    /// Whether consent is still to be asked.
    pub consent_action: ConsentAction,
    /// Whether the person should complete the profile first; there is no such detour here.
    pub profile_update_required: bool,
    /// Of each claim asked for.
    pub claim_status: Vec<ClaimStatus>,
}

/// What is known about one claim.
#[derive(Serialize, JsonSchema)]
pub struct ClaimStatus {
    /// Its name.
    pub claim: String,
    /// Whether somebody vouches for it beyond this server.
    pub verified: bool,
    /// Whether it can be given.
    pub available: bool,
}

/// `prepare-signup-redirect` and `complete-signup-redirect`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignupRequest {
    /// The transaction.
    pub transaction_id: Option<String>,
    /// Where to sign up, relative to a sign-up server; there is none here.
    pub path_fragment: Option<String>,
}

/// Answer of `csrf/token`; not in an envelope.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsrfToken {
    /// To be sent with every call.
    pub token: String,
    /// In this header.
    pub header_name: &'static str,
    /// Or in this field of a form.
    pub parameter_name: &'static str,
}
