//! Credentials that bring the certificate of their key along (`x5chain`, RFC 9360): only the way to a pinned authority counts.

use crate::server::NOW_MS;
use crate::{World, credentials::ISSUER};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Builder, X509Name, X509NameBuilder};
use protocol::claim169::{Draft, Identity};
use protocol::jws::{Algorithm, es256_raw_from_der};
use wallet_core::{CredentialDoubt, CredentialIssuer, CredentialVerification};

const DAY_S: i64 = 86_400;

struct Party {
    key: PKey<Private>,
    certificate: X509,
}

/// What kind of certificate.
#[derive(Clone, Copy)]
struct Kind {
    authority: Option<u32>,
    signs: bool,
    days: i64,
    odd: bool,
}

const ROOT: Kind = Kind { authority: Some(3), signs: false, days: 100, odd: false };
const LEAF: Kind = Kind { authority: None, signs: true, days: 10, odd: false };

fn name(text: &str) -> X509Name {
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_nid(Nid::COMMONNAME, text).unwrap();
    name.build()
}

/// A new key with a certificate, by itself or by another.
fn certified(subject: &str, kind: Kind, by: Option<&Party>) -> Party {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
    let now_s = NOW_MS / 1000;
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name(subject)).unwrap();
    let issuer = by.map_or_else(|| name(subject), |by| by.certificate.subject_name().to_owned().unwrap());
    builder.set_issuer_name(&issuer).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(now_s - DAY_S).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(now_s + kind.days * DAY_S).unwrap()).unwrap();
    builder.set_pubkey(&key).unwrap();
    let mut constraints = BasicConstraints::new();
    constraints.critical();
    if let Some(below) = kind.authority {
        constraints.ca().pathlen(below);
    }
    builder.append_extension(constraints.build().unwrap()).unwrap();
    let mut usage = KeyUsage::new();
    usage.critical();
    match kind.signs {
        true => usage.digital_signature(),
        false => usage.key_cert_sign(),
    };
    builder.append_extension(usage.build().unwrap()).unwrap();
    if kind.odd {
        let mut names = SubjectAlternativeName::new();
        let names = names.critical().dns("register.test").build(&builder.x509v3_context(None, None)).unwrap();
        builder.append_extension(names).unwrap();
    }
    builder.sign(by.map_or(&key, |by| &by.key), MessageDigest::sha256()).unwrap();
    Party { key, certificate: builder.build() }
}

/// What the wallet says of a credential signed by `signer`, which brings `chain` along, where `root` is pinned.
fn said(signer: &Party, chain: &[&Party], root: &Party) -> Vec<CredentialDoubt> {
    let mut world = World::new();
    let pinned = CredentialIssuer {
        issuer: ISSUER.into(),
        name: "Register".into(),
        keys: Vec::new(),
        certificates: vec![root.certificate.to_der().unwrap()],
    };
    *world.phone.issuers.lock().unwrap() = vec![pinned];
    world.restart();
    let draft = Draft {
        issuer: Some(ISSUER.into()),
        identity: Identity { full_name: Some("A".into()), ..Identity::default() },
        certificates: chain.iter().map(|party| party.certificate.to_der().unwrap()).collect(),
        ..Draft::default()
    };
    let sign = |bytes: &[u8]| {
        let der = Signer::new(MessageDigest::sha256(), &signer.key).unwrap().sign_oneshot_to_vec(bytes).unwrap();
        es256_raw_from_der(&der).unwrap().to_vec()
    };
    let added = world.wallet.add_credential(draft.to_text(Algorithm::Es256, sign).unwrap()).unwrap();
    match added.verification {
        CredentialVerification::Verified => Vec::new(),
        CredentialVerification::NotVerified { doubts } => doubts,
    }
}

#[test]
fn a_chain_to_a_pinned_authority_vouches_for_the_key() {
    let root = certified("Root", ROOT, None);
    let office = certified("Office", ROOT, Some(&root));
    let direct = certified("Signer", LEAF, Some(&root));
    let below = certified("Signer below", LEAF, Some(&office));
    assert_eq!(said(&direct, &[&direct], &root), []);
    assert_eq!(said(&direct, &[&direct, &root], &root), [], "the root may be sent along");
    assert_eq!(said(&below, &[&below, &office], &root), []);
    assert_eq!(said(&below, &[&below], &office), [], "an office may be pinned itself");
    assert_eq!(said(&direct, &[&direct], &direct), [], "and so may the certificate of the key");
}

#[test]
fn a_chain_that_leads_elsewhere_vouches_for_nothing() {
    let untrusted = [CredentialDoubt::UntrustedCertificate];
    let root = certified("Root", ROOT, None);
    // The same name, another key.
    let namesake = certified("Root", ROOT, None);
    let office = certified("Office", ROOT, Some(&root));
    let signer = certified("Signer", LEAF, Some(&root));
    let below = certified("Signer below", LEAF, Some(&office));
    assert_eq!(said(&signer, &[&signer], &namesake), untrusted);
    assert_eq!(said(&signer, &[&signer, &namesake], &namesake), untrusted, "what is pinned did not issue it");
    assert_eq!(said(&below, &[&below], &root), untrusted, "a certificate is missing");
    assert_eq!(said(&below, &[&below, &signer], &root), untrusted, "the signer is no authority");
    assert_eq!(said(&signer, &[], &root), [CredentialDoubt::UnknownKey]);
    // A certificate that anybody may copy does not vouch for a key of his own.
    assert_eq!(said(&below, &[&signer], &root), [CredentialDoubt::BadSignature]);
}

#[test]
fn certificates_are_held_to_their_limits() {
    let untrusted = [CredentialDoubt::UntrustedCertificate];
    let root = certified("Root", ROOT, None);
    let by = |kind: Kind| certified("Signer", kind, Some(&root));
    let over = by(Kind { days: -1, ..LEAF });
    assert_eq!(said(&over, &[&over], &root), untrusted, "its time is over");
    let other_use = by(Kind { signs: false, ..LEAF });
    assert_eq!(said(&other_use, &[&other_use], &root), untrusted, "its key may not sign this");
    let odd = by(Kind { odd: true, ..LEAF });
    assert_eq!(said(&odd, &[&odd], &root), untrusted, "a critical extension is not understood");
    let citizen = certified("Citizen", LEAF, Some(&by(LEAF)));
    assert_eq!(said(&citizen, &[&citizen, &by(LEAF)], &root), untrusted, "who may sign may not issue");
    // No office may stand below this one.
    let last = certified("Last", Kind { authority: Some(0), ..ROOT }, Some(&root));
    let office = certified("Office", ROOT, Some(&last));
    let signer = certified("Signer", LEAF, Some(&office));
    assert_eq!(said(&signer, &[&signer, &office, &last], &root), untrusted, "the way is longer than allowed");
    let old_root = certified("Root", Kind { days: -1, ..ROOT }, None);
    let by_old = certified("Signer", LEAF, Some(&old_root));
    assert_eq!(said(&by_old, &[&by_old], &old_root), untrusted, "the authority's time is over");
}
