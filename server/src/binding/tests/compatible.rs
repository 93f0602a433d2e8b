//! GovStack's and eSignet's binding paths (GS-WAL-07, L10).

use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use openssl::x509::X509;

use super::*;
use crate::acr::Acr;
use crate::clients::{AuthMethod, GrantType, Registration};
use crate::dialect::Mount;
use crate::grants;
use crate::state::Parts;

/// GS-WAL-07 on GovStack's path: certificate over the key sent, end in the future, and each fault by its code.
#[tokio::test(flavor = "multi_thread")]
async fn gs_wal_07_govstack_binds_a_key_once_and_names_each_fault() {
    let kit = open_kit().await;
    people(&kit).await;
    let phone = Phone::rs256();
    let answer = bind_at(&kit, GOVSTACK, ANNA, phone.jwk_json()).await;
    let chain = X509::stack_from_pem(member(&answer, "certificate").as_bytes()).unwrap();
    assert!(chain[0].verify(&chain[1].public_key().unwrap()).unwrap());
    assert_eq!(member(&answer, "expireDateTime"), "2027-01-05T10:00:00.000Z");
    let text = json!(phone.jwk_json().to_string());
    assert_eq!(bind_at(&kit, GOVSTACK, ANNA, text).await.code(), "duplicate_public_key");
    assert_eq!(bind_at(&kit, GOVSTACK, BEN, phone.jwk_json()).await.code(), "duplicate_public_key");
    let fault = async |name: &str, value: Value| {
        let mut request = json!({
            "individualId": ANNA, "publicKey": Phone::es256().jwk_json(), "authFactorType": "WLA", "format": "jwt",
            "challengeList": [{ "authFactorType": "OTP", "challenge": "111111", "format": "alpha-numeric" }]
        });
        request[name] = value;
        let answer = kit.post(GOVSTACK, request, &PARTNER).await;
        assert_eq!(answer.json().get("response"), None, "GovStack's schemas want no null");
        answer.code()
    };
    let one = |format: &str, value: &str| json!([{ "authFactorType": "OTP", "challenge": value, "format": format }]);
    assert_eq!(fault("publicKey", json!("string")).await, "invalid_public_key");
    assert_eq!(fault("challengeList", one("invalid_format", "111111")).await, "unsupported_challenge_format");
    assert_eq!(fault("format", json!("xyz")).await, "unsupported_challenge_format");
    assert_eq!(fault("challengeList", one("alpha-numeric", "")).await, "invalid_auth_challenge");
    assert_eq!(fault("challengeList", one("alpha-numeric", "999999")).await, "invalid_auth_challenge");
    assert_eq!(fault("authFactorType", json!("XYZ")).await, "invalid_auth_factor_type");
}

/// Case L10 on the eSignet mount: one's own key may be bound again, another's may not.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_l10_esignet_binds_ones_own_key_again() {
    for mut kit in Kit::both().await {
        let mut config = (*kit.state.config).clone();
        config.binding.require_bearer = false;
        kit.state = Parts { config: config.into(), ..Parts::clone(&kit.state) }.into();
        people(&kit).await;
        let phone = Phone::rs256();
        let first = bind_at(&kit, ESIGNET, ANNA, phone.jwk_json()).await;
        let second = bind_at(&kit, ESIGNET, ANNA, phone.jwk_json()).await;
        assert_ne!(member(&first, "certificate"), member(&second, "certificate"));
        assert_eq!(bind_at(&kit, ESIGNET, BEN, phone.jwk_json()).await.code(), "duplicate_public_key");
        let native = Phone::es256();
        bind(&kit, ANNA, &native).await;
        let other_profile = bind_at(&kit, ESIGNET, ANNA, native.jwk_json()).await;
        assert_eq!(other_profile.code(), "duplicate_public_key", "a native key never becomes a legacy one");
        assert!(other_profile.json()["response"].is_null());
    }
}

/// Facts §3.3: encrypted to RSA keys, plain for others, the same for a person whenever he binds.
#[tokio::test(flavor = "multi_thread")]
async fn the_wallet_user_id_of_esignet_is_read_with_the_wallet_key() {
    let kit = open_kit().await;
    people(&kit).await;
    let read = async |phone: &Phone| {
        let jwe = member(&bind_at(&kit, ESIGNET, ANNA, phone.jwk_json()).await, "walletUserId");
        let decrypter = RsaOaep256.decrypter_from_pem(phone.private_pem()).unwrap();
        let (id, header) = josekit::jwe::deserialize_compact(&jwe, &decrypter).unwrap();
        assert_eq!((header.content_encryption(), header.content_type()), (Some("A256GCM"), Some("JWT")));
        String::from_utf8(id).unwrap()
    };
    let (one, other) = (read(&Phone::rs256()).await, read(&Phone::rs256()).await);
    assert_eq!(one, other);
    let plain = bind_at(&kit, ESIGNET, ANNA, Phone::ed25519().jwk_json()).await;
    assert_eq!(member(&plain, "walletUserId"), one);
}

