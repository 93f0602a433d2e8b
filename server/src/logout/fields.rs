//! What logout takes, for the API document; `request` reads it.

use schemars::JsonSchema;

/// A request to end a session (OpenID Connect RP-Initiated Logout 1.0 §2); unknown parameters are ignored.
#[derive(JsonSchema)]
pub struct EndSession {
    /// An ID token of this issuer, also one that has expired.
    pub id_token_hint: Option<String>,
    /// The client; that of the hint where it has one.
    pub client_id: Option<String>,
    /// One that is registered, byte for byte; needs the hint or `client_id`.
    pub post_logout_redirect_uri: Option<String>,
    /// Given back.
    pub state: Option<String>,
    /// Languages of the page, best first.
    pub ui_locales: Option<String>,
}

/// The page's form.
#[derive(JsonSchema)]
pub struct Confirm {
    /// The CSRF token.
    #[schemars(rename = "_csrf")]
    pub csrf: String,
    /// `yes` or `no`.
    pub logout: String,
    /// As in the request.
    pub client_id: Option<String>,
    /// As in the request.
    pub post_logout_redirect_uri: Option<String>,
    /// As in the request.
    pub state: Option<String>,
}
