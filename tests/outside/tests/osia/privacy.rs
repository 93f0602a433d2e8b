//! What enrolling, searching and being refused leaves behind (GS-PRI-01, GS-SEC-05a): nothing of a person in the log at its
//! most verbose, in metrics, in refusals, or in clear in the database.

use outside::markers::{Markers, contents};
use outside::metrics::Metrics;
use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::{buffers, enrollment, finalize, new_id, office};

const FIRST: &str = "Zephyrine-Ørsted";
const LAST: &str = "Quillfeather-Marker";
const BORN: &str = "1987-11-23";
const SPOUSE: &str = "Peregrine Thistledown";
const PICTURE: &str = "a picture that nobody may find again";
const PAPER: &str = "what stands in the birth certificate";
const DELIVERY: &str = "11 Rue des Marqueurs";
const OPERATOR: &str = "operator-7-marker";

fn record() -> Value {
    json!({
        "requestData": { "deliveryAddress": { "address1": DELIVERY } },
        "contextualData": { "operator": OPERATOR },
        "biographicData": { "firstName": FIRST, "lastName": LAST, "dateOfBirth": BORN, "spouse": { "name": SPOUSE } },
        "biometricData": [{ "biometricType": "FACE", "image": base64(PICTURE) }],
        "documentData": [{ "documentType": "BIRTH_CERTIFICATE", "parts": [{ "data": base64(PAPER) }] }]
    })
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(text)
}

async fn driven(office: &Service, markers: &mut Markers) {
    let id = new_id();
    office.post(&enrollment(&id), &record()).await.is(204);
    office.patch(&enrollment(&id), &json!({ "biographicData": { "comment": "patched" } })).await.is(204);
    office.upload(&buffers(&id), "image/png", PICTURE.as_bytes()).await.is(201);
    office.get(&enrollment(&id)).await.is(200);
    for (name, operator, value) in [
        ("firstName", "=", FIRST),
        ("lastName", "!=", "nobody"),
        ("dateOfBirth", "<=", BORN),
        ("dateOfBirth", ">", "1950-01-01"),
    ] {
        let expression = json!([{ "attributeName": name, "operator": operator, "value": value }]);
        let found = office.post("/v1/enrollments?transactionId=t", &expression).await.json();
        assert_eq!(found[0]["enrollmentId"], id.as_str(), "{name} {operator}");
    }
    // Markers where something else is expected: each is refused, in words that do not repeat them.
    let mut bad = record();
    bad["biometricData"][0]["biometricType"] = LAST.into();
    markers.errors.push(office.post(&enrollment(&new_id()), &bad).await.refused(400));
    let mut bad = record();
    bad["documentData"][0]["parts"][0]["captureDate"] = BORN.into();
    markers.errors.push(office.put(&enrollment(&id), &bad).await.refused(400));
    let mut bad = record();
    bad["more"] = SPOUSE.into();
    markers.errors.push(office.put(&enrollment(&id), &bad).await.refused(400));
    let expression = json!([{ "attributeName": "firstName", "operator": LAST, "value": { FIRST: SPOUSE } }]);
    markers.errors.push(office.post("/v1/enrollments?transactionId=t", &expression).await.refused(400));
    let broken = office.request("POST", &enrollment(&new_id())).header("content-type", "application/json");
    let broken = broken.body(format!("{{\"biographicData\":{{\"spouse\":\"{SPOUSE}\",\"lastName\":{LAST}"));
    markers.errors.push(broken.send().await.unwrap().text().await.unwrap());
    markers
        .errors
        .push(office.get(&format!("{}&attributes={}", enrollment("none"), "Quillfeather-Marker")).await.text());
    office.send("PUT", &finalize(&id), None).await.is(204);
    markers.errors.push(office.put(&enrollment(&id), &record()).await.refused(403));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_enrollment_is_left_in_logs_metrics_errors_or_the_database() {
    for database in Database::all() {
        let (settings, metrics) = Metrics::listening("log = \"trace\"");
        let server = Server::start(database, &settings).await;
        let office = office(&server).await;
        let mut markers = Markers::default();
        for (what, value) in [
            ("first name", FIRST),
            ("last name", LAST),
            ("date of birth", BORN),
            ("spouse", SPOUSE),
            ("picture", PICTURE),
            ("document", PAPER),
            ("address", DELIVERY),
            ("operator", OPERATOR),
            ("token", &office.token),
        ] {
            markers.add(what, value);
        }
        driven(&office, &mut markers).await;
        for error in &markers.errors {
            markers.assert_absent("an error", error.as_bytes());
        }
        let text = metrics.text().await;
        assert!(text.contains("tessera_http_requests"), "{text}");
        markers.assert_absent("the metrics", text.as_bytes());
        let log = server.log();
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "the log is as verbose as it can be");
        markers.assert_absent("the log", log.as_bytes());
        for (place, bytes) in contents(&server, database).await {
            markers.assert_absent(&place, &bytes);
        }
    }
}
