//! Checking CMS signatures (RFC 5652 §5) by keys that somebody registered.

use openssl::bn::{BigNum, BigNumContext};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::nid::Nid;
use openssl::pkcs7::Pkcs7;
use openssl::pkey::{Id, PKey, Public};
use openssl::stack::Stack;
use openssl::x509::X509;
use protocol::jwk::Jwk;

/// Certificates in one structure that are looked at.
const MOST_CERTIFICATES: usize = 8;

/// Whether `der` holds a signature over `content`, inside it or detached, and every signer is one of `keys`. Signers are found
/// among the certificates in the structure; such a certificate says nothing but whose key it is: that the key is registered
/// is what counts, its dates and issuer are nobody's business here.
#[must_use]
pub fn signed(der: &[u8], content: &[u8], keys: &[Jwk]) -> bool {
    check(der, content, keys).unwrap_or(false)
}

fn check(der: &[u8], content: &[u8], keys: &[Jwk]) -> Option<bool> {
    let mut known = Stack::new().ok()?;
    let structure = Pkcs7::from_der(der).ok()?;
    for certificate in structure.signed()?.certificates()?.iter().take(MOST_CERTIFICATES) {
        let registered = certificate.public_key().ok().and_then(|key| jwk_of(&key));
        if registered.is_some_and(|jwk| keys.iter().any(|key| key.may_verify() && key.key() == jwk.key())) {
            known.push(X509::from_der(&certificate.to_der().ok()?).ok()?).ok()?;
        }
    }
    if known.is_empty() {
        return Some(false);
    }
    let mut info = CmsContentInfo::from_der(der).ok()?;
    // Signers only from among those known, and no chain: there is none.
    let options = CMSOptions::NOINTERN | CMSOptions::NO_SIGNER_CERT_VERIFY | CMSOptions::BINARY;
    let mut inside = Vec::new();
    if info.verify(Some(&known), None, None, Some(&mut inside), options).is_ok() {
        return Some(inside == content);
    }
    let mut info = CmsContentInfo::from_der(der).ok()?;
    Some(info.verify(Some(&known), None, Some(content), None, options).is_ok())
}

/// A public key as a JWK; `None` for kinds that are not registered here.
fn jwk_of(key: &PKey<Public>) -> Option<Jwk> {
    match key.id() {
        Id::RSA => {
            let rsa = key.rsa().ok()?;
            Jwk::rsa(&rsa.n().to_vec(), &rsa.e().to_vec()).ok()
        }
        Id::EC => {
            let key = key.ec_key().ok()?;
            let (curve, size) = match key.group().curve_name()? {
                Nid::X9_62_PRIME256V1 => ("P-256", 32),
                Nid::SECP384R1 => ("P-384", 48),
                Nid::SECP521R1 => ("P-521", 66),
                _ => return None,
            };
            let (mut x, mut y) = (BigNum::new().ok()?, BigNum::new().ok()?);
            let mut context = BigNumContext::new().ok()?;
            key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context).ok()?;
            let coordinate = |number: &BigNum| number.to_vec_padded(size).ok().map(protocol::base64url::encode);
            let (x, y) = (coordinate(&x)?, coordinate(&y)?);
            Jwk::from_value(&serde_json::json!({ "kty": "EC", "crv": curve, "x": x, "y": y })).ok()
        }
        Id::ED25519 => Jwk::ed25519(key.raw_public_key().ok()?.try_into().ok()?).ok(),
        _ => None,
    }
}
