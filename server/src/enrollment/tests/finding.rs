//! Searches: OSIA-ENR-07, OSIA-EXP.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Office;
use crate::testkit::Kit;

fn one(name: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!([{ "attributeName": name, "operator": operator, "value": value.into() }])
}

/// Four people, and what each search over them finds.
#[tokio::test]
async fn osia_enr_07c_every_operator_over_every_kind_of_value_and_data() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let people = [
            json!({ "enrollmentType": "citizen", "biographicData":
                { "firstName": "Adam", "dateOfBirth": "1979-01-01", "height": 1.8, "children": 0, "alive": true } }),
            json!({ "requestData": { "priority": 2, "address": { "city": "Brno" } }, "biographicData":
                { "firstName": "Běla", "dateOfBirth": "1990-12-31", "height": 1.6, "children": 3, "alive": true } }),
            json!({ "enrollmentFlags": { "timeout": 3600 }, "contextualData": { "enrollmentDate": "2019-01-11" },
                "biographicData": { "firstName": "Cyril", "dateOfBirth": "1990-01-01", "children": -1, "alive": false } }),
            json!({ "documentData": [{ "documentType": "OTHER", "documentTypeOther": "lease", "instance": "7",
                    "parts": [{ "mimeType": "application/pdf" }] }],
                "biographicData": { "firstName": ["Dora", "Eva"], "dateOfBirth": "unknown", "height": 2 } }),
        ];
        for (n, person) in people.iter().enumerate() {
            office.create(&format!("E{n}"), person).await;
        }
        for (expressions, found) in [
            (one("firstName", "=", "Běla"), "1"),
            (one("firstName", "=", "Bela"), ""),
            (one("firstName", "=", "Eva"), "3"),
            (one("firstName", "<", "Cyril"), "01"),
            (one("firstName", ">=", "Cyril"), "23"),
            (one("firstName", "!=", "Adam"), "123"),
            (one("biographicData.firstName", "=", "Adam"), "0"),
            (one("requestData.firstName", "=", "Adam"), ""),
            (one("dateOfBirth", "<", "1990-12-31"), "02"),
            (one("dateOfBirth", "<=", "1990-12-31"), "012"),
            (one("dateOfBirth", ">", "1990-01-01"), "1"),
            (one("dateOfBirth", ">=", "1990"), "12"),
            (one("dateOfBirth", "!=", "1979-01-01"), "123"),
            (one("dateOfBirth", "=", "unknown"), "3"),
            (one("children", "=", 0), "0"),
            (one("children", "=", 3.0), "1"),
            (one("children", "<", 1), "02"),
            (one("children", ">", -1), "01"),
            (one("children", "!=", 3), "02"),
            (one("height", ">", 1.7), "03"),
            (one("height", "<=", 1.6), "1"),
            (one("height", "=", 2), "3"),
            (one("height", "=", 2.0), "3"),
            (one("alive", "=", true), "01"),
            (one("alive", "!=", true), "2"),
            (one("alive", "<", true), "2"),
            (one("alive", ">=", false), "012"),
            (one("alive", "=", "true"), ""),
            (one("priority", "=", 2), "1"),
            (one("requestData.address.city", "=", "Brno"), "1"),
            (one("address.city", "!=", "Praha"), "1"),
            (one("enrollmentFlags.timeout", ">=", 3600), "2"),
            (one("contextualData.enrollmentDate", "=", "2019-01-11"), "2"),
            (one("documentType", "=", "OTHER"), "3"),
            (one("documentData.documentTypeOther", "=", "lease"), "3"),
            (one("documentData.instance", "!=", "8"), "3"),
            (one("parts.mimeType", "=", "application/pdf"), "3"),
            (one("enrollmentId", "=", "E2"), "2"),
            (one("enrollmentId", ">", "E1"), "23"),
            (one("enrollmentType", "=", "citizen"), "0"),
            (one("status", "=", "IN_PROGRESS"), "0123"),
            (one("status", "!=", "IN_PROGRESS"), ""),
            (one("status", "=", "OPEN"), ""),
            (one("colour", "!=", "green"), ""),
            (one("", "=", ""), ""),
            (json!([]), "0123"),
        ] {
            let expected: Vec<String> = found.chars().map(|n| format!("E{n}")).collect();
            assert_eq!(office.find("", &expressions).await, expected, "{expressions}");
        }
        // All hold together.
        let both = |first: Value, second: Value| json!([first[0], second[0]]);
        let john = both(one("alive", "=", true), one("dateOfBirth", "<", "1990-12-31"));
        assert_eq!(office.find("", &john).await, ["E0"]);
        assert_eq!(office.find("", &both(one("alive", "=", true), one("children", "=", 3))).await, ["E1"]);
        assert!(office.find("", &both(one("alive", "=", true), one("children", "=", -1))).await.is_empty());
        // The status follows, and so does what was deleted.
        assert_eq!(office.finalize("E2").await, StatusCode::NO_CONTENT);
        assert_eq!(office.delete("E1").await, StatusCode::NO_CONTENT);
        assert_eq!(office.find("", &one("status", "=", "FINALIZED")).await, ["E2"]);
        assert_eq!(office.find("", &both(one("alive", "=", true), one("status", "<", "Z"))).await, ["E0"]);
        assert_eq!(office.find("", &json!([])).await, ["E0", "E2", "E3"]);
    }
}

