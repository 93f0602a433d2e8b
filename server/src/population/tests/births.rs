//! Dates of birth that lie ahead. The kit's clock stands at 2026-01-05.

use axum::http::Method;
use serde_json::json;

use crate::config::Config;
use crate::population::test_kit::{Office, john};
use crate::testkit::Kit;

/// Nobody is born later than tomorrow, whichever call says so; and nothing is changed by it.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_an_identity_says_no_birth_in_the_future() {
    let mut config = Config::default();
    config.lifetimes.access_token = 100_000;
    for kit in Kit::both_with(&config).await {
        let office = Office::new(&kit).await;
        office.person("P1").await;
        let born = |date: &str| {
            let mut identity = john("CLAIMED");
            identity["biographicData"]["dateOfBirth"] = json!(date);
            identity
        };
        office.identity("P1", "1", born("2026-01-06")).await;
        let one = "persons/P1/identities/1";
        for (method, path, body) in [
            (Method::POST, "persons/P1/identities", born("2026-01-07")),
            (Method::POST, "persons/P1/identities/2", born("2090-01-01")),
            (Method::PUT, one, born("2027")),
            (Method::PATCH, one, json!({ "biographicData": { "dateOfBirth": "2026-01-07T00:00:00Z" } })),
            (Method::PATCH, one, json!({ "biographicData": { "birthdate": "2026-02-01" } })),
        ] {
            let refused = office.call(method.clone(), path, Some(body)).await;
            assert_eq!(refused.status, 400, "{method} {path}: {}", refused.text);
            let message = refused.json()["message"].as_str().unwrap().to_owned();
            assert!(message.starts_with("biographicData.") && message.contains("future"), "{message}");
            assert!(!message.contains("20"), "no value is told: {message}");
        }
        let (_, all) = office.get("persons/P1/identities").await;
        assert_eq!(all.as_array().unwrap().len(), 1);
        assert_eq!(all[0]["biographicData"]["dateOfBirth"], "2026-01-06");
        // What is no date is kept as it came, and so is what other members say.
        let odd = json!({ "biographicData": { "dateOfBirth": "unknown", "visaUntil": "2090-01-01" } });
        assert_eq!(office.call(Method::PATCH, one, Some(odd)).await.status, 204);
        kit.clock.advance_seconds(24 * 3600);
        assert_eq!(office.post("persons/P1/identities/2", born("2026-01-07")).await, 201, "a day later");
    }
}
