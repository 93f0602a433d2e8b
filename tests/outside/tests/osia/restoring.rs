//! `kill -9` while an export is read in (GS-GEN-11): nobody is served from half of it, the same command goes on, and what comes
//! of it is whole.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use outside::server::{Database, Launch, Server};
use outside::service::{Service, token};
use serde_json::{Value, json};

use crate::portability::{begun, by_pin};
use crate::{OFFICE, enrollment, office};

/// People beside the two of every test: a restore writes a hundred lines at a time.
const CROWD: i64 = 700;
/// How often a restore is begun anew where the cut came before its midst or after it.
const TRIES: usize = 20;
/// What is counted here and there.
const TABLES: [&str; 12] = [
    "client",
    "client_key",
    "enrollment",
    "enrollment_attribute",
    "enrollment_buffer",
    "enrollment_buffer_chunk",
    "enrollment_documents",
    "person",
    "person_history",
    "person_identifier",
    "pin",
    "uin_issued",
];

fn crowd() -> Value {
    let person = |number: i64| {
        json!({
            "identifiers": [{ "kind": "uin", "value": (7_100_000_000 + number).to_string() }],
            "attributes": { "name": format!("Crowd {number}-Marker"), "email": format!("{number}@people.test") }
        })
    };
    (0..CROWD).map(person).collect()
}

async fn counts(server: &Server) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push((table, server.rows(table).await));
    }
    counts
}

/// The lines of an export that say the same wherever they are written: people, enrollments and their buffers.
fn lasting(file: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let kind = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"].as_str().unwrap().to_owned();
    let lasting = ["person", "enrollment", "buffer", "chunk"];
    text.lines().filter(|line| lasting.contains(&kind(line).as_str())).map(ToOwned::to_owned).collect()
}

/// Begins to restore into an empty database, and cuts the power when somebody is there; whether that was in the midst.
async fn cut(server: &Server, path: &str) -> bool {
    let mut restoring = server.begin(&["restore", path]);
    let midst = async {
        while restoring.try_wait().unwrap().is_none() && server.rows("person").await == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(300), midst).await.expect("somebody is restored");
    let _ = restoring.kill();
    restoring.wait().unwrap();
    (1..CROWD + 2).contains(&server.rows("person").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_power_cuts_goes_on_and_is_whole() {
    for database in Database::all() {
        let mut server = Server::start(database, "").await;
        let people = server.path("crowd.json");
        std::fs::write(&people, crowd().to_string()).unwrap();
        server.command(&["person", "import", people.to_str().unwrap()]);
        let office = office(&server).await;
        let (id, buffer, _) = begun(&office).await;
        let party = server.relying_party("/op").await;
        let amara = by_pin(&server, &party).await;
        server.terminate();
        assert!(server.ended(Duration::from_secs(180)).await.is_some(), "the server stops");
        let file = server.path("everything.jsonl");
        let path = file.to_str().unwrap().to_owned();
        let wrote = server.command(&["export", &path]);
        assert!(wrote.contains(&format!("wrote person: {}\n", CROWD + 2)), "{wrote}");
        let before = counts(&server).await;

        let mut tries = 0;
        loop {
            server.elsewhere(database).await;
            server.command(&["migrate"]);
            if cut(&server, &path).await {
                break;
            }
            tries += 1;
            assert!(tries < TRIES, "{database:?}: no cut in the midst");
        }
        println!("{database:?}: cut with {} people there, at try {}", server.rows("person").await, tries + 1);
        server.spawn_again(&Launch::default());
        let status = server.ended(Duration::from_secs(180)).await.expect("it ends by itself");
        assert!(!status.success() && server.log().contains("half read"), "{}", server.log());

        let read = server.command(&["restore", &path]);
        assert_eq!(read, wrote.replace("wrote ", "read "), "{database:?}: as much as was written");
        assert_eq!(counts(&server).await, before, "{database:?}");
        assert!(server.refused(&["restore", &path]).contains("already"));
        let again = server.path("again.jsonl");
        server.command(&["export", again.to_str().unwrap()]);
        assert!(lasting(&again) == lasting(&file), "{database:?}: the same people, enrollments and buffers");

        server.start_again(&Launch::default()).await;
        assert_eq!(by_pin(&server, &party).await, amara);
        let office = Service { token: token(&office.party, &OFFICE).await, ..office };
        assert_eq!(office.get(&enrollment(&id)).await.json()["status"], "IN_PROGRESS");
        office.get(&buffer).await.is(200);
    }
}
