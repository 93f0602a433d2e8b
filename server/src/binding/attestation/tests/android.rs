//! Android key attestation: what a maker of our own says, right and wrong.

use openssl::nid::Nid;

use super::*;
use crate::config::AndroidLevel;
use crate::testkit::phone_maker::{Authority, BOOT_KEY, Maker, Told, Wanted, new_key};

/// Eleven years: longer than the certificates of these makers are good.
const LONG_MS: Millis = 11 * 365 * 86_400_000;

struct Scene {
    maker: Maker,
    operator: Operator,
    phone: Phone,
}

impl Scene {
    fn of(maker: Maker) -> Self {
        let operator = Operator::of_android(&maker.root_pem());
        Self { maker, operator, phone: Phone::es256() }
    }

    fn new() -> Self {
        Self::of(Maker::factory(NOW))
    }

    fn thinks(&self, chain: &[Vec<u8>]) -> Result<KeySecurity, Refused> {
        self.operator.thinks(&of_chain(chain), &self.phone, START)
    }

    fn thinks_of(&self, told: &Told) -> Result<KeySecurity, Refused> {
        self.thinks(&self.maker.android(told, &self.phone.public()))
    }
}

#[test]
fn a_good_key_of_each_kind_of_phone_is_taken_at_its_level() {
    let good = Told::good(CHALLENGE);
    assert_eq!(Scene::new().thinks_of(&good), Ok(KeySecurity::Hardware));
    assert_eq!(Scene::of(Maker::remote(NOW, "TEE")).thinks_of(&good), Ok(KeySecurity::Hardware));
    let strong = Told { attestation_level: 2, key_level: 2, ..good };
    assert_eq!(Scene::of(Maker::remote(NOW, "StrongBox")).thinks_of(&strong), Ok(KeySecurity::Strongbox));
    // A TEE that calls itself StrongBox is a TEE.
    assert_eq!(Scene::of(Maker::remote(NOW, "TEE")).thinks_of(&strong), Ok(KeySecurity::Hardware));
}

#[test]
fn the_least_level_is_held() {
    let mut scene = Scene::new();
    let software = Told { key_level: 0, ..Told::good(CHALLENGE) };
    let described_in_software = Told { attestation_level: 0, ..Told::good(CHALLENGE) };
    assert_eq!(scene.thinks_of(&software), Err(Refused::Level));
    assert_eq!(scene.thinks_of(&described_in_software), Err(Refused::Level));
    scene.operator.android().least_level = AndroidLevel::Software;
    assert_eq!(scene.thinks_of(&software), Ok(KeySecurity::Software));
    assert_eq!(scene.thinks_of(&described_in_software), Ok(KeySecurity::Software));
    scene.operator.android().least_level = AndroidLevel::Strongbox;
    assert_eq!(scene.thinks_of(&Told::good(CHALLENGE)), Err(Refused::Level));
}

#[test]
fn another_root_is_refused() {
    let mut scene = Scene::new();
    let good = Told::good(CHALLENGE);
    let foreign = Maker::factory(NOW);
    assert_eq!(scene.thinks(&foreign.android(&good, &scene.phone.public())), Err(Refused::UnknownRoot));
    // The name of the root under another's signatures, and the root's own certificate beside another's chain.
    let mut mixed = foreign.android(&good, &scene.phone.public());
    mixed.pop();
    mixed.extend(scene.maker.above().pop());
    assert_eq!(scene.thinks(&mixed), Err(Refused::Broken));
    // Without its last certificate, which the operator has, a chain is as good.
    let mut short = scene.maker.android(&good, &scene.phone.public());
    short.pop();
    assert_eq!(scene.thinks(&short), Ok(KeySecurity::Hardware));
    // A root is known by its key: the same key under a new certificate is the same root.
    let renewed = {
        let root = &scene.maker.authorities[0];
        let wanted = Wanted::authority(&[(Nid::SERIALNUMBER, "f92009e853b6b045")], 99, NOW);
        Authority { key: root.key.clone(), certificate: wanted.make(&root.key, None, Some(&root.key)) }
    };
    scene.maker.authorities[0] = renewed;
    assert_eq!(scene.thinks_of(&good), Ok(KeySecurity::Hardware));
}

#[test]
fn another_challenge_or_key_is_refused() {
    let scene = Scene::new();
    assert_eq!(scene.thinks_of(&Told::good("another")), Err(Refused::OtherChallenge));
    assert_eq!(scene.thinks_of(&Told::good("")), Err(Refused::OtherChallenge));
    let chain = scene.maker.android(&Told::good(CHALLENGE), &Phone::es256().public());
    assert_eq!(scene.thinks(&chain), Err(Refused::OtherKey));
}

