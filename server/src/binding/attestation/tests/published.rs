//! What real phones made, as others published it.

use openssl::sha::sha256;
use openssl::x509::X509;
use protocol::jwk::Jwk;

use super::*;
use crate::binding::attestation::android_key;
use crate::config::AndroidLevel;

/// 2026-01-01, when the factory's certificates of 2018 have not ended and those of 2016 neither.
const JANUARY: Millis = 1_767_225_600_000;
const DAY_MS: Millis = 86_400_000;

struct Phone {
    chain: Vec<Vec<u8>>,
    root_pem: String,
    jwk: Jwk,
}

fn phone(pem: &str) -> Phone {
    let chain = X509::stack_from_pem(pem.as_bytes()).unwrap();
    let spki = chain[0].public_key().unwrap().public_key_to_der().unwrap();
    let root_pem = String::from_utf8(chain.last().unwrap().to_pem().unwrap()).unwrap();
    let jwk = Jwk::p256_from_uncompressed(&spki[spki.len() - 65..]).unwrap();
    Phone { chain: chain.iter().map(|one| one.to_der().unwrap()).collect(), root_pem, jwk }
}

/// Package, and the digest of the certificate that Google signs its own apps with.
const GOOGLES: (&str, &str) = (
    "com.google.android.attestation",
    "10:39:38:EE:45:37:E5:9E:8E:E7:92:F6:54:50:4F:B8:34:6F:C6:B3:46:D0:BB:C4:41:5F:C3:39:FC:FC:8E:C1",
);

fn thinks(
    phone: &Phone,
    challenge: &str,
    now: Millis,
    rules: impl Fn(&mut config::AndroidKey),
) -> Result<KeySecurity, Refused> {
    let mut operator = Operator::of_android(&phone.root_pem);
    let android = operator.android();
    android.apps = vec![config::AndroidApp { package: GOOGLES.0.into(), signing_digests: vec![GOOGLES.1.into()] }];
    rules(android);
    let trust = operator.trust();
    trust.check(&of_chain(&phone.chain), Key { jwk: &phone.jwk, challenge }, now).unwrap()
}

#[test]
fn a_pixel_9_pro_with_strongbox() {
    let pixel = phone(include_str!("published/caiman-strongbox.pem"));
    let challenge = "7ccac1ea-4845-482e-858d-f6fa9aa8c295";
    // Its attestation key was good for nine days of September 2025.
    let september = 1_759_104_000_000;
    let strongest = |android: &mut config::AndroidKey| android.least_level = AndroidLevel::Strongbox;
    assert_eq!(thinks(&pixel, challenge, september, strongest), Ok(KeySecurity::Strongbox));
    assert_eq!(thinks(&pixel, challenge, september + 30 * DAY_MS, strongest), Err(Refused::NotInTime));
    assert_eq!(thinks(&pixel, "7ccac1ea", september, strongest), Err(Refused::OtherChallenge));
}

#[test]
fn a_pixel_3_with_an_open_boot_loader() {
    let pixel = phone(include_str!("published/blueline-tee.pem"));
    assert_eq!(thinks(&pixel, "challenge", JANUARY, |_| ()), Err(Refused::Boot));
    let open = |android: &mut config::AndroidKey| {
        android.verified_boot = false;
        android.apps[0].package = "android.keystore.cts".into();
    };
    let thought = thinks(&pixel, "challenge", JANUARY, open);
    assert!(matches!(thought, Ok(KeySecurity::Hardware) | Err(Refused::OtherApp)), "{thought:?}");
    // Its maker's certificates ended in 2028, which the factory's may.
    assert_eq!(thinks(&pixel, "challenge", JANUARY + 3000 * DAY_MS, open), thought);
}

/// Its attestation key's certificate says that it is no authority, as those of some makers do.
#[test]
fn an_xperia_10() {
    let xperia = phone(include_str!("published/xperia-tee.pem"));
    let operator = {
        let mut operator = Operator::of_android(&xperia.root_pem);
        let digest = "f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83".to_owned();
        operator.android().apps =
            vec![config::AndroidApp { package: "com.android.vending".into(), signing_digests: vec![digest] }];
        operator
    };
    let challenge = base64url::decode(b"Pq_k1d0AkN5aQrQytCSBr1zimWNlayWExZpJLeFtAMk").unwrap();
    // Its challenge is no text, as ours are: everything else of it is held.
    assert_eq!(
        operator.trust().check(&of_chain(&xperia.chain), Key { jwk: &xperia.jwk, challenge: "x" }, JANUARY).unwrap(),
        Err(Refused::OtherChallenge)
    );
    let roots = X509::stack_from_pem(xperia.root_pem.as_bytes()).unwrap();
    let path = crate::binding::attestation::chain::Path::follow(&xperia.chain, &roots).unwrap();
    let leaf = path.leaf().unwrap();
    let value = leaf.extension(&crate::binding::attestation::key_description::OID).unwrap();
    let told = crate::binding::attestation::key_description::KeyDescription::read(value).unwrap();
    assert_eq!(told.challenge, challenge);
    assert_eq!(android_key::check_path(&path, &std::collections::HashSet::new(), JANUARY), Ok(()));
    let application = told.application().unwrap().unwrap();
    assert_eq!(application.packages, [b"com.android.vending"]);
}

#[test]
fn a_pixel_of_2016_that_attests_in_software() {
    let pixel = phone(include_str!("published/marlin-software.pem"));
    assert_eq!(thinks(&pixel, "challenge", JANUARY, |_| ()), Err(Refused::Level));
}

#[test]
fn an_iphone_with_ios_14() {
    let object = include_bytes!("published/ios-14.4.cbor");
    let mut operator = Operator::of_apple(include_str!("published/apple-root.pem"));
    operator.apple().apps = vec!["6MURL8TA57.de.vincent-haupert.apple-appattest-poc".into()];
    operator.apple().development = true;
    let rules = |operator: &Operator| {
        let roots = X509::stack_from_pem(include_bytes!("published/apple-root.pem")).unwrap();
        super::super::app_attest::Rules::new(roots, operator.config.apple.as_ref().unwrap())
    };
    let hash = sha256(b"wurzelpfropf");
    // 2021-01-23T12:13:33Z; the certificate was good for three days.
    let then = 1_611_404_013_000;
    assert_eq!(rules(&operator).check_for(object, &hash, then), Ok(()));
    assert_eq!(rules(&operator).check_for(object, &hash, then + 3 * DAY_MS), Err(Refused::NotInTime));
    assert_eq!(rules(&operator).check_for(object, &sha256(b"wurzel"), then), Err(Refused::OtherChallenge));
    operator.apple().development = false;
    assert_eq!(rules(&operator).check_for(object, &hash, then), Err(Refused::Development));
    operator.apple().apps = vec!["6MURL8TA57.de.vincent-haupert".into()];
    assert_eq!(rules(&operator).check_for(object, &hash, then), Err(Refused::OtherApp));
}
