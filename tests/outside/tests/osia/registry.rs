//! The registries: OSIA population registry 1.5.0 under `/pr`, data access 1.3.0 under `/data`, UIN 1.2.0.

use std::collections::HashSet;

use outside::random;
use outside::server::{AMARA, Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

const REGISTRAR: [&str; 7] = [
    "pr.person.read",
    "pr.person.write",
    "pr.identity.read",
    "pr.identity.write",
    "pr.reference.read",
    "pr.reference.write",
    "pr.gallery.read",
];

fn new_person() -> String {
    format!("p-{}", &random()[..16])
}

fn at(path: &str) -> String {
    format!("/pr/v1/persons/{path}{}transactionId=t", if path.contains('?') { '&' } else { '?' })
}

fn alive() -> Value {
    json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" })
}

fn identity(first: &str, status: &str) -> Value {
    json!({
        "identityType": "citizen", "status": status, "galleries": ["CITIZENS"],
        "contextualData": { "office": "o-1" },
        "biographicData": { "firstName": first, "lastName": "Marker-Nkemelu", "dateOfBirth": "1985-11-30" },
        "biometricData": [{ "biometricType": "FACE", "image": "AA==" }],
        "documentData": [{ "documentType": "PASSPORT", "parts": [{ "data": "AA==", "mimeType": "image/png" }] }]
    })
}

async fn created(registrar: &Service) -> String {
    let person = new_person();
    registrar.post(&at(&person), &alive()).await.is(201);
    person
}

async fn named(registrar: &Service, person: &str, id: &str, first: &str, status: &str) {
    registrar.post(&at(&format!("{person}/identities/{id}")), &identity(first, status)).await.is(201);
}

/// The nineteen operations of `pr.yaml`.
#[tokio::test(flavor = "multi_thread")]
async fn persons_and_their_identities_are_kept() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let registrar = Service::register(&server, &REGISTRAR).await;
        persons(&registrar).await;
        identities(&registrar).await;
        reference(&registrar).await;
        merges_and_moves(&registrar).await;
        finds(&registrar).await;
    }
}

async fn persons(registrar: &Service) {
    let person = created(registrar).await;
    let read = registrar.get(&at(&person)).await.json();
    assert_eq!(read, json!({ "personId": person, "status": "ACTIVE", "physicalStatus": "ALIVE" }));
    registrar.post(&at(&person), &alive()).await.refused(409);
    for bad in [
        json!({ "status": "ACTIVE" }),
        json!({ "physicalStatus": "ALIVE" }),
        json!({ "status": "SLEEPING", "physicalStatus": "ALIVE" }),
        json!({ "status": "ACTIVE", "physicalStatus": "UNDEAD" }),
        json!({ "status": "ACTIVE", "physicalStatus": "ALIVE", "more": 1 }),
        json!([]),
    ] {
        registrar.post(&at(&new_person()), &bad).await.refused(400);
        registrar.put(&at(&person), &bad).await.refused(400);
    }
    registrar.put(&at(&person), &json!({ "status": "INACTIVE", "physicalStatus": "DEAD" })).await.is(204);
    let read = registrar.get(&at(&person)).await.json();
    assert_eq!((&read["status"], &read["physicalStatus"]), (&json!("INACTIVE"), &json!("DEAD")));
    registrar.delete(&at(&person)).await.is(204);
    registrar.get(&at(&person)).await.refused(404);
    registrar.delete(&at(&person)).await.refused(404);
    registrar.put(&at(&person), &alive()).await.refused(404);
}

