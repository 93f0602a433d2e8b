//! The notification token: a JWT that says which claims changed when, never what they are. Signed as the client's ID tokens
//! are; then encrypted for the client as its claims are, or where it has a key for that alone.

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Content;
use crate::clients::{self, Client};
use crate::ids::Kind;
use crate::keys::{self, KeyError};
use crate::state::AppState;

/// The one type of event.
const EVENT: &str = "claims_updated";
/// Content types by which the two forms go.
const ENCRYPTED: &str = "application/jwe";
const SIGNED: &str = "application/jwt";

#[derive(Serialize)]
struct Token<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    jti: String,
    events: [Event<'a>; 1],
}

#[derive(Serialize)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    original_event_at: String,
    sub: &'a str,
    affected_client_ids: [&'a str; 1],
    affected_claims: &'a [String],
}

/// The body and its content type. `id`: the notification's primary key, which its name is made of.
///
/// # Errors
/// [`KeyError`] where it cannot be signed, or must be encrypted and cannot be.
pub(super) async fn make(
    state: &AppState,
    client: &Client,
    id: i64,
    sub: &str,
    content: &Content,
) -> Result<(&'static str, String), KeyError> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(content.at) * 1_000_000).ok();
    let original_event_at = at.and_then(|at| at.format(&Rfc3339).ok()).ok_or(KeyError::Crypto("writing a time"))?;
    let token = Token {
        iss: &state.issuer(client.mount),
        aud: &client.id,
        iat: state.clock.now().div_euclid(1000),
        jti: state.ids.name(Kind::Notification, id),
        events: [Event {
            kind: EVENT,
            original_event_at,
            sub,
            affected_client_ids: [&client.id],
            affected_claims: &content.claims,
        }],
    };
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    let signed = state.keys.sign_jwt(alg, "JWT", &token)?;
    let encrypted = match (client.userinfo_encryption, &client.enc_jwk) {
        (Some(how), _) => clients::encrypt_for(state, client, how, Some("JWT"), signed.as_bytes()).await?,
        (None, Some(key)) => keys::encrypt(key, Some("JWT"), signed.as_bytes())?,
        (None, None) => return Ok((SIGNED, signed)),
    };
    Ok((ENCRYPTED, encrypted))
}
