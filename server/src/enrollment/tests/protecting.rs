//! Integrity and encryption through the calls: OSIA-INT, OSIA-ENC, GS-ENR-05 to GS-ENR-07.

use axum::http::{Method, StatusCode};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Office, at, jana, with_head};
use crate::clients::{EnrollmentPolicy, KeySource, Registration};
use crate::keys::encrypt;
use crate::protection::{Scope, canonical, intermediate};
use crate::testkit::{Kit, Pair};

/// Gives a client a key and a policy, as an operator does.
async fn equip(kit: &Kit, client: &str, key: &Pair, policy: Value) {
    let registration = Registration {
        name: [("@none".to_owned(), client.to_owned())].into(),
        keys: KeySource::Keys(vec![key.public.clone()]),
        enrollment_policy: EnrollmentPolicy::read(policy.as_object().unwrap()).unwrap(),
        ..Registration::default()
    };
    let (text, client) = (serde_json::to_string(&registration).unwrap(), client.to_owned());
    let sql = "UPDATE client SET registration = $1, changes = changes + 1 WHERE client_id = $2";
    let write = kit.state.store.write(move |tx| Box::pin(async move { crate::execute!(tx, sql, text, client) }));
    write.await.unwrap();
    // Nodes see a change within five seconds.
    kit.clock.advance_seconds(6);
}

/// A block over `scope` of the document as it is in the clear, signed.
fn signed(key: &Pair, clear: &Value, scope: &str) -> Value {
    let found = Scope::parse(scope).unwrap().locate(clear).unwrap();
    let text = canonical(&intermediate(clear, &found)).unwrap();
    let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = key.over(&json!({ "alg": key.alg.name() }), hash.as_bytes());
    json!({ "scope": scope, "alg": "SHA256", "hash": hash, "type": "JWS", "signature": signature })
}

/// GS-ENR-05b, GS-ENR-05d: right → 204, one byte changed → 400 and nothing is written, by POST, PUT, PATCH and finalize.
#[tokio::test]
async fn gs_enr_05_what_does_not_hold_is_refused_at_every_write_and_changes_nothing() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let (key, other) = (Pair::new(Algorithm::Es256), Pair::new(Algorithm::Es256));
    equip(&kit, "office", &key, json!({})).await;
    let mut good = jana();
    good["integrity"] = json!([signed(&key, &jana(), "biographicData")]);
    let mut bad = good.clone();
    bad["biographicData"]["firstName"] = json!("Jane");
    let mut by_other = jana();
    by_other["integrity"] = json!([signed(&other, &jana(), "biographicData")]);

    for wrong in [&bad, &by_other] {
        let answer = office.json(Method::POST, &at("E1"), wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let said = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(said.starts_with("integrity[0]: ") && !said.contains("Jan"), "{said}");
    }
    assert_eq!(office.read("E1").await.status, StatusCode::NOT_FOUND);
    office.create("E1", &good).await;
    assert_eq!(office.put("E1", &bad).await, StatusCode::BAD_REQUEST);
    let patch = json!({ "biographicData": { "firstName": "Jane" } });
    assert_eq!(office.patch("E1", &patch).await, StatusCode::BAD_REQUEST);
    assert_eq!(office.read("E1").await.json(), with_head(good.clone(), "E1", "IN_PROGRESS"));
    assert_eq!(office.patch("E1", &json!({ "enrollmentType": "resident" })).await, StatusCode::NO_CONTENT);

    // Rotated out: what it signs is good no more, what it signed is.
    equip(&kit, "office", &other, json!({})).await;
    assert_eq!(office.put("E1", &good).await, StatusCode::BAD_REQUEST);
    let again = office.json(Method::POST, &at("E2"), &good).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    // GS-ENR-03: another client of the service goes on, and signs what it adds itself.
    let second = Office::new(&kit, "second", "ministry").await;
    let hers = Pair::new(Algorithm::Es384);
    equip(&kit, "second", &hers, json!({})).await;
    let more = json!({ "contextualData": { "device": "d" } });
    let blocks = |by: &Pair| json!([good["integrity"][0], signed(by, &more, "contextualData.device")]);
    let patch = |by: &Pair| json!({ "contextualData": { "device": "d" }, "integrity": blocks(by) });
    assert_eq!(second.patch("E1", &patch(&key)).await, StatusCode::BAD_REQUEST);
    assert_eq!(second.patch("E1", &patch(&hers)).await, StatusCode::NO_CONTENT);
    assert_eq!(second.finalize("E1").await, StatusCode::NO_CONTENT);
}

