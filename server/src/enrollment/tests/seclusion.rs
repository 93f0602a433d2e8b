//! Who may do what, and who sees whose: GS-SEC-01, GS-SEC-05b, GS-ENR-05c, OSIA-COM-01.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;

use super::{Office, SCOPES, at, jana, register, token};
use crate::config::{Config, Enrollment};
use crate::testkit::Kit;

/// Every operation: method, path, scope, media type of its body.
const OPERATIONS: [(&str, &str, &str, &str); 9] = [
    ("POST", "/v1/enrollments/E1", "enroll.write", "application/json"),
    ("GET", "/v1/enrollments/E1", "enroll.read", ""),
    ("PUT", "/v1/enrollments/E1", "enroll.write", "application/json"),
    ("PATCH", "/v1/enrollments/E1", "enroll.write", "application/json"),
    ("PUT", "/v1/enrollments/E1/finalize", "enroll.write", ""),
    ("DELETE", "/v1/enrollments/E1", "enroll.write", ""),
    ("POST", "/v1/enrollments", "enroll.read", "application/json"),
    ("POST", "/v1/enrollments/E1/buffer", "enroll.buf.write", "image/png"),
    ("GET", "/v1/enrollments/E1/buffer/AAAAAAAAAAAAAAAAAAAAAA", "enroll.buf.read", ""),
];

async fn ask(
    kit: &Kit,
    (method, path, _, kind): (&str, &str, &str, &str),
    token: &str,
    query: &str,
) -> (StatusCode, i64) {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
    request = request.uri(format!("{path}{query}"));
    if !token.is_empty() {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if kind == "application/json" && path.ends_with("enrollments") { "[]" } else { "{}" };
    let body = if kind.is_empty() { Body::empty() } else { body.into() };
    if !kind.is_empty() {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    let answer = kit.send(request.body(body).unwrap()).await;
    (answer.status, answer.json()["code"].as_i64().unwrap_or_default())
}

#[tokio::test]
async fn gs_sec_01_each_operation_asks_for_its_scope_and_a_transaction_id() {
    let kit = Kit::new().await;
    register(&kit, "office", "ministry").await;
    for operation in OPERATIONS {
        let (_, path, scope, _) = operation;
        let refused = |status: StatusCode| (status, i64::from(status.as_u16()));
        let traced = "?transactionId=T";
        assert_eq!(ask(&kit, operation, "", traced).await, refused(StatusCode::UNAUTHORIZED), "{path}");
        assert_eq!(ask(&kit, operation, "x", traced).await, refused(StatusCode::UNAUTHORIZED), "{path}");
        for other in SCOPES.iter().filter(|other| **other != scope) {
            let token = token(&kit, "office", &[other]).await;
            assert_eq!(ask(&kit, operation, &token, traced).await, refused(StatusCode::FORBIDDEN), "{path} {other}");
        }
        let token = token(&kit, "office", &[scope]).await;
        for query in ["", "?transactionId=", "?transactionId=a&transactionId=b"] {
            assert_eq!(ask(&kit, operation, &token, query).await, refused(StatusCode::BAD_REQUEST), "{path} {query}");
        }
        let (status, _) = ask(&kit, operation, &token, traced).await;
        assert!(![401, 403].contains(&status.as_u16()), "{path} {status}");
    }
}

#[tokio::test]
async fn gs_sec_05b_services_do_not_see_each_others_enrollments() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        let branch = Office::new(&kit, "branch", "ministry").await;
        let hospital = Office::new(&kit, "hospital", "hospital").await;
        office.create("E1", &jana()).await;
        let buffer = office.store("E1", "image/png", b"bytes").await;

        assert_eq!(hospital.read("E1").await.status, StatusCode::NOT_FOUND);
        assert_eq!(hospital.put("E1", &jana()).await, StatusCode::NOT_FOUND);
        assert_eq!(hospital.patch("E1", &jana()).await, StatusCode::NOT_FOUND);
        assert_eq!(hospital.finalize("E1").await, StatusCode::NOT_FOUND);
        assert_eq!(hospital.delete("E1").await, StatusCode::NOT_FOUND);
        assert_eq!(hospital.load("E1", &buffer).await.0, StatusCode::NOT_FOUND);
        for expressions in [json!([]), json!([{ "attributeName": "firstName", "operator": "=", "value": "Jana" }])] {
            assert!(hospital.find("", &expressions).await.is_empty());
        }
        // The id is free there: nobody learns that it is taken elsewhere. Its buffers are its own.
        hospital.create("E1", &json!({})).await;
        assert_eq!(hospital.load("E1", &buffer).await.0, StatusCode::NOT_FOUND);
        assert_eq!(hospital.delete("E1").await, StatusCode::NO_CONTENT);

        assert_eq!(branch.find("", &json!([])).await, ["E1"]);
        assert_eq!(branch.load("E1", &buffer).await.2, b"bytes".as_slice());
        assert_eq!(branch.json(Method::POST, &at("E1"), &jana()).await.status, StatusCode::CONFLICT);
    }
}

/// Relying parties that the configuration joins are one service.
#[tokio::test]
async fn gs_sec_05b_the_configuration_joins_relying_parties() {
    let services = ["ministry", "embassy"].map(|party| (party.to_owned(), "population".to_owned())).into();
    let config = Config { enrollment: Enrollment { services, ..Enrollment::default() }, ..Config::default() };
    let kit = Kit::with(config).await;
    let ministry = Office::new(&kit, "office", "ministry").await;
    let embassy = Office::new(&kit, "embassy", "embassy").await;
    let hospital = Office::new(&kit, "hospital", "hospital").await;
    ministry.create("E1", &jana()).await;
    assert_eq!(embassy.find("", &json!([])).await, ["E1"]);
    assert_eq!(embassy.finalize("E1").await, StatusCode::NO_CONTENT);
    assert_eq!(hospital.read("E1").await.status, StatusCode::NOT_FOUND);
}
