//! The ID token (OpenID Connect Core §2).

use protocol::base64url;
use protocol::jws::Algorithm;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::claims;
use crate::clients::{self, Client};
use crate::error::OAuthError;
use crate::grants::Approval;
use crate::keys::KeyError;
use crate::registry;
use crate::state::AppState;

/// What the protocol says is said once, by us.
const PROTOCOL: [&str; 11] = ["iss", "sub", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "at_hash", "sid"];

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(flatten)]
    claims: Map<String, Value>,
}

/// Signs the ID token that goes with an access token, by the algorithm that the client registered, else the mount's, and
/// encrypts it where the client registered that. It ends with the consent, where that ends earlier (facts: eSignet).
pub(super) async fn sign(
    state: &AppState,
    client: &Client,
    approval: &Approval,
    access_token: &str,
) -> Result<String, OAuthError> {
    let mut claims = claims::told(state, approval, &approval.id_token_claims, &approval.claims.id_token).await?;
    claims.retain(|name, _| !PROTOCOL.contains(&name.as_str()));
    let dialect = approval.mount.dialect();
    let now = state.clock.now();
    let ends = now + i64::from(state.config.lifetimes.id_token) * 1000;
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    let token = IdToken {
        iss: &state.issuer(approval.mount),
        sub: &registry::subject_for(state, approval.person, client.sector()).await?,
        aud: &client.id,
        exp: approval.consent_expires.unwrap_or(ends).min(ends).div_euclid(1000),
        iat: now.div_euclid(1000),
        auth_time: approval.auth_time.div_euclid(1000),
        nonce: approval.nonce.as_deref(),
        acr: dialect.told_acr(&approval.acr),
        amr: &dialect.told_amr(&approval.amr),
        at_hash: at_hash(alg, access_token),
        sid: approval.sid.as_deref().filter(|_| dialect.session_ids),
        claims,
    };
    let signed = state.keys.sign_jwt(alg, "JWT", &token)?;
    match client.id_token_encryption {
        Some(how) => Ok(clients::encrypt_for(state, client, how, Some("JWT"), signed.as_bytes()).await?),
        None => Ok(signed),
    }
}

/// The left half of the access token's hash, by the hash of the signature's algorithm (§3.1.3.6); Ed25519's is SHA-512.
fn at_hash(alg: Algorithm, access_token: &str) -> String {
    match alg {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => {
            base64url::encode(&Sha256::digest(access_token)[..16])
        }
        Algorithm::Es384 | Algorithm::Rs384 | Algorithm::Ps384 => {
            base64url::encode(&Sha384::digest(access_token)[..24])
        }
        Algorithm::Es512 | Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => {
            base64url::encode(&Sha512::digest(access_token)[..32])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of OpenID Connect Core, appendix A.3.
    #[test]
    fn at_hash_is_that_of_the_standard() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        let length = |alg| base64url::decode(at_hash(alg, token)).unwrap().len();
        assert_eq!([Algorithm::Es256, Algorithm::Es384, Algorithm::Es512].map(length), [16, 24, 32]);
        assert_eq!([Algorithm::Ps512, Algorithm::EdDsa].map(length), [32, 32]);
    }
}
