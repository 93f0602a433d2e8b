//! The nine operations of OSIA enrollment 1.3.0, each with every answer that the file lists.

use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::{enrollment, example, finalize, new_id, office, read_back};

async fn read(office: &Service, id: &str) -> Value {
    office.get(&enrollment(id)).await.json()
}

async fn created(office: &Service) -> (String, Value) {
    let (id, sent) = (new_id(), example());
    office.post(&enrollment(&id), &sent).await.is(204);
    (id, sent)
}

/// GS-EAP-01 to 05, GS-ENR-02 to 04, OSIA-ENR-01a to 06b, OSIA-MOD-01 to 03.
#[tokio::test(flavor = "multi_thread")]
async fn an_enrollment_is_made_read_changed_and_finalized() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        creates(&office).await;
        reads(&office).await;
        replaces(&office).await;
        patches(&office).await;
        deletes(&office).await;
        finalizes(&office).await;
    }
}

async fn creates(office: &Service) {
    let (id, sent) = created(office).await;
    assert_eq!(read(office, &id).await, read_back(&sent, &id, "IN_PROGRESS"), "OSIA-ENR-01a, 01b, OSIA-MOD-03");
    // OSIA-ENR-01c: the id is taken, and what is there stays.
    office.post(&enrollment(&id), &json!({ "enrollmentType": "other" })).await.refused(409);
    assert_eq!(read(office, &id).await["enrollmentType"], "citizen");
    // OSIA-ENR-01b, GS-EAP-02, GS-ENR-02: one step.
    for (flag, status) in [("true", "FINALIZED"), ("false", "IN_PROGRESS")] {
        let id = new_id();
        office.post(&format!("{}&finalize={flag}", enrollment(&id)), &sent).await.is(204);
        assert_eq!(read(office, &id).await["status"], status, "OSIA-ENR-01b");
    }
    for flag in ["maybe", "1", "TRUE", ""] {
        let id = new_id();
        office.post(&format!("{}&finalize={flag}", enrollment(&id)), &sent).await.refused(400);
        office.get(&enrollment(&id)).await.refused(404);
    }
    // The body is not marked required.
    let id = new_id();
    office.send("POST", &enrollment(&id), None).await.is(204);
    assert_eq!(read(office, &id).await, json!({ "enrollmentId": id, "status": "IN_PROGRESS" }));
    // OSIA-MOD-01: an id in the body may not be another than that of the path.
    let id = new_id();
    office.post(&enrollment(&id), &json!({ "enrollmentId": "another" })).await.refused(400);
    office.get(&enrollment(&id)).await.refused(404);
}

async fn reads(office: &Service) {
    office.get(&enrollment(&new_id())).await.refused(404);
    let (id, sent) = created(office).await;
    // OSIA-ENR-02b: only these; id and status are required in any answer.
    let path = enrollment(&id);
    let one = office.get(&format!("{path}&attributes=biographicData")).await.json();
    let expected = json!({ "enrollmentId": id, "status": "IN_PROGRESS", "biographicData": sent["biographicData"] });
    assert_eq!(one, expected);
    let two = office.get(&format!("{path}&attributes=documentData&attributes=requestData")).await.json();
    let mut names: Vec<&String> = two.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["documentData", "enrollmentId", "requestData", "status"]);
}

async fn replaces(office: &Service) {
    let (id, _) = created(office).await;
    let other = json!({ "biographicData": { "firstName": "Jane" } });
    // OSIA-ENR-03: PUT is what is there afterwards, whole.
    office.put(&enrollment(&id), &other).await.is(204);
    assert_eq!(read(office, &id).await, read_back(&other, &id, "IN_PROGRESS"));
    office.put(&enrollment(&new_id()), &other).await.refused(404);
    office.put(&enrollment(&id), &json!({ "biographicData": { "firstName": "J" }, "more": 1 })).await.refused(400);
    assert_eq!(read(office, &id).await, read_back(&other, &id, "IN_PROGRESS"));
    office.put(&format!("{}&finalize=true", enrollment(&id)), &other).await.is(204);
    assert_eq!(read(office, &id).await["status"], "FINALIZED");
}

