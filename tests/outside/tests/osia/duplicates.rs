//! The same person twice: found by attributes or by an ABIS, parked, decided by somebody (GS-UNQ-01). And an ABIS that is down,
//! or answers by calling back.

use std::time::Duration;

use outside::abis::{AbisDouble, TOKEN};
use outside::server::{Database, Launch, Server};
use outside::service::Service;
use serde_json::{Value, json};

use crate::{enrollment, new_id};

const OFFICE: [&str; 10] = [
    "enroll.write",
    "enroll.read",
    "pr.person.write",
    "pr.person.read",
    "pr.identity.write",
    "pr.identity.read",
    "pr.reference.write",
    "pr.reference.read",
    "pr.duplicate.read",
    "pr.duplicate.write",
];

fn settings(double: &AbisDouble) -> String {
    format!("identity.abis.url = \"{}\"\nidentity.abis.token = \"{TOKEN}\"\nidentity.abis.seconds = 5\n", double.url())
}

fn said(last_name: &str, born: &str, template: &str) -> Value {
    json!({
        "biographicData": { "firstName": "Ife", "lastName": last_name, "dateOfBirth": born },
        "biometricData": [{ "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "template": template }]
    })
}

async fn enrolled(office: &Service, body: &Value) -> String {
    let id = new_id();
    office.post(&format!("{}&finalize=true", enrollment(&id)), body).await.is(204);
    id
}

/// What became of an enrollment, once it is in this state.
async fn became(office: &Service, id: &str, state: &str) -> Value {
    let path = format!("/identity/enrollments/{id}?transactionId=t");
    let there = async {
        loop {
            let reply = office.get(&path).await;
            if reply.status == 200 && reply.parsed()["state"] == state {
                return reply.parsed();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), there).await.unwrap_or_else(|_| panic!("{id} is not {state}"))
}

/// The one case, as the operator sees it.
fn case(server: &Server) -> String {
    let listed = server.command(&["duplicate", "list"]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    listed.split('\t').next().unwrap().to_owned()
}

fn at(path: &str) -> String {
    format!("/pr/v1/persons/{path}?transactionId=t")
}

/// Asks until the answer is another than that it is being looked.
async fn referred(office: &Service, person: &str) -> u16 {
    let path = at(&format!("{person}/identities/1/reference"));
    let settled = async {
        loop {
            let reply = office.send("PUT", &path, None).await;
            if !reply.text().contains("being looked") {
                return reply.status;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(180), settled).await.expect("it is looked at")
}

async fn identity(office: &Service, person: &str, body: &Value) {
    office.post(&at(person), &json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" })).await.is(201);
    let mut whole = json!({ "identityType": "citizen", "status": "VALID" });
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    office.post(&at(&format!("{person}/identities/1")), &whole).await.is(201);
}

/// GS-UNQ-01: a hit is parked; the operator decides; then it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_hit_is_parked_and_decided() {
    let double = AbisDouble::start().await;
    for database in Database::all() {
        double.forget();
        let server = Server::start(database, &settings(&double)).await;
        let office = Service::register(&server, &OFFICE).await;
        let finger = "Zmlyc3Q=";
        let first = enrolled(&office, &said("Adeyemi-Marker", "1981-01-31", finger)).await;
        let uin = became(&office, &first, "made").await["uin"].as_str().unwrap().to_owned();
        // Enrolled again under another name, as the same.
        let second = enrolled(&office, &said("Zurbriggen-Marker", "1969-07-20", finger)).await;
        became(&office, &second, "parked").await;
        let parked = case(&server);
        let shown = server.command(&["duplicate", "show", &parked]);
        assert!(shown.contains("biometric score: 3500") && shown.contains(&uin), "{shown}");
        let person = shown.lines().find_map(|line| line.strip_prefix("may be ")).unwrap();
        server.command(&["duplicate", "decide", &parked, "same", "--person", person, "--why", "came twice"]);
        assert_eq!(became(&office, &second, "same").await["uin"], uin.as_str());
        // By the population registry, as another.
        identity(&office, "p-twin", &said("Rosenkranz-Marker", "1955-11-05", finger)).await;
        assert_eq!(referred(&office, "p-twin").await, 403);
        office.get(&at("p-twin/identities/1")).await.is(200);
        let parked = case(&server);
        let shown = server.command(&["duplicate", "show", &parked]);
        assert!(shown.contains("uin: p-twin") && shown.contains("Rosenkranz-Marker"), "{shown}");
        server.command(&["duplicate", "decide", &parked, "different", "--why", "another hand"]);
        let decided = async {
            while referred(&office, "p-twin").await != 204 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(180), decided).await.expect("it is the reference");
        assert_eq!(office.get(&at("p-twin/reference")).await.json()["identityId"], "1");
        assert_eq!(server.command(&["duplicate", "list"]), "");
    }
}

/// An ABIS that is down keeps nobody from enrolling: what was handed over waits, also through a power cut, and goes on.
#[tokio::test(flavor = "multi_thread")]
async fn an_abis_that_is_down_is_waited_for_and_nothing_is_lost() {
    let double = AbisDouble::start().await;
    for database in Database::all() {
        double.forget();
        double.set_broken(true);
        let mut server = Server::start(database, &settings(&double)).await;
        let office = Service::register(&server, &OFFICE).await;
        let first = enrolled(&office, &said("Adeyemi-Marker", "1981-01-31", "b25l")).await;
        let second = enrolled(&office, &said("Zurbriggen-Marker", "1969-07-20", "dHdv")).await;
        became(&office, &first, "waiting").await;
        identity(&office, "p-later", &said("Rosenkranz-Marker", "1955-11-05", "dGhyZWU=")).await;
        server.kill();
        server.start_again(&Launch::default()).await;
        became(&office, &second, "waiting").await;
        assert_eq!(double.encounters(), 0);
        double.set_broken(false);
        for id in [&first, &second] {
            became(&office, id, "made").await;
        }
        assert_eq!(referred(&office, "p-later").await, 204);
        assert_eq!(double.encounters(), 3);
    }
}

/// OSIA ABIS 1.6.0, callbacks: it answers later, at an address of ours.
#[tokio::test(flavor = "multi_thread")]
async fn an_abis_that_calls_back_is_understood() {
    let double = AbisDouble::start().await;
    double.set_calls_back(true);
    for database in Database::all() {
        double.forget();
        let more = format!("{}identity.abis.callback_seconds = 1\n", settings(&double));
        let mut server = Server::start(database, &more).await;
        // Its port is known now.
        server.kill();
        let callback = ("TESSERA_IDENTITY__ABIS__CALLBACK".to_owned(), server.origin.clone());
        server.start_again(&Launch { environment: vec![callback], ..Launch::default() }).await;
        let office = Service::register(&server, &OFFICE).await;
        let first = enrolled(&office, &said("Adeyemi-Marker", "1981-01-31", "Zmlyc3Q=")).await;
        became(&office, &first, "made").await;
        // What it keeps to itself is asked for until it comes.
        double.set_silent(true);
        let second = enrolled(&office, &said("Zurbriggen-Marker", "1969-07-20", "Zmlyc3Q=")).await;
        let asked = async {
            while double.answers().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(180), asked).await.expect("it is asked");
        became(&office, &second, "waiting").await;
        double.set_silent(false);
        became(&office, &second, "parked").await;
    }
}