#[test]
fn certificates_have_their_time_as_google_says() {
    let good = Told::good(CHALLENGE);
    let at = |scene: &Scene, now| {
        let chain = of_chain(&scene.maker.android(&good, &scene.phone.public()));
        scene.operator.thinks(&chain, &scene.phone, now)
    };
    // Keys of the factory cannot be changed: they are good after their end; before their begin nothing is.
    let factory = Scene::new();
    assert_eq!(at(&factory, START + LONG_MS), Ok(KeySecurity::Hardware));
    assert_eq!(at(&factory, START - LONG_MS), Err(Refused::NotInTime));
    let remote = Scene::of(Maker::remote(NOW, "TEE"));
    assert_eq!(at(&remote, START + LONG_MS), Err(Refused::NotInTime));
    assert_eq!(at(&remote, START - LONG_MS), Err(Refused::NotInTime));
}

#[test]
fn revoked_certificates_are_refused_from_the_moment_the_file_says_so() {
    let mut scene = Scene::new();
    let list = scene.operator.folder.path().join("status.json");
    std::fs::write(&list, r#"{"entries": {"1234": {"status": "REVOKED", "reason": "KEY_COMPROMISE"}}}"#).unwrap();
    scene.operator.android().revoked = Some(list.clone());
    let trust = scene.operator.trust();
    let chain = of_chain(&scene.maker.android(&Told::good(CHALLENGE), &scene.phone.public()));
    let thinks = || trust.check(&chain, Key { jwk: &scene.phone.jwk, challenge: CHALLENGE }, START);
    assert_eq!(thinks().unwrap(), Ok(KeySecurity::Hardware));
    for serial in ["def", "0ABC"] {
        let entries = format!(r#"{{"entries": {{"{serial}": {{"status": "SUSPENDED"}}}}, "more": "{serial}"}}"#);
        std::fs::write(&list, entries).unwrap();
        assert_eq!(thinks().unwrap(), Err(Refused::Revoked), "{serial}");
    }
    // What cannot be asked cannot be answered.
    std::fs::remove_file(&list).unwrap();
    assert!(thinks().unwrap_err().to_string().starts_with("binding.attestation: "));
}

/// Somebody has a key attested, and makes up a better one below it.
#[test]
fn extended_chains_are_refused() {
    let scene = Scene::new();
    let good = Told::good(CHALLENGE);
    let own = new_key();
    let attested = Authority { certificate: scene.maker.android_leaf(&good, &own), key: own };
    let mut forger = scene.maker.clone();
    forger.authorities.push(attested);
    let chain = forger.android(&good, &scene.phone.public());
    assert_eq!(scene.thinks(&chain), Err(Refused::Extended));
    // One certificate less, so that the length is right again.
    let mut short = forger.clone();
    short.authorities.remove(2);
    assert_eq!(scene.thinks(&short.android(&good, &scene.phone.public())), Err(Refused::Broken));
    // Without a word about the upper key.
    let plain = new_key();
    let subject = [(Nid::COMMONNAME, "Android Keystore Key")];
    let (from, to) = (NOW - 1, NOW + 1);
    let wanted = Wanted { subject: &subject, serial: 5, authority: false, from, to, extension: None };
    let certificate = wanted.make(&plain, Some(scene.maker.signer()), None);
    let mut silent = scene.maker.clone();
    silent.authorities.push(Authority { key: plain, certificate });
    assert_eq!(scene.thinks(&silent.android(&good, &scene.phone.public())), Err(Refused::Extended));
    // A description above the key's own, in a chain of the right length.
    let subject = [(Nid::SERIALNUMBER, "a0b63a35743673b7")];
    let described =
        Wanted { extension: Some(("1.3.6.1.4.1.11129.2.1.17", good.der())), ..Wanted::authority(&subject, 6, NOW) };
    let mut twice = scene.maker.clone();
    let key = new_key();
    twice.authorities.pop();
    let certificate = described.make(&key, Some(twice.signer()), None);
    twice.authorities.push(Authority { key, certificate });
    assert_eq!(scene.thinks(&twice.android(&good, &scene.phone.public())), Err(Refused::Extended));
}

#[test]
fn who_may_not_sign_certificates_does_not() {
    let subject = [(Nid::SERIALNUMBER, "e18c4f2ca699739a")];
    let mut maker = Maker::remote(NOW, "TEE");
    let no_authority = Wanted { authority: false, ..Wanted::authority(&[(Nid::COMMONNAME, "x")], 9, NOW) };
    let key = new_key();
    maker.authorities.pop();
    let certificate = no_authority.make(&key, Some(maker.signer()), None);
    maker.authorities.push(Authority { key, certificate });
    assert_eq!(Scene::of(maker).thinks_of(&Told::good(CHALLENGE)), Err(Refused::NotAuthority));
    let mut maker = Maker::factory(NOW);
    let no_authority = Wanted { authority: false, ..Wanted::authority(&subject, 9, NOW) };
    let (key, phone) = (new_key(), new_key());
    maker.authorities.truncate(1);
    let certificate = no_authority.make(&key, Some(maker.signer()), None);
    maker.authorities.push(Authority { key, certificate });
    let certificate = Wanted::authority(&subject, 10, NOW).make(&phone, Some(maker.signer()), None);
    maker.authorities.push(Authority { key: phone, certificate });
    assert_eq!(Scene::of(maker).thinks_of(&Told::good(CHALLENGE)), Err(Refused::NotAuthority));
}

#[test]
fn a_key_that_was_brought_in_or_does_more_than_sign_is_refused() {
    let scene = Scene::new();
    for told in [
        Told { origin: 2, ..Told::good(CHALLENGE) },
        Told { purposes: vec![3], ..Told::good(CHALLENGE) },
        Told { purposes: vec![2, 7], ..Told::good(CHALLENGE) },
        Told { purposes: vec![], ..Told::good(CHALLENGE) },
    ] {
        assert_eq!(scene.thinks_of(&told), Err(Refused::Use));
    }
    assert!(scene.thinks_of(&Told { purposes: vec![2, 3], ..Told::good(CHALLENGE) }).is_ok());
}

#[test]
fn the_operating_system_must_be_verified_where_policy_says_so() {
    let mut scene = Scene::new();
    let told = |boot, locked| Told { boot, locked, ..Told::good(CHALLENGE) };
    for (boot, locked) in [(Some(1), true), (Some(2), true), (Some(3), true), (Some(0), false), (None, true)] {
        assert_eq!(scene.thinks_of(&told(boot, locked)), Err(Refused::Boot), "{boot:?} {locked}");
    }
    assert_eq!(scene.thinks_of(&told(Some(9), true)), Err(Refused::Malformed));
    // An operating system that the operator knows, under its own key.
    let hex: String = BOOT_KEY.iter().map(|byte| format!("{byte:02X}:")).collect();
    scene.operator.android().boot_keys = vec![hex.trim_end_matches(':').into()];
    assert!(scene.thinks_of(&told(Some(1), true)).is_ok());
    assert_eq!(scene.thinks_of(&told(Some(1), false)), Err(Refused::Boot));
    assert_eq!(scene.thinks_of(&told(Some(2), true)), Err(Refused::Boot));
    scene.operator.android().verified_boot = false;
    assert!(scene.thinks_of(&told(Some(2), false)).is_ok());
    assert!(scene.thinks_of(&told(None, false)).is_ok());
}

#[test]
fn only_the_wallets_own_app_is_taken() {
    let scene = Scene::new();
    for told in [
        Told { package: "org.example.wallet2".into(), ..Told::good(CHALLENGE) },
        Told { signing_digest: [0x5e; 32], ..Told::good(CHALLENGE) },
        Told { all_apps: true, ..Told::good(CHALLENGE) },
    ] {
        assert_eq!(scene.thinks_of(&told), Err(Refused::OtherApp));
    }
}

#[test]
fn a_key_that_asks_for_nobody_is_refused_where_policy_says_so() {
    let mut scene = Scene::new();
    let free = Told { user_authentication: false, ..Told::good(CHALLENGE) };
    assert!(scene.thinks_of(&free).is_ok());
    scene.operator.android().user_authentication = true;
    assert_eq!(scene.thinks_of(&free), Err(Refused::UserAuthentication));
    assert!(scene.thinks_of(&Told::good(CHALLENGE)).is_ok());
}

#[test]
fn what_is_no_chain_is_malformed() {
    let scene = Scene::new();
    let good = scene.maker.android(&Told::good(CHALLENGE), &scene.phone.public());
    let many: Vec<Vec<u8>> = (0..7).map(|_| good[0].clone()).collect();
    for chain in [vec![], vec![vec![]], vec![vec![0x30, 0x00]], many] {
        assert_eq!(scene.thinks(&chain), Err(Refused::Malformed));
    }
    for members in
        [json!({}), json!({ "certificates": "x" }), json!({ "certificates": [1] }), json!({ "certificates": ["%"] })]
    {
        let thinks = scene.operator.thinks(&attestation("android-key", members), &scene.phone, START);
        assert_eq!(thinks, Err(Refused::Malformed));
    }
    let of =
        |format: &str| scene.operator.thinks(&attestation(format, json!({ "statement": "AA" })), &scene.phone, START);
    assert_eq!(of("apple-appattest"), Err(Refused::Format));
    assert_eq!(of("tpm"), Err(Refused::Format));
    // The key's certificate alone, signed by an authority of the right length, but without a word about its key.
    let subject = [(Nid::COMMONNAME, "Android Keystore Key")];
    let silent = Wanted { subject: &subject, serial: 1, authority: false, from: 0, to: 1, extension: None };
    let leaf = silent.make(&scene.phone.public(), Some(scene.maker.signer()), None);
    let mut chain = scene.maker.above();
    chain.insert(0, leaf.to_der().unwrap());
    assert_eq!(scene.thinks(&chain), Err(Refused::NoStatement));
}
