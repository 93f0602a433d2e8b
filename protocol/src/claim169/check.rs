//! Whether a credential stands: signature, issuer, time.

use super::certificates::{self, Root};
use super::cwt::Unverified;
use super::identity::Identity;
use crate::jwk::{Jwk, KeyMaterial};
use crate::jws::{self, Algorithm};

/// COSE numbers of what is verified (RFC 9053 §2).
pub(super) const ES256: i64 = -7;
pub(super) const EDDSA: i64 = -8;
/// How far an issuer's clock may be off, in seconds.
pub(super) const SKEW_S: i64 = 60;

/// An issuer that the reader trusts: pinned in the app, not learnt from the credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedIssuer {
    /// Its name in claim `iss`, compared byte for byte.
    pub issuer: String,
    /// Its keys: P-256 or Ed25519. A `kid` that the credential names must be that of the key, where the key has one.
    pub keys: Vec<Jwk>,
    /// Its certificate authorities: a credential may bring the certificate of its key along (`x5chain`, RFC 9360).
    pub roots: Vec<Root>,
}

/// A credential that was read and checked. It stands when there is no doubt.
#[derive(Clone, PartialEq)]
pub struct Claim169 {
    /// Claim `iss`.
    pub issuer: Option<String>,
    /// Claim `sub`.
    pub subject: Option<String>,
    /// Claim `iat`, in seconds since the epoch.
    pub issued_at: Option<i64>,
    /// Claim `nbf`, in seconds since the epoch.
    pub not_before: Option<i64>,
    /// Claim `exp`, in seconds since the epoch.
    pub expires_at: Option<i64>,
    /// Who it is about.
    pub identity: Identity,
    /// Why it does not stand: all reasons, in a fixed order.
    pub doubts: Vec<Doubt>,
}

crate::redact::redacted_debug!(Claim169);

/// Why a credential does not stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Nobody signed it.
    Unsigned,
    /// Signed with an algorithm other than ES256 and EdDSA.
    UnsupportedAlgorithm,
    /// It names no issuer, or one that is not pinned.
    UnknownIssuer,
    /// The issuer is pinned, and has no such key.
    UnknownKey,
    /// The certificates it brings along lead to no authority of the issuer, or are not valid now.
    UntrustedCertificate,
    /// The signature is not the issuer's over this content.
    BadSignature,
    /// Its time has not come.
    NotYetValid,
    /// Its time is over.
    Expired,
}

impl Claim169 {
    /// Whether it stands.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.doubts.is_empty()
    }
}

impl Unverified {
    /// Holds it against the issuers that are trusted, at a time in seconds since the epoch.
    #[must_use]
    pub fn check(self, issuers: &[PinnedIssuer], now_s: i64) -> Claim169 {
        let mut doubts: Vec<Doubt> = self.signature(issuers, now_s).err().into_iter().collect();
        let claims = self.claims;
        if claims.not_before.is_some_and(|from| now_s < from.saturating_sub(SKEW_S)) {
            doubts.push(Doubt::NotYetValid);
        }
        if claims.expires_at.is_some_and(|until| now_s >= until.saturating_add(SKEW_S)) {
            doubts.push(Doubt::Expired);
        }
        Claim169 {
            issuer: claims.issuer,
            subject: claims.subject,
            issued_at: claims.issued_at,
            not_before: claims.not_before,
            expires_at: claims.expires_at,
            identity: self.identity,
            doubts,
        }
    }

    fn signature(&self, issuers: &[PinnedIssuer], now_s: i64) -> Result<(), Doubt> {
        if self.envelope.signature.is_empty() {
            return Err(Doubt::Unsigned);
        }
        let alg = match self.algorithm() {
            Some(ES256) => Algorithm::Es256,
            Some(EDDSA) => Algorithm::EdDsa,
            _ => return Err(Doubt::UnsupportedAlgorithm),
        };
        let named = self.claims.issuer.as_deref().ok_or(Doubt::UnknownIssuer)?;
        let issuer = issuers.iter().find(|known| known.issuer == named).ok_or(Doubt::UnknownIssuer)?;
        let pinned = issuer.keys.iter().filter(|key| self.may_name(key)).cloned();
        let brought = certificates::key(&self.certificates(), &issuer.roots, now_s);
        let untrusted = matches!(brought, Err(certificates::NotTrusted));
        let keys: Vec<Jwk> = pinned.chain(brought.ok().flatten()).filter(|key| fits(alg, key)).collect();
        let signed = |key: &Jwk| {
            let check = |signature: &[u8], message: &[u8]| jws::verify(alg, message, signature, key);
            self.envelope.verify_signature(b"", check).is_ok()
        };
        match keys.iter().any(signed) {
            true => Ok(()),
            false if untrusted => Err(Doubt::UntrustedCertificate),
            false if keys.is_empty() => Err(Doubt::UnknownKey),
            false => Err(Doubt::BadSignature),
        }
    }

    fn may_name(&self, key: &Jwk) -> bool {
        match (self.key_id(), key.kid()) {
            (Some(named), Some(kid)) => named == kid.as_bytes(),
            _ => true,
        }
    }
}

fn fits(alg: Algorithm, key: &Jwk) -> bool {
    matches!(
        (alg, key.key()),
        (Algorithm::Es256, KeyMaterial::P256 { .. }) | (Algorithm::EdDsa, KeyMaterial::Ed25519 { .. })
    )
}
