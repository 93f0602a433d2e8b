//! Attestation at binding, as policy asks for it: what is bound, what is recorded, what is told of it.

use protocol::base64url;

use super::wla::{expected, native};
use super::*;
use crate::binding::verify_wla;
use crate::config::{AndroidApp, AndroidKey, AndroidLevel, Attestation, AttestationPolicy, Config};
use crate::dialect::Mount;
use crate::testkit::START;
use crate::testkit::phone_maker::{Maker, Told};

/// A maker, the file with its root, and a configuration that trusts it.
struct World {
    maker: Maker,
    config: Config,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(policy: AttestationPolicy) -> Self {
        let (maker, folder) = (Maker::factory(START / 1000), tempfile::tempdir().unwrap());
        let root = folder.path().join("roots.pem");
        std::fs::write(&root, maker.root_pem()).unwrap();
        let app = AndroidApp { package: "org.example.wallet".into(), signing_digests: vec!["5d".repeat(32)] };
        let android = AndroidKey {
            roots: vec![root],
            revoked: None,
            apps: vec![app],
            least_level: AndroidLevel::Software,
            verified_boot: true,
            boot_keys: Vec::new(),
            user_authentication: true,
        };
        let mut config = Config::default();
        config.binding.attestation = Attestation { policy, android: Some(android), apple: None };
        config.binding.require_bearer = false;
        Self { maker, config, _folder: folder }
    }

    /// What the phone answers for its key.
    fn attest(&self, phone: &Phone, told: &Told) -> Value {
        let chain: Vec<String> = self.maker.android(told, &phone.public()).iter().map(base64url::encode).collect();
        json!({ "format": "android-key", "certificates": chain })
    }
}

/// Binds with the attestation that `attest` makes of the challenge.
async fn bind_with(kit: &Kit, phone: &Phone, attest: impl Fn(&str) -> Value, otp: &Value) -> Answer {
    let claims = proof_claims(kit).await;
    let request = json!({
        "individualId": ANNA, "challengeList": otp, "publicKey": phone.jwk_json(), "proof": phone.proof(&claims),
        "deviceName": "Anna's phone", "attestation": attest(&claims.nonce)
    });
    kit.post("/wallet/binding", request, &[]).await
}