#[tokio::test]
async fn a_proof_is_taken_when_sent_and_refused_when_bad() {
    let kit = open_kit().await;
    people(&kit).await;
    let phone = Phone::rs256();
    let mut request = json!({
        "individualId": ANNA, "challengeList": otp(&kit, ANNA).await, "publicKey": phone.jwk_json(),
        "authFactorType": "WLA", "format": "jwt", "proof": "a.b.c"
    });
    assert_eq!(kit.post(ESIGNET, request.clone(), &PARTNER).await.code(), "invalid_proof");
    request["proof"] = phone.proof(&proof_claims(&kit).await).into();
    assert_eq!(kit.post(ESIGNET, request, &PARTNER).await.code(), "");
}

#[tokio::test]
async fn partners_must_say_who_they_are() {
    let mut config = crate::config::Config::default();
    config.binding.require_bearer = false;
    // SHA-256 of "k".
    let hash = "8254c329a92850f6d539dd376f4816ee2764517da5e0235514af433164480d7a";
    config.binding.partners.insert("p".into(), hash.into());
    let kit = Kit::with(config).await;
    people(&kit).await;
    let request = json!({ "individualId": ANNA, "otpChannels": ["email"] });
    let paths = ["/binding-otp", "/v1/esignet/binding/binding-otp", "/v1/esignet/binding/v2/binding-otp"];
    for path in paths {
        for headers in [&[][..], &PARTNER[..1], &PARTNER[1..], &[("partner-id", "p"), ("partner-api-key", " ")]] {
            assert_eq!(kit.post(path, request.clone(), headers).await.code(), "required_header_missing");
        }
        for wrong in [[("partner-id", "q"), ("partner-api-key", "k")], [("partner-id", "p"), ("partner-api-key", "x")]]
        {
            assert_eq!(kit.post(path, request.clone(), &wrong).await.status, 401);
        }
        assert!(member(&kit.post(path, request.clone(), &PARTNER).await, "maskedEmail").starts_with("8*****@"));
    }
}

/// GS-WAL-07 `tok(wallet_binding)`: by default a bearer token with the scope of the path is needed.
#[tokio::test]
async fn gs_wal_07_a_bearer_token_with_the_scope_is_needed() {
    let kit = Kit::new().await;
    people(&kit).await;
    let registration = Registration {
        name: [("@none".to_owned(), "Wallet".to_owned())].into(),
        logo_uri: None,
        redirect_uris: Vec::new(),
        user_claims: Vec::new(),
        acrs: vec![Acr::LinkedWallet],
        grant_types: vec![GrantType::ClientCredentials],
        auth_methods: vec![AuthMethod::PrivateKeyJwt],
        scopes: vec!["send_binding_otp".into()],
        ..Registration::default()
    };
    let text = serde_json::to_string(&registration).unwrap();
    kit.state
        .store
        .write(move |tx| {
            Box::pin(async move {
                crate::execute!(
                    tx,
                    "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                        updated_at)
                     VALUES (1, 'govstack', 'backend', 'wallets', 'active', $1, 0, 0, 0)",
                    text
                )
            })
        })
        .await
        .unwrap();
    let scopes = ["send_binding_otp".to_owned()];
    let token =
        grants::issue_to_client(&kit.state, Mount::GovStack, "backend", &scopes, crate::grants::Shown::default())
            .await
            .unwrap()
            .unwrap();
    let bearer = format!("Bearer {token}");
    let headers = [PARTNER[0], PARTNER[1], ("authorization", bearer.as_str())];
    let request = json!({ "individualId": ANNA, "otpChannels": ["email"] });
    assert_eq!(kit.post("/binding-otp", request.clone(), &PARTNER).await.status, 401);
    assert_eq!(kit.post("/binding-otp", request.clone(), &headers).await.code(), "");
    assert_eq!(kit.post("/v1/esignet/binding/binding-otp", request, &headers).await.status, 401);
    let binding = json!({
        "individualId": ANNA, "publicKey": Phone::es256().jwk_json(), "authFactorType": "WLA", "format": "jwt",
        "challengeList": otp(&kit, ANNA).await
    });
    assert_eq!(kit.post(GOVSTACK, binding.clone(), &PARTNER).await.status, 401);
    assert_eq!(kit.post(GOVSTACK, binding, &headers).await.status, 403);
}

/// Case L10: keys that must not be bound, on every path, before anybody's factor is looked at.
#[tokio::test]
async fn l10_bad_keys_are_refused_on_every_path() {
    let kit = open_kit().await;
    people(&kit).await;
    let good = Phone::es256().jwk_json();
    let with = |member: &str, value: Value| {
        let mut key = good.clone();
        key[member] = value;
        key
    };
    let weak = protocol::base64url::encode([0xff_u8; 128]);
    let keys = [
        with("d", json!("AQ")),
        with("y", good["x"].clone()),
        with("alg", json!("HS256")),
        json!({ "kty": "RSA", "n": weak, "e": "AQAB" }),
        json!({ "kty": "oct", "k": "AQ" }),
        json!(7),
    ];
    for path in [GOVSTACK, ESIGNET, "/wallet/binding"] {
        for key in &keys {
            let request = json!({
                "individualId": ANNA, "publicKey": key, "authFactorType": "WLA", "format": "jwt", "proof": "a.b.c",
                "deviceName": "x",
                "challengeList": [{ "authFactorType": "OTP", "challenge": "000000", "format": "alpha-numeric" }]
            });
            let answer = kit.post(path, request, &PARTNER).await;
            assert_eq!(answer.code(), "invalid_public_key", "{path} {key}");
        }
    }
    assert_eq!(bind_at(&kit, GOVSTACK, ANNA, good).await.code(), "");
}
