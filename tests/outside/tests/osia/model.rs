//! The data model of OSIA enrollment 1.3.0: every enumeration with each of its values, every type, every limit.

use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::{enrollment, new_id, office, read_back};

const SUB_TYPES: &str = "UNKNOWN RIGHT_THUMB RIGHT_INDEX RIGHT_MIDDLE RIGHT_RING RIGHT_LITTLE LEFT_THUMB LEFT_INDEX
    LEFT_MIDDLE LEFT_RING LEFT_LITTLE PLAIN_RIGHT_FOUR_FINGERS PLAIN_LEFT_FOUR_FINGERS PLAIN_THUMBS UNKNOWN_PALM
    RIGHT_FULL_PALM RIGHT_WRITERS_PALM LEFT_FULL_PALM LEFT_WRITERS_PALM RIGHT_LOWER_PALM RIGHT_UPPER_PALM LEFT_LOWER_PALM
    LEFT_UPPER_PALM RIGHT_OTHER LEFT_OTHER RIGHT_INTERDIGITAL RIGHT_THENAR RIGHT_HYPOTHENAR LEFT_INTERDIGITAL LEFT_THENAR
    LEFT_HYPOTHENAR RIGHT_INDEX_AND_MIDDLE RIGHT_MIDDLE_AND_RING RIGHT_RING_AND_LITTLE LEFT_INDEX_AND_MIDDLE
    LEFT_MIDDLE_AND_RING LEFT_RING_AND_LITTLE RIGHT_INDEX_AND_LEFT_INDEX RIGHT_INDEX_AND_MIDDLE_AND_RING
    RIGHT_MIDDLE_AND_RING_AND_LITTLE LEFT_INDEX_AND_MIDDLE_AND_RING LEFT_MIDDLE_AND_RING_AND_LITTLE EYE_UNDEF EYE_RIGHT
    EYE_LEFT EYE_BOTH PORTRAIT LEFT_PROFILE RIGHT_PROFILE";

const IMPRESSIONS: &str = "LIVE_SCAN_PLAIN LIVE_SCAN_ROLLED NONLIVE_SCAN_PLAIN NONLIVE_SCAN_ROLLED LATENT_IMPRESSION
    LATENT_TRACING LATENT_PHOTO LATENT_LIFT LIVE_SCAN_SWIPE LIVE_SCAN_VERTICAL_ROLL LIVE_SCAN_PALM NONLIVE_SCAN_PALM
    LATENT_PALM_IMPRESSION LATENT_PALM_TRACING LATENT_PALM_PHOTO LATENT_PALM_LIFT LIVE_SCAN_OPTICAL_CONTACTLESS_PLAIN OTHER
    UNKNOWN";

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// An enrollment with this FINGER.
fn finger(members: Value) -> Value {
    let mut one = json!({ "biometricType": "FINGER" });
    one.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "biometricData": [one] })
}

/// An enrollment with this FORM.
fn form(members: Value) -> Value {
    let mut one = json!({ "documentType": "FORM", "parts": [{ "data": "AA==" }] });
    one.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    json!({ "documentData": [one] })
}

/// An enrollment with a FORM of this part.
fn part(members: Value) -> Value {
    form(json!({ "parts": [members] }))
}

