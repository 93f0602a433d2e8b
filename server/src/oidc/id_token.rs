//! The ID token (OpenID Connect Core §2).

use protocol::base64url;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::clients::Client;
use crate::error::OAuthError;
use crate::grants::Approval;
use crate::keys::KeyError;
use crate::registry;
use crate::state::AppState;

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
    #[serde(flatten)]
    claims: Map<String, Value>,
}

/// Signs the ID token that goes with an access token, by the algorithm that the client registered, else the mount's. It ends with the consent, where
/// that ends earlier (facts: eSignet).
pub(super) async fn sign(
    state: &AppState,
    client: &Client,
    approval: &Approval,
    access_token: &str,
) -> Result<String, OAuthError> {
    let mut claims = registry::claims(state, approval.person, &approval.id_token_claims, &approval.locales).await?;
    // What the protocol says is said once, by us.
    claims.retain(|name, _| !["iss", "sub", "aud", "exp", "iat", "acr", "amr", "nonce"].contains(&name.as_str()));
    let dialect = approval.mount.dialect();
    let now = state.clock.now();
    let ends = now + i64::from(state.config.lifetimes.id_token) * 1000;
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
        at_hash: at_hash(access_token),
        claims,
    };
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    Ok(state.keys.sign_jwt(alg, "JWT", &token)?)
}

/// The left half of the SHA-256 of the access token (§3.1.3.6); all our algorithms end in 256.
fn at_hash(access_token: &str) -> String {
    base64url::encode(&Sha256::digest(access_token)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of OpenID Connect Core, appendix A.3.
    #[test]
    fn at_hash_is_that_of_the_standard() {
        assert_eq!(at_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
