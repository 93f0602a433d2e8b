//! Every kind of line, there and back, from each database to each.

use serde_json::{Value, json};

use super::*;
use crate::factors;
use crate::portability::line::Line;
use crate::portability::settle::settle;
use crate::portability::{Names, at_home, is_unfinished, names};

const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The instance of a kit with another secret, on a database that nobody has used.
fn foreign(kit: &Kit, there: &Kit) -> AppState {
    let config = crate::config::Config::clone(&there.state.config);
    let (store, waits) = (there.state.store.clone(), there.state.waits.clone());
    let (clock, rng) = (kit.state.clock.clone(), kit.state.rng.clone());
    AppState::new(config, store, waits, Secrets::new([9; 32]), clock, rng).unwrap()
}

/// Lines of the kinds that a person and what is done with one do not give by themselves.
fn crafted(person: PersonId, at: i64) -> Vec<Value> {
    let key: Value = serde_json::from_str(KEY).unwrap();
    let mount = serde_json::to_value(Mount::Op).unwrap();
    let digests = "SHA-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=,SHA-512=3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05o\
                   hkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==,SHA=qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
    let question = |id: i64, client: &str, end: Value| {
        let mut question = json!({
            "record": "question", "id": id, "mount": mount, "client_id": client, "person": person.0,
            "asked": [{ "name": "firstName", "claim": "given_name" }], "purpose": "Your file", "expires_at": at + 60_000
        });
        question.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
        question
    };
    let enrollment = |id: i64, name: &str, status: &str, more: Value| {
        let mut enrollment = json!({
            "record": "enrollment", "id": id, "service": "office", "version": 3, "created_at": at, "updated_at": at + 1,
            "enrollment": {
                "enrollmentId": name, "status": status, "biographicData": { "firstName": "Zora", "age": 7 },
                "biometricData": [{ "biometricType": "FACE", "image": "AAAA" }],
                "documentData": [{ "documentType": "PASSPORT", "parts": [{ "data": "AAAA", "pages": [1] }] }]
            }
        });
        enrollment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        enrollment
    };
    let waits = json!({ "finalized_at": at + 1, "not_taken_on": { "transaction_id": "t", "since": at + 1 } });
    let final_since = json!({ "finalized_at": at + 1 });
    let buffer = |id: i64, of: &str, claimed: bool| {
        json!({
            "record": "buffer", "id": id, "service": "office", "enrollment_id": of, "created_at": at, "stored_at": at + 2,
            "claimed": claimed, "media_type": "image/png", "size": 3, "digest": digests, "chunks": 2
        })
    };
    let chunk =
        |buffer: i64, place: i64| json!({ "record": "chunk", "buffer": buffer, "place": place, "data": "YWI=" });
    let task = |enrollment: i64, more: Value| {
        let content = json!({ "enrollment_id": "E", "transaction": "t", "different": false });
        let mut task = json!({
            "record": "task", "enrollment": enrollment, "service": "office", "person": 9000 + enrollment, "attempts": 2,
            "made_at": at, "content": content
        });
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        task
    };
    vec![
        json!({ "record": "number", "id": 501, "uin": "7000000123", "issued_at": at }),
        json!({
            "record": "client", "id": 502, "mount": mount, "client_id": "gone", "status": "deleted", "created_at": at,
            "updated_at": at
        }),
        json!({
            "record": "wallet", "id": 503, "person": person.0, "jwk": key, "alg": "EdDSA", "profile": "native",
            "mount": mount, "proven": true, "key_security": "strongbox", "name": "Zora's phone", "certificate": "PEM",
            "x5t": "x5t", "created_at": at, "expires_at": at + 9, "used_at": at + 2, "revoked_at": at + 3
        }),
        json!({
            "record": "remembered", "mount": mount, "client_id": "clinic", "person": person.0, "asked_hash": "hash",
            "decision": {
                "accepted_claims": ["name"], "permitted_scopes": [], "consent_expires": at + 9, "receipt": 77
            },
            "statement": "a.b.c", "key": 503, "given_at": at
        }),
        question(504, "clinic", json!({})),
        question(505, "bank", json!({ "ended_at": at + 1, "outcome": "agreed", "receipt": 77 })),
        enrollment(506, "E-open", "IN_PROGRESS", json!({})),
        enrollment(507, "E-waits", "FINALIZED", waits),
        enrollment(508, "E-parked", "FINALIZED", final_since),
        task(508, json!({ "state": "parked", "cause": "duplicate" })),
        task(509, json!({ "state": "waiting", "due_at": at + 5 })),
        task(510, json!({ "state": "same", "identity": person.0 })),
        task(
            530,
            json!({
                "state": "parked", "cause": "duplicate",
                "content": {
                    "enrollment_id": "I-1", "transaction": "t", "different": false,
                    "claim": { "record": 531, "person": person.0, "gone": false }
                },
                "said": { "attributes": { "given_name": "Zora" }, "biometrics": [{ "biometricType": "FACE" }] }
            }),
        ),
        buffer(511, "E-open", true),
        chunk(511, 0),
        chunk(511, 1),
        buffer(512, "E-to-come", false),
        chunk(512, 0),
        chunk(512, 1),
        json!({ "record": "watched", "id": 513, "gallery": "sought", "claims": { "family_name": "Novák" } }),
        json!({ "record": "topic", "id": 514, "uuid": "u-514", "name": "news", "party": "ministry" }),
        json!({
            "record": "subscription", "id": 515, "uuid": "u-515", "topic": 514, "party": "ministry", "mount": mount,
            "client_id": "clinic", "protocol": "http", "address": "https://ministry.test/told", "countdown": 60,
            "retries": -1, "asked_at": at, "confirmed_at": at + 1
        }),
        json!({
            "record": "happened", "id": 516, "topic": 514, "made_at": at, "spread_at": at + 1,
            "content": { "Published": { "subject": "told", "text": "news" } }
        }),
        json!({ "record": "happened", "id": 517, "topic": 1, "made_at": at, "content": { "Ours": { "NewPerson": { "uin": "1" } } } }),
        json!({ "record": "delivery", "id": 518, "subscription": 515, "event": 516, "attempts": 3, "dead_at": at + 4 }),
        json!({
            "record": "day", "day": 20_000,
            "groups": [
                { "kind": "enrollments", "region": "North", "events": 12, "persons": 12 },
                { "kind": "logins", "region": "", "events": 3, "persons": 2 }
            ]
        }),
        json!({ "record": "home", "person": person.0, "region": "North", "added_day": 20_000 }),
        json!({
            "record": "case", "id": 519, "mount": "op", "client_id": "clinic", "person": person.0, "transaction_id": 77,
            "cause": "reported", "reason": "not_me", "closed_at": at, "closed_by": "command", "resolution": "seen"
        }),
        json!({
            "record": "event", "id": 520, "kind": "enrollment_read", "mount": "op", "client_id": "clinic",
            "enrollment": "E-open", "object_id": 506
        }),
    ]
}

