//! Checking signatures, and the encoding of ECDSA signatures.

use p256::ecdsa::signature::Verifier as _;

use super::{Algorithm, JwsError};
use crate::jwk::{Jwk, KeyMaterial};

/// Checks `signature` over `message`, for ES256 (`r || s`) and EdDSA. The key decides: one of another kind than the
/// algorithm's never verifies, nor one whose `alg`, `use` or `key_ops` says otherwise.
///
/// # Errors
/// [`JwsError::WrongKey`], [`JwsError::BadSignature`], or [`JwsError::CheckedElsewhere`] for RSA, P-384 and P-521.
pub fn verify(alg: Algorithm, message: &[u8], signature: &[u8], key: &Jwk) -> Result<(), JwsError> {
    if !key.may_verify() || key.alg().is_some_and(|name| name != alg.name()) {
        return Err(JwsError::WrongKey);
    }
    match (alg, key.key()) {
        (Algorithm::Es256, KeyMaterial::P256 { x, y }) => es256(message, signature, x, y),
        (Algorithm::EdDsa, KeyMaterial::Ed25519 { x }) => eddsa(message, signature, x),
        (alg, key) if fits(alg, key) => Err(JwsError::CheckedElsewhere),
        _ => Err(JwsError::WrongKey),
    }
}

/// Whether keys of this kind sign with this algorithm (RFC 7518 §3.1, RFC 8037 §3.1).
#[must_use]
pub fn fits(alg: Algorithm, key: &KeyMaterial) -> bool {
    use Algorithm::{EdDsa, Es256, Es384, Es512, Ps256, Ps384, Ps512, Rs256, Rs384, Rs512};
    match key {
        KeyMaterial::P256 { .. } => alg == Es256,
        KeyMaterial::P384 { .. } => alg == Es384,
        KeyMaterial::P521 { .. } => alg == Es512,
        KeyMaterial::Ed25519 { .. } => alg == EdDsa,
        KeyMaterial::Rsa { .. } => matches!(alg, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
    }
}

fn es256(message: &[u8], signature: &[u8], x: &[u8; 32], y: &[u8; 32]) -> Result<(), JwsError> {
    let point = [&[4][..], x, y].concat();
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| JwsError::WrongKey)?;
    // Refuses any length but 64 and any part that is zero or not below the order (CVE-2022-21449).
    let signature = p256::ecdsa::Signature::from_slice(signature).map_err(|_| JwsError::BadSignature)?;
    key.verify(message, &signature).map_err(|_| JwsError::BadSignature)
}

fn eddsa(message: &[u8], signature: &[u8], x: &[u8; 32]) -> Result<(), JwsError> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(x).map_err(|_| JwsError::WrongKey)?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| JwsError::BadSignature)?;
    key.verify_strict(message, &signature).map_err(|_| JwsError::BadSignature)
}

/// Turns a DER ECDSA signature, as Android's and Apple's key stores give it, into the `r || s` of JWS
/// (RFC 7518 §3.4): 64 bytes.
///
/// # Errors
/// [`JwsError::BadSignature`] where it is not the strict DER of two numbers from 1 to below the order of P-256.
pub fn es256_raw_from_der(der: &[u8]) -> Result<[u8; 64], JwsError> {
    let signature = p256::ecdsa::Signature::from_der(der).map_err(|_| JwsError::BadSignature)?;
    Ok(signature.to_bytes().into())
}
