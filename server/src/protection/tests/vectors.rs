//! Published vectors.

use serde_json::{Value, json};

use super::{checked, client, hash};
use crate::protection::{NoBuffers, canonical, verify};
use crate::testkit::Kit;

/// RFC 8785, the test data of its author (OSIA-INT-05).
#[test]
fn the_canonical_form_is_that_of_rfc_8785() {
    for name in ["arrays", "french", "unicode", "values"] {
        let read = |which: &str| {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../protocol/tests/vectors/jcs");
            std::fs::read_to_string(format!("{folder}/{name}.{which}.json")).unwrap()
        };
        let input: Value = serde_json::from_str(&read("input")).unwrap();
        assert_eq!(canonical(&input).unwrap(), read("output").trim_end(), "{name}");
    }
}

const FINGER: &str = "7a0f87b0ebb9236486f32d0f19fb560af06e74ba2a0b1202c167453471113787";
const FORM: &str = "af91f5af01fe20f57ad56edf5a9cdf1d4e003f6202fd5c19393a0ed7b543310b";
const WHOLE: &str = "75ece99127701e2f74d9075bb6662cd33a3b59dbed935fbba5294de13771c369";

/// The example of OSIA's security chapter: blocks in a biometric and in a document, and one over both hashes. The third
/// hash is not printed there (OSIA-INT-03, OSIA-INT-04, OSIA-INT-11).
fn example() -> Value {
    json!({
        "enrollmentType": "citizen",
        "biographicData": { "firstName": "Alice", "lastName": "Smith", "dateOfBirth": "1990-02-03" },
        "biometricData": [{
            "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "instance": "a",
            "image": "SU1BR0UgQlVGRkVSIEJBU0U2NCBFTkNPREVE",
            "integrity": [
                { "id": "0", "scope": "instance", "alg": "SHA512", "hash": hash(&json!({ "instance": "a" }), "instance", "SHA512") },
                { "id": "1", "scope": "image biometricType biometricSubType", "alg": "SHA256", "hash": FINGER }
            ]
        }],
        "documentData": [{
            "documentType": "FORM",
            "parts": [{ "pages": [1, 2], "data": "c3RyaW5n" }, { "pages": [3], "data": "c3RyaW5n", "mimeType": "image/png" }],
            "integrity": [{ "id": "1", "scope": "parts[*].pages parts[*].data documentType", "alg": "SHA256", "hash": FORM }]
        }],
        "integrity": [{
            "id": "1", "type": "NONE", "alg": "SHA256", "hash": WHOLE,
            "scope": "biographicData.firstName biographicData.lastName biometricData[*].integrity[?@.id=='1'].hash documentData[*].integrity[?@.id == '1'].hash"
        }]
    })
}

#[tokio::test]
async fn the_example_of_the_security_chapter_holds_and_every_part_in_scope_counts() {
    let kit = Kit::new().await;
    checked(&kit, &example()).await.unwrap();
    for (pointer, other) in [
        ("/biographicData/firstName", json!("Alicia")),
        ("/biometricData/0/image", json!("SU1BR0UgQlVGRkVSIEJBU0U2NCBFTkNPREVA")),
        ("/biometricData/0/integrity/1/hash", json!(FORM)),
        ("/documentData/0/parts/1/pages", json!([4])),
        ("/documentData/0/documentType", json!("PASSPORT")),
        ("/integrity/0/hash", json!(FORM)),
        ("/integrity/0/alg", json!("SHA384")),
        ("/integrity/0/alg", json!("MD5")),
        ("/integrity/0/scope", json!("biographicData.firstName")),
        ("/integrity/0/scope", json!("nothing")),
        ("/integrity/0/scope", json!("$.[")),
        ("/integrity/0/scope", json!(" ")),
        ("/integrity/0/extra", json!("x")),
    ] {
        let mut document = example();
        match document.pointer_mut(pointer) {
            Some(value) => *value = other,
            None => document["integrity"][0]["extra"] = other,
        }
        let fault = checked(&kit, &document).await.unwrap_err().to_string();
        assert!(fault.contains("integrity"), "{pointer}: {fault}");
    }
    // Out of every scope (OSIA-INT-04).
    let mut document = example();
    document["biographicData"]["dateOfBirth"] = json!("1999-09-09");
    document["documentData"][0]["parts"][1]["mimeType"] = json!("image/jpeg");
    checked(&kit, &document).await.unwrap();
}

/// OSIA-INT-08: of several, the broken one is named.
#[tokio::test]
async fn the_block_that_does_not_hold_is_named() {
    let kit = Kit::new().await;
    let mut document = example();
    document["biometricData"][0]["integrity"][0]["hash"] = json!("00");
    let fault = checked(&kit, &document).await.unwrap_err().to_string();
    assert!(fault.starts_with("biometricData[0].integrity[0]: "), "{fault}");
    assert!(!fault.contains("Alice"));
}

/// OSIA-INT-01, OSIA-INT-02.
#[tokio::test]
async fn a_block_has_what_the_schema_wants_and_nothing_else() {
    let kit = Kit::new().await;
    for change in [
        json!({ "scope": null }),
        json!({ "alg": null }),
        json!({ "hash": null }),
        json!({ "type": "PGP" }),
        json!({ "type": "JWS" }),
        json!({ "type": "PKCS7" }),
        json!({ "encrypted": "yes" }),
    ] {
        let mut document = example();
        let block = document["integrity"][0].as_object_mut().unwrap();
        block.extend(change.as_object().unwrap().clone());
        block.retain(|_, value| !value.is_null());
        let refused = verify(&kit.state, &client(vec![], json!({})), &document, &NoBuffers, false).await;
        assert!(refused.is_err(), "{change}");
    }
    let mut document = example();
    document["integrity"][0].as_object_mut().unwrap().remove("type");
    checked(&kit, &document).await.unwrap();
}
