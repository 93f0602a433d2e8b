//! Case L10: keys that must not be bound; and proofs that prove nothing.

use outside::server::{AMARA, Database, JONAS, Server};
use outside::wallet::Wallet;
use serde_json::{Value, json};

async fn otp(server: &Server, wallet: &Wallet, email: &str) -> String {
    let request = json!({ "individualId": wallet.individual_id, "otpChannels": ["email"] });
    let seen = server.gateway.count(email);
    wallet.post("/wallet/binding-otp", request).await.good();
    server.gateway.next(email, seen).await
}

#[tokio::test(flavor = "multi_thread")]
async fn l10_keys_that_are_weak_private_or_off_the_curve() {
    let server = Server::start(Database::Sqlite, "limits.otps_per_person = 100\nlimits.attempts = 100").await;
    let wallet = Wallet::new(&server, AMARA.id);
    let good: Value = serde_json::from_str(&wallet.jwk().canonical()).unwrap();
    let mut private = good.clone();
    private["d"] = good["x"].clone();
    let mut off_curve = good.clone();
    off_curve["y"] = good["x"].clone();
    let weak = josekit::jwk::Jwk::generate_rsa_key(1024).unwrap().to_public_key().unwrap();
    let symmetric = json!({ "kty": "oct", "k": "AAAA" });
    for (what, key) in [
        ("private member", private),
        ("off the curve", off_curve),
        ("RSA-1024", Value::Object(weak.into())),
        ("symmetric", symmetric),
        ("nothing", json!({})),
    ] {
        let otp = otp(&server, &wallet, AMARA.email).await;
        let mut request = wallet.binding_request(&otp).await;
        request["publicKey"] = key;
        let answer = wallet.post("/wallet/binding", request).await;
        assert_eq!(answer.code(), "invalid_public_key", "{what}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l10_one_key_is_of_one_person() {
    let server = Server::start(Database::Sqlite, "").await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let mut thief = Wallet { individual_id: JONAS.id.into(), ..wallet.clone() };
    let answer = thief.bind(&server, JONAS.email).await;
    assert_eq!(answer.code(), "duplicate_public_key", "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_binding_needs_a_fresh_proof_by_the_key_itself() {
    let server = Server::start(Database::Sqlite, "limits.otps_per_person = 100\nlimits.attempts = 100").await;
    let wallet = Wallet::new(&server, AMARA.id);
    let other = Wallet::new(&server, AMARA.id);
    let first = otp(&server, &wallet, AMARA.email).await;
    let good = wallet.binding_request(&first).await;
    let foreign = other.binding_request(&first).await;
    for (what, proof) in
        [("none", json!(null)), ("nonsense", json!("a.b.c")), ("of another key", foreign["proof"].clone())]
    {
        let mut request = wallet.binding_request(&otp(&server, &wallet, AMARA.email).await).await;
        request["proof"] = proof;
        let answer = wallet.post("/wallet/binding", request).await;
        assert!(["invalid_proof", "invalid_request"].contains(&answer.code()), "{what}: {}", answer.text);
    }
    let mut request = good.clone();
    request["challengeList"][0]["challenge"] = otp(&server, &wallet, AMARA.email).await.into();
    wallet.post("/wallet/binding", request.clone()).await.good();
    // The challenge is used up.
    request["challengeList"][0]["challenge"] = otp(&server, &wallet, AMARA.email).await.into();
    let again = wallet.post("/wallet/binding", request).await;
    assert_eq!(again.code(), "invalid_proof", "{}", again.text);
}
