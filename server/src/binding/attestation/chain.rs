//! Chains of X.509 certificates, from a key up to a root that the configuration names.
//!
//! A root is known by its name and key, not by its certificate: Google renews the certificate and keeps the key.

use openssl::asn1::Asn1Time;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::x509::{X509, X509NameRef};
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, oid::AssociatedOid};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use super::Refused;
use crate::clock::Millis;

/// Longest chain read, the root among it: Android has five.
const LONGEST: usize = 6;

/// A certificate.
pub(super) struct Certificate {
    x509: X509,
    extensions: Vec<(ObjectIdentifier, Vec<u8>)>,
    is_ca: bool,
}

/// Extensions that may be critical, because what they ask for is done here.
const KNOWN: [ObjectIdentifier; 3] = [BasicConstraints::OID, KeyUsage::OID, ExtendedKeyUsage::OID];

impl Certificate {
    /// Reads DER.
    ///
    /// # Errors
    /// [`Refused::Malformed`], also where an extension is there twice, or critical and unknown.
    pub(super) fn read(der: &[u8]) -> Result<Self, Refused> {
        let read = x509_cert::Certificate::from_der(der).map_err(|_| Refused::Malformed)?;
        let mut extensions: Vec<(ObjectIdentifier, Vec<u8>)> = Vec::new();
        for extension in read.tbs_certificate().extensions().into_iter().flatten() {
            let twice = extensions.iter().any(|(known, _)| *known == extension.extn_id);
            if twice || extension.critical && !KNOWN.contains(&extension.extn_id) {
                return Err(Refused::Malformed);
            }
            extensions.push((extension.extn_id, extension.extn_value.as_bytes().to_vec()));
        }
        let value = |oid| extensions.iter().find(|(known, _)| *known == oid).map(|(_, value)| value.as_slice());
        let basic = value(BasicConstraints::OID).map(BasicConstraints::from_der).transpose();
        let usage = value(KeyUsage::OID).map(KeyUsage::from_der).transpose();
        let (Ok(basic), Ok(usage)) = (basic, usage) else { return Err(Refused::Malformed) };
        let is_ca = basic.is_some_and(|basic| basic.ca) && usage.is_none_or(|usage| usage.key_cert_sign());
        Ok(Self { x509: X509::from_der(der).map_err(|_| Refused::Malformed)?, extensions, is_ca })
    }

    /// The value of an extension.
    pub(super) fn extension(&self, oid: &ObjectIdentifier) -> Option<&[u8]> {
        self.extensions.iter().find(|(known, _)| known == oid).map(|(_, value)| value.as_slice())
    }

    /// Its key.
    pub(super) fn key(&self) -> Result<PKey<Public>, Refused> {
        self.x509.public_key().map_err(|_| Refused::Malformed)
    }

    /// The certificate itself.
    pub(super) fn x509(&self) -> &X509 {
        &self.x509
    }

    /// Whether its subject has such a member.
    pub(super) fn has(&self, member: Nid) -> bool {
        self.x509.subject_name().entries_by_nid(member).next().is_some()
    }

    /// Whether any member of its subject holds this text, in whatever case.
    pub(super) fn names(&self, text: &str) -> bool {
        let lower = |entry: &[u8]| String::from_utf8_lossy(entry).to_ascii_lowercase();
        self.x509.subject_name().entries().any(|entry| lower(entry.data().as_slice()).contains(text))
    }

    /// Its serial number in hex, as Google's list has it: lower case, without zeros before it.
    pub(super) fn serial(&self) -> Result<String, Refused> {
        let number =
            self.x509.serial_number().to_bn().and_then(|number| number.to_hex_str().map(|hex| hex.to_string()));
        let hex = number.map_err(|_| Refused::Malformed)?.to_ascii_lowercase();
        Ok(hex.trim_start_matches('0').to_owned())
    }

    /// Whether its time has come.
    pub(super) fn has_begun(&self, now: Millis) -> Result<bool, Refused> {
        Ok(self.x509.not_before() <= at(now)?.as_ref())
    }