#[tokio::test]
async fn osia_enr_07b_pages_are_disjoint_and_in_a_stable_order() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let ids: Vec<String> = (0..120).map(|n| format!("E{n:03}")).collect();
        for (n, id) in ids.iter().enumerate() {
            office.create(id, &json!({ "biographicData": { "gender": "F", "n": n } })).await;
        }
        // Some of both statuses, mixed.
        for id in ids.iter().step_by(7) {
            assert_eq!(office.finalize(id).await, StatusCode::NO_CONTENT);
        }
        for expressions in [json!([]), one("gender", "=", "F"), one("n", ">=", 0), one("gender", "!=", "M")] {
            assert_eq!(office.find("", &expressions).await, ids[..100]);
            assert_eq!(office.find("&offset=100", &expressions).await, ids[100..]);
            assert_eq!(office.find("&offset=5&limit=5", &expressions).await, ids[5..10]);
            assert_eq!(office.find("&limit=1000", &expressions).await, ids);
            assert!(office.find("&limit=0", &expressions).await.is_empty());
            assert!(office.find("&offset=120", &expressions).await.is_empty());
        }
        let paths = ["offset=-1", "limit=-1", "limit=1001", "limit=x", "limit=5&limit=6", "offset=99999999999"];
        for query in paths {
            let path = format!("/v1/enrollments?transactionId=T&{query}");
            assert_eq!(office.json(Method::POST, &path, &json!([])).await.status, StatusCode::BAD_REQUEST, "{query}");
        }
    }
}

/// More than are looked at in one go, of both statuses.
#[tokio::test]
async fn osia_enr_07b_a_search_goes_on_after_its_first_batch() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let ids: Vec<String> = (0..450).map(|n| format!("E{n:03}")).collect();
    for (n, id) in ids.iter().enumerate() {
        let path = format!("/v1/enrollments/{id}?transactionId=T&finalize={}", n % 3 == 0);
        let body = json!({ "biographicData": { "gender": "F", "last": n == 449 } });
        assert_eq!(office.json(Method::POST, &path, &body).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(office.find("&limit=1000", &json!([])).await, ids);
    assert_eq!(office.find("&limit=1000", &one("gender", "!=", "M")).await, ids);
    assert_eq!(office.find("", &json!([one("gender", "=", "F")[0], one("last", "!=", false)[0]])).await, ["E449"]);
}

#[tokio::test]
async fn osia_exp_04_a_search_is_an_array_of_expressions() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    office.create("E1", &json!({})).await;
    let path = "/v1/enrollments?transactionId=T";
    for bad in [
        json!({}),
        json!([{ "attributeName": "a", "operator": "~", "value": "b" }]),
        json!([{ "attributeName": "a", "operator": "=", "value": null }]),
        json!([{ "attributeName": "a", "operator": "=" }]),
        json!(vec![one("a", "=", 1)[0].clone(); 101]),
    ] {
        assert_eq!(office.json(Method::POST, path, &bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let bare = office.bare(Method::POST, path).await;
    assert_eq!((bare.status, bare.json().as_array().unwrap().len()), (StatusCode::OK, 1));
}
