//! Wallet local authentication: the token a wallet signs to log a person in, sent as a challenge
//! `{"authFactorType":"WLA","format":"jwt","challenge":"<compact JWS>"}`.
//!
//! Two forms. The **native** one is bound to one login: issuer, nonce, link transaction, one minute, used once. The
//! **legacy** one is what wallets of eSignet 1.x send: bound to nothing but the person and a fixed audience, so a
//! server takes it only where its policy says so, and never from a key bound in the native way.

use serde::{Deserialize, Serialize};

use crate::claim_time::{self, TimeError};
use crate::jws::{Algorithm, EmbeddedKey, Header, JwsError, Profile, SigningInput};

/// `typ` of the native token.
pub const TYP: &str = "tessera-wla+jwt";
/// The capability a wallet names in link-transaction when it can make the native token.
pub const CAPABILITY: &str = "tessera-wla";
/// The capability a wallet names in link-transaction when it can ask for the number on the browser's page.
pub const MATCH_CAPABILITY: &str = "tessera-match";
/// Longest lifetime of the native token, in seconds.
pub const MAX_LIFE_S: i64 = 60;
/// Longest `jti` taken, in bytes.
pub const MAX_JTI_BYTES: usize = 128;
/// Shortest WLA challenge taken, in bytes. eSignet demands 500, which refuses every ES256 token.
pub const MIN_CHALLENGE_BYTES: usize = 100;
/// Longest WLA challenge taken, in bytes.
pub const MAX_CHALLENGE_BYTES: usize = 4096;
/// The audiences of legacy tokens: eSignet's own and MOSIP IDA's.
pub const LEGACY_AUDIENCES: [&str; 2] = ["esignet-binding", "ida-binding"];

/// What a native token looks like.
pub const NATIVE_PROFILE: Profile = Profile {
    typ: Some(TYP),
    algorithms: &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256],
    embedded_key: EmbeddedKey::Refused,
};
/// What a legacy token looks like. `typ` is older than our typing and free; a native token is told by its `typ` before
/// this profile is tried, see [`is_native`].
pub const LEGACY_PROFILE: Profile = Profile {
    typ: None,
    algorithms: &[Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa],
    embedded_key: EmbeddedKey::Refused,
};

/// The claims of a native token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeClaims {
    /// RFC 7638 thumbprint of the signing key.
    pub iss: String,
    /// The identifier of the person, as in the request's `individualId`.
    pub sub: String,
    /// The issuer of the mount the login belongs to.
    pub aud: String,
    /// `configs.tessera.nonce` of link-transaction.
    pub nonce: String,
    /// The linkTransactionId.
    pub txn: String,
    /// Unique; the server takes each once.
    pub jti: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch, at most [`MAX_LIFE_S`] after `iat`.
    pub exp: i64,
    /// The number typed from the browser's page, where the server asked for it.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub match_number: Option<String>,
}

/// The claims of a legacy token; claims beyond these are ignored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegacyClaims {
    /// Not checked by any server.
    pub iss: String,
    /// The identifier of the person, as in the request's `individualId`.
    pub sub: String,
    /// One of [`LEGACY_AUDIENCES`] or what the server is configured for.
    pub aud: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch. Inji: five hours after `iat`, so freshness is checked by `iat`.
    pub exp: i64,
}

crate::redact::redacted_debug!(NativeClaims, LegacyClaims);

/// What the server knows about the login a native token must belong to.
#[derive(Clone, Copy)]
pub struct NativeExpected<'a> {
    /// Thumbprint of the key that verified the signature.
    pub thumbprint: &'a str,
    /// `individualId` of the request.
    pub individual_id: &'a str,
    /// Issuer of the mount.
    pub issuer: &'a str,
    /// The nonce given out in link-transaction.
    pub nonce: &'a str,
    /// The linkTransactionId.
    pub txn: &'a str,
    /// The number shown by the page, where number matching is on.
    pub match_number: Option<&'a str>,
}

