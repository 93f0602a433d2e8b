//! What is not as an interface has it: refused in words that help, changing nothing, wherever it is sent.

use outside::server::{Database, Server};
use outside::service::{Reply, Service};
use serde_json::{Value, json};

use crate::{enrollment, new_id, office};

/// All that an identity office may do.
const IDENTITY: [&str; 12] = [
    "enroll.write",
    "enroll.read",
    "pr.person.read",
    "pr.person.write",
    "pr.person.match",
    "pr.identity.read",
    "pr.identity.write",
    "pr.gallery.read",
    "pr.history.read",
    "pr.identifier.read",
    "id.verify",
    "uin.generate",
];

async fn raw(service: &Service, method: &str, path: &str, body: &str) -> Reply {
    Reply::of(service.request(method, path).header("content-type", "application/json").body(body.to_owned())).await
}

fn identity() -> Value {
    json!({
        "status": "CLAIMED", "identityType": "CIVIL", "biographicData": { "firstName": "Ann", "lastName": "Lee" },
        "galleries": ["G1"]
    })
}

/// OSIA-ERR-02, OSIA-MOD-07, GS-VAP-06: of two values under one name nobody can say which was meant, or signed.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_stands_once_in_an_object() {
    let server = Server::start(Database::Sqlite, "").await;
    let service = Service::register(&server, &IDENTITY).await;
    let (id, person) = (new_id(), "/pr/v1/persons/P1?transactionId=t");
    let before = json!({ "biographicData": { "firstName": "A" } });
    service.post(&enrollment(&id), &before).await.is(204);
    service.post(person, &json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" })).await.is(201);
    service.post("/pr/v1/persons/P1/identities/i1?transactionId=t", &identity()).await.is(201);
    let twice = r#"{"biographicData":{"firstName":"B","firstName":"C"}}"#;
    let whole = r#"{"status":"CLAIMED","identityType":"X","biographicData":{"a":{"b":1,"b":2}}}"#;
    let search = r#"[{"attributeName":"a","operator":"=","value":1,"value":2}]"#;
    for (method, path, body) in [
        ("POST", enrollment(&new_id()), twice),
        ("PUT", enrollment(&id), twice),
        ("PATCH", enrollment(&id), twice),
        ("POST", "/v1/enrollments?transactionId=t".into(), search),
        ("POST", "/pr/v1/persons/P1/identities?transactionId=t".into(), whole),
        ("PUT", "/pr/v1/persons/P1/identities/i1?transactionId=t".into(), whole),
        ("PATCH", "/pr/v1/persons/P1/identities/i1?transactionId=t".into(), twice),
        ("POST", "/data/v1/persons/P1/match".into(), r#"{"firstName":"B","firstName":"Ann"}"#),
        ("POST", "/v1/verify/P1?transactionId=t".into(), twice),
        ("POST", "/v1/uin?transactionId=t".into(), r#"{"a":1,"a":1}"#),
    ] {
        let message = raw(&service, method, &path, body).await.refused(400);
        assert!(message.contains("twice"), "{method} {path}: {message}");
    }
    assert_eq!(service.get(&enrollment(&id)).await.json()["biographicData"], before["biographicData"]);
    let identities = service.get("/pr/v1/persons/P1/identities?transactionId=t").await.json();
    assert_eq!(identities.as_array().unwrap().len(), 1);
    assert_eq!(identities[0]["biographicData"], identity()["biographicData"]);
}

/// OSIA-ERR-02, GS-PRI-01a: a list is no object, a refusal names the member, and no value is quoted.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_member_and_quotes_nothing() {
    let server = Server::start(Database::Sqlite, "").await;
    let service = Service::register(&server, &IDENTITY).await;
    let history = "/identity/person/history";
    for (path, body, part) in [
        (history, json!(["7000000001", null, null]), "object"),
        (history, json!({}), "individualId"),
        (history, json!({ "individualId": 7_000_000_001_u64 }), "individualId"),
        (history, json!({ "individualId": "7000000001", "marker": 1 }), "marker"),
        ("/identity/identifiers/list", json!(["7000000001"]), "object"),
        ("/v1/enrollments?transactionId=t", json!([{ "attributeName": "a", "operator": "=" }]), "[0].value"),
        ("/v1/enrollments?transactionId=t", json!([{ "attributeName": "a", "operator": "~", "value": 1 }]), "operator"),
        ("/pr/v1/persons?transactionId=t", json!([["a", "=", 1]]), "[0]"),
    ] {
        let message = service.post(path, &body).await.refused(400);
        assert!(message.contains(part), "{path} {body}: {message}");
        assert!(!message.contains("7000000001"), "{message}");
    }
    // OSIA's files require no body there: none is an object without members.
    let number = service.send("POST", "/v1/uin?transactionId=t", None).await.json();
    assert!(number.as_str().is_some_and(|number| !number.is_empty()), "{number}");
    let text = service.request("POST", "/v1/uin?transactionId=t").header("content-type", "text/plain").body("x");
    Reply::of(text).await.refused(415);
}

/// OSIA-ENR-07b, OSIA-COM-01: numbers of a query are digits, and what is not UTF-8 is not read as something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_read_to_the_letter() {
    let server = Server::start(Database::Sqlite, "").await;
    let office = office(&server).await;
    for bad in ["limit=%2B5", "limit=5.0", "offset=1e2", "limit=%20", "offset=", "offset=-1", "limit=1001"] {
        office.post(&format!("/v1/enrollments?transactionId=t&{bad}"), &json!([])).await.refused(400);
    }
    office.post("/v1/enrollments?transactionId=t&limit=0", &json!([])).await.json();
    let id = new_id();
    office.post(&enrollment(&id), &json!({})).await.is(204);
    for bad in ["transactionId=t&attributes=%FF", "transactionId=t&%C3=x", "transactionId=%ED%A0%80"] {
        office.get(&format!("/v1/enrollments/{id}?{bad}")).await.refused(400);
    }
    office.get(&format!("/v1/enrollments/{id}?transactionId=%C3%A9")).await.json();
}