/// `keySecurity` of the caller's person's devices.
async fn listed(kit: &Kit, phone: &Phone, jti: &str) -> Vec<Value> {
    let answer = phone.call(kit, "/wallet/devices/list", json!({}), jti).await.json();
    let devices = answer["response"]["devices"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
    devices.iter().map(|device| device["keySecurity"].clone()).collect()
}

/// What the trail says of the keys that were bound.
async fn reasons(kit: &Kit) -> Vec<Option<String>> {
    let sql = "SELECT reason FROM audit_event WHERE kind = 'key_bound' ORDER BY id";
    let rows = kit.state.store.read(|tx| Box::pin(async move { crate::fetch_all!(tx, (Option<String>,), sql) })).await;
    rows.unwrap().into_iter().map(|(reason,): (Option<String>,)| reason).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_key_without_a_good_attestation_is_not_bound_where_one_is_required() {
    let world = World::new(AttestationPolicy::Required);
    for kit in Kit::both_with(&world.config).await {
        people(&kit).await;
        let (phone, other) = (Phone::es256(), Phone::es256());
        let otp = otp(&kit, ANNA).await;
        let imported = |challenge: &str| Told { origin: 2, ..Told::good(challenge) };
        let refused: [&dyn Fn(&str) -> Value; 6] = [
            &|_| Value::Null,
            &|_| json!({ "format": "android-key" }),
            &|challenge| world.attest(&other, &Told::good(challenge)),
            &|_| world.attest(&phone, &Told::good("another challenge")),
            &|challenge| world.attest(&phone, &imported(challenge)),
            &|challenge| World::new(AttestationPolicy::Required).attest(&phone, &Told::good(challenge)),
        ];
        for (n, attest) in refused.into_iter().enumerate() {
            assert_eq!(bind_with(&kit, &phone, attest, &otp).await.code(), "invalid_attestation", "{n}");
        }
        // None of them was a guess, nor has it spent the one-time password.
        let bound = bind_with(&kit, &phone, |challenge| world.attest(&phone, &Told::good(challenge)), &otp).await;
        assert_eq!(bound.code(), "", "{}", bound.text);
        assert_eq!(listed(&kit, &phone, "a").await, [json!("hardware")]);
        assert_eq!(reasons(&kit).await, [Some("hardware".to_owned())]);
        // Wallets of others have no place for an attestation.
        let legacy = bind_at(&kit, GOVSTACK, ANNA, Phone::rs256().jwk_json()).await;
        assert_eq!(legacy.code(), "", "{}", legacy.text);
        assert_eq!(listed(&kit, &phone, "b").await, [json!("hardware"), Value::Null]);
        assert_eq!(reasons(&kit).await[1], Some("not_attested".to_owned()));
    }
}

/// RFC 8176: `hwk` is said of keys that their maker attested as hardware, and of no others.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_login_says_hardware_where_the_maker_said_so() {
    let world = World::new(AttestationPolicy::WhenOffered);
    for kit in Kit::both_with(&world.config).await {
        people(&kit).await;
        let (hard, soft, silent) = (Phone::es256(), Phone::es256(), Phone::es256());
        let in_software = |challenge: &str| Told { key_level: 0, attestation_level: 0, ..Told::good(challenge) };
        let codes = [
            bind_with(&kit, &hard, |challenge| world.attest(&hard, &Told::good(challenge)), &otp(&kit, ANNA).await)
                .await,
            bind_with(&kit, &soft, |challenge| world.attest(&soft, &in_software(challenge)), &otp(&kit, ANNA).await)
                .await,
            bind_with(&kit, &silent, |_| Value::Null, &otp(&kit, ANNA).await).await,
        ];
        assert!(codes.iter().all(|answer| answer.code().is_empty()), "{}", codes[0].text);
        assert_eq!(listed(&kit, &hard, "a").await, [json!("hardware"), json!("software"), Value::Null]);
        for (n, (phone, amr)) in
            [(&hard, vec!["hwk", "pop"]), (&soft, vec!["pop"]), (&silent, vec!["pop"])].iter().enumerate()
        {
            let token = phone.native(&native(&kit, phone, Mount::Op, &format!("j{n}")));
            let proof = verify_wla(&kit.state, ANNA, &token, &expected(Mount::Op, 1)).await.unwrap();
            assert_eq!(proof.amr, *amr);
        }
        // What was attested of a key stays true of it when it is bound again without a word.
        assert_eq!(bind_with(&kit, &hard, |_| Value::Null, &otp(&kit, ANNA).await).await.code(), "");
        assert_eq!(listed(&kit, &hard, "b").await[0], "hardware");
        // What is sent must hold, also where nothing had to be sent.
        let wrong = bind_with(&kit, &silent, |_| world.attest(&silent, &Told::good("x")), &otp(&kit, ANNA).await).await;
        assert_eq!(wrong.code(), "invalid_attestation");
    }
}

#[tokio::test]
async fn an_attestation_that_nobody_asked_for_is_no_better_than_none() {
    let world = World::new(AttestationPolicy::Off);
    let kit = Kit::with(world.config.clone()).await;
    people(&kit).await;
    let phone = Phone::es256();
    let bound =
        bind_with(&kit, &phone, |challenge| world.attest(&phone, &Told::good(challenge)), &otp(&kit, ANNA).await).await;
    assert_eq!(bound.code(), "", "{}", bound.text);
    assert_eq!(listed(&kit, &phone, "a").await, [Value::Null]);
    assert_eq!(reasons(&kit).await, [Some("not_attested".to_owned())]);
}

/// The operator's list has gone away: nobody can say whether the phone is on it.
#[tokio::test]
async fn what_cannot_be_checked_is_not_bound() {
    let mut world = World::new(AttestationPolicy::Required);
    let list = world._folder.path().join("status.json");
    std::fs::write(&list, r#"{"entries": {}}"#).unwrap();
    world.config.binding.attestation.android.as_mut().unwrap().revoked = Some(list.clone());
    let kit = Kit::with(world.config.clone()).await;
    people(&kit).await;
    let (phone, otp) = (Phone::es256(), otp(&kit, ANNA).await);
    crate::binding::attestation::load(&kit.state).unwrap();
    std::fs::remove_file(&list).unwrap();
    let attest = |challenge: &str| world.attest(&phone, &Told::good(challenge));
    assert_eq!(bind_with(&kit, &phone, attest, &otp).await.status, 503);
    std::fs::write(&list, r#"{"entries": {}}"#).unwrap();
    assert_eq!(bind_with(&kit, &phone, attest, &otp).await.code(), "");
}
