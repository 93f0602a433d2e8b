//! What the operator asks of a client's enrollments (GS-ENR-05a).

use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::{Held, block, client, hash, person};
use crate::keys::encrypt;
use crate::protection::verify;
use crate::testkit::{Kit, Pair};
use protocol::jwk::Jwk;

async fn refused(kit: &Kit, pair: &Pair, policy: &Value, document: &Value) -> Option<String> {
    let client = client(vec![pair.public.clone()], policy.clone());
    let held = Held::one("https://id.test/v1/enrollments/e/buffer/b", b"finger");
    verify(&kit.state, &client, document, &held, true).await.err().map(|fault| fault.to_string())
}

#[tokio::test]
async fn context_is_there_where_it_is_asked_for() {
    let (kit, pair) = (Kit::new().await, Pair::new(Algorithm::Es256));
    let policy = json!({ "context": ["operator", "place"] });
    for (context, missing) in [
        (Value::Null, "contextualData.operator"),
        (json!({ "operator": "", "place": "x" }), "contextualData.operator"),
        (json!({ "operator": 7, "place": null }), "contextualData.place"),
    ] {
        let document = json!({ "contextualData": context });
        let said = refused(&kit, &pair, &policy, &document).await.unwrap();
        assert!(said.starts_with(missing), "{said}");
    }
    let document = json!({ "contextualData": { "operator": 7, "place": "x" } });
    assert_eq!(refused(&kit, &pair, &policy, &document).await, None);
}

#[tokio::test]
async fn what_must_be_covered_is_covered_and_signed_directly_or_by_its_hash() {
    let (kit, pair) = (Kit::new().await, Pair::new(Algorithm::Es256));
    let policy = json!({ "integrity": ["biographicData", "biometricData[*].image"], "signature": ["JWS"] });
    let said = refused(&kit, &pair, &policy, &person()).await.unwrap();
    assert!(said.starts_with("biographicData: ") && said.contains("integrity block"), "{said}");

    // One block in each biometric, and one over the rest and their hashes.
    let mut document = person();
    let face = block(&document["biometricData"][0], "image");
    let finger = json!({ "image": "ZmluZ2Vy" });
    let finger =
        json!({ "scope": "image", "alg": "SHA256", "followRef": true, "hash": hash(&finger, "image", "SHA256") });
    document["biometricData"][0]["integrity"] = json!([face]);
    document["biometricData"][1]["integrity"] = json!([finger]);
    let scope =
        "biographicData.firstName biographicData.lastName biographicData.height biometricData[*].integrity[*].hash";
    let mut whole = block(&document, scope);
    let unsigned = {
        let mut document = document.clone();
        document["integrity"] = json!([whole]);
        document
    };
    let said = refused(&kit, &pair, &policy, &unsigned).await.unwrap();
    assert!(said.contains("signed"), "{said}");

    whole["type"] = json!("JWS");
    whole["signature"] = json!(pair.over(&json!({ "alg": "ES256" }), whole["hash"].as_str().unwrap().as_bytes()));
    document["integrity"] = json!([whole]);
    assert_eq!(refused(&kit, &pair, &policy, &document).await, None);

    // A member more, which the block does not know.
    let mut more = document.clone();
    more["biographicData"]["gender"] = json!("F");
    assert!(refused(&kit, &pair, &policy, &more).await.unwrap().starts_with("biographicData: "));

    // The address of a buffer is not the buffer.
    let mut address = document.clone();
    address["biometricData"][1]["integrity"] = json!([block(&address["biometricData"][1], "imageRef")]);
    assert!(refused(&kit, &pair, &policy, &address).await.is_some());
    let policy = json!({ "integrity": ["biometricData[1].image"] });
    let mut address = person();
    address["biometricData"][1]["integrity"] = json!([block(&address["biometricData"][1], "imageRef")]);
    let said = refused(&kit, &pair, &policy, &address).await.unwrap();
    assert!(said.starts_with("biometricData[1].image: "), "{said}");

    // Another format than the one that is asked for.
    let policy = json!({ "integrity": ["biographicData"], "signature": ["PKCS7"] });
    assert!(refused(&kit, &pair, &policy, &document).await.unwrap().contains("signed"));
    // What is not there needs no protection.
    assert_eq!(refused(&kit, &pair, &policy, &json!({})).await, None);
}

/// GS-ENR-06, GS-ENR-07: a whole packet, signed and encrypted without any earlier call but one for the published keys.
#[tokio::test]
async fn a_packet_made_offline_is_one_document() {
    let (kit, pair) = (Kit::new().await, Pair::new(Algorithm::Es256));
    let policy = json!({ "context": ["operator"], "integrity": ["biographicData", "contextualData", "biometricData"],
        "signature": ["JWS"], "encryption": ["biographicData", "biometricData[*].image"] });
    let keys = kit.state.keys.encryption_keys().await.unwrap();
    let key = Jwk::from_value(&keys[0].jwk).unwrap();
    let mut document = json!({
        "contextualData": { "operator": "o-17", "date": "2024-03-01" },
        "biographicData": { "firstName": "Alice" },
        "biometricData": [{ "biometricType": "FACE", "captureDate": "2024-03-01T08:00:00Z", "image": "aW1hZ2U=" }]
    });
    let mut seal = block(&document, "contextualData biographicData biometricData");
    seal["type"] = json!("JWS");
    seal["signature"] = json!(pair.over(&json!({ "alg": "ES256" }), seal["hash"].as_str().unwrap().as_bytes()));
    document["integrity"] = json!([seal]);
    let said = refused(&kit, &pair, &policy, &document).await.unwrap();
    assert!(said.contains("encrypted"), "{said}");
    document["biographicData"] = json!(encrypt(&key, None, br#"{"firstName":"Alice"}"#).unwrap());
    document["biometricData"][0]["image"] = json!(encrypt(&key, None, b"image").unwrap());
    document["encryption"] = json!({ "type": "JWE", "scope": "biographicData biometricData[*].image" });
    assert_eq!(refused(&kit, &pair, &policy, &document).await, None);
}
