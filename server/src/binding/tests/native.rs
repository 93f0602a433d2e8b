//! `/wallet/binding`: proofs, keys, and binding again.

use openssl::x509::X509;
use protocol::jws::{Algorithm, Header, SigningInput};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_key_of_each_kind_is_bound_with_a_chain_that_names_nobody() {
    for kit in Kit::both().await {
        people(&kit).await;
        let mut users = Vec::new();
        for phone in [Phone::es256(), Phone::ed25519(), Phone::rs256()] {
            let answer = bind(&kit, ANNA, &phone).await;
            let chain = X509::stack_from_pem(member(&answer, "certificate").as_bytes()).unwrap();
            assert_eq!(chain.len(), 2);
            assert!(chain[0].verify(&chain[1].public_key().unwrap()).unwrap());
            assert!(!answer.text.contains("Anna"), "{}", answer.text);
            assert_eq!(member(&answer, "expireDateTime"), "2027-01-05T10:00:00.000Z");
            assert_eq!(member(&answer, "issuer"), "http://localhost:8080");
            let issuers = &answer.json()["response"]["issuers"];
            assert_eq!(issuers.as_array().unwrap().len(), 3);
            users.push(member(&answer, "walletUserId"));
        }
        users.dedup();
        assert_eq!(users.len(), 1, "one person has one walletUserId");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_must_be_of_this_key_for_this_challenge_and_server() {
    let kit = Kit::new().await;
    people(&kit).await;
    let (phone, other) = (Phone::es256(), Phone::es256());
    let good = proof_claims(&kit).await;
    let with = |change: fn(&mut ProofClaims)| {
        let mut claims = good.clone();
        change(&mut claims);
        phone.proof(&claims)
    };
    let foreign_signature = {
        let input = protocol::binding::proof_signing_input(Algorithm::Es256, &phone.jwk, &good).unwrap();
        input.attach(&other.sign(input.bytes()))
    };
    let untyped = SigningInput::new(&Header::new(Algorithm::Es256).with_jwk(&phone.jwk), &good).unwrap();
    let bad = [
        String::new(),
        "a.b.c".into(),
        other.proof(&good),
        foreign_signature,
        phone.token(&untyped),
        with(|claims| claims.aud = "https://elsewhere.test".into()),
        with(|claims| claims.nonce = "A".repeat(64)),
        with(|claims| claims.exp = claims.iat + 301),
        with(|claims| {
            claims.iat -= 1000;
            claims.exp -= 1000;
        }),
    ];
    for proof in bad {
        let request = json!({
            "individualId": ANNA, "challengeList": [{ "authFactorType": "OTP", "challenge": "000000", "format": "alpha-numeric" }],
            "publicKey": phone.jwk_json(), "proof": proof, "deviceName": "x"
        });
        assert_eq!(kit.post("/wallet/binding", request, &[]).await.code(), "invalid_proof", "{proof}");
    }
    // None of these was a guess at the person's factor, nor did it spend the challenge.
    let request = json!({
        "individualId": ANNA, "challengeList": otp(&kit, ANNA).await, "publicKey": phone.jwk_json(),
        "proof": phone.proof(&good), "deviceName": "x"
    });
    assert_eq!(kit.post("/wallet/binding", request, &[]).await.code(), "");
    // Now it is spent, and what refuses it leaves the OTP to be used with another.
    let again = otp(&kit, ANNA).await;
    let mut request = json!({
        "individualId": ANNA, "challengeList": again, "publicKey": phone.jwk_json(), "proof": phone.proof(&good),
        "deviceName": "x"
    });
    assert_eq!(kit.post("/wallet/binding", request.clone(), &[]).await.code(), "invalid_proof");
    request["proof"] = phone.proof(&proof_claims(&kit).await).into();
    assert_eq!(kit.post("/wallet/binding", request, &[]).await.code(), "");
}

#[tokio::test]
async fn a_challenge_has_an_end() {
    let kit = Kit::new().await;
    people(&kit).await;
    let phone = Phone::es256();
    let mut claims = proof_claims(&kit).await;
    kit.clock.advance_seconds(300);
    claims.iat += 300;
    claims.exp += 300;
    let request = json!({
        "individualId": ANNA, "challengeList": otp(&kit, ANNA).await, "publicKey": phone.jwk_json(),
        "proof": phone.proof(&claims), "deviceName": "x"
    });
    assert_eq!(kit.post("/wallet/binding", request, &[]).await.code(), "invalid_proof");
}

#[tokio::test]
async fn names_and_identifiers_are_refused_by_their_codes() {
    let kit = Kit::new().await;
    people(&kit).await;
    let phone = Phone::es256();
    let proof = phone.proof(&proof_claims(&kit).await);
    let base = json!({
        "individualId": ANNA, "challengeList": [{ "authFactorType": "OTP", "challenge": "000000", "format": "alpha-numeric" }],
        "publicKey": phone.jwk_json(), "proof": proof, "deviceName": "x"
    });
    let with = async |name: &str, value: Value| {
        let mut request = base.clone();
        request[name] = value;
        kit.post("/wallet/binding", request, &[]).await.code()
    };
    assert_eq!(with("deviceName", json!(" ")).await, "invalid_device_name");
    assert_eq!(with("individualId", json!("")).await, "invalid_individual_id");
    assert_eq!(with("challengeList", json!([])).await, "invalid_no_of_challenges");
    assert_eq!(with("publicKey", json!(null)).await, "invalid_public_key");
    assert_eq!(with("individualId", json!("nobody")).await, "auth_failed");
    assert_eq!(with("deviceName", json!("y")).await, "auth_failed");
}

/// Case L10, natively: one's own key again is a renewal, somebody else's is refused.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_l10_a_key_belongs_to_one_person_and_keeps_its_device() {
    for kit in Kit::both().await {
        people(&kit).await;
        let phone = Phone::es256();
        let first = bind(&kit, ANNA, &phone).await;
        kit.clock.advance_seconds(3600);
        let second = bind(&kit, ANNA, &phone).await;
        assert_eq!(member(&first, "deviceId"), member(&second, "deviceId"));
        assert_ne!(member(&first, "certificate"), member(&second, "certificate"));
        assert_eq!(bind(&kit, BEN, &phone).await.code(), "duplicate_public_key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_l10_of_two_persons_who_send_one_key_at_once_one_has_it() {
    for kit in Kit::both().await {
        people(&kit).await;
        for _ in 0..4 {
            let phone = Phone::es256();
            let (anna, ben) = tokio::join!(bind(&kit, ANNA, &phone), bind(&kit, BEN, &phone));
            let mut codes = [anna.code(), ben.code()];
            codes.sort();
            assert_eq!(codes, ["", "duplicate_public_key"]);
        }
    }
}