/// Why the claims of a WLA token do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WlaError {
    /// `iss` is not the key that signed.
    #[error("issued by another key")]
    WrongIssuer,
    /// `sub` is not the person of the request.
    #[error("made for another person")]
    WrongSubject,
    /// `aud` is another server or mount.
    #[error("made for another server")]
    WrongAudience,
    /// `nonce` is not the one given out.
    #[error("wrong nonce")]
    WrongNonce,
    /// `txn` is another login.
    #[error("made for another login")]
    WrongTransaction,
    /// The number was asked for and is not there.
    #[error("number missing")]
    MatchMissing,
    /// The number typed is not the number shown. Ends the login.
    #[error("wrong number")]
    MatchWrong,
    /// `jti` is empty or too long.
    #[error("malformed jti")]
    MalformedJti,
    /// The times do not hold.
    #[error(transparent)]
    Time(#[from] TimeError),
}

/// Whether a header is that of a native token. A token is one or the other, decided before any claim is read.
#[must_use]
pub fn is_native(header: &Header) -> bool {
    header.typ.as_deref() == Some(TYP)
}

/// What the bound key signs for a native token. `certificate_thumbprint` is the base64url SHA-256 of the DER
/// certificate received at binding.
///
/// # Errors
/// [`JwsError`] where header or claims cannot be written.
pub fn native_signing_input(
    alg: Algorithm,
    certificate_thumbprint: Option<&str>,
    claims: &NativeClaims,
) -> Result<SigningInput, JwsError> {
    let header = Header::new(alg).with_typ(TYP).with_kid(&claims.iss);
    let header = Header { x5t_s256: certificate_thumbprint.map(str::to_owned), ..header };
    SigningInput::new(&header, claims)
}

/// What the bound key signs for a legacy token. eSignet 1.x takes RS256 only.
///
/// # Errors
/// [`JwsError`] where header or claims cannot be written.
pub fn legacy_signing_input(
    alg: Algorithm,
    certificate_thumbprint: &str,
    claims: &LegacyClaims,
) -> Result<SigningInput, JwsError> {
    SigningInput::new(&Header::new(alg).with_x5t_s256(certificate_thumbprint), claims)
}

/// Checks the claims of a verified native token at `now`; `now` and `skew` in seconds. That `jti` was not seen before
/// is the caller's to check, after this.
///
/// # Errors
/// The first [`WlaError`] that applies. The number is looked at last, so that only an otherwise good token can spend
/// the one guess.
pub fn check_native(claims: &NativeClaims, expected: &NativeExpected<'_>, now: i64, skew: i64) -> Result<(), WlaError> {
    let pairs = [
        (claims.iss.as_str(), expected.thumbprint, WlaError::WrongIssuer),
        (claims.sub.as_str(), expected.individual_id, WlaError::WrongSubject),
        (claims.aud.as_str(), expected.issuer, WlaError::WrongAudience),
        (claims.nonce.as_str(), expected.nonce, WlaError::WrongNonce),
        (claims.txn.as_str(), expected.txn, WlaError::WrongTransaction),
    ];
    for (given, wanted, error) in pairs {
        // A blank expectation never matches: nothing was agreed, so nothing can be proven.
        if given != wanted || wanted.is_empty() {
            return Err(error);
        }
    }
    if claims.jti.is_empty() || claims.jti.len() > MAX_JTI_BYTES {
        return Err(WlaError::MalformedJti);
    }
    claim_time::check_window(claims.iat, claims.exp, now, MAX_LIFE_S, skew)?;
    match (expected.match_number, claims.match_number.as_deref()) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(WlaError::MatchMissing),
        (Some(shown), Some(typed)) if shown == typed => Ok(()),
        (Some(_), Some(_)) => Err(WlaError::MatchWrong),
    }
}

/// Checks the claims of a verified legacy token at `now`: person, audience, `iat` at most `max_age` old, `exp` not
/// past; `now`, `max_age` and `skew` in seconds. Nothing in it is bound to a login: that is the weakness of the form.
///
/// # Errors
/// The first [`WlaError`] that applies.
pub fn check_legacy(
    claims: &LegacyClaims,
    individual_id: &str,
    audiences: &[&str],
    now: i64,
    max_age: i64,
    skew: i64,
) -> Result<(), WlaError> {
    if claims.sub != individual_id || individual_id.is_empty() {
        return Err(WlaError::WrongSubject);
    }
    if !audiences.contains(&claims.aud.as_str()) {
        return Err(WlaError::WrongAudience);
    }
    claim_time::check_age(claims.iat, now, max_age, skew)?;
    if now >= claims.exp.saturating_add(skew) {
        return Err(TimeError::Expired.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
