//! What the pages' forms send, for the API document; `form` reads them.

use schemars::JsonSchema;

/// An authorization request (OpenID Connect Core §3.1.2.1); unknown parameters are ignored.
#[derive(JsonSchema)]
pub struct Begin {
    /// A client of this issuer.
    pub client_id: String,
    /// `code`; like all others not needed beside `request` and `request_uri`.
    pub response_type: Option<String>,
    /// One that is registered, byte for byte.
    pub redirect_uri: Option<String>,
    /// `openid` and others, separated by blanks.
    pub scope: Option<String>,
    /// Given back.
    pub state: Option<String>,
    /// Goes into the ID token.
    pub nonce: Option<String>,
    /// One of those named in discovery.
    pub response_mode: Option<String>,
    /// `none`, or some of `login`, `consent`, `select_account`.
    pub prompt: Option<String>,
    /// `page`, `popup`, `touch` or `wap`.
    pub display: Option<String>,
    /// Seconds.
    pub max_age: Option<String>,
    /// Languages of the page, best first.
    pub ui_locales: Option<String>,
    /// Languages of claims, best first.
    pub claims_locales: Option<String>,
    /// Who is likely to log in.
    pub login_hint: Option<String>,
    /// An ID token of this issuer: who is to be logged in.
    pub id_token_hint: Option<String>,
    /// Authentication context classes, best first.
    pub acr_values: Option<String>,
    /// OpenID Connect Core §5.5, as JSON.
    pub claims: Option<String>,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// Thumbprint of the key that the code is to be bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// All of them, as one token signed by the client (RFC 9101).
    pub request: Option<String>,
    /// Where such a token lies, or a request that was pushed (RFC 9126).
    pub request_uri: Option<String>,
}

/// The way back from the wallet on the same device.
#[derive(JsonSchema)]
pub struct Return {
    /// What the wallet was given; good once, for the browser that began.
    pub response_code: String,
}

/// Every form of a transaction.
#[derive(JsonSchema)]
pub struct Step {
    /// The CSRF token.
    #[schemars(rename = "_csrf")]
    pub csrf: String,
    /// The transaction.
    #[schemars(rename = "transactionId")]
    pub transaction_id: String,
}

/// Asks for a one-time password.
#[derive(JsonSchema)]
pub struct Otp {
    /// As every form.
    #[schemars(flatten)]
    pub step: Step,
    /// UIN or another identifier.
    #[schemars(rename = "individualId")]
    pub individual_id: String,
    /// `email` or `phone`; both may be sent.
    pub channel: Option<String>,
    /// `wallet`: it is a first factor, after which the code for the wallet is shown.
    pub then: Option<String>,
}

/// Logs in.
#[derive(JsonSchema)]
pub struct Login {
    /// As every form.
    #[schemars(flatten)]
    pub step: Step,
    /// UIN or another identifier.
    #[schemars(rename = "individualId")]
    pub individual_id: String,
    /// The one-time password.
    pub otp: Option<String>,
    /// The PIN.
    pub pin: Option<String>,
}

/// Consents.
#[derive(JsonSchema)]
pub struct Consent {
    /// As every form.
    #[schemars(flatten)]
    pub step: Step,
    /// A claim that may be given; may be sent several times.
    pub claim: Option<String>,
    /// A scope that is permitted; may be sent several times.
    pub scope: Option<String>,
}
