//! Claim 169 written and read again: whole, with certificates, and never standing where it should not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use ed25519_dalek::{Signer as _, SigningKey};
use proptest::prelude::*;
use protocol::claim169::{
    Biometric, Doubt, Draft, Gender, Identity, ImageFormat, MaritalStatus, Photo, PinnedIssuer, ReadError, WriteError,
    read,
};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;

const ISSUER: &str = "https://register.test";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn pinned(key: &SigningKey, kid: Option<&str>) -> PinnedIssuer {
    let jwk = Jwk::ed25519(key.verifying_key().to_bytes()).unwrap();
    let jwk = match kid {
        Some(kid) => jwk.canonical().replacen('{', &format!("{{\"kid\":\"{kid}\","), 1),
        None => jwk.canonical(),
    };
    PinnedIssuer { issuer: ISSUER.into(), keys: vec![Jwk::from_json(&jwk).unwrap()], roots: Vec::new() }
}

fn signed(draft: &Draft, key: &SigningKey) -> String {
    draft.to_text(Algorithm::EdDsa, |bytes| key.sign(bytes).to_bytes().to_vec()).unwrap()
}

fn draft() -> Draft {
    Draft {
        issuer: Some(ISSUER.into()),
        not_before: Some(1000),
        expires_at: Some(2000),
        identity: Identity { full_name: Some("A".into()), ..Identity::default() },
        ..Draft::default()
    }
}

fn doubts(draft: &Draft, key: &SigningKey, issuer: PinnedIssuer, now_s: i64) -> Vec<Doubt> {
    read(&signed(draft, key)).unwrap().check(&[issuer], now_s).doubts
}

#[test]
fn times_end_with_a_minute_s_grace() {
    for (now_s, expected) in [
        (939, vec![Doubt::NotYetValid]),
        (940, vec![]),
        (2059, vec![]),
        (2060, vec![Doubt::Expired]),
        (i64::MIN, vec![Doubt::NotYetValid]),
        (i64::MAX, vec![Doubt::Expired]),
    ] {
        assert_eq!(doubts(&draft(), &key(1), pinned(&key(1), None), now_s), expected, "{now_s}");
    }
}

#[test]
fn a_kid_names_the_key() {
    let named = Draft { key_id: Some("2026".into()), ..draft() };
    assert_eq!(doubts(&named, &key(1), pinned(&key(1), Some("2026")), 1500), []);
    assert_eq!(doubts(&named, &key(1), pinned(&key(1), Some("2025")), 1500), [Doubt::UnknownKey]);
    assert_eq!(doubts(&named, &key(1), pinned(&key(1), None), 1500), [], "a key without a name may be any");
    assert_eq!(doubts(&draft(), &key(1), pinned(&key(1), Some("2026")), 1500), [], "nothing is named");
    assert_eq!(doubts(&named, &key(2), pinned(&key(1), None), 1500), [Doubt::BadSignature]);
}

#[test]
fn who_names_no_issuer_is_vouched_for_by_nobody() {
    let nameless = Draft { issuer: None, ..draft() };
    assert_eq!(doubts(&nameless, &key(1), pinned(&key(1), None), 1500), [Doubt::UnknownIssuer]);
    let empty = PinnedIssuer { issuer: String::new(), ..pinned(&key(1), None) };
    assert_eq!(doubts(&Draft { issuer: Some(String::new()), ..draft() }, &key(1), empty, 1500), [Doubt::UnknownIssuer]);
}

#[test]
fn what_no_qr_code_holds_is_not_written() {
    let photo = |bytes| Photo { data: (0..bytes).map(|n: u32| (n * 167 % 251) as u8).collect(), format: None };
    let of = |photo| Draft { identity: Identity { photo: Some(photo), ..Identity::default() }, ..draft() };
    let sign = |_: &[u8]| vec![0; 64];
    assert!(of(photo(200)).to_text(Algorithm::EdDsa, sign).is_ok());
    let random: Vec<u8> = (0..200u32).flat_map(|n| key((n % 250) as u8).sign(&n.to_be_bytes()).to_bytes()).collect();
    let large = of(Photo { data: random, format: None });
    assert_eq!(large.to_text(Algorithm::EdDsa, sign), Err(WriteError::TooLong));
    assert_eq!(draft().to_text(Algorithm::Rs256, sign), Err(WriteError::UnsupportedAlgorithm));
    let text = "A".repeat(4_300);
    assert_eq!(read(&text).err(), Some(ReadError::TooLong));
}

/// 64 KiB of zeros in a few bytes of zlib: refused at the limit, not inflated.
#[test]
fn a_bomb_is_refused() {
    let photo = Photo { data: vec![0; 70_000], format: None };
    let bomb = Draft { identity: Identity { photo: Some(photo), ..Identity::default() }, ..draft() };
    assert_eq!(bomb.to_text(Algorithm::EdDsa, |_| vec![0; 64]), Err(WriteError::TooLong));
    let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut stream, &vec![0; 10_000_000]).unwrap();
    let packed = stream.finish().unwrap();
    assert!(packed.len() < 20_000);
    let text = protocol::base45::encode(&packed[..2_800]);
    assert_eq!(read(&text).err(), Some(ReadError::NotZlib));
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("\\PC{1,12}")
}

prop_compose! {
    fn identity()(
        texts in prop::collection::vec(text(), 18),
        gender in prop::option::of(prop::sample::select(vec![Gender::Male, Gender::Female, Gender::Other])),
        marital_status in prop::option::of(prop::sample::select(vec![
            MaritalStatus::Unmarried, MaritalStatus::Married, MaritalStatus::Divorced,
        ])),
        photo in prop::option::of((any::<[u8; 20]>(), prop::option::of(prop::sample::select(vec![
            ImageFormat::Jpeg, ImageFormat::Jpeg2000, ImageFormat::Avif, ImageFormat::WebP,
        ])))),
        best_fingers in prop::collection::vec(0u8..=10, 0..4),
        samples in prop::collection::btree_map(50i64..=65, (any::<[u8; 6]>(), prop::option::of(0i64..4), text()), 0..3),
    ) -> Identity {
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        Identity {
            id: next(), version: next(), language: next(), full_name: next(), first_name: next(), middle_name: next(),
            last_name: next(), date_of_birth: next(), address: next(), email: next(), phone: next(),
            nationality: next(), guardian: next(), secondary_full_name: next(), secondary_language: next(),
            location_code: next(), legal_status: next(), country_of_issuance: next(),
            gender, marital_status, best_fingers,
            photo: photo.map(|(data, format)| Photo { data: data.to_vec(), format }),
            biometrics: samples.into_iter().map(|(kind, (data, format, issuer))| {
                Biometric { kind, data: data.to_vec(), format, sub_format: format, issuer }
            }).collect(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read_and_stands(identity in identity(), subject in text(), issued_at in any::<Option<i32>>()) {
        let issued_at = issued_at.map(i64::from);
        let draft = Draft { identity: identity.clone(), subject: subject.clone(), issued_at, ..draft() };
        let found = read(&signed(&draft, &key(1))).unwrap().check(&[pinned(&key(1), None)], 1500);
        prop_assert!(found.is_verified());
        prop_assert!(found.identity == identity);
        prop_assert_eq!((found.subject, found.issued_at), (subject, issued_at));
        prop_assert_eq!((found.not_before, found.expires_at), (Some(1000), Some(2000)));
    }

    #[test]
    fn no_text_panics(text in "[0-9A-Z $%*+./:-]{0,200}") {
        let _ = read(&text);
    }
}