/// What is taken, and read back as it was sent.
fn taken() -> Vec<(&'static str, Value)> {
    let mut all = Vec::new();
    let kinds = ["FACE", "FINGER", "IRIS", "SIGNATURE", "UNKNOWN"];
    all.push(("OSIA-BIO-01", json!({ "biometricData": kinds.map(|kind| json!({ "biometricType": kind })) })));
    let each = |member: &str, values: Vec<&str>| -> Value {
        let one = |value: &&str| finger(json!({ member: value }))["biometricData"][0].clone();
        json!({ "biometricData": values.iter().map(one).collect::<Vec<_>>() })
    };
    assert_eq!((words(SUB_TYPES).len(), words(IMPRESSIONS).len()), (49, 19));
    all.push(("OSIA-BIO-02", each("biometricSubType", words(SUB_TYPES))));
    all.push(("OSIA-BIO-03", each("impressionType", words(IMPRESSIONS))));
    all.push(("OSIA-BIO-04", each("compression", words("NONE WSQ JPEG JPEG2000 PNG"))));
    let twice =
        ["1", "2"].map(|n| json!({ "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "instance": n }));
    all.push(("OSIA-BIO-05", json!({ "biometricData": twice })));
    all.push(("OSIA-BIO-06", finger(json!({ "image": "iVBORw==" }))));
    all.push(("OSIA-BIO-06", finger(json!({ "imageRef": "http://imageserver.com/image?id=00003" }))));
    for date in ["2019-05-21T12:00:00+01:00", "2019-05-21T12:00:00Z", "2019-05-21T12:00:00.123-08:00"] {
        all.push(("OSIA-BIO-07", finger(json!({ "captureDate": date }))));
    }
    let numbers =
        json!({ "width": 640, "height": 480, "bitdepth": 8, "resolution": 500, "quality": 9_007_199_254_740_000i64 });
    all.push(("OSIA-BIO-08", finger(numbers)));
    let texts = json!({ "mimeType": "image/jp2", "captureDevice": "d", "metadata": "m", "comment": "é", "algorithm": "a",
        "vendor": "v", "compression": "JPEG2000" });
    all.push(("OSIA-BIO-09 GS-EAP-07 GS-EAP-08", finger(texts)));
    for format in
        ["ISO_19794_2", "ISO_19794_2_NS", "ISO_19794_2_CS", "ISO_19794_2_2011", "ANSI_378_2009", "ANSI_378", "ACME"]
    {
        all.push(("OSIA-BIO-10", finger(json!({ "template": "AA==", "templateFormat": format }))));
    }
    all.push(("OSIA-BIO-10", finger(json!({ "templateRef": "http://dataserver.com/template?id=00014" }))));
    for format in ["ISO_19794", "NFIQ", "NFIQ2", "ACME"] {
        all.push(("OSIA-BIO-11", finger(json!({ "quality": 1, "qualityFormat": format }))));
    }
    for presence in ["BANDAGED", "AMPUTATED", "DAMAGED"] {
        let missing = json!([{ "biometricSubType": "RIGHT_RING", "presence": presence }, {}]);
        all.push(("OSIA-BIO-12", finger(json!({ "missing": missing }))));
    }
    for kind in ["ID_CARD", "PASSPORT", "INVOICE", "BIRTH_CERTIFICATE", "FORM", "OTHER"] {
        all.push(("OSIA-DOC-01", form(json!({ "documentType": kind }))));
    }
    all.push(("OSIA-DOC-02", form(json!({ "documentType": "OTHER", "documentTypeOther": "lease", "instance": "2" }))));
    all.push(("OSIA-DOC-04", part(json!({ "pages": [1, 2], "data": "AA==" }))));
    let whole = json!({ "dataRef": "http://server.com/buffer?id=00003", "width": 1, "height": 2, "mimeType": "image/jpeg",
        "captureDate": "2019-05-21T12:00:00+01:00", "captureDevice": "d" });
    all.push(("OSIA-DOC-05", part(whole)));
    all.push(("OSIA-DOC-06", part(json!({ "data": "VC DATA", "mimeType": "application/vc" }))));
    for (id, member) in [
        ("OSIA-MOD-04", "requestData"),
        ("OSIA-MOD-05", "enrollmentFlags"),
        ("OSIA-MOD-06", "contextualData"),
        ("OSIA-MOD-07", "biographicData"),
    ] {
        let any = json!({ "number": 1.5, "whole": -3, "text": "Łódź ☃ 名前", "flag": false, "object": { "a": { "b": [1, "c"] } } });
        all.push((id, json!({ member: any })));
    }
    all
}

/// What is refused, and leaves nothing.
fn refused() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("OSIA-MOD-03", json!({ "more": 1 })),
        ("OSIA-MOD-03", json!({ "enrollmentType": 1 })),
        ("OSIA-MOD-03", json!({ "biometricData": {} })),
        ("OSIA-MOD-03", json!({ "documentData": "none" })),
        ("OSIA-MOD-03", json!([])),
        ("OSIA-MOD-03", json!("text")),
        ("OSIA-BIO-01", json!({ "biometricData": [{ "biometricType": "VOICE" }] })),
        ("OSIA-BIO-01", json!({ "biometricData": [{ "biometricSubType": "RIGHT_INDEX" }] })),
        ("OSIA-BIO-12", finger(json!({ "missing": [{ "presence": "LOST" }] }))),
        ("OSIA-BIO-12", finger(json!({ "missing": [{ "biometricSubType": "TOE" }] }))),
        ("OSIA-BIO-12", finger(json!({ "missing": [{ "more": 1 }] }))),
        ("OSIA-BIO-13", finger(json!({ "more": 1 }))),
        ("OSIA-DOC-01", form(json!({ "documentType": "LEASE" }))),
        ("OSIA-DOC-01", json!({ "documentData": [{ "parts": [{}] }] })),
        ("OSIA-DOC-03", form(json!({ "parts": [] }))),
        ("OSIA-DOC-03", json!({ "documentData": [{ "documentType": "FORM" }] })),
        ("OSIA-DOC-04", part(json!({ "pages": [] }))),
        ("OSIA-DOC-04", part(json!({ "pages": ["1"] }))),
        ("OSIA-DOC-04", part(json!({ "pages": 1 }))),
        ("OSIA-DOC-05", part(json!({ "dataRef": "not a uri" }))),
        ("OSIA-DOC-05", part(json!({ "captureDate": "21/05/2019" }))),
        ("OSIA-DOC-05", part(json!({ "more": 1 }))),
        ("OSIA-DOC-05", form(json!({ "more": 1 }))),
        ("OSIA-DOC-05", form(json!({ "encryption": { "type": "JWE", "scope": "parts" } }))),
    ];
    let wrong =
        [("OSIA-BIO-02", "biometricSubType"), ("OSIA-BIO-03", "impressionType"), ("OSIA-BIO-04", "compression")];
    for (id, member) in wrong {
        for value in [json!("OTHER_VALUE"), json!("right_index"), json!(1), json!(null)] {
            all.push((id, finger(json!({ member: value }))));
        }
    }
    for member in ["imageRef", "templateRef"] {
        for uri in ["not a uri", "", "image.png"] {
            all.push(("OSIA-BIO-06", finger(json!({ member: uri }))));
        }
    }
    for date in ["21/05/2019", "2019-05-21", "2019-05-21T12:00:00", "2019-13-21T12:00:00Z", "2019-02-30T12:00:00Z"] {
        all.push(("OSIA-BIO-07", finger(json!({ "captureDate": date }))));
    }
    for member in ["width", "height", "bitdepth", "resolution", "quality"] {
        for value in [json!("640"), json!(1.5), json!(true), json!(1e300)] {
            all.push(("OSIA-BIO-08", finger(json!({ member: value }))));
        }
    }
    for member in
        ["instance", "captureDevice", "mimeType", "metadata", "comment", "templateFormat", "qualityFormat", "vendor"]
    {
        all.push(("OSIA-BIO-09", finger(json!({ member: 1 }))));
    }
    all
}

async fn holds(office: &Service) {
    for (requirement, sent) in taken() {
        let id = new_id();
        let reply = office.post(&enrollment(&id), &sent).await;
        assert_eq!(reply.status, 204, "{requirement} {sent}: {}", reply.text());
        assert_eq!(office.get(&enrollment(&id)).await.json(), read_back(&sent, &id, "IN_PROGRESS"), "{requirement}");
    }
    let id = new_id();
    for (requirement, sent) in refused() {
        let reply = office.post(&enrollment(&id), &sent).await;
        assert_eq!(reply.status, 400, "{requirement} {sent}: {}", reply.text());
        reply.refused(400);
    }
    // OSIA-ERR-02: what is no JSON.
    for bad in ["{", "", "{\"enrollmentType\":\"a\"", "{\"a\":NaN}", "\u{0}"] {
        let request = office.request("PUT", &enrollment(&id)).header("content-type", "application/json");
        let status = request.body(bad).send().await.unwrap().status().as_u16();
        // Without a body there is nothing to refuse but the id.
        assert!(status == 400 || (bad.is_empty() && status == 404), "OSIA-ERR-02 {bad:?}: {status}");
    }
    office.get(&enrollment(&id)).await.refused(404);
}

/// OSIA-MOD-03 to 07, OSIA-BIO-01 to 13, OSIA-DOC-01 to 06, OSIA-ERR-02.
#[tokio::test(flavor = "multi_thread")]
async fn the_model_is_taken_as_it_is_written_and_no_more() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        holds(&office(&server).await).await;
    }
}

/// OSIA-MOD-02: the status is the server's own.
#[tokio::test(flavor = "multi_thread")]
async fn the_status_is_not_the_clients_to_say() {
    let server = Server::start(Database::Sqlite, "").await;
    let office = office(&server).await;
    let id = new_id();
    office.post(&enrollment(&id), &json!({})).await.is(204);
    let said = office.patch(&enrollment(&id), &json!({ "status": "FINALIZED" })).await.status;
    assert!([204, 400].contains(&said), "{said}");
    assert_eq!(office.get(&enrollment(&id)).await.json()["status"], "IN_PROGRESS");
    office.patch(&enrollment(&id), &json!({ "status": "OVER" })).await.refused(400);
}