/// Population registry: names that mean something else, or that nobody can type, are nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_and_a_gallery_have_sound_names() {
    let server = Server::start(Database::Sqlite, "").await;
    let service = Service::register(&server, &IDENTITY).await;
    let alive = json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" });
    for bad in ["%00", "a%00b", "a%7Fb", "a%20b", "%E2%80%83"] {
        service.post(&format!("/pr/v1/persons/{bad}?transactionId=t"), &alive).await.refused(400);
    }
    service.post("/pr/v1/persons/P1?transactionId=t", &alive).await.is(201);
    let mut every = identity();
    every["galleries"] = json!(["ALL"]);
    service.post("/pr/v1/persons/P1/identities?transactionId=t", &every).await.refused(400);
    service.post("/pr/v1/persons/P1/identities/i1?transactionId=t", &identity()).await.is(201);
    assert_eq!(service.get("/pr/v1/galleries?transactionId=t").await.json(), json!(["G1"]));
    let weighed = service.request("GET", "/pr/v1/galleries/ALL?transactionId=t");
    let weighed = Reply::of(weighed.header("accept", "text/csv;q=0.5, application/json")).await;
    assert_eq!(weighed.json(), json!([{ "personId": "P1", "identityId": "i1" }]));
}

/// GS-IDM-02b: what proves nothing is no evidence, and of two values for one attribute none is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_clear_and_proved() {
    let server = Server::start(Database::Sqlite, "").await;
    let service = Service::register(&server, &IDENTITY).await;
    server.command(&["person", "add", "--uin", "7000000021", "--set", "given_name=Ann", "--set", "family_name=Lee"]);
    let paper = |data: &str| json!([{ "documentType": "OTHER", "parts": [{ "mimeType": "image/png", "data": data }] }]);
    let good = json!({
        "individualId": "7000000021", "set": { "lastName": "Sow" }, "reason": "marriage", "evidence": paper("c3RyaW5n")
    });
    let path = "/identity/person/change";
    for (member, value) in [
        ("evidence", paper("no base64!")),
        ("evidence", paper("")),
        ("reason", json!("a\u{0}b")),
        ("reason", json!(" \n")),
        ("set", json!({})),
        ("set", json!({ "lastName": "Sow", "family_name": "Ba" })),
        ("unset", json!(["family_name"])),
        ("unset", json!(["firstName", "given_name"])),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        service.post(path, &bad).await.refused(400);
    }
    let history = json!({ "individualId": "7000000021" });
    let entries = async || service.post("/identity/person/history", &history).await.json()["entries"].clone();
    assert_eq!(entries().await.as_array().unwrap().len(), 1, "only that she was added");
    let changed = service.post(path, &good).await.json()["changed"].clone();
    assert!(changed.as_array().unwrap().contains(&json!("family_name")), "{changed}");
    assert_eq!(entries().await.as_array().unwrap().len(), 2);
}

/// The operator's commands: each error says what to do, and nothing is done.
#[tokio::test(flavor = "multi_thread")]
async fn commands_refuse_with_what_to_do() {
    let server = Server::start(Database::Sqlite, "").await;
    server.command(&["person", "add", "--uin", "7000000031", "--set", "given_name=Ann"]);
    let office = office(&server).await;
    let id = new_id();
    let empty = office.post(&format!("{}&finalize=true", enrollment(&id)), &json!({ "biographicData": {} })).await;
    empty.is(204);
    let case = parked(&server).await;
    let there = server.path("there.jsonl").display().to_string();
    std::fs::write(&there, "kept").unwrap();
    for (arguments, part) in [
        (vec!["person", "vid", "issue", "7000000031", "--days", "36501"], "36500"),
        (vec!["person", "import", "no-such-file.json"], "no-such-file.json"),
        (vec!["watchlist", "add", "--gallery", "WANTED", "no-such-file.json"], "no-such-file.json"),
        (vec!["restore", "no-such-file.jsonl"], "no-such-file.jsonl"),
        (vec!["export", &there], there.as_str()),
        (vec!["duplicate", "decide", &case, "refuse", "--why", " "], "--why"),
    ] {
        let said = server.refused(&arguments);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    let file = server.path("twice.json");
    std::fs::write(&file, r#"{"biographicData":{"firstName":"A","firstName":"B"}}"#).unwrap();
    let said = server.refused(&["watchlist", "add", "--gallery", "WANTED", file.to_str().unwrap()]);
    assert!(said.contains("twice"), "{said}");
    assert_eq!(parked(&server).await, case, "still to be decided");
    server.command(&["duplicate", "decide", &case, "refuse", "--why", "nothing in it"]);
    // GS-SEC-05a: whatever lies there, a machine's tokens among it, can be sealed anew.
    server.command(&["keys", "reseal"]);
}

/// The first enrollment that somebody must decide of.
async fn parked(server: &Server) -> String {
    for _ in 0..240 {
        if let Some(case) = server.command(&["duplicate", "list"]).split_whitespace().next() {
            return case.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    panic!("nothing is parked");
}
