//! Claim 169 as others write it: vectors of idpass/claim-169 (specification 1.2.0), commit 5bd8f24d1e13, MIT licence,
//! Copyright (c) idpass contributors; `tests/vectors/claim169/LICENCE.md`. Only two of them are really signed: the others
//! have an empty signature.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

use std::path::Path;

use protocol::base64url;
use protocol::claim169::{Claim169, Doubt, Gender, MaritalStatus, PinnedIssuer, ReadError, read};
use protocol::jwk::Jwk;
use serde_json::Value;

/// A moment within the life of all but the expired one: 2026-08-01.
const NOW_S: i64 = 1_785_542_400;

fn vector(path: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/claim169").join(path);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn text(vector: &Value) -> &str {
    vector["qr_data"].as_str().unwrap()
}

/// Reads a vector and holds what it says against what its file expects.
fn checked(path: &str, issuers: &[PinnedIssuer]) -> Claim169 {
    let vector = vector(path);
    let found = read(text(&vector)).unwrap_or_else(|error| panic!("{path}: {error}")).check(issuers, NOW_S);
    let meta = &vector["expected_cwt_meta"];
    assert_eq!(found.issuer.as_deref(), meta["issuer"].as_str(), "{path}");
    assert_eq!(found.subject.as_deref(), meta["subject"].as_str(), "{path}");
    assert_eq!(found.expires_at, meta["expiresAt"].as_i64(), "{path}");
    assert_eq!(found.not_before, meta["notBefore"].as_i64(), "{path}");
    assert_eq!(found.issued_at, meta["issuedAt"].as_i64(), "{path}");
    let expected = &vector["expected_claim169"];
    let person = &found.identity;
    for (name, value) in [
        ("id", &person.id),
        ("version", &person.version),
        ("language", &person.language),
        ("fullName", &person.full_name),
        ("dateOfBirth", &person.date_of_birth),
        ("address", &person.address),
        ("email", &person.email),
        ("phone", &person.phone),
        ("nationality", &person.nationality),
        ("secondaryFullName", &person.secondary_full_name),
        ("secondaryLanguage", &person.secondary_language),
        ("locationCode", &person.location_code),
        ("legalStatus", &person.legal_status),
        ("countryOfIssuance", &person.country_of_issuance),
    ] {
        assert_eq!(value.as_deref(), expected[name].as_str(), "{path} {name}");
    }
    found
}

/// The pinned issuer of a vector that is signed.
fn signer(path: &str) -> PinnedIssuer {
    let vector = vector(path);
    let hex = vector["signing_key"]["public_key_hex"].as_str().unwrap();
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(digits).collect();
    let key = match vector["signing_key"]["algorithm"].as_str() {
        Some("ES256") => Jwk::p256_from_uncompressed(&bytes),
        _ => Jwk::ed25519(bytes.try_into().unwrap()),
    };
    let issuer = vector["expected_cwt_meta"]["issuer"].as_str().unwrap().to_owned();
    PinnedIssuer { issuer, keys: vec![key.unwrap()], roots: Vec::new() }
}

#[test]
fn signed_vectors_stand_where_their_issuer_is_pinned() {
    for path in ["valid/ecdsa-p256-signed.json", "valid/ed25519-signed.json"] {
        let issuer = signer(path);
        assert_eq!(checked(path, std::slice::from_ref(&issuer)).doubts, [], "{path}");
        assert_eq!(checked(path, &[]).doubts, [Doubt::UnknownIssuer], "{path}");
        let elsewhere = PinnedIssuer { issuer: "https://elsewhere.test".into(), ..issuer.clone() };
        assert_eq!(checked(path, &[elsewhere]).doubts, [Doubt::UnknownIssuer], "{path}");
        let after = read(text(&vector(path))).unwrap().check(&[issuer], 1_800_000_061);
        assert_eq!(after.doubts, [Doubt::Expired], "{path}");
    }
}

#[test]
fn another_key_of_the_issuer_does_not_do() {
    let paths = ["valid/ecdsa-p256-signed.json", "valid/ed25519-signed.json"];
    let (p256, ed25519) = (signer(paths[0]), signer(paths[1]));
    assert_eq!(checked(paths[0], std::slice::from_ref(&ed25519)).doubts, [Doubt::UnknownKey]);
    assert_eq!(checked(paths[1], std::slice::from_ref(&p256)).doubts, [Doubt::UnknownKey]);
    let other = Jwk::ed25519(base64url::decode_array("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap()).unwrap();
    let issuer = PinnedIssuer { keys: vec![other], ..ed25519 };
    // The vector's key is RFC 8032's first, the same as RFC 8037's.
    assert_eq!(checked(paths[1], std::slice::from_ref(&issuer)).doubts, []);
}

#[test]
fn unsigned_vectors_are_read_and_do_not_stand() {
    let issuers = [signer("valid/ed25519-signed.json")];
    for path in ["valid/minimal.json", "edge/unknown-fields.json"] {
        assert_eq!(checked(path, &issuers).doubts, [Doubt::Unsigned], "{path}");
    }
    assert_eq!(checked("edge/expired.json", &issuers).doubts, [Doubt::Unsigned, Doubt::Expired]);
    let fingers = checked("valid/with-fingerprints.json", &issuers).identity.biometrics;
    assert_eq!(fingers.iter().map(|finger| finger.kind).collect::<Vec<_>>(), [50, 51]);
    assert!(fingers.iter().all(|finger| (finger.format, finger.sub_format) == (Some(1), Some(1))));
    assert_eq!(fingers[0].data, b"FIR\0");
    let faces = checked("valid/with-face.json", &issuers).identity.biometrics;
    assert_eq!((faces.len(), faces[0].kind, faces[0].format, faces[0].sub_format), (1, 62, Some(0), Some(1)));
}

#[test]
fn the_specification_s_own_example_is_read_whole() {
    let found = checked("valid/claim169-example.json", &[]);
    assert_eq!(found.identity.gender, Some(Gender::Male));
    assert_eq!(found.identity.marital_status, Some(MaritalStatus::Married));
    assert_eq!(found.identity.biometrics.len(), 1);
    assert_eq!(found.identity.biometrics[0].sub_format, Some(4));
}

#[test]
fn what_cannot_be_read_says_why() {
    for (path, why) in [
        ("invalid/bad-base45.json", ReadError::NotBase45),
        ("invalid/bad-zlib.json", ReadError::NotZlib),
        ("invalid/not-cose.json", ReadError::NotCose),
        ("valid/encrypted-aes256.json", ReadError::Encrypted),
    ] {
        assert_eq!(read(text(&vector(path))).err(), Some(why), "{path}");
    }
}

#[test]
fn one_changed_character_never_stands() {
    let path = "valid/ed25519-signed.json";
    let issuers = [signer(path)];
    let vector = vector(path);
    let text = text(&vector);
    for at in 0..text.len() {
        for other in ["0", "Z"] {
            let mut changed = text.to_owned();
            changed.replace_range(at..=at, other);
            if changed != text
                && let Ok(found) = read(&changed)
            {
                assert_ne!(found.check(&issuers, NOW_S).doubts, [], "at {at}");
            }
        }
    }
}
