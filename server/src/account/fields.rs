//! What the forms of the citizen's page send, for the API document; [`super::forms`] reads them.

use schemars::JsonSchema;

/// Every form of the page.
#[derive(JsonSchema)]
pub struct SignOut {
    /// The session's token.
    #[schemars(rename = "_csrf")]
    pub csrf: String,
}

/// Withdraws what was agreed to with a relying party.
#[derive(JsonSchema)]
pub struct Withdraw {
    /// As every form.
    #[schemars(flatten)]
    pub session: SignOut,
    /// The consent.
    pub consent: String,
}

/// Ends a session.
#[derive(JsonSchema)]
pub struct EndSession {
    /// As every form.
    #[schemars(flatten)]
    pub own: SignOut,
    /// The session that is to end.
    pub session: String,
}

/// Ends a login, in whatever browser it is.
#[derive(JsonSchema)]
pub struct EndLogin {
    /// As every form.
    #[schemars(flatten)]
    pub session: SignOut,
    /// The login that is to end.
    pub login: String,
}

/// Revokes a wallet.
#[derive(JsonSchema)]
pub struct Revoke {
    /// As every form.
    #[schemars(flatten)]
    pub session: SignOut,
    /// The wallet.
    pub device: String,
}
