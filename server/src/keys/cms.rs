//! Checking CMS signatures (RFC 5652 §5) by keys that somebody registered, and telling kinds of CMS encryption apart.

use openssl::bn::{BigNum, BigNumContext};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::nid::Nid;
use openssl::pkcs7::Pkcs7;
use openssl::pkey::{Id, PKey, Public};
use openssl::stack::Stack;
use openssl::x509::X509;
use protocol::jwk::Jwk;
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Reader, SliceReader, Tag};

/// Certificates in one structure that are looked at.
const MOST_CERTIFICATES: usize = 8;
/// SHA-256, SHA-384, SHA-512, as the content of their object identifiers.
const DIGESTS: [&[u8]; 3] = [
    &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
    &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
    &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
];
/// What a signature may be by: RSA, RSASSA-PSS and RSA with the digests above, ECDSA with them, Ed25519. OpenSSL holds the
/// digest of RSA and of RSASSA-PSS to that of the signer.
const SIGNATURES: [&[u8]; 9] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c],
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04],
    &[0x2b, 0x65, 0x70],
];
/// id-ct-authEnvelopedData (RFC 5083 §2), as the content of its object identifier.
const AUTH_ENVELOPED: [u8; 11] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];

/// Bytes of an authentication tag at least (RFC 5084 §3.2). OpenSSL compares as many as there are, so that one byte would be
/// guessed in 256 tries.
const SHORTEST_TAG: usize = 12;

/// Whether `der` is CMS that notices when what it holds was changed: AuthEnvelopedData (RFC 5083) with a tag of whole length.
/// EnvelopedData does not.
#[must_use]
pub fn notices_change(der: &[u8]) -> bool {
    tag_of(der).is_some_and(|tag| tag.len() >= SHORTEST_TAG)
}

/// The authentication tag of AuthEnvelopedData (RFC 5083 §2.1). Only DER is read: what is written otherwise proves nothing.
fn tag_of(der: &[u8]) -> Option<&[u8]> {
    let info = inside(elements(der)?.first()?, Tag::Sequence)?;
    let kind = info.first().filter(|kind| kind.header().tag() == Tag::ObjectIdentifier)?;
    if kind.value() != AUTH_ENVELOPED {
        return None;
    }
    // It lies under an explicit tag.
    let members = inside(elements(info.get(1)?.value())?.first()?, Tag::Sequence)?;
    // No other member of it is such a text; those of its parts are not looked at.
    let tag = members.iter().find(|member| member.header().tag() == Tag::OctetString)?;
    Some(tag.value())
}

/// Whether `der` holds a signature over `content`, inside it or detached, and every signer is one of `keys`. Signers are found
/// among the certificates in the structure; such a certificate says nothing but whose key it is: that the key is registered
/// is what counts, its dates and issuer are nobody's business here. MD5 and SHA-1 sign nothing, nor does anything else but
/// SHA-2.
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
    // OpenSSL takes BER too, and writes DER.
    if known.is_empty() || !is_strong(&structure.to_der().ok()?).unwrap_or(false) {
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

/// Whether every signer of SignedData (RFC 5652 §5.1) uses algorithms that still prove something.
fn is_strong(der: &[u8]) -> Option<bool> {
    let info = inside(elements(der)?.first()?, Tag::Sequence)?;
    // SignedData lies under an explicit tag.
    let signed = inside(elements(info.get(1)?.value())?.first()?, Tag::Sequence)?;
    let signers = inside(signed.last()?, Tag::Set)?;
    for signer in &signers {
        let members = inside(signer, Tag::Sequence)?;
        let digest = algorithm(members.get(2)?)?;
        // Signed attributes, where there are some, come before it.
        let signature = members.get(3..)?.iter().find(|member| member.header().tag() == Tag::Sequence)?;
        if !DIGESTS.contains(&digest) || !SIGNATURES.contains(&algorithm(signature)?) {
            return Some(false);
        }
    }
    Some(!signers.is_empty())
}

/// The object identifier of an AlgorithmIdentifier.
fn algorithm<'a>(of: &AnyRef<'a>) -> Option<&'a [u8]> {
    let members = inside(of, Tag::Sequence)?;
    members.first().filter(|member| member.header().tag() == Tag::ObjectIdentifier).map(|member| member.value())
}

fn inside<'a>(of: &AnyRef<'a>, tag: Tag) -> Option<Vec<AnyRef<'a>>> {
    if of.header().tag() == tag { elements(of.value()) } else { None }
}

fn elements(bytes: &[u8]) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(reader.decode::<AnyRef<'_>>().ok()?);
    }
    Some(found)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What `openssl cms -sign -md …` made of the text `what is signed`.
    fn is_good(der: &[u8]) -> bool {
        let structure = Pkcs7::from_der(der).unwrap();
        let certificate = &structure.signed().unwrap().certificates().unwrap()[0];
        let key = jwk_of(&certificate.public_key().unwrap()).unwrap();
        assert!(!signed(der, b"something else", std::slice::from_ref(&key)));
        signed(der, b"what is signed", &[key])
    }

    /// OSIA-INT-09: what anybody can find another text for proves nothing.
    #[test]
    fn osia_int_09_weak_digests_sign_nothing() {
        assert!(is_good(include_bytes!("tests/cms/sha256.der")));
        assert!(is_good(include_bytes!("tests/cms/pss-sha256.der")));
        assert!(is_good(include_bytes!("tests/cms/ec-sha512.der")));
        assert!(!is_good(include_bytes!("tests/cms/md5.der")));
        assert!(!is_good(include_bytes!("tests/cms/sha1.der")));
        assert!(!is_good(include_bytes!("tests/cms/pss-sha1.der")));
        assert!(!is_good(include_bytes!("tests/cms/ec-sha1.der")));
    }
}