    /// Whether its time is over.
    pub(super) fn has_ended(&self, now: Millis) -> Result<bool, Refused> {
        Ok(self.x509.not_after() < at(now)?.as_ref())
    }
}

fn at(now: Millis) -> Result<Asn1Time, Refused> {
    Asn1Time::from_unix(now.div_euclid(1000)).map_err(|_| Refused::Malformed)
}

fn same(a: &X509NameRef, b: &X509NameRef) -> bool {
    matches!((a.to_der(), b.to_der()), (Ok(a), Ok(b)) if a == b)
}

/// Certificates that lead from a key to a root; the root's own is not among them.
pub(super) struct Path(Vec<Certificate>);

impl Path {
    /// Reads a chain, the key's certificate first, and follows it to one of the roots: each is named by the one below it
    /// as its issuer and has signed it.
    ///
    /// Whether they are authorities and in their time is for the format's own rules to say: [`Path::each_is_authority`],
    /// [`Path::each_is_in_time`].
    ///
    /// # Errors
    /// [`Refused::Malformed`], [`Refused::Broken`] for a link that does not hold, [`Refused::UnknownRoot`].
    pub(super) fn follow(chain: &[Vec<u8>], roots: &[X509]) -> Result<Self, Refused> {
        if chain.is_empty() || chain.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let mut path = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
        for pair in path.windows(2) {
            if let [below, above] = pair
                && !(same(below.x509.issuer_name(), above.x509.subject_name()) && signed(&below.x509, &above.key()?))
            {
                return Err(Refused::Broken);
            }
        }
        let last = path.last().ok_or(Refused::Malformed)?;
        let root = roots.iter().find(|root| {
            same(last.x509.issuer_name(), root.subject_name())
                && root.public_key().is_ok_and(|key| signed(&last.x509, &key))
        });
        let root = root.ok_or(Refused::UnknownRoot)?;
        let is_root = same(last.x509.subject_name(), root.subject_name())
            && matches!((last.key(), root.public_key()), (Ok(last), Ok(root)) if last.public_eq(&root));
        if is_root {
            path.pop();
        }
        if path.is_empty() { Err(Refused::Malformed) } else { Ok(Self(path)) }
    }

    /// The key's own certificate.
    pub(super) fn leaf(&self) -> Result<&Certificate, Refused> {
        self.0.first().ok_or(Refused::Malformed)
    }

    /// All but the key's own, from below.
    pub(super) fn above(&self) -> &[Certificate] {
        self.0.get(1..).unwrap_or_default()
    }

    /// All.
    pub(super) fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// # Errors
    /// [`Refused::NotAuthority`] where one of `issuers` may not sign certificates (RFC 5280 §6.1.4).
    pub(super) fn each_is_authority(issuers: &[Certificate]) -> Result<(), Refused> {
        if issuers.iter().all(|issuer| issuer.is_ca) { Ok(()) } else { Err(Refused::NotAuthority) }
    }

    /// # Errors
    /// [`Refused::NotInTime`] where one of them is not yet good, or no more unless `may_have_ended`.
    pub(super) fn each_is_in_time(
        certificates: &[Certificate],
        now: Millis,
        may_have_ended: bool,
    ) -> Result<(), Refused> {
        for certificate in certificates {
            if !certificate.has_begun(now)? || !may_have_ended && certificate.has_ended(now)? {
                return Err(Refused::NotInTime);
            }
        }
        Ok(())
    }
}

/// Whether a certificate was signed by this key, with a digest that still holds.
fn signed(certificate: &X509, by: &PKey<Public>) -> bool {
    const GOOD: [Nid; 6] = [
        Nid::ECDSA_WITH_SHA256,
        Nid::ECDSA_WITH_SHA384,
        Nid::ECDSA_WITH_SHA512,
        Nid::SHA256WITHRSAENCRYPTION,
        Nid::SHA384WITHRSAENCRYPTION,
        Nid::SHA512WITHRSAENCRYPTION,
    ];
    GOOD.contains(&certificate.signature_algorithm().object().nid()) && certificate.verify(by).unwrap_or(false)
}