async fn identities(registrar: &Service) {
    let person = created(registrar).await;
    let list = at(&format!("{person}/identities"));
    let one = registrar.post(&list, &identity("Given", "CLAIMED")).await.json();
    assert!(one["identityId"].is_string() && one.as_object().unwrap().len() == 1, "{one}");
    named(registrar, &person, "two", "Named", "CLAIMED").await;
    let two = at(&format!("{person}/identities/two"));
    registrar.post(&two, &identity("Again", "CLAIMED")).await.refused(409);
    let read = registrar.get(&two).await.json();
    for (member, sent) in identity("Named", "CLAIMED").as_object().unwrap() {
        assert_eq!(&read[member], sent, "{member} comes back as it went");
    }
    assert_eq!(read["identityId"], "two");
    assert_eq!(registrar.get(&list).await.json().as_array().unwrap().len(), 2);
    registrar.put(&two, &identity("Put", "CLAIMED")).await.is(204);
    registrar.patch(&two, &json!({ "biographicData": { "gender": "F", "lastName": null } })).await.is(204);
    let read = registrar.get(&two).await.json();
    let expected = json!({ "firstName": "Put", "gender": "F", "dateOfBirth": "1985-11-30" });
    assert_eq!(read["biographicData"], expected, "RFC 7396");
    for bad in [
        json!({ "status": "MAYBE" }),
        json!({ "more": 1 }),
        json!({ "biometricData": [{}] }),
        json!({ "galleries": [] }),
    ] {
        registrar.patch(&two, &bad).await.refused(400);
    }
    // Only what is claimed changes.
    let status = |status: &str| at(&format!("{person}/identities/two/status?status={status}"));
    registrar.send("PUT", &status("MAYBE"), None).await.refused(400);
    registrar.send("PUT", &status("VALID"), None).await.is(204);
    registrar.put(&two, &identity("Late", "CLAIMED")).await.refused(403);
    registrar.patch(&two, &json!({ "biographicData": { "firstName": "Late" } })).await.refused(403);
    registrar.send("PUT", &status("REVOKED"), None).await.is(204);
    registrar.send("PUT", &status("VALID"), None).await.refused(403);
    assert_eq!(registrar.get(&two).await.json()["biographicData"], expected);
    registrar.delete(&two).await.is(204);
    registrar.get(&two).await.refused(404);
    registrar.delete(&two).await.refused(404);
    registrar.get(&at(&format!("{}/identities", new_person()))).await.refused(404);
}

async fn reference(registrar: &Service) {
    let person = created(registrar).await;
    registrar.get(&at(&format!("{person}/reference"))).await.refused(404);
    named(registrar, &person, "claimed", "Claimed", "CLAIMED").await;
    named(registrar, &person, "valid", "Valid", "VALID").await;
    let define = |id: &str| at(&format!("{person}/identities/{id}/reference"));
    registrar.send("PUT", &define("claimed"), None).await.refused(403);
    registrar.send("PUT", &define("none"), None).await.refused(404);
    registrar.send("PUT", &define("valid"), None).await.is(204);
    assert_eq!(registrar.get(&at(&format!("{person}/reference"))).await.json()["identityId"], "valid");
}

async fn merges_and_moves(registrar: &Service) {
    let (target, source) = (created(registrar).await, created(registrar).await);
    named(registrar, &target, "same", "Target", "CLAIMED").await;
    named(registrar, &source, "same", "Source", "CLAIMED").await;
    named(registrar, &source, "other", "Other", "CLAIMED").await;
    let merge = at(&format!("{target}/merge/{source}"));
    registrar.send("POST", &merge, None).await.refused(409);
    let moved = |id: &str| at(&format!("{target}/move/{source}/identities/{id}"));
    registrar.send("POST", &moved("same"), None).await.refused(409);
    registrar.send("POST", &moved("none"), None).await.refused(404);
    registrar.send("POST", &moved("other"), None).await.is(204);
    assert_eq!(registrar.get(&at(&format!("{target}/identities"))).await.json().as_array().unwrap().len(), 2);
    registrar.delete(&at(&format!("{source}/identities/same"))).await.is(204);
    named(registrar, &source, "third", "Third", "CLAIMED").await;
    registrar.send("POST", &merge, None).await.is(204);
    registrar.get(&at(&source)).await.refused(404);
    assert_eq!(registrar.get(&at(&format!("{target}/identities"))).await.json().as_array().unwrap().len(), 3);
    registrar.send("POST", &merge, None).await.refused(404);
}

