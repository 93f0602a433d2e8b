//! What lies in the database, and what is written down of who did what: GS-SEC-05a, GS-SEC-05c, GS-ENR-08.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Office, jana, token};
use crate::store::StoreError;
use crate::testkit::Kit;

const TABLES: [&str; 8] = [
    "SELECT COUNT(*) FROM enrollment",
    "SELECT COUNT(*) FROM enrollment_biometrics",
    "SELECT COUNT(*) FROM enrollment_documents",
    "SELECT COUNT(*) FROM enrollment_attribute",
    "SELECT COUNT(*) FROM enrollment_bucket",
    "SELECT COUNT(*) FROM enrollment_finalized",
    "SELECT COUNT(*) FROM enrollment_buffer",
    "SELECT COUNT(*) FROM enrollment_buffer_chunk",
];

/// Rows in each table.
pub(super) async fn rows(kit: &Kit) -> Vec<i64> {
    let read = kit.state.store.read(|tx| {
        Box::pin(async move {
            let mut counts = Vec::new();
            for sql in TABLES {
                counts.push(crate::fetch_one!(tx, (i64,), sql)?.0);
            }
            Ok::<_, StoreError>(counts)
        })
    });
    read.await.unwrap()
}

/// No table of this room has a row.
pub(super) async fn nothing_is_left(kit: &Kit) {
    assert_eq!(rows(kit).await, [0; 8]);
}

#[tokio::test]
async fn gs_sec_05a_the_database_holds_no_clear_value() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    let marker = "Zzmarkedperson";
    let mut marked = jana();
    marked["biographicData"]["lastName"] = json!(marker);
    marked["biographicData"]["dateOfBirth"] = json!("1912-06-23");
    marked["biometricData"][0]["image"] = json!(marker);
    marked["documentData"][0]["parts"][0]["data"] = json!(marker);
    office.create(marker, &marked).await;
    office.store(marker, "image/png", marker.as_bytes()).await;
    assert_eq!(office.finalize(marker).await, StatusCode::NO_CONTENT);
    assert_eq!(office.read(marker).await.json()["biographicData"]["lastName"], marker);
    let file = kit.state.config.database.url.strip_prefix("sqlite:").unwrap().to_owned();
    let mut searched = 0;
    for name in [file.clone(), format!("{file}-wal")] {
        let Ok(bytes) = std::fs::read(&name) else { continue };
        searched += bytes.len();
        for secret in [marker, "Nováková", "1912-06-23", "T-finalize"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} in {name}");
        }
    }
    assert!(searched > 4096);
}

#[tokio::test]
async fn gs_enr_08_every_step_is_found_by_both_trace_ids() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &jana()).await;
        office.create("E2", &jana()).await;
        office.read("E1").await;
        assert_eq!(office.patch("E1", &json!({ "enrollmentType": "resident" })).await, StatusCode::NO_CONTENT);
        let buffer = office.store("E1", "image/png", b"bytes").await;
        assert_eq!(office.load("E1", &buffer).await.0, StatusCode::OK);
        office.find("", &json!([])).await;
        assert_eq!(office.finalize("E1").await, StatusCode::NO_CONTENT);
        assert_eq!(office.delete("E1").await, StatusCode::NO_CONTENT);

        let auditor = token(&kit, "office", &["audit_read"]).await;
        let search = async |request: Value| {
            let headers = [("authorization", format!("Bearer {auditor}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            let answer = kit.post("/audit/events/search", request, &headers).await;
            assert_eq!(answer.code(), "", "{}", answer.text);
            let events = answer.json()["response"]["events"].as_array().unwrap().clone();
            events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let steps = [
            "enrollment_created",
            "enrollment_read",
            "enrollment_changed",
            "buffer_stored",
            "buffer_read",
            "enrollment_finalized",
            "enrollment_deleted",
        ];
        assert_eq!(search(json!({ "enrollmentId": "E1" })).await, steps);
        assert_eq!(search(json!({ "transactionId": "T-finalize" })).await, ["enrollment_finalized"]);
        assert_eq!(search(json!({ "transactionId": "T-E2" })).await, ["enrollment_created"]);
        assert_eq!(
            search(json!({ "transactionId": "T" })).await,
            ["buffer_stored", "buffer_read", "enrollments_found"]
        );
        let both = json!({ "transactionId": "T-E1", "enrollmentId": "E1" });
        assert_eq!(
            search(both).await,
            ["enrollment_created", "enrollment_read", "enrollment_changed", "enrollment_deleted"]
        );
        assert!(search(json!({ "transactionId": "T-E1", "enrollmentId": "E2" })).await.is_empty());
        for bad in [json!({}), json!({ "individualId": "1", "transactionId": "T" })] {
            let headers = [("authorization", format!("Bearer {auditor}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            let answer = kit.post("/audit/events/search", bad, &headers).await;
            assert!(answer.code() != "" || answer.status.is_client_error());
        }
    }
}

/// OSIA-ERR-02: a database that is gone is told as such, with a body and nothing of the inside.
#[tokio::test]
async fn osia_err_02_a_broken_store_is_503() {
    let kit = Kit::new().await;
    let office = Office::new(&kit, "office", "ministry").await;
    office.create("E1", &jana()).await;
    kit.state
        .store
        .write(|tx| Box::pin(async move { crate::execute!(tx, "ALTER TABLE enrollment RENAME TO gone") }))
        .await
        .unwrap();
    let answer = office.json(Method::POST, &super::at("E2"), &jana()).await;
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (StatusCode::SERVICE_UNAVAILABLE, Some(503)));
    assert_eq!(office.read("E1").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(office.finalize("E1").await, StatusCode::SERVICE_UNAVAILABLE);
}
