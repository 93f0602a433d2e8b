//! `id_token_hint`: an ID token of ours that comes back (OpenID Connect Core §3.1.2.1, RP-Initiated Logout 1.0 §2).

use serde::Deserialize;

use crate::dialect::Mount;
use crate::state::AppState;

/// Longest hint looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// What a hint says, once it is known to be ours. It proves that its bearer is, or has met, the client; not who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The client that it was issued to.
    pub client_id: String,
    /// The person, as that client knows them.
    pub sub: String,
    /// The session, as that client knows it.
    pub sid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// Signed userinfo has the others, but no end.
    exp: Option<i64>,
    sid: Option<String>,
    events: Option<serde_json::Value>,
}

/// Reads a hint: an ID token of this issuer under a key that is still published, also one that has expired. `None` for
/// anything else: unsigned, of another key or issuer, another kind of token.
#[must_use]
pub fn read(state: &AppState, mount: Mount, token: &str) -> Option<Hint> {
    if token.len() > LONGEST {
        return None;
    }
    let jws = state.keys.verify_own(token).ok()?;
    if jws.header().typ.as_deref().is_some_and(|typ| typ != "JWT") {
        return None;
    }
    let Claims { iss, aud, sub, exp, sid, events } = jws.claims().ok()?;
    if iss != state.issuer(mount) || exp.is_none() || events.is_some() {
        return None;
    }
    Some(Hint { client_id: aud, sub, sid })
}
