//! Create, read, update, patch, delete, finalize: OSIA-ENR-01 to OSIA-ENR-06, OSIA-MOD-01, OSIA-MOD-02, GS-EAP.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{Office, at, jana, with_head};
use crate::testkit::Kit;

#[tokio::test]
async fn osia_enr_01_an_enrollment_is_made_once_under_the_clients_id() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        let answer = office.read("E1").await;
        assert_eq!(answer.json(), with_head(jana(), "E1", "IN_PROGRESS"));
        assert_eq!(answer.headers["cache-control"], "no-store");
        // OSIA-ENR-01c: the first one stays.
        let again = office.json(Method::POST, &at("E1"), &json!({})).await;
        assert_eq!((again.status, again.json()["code"].as_i64()), (StatusCode::CONFLICT, Some(409)));
        assert_eq!(office.read("E1").await.json(), with_head(jana(), "E1", "IN_PROGRESS"));
        // GS-EAP-02, OSIA-ENR-01b.
        for (finalize, status) in [("true", "FINALIZED"), ("false", "IN_PROGRESS")] {
            let path = format!("/v1/enrollments/E-{finalize}?finalize={finalize}&transactionId=T");
            assert_eq!(office.json(Method::POST, &path, &jana()).await.status, StatusCode::NO_CONTENT);
            assert_eq!(office.read(&format!("E-{finalize}")).await.json()["status"], status);
        }
        let path = "/v1/enrollments/E2?finalize=maybe&transactionId=T";
        assert_eq!(office.json(Method::POST, path, &jana()).await.status, StatusCode::BAD_REQUEST);
        assert_eq!(office.read("E2").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn osia_enr_01_a_body_is_not_required_and_must_be_json() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    assert_eq!(office.bare(Method::POST, &at("E1")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(office.read("E1").await.json(), with_head(json!({}), "E1", "IN_PROGRESS"));
    for (kind, body, status) in [
        (Some("text/plain"), "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (None, "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Some("application/merge-patch+json"), "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (Some("application/json"), "{", StatusCode::BAD_REQUEST),
        (Some("application/json"), "[]", StatusCode::BAD_REQUEST),
        (Some("application/json"), "{\"colour\":1}", StatusCode::BAD_REQUEST),
        (Some("Application/JSON; charset=utf-8"), "{}", StatusCode::NO_CONTENT),
    ] {
        let request = office.request(Method::POST, &at("E2"), kind).body(body.into()).unwrap();
        assert_eq!(kit.send(request).await.status, status, "{kind:?} {body}");
    }
}

#[tokio::test]
async fn osia_enr_02_members_are_read_as_asked_for() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    office.create("E1", &jana()).await;
    let unknown = office.read("E9").await;
    assert_eq!((unknown.status, unknown.json()["code"].as_i64()), (StatusCode::NOT_FOUND, Some(404)));
    let path = format!("{}&attributes=biographicData&attributes=enrollmentType", at("E1"));
    let expected = json!({ "enrollmentType": "citizen", "biographicData": jana()["biographicData"] });
    assert_eq!(office.bare(Method::GET, &path).await.json(), with_head(expected, "E1", "IN_PROGRESS"));
    let path = format!("{}&attributes=biometricData", at("E1"));
    let expected = json!({ "biometricData": jana()["biometricData"] });
    assert_eq!(office.bare(Method::GET, &path).await.json(), with_head(expected, "E1", "IN_PROGRESS"));
    let path = format!("{}&attributes=", at("E1"));
    assert_eq!(office.bare(Method::GET, &path).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn osia_enr_03_put_replaces_the_whole() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        assert_eq!(office.put("E1", &jana()).await, StatusCode::NOT_FOUND);
        office.create("E1", &jana()).await;
        let other = json!({ "biographicData": { "firstName": "Eva" } });
        assert_eq!(office.put("E1", &other).await, StatusCode::NO_CONTENT);
        assert_eq!(office.read("E1").await.json(), with_head(other.clone(), "E1", "IN_PROGRESS"));
        // What is no longer there is no longer found.
        let by = |name: &str| json!([{ "attributeName": "firstName", "operator": "=", "value": name }]);
        assert!(office.find("", &by("Jana")).await.is_empty());
        assert_eq!(office.find("", &by("Eva")).await, ["E1"]);
        assert_eq!(office.put("E1", &json!({ "biometricData": [{}] })).await, StatusCode::BAD_REQUEST);
        let path = format!("{}&finalize=true", at("E1"));
        assert_eq!(office.json(Method::PUT, &path, &jana()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(office.read("E1").await.json(), with_head(jana(), "E1", "FINALIZED"));
    }
}

#[tokio::test]
async fn osia_enr_04_patch_changes_what_it_names() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let patch = json!({ "biographicData": { "gender": null, "nationality": "FRA" } });
        assert_eq!(office.patch("E1", &patch).await, StatusCode::NOT_FOUND);
        office.create("E1", &jana()).await;
        assert_eq!(office.patch("E1", &patch).await, StatusCode::NO_CONTENT);
        let mut expected = with_head(jana(), "E1", "IN_PROGRESS");
        expected["biographicData"].as_object_mut().unwrap().remove("gender");
        expected["biographicData"]["nationality"] = json!("FRA");
        assert_eq!(office.read("E1").await.json(), expected);
        // OSIA-ENR-04b, OSIA-DOC-06: a list is replaced whole. The other media type of RFC 7396 does too.
        let documents =
            json!([{ "documentType": "ID_CARD", "parts": [{ "data": "VC DATA", "mimeType": "application/vc" }] }]);
        let body = json!({ "documentData": documents }).to_string();
        let request = office.request(Method::PATCH, &at("E1"), Some("application/merge-patch+json"));
        assert_eq!(kit.send(request.body(body.into()).unwrap()).await.status, StatusCode::NO_CONTENT);
        expected["documentData"] = documents;
        assert_eq!(office.read("E1").await.json(), expected);
        // The result must be good; a patch alone need not be.
        for bad in [
            json!({ "documentData": [{ "documentType": "ID_CARD", "parts": [] }] }),
            json!({ "colour": "green" }),
            json!({ "biometricData": "none" }),
            json!({ "enrollmentId": "E2" }),
            json!([]),
        ] {
            assert_eq!(office.patch("E1", &bad).await, StatusCode::BAD_REQUEST, "{bad}");
        }
        assert_eq!(office.read("E1").await.json(), expected);
        // OSIA-MOD-02, and a patch without a body.
        assert_eq!(office.patch("E1", &json!({ "status": "FINALIZED" })).await, StatusCode::NO_CONTENT);
        assert_eq!(office.bare(Method::PATCH, &at("E1")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(office.read("E1").await.json(), expected);
        // OSIA-ENR-04c.
        let path = format!("{}&finalize=true", at("E1"));
        let last = json!({ "documentData": null });
        assert_eq!(office.json(Method::PATCH, &path, &last).await.status, StatusCode::NO_CONTENT);
        expected.as_object_mut().unwrap().remove("documentData");
        expected["status"] = json!("FINALIZED");
        assert_eq!(office.read("E1").await.json(), expected);
    }
}

#[tokio::test]
async fn osia_enr_05_a_deleted_enrollment_leaves_nothing() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        let buffer = office.store("E1", "image/png", b"bytes").await;
        assert_eq!(office.delete("E1").await, StatusCode::NO_CONTENT);
        assert_eq!(office.read("E1").await.status, StatusCode::NOT_FOUND);
        assert_eq!(office.load("E1", &buffer).await.0, StatusCode::NOT_FOUND);
        assert_eq!(office.delete("E1").await, StatusCode::NOT_FOUND);
        // A finalized one too; nobody takes it on then.
        office.create("E1", &jana()).await;
        assert_eq!(office.finalize("E1").await, StatusCode::NO_CONTENT);
        assert_eq!(office.delete("E1").await, StatusCode::NO_CONTENT);
        assert!(crate::enrollment::finalized(&kit.state, i64::MIN, 9).await.unwrap().is_empty());
        super::kept::nothing_is_left(&kit).await;
    }
}

#[tokio::test]
async fn osia_enr_06_what_is_finalized_is_not_changed_any_more() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        assert_eq!(office.finalize("E1").await, StatusCode::NOT_FOUND);
        // GS-ENR-03: several steps, by several clients of one relying party.
        office.create("E1", &json!({ "requestData": { "priority": 1 } })).await;
        let other = Office::new(&kit, "other-office", "ministry").await;
        assert_eq!(
            other.patch("E1", &json!({ "biographicData": { "firstName": "Eva" } })).await,
            StatusCode::NO_CONTENT
        );
        assert_eq!(office.finalize("E1").await, StatusCode::NO_CONTENT);
        let expected = json!({ "requestData": { "priority": 1 }, "biographicData": { "firstName": "Eva" } });
        for _ in 0..2 {
            assert_eq!(office.finalize("E1").await, StatusCode::FORBIDDEN);
            assert_eq!(office.put("E1", &jana()).await, StatusCode::FORBIDDEN);
            assert_eq!(office.patch("E1", &jana()).await, StatusCode::FORBIDDEN);
            let refused = office.buffer("E1", "image/png", &[], "bytes").await;
            assert_eq!((refused.status, refused.json()["code"].as_i64()), (StatusCode::FORBIDDEN, Some(403)));
            assert_eq!(office.read("E1").await.json(), with_head(expected.clone(), "E1", "FINALIZED"));
        }
    }
}

/// OSIA-MOD-01: what a body says of its id is ignored where it is right, and refused where it is wrong.
#[tokio::test]
async fn osia_mod_01_the_id_in_a_body_is_that_of_the_path() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let refused = office.json(Method::POST, &at("E1"), &json!({ "enrollmentId": "E2" })).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    office.create("E1", &json!({ "enrollmentId": "E1", "status": "FINALIZED" })).await;
    assert_eq!(office.read("E1").await.json(), with_head(json!({}), "E1", "IN_PROGRESS"));
}