async fn finds(registrar: &Service) {
    let (first, second) = (created(registrar).await, created(registrar).await);
    named(registrar, &first, "a", "Findable", "VALID").await;
    named(registrar, &first, "b", "Findable", "CLAIMED").await;
    named(registrar, &second, "c", "Findable", "CLAIMED").await;
    registrar.send("PUT", &at(&format!("{first}/identities/a/reference")), None).await.is(204);
    let expressions = json!([{ "attributeName": "firstName", "operator": "=", "value": "Findable" }]);
    let find = async |more: &str| {
        let path = format!("/pr/v1/persons?transactionId=t{more}");
        let mut found: Vec<(String, Option<String>)> = Vec::new();
        for one in registrar.post(&path, &expressions).await.json().as_array().unwrap() {
            let text = |name: &str| one[name].as_str().map(str::to_owned);
            found.push((text("personId").unwrap(), text("identityId")));
        }
        found
    };
    assert_eq!(find("").await.len(), 3);
    let grouped: HashSet<_> = find("&group=true").await.into_iter().collect();
    assert_eq!(grouped, HashSet::from([(first.clone(), None), (second.clone(), None)]));
    assert_eq!(find("&reference=true").await, [(first.clone(), Some("a".into()))]);
    assert_eq!(find("&gallery=CITIZENS").await.len(), 3);
    assert_eq!(find("&gallery=NOBODY").await.len(), 0);
    assert_eq!(find("&offset=1&limit=1").await, find("").await[1..2]);
    let galleries = registrar.get("/pr/v1/galleries?transactionId=t").await.json();
    assert!(galleries.as_array().unwrap().contains(&json!("CITIZENS")), "{galleries}");
    let members = registrar.get("/pr/v1/galleries/CITIZENS?transactionId=t&limit=1000").await.json();
    assert!(members.as_array().unwrap().contains(&json!({ "personId": second, "identityId": "c" })), "{members}");
    registrar.get("/pr/v1/galleries/NOBODY?transactionId=t").await.refused(404);
    let request = registrar.request("GET", "/pr/v1/galleries/CITIZENS?transactionId=t").header("accept", "text/csv");
    assert!(request.send().await.unwrap().headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
}

/// Data access 1.3.0, GS-VER-05, GS-PRI-01b: what others may ask about a person, by either of the two scopes.
#[tokio::test(flavor = "multi_thread")]
async fn attributes_are_read_matched_and_verified() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let record = json!({
            "identifiers": [{ "kind": "uin", "value": "7000000077" }],
            "attributes": {
                "given_name": "Chidi", "family_name": "Marker-Okonjo", "birthdate": "1990-04-12", "gender": "male"
            }
        });
        let file = server.path("one.json");
        std::fs::write(&file, json!([record]).to_string()).unwrap();
        server.command(&["person", "import", file.to_str().unwrap()]);
        for registry in ["pr", "cr"] {
            let scopes = ["person.read", "person.match", "person.verify", "document.read"]
                .map(|one| format!("{registry}.{one}"));
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            asks(&Service::register(&server, &scopes).await).await;
        }
    }
}

