//! Credentials: Claim 169 from a QR code to the screen, without a network.

use crate::server::NOW_MS;
use crate::{World, code};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use protocol::claim169::{Draft, Gender, Identity, ImageFormat, Photo};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use std::fmt::Write;
use wallet_core::{
    ActivityKind, Credential, CredentialDoubt, CredentialIssuer, CredentialType, CredentialVerification, ErrorCode,
    WalletConfig, decode_qr,
};

pub(crate) const ISSUER: &str = "https://register.test";
const HOUR_MS: i64 = 3_600_000;
/// A picture as far as its first bytes tell.
const PHOTO: &[u8] = b"RIFF\x14\0\0\0WEBPVP8 MARKER-PHOTO";

/// An issuer's key.
pub(crate) struct Office(SigningKey);

impl Office {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub(crate) fn pinned(&self) -> CredentialIssuer {
        let point = self.0.verifying_key().to_sec1_point(false);
        let key = Jwk::p256_from_uncompressed(point.as_bytes()).unwrap().canonical();
        CredentialIssuer { issuer: ISSUER.into(), name: "Register".into(), keys: vec![key], certificates: Vec::new() }
    }

    /// Valid for an hour from the tests' present.
    pub(crate) fn issue(&self, name: &str) -> String {
        let draft = Draft {
            issuer: Some(ISSUER.into()),
            issued_at: Some(NOW_MS / 1000),
            not_before: Some(NOW_MS / 1000),
            expires_at: Some((NOW_MS + HOUR_MS) / 1000),
            identity: Identity {
                id: Some("MARKER-ID".into()),
                full_name: Some(name.into()),
                date_of_birth: Some("19840118".into()),
                gender: Some(Gender::Female),
                address: Some("MARKER-STREET 1\nMARKER-TOWN".into()),
                photo: Some(Photo { data: PHOTO.into(), format: Some(ImageFormat::Jpeg) }),
                ..Identity::default()
            },
            ..Draft::default()
        };
        let sign = |bytes: &[u8]| {
            let signature: Signature = self.0.sign(bytes);
            signature.to_bytes().to_vec()
        };
        draft.to_text(Algorithm::Es256, sign).unwrap()
    }
}

impl World {
    /// A wallet whose app pins this issuer.
    pub(crate) fn trusting(office: &Office) -> Self {
        let mut world = Self::new();
        *world.phone.issuers.lock().unwrap() = vec![office.pinned()];
        world.restart();
        world
    }
}

fn doubts(credential: &Credential) -> Vec<CredentialDoubt> {
    match &credential.verification {
        CredentialVerification::Verified => Vec::new(),
        CredentialVerification::NotVerified { doubts } => doubts.clone(),
    }
}

#[test]
fn a_credential_is_kept_and_shown_with_its_photo_without_a_network() {
    let office = Office::new(1);
    let mut world = World::trusting(&office);
    let added = world.wallet.add_credential(office.issue("MARKER-NAME")).unwrap();
    world.restart();
    assert_eq!(world.wallet.credentials().unwrap(), std::slice::from_ref(&added));
    let shown = world.wallet.credential(added.id.clone()).unwrap();
    assert_eq!(shown.credential, added);
    assert_eq!(added.credential_type, CredentialType::Claim169);
    assert_eq!(added.title.as_deref(), Some("MARKER-NAME"));
    assert_eq!((added.issuer.as_deref(), added.issuer_name.as_deref()), (Some(ISSUER), Some("Register")));
    assert_eq!((added.valid_from_ms, added.valid_until_ms), (Some(NOW_MS), Some(NOW_MS + HOUR_MS)));
    assert_eq!(added.verification, CredentialVerification::Verified);
    let claims: Vec<(&str, &str)> =
        shown.claims.iter().map(|claim| (claim.name.as_str(), claim.value.as_str())).collect();
    assert_eq!(
        claims,
        [
            ("full_name", "MARKER-NAME"),
            ("id", "MARKER-ID"),
            ("date_of_birth", "1984-01-18"),
            ("gender", "female"),
            ("address", "MARKER-STREET 1\nMARKER-TOWN"),
        ]
    );
    let photo = shown.photo.unwrap();
    assert_eq!((photo.media_type.as_str(), photo.data.as_slice()), ("image/webp", PHOTO), "by its first bytes");
    assert!(world.server.memory.lock().unwrap().requests.is_empty(), "nothing was sent");
    assert!(world.did(ActivityKind::CredentialAdded));

    world.wallet.delete_credential(added.id.clone()).unwrap();
    assert!(world.wallet.credentials().unwrap().is_empty());
    assert!(world.did(ActivityKind::CredentialDeleted));
    assert_eq!(code(world.wallet.credential(added.id.clone())), Some(ErrorCode::InvalidInput));
    assert_eq!(code(world.wallet.delete_credential(added.id)), Some(ErrorCode::InvalidInput));
}

#[test]
fn the_same_code_scanned_twice_is_one_credential() {
    let office = Office::new(1);
    let world = World::trusting(&office);
    let text = office.issue("A");
    let first = world.wallet.add_credential(text.clone()).unwrap();
    world.phone.clock.shift(1000);
    assert_eq!(world.wallet.add_credential(text + "\r\n").unwrap(), first);
    let second = world.wallet.add_credential(office.issue("B")).unwrap();
    assert_eq!(world.wallet.credentials().unwrap(), [second, first], "newest first");
}