async fn patches(office: &Service) {
    let (id, sent) = created(office).await;
    let path = enrollment(&id);
    // OSIA-ENR-04a, GS-EAP-04: the example of the document.
    let patch = json!({ "biographicData": { "gender": null, "nationality": "DEU" } });
    office.patch(&path, &patch).await.is(204);
    let mut expected = read_back(&sent, &id, "IN_PROGRESS");
    expected["biographicData"]["nationality"] = "DEU".into();
    expected["biographicData"].as_object_mut().unwrap().remove("gender");
    assert_eq!(read(office, &id).await, expected);
    // RFC 7396 §4: its own media type too.
    let merge = office.request("PATCH", &path).header("content-type", "application/merge-patch+json");
    let merged = merge.body(r#"{"enrollmentFlags":null}"#).send().await.unwrap();
    assert_eq!(merged.status(), 204);
    expected.as_object_mut().unwrap().remove("enrollmentFlags");
    assert_eq!(read(office, &id).await, expected);
    // OSIA-ENR-04b, OSIA-DOC-06: a list is replaced as a whole.
    let documents =
        json!([{ "documentType": "ID_CARD", "parts": [{ "data": "VC DATA", "mimeType": "application/vc" }] }]);
    office.patch(&path, &json!({ "documentData": documents })).await.is(204);
    assert_eq!(read(office, &id).await["documentData"], documents);
    // What comes out is looked at, not the patch.
    for bad in [
        json!({ "documentData": [{ "documentType": "ID_CARD", "parts": [] }] }),
        json!({ "biometricData": [{ "biometricType": "VOICE" }] }),
        json!({ "more": 1 }),
        json!(["a"]),
    ] {
        office.patch(&path, &bad).await.refused(400);
    }
    assert_eq!(read(office, &id).await["documentData"], documents);
    office.patch(&enrollment(&new_id()), &patch).await.refused(404);
    // OSIA-ENR-04c.
    office.patch(&format!("{path}&finalize=true"), &json!({})).await.is(204);
    assert_eq!(read(office, &id).await["status"], "FINALIZED");
}

async fn deletes(office: &Service) {
    let (id, _) = created(office).await;
    let path = format!("/v1/enrollments/{id}/buffer?transactionId=t");
    let buffer = office.upload(&path, "image/png", b"picture").await;
    let buffer = buffer.is(201).parsed()["bufferId"].as_str().unwrap().to_owned();
    // OSIA-ENR-05.
    office.delete(&enrollment(&id)).await.is(204);
    office.get(&enrollment(&id)).await.refused(404);
    office.delete(&enrollment(&id)).await.refused(404);
    office.get(&format!("/v1/enrollments/{id}/buffer/{buffer}?transactionId=t")).await.refused(404);
}

async fn finalizes(office: &Service) {
    let (id, sent) = created(office).await;
    office.send("PUT", &finalize(&id), None).await.is(204);
    let finalized = read_back(&sent, &id, "FINALIZED");
    assert_eq!(read(office, &id).await, finalized, "OSIA-ENR-06a");
    // OSIA-ENR-06b, GS-ENR-04: nothing changes it any more.
    let change = json!({ "biographicData": { "firstName": "Eve" } });
    office.send("PUT", &finalize(&id), None).await.refused(403);
    office.put(&enrollment(&id), &change).await.refused(403);
    office.patch(&enrollment(&id), &change).await.refused(403);
    let path = format!("/v1/enrollments/{id}/buffer?transactionId=t");
    office.upload(&path, "image/png", b"late").await.refused(403);
    assert_eq!(read(office, &id).await, finalized);
    office.send("PUT", &finalize(&new_id()), None).await.refused(404);
}
