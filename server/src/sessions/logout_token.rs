//! The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4): like an ID token, so that it must never be taken for one;
//! hence its `typ`, its `events`, and no `nonce`.

use protocol::base64url;
use serde::Serialize;
use serde_json::{Value, json};

use crate::clients::{self, Client};
use crate::clock::random;
use crate::keys::KeyError;
use crate::state::AppState;

/// Seconds that it is good for: two minutes at most (§2.4). Each try to deliver it makes another.
const LIFE: i64 = 120;
/// `typ` of its header.
const TYP: &str = "logout+jwt";
/// The one member of `events`.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Serialize)]
struct LogoutToken<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    iat: i64,
    exp: i64,
    jti: String,
    events: Value,
}

/// Signs one with the algorithm of the client's ID tokens, and encrypts it as those, where the mount does so. `sub` as this
/// client knows the person; without `sid` it is about all the client's sessions of that person.
pub(super) async fn make(state: &AppState, client: &Client, sub: &str, sid: Option<&str>) -> Result<String, KeyError> {
    let now = state.clock.now().div_euclid(1000);
    let token = LogoutToken {
        iss: &state.issuer(client.mount),
        aud: &client.id,
        sub,
        sid,
        iat: now,
        exp: now + LIFE,
        jti: base64url::encode(random::<16>(&*state.rng)),
        events: json!({ EVENT: {} }),
    };
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    let signed = state.keys.sign_jwt(alg, TYP, &token)?;
    match client.id_token_encryption.filter(|_| client.mount.dialect().encrypts_logout_tokens) {
        Some(how) => clients::encrypt_for(state, client, how, Some("JWT"), signed.as_bytes()).await,
        None => Ok(signed),
    }
}
