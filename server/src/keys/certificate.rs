//! The self-signed certificate that GovStack's and eSignet's key sets carry in `x5c`. It vouches for nothing but the key
//! and its dates: relying parties trust it because it came over TLS.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use openssl::x509::{X509, X509NameBuilder};

use super::model::{Family, KeyError};
use crate::clock::Millis;

/// DER of a certificate of `key` by itself, good from the first of `dates` until the second; the subject names the key by
/// `kid`.
pub(super) fn self_signed(
    key: &PKey<Private>,
    kid: &str,
    dates: (Millis, Millis),
    serial: &[u8; 16],
    family: Family,
) -> Result<Vec<u8>, KeyError> {
    build(key, kid, dates, serial, family).map_err(|_| KeyError::Crypto("making a certificate"))
}

fn build(
    key: &PKey<Private>,
    kid: &str,
    (from, until): (Millis, Millis),
    serial: &[u8; 16],
    family: Family,
) -> Result<Vec<u8>, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_nid(Nid::ORGANIZATIONNAME, "Tessera")?;
    name.append_entry_by_nid(Nid::COMMONNAME, kid)?;
    let name = name.build();
    // RFC 5280 §4.1.2.2: positive, at most 20 octets. The leading one keeps it from being zero.
    let number = BigNum::from_slice(&[[1].as_slice(), serial].concat())?;
    let mut certificate = X509::builder()?;
    certificate.set_version(2)?;
    certificate.set_serial_number(&*number.to_asn1_integer()?)?;
    certificate.set_subject_name(&name)?;
    certificate.set_issuer_name(&name)?;
    certificate.set_not_before(&*Asn1Time::from_unix(from.div_euclid(1000))?)?;
    certificate.set_not_after(&*Asn1Time::from_unix(until.div_euclid(1000))?)?;
    certificate.set_pubkey(key)?;
    certificate.append_extension(BasicConstraints::new().critical().build()?)?;
    let mut usage = KeyUsage::new();
    match family {
        Family::EncRsa => usage.critical().key_encipherment(),
        Family::EncEc => usage.critical().key_agreement(),
        _ => usage.critical().digital_signature(),
    };
    certificate.append_extension(usage.build()?)?;
    if family.is_encryption() {
        // CMS may name its recipient by it (RFC 5652 §6.2.1).
        let identifier = SubjectKeyIdentifier::new().build(&certificate.x509v3_context(None, None))?;
        certificate.append_extension(identifier)?;
    }
    certificate.sign(key, MessageDigest::sha256())?;
    certificate.build().to_der()
}