/// Path tricks: an id is a key, never a path.
#[tokio::test]
async fn an_id_may_look_like_anything_and_is_only_itself() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    for id in ["%2e%2e", "..%2f..%2fetc%2fpasswd", "a%2Fbuffer", "C:%5Ctemp", "%27%20OR%201=1--", "%C5%99", "+", "%25"]
    {
        office.create(id, &json!({ "requestData": id })).await;
        assert_eq!(office.read(id).await.json()["requestData"], id);
    }
    let too_long = "x".repeat(257);
    for bad in ["a%00b", "%0a", "%ff", too_long.as_str()] {
        let answer = office.json(Method::POST, &at(bad).replace(&format!("T-{bad}"), "T"), &json!({})).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (StatusCode::BAD_REQUEST, Some(400)), "{bad}");
    }
}

/// Single values are indexed one by one, so that their number has a bound.
#[tokio::test]
async fn an_enrollment_has_a_bounded_number_of_values_and_bytes() {
    let config = crate::config::Config {
        enrollment: crate::config::Enrollment { largest_record: 100_000, ..crate::config::Enrollment::default() },
        ..crate::config::Config::default()
    };
    let kit = Kit::with(config).await;
    let office = Office::new(&kit, "office", "ministry").await;
    let many = |count: usize| json!({ "biographicData": { "aliases": vec!["x"; count] } });
    office.create("E1", &many(999)).await;
    assert_eq!(office.put("E1", &many(1001)).await, StatusCode::BAD_REQUEST);
    let large = json!({ "biographicData": { "firstName": "x".repeat(100_000) } });
    let answer = office.json(Method::POST, &at("E2"), &large).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (StatusCode::PAYLOAD_TOO_LARGE, Some(413)));
    assert_eq!(office.read("E2").await.status, StatusCode::NOT_FOUND);
}
