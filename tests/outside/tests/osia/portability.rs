//! Everything taken elsewhere (GS-GEN-11): to the world the other instance is the same server, with another database and
//! another secret.

use std::path::Path;
use std::time::Duration;

use josekit::jwk::alg::ec::{EcCurve, EcKeyPair};
use outside::browser::Browser;
use outside::receiver::{Heard, Receiver};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, Launch, PIN, Server};
use outside::service::{Service, token};
use outside::wallet::Wallet;
use serde_json::{Map, Value, json};

use crate::notifications::{NOTIFIER, confirm, subscribe};
use crate::{OFFICE, buffers, enrollment, finalize, new_id, office};

const MAIL: &str = "ines@people.test";

/// From each database to each other one; to itself where there is one only.
fn ways() -> Vec<(Database, Database)> {
    let all = Database::all();
    let there = all.iter().copied().cycle().skip(1);
    all.iter().copied().zip(there).collect()
}

/// Keys of an archive: the public one, the private one.
fn archive(server: &Server) -> (String, String) {
    let pair = EcKeyPair::generate(EcCurve::P256).unwrap();
    let written = |name: &str, text: String| {
        let path = server.path(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    (
        written("archive-public.jwk", pair.to_jwk_public_key().to_string()),
        written("archive-private.jwk", pair.to_jwk_private_key().to_string()),
    )
}

fn told_of(topic: &'static str) -> impl Fn(&Heard) -> bool {
    move |heard| heard.header("message-type") == "Notification" && heard.json()["subject"] == topic
}

/// What an ID token and userinfo say, after a login by this wallet.
async fn by_wallet(server: &Server, party: &RelyingParty, wallet: &Wallet) -> (Value, Map<String, Value>) {
    let browser = Browser::new(server, "/op").await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    let code = browser.link_code(&transaction).await;
    wallet.approve("/op", &code, &["name", "email"]).await;
    let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
    told(party, &party.redeem(&code, &begun).await).await
}

/// The same after a login by PIN.
pub(crate) async fn by_pin(server: &Server, party: &RelyingParty) -> (Value, Map<String, Value>) {
    let browser = Browser::new(server, "/op").await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
    let code = browser.auth_code(&transaction, &["name"]).await.text_of("code");
    told(party, &party.redeem(&code, &begun).await).await
}

async fn told(party: &RelyingParty, tokens: &Value) -> (Value, Map<String, Value>) {
    let subject = party.verify(tokens["id_token"].as_str().unwrap()).await["sub"].clone();
    let (status, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    (subject, claims)
}

/// An enrollment under way with a buffer of several pieces: its id, the path of the buffer, the bytes.
pub(crate) async fn begun(office: &Service) -> (String, String, Vec<u8>) {
    let id = new_id();
    let bytes: Vec<u8> = (0..700_001u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    // Before its enrollment, as one-step enrollments have it.
    let stored = office.upload(&buffers(&id), "application/pdf", &bytes).await.is(201).parsed();
    let path = format!("/v1/enrollments/{id}/buffer/{}?transactionId=t", stored["bufferId"].as_str().unwrap());
    let names = json!({ "firstName": "Tomas", "lastName": "Marker-Ruiz", "dateOfBirth": "2001-07-09" });
    office.post(&enrollment(&id), &json!({ "biographicData": names })).await.is(204);
    (id, path, bytes)
}

fn changed(file: &Path, change: impl Fn(String) -> String) -> String {
    let other = file.with_extension("other");
    std::fs::write(&other, change(std::fs::read_to_string(file).unwrap())).unwrap();
    other.to_str().unwrap().to_owned()
}

/// GS-GEN-11: somebody who was enrolled, bound a wallet and logged in here logs in there with the same wallet and is known by the
/// same name; the office reads its enrollments and buffers there and goes on; who subscribed is told from there.
#[tokio::test(flavor = "multi_thread")]
async fn everything_goes_on_elsewhere() {
    for (from, to) in ways() {
        let mut server = Server::start(from, "").await;
        let (office, subscriber) = (office(&server).await, Service::register(&server, &NOTIFIER).await);
        let receiver = Receiver::start().await;
        let subscription = subscribe(&subscriber, "newPerson", &receiver.url, "1,20").await;
        confirm(&subscriber, &receiver, &subscription).await;
        let done = new_id();
        let ines =
            json!({ "firstName": "Ines", "lastName": "Marker-Sousa", "dateOfBirth": "1991-03-02", "email": MAIL });
        office.post(&enrollment(&done), &json!({ "biographicData": ines })).await.is(204);
        office.send("PUT", &finalize(&done), None).await.is(204);
        let uin = receiver.until("who is new", told_of("newPerson")).await.event()["uin"].as_str().unwrap().to_owned();
        let (open, buffer, bytes) = begun(&office).await;
        let before = office.get(&enrollment(&open)).await.json();
        let party = server.relying_party("/op").await;
        let mut wallet = Wallet::new(&server, &uin);
        wallet.bind(&server, MAIL).await.good();
        let (ines, amara) = (by_wallet(&server, &party, &wallet).await, by_pin(&server, &party).await);
        let devices = wallet.signed("/wallet/devices/list", json!({})).await.good().clone();

        server.terminate();
        assert!(server.ended(Duration::from_secs(180)).await.is_some(), "the server stops");
        let file = server.path("everything.jsonl");
        let path = file.to_str().unwrap().to_owned();
        let (public, private) = archive(&server);
        let encrypted = from == Database::Postgres;
        let (to_archive, with_key) = (["--to", public.as_str()], ["--key", private.as_str()]);
        let to_archive: &[&str] = if encrypted { &to_archive } else { &[] };
        let with_key: &[&str] = if encrypted { &with_key } else { &[] };
        server.command(&[&["export", path.as_str()], to_archive].concat());
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.contains("Marker-Sousa"), !encrypted);

        server.elsewhere(to).await;
        let refused = |path: &str| server.refused(&[&["restore", path], with_key].concat());
        let cut = refused(&changed(&file, |text| text.lines().take(8).map(|line| format!("{line}\n")).collect()));
        assert!(cut.contains("not whole"), "{cut}");
        if !encrypted {
            let other = refused(&changed(&file, |text| text.replace("Marker-Sousa", "Marker-Sosua")));
            assert!(other.contains("changed"), "{other}");
        }
        let read = server.command(&[&["restore", path.as_str()], with_key].concat());
        for kind in ["person: 3", "enrollment: 2", "buffer: 1", "chunk: 3", "wallet: 1", "pin: 2", "subscription: 1"] {
            assert!(read.contains(kind), "{kind}: {read}");
        }
        let again = refused(&path);
        assert!(again.contains("already"), "{again}");

        server.start_again(&Launch::default()).await;
        assert_eq!(
            by_wallet(&server, &party, &wallet).await,
            ines,
            "{from:?} to {to:?}: the same wallet, the same name"
        );
        assert_eq!(by_pin(&server, &party).await, amara);
        let there = wallet.signed("/wallet/devices/list", json!({})).await.good().clone();
        assert_eq!(device(&there), device(&devices), "the phone has the name that it had");
        // Tokens stay where they were given.
        office.get(&enrollment(&open)).await.refused(401);
        let office = Service { token: token(&office.party, &OFFICE).await, ..office };
        assert_eq!(office.get(&enrollment(&open)).await.json(), before);
        assert_eq!(office.get(&enrollment(&done)).await.json()["status"], "FINALIZED");
        let became = office.get(&format!("/identity/enrollments/{done}?transactionId=t")).await.json();
        assert_eq!(became["uin"], uin.as_str(), "{became}");
        let reply = office.get(&buffer).await;
        assert!(reply.is(200).bytes == bytes, "the buffer has the name and the bytes that it had");
        assert!(reply.header("digest").contains("SHA-256="));
        office.send("PUT", &finalize(&open), None).await.is(204);
        let another = |heard: &Heard| told_of("newPerson")(heard) && heard.event()["uin"] != uin.as_str();
        receiver.until("who is new there", another).await;
    }
}

fn device(list: &Value) -> &Value {
    &list["devices"][0]["deviceId"]
}

/// A file that is refused half-way leaves no server that serves: one does not start on half of it.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_served_from_half_a_file() {
    for database in Database::all() {
        let mut server = Server::start(database, "").await;
        server.kill();
        server.elsewhere(database).await;
        // Two of one number. Without a digest, as the first version of the form had it.
        let person = |id: i64| {
            json!({
                "record": "person", "id": id, "status": "active", "created_at": 1, "updated_at": 1,
                "identifiers": [{ "kind": "uin", "value": "7000000066" }], "attributes": { "name": "Twin Marker" }
            })
        };
        let lines = [
            json!({ "record": "head", "format": "tessera-export", "version": 1, "made_at": 1 }),
            person(11),
            person(12),
            json!({ "record": "end", "counts": { "person": 2 } }),
        ];
        let file = server.path("twins.jsonl");
        std::fs::write(&file, lines.each_ref().map(|line| format!("{line}\n")).concat()).unwrap();
        let said = server.refused(&["restore", file.to_str().unwrap()]);
        assert!(said.contains("line 3 is refused") && !said.contains("Twin"), "{said}");
        server.spawn_again(&Launch::default());
        let status = server.ended(Duration::from_secs(120)).await.expect("it ends by itself");
        assert!(!status.success() && server.log().contains("half read"), "{}", server.log());
        let other = server.path("other.jsonl");
        let less = [&lines[0], &lines[1], &json!({ "record": "end", "counts": { "person": 1 } })];
        std::fs::write(&other, less.map(|line| format!("{line}\n")).concat()).unwrap();
        let said = server.refused(&["restore", other.to_str().unwrap()]);
        assert!(said.contains("another file is half read"), "{said}");
    }
}