/// GS-ENR-05a, GS-ENR-06, GS-ENR-07: a packet made offline, by a client that must sign and encrypt; what came encrypted is
/// given back so.
#[tokio::test]
async fn gs_enr_07_a_signed_and_encrypted_packet_is_one_call() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let key = Pair::new(Algorithm::EdDsa);
        let policy = json!({ "context": ["enrollmentDate"], "integrity": ["biographicData", "biometricData"],
            "signature": ["JWS"], "encryption": ["biographicData", "biometricData[*].image"] });
        equip(&kit, "office", &key, policy).await;
        let path = "/v1/enrollments/P1?finalize=true&transactionId=T";
        let refused = office.json(Method::POST, path, &jana()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);

        let server = kit.state.keys.encryption_keys().await.unwrap();
        let server = Jwk::from_value(&server[0].jwk).unwrap();
        let mut packet = jana();
        let whole = json!({ "enrollmentId": "P1", "biographicData": packet["biographicData"],
            "biometricData": packet["biometricData"] });
        packet["integrity"] = json!([signed(&key, &whole, "enrollmentId biographicData biometricData")]);
        packet["biographicData"] =
            json!(encrypt(&server, None, jana()["biographicData"].to_string().as_bytes()).unwrap());
        packet["biometricData"][0]["image"] = json!(encrypt(&server, None, b"string").unwrap());
        packet["encryption"] = json!({ "type": "JWE", "scope": "biographicData biometricData[*].image" });

        // Of another enrollment, by its id, which is signed too.
        let moved = office.json(Method::POST, "/v1/enrollments/P2?finalize=true&transactionId=T", &packet).await;
        assert_eq!(moved.status, StatusCode::BAD_REQUEST);
        let answer = office.json(Method::POST, path, &packet).await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(office.read("P1").await.json(), with_head(packet, "P1", "FINALIZED"));
    }
}

/// OSIA-ENC-05, OSIA-INT-07, over uploaded buffers; what is encrypted must open when the enrollment is finalized.
#[tokio::test]
async fn osia_enc_05_uploaded_buffers_are_hashed_and_opened() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let server = kit.state.keys.encryption_keys().await.unwrap();
    let server = Jwk::from_value(&server[1].jwk).unwrap();
    // More than one chunk.
    let finger = vec![7; 600 * 1024];
    let url = |id: &str, buffer: &str| {
        let public = kit.state.config.public_url.as_str().trim_end_matches('/').to_owned();
        format!("{public}/v1/enrollments/{id}/buffer/{buffer}")
    };
    let plain = office.store("B1", "image/png", &finger).await;
    let mut data = json!({ "biometricType": "FINGER", "imageRef": url("B1", &plain) });
    let in_place = json!({ "image": base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &finger) });
    let found = Scope::parse("image").unwrap().locate(&in_place).unwrap();
    let text = canonical(&intermediate(&in_place, &found)).unwrap();
    let hash: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    data["integrity"] = json!([{ "scope": "image", "alg": "SHA256", "hash": hash, "followRef": true }]);
    office.create("B1", &json!({ "biometricData": [data] })).await;
    let another = office.store("B1", "image/png", b"another").await;
    data["imageRef"] = json!(url("B1", &another));
    assert_eq!(office.put("B1", &json!({ "biometricData": [data] })).await, StatusCode::BAD_REQUEST);
    // Another enrollment's buffer, and another server's.
    for foreign in [url("B2", &office.store("B2", "image/png", &finger).await), "https://other.test/b".into()] {
        data["imageRef"] = json!(foreign);
        assert_eq!(office.put("B1", &json!({ "biometricData": [data] })).await, StatusCode::BAD_REQUEST);
    }

    let sealed = encrypt(&server, None, &finger).unwrap();
    for (id, bytes, status) in [
        ("S1", sealed.as_bytes(), StatusCode::NO_CONTENT),
        ("S2", b"not encrypted".as_slice(), StatusCode::BAD_REQUEST),
    ] {
        let buffer = office.store(id, "application/jose", bytes).await;
        let data = json!({ "biometricType": "FINGER", "imageRef": url(id, &buffer),
            "encryption": { "type": "JWE", "scope": "imageRef" } });
        office.create(id, &json!({ "biometricData": [data] })).await;
        assert_eq!(office.finalize(id).await, status, "{id}");
        assert_eq!(office.load(id, &buffer).await.2, bytes, "it is read as it was sent");
    }
}
