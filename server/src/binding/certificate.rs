//! X.509 of the binding authority and of wallet keys (RFC 5280). A wallet's certificate names nobody: its subject and
//! serial number are random.

use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private, Public};
use openssl::rsa::Rsa;
use openssl::x509::extension::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509Builder, X509Name, X509Ref};
use protocol::jwk::{Jwk, KeyMaterial};
use zeroize::Zeroizing;

use crate::clock::{Millis, Rng, random};

/// A wallet whose clock is behind must not find its certificate not yet valid.
const BACKDATED_S: i64 = 60;

/// From when to when, in whole seconds as certificates count.
#[derive(Clone, Copy)]
pub(super) struct Validity {
    from_s: i64,
    to_s: i64,
}

impl Validity {
    /// From now for so many days.
    pub(super) fn days(now: Millis, days: i64) -> Self {
        let now_s = now.div_euclid(1000);
        Self { from_s: now_s - BACKDATED_S, to_s: now_s + days * 86_400 }
    }

    /// Its end.
    pub(super) fn end(self) -> Millis {
        self.to_s * 1000
    }
}

/// A new P-256 key.
pub(super) fn generate(rng: &dyn Rng) -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let (mut order, mut context) = (BigNum::new()?, BigNumContext::new()?);
    group.order(&mut order, &mut context)?;
    loop {
        let bytes = Zeroizing::new(random::<32>(rng));
        let scalar = BigNum::from_slice(bytes.as_slice())?;
        // FIPS 186-5 §A.2.2: try again outside of 1 to n - 1, which happens once in 2^32 times.
        if scalar.num_bits() > 0 && scalar < order {
            let mut point = EcPoint::new(&group)?;
            point.mul_generator2(&group, &scalar, &mut context)?;
            return PKey::from_ec_key(EcKey::from_private_components(&group, &scalar, &point)?);
        }
    }
}

/// The certificate of an authority, signed by itself.
pub(super) fn authority(key: &PKeyRef<Private>, validity: Validity, rng: &dyn Rng) -> Result<X509, ErrorStack> {
    let name = name("Wallet binding authority")?;
    let mut builder = begin(key, &name, &name, validity, rng)?;
    builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
    builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
    let subject = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
    builder.append_extension(subject)?;
    builder.sign(key, MessageDigest::sha256())?;
    Ok(builder.build())
}

/// The certificate of a wallet's key.
pub(super) fn leaf(
    wallet: &Jwk,
    issuer: &X509Ref,
    issuer_key: &PKeyRef<Private>,
    validity: Validity,
    rng: &dyn Rng,
) -> Result<X509, ErrorStack> {
    let subject = name(&hex(&random::<16>(rng)))?;
    let key = public_key(wallet)?;
    let mut builder = begin(&key, &subject, issuer.subject_name().to_owned()?.as_ref(), validity, rng)?;
    builder.append_extension(BasicConstraints::new().critical().build()?)?;
    builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
    let extensions = {
        let context = builder.x509v3_context(Some(issuer), None);
        [SubjectKeyIdentifier::new().build(&context)?, AuthorityKeyIdentifier::new().keyid(true).build(&context)?]
    };
    for extension in extensions {
        builder.append_extension(extension)?;
    }
    builder.sign(issuer_key, MessageDigest::sha256())?;
    Ok(builder.build())
}

/// When a certificate ends.
pub(super) fn ends(certificate: &X509Ref) -> Result<Millis, ErrorStack> {
    let difference = Asn1Time::from_unix(0)?.diff(certificate.not_after())?;
    Ok((i64::from(difference.days) * 86_400 + i64::from(difference.secs)) * 1000)
}

/// Whether a certificate is of this key.
pub(super) fn is_of(certificate: &X509Ref, key: &Jwk) -> Result<bool, ErrorStack> {
    Ok(certificate.public_key()?.public_eq(public_key(key)?.as_ref()))
}

fn begin<T: HasPublic>(
    key: &PKeyRef<T>,
    subject: &openssl::x509::X509NameRef,
    issuer: &openssl::x509::X509NameRef,
    validity: Validity,
    rng: &dyn Rng,
) -> Result<X509Builder, ErrorStack> {
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(serial(rng)?.as_ref())?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(Asn1Time::from_unix(validity.from_s)?.as_ref())?;
    builder.set_not_after(Asn1Time::from_unix(validity.to_s)?.as_ref())?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

/// 126 random bits: positive, and of at most 20 octets (RFC 5280 §4.1.2.2).
fn serial(rng: &dyn Rng) -> Result<Asn1Integer, ErrorStack> {
    let mut bytes: [u8; 16] = random(rng);
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    Asn1Integer::from_bn(BigNum::from_slice(&bytes)?.as_ref())
}

fn name(common: &str) -> Result<X509Name, ErrorStack> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, common)?;
    Ok(name.build())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn ec_key(curve: Nid, x: &[u8], y: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(curve)?;
    let (x, y) = (BigNum::from_slice(x)?, BigNum::from_slice(y)?);
    PKey::from_ec_key(EcKey::from_public_key_affine_coordinates(&group, &x, &y)?)
}

fn public_key(jwk: &Jwk) -> Result<PKey<Public>, ErrorStack> {
    match jwk.key() {
        KeyMaterial::P256 { x, y } => ec_key(Nid::X9_62_PRIME256V1, x, y),
        KeyMaterial::P384 { x, y } => ec_key(Nid::SECP384R1, x, y),
        KeyMaterial::P521 { x, y } => ec_key(Nid::SECP521R1, x, y),
        KeyMaterial::Ed25519 { x } => PKey::public_key_from_raw_bytes(x, Id::ED25519),
        KeyMaterial::Rsa { n, e } => {
            PKey::from_rsa(Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;
    use crate::testkit::START;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    /// GS-WAL-07: the certificate holds the key sent and verifies under the server's chain; nobody is named in it.
    #[test]
    fn gs_wal_07_a_leaf_holds_the_key_and_verifies_under_its_authority() {
        let key = generate(&System).unwrap();
        let issuer = authority(&key, Validity::days(START, 3650), &System).unwrap();
        assert!(issuer.verify(&key).unwrap());
        let rsa = Rsa::generate(2048).unwrap();
        let rsa = Jwk::rsa(&rsa.n().to_vec(), &rsa.e().to_vec()).unwrap();
        for jwk in [Jwk::from_json(EC).unwrap(), Jwk::from_json(ED).unwrap(), rsa] {
            let validity = Validity::days(START, 365);
            let made = leaf(&jwk, &issuer, &key, validity, &System).unwrap();
            assert!(made.verify(&key).unwrap());
            assert!(made.public_key().unwrap().public_eq(&public_key(&jwk).unwrap()));
            assert_eq!(made.issuer_name().to_der().unwrap(), issuer.subject_name().to_der().unwrap());
            assert_eq!(validity.end(), START + 365 * 86_400_000);
            assert!(made.not_after() == Asn1Time::from_unix(START / 1000 + 365 * 86_400).unwrap());
            let other = leaf(&jwk, &issuer, &key, validity, &System).unwrap();
            assert_ne!(made.serial_number().to_bn().unwrap(), other.serial_number().to_bn().unwrap());
            let subject = |cert: &X509| cert.subject_name().to_der().unwrap();
            assert_ne!(subject(&made), subject(&other));
            let text = String::from_utf8(made.to_text().unwrap()).unwrap();
            assert!(text.contains("Digital Signature") && text.contains("CA:FALSE"), "{text}");
        }
    }
}
