//! Certificates for bound keys.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use protocol::jwk::{Jwk, KeyMaterial};

/// The key for OpenSSL.
pub(crate) fn public_key(key: &Jwk) -> PKey<Public> {
    let number = |bytes: &[u8]| BigNum::from_slice(bytes).unwrap();
    match key.key() {
        KeyMaterial::P256 { x, y } => {
            let key = EcKey::from_public_key_affine_coordinates(&p256(), &number(x), &number(y)).unwrap();
            PKey::from_ec_key(key).unwrap()
        }
        KeyMaterial::Rsa { n, e } => {
            PKey::from_rsa(Rsa::from_public_components(number(n), number(e)).unwrap()).unwrap()
        }
        _ => panic!("no wallet makes such keys"),
    }
}

fn p256() -> EcGroup {
    EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()
}

/// A certificate for the key, by an authority of the moment.
pub(crate) fn certificate(key: &Jwk) -> X509 {
    let authority = PKey::from_ec_key(EcKey::generate(&p256()).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Played authority").unwrap();
    let name = name.build();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(365).unwrap()).unwrap();
    builder.set_pubkey(&public_key(key)).unwrap();
    builder.sign(&authority, MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A certificate as text.
pub(crate) fn pem(certificate: &X509) -> String {
    String::from_utf8(certificate.to_pem().unwrap()).unwrap()
}
