//! The `Tessera-Wallet` request header: how a bound wallet says that a call is its own. A compact JWS by the bound key
//! over the URL, the time and the hash of the body, so that it serves for this call and no other.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base64url;
use crate::claim_time::{self, TimeError};
use crate::jws::{Algorithm, EmbeddedKey, Header, JwsError, Profile, SigningInput};

/// Name of the request header.
pub const HEADER_NAME: &str = "Tessera-Wallet";
/// `typ` of the token.
pub const TYP: &str = "tessera-wallet+jwt";
/// Longest lifetime, in seconds.
pub const MAX_LIFE_S: i64 = 60;
/// Longest `jti` taken, in bytes.
pub const MAX_JTI_BYTES: usize = 128;

/// What such a token looks like. RSA is there for keys bound to eSignet 1.x servers.
pub const PROFILE: Profile = Profile {
    typ: Some(TYP),
    algorithms: &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256],
    embedded_key: EmbeddedKey::Refused,
};

/// The claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The full URL of the request, without query.
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch, at most [`MAX_LIFE_S`] after `iat`.
    pub exp: i64,
    /// Unique; the server takes each once.
    pub jti: String,
    /// [`body_hash`] of the request's body.
    pub bh: String,
}

/// Why the claims do not hold for the request they came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalletRequestError {
    /// Made for another URL.
    #[error("made for another URL")]
    WrongAudience,
    /// Made for another body.
    #[error("made for another body")]
    WrongBody,
    /// `jti` is empty or too long.
    #[error("malformed jti")]
    MalformedJti,
    /// The times do not hold.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// base64url of the SHA-256 of a body's bytes.
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    base64url::encode(Sha256::digest(body))
}

/// The claims for a request of `body` to `url` (without query), made at `now` in seconds.
#[must_use]
pub fn claims(url: &str, body: &[u8], jti: &str, now: i64) -> Claims {
    Claims {
        aud: url.to_owned(),
        iat: now,
        exp: now.saturating_add(MAX_LIFE_S),
        jti: jti.to_owned(),
        bh: body_hash(body),
    }
}

/// What the bound key named by `thumbprint` signs.
///
/// # Errors
/// [`JwsError`] where header or claims cannot be written.
pub fn signing_input(alg: Algorithm, thumbprint: &str, claims: &Claims) -> Result<SigningInput, JwsError> {
    SigningInput::new(&Header::new(alg).with_typ(TYP).with_kid(thumbprint), claims)
}

/// Checks the claims of a verified token for a request of `body` to `url` at `now`; `now` and `skew` in seconds. That
/// `jti` was not seen before is the caller's to check.
///
/// # Errors
/// A [`WalletRequestError`].
pub fn check(claims: &Claims, url: &str, body: &[u8], now: i64, skew: i64) -> Result<(), WalletRequestError> {
    if claims.aud != url {
        return Err(WalletRequestError::WrongAudience);
    }
    if claims.bh != body_hash(body) {
        return Err(WalletRequestError::WrongBody);
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI_BYTES {
        return Err(WalletRequestError::MalformedJti);
    }
    Ok(claim_time::check_window(claims.iat, claims.exp, now, MAX_LIFE_S, skew)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://id.example/wallet/devices/list";

    #[test]
    fn serves_for_one_request_only() {
        let made = claims(URL, b"{}", "j", 1000);
        assert_eq!(check(&made, URL, b"{}", 1000, 30), Ok(()));
        let other = "https://id.example/wallet/devices/revoke";
        assert_eq!(check(&made, other, b"{}", 1000, 30), Err(WalletRequestError::WrongAudience));
        assert_eq!(check(&made, URL, b"{ }", 1000, 30), Err(WalletRequestError::WrongBody));
        assert_eq!(check(&made, URL, b"{}", 1090, 30), Err(TimeError::Expired.into()));
        assert_eq!(check(&made, URL, b"{}", 969, 30), Err(TimeError::IssuedInFuture.into()));
        let unnamed = Claims { jti: String::new(), ..made };
        assert_eq!(check(&unnamed, URL, b"{}", 1000, 30), Err(WalletRequestError::MalformedJti));
    }
}
