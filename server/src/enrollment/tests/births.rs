//! Dates of birth that lie ahead. The kit's clock stands at 2026-01-05.

use axum::http::{Method, StatusCode};
use protocol::jwk::Jwk;
use serde_json::{Value, json};

use super::{Office, at, jana, with_head};
use crate::keys::encrypt;
use crate::testkit::Kit;

fn born(date: &str) -> Value {
    let mut enrollment = jana();
    enrollment["biographicData"]["dateOfBirth"] = json!(date);
    enrollment
}

/// Nobody is enrolled who is born later than tomorrow, in one step or in several; and nothing is changed by it.
#[tokio::test]
async fn on_both_nobody_is_enrolled_before_birth() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        for late in ["2026-01-07", "2090-01-01", "2027"] {
            for path in [at("E1"), format!("{}&finalize=true", at("E1"))] {
                let refused = office.json(Method::POST, &path, &born(late)).await;
                assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{late}");
                let message = refused.json()["message"].as_str().unwrap().to_owned();
                assert!(message.starts_with("biographicData.dateOfBirth ") && !message.contains(late), "{message}");
            }
        }
        assert_eq!(office.read("E1").await.status, StatusCode::NOT_FOUND);
        office.create("E1", &born("2026-01-06")).await;
        assert_eq!(office.put("E1", &born("2026-01-07")).await, StatusCode::BAD_REQUEST);
        let patch = json!({ "biographicData": { "dateOfBirth": "2026-01-07" } });
        assert_eq!(office.patch("E1", &patch).await, StatusCode::BAD_REQUEST);
        assert_eq!(office.read("E1").await.json(), with_head(born("2026-01-06"), "E1", "IN_PROGRESS"));
        assert_eq!(office.finalize("E1").await, StatusCode::NO_CONTENT);
    }
}

/// OSIA-ENC-03: what comes encrypted is held against the same rule.
#[tokio::test]
async fn osia_enc_03_an_encrypted_birth_is_no_later_either() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let published = kit.state.keys.encryption_keys().await.unwrap();
    let key =
        published.iter().map(|key| Jwk::from_value(&key.jwk).unwrap()).find(|key| key.may_encrypt("RSA-OAEP-256"));
    let key = key.unwrap();
    let sealed = |date: &str| {
        let clear = json!({ "firstName": "Jana", "dateOfBirth": date }).to_string();
        let encrypted = encrypt(&key, None, clear.as_bytes()).unwrap();
        json!({ "biographicData": encrypted, "encryption": { "type": "JWE", "scope": "biographicData" } })
    };
    let refused = office.json(Method::POST, &at("E1"), &sealed("2026-01-07")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
    assert!(refused.json()["message"].as_str().unwrap().contains("dateOfBirth"), "{}", refused.text);
    assert_eq!(office.read("E1").await.status, StatusCode::NOT_FOUND);
    office.create("E1", &sealed("2026-01-06")).await;
}
