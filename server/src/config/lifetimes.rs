//! How long things live. All in seconds; eSignet's defaults where it has them (facts: its caches).

use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lifetimes {
    /// An authorization transaction, from the request until it is authenticated or linked.
    pub transaction: u32,
    /// A link code, and so a QR code on the screen, where it does not change by itself.
    pub link_code: u32,
    /// How long each frame of a changing QR code is shown; it can be claimed once as long again.
    pub frame: u32,
    /// A linked transaction, from the scan until consent.
    pub linked: u32,
    /// Between authentication and consent.
    pub authenticated: u32,
    /// An authorization code (RFC 9700 §2.1.1: short).
    pub code: u32,
    /// An access token.
    pub access_token: u32,
    /// All refresh tokens of a login, whether they are used or not (OWASP ASVS 10.4.8), and with them what they get.
    pub refresh_token: u32,
    /// How long a refresh token that was replaced gives the same successor once more, to the client that used it, by the same
    /// key, and while that successor was not used: the answer may have been lost on its way. 0: not at all.
    pub refresh_grace: u32,
    /// An ID token.
    pub id_token: u32,
    /// A one-time password.
    pub otp: u32,
    /// A binding challenge.
    pub binding_challenge: u32,
    /// How long a person or a transaction stays locked after too many wrong factors.
    pub lockout: u32,
    /// How long a long poll is held; below 25, so that clients with that limit are answered.
    pub poll: u32,
    /// A browser's session.
    pub session: u32,
    /// How long somebody stays logged in at an issuer that keeps sessions, since they last proved who they are.
    pub login: u32,
    /// A session on the citizen's page.
    pub account: u32,
    /// Days a consent's receipt is kept after it was given or withdrawn; 0 keeps it for ever.
    pub receipt_days: u32,
    /// How long a client assertion's `jti` is remembered at least, and how far in the future its `exp` may be.
    pub assertion: u32,
    /// Days after which a signing key is replaced.
    pub signing_key_days: u32,
    /// Days a next signing key is published before it signs, and an old one after it stopped.
    pub signing_key_overlap_days: u32,
    /// Days after which audit events and closed audit cases are deleted.
    pub audit_days: u32,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            transaction: 300,
            link_code: 60,
            frame: 10,
            linked: 300,
            authenticated: 120,
            code: 60,
            access_token: 3600,
            refresh_token: 30 * 24 * 3600,
            refresh_grace: 5,
            id_token: 3600,
            otp: 180,
            binding_challenge: 300,
            lockout: 600,
            poll: 20,
            session: 8 * 3600,
            login: 3600,
            account: 15 * 60,
            receipt_days: 5 * 365,
            assertion: 3600,
            signing_key_days: 90,
            signing_key_overlap_days: 7,
            audit_days: 365,
        }
    }
}
