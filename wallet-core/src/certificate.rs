//! The certificate a server issues for a bound key.

use crate::errors::{ErrorCode, WalletError};
use protocol::base64url;
use protocol::jwk::{Jwk, KeyMaterial};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Decode, DecodePem, Encode};

/// Largest chain read, in bytes.
const MAX_PEM_BYTES: usize = 64 * 1024;

/// Reads the first certificate of a PEM chain, holds it against the key it must be for, and gives
/// its `x5t#S256`: base64url of the SHA-256 of its DER form (`RFC 7515 §4.1.8`).
///
/// The signature of the certificate is the server's own affair: the wallet only names the
/// certificate by this thumbprint. Errors: `UnexpectedAnswer`.
pub(crate) fn thumbprint_for(pem_chain: &str, key: &Jwk) -> Result<String, WalletError> {
    let unexpected = || WalletError::from(ErrorCode::UnexpectedAnswer);
    let first = first_block(pem_chain).ok_or_else(unexpected)?;
    let certificate = Certificate::from_pem(first).map_err(|_| unexpected())?;
    if !is_for(&certificate, key) {
        return Err(unexpected());
    }
    Ok(base64url::encode(Sha256::digest(certificate.to_der().map_err(|_| unexpected())?)))
}

/// The text of the first certificate, with its lines in front and behind.
fn first_block(pem_chain: &str) -> Option<&str> {
    const END: &str = "-----END CERTIFICATE-----";
    if pem_chain.len() > MAX_PEM_BYTES {
        return None;
    }
    let begin = pem_chain.find("-----BEGIN CERTIFICATE-----")?;
    let end = pem_chain.get(begin..)?.find(END)? + begin + END.len();
    pem_chain.get(begin..end)
}

fn is_for(certificate: &Certificate, key: &Jwk) -> bool {
    let Some(bits) = certificate.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes() else {
        return false;
    };
    match key.key() {
        KeyMaterial::P256 { x, y } => bits == [&[4u8][..], x, y].concat(),
        // No wallet makes such keys.
        KeyMaterial::P384 { .. } | KeyMaterial::P521 { .. } => false,
        KeyMaterial::Rsa { n, e } => {
            rsa_numbers(bits).is_some_and(|(modulus, exponent)| modulus == *n && exponent == *e)
        }
        KeyMaterial::Ed25519 { x } => bits == x,
    }
}

/// Modulus and exponent of an `RSAPublicKey` (`RFC 8017 §A.1.1`), without leading zeros.
fn rsa_numbers(der: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let numbers = Vec::<x509_cert::der::asn1::Uint>::from_der(der).ok()?;
    match numbers.as_slice() {
        [n, e] => Some((n.as_bytes().to_vec(), e.as_bytes().to_vec())),
        _ => None,
    }
}
