//! OSIA's interfaces: enrollments taken, enrollments found among many, attributes verified, messages
//! delivered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt;
use outside::browser::Browser;
use outside::random;
use outside::receiver::Receiver;
use outside::server::{AMARA, Database, PIN, Server};
use outside::service::{Service, token};
use serde_json::{Value, json};

use crate::measure::{Times, memory_kib, repeat, round};
use crate::people::address;
use crate::qr::SETTINGS;
use crate::wire::{Reply, Wire, request};

/// Path and body of a search, by its number.
type Ask<'a> = dyn Fn(usize) -> (String, String) + 'a;

/// Bytes of a portrait.
const PORTRAIT: usize = 500_000;
/// What a message that asks for confirmation says it is.
const CONFIRMATION: &str = "SubscriptionConfirmation";
/// Searches of each kind.
const SEARCHES: usize = 200;

/// A service, its token, and where it calls.
struct Caller {
    service: Service,
    bearer: String,
}

impl Caller {
    async fn new(server: &Server, scopes: &[&str]) -> Self {
        let service = Service::register(server, scopes).await;
        let bearer = format!("Bearer {}", service.token);
        Self { service, bearer }
    }

    fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let headers = [("authorization", self.bearer.as_str()), ("content-type", "application/json")];
        request(method, path, &headers, body)
    }

    async fn wires(&self, server: &Server, count: usize) -> Vec<Wire> {
        let mut wires = Vec::new();
        for _ in 0..count {
            wires.push(Wire::open(address(server), None).await);
        }
        wires
    }
}

fn is(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}{}", reply.head, String::from_utf8_lossy(&reply.body));
}

/// What an office sends of one person.
fn record(number: usize, portrait: Option<&str>) -> String {
    let (month, day) = (1 + number % 12, 1 + number % 28);
    let mut record = json!({
        "enrollmentType": "citizen",
        "requestData": { "priority": number % 10 },
        "contextualData": { "office": format!("office-{}", number % 100) },
        "biographicData": {
            "firstName": format!("First{}", number % 1000), "lastName": format!("Last{number}"), "gender": "F",
            "dateOfBirth": format!("{}-{month:02}-{day:02}", 1930 + number % 90), "nationality": "FRA"
        }
    });
    if let Some(portrait) = portrait {
        record["biometricData"] = json!([{
            "biometricType": "FACE", "biometricSubType": "PORTRAIT", "mimeType": "image/jpeg", "image": portrait
        }]);
    }
    record.to_string()
}

fn new_enrollment() -> String {
    format!("/v1/enrollments/{}?transactionId=t&finalize=true", &random()[..20])
}