async fn add(state: &AppState, lines: Vec<Value>) {
    let inner = state.clone();
    let written = state.store.write(move |tx| {
        Box::pin(async move {
            for line in lines {
                let shown = line.to_string();
                let line: Line = serde_json::from_value(line).unwrap_or_else(|error| panic!("{shown}: {error}"));
                settle(&inner, tx, line).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
            }
            Ok::<_, StoreError>(())
        })
    });
    written.await.unwrap();
}

/// Lines that tell what is kept, sorted; of the audit trail only what came before the first export.
fn kept(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let of = |line: &&str| {
        let line: Value = serde_json::from_str(line).unwrap();
        let record = line["record"].as_str().unwrap().to_owned();
        let own = ["exported", "imported"].contains(&line["kind"].as_str().unwrap_or_default());
        !["head", "end"].contains(&record.as_str()) && !own
    };
    let mut lines: Vec<String> = text.lines().filter(of).map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}

/// An instance with something of every kind.
pub(super) async fn full(kit: &Kit) -> PersonId {
    RelyingParty::new(kit, Mount::Op, "clinic").await;
    let person = somebody(kit).await;
    factors::set_pin(&kit.state, person, "480273").await.unwrap();
    kit.state.keys.encryption_keys().await.unwrap();
    add(&kit.state, crafted(person, kit.state.clock.now())).await;
    person
}

/// GS-GEN-11.
#[tokio::test(flavor = "multi_thread")]
async fn gs_gen_11_on_both_every_kind_is_carried_from_each_database_to_each() {
    for (one, other) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let (from, to) = (Kit::both().await, Kit::both().await);
        // Without PostgreSQL there is one way only.
        let (Some(kit), Some(there)) = (from.get(one), to.get(other)) else { continue };
        full(kit).await;
        let (file, counts) = written(&kit.state, &Envelope::Clear).await;
        for kind in [
            "names",
            "encryption_key",
            "client",
            "number",
            "person",
            "population",
            "pin",
            "wallet",
            "subject",
            "receipt",
            "remembered",
            "question",
            "enrollment",
            "task",
            "buffer",
            "chunk",
            "watched",
            "topic",
            "subscription",
            "happened",
            "delivery",
            "day",
            "home",
            "event",
            "case",
        ] {
            assert!(counts.contains_key(kind), "{kind}: {counts:?}");
        }
        let state = foreign(kit, there);
        assert_eq!(read(&state, &Opener::Clear, &file).await.unwrap(), counts);
        assert!(!is_unfinished(&state).await.unwrap());
        let (again, _) = written(&state, &Envelope::Clear).await;
        let (before, after) = (kept(&file), kept(&again));
        let lost: Vec<&String> = before.iter().filter(|line| !after.contains(line)).collect();
        let new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
        assert_eq!((lost, new), (Vec::new(), Vec::new()), "{one} to {other}");
    }
}

/// What others know by an opaque id keeps its name, from instance to instance.
#[tokio::test]
async fn names_are_carried_on_and_on() {
    let kit = Kit::new().await;
    let (file, _) = written(&kit.state, &Envelope::Clear).await;
    let (other, _folder) = elsewhere(&kit).await;
    read(&other, &Opener::Clear, &file).await.unwrap();
    let name = kit.state.ids.name(Kind::EnrollmentBuffer, 7);
    assert_eq!(other.ids.named(Kind::EnrollmentBuffer, &name), None, "not before it is started again");
    let other = at_home(other).await.unwrap();
    assert_eq!(other.ids.named(Kind::EnrollmentBuffer, &name), Some(7));
    let Names { key } = names::carry(&other).await.unwrap();
    assert_eq!(key, names::carry(&kit.state).await.unwrap().key);
}