async fn asks(service: &Service) {
    let person = "/data/v1/persons/7000000077";
    assert_eq!(
        service.get("/data/v1/persons?firstName=Chidi&lastName=Marker-Okonjo").await.json(),
        json!(["7000000077"])
    );
    let named = service.get("/data/v1/persons?firstName=Chidi&names=lastName&names=shoeSize").await.json();
    assert_eq!(named[0]["lastName"], "Marker-Okonjo");
    assert!(named[0]["shoeSize"]["code"].is_i64(), "{named}");
    service.get("/data/v1/persons?firstName=Nobody").await.refused(404);
    let read = service.get(&format!("{person}?attributeNames=firstName&attributeNames=shoeSize")).await.json();
    assert_eq!(read["firstName"], "Chidi");
    assert!(read["shoeSize"]["code"].is_i64() && read["shoeSize"]["message"].is_string(), "{read}");
    assert_eq!(read.as_object().unwrap().len(), 2, "GS-SEC-05e: {read}");
    service.get(person).await.refused(400);
    service.get("/data/v1/persons/7999999999?attributeNames=firstName").await.refused(404);
    let matched = async |attributes: Value| service.post(&format!("{person}/match"), &attributes).await.json();
    assert_eq!(matched(json!({ "firstName": "Chidi", "dateOfBirth": "1990-04-12" })).await, json!([]));
    let wrong = matched(json!({ "firstName": "Chidi", "lastName": "Other", "shoeSize": 44 })).await;
    let wrong: HashSet<(String, i64)> = wrong
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["attributeName"].as_str().unwrap().to_owned(), one["errorCode"].as_i64().unwrap()))
        .collect();
    assert_eq!(wrong, HashSet::from([("lastName".into(), 1), ("shoeSize".into(), 0)]));
    for (operator, value, expected) in [
        ("<", "1990-04-12", false),
        ("<=", "1990-04-12", true),
        ("=", "1990-04-12", true),
        (">", "1990-04-11", true),
        (">=", "1990-04-13", false),
    ] {
        let expressions = json!([{ "attributeName": "dateOfBirth", "operator": operator, "value": value }]);
        let reply = service.post(&format!("{person}/verify"), &expressions).await;
        assert_eq!(reply.json(), json!(expected), "{operator} {value}");
        assert!(!reply.text().contains("1990"), "GS-VER-05: no attribute is told");
    }
    let not = json!([{ "attributeName": "dateOfBirth", "operator": "!=", "value": "1990-04-12" }]);
    service.post(&format!("{person}/verify"), &not).await.refused(400);
    let known = json!([{ "attributeName": "firstName", "operator": "=", "value": "Chidi" }]);
    service.post("/data/v1/persons/7999999999/verify", &known).await.refused(404);
    for (path, nothing) in [("verify", json!([])), ("match", json!({}))] {
        service.post(&format!("{person}/{path}"), &nothing).await.refused(400);
    }
    service.get(&format!("{person}/document?doctype=PASSPORT&format=gif")).await.is(415);
    service.get(&format!("{person}/document?doctype=PASSPORT")).await.refused(400);
}

/// UIN 1.2.0, GS-IDF-01: every one is new, and carries its check digit.
#[tokio::test(flavor = "multi_thread")]
async fn uins_are_new_and_carry_their_check_digit() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let service = Service::register(&server, &["uin.generate"]).await;
        let mut seen = HashSet::from([AMARA.id.to_owned()]);
        for _ in 0..50 {
            let reply = service.post("/v1/uin?transactionId=t", &json!({ "firstName": "Ada", "age": 4 })).await.json();
            let uin = reply.as_str().unwrap_or_else(|| panic!("no text: {reply}")).to_owned();
            assert!(uin.bytes().all(|byte| byte.is_ascii_digit()), "{uin}");
            assert!(verhoeff(&uin), "the check digit of {uin}");
            assert!(seen.insert(uin), "each is given once");
        }
        for bad in [json!({ "firstName": { "a": 1 } }), json!([]), json!("a")] {
            service.post("/v1/uin?transactionId=t", &bad).await.refused(400);
        }
    }
}

/// Whether the last digit is the one of Verhoeff's scheme, computed in the dihedral group itself.
fn verhoeff(number: &str) -> bool {
    // A pair of a turn (0 to 4) and whether it is mirrored.
    let product = |a: u8, b: u8| -> u8 {
        let (x, y) = (a % 5, b % 5);
        match (a < 5, b < 5) {
            (true, true) => (x + y) % 5,
            (true, false) => (x + y) % 5 + 5,
            (false, true) => (x + 5 - y) % 5 + 5,
            (false, false) => (x + 5 - y) % 5,
        }
    };
    let permuted =
        |digit: u8, times: usize| (0..times % 8).fold(digit, |at, _| [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][at as usize]);
    number.bytes().rev().enumerate().fold(0, |sum, (place, digit)| product(sum, permuted(digit - b'0', place))) == 0
}
