//! The way from certificates that a credential brings along to an authority that was pinned (RFC 5280 §6, as far as it
//! is needed: short chains of P-256 and Ed25519, no revocation, because credentials are read without a network).

use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::check::SKEW_S;
use crate::jwk::Jwk;
use crate::jws::{self, Algorithm};

/// Most certificates looked at, and the longest one, in bytes.
const MOST: usize = 4;
const MAX_BYTES: usize = 4 * 1024;
/// `ecdsa-with-SHA256` (RFC 5758 §3.2) and Ed25519 (RFC 8410 §3).
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Extensions that are understood where they are critical.
const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const UNDERSTOOD: [ObjectIdentifier; 3] = [BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE];

/// A certificate authority that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(Certificate);

/// Why bytes are no certificate of an authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the DER form of a certificate with a P-256 or Ed25519 key")]
pub struct NotARoot;

impl Root {
    /// From the DER form of its certificate.
    ///
    /// # Errors
    /// [`NotARoot`].
    pub fn from_der(der: &[u8]) -> Result<Self, NotARoot> {
        let certificate = read(der).ok_or(NotARoot)?;
        key_of(&certificate).ok_or(NotARoot)?;
        Ok(Self(certificate))
    }
}

/// The certificates lead nowhere that is trusted, or are not valid.
pub(super) struct NotTrusted;

/// The key of the first certificate, where the chain leads to a root; nothing where there is no chain, or no root to
/// lead to.
pub(super) fn key(chain: &[&[u8]], roots: &[Root], now_s: i64) -> Result<Option<Jwk>, NotTrusted> {
    if chain.is_empty() || roots.is_empty() {
        return Ok(None);
    }
    trusted(chain, roots, now_s).map(Some).ok_or(NotTrusted)
}

fn trusted(chain: &[&[u8]], roots: &[Root], now_s: i64) -> Option<Jwk> {
    if chain.len() > MOST {
        return None;
    }
    let chain = chain.iter().map(|der| read(der)).collect::<Option<Vec<Certificate>>>()?;
    let leaf = chain.first()?;
    if !may(leaf, |usage| usage.digital_signature())? {
        return None;
    }
    for (place, certificate) in chain.iter().enumerate() {
        if !is_current(certificate, now_s) || !is_understood(certificate) {
            return None;
        }
        // The first that a root issued, or is, ends the way: what stands behind it is of no matter.
        if roots
            .iter()
            .any(|root| root.0 == *certificate || (is_current(&root.0, now_s) && issued(&root.0, certificate)))
        {
            return key_of(leaf);
        }
        let next = chain.get(place + 1)?;
        if !is_authority(next, place)? || !issued(next, certificate) {
            return None;
        }
    }
    None
}

/// A certificate in DER, and nothing else: what is read back is what was given.
fn read(der: &[u8]) -> Option<Certificate> {
    if der.len() > MAX_BYTES {
        return None;
    }
    let certificate = Certificate::from_der(der).ok()?;
    (certificate.to_der().ok()? == der).then_some(certificate)
}

fn is_current(certificate: &Certificate, now_s: i64) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    seconds(&validity.not_before) <= now_s.saturating_add(SKEW_S)
        && now_s.saturating_sub(SKEW_S) <= seconds(&validity.not_after)
}

fn is_understood(certificate: &Certificate) -> bool {
    let extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    extensions.filter(|extension| extension.critical).all(|extension| UNDERSTOOD.contains(&extension.extn_id))
}

/// Whether it may issue certificates, with so many other authorities between it and the signer's.
fn is_authority(certificate: &Certificate, below: usize) -> Option<bool> {
    let constraints = certificate.tbs_certificate().get_extension::<BasicConstraints>().ok()?;
    let allowed = constraints.is_some_and(|(_, constraints)| {
        constraints.ca && constraints.path_len_constraint.is_none_or(|most| below <= usize::from(most))
    });
    Some(allowed && may(certificate, |usage| usage.key_cert_sign())?)
}

/// What the key usage allows; where there is none, everything.
fn may(certificate: &Certificate, what: fn(&KeyUsage) -> bool) -> Option<bool> {
    let usage = certificate.tbs_certificate().get_extension::<KeyUsage>().ok()?;
    Some(usage.is_none_or(|(_, usage)| what(&usage)))
}

fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    verify(issuer, certificate).is_some()
}

fn verify(issuer: &Certificate, certificate: &Certificate) -> Option<()> {
    let tbs = certificate.tbs_certificate();
    if tbs.issuer() != issuer.tbs_certificate().subject() {
        return None;
    }
    let named = certificate.signature_algorithm();
    if named != tbs.signature() {
        return None;
    }
    let (key, signature) = (key_of(issuer)?, certificate.signature().as_bytes()?);
    let message = tbs.to_der().ok()?;
    match named.oid {
        ECDSA_SHA256 => {
            let raw = jws::es256_raw_from_der(signature).ok()?;
            jws::verify(Algorithm::Es256, &message, &raw, &key).ok()
        }
        ED25519 => jws::verify(Algorithm::EdDsa, &message, signature, &key).ok(),
        _ => None,
    }
}

/// P-256 (an uncompressed point) or Ed25519.
fn key_of(certificate: &Certificate) -> Option<Jwk> {
    let info = certificate.tbs_certificate().subject_public_key_info();
    let bytes = info.subject_public_key.as_bytes()?;
    if info.algorithm.oid == ED25519 {
        return Jwk::ed25519(bytes.try_into().ok()?).ok();
    }
    // The point is held against the curve: other curves' points of this length are not on it.
    Jwk::p256_from_uncompressed(bytes).ok()
}
