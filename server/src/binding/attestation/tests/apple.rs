//! App Attest: what an Apple of our own says, right and wrong.

use protocol::binding::attestation::client_data_hash;

use super::*;
use crate::testkit::phone_maker::{AppTold, Authority, Maker, Wanted, new_key};

struct Scene {
    maker: Maker,
    operator: Operator,
    phone: Phone,
}

impl Scene {
    fn new() -> Self {
        let maker = Maker::apple(NOW);
        let operator = Operator::of_apple(&maker.root_pem());
        Self { maker, operator, phone: Phone::es256() }
    }

    fn good(&self) -> AppTold {
        AppTold::good(client_data_hash(CHALLENGE, &self.phone.jwk))
    }

    fn thinks_of(&self, told: &AppTold) -> Result<KeySecurity, Refused> {
        self.thinks(&self.maker.app_attest(told), START)
    }

    fn thinks(&self, object: &[u8], now: Millis) -> Result<KeySecurity, Refused> {
        self.operator.thinks(&of_object(object), &self.phone, now)
    }
}

#[test]
fn a_genuine_app_vouches_for_the_key() {
    let scene = Scene::new();
    assert_eq!(scene.thinks_of(&scene.good()), Ok(KeySecurity::App));
}

#[test]
fn another_challenge_or_key_is_refused() {
    let scene = Scene::new();
    for hash in [
        client_data_hash("another", &scene.phone.jwk),
        client_data_hash(CHALLENGE, &Phone::es256().jwk),
        openssl::sha::sha256(CHALLENGE.as_bytes()),
    ] {
        assert_eq!(scene.thinks_of(&AppTold::good(hash)), Err(Refused::OtherChallenge));
    }
    // The name that authenticator data give App Attest's own key is that key's.
    let told = AppTold { credential_id: Some([1; 32]), ..scene.good() };
    assert_eq!(scene.thinks_of(&told), Err(Refused::OtherKey));
}

#[test]
fn another_app_a_used_key_and_developers_builds_are_refused() {
    let mut scene = Scene::new();
    let other = AppTold { app_id: "TEAM012345.org.example.wallet2".into(), ..scene.good() };
    assert_eq!(scene.thinks_of(&other), Err(Refused::OtherApp));
    let used = AppTold { counter: 1, ..scene.good() };
    assert_eq!(scene.thinks_of(&used), Err(Refused::Use));
    let development = AppTold { aaguid: *b"appattestdevelop", ..scene.good() };
    assert_eq!(scene.thinks_of(&development), Err(Refused::Development));
    scene.operator.apple().development = true;
    assert_eq!(scene.thinks_of(&development), Ok(KeySecurity::App));
    assert_eq!(scene.thinks_of(&scene.good()), Ok(KeySecurity::App));
    assert_eq!(scene.thinks_of(&AppTold { aaguid: [0; 16], ..scene.good() }), Err(Refused::Development));
}

#[test]
fn another_root_or_another_time_is_refused() {
    let mut scene = Scene::new();
    let good = scene.maker.app_attest(&scene.good());
    assert_eq!(scene.thinks(&good, START + 4 * 86_400_000), Err(Refused::NotInTime));
    assert_eq!(scene.thinks(&good, START - 2 * 86_400_000), Err(Refused::NotInTime));
    assert_eq!(scene.thinks(&Maker::apple(NOW).app_attest(&scene.good()), START), Err(Refused::UnknownRoot));
    let no_authority = Wanted { authority: false, ..Wanted::authority(&[], 3, NOW) };
    let key = new_key();
    let certificate = no_authority.make(&key, Some(scene.maker.signer()), None);
    scene.maker.authorities.push(Authority { key, certificate });
    assert_eq!(scene.thinks_of(&scene.good()), Err(Refused::NotAuthority));
}

#[test]
fn what_is_no_object_is_malformed() {
    let scene = Scene::new();
    let good = scene.maker.app_attest(&scene.good());
    for end in 0..good.len() {
        assert!(scene.thinks(&good[..end], START).is_err(), "{end}");
    }
    assert_eq!(scene.thinks(&[good.clone(), vec![0]].concat(), START), Err(Refused::Malformed));
    let named = AppTold { format: "apple".into(), ..scene.good() };
    assert_eq!(scene.thinks_of(&named), Err(Refused::Malformed));
    // As deep as a stranger likes.
    assert_eq!(scene.thinks(&[0x81; 100_000], START), Err(Refused::Malformed));
    let of = |members| scene.operator.thinks(&attestation("apple-appattest", members), &scene.phone, START);
    assert_eq!(of(json!({})), Err(Refused::Malformed));
    assert_eq!(of(json!({ "statement": 1 })), Err(Refused::Malformed));
    assert_eq!(of(json!({ "statement": "AA==" })), Err(Refused::Malformed));
    let chain = scene.operator.thinks(&of_chain(&[vec![0]]), &scene.phone, START);
    assert_eq!(chain, Err(Refused::Format));
}