/// Verified once is not verified for ever, and the other way round.
#[test]
fn time_and_pinned_issuers_count_when_it_is_shown() {
    let office = Office::new(1);
    let mut world = World::new();
    let added = world.wallet.add_credential(office.issue("A")).unwrap();
    assert_eq!((doubts(&added), &added.issuer_name), (vec![CredentialDoubt::UnknownIssuer], &None));
    *world.phone.issuers.lock().unwrap() = vec![office.pinned()];
    world.restart();
    assert_eq!(doubts(&world.wallet.credentials().unwrap()[0]), []);
    world.phone.clock.shift(HOUR_MS + 61_000);
    let expired = world.wallet.credential(added.id.clone()).unwrap();
    assert_eq!(doubts(&expired.credential), [CredentialDoubt::Expired]);
    assert_eq!(expired.credential.issuer_name.as_deref(), Some("Register"), "its issuer did sign it");
    assert!(expired.photo.is_some());
    world.phone.clock.shift(-2 * HOUR_MS);
    assert_eq!(doubts(&world.wallet.credentials().unwrap()[0]), [CredentialDoubt::NotYetValid]);
    *world.phone.issuers.lock().unwrap() = vec![Office::new(2).pinned()];
    world.phone.clock.shift(HOUR_MS);
    world.restart();
    assert_eq!(doubts(&world.wallet.credentials().unwrap()[0]), [CredentialDoubt::BadSignature]);
}

#[test]
fn what_is_no_credential_is_told_from_one_for_somebody_else() {
    let world = World::new();
    for text in ["", "tessera://wla-auth?linkCode=x", "HELLO", "6BF", &"A".repeat(20_000)] {
        let said = code(world.wallet.add_credential(text.into()));
        assert_eq!(said, Some(ErrorCode::InvalidCredential), "{}", text.len());
    }
    let vector = include_str!("../../../protocol/tests/vectors/claim169/valid/encrypted-aes256.json");
    let vector: serde_json::Value = serde_json::from_str(vector).unwrap();
    let encrypted = vector["qr_data"].as_str().unwrap().to_owned();
    assert_eq!(code(world.wallet.add_credential(encrypted)), Some(ErrorCode::CredentialEncrypted));
    assert!(world.wallet.credentials().unwrap().is_empty());
    assert!(world.wallet.activity().unwrap().is_empty());
}

#[test]
fn a_credential_is_read_from_a_picture() {
    const SCALE: usize = 4;
    const QUIET: usize = 4;
    let office = Office::new(1);
    let world = World::trusting(&office);
    let text = office.issue("A");
    let code = qrcode::QrCode::new(&text).unwrap();
    let (modules, side) = (code.to_colors(), (code.width() + 2 * QUIET) * SCALE);
    let mut luma = vec![255; side * side];
    for (at, pixel) in luma.iter_mut().enumerate() {
        let (x, y) = ((at % side / SCALE).checked_sub(QUIET), (at / side / SCALE).checked_sub(QUIET));
        if let (Some(x), Some(y)) = (x.filter(|x| *x < code.width()), y.filter(|y| *y < code.width()))
            && modules[y * code.width() + x] == qrcode::Color::Dark
        {
            *pixel = 0;
        }
    }
    let side = u32::try_from(side).unwrap();
    let texts = decode_qr(luma, side, side).unwrap();
    assert_eq!(texts, [text]);
    let added = world.wallet.add_credential(texts[0].clone()).unwrap();
    assert_eq!(added.verification, CredentialVerification::Verified);
}

#[test]
fn a_wallet_does_not_open_with_an_issuer_it_cannot_read() {
    let world = World::new();
    let good = Office::new(1).pinned();
    for issuers in [
        vec![CredentialIssuer { keys: vec!["{}".into()], ..good.clone() }],
        vec![CredentialIssuer { certificates: vec![vec![0x30, 0]], ..good.clone() }],
        vec![CredentialIssuer { issuer: String::new(), ..good.clone() }],
        vec![good.clone(), good.clone()],
    ] {
        *world.phone.issuers.lock().unwrap() = issuers;
        assert_eq!(code(world.phone.open()), Some(ErrorCode::InvalidInput));
    }
    assert!(WalletConfig::at("x").credential_issuers.is_empty());
}

/// Nothing of a person in `Debug`, errors and the log.
#[test]
fn nothing_personal_is_said_of_credentials() {
    let office = Office::new(1);
    let world = World::trusting(&office);
    let mut said = String::new();
    let text = office.issue("MARKER-NAME");
    let added = world.wallet.add_credential(text.clone()).unwrap();
    let shown = world.wallet.credential(added.id.clone()).unwrap();
    write!(said, "{added:?} {shown:?} {:?} {:?}", shown.claims, shown.photo).unwrap();
    write!(said, "{:?} {:?}", world.wallet.credentials(), world.wallet.activity()).unwrap();
    let failed = world.wallet.add_credential(format!("{text} MARKER")).unwrap_err();
    write!(said, "{failed} {failed:?} {:?}", world.phone.log.0.lock().unwrap()).unwrap();
    assert!(!world.wallet.export_activity().unwrap().contains("MARKER"));
    for word in ["MARKER", "1984", "7777", &text[..20], ISSUER] {
        assert!(!said.contains(word), "{word} in {said}");
    }
}