/// One-step enrollments with a portrait of 500 kB, on each database.
pub async fn enrollments(seconds: u64, at_once: usize) -> Value {
    let portrait: Vec<u8> = (0..PORTRAIT as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let portrait = STANDARD.encode(portrait);
    let mut found = json!({});
    for database in Database::all() {
        let server = Server::start(database, SETTINGS).await;
        let office = Caller::new(&server, &["enroll.write"]).await;
        let number = AtomicUsize::new(0);
        for (name, portrait) in [("with a portrait of 500 kB", Some(portrait.as_str())), ("without", None)] {
            let wires = office.wires(&server, at_once).await;
            let cpu = || server.cpu_seconds();
            let once = async |wire: &mut Wire| {
                let body = record(number.fetch_add(1, Ordering::Relaxed), portrait);
                is(&wire.ask(&office.request("POST", &new_enrollment(), &body)).await, 204);
            };
            let run = repeat(wires, Duration::from_secs(seconds), cpu, once).await;
            let mut row = run.json();
            row["most_memory_mib"] = (memory_kib(server.pid(), "VmHWM") / 1024).into();
            found[format!("{database:?}, {name}")] = row;
        }
    }
    found
}

/// Searches among so many enrollments, on SQLite; each kind alone, one after the other.
pub async fn find(count: usize) -> Value {
    let server = Server::start(Database::Sqlite, SETTINGS).await;
    let office = Caller::new(&server, &["enroll.write", "enroll.read"]).await;
    let began = Instant::now();
    let one = async |number: usize| {
        let path = format!("/v1/enrollments/load-{number}?transactionId=t");
        Wire::open(address(&server), None).await.ask(&office.request("POST", &path, &record(number, None))).await.status
    };
    let mut filling = futures::stream::iter(0..count).map(one).buffer_unordered(16);
    while let Some(status) = filling.next().await {
        assert_eq!(status, 204);
    }
    drop(filling);
    let mut found = json!({
        "enrollments": count,
        "filled per second": round(count as f64 / began.elapsed().as_secs_f64()),
        "database_mib": round(server.database_size().await as f64 / (1024.0 * 1024.0)),
    });
    let expression = |name: &str, operator: &str, value: Value| {
        json!([{ "attributeName": name, "operator": operator, "value": value }]).to_string()
    };
    let page = "/v1/enrollments?transactionId=t&limit=10";
    let nth = |number: usize| number.wrapping_mul(7919) % count;
    let day = |number: usize| format!("{}-06-15", 1930 + number % 90);
    let kinds: [(&str, usize, &Ask); 6] = [
        ("by id", SEARCHES, &|n| (format!("/v1/enrollments/load-{}?transactionId=t", nth(n)), String::new())),
        ("one equal", SEARCHES, &|n| (page.into(), expression("lastName", "=", format!("Last{}", nth(n)).into()))),
        ("one in a thousand equal", SEARCHES, &|n| {
            (page.into(), expression("firstName", "=", format!("First{}", n % 1000).into()))
        }),
        ("born before", 20, &|n| (page.into(), expression("dateOfBirth", "<", day(n).into()))),
        ("not equal", 20, &|n| (page.into(), expression("firstName", "!=", format!("First{}", n % 1000).into()))),
        ("the last page of all", 20, &|_| (format!("{page}&offset={}", count.saturating_sub(10)), "[]".into())),
    ];
    let mut wire = Wire::open(address(&server), None).await;
    // Each answer waits for the disk, which is not to be busy with what the filling left.
    assert!(std::process::Command::new("sync").status().expect("sync").success());
    for (name, times, ask) in kinds {
        // What is looked up lies anywhere: first perhaps on the disk, then in memory.
        let rounds: &[&str] = if times == SEARCHES { &["", ", again"] } else { &[""] };
        for again in rounds {
            let mut took = Vec::new();
            for number in 0..times {
                let (path, body) = ask(number);
                let method = if body.is_empty() { "GET" } else { "POST" };
                let asked = office.request(method, &path, &body);
                let start = Instant::now();
                wire.ask_well(&asked).await;
                took.push(start.elapsed());
            }
            let took = Times::of(took);
            found[format!("{name}{again}")] =
                json!({ "p50_ms": round(took.percentile(0.5)), "p99_ms": round(took.percentile(0.99)) });
        }
    }
    found["memory_mib"] = (memory_kib(server.pid(), "VmRSS") / 1024).into();
    found
}

/// Verifications of a name that its person agreed to have verified, with a signed proof and without, on each database.
pub async fn verifications(seconds: u64, at_once: usize) -> Value {
    let mut found = json!({});
    for database in Database::all() {
        let server = Server::start(database, SETTINGS).await;
        let line = ["--grant", "authorization_code", "--grant", "client_credentials", "--scope", "id.verify"];
        let party = server.relying_party_with("/op", &line).await;
        let browser = Browser::new(&server, "/op").await;
        let transaction = browser.start(party.begin().0).await;
        browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
        browser.auth_code(&transaction, &["name"]).await.good();
        let bearer = format!("Bearer {}", token(&party, &["id.verify"]).await);
        let service = Service { party, origin: server.origin.clone(), token: String::new() };
        let caller = Caller { service, bearer };
        let body = json!({ "biographicData": { "fullName": AMARA.name } }).to_string();
        for (name, proof) in [("with a proof", "true"), ("without", "false")] {
            let path = format!("/v1/verify/{}?transactionId=t&verificationProofRequired={proof}", AMARA.id);
            let asked = caller.request("POST", &path, &body);
            let cpu = || server.cpu_seconds();
            let once = async |wire: &mut Wire| {
                wire.ask_well(&asked).await;
            };
            let run = repeat(caller.wires(&server, at_once).await, Duration::from_secs(seconds), cpu, once).await;
            found[format!("{database:?}, {name}")] = run.json();
        }
    }
    found
}

/// So many messages to one subscriber that confirms: how many reach it a second, once all are published.
pub async fn deliveries(count: usize) -> Value {
    let mut found = json!({});
    for database in Database::all() {
        let server = Server::start(database, SETTINGS).await;
        let scopes = ["notif.sub.write", "notif.topic.write", "notif.topic.publish"];
        let service = Caller::new(&server, &scopes).await.service;
        let receiver = Receiver::start().await;
        let topic = service.send("POST", "/v1/topics?name=load", None).await.json()["uuid"].clone();
        let address: String = url::form_urlencoded::byte_serialize(receiver.url.as_bytes()).collect();
        let path = format!("/v1/subscriptions?topic=load&protocol=http&address={address}&policy=1,5");
        service.send("POST", &path, None).await.is(200);
        let asked = receiver.until("the confirmation", |heard| heard.header("message-type") == CONFIRMATION).await;
        let token = asked.json()["token"].as_str().unwrap().to_owned();
        service.get(&format!("/v1/subscriptions/confirm?token={token}")).await.is(200);
        let (used, began) = (server.cpu_seconds(), Instant::now());
        let publish = format!("/v1/topics/{}/publish", topic.as_str().unwrap());
        let one =
            async |number: usize| service.upload(&publish, "plain/text", number.to_string().as_bytes()).await.status;
        let mut publishing = futures::stream::iter(0..count).map(one).buffer_unordered(16);
        while let Some(status) = publishing.next().await {
            assert_eq!(status, 200);
        }
        drop(publishing);
        let published = began.elapsed().as_secs_f64();
        while receiver.count("Notification") < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let seconds = began.elapsed().as_secs_f64();
        found[format!("{database:?}")] = json!({
            "count": count,
            "published per second": round(count as f64 / published),
            "per_second": round(count as f64 / seconds),
            "per_cpu_second": round(count as f64 / (server.cpu_seconds() - used).max(0.01)),
            "memory_mib": memory_kib(server.pid(), "VmRSS") / 1024,
        });
    }
    found
}
