//! Who may call: every operation without a token, with one that is nobody's, with one of other scopes, and without
//! `transactionId` where OSIA demands it.

use std::time::{Duration, Instant};

use outside::random;
use outside::server::{Database, Server};
use outside::service::{Reply, Service};
use serde_json::{Value, json};

/// An operation: method, path with parameters, scopes that open it (any of them), a media type where its body is no JSON.
struct Operation {
    method: &'static str,
    path: &'static str,
    scopes: &'static [&'static str],
    media: &'static str,
}

const JSON: &str = "application/json";

const fn operation(method: &'static str, path: &'static str, scopes: &'static [&'static str]) -> Operation {
    Operation { method, path, scopes, media: JSON }
}

/// The operations of `enrollment.yaml`.
const ENROLLMENT: [Operation; 9] = [
    operation("POST", "/v1/enrollments/x1?transactionId=t", &["enroll.write"]),
    operation("GET", "/v1/enrollments/x1?transactionId=t", &["enroll.read"]),
    operation("PUT", "/v1/enrollments/x1?transactionId=t", &["enroll.write"]),
    operation("PATCH", "/v1/enrollments/x1?transactionId=t", &["enroll.write"]),
    operation("DELETE", "/v1/enrollments/x1?transactionId=t", &["enroll.write"]),
    operation("PUT", "/v1/enrollments/x1/finalize?transactionId=t", &["enroll.write"]),
    operation("POST", "/v1/enrollments?transactionId=t", &["enroll.read"]),
    Operation {
        method: "POST",
        path: "/v1/enrollments/x1/buffer?transactionId=t",
        scopes: &["enroll.buf.write"],
        media: "image/png",
    },
    operation("GET", "/v1/enrollments/x1/buffer/b1?transactionId=t", &["enroll.buf.read"]),
];

/// The operations of `pr.yaml`.
const POPULATION: [Operation; 19] = [
    operation("POST", "/pr/v1/persons?transactionId=t", &["pr.person.read"]),
    operation("POST", "/pr/v1/persons/x1?transactionId=t", &["pr.person.write"]),
    operation("GET", "/pr/v1/persons/x1?transactionId=t", &["pr.person.read"]),
    operation("PUT", "/pr/v1/persons/x1?transactionId=t", &["pr.person.write"]),
    operation("DELETE", "/pr/v1/persons/x1?transactionId=t", &["pr.person.write"]),
    operation("POST", "/pr/v1/persons/x1/merge/x2?transactionId=t", &["pr.person.write"]),
    operation("GET", "/pr/v1/persons/x1/identities?transactionId=t", &["pr.identity.read"]),
    operation("POST", "/pr/v1/persons/x1/identities?transactionId=t", &["pr.identity.write"]),
    operation("POST", "/pr/v1/persons/x1/identities/i1?transactionId=t", &["pr.identity.write"]),
    operation("GET", "/pr/v1/persons/x1/identities/i1?transactionId=t", &["pr.identity.read"]),
    operation("PUT", "/pr/v1/persons/x1/identities/i1?transactionId=t", &["pr.identity.write"]),
    operation("PATCH", "/pr/v1/persons/x1/identities/i1?transactionId=t", &["pr.identity.write"]),
    operation("DELETE", "/pr/v1/persons/x1/identities/i1?transactionId=t", &["pr.identity.write"]),
    operation("POST", "/pr/v1/persons/x1/move/x2/identities/i1?transactionId=t", &["pr.identity.write"]),
    operation("PUT", "/pr/v1/persons/x1/identities/i1/status?transactionId=t&status=VALID", &["pr.identity.write"]),
    operation("PUT", "/pr/v1/persons/x1/identities/i1/reference?transactionId=t", &["pr.reference.write"]),
    operation("GET", "/pr/v1/persons/x1/reference?transactionId=t", &["pr.reference.read"]),
    operation("GET", "/pr/v1/galleries?transactionId=t", &["pr.gallery.read"]),
    operation("GET", "/pr/v1/galleries/g1?transactionId=t", &["pr.gallery.read"]),
];

/// The operations of `dataaccess.yaml`, each opened by either of two scopes.
const DATA_ACCESS: [Operation; 5] = [
    operation("GET", "/data/v1/persons?firstName=Ada", &["pr.person.read", "cr.person.read"]),
    operation("GET", "/data/v1/persons/x1?attributeNames=firstName", &["pr.person.read", "cr.person.read"]),
    operation("POST", "/data/v1/persons/x1/match", &["pr.person.match", "cr.person.match"]),
    operation("POST", "/data/v1/persons/x1/verify", &["pr.person.verify", "cr.person.verify"]),
    operation(
        "GET",
        "/data/v1/persons/x1/document?doctype=PASSPORT&format=pdf",
        &["pr.document.read", "cr.document.read"],
    ),
];

/// The operations of `3rdparty.yaml`, but for those of identifying, which is off.
const THIRD_PARTY: [Operation; 3] = [
    operation("POST", "/v1/verify/x1?transactionId=t", &["id.verify"]),
    operation("GET", "/v1/attributes/DEFAULT_SET_01/x1?transactionId=t", &["id.DEFAULT_SET_01.read"]),
    operation("POST", "/v1/attributes/x1?transactionId=t", &["id.read"]),
];

/// The operations of `notification.yaml`.
const NOTIFICATION: [Operation; 8] = [
    operation("POST", "/v1/subscriptions", &["notif.sub.write"]),
    operation("GET", "/v1/subscriptions", &["notif.sub.read"]),
    operation("DELETE", "/v1/subscriptions/x1", &["notif.sub.write"]),
    operation("GET", "/v1/subscriptions/confirm?token=t", &["notif.sub.write"]),
    operation("POST", "/v1/topics", &["notif.topic.write"]),
    operation("GET", "/v1/topics", &["notif.topic.read"]),
    operation("DELETE", "/v1/topics/x1", &["notif.topic.write"]),
    Operation { method: "POST", path: "/v1/topics/x1/publish", scopes: &["notif.topic.publish"], media: "plain/text" },
];

/// The operation of `uin.yaml`.
const UIN: [Operation; 1] = [operation("POST", "/v1/uin?transactionId=t", &["uin.generate"])];

/// Every operation.
fn all() -> Vec<&'static Operation> {
    let others = THIRD_PARTY.iter().chain(&NOTIFICATION).chain(&UIN);
    ENROLLMENT.iter().chain(&POPULATION).chain(&DATA_ACCESS).chain(others).collect()
}

async fn call(service: &Service, operation: &Operation, path: &str, token: Option<&str>) -> Reply {
    let request = service.party.http.request(operation.method.parse().unwrap(), format!("{}{path}", service.origin));
    let request = match token {
        Some(token) => request.header("authorization", token),
        None => request,
    };
    let lists = ["/v1/enrollments?", "/v1/persons?"].iter().any(|list| operation.path.contains(list));
    let body: Value = if lists { json!([]) } else { json!({}) };
    let request = match operation.method {
        "GET" | "DELETE" => request,
        _ => request.header("content-type", operation.media).body(body.to_string()),
    };
    Reply::of(request).await
}

/// OSIA-SEC-01 to 05, OSIA-COM-01, GS-ENR-05c, GS-SEC-01, 02.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_calls_without_the_scope_that_osia_names() {
    let server = Server::start(Database::Sqlite, "").await;
    let mut scopes: Vec<&str> = all().iter().flat_map(|operation| operation.scopes).copied().collect();
    scopes.sort_unstable();
    scopes.dedup();
    let service = Service::register(&server, &scopes).await;
    for operation in all() {
        let told = format!("{} {}", operation.method, operation.path);
        // OSIA-SEC-04.
        let bearer = format!("Bearer {}", service.token);
        let last = if bearer.ends_with('A') { "B" } else { "A" };
        let changed = format!("{}{last}", &bearer[..bearer.len() - 1]);
        let foreign = format!("Bearer {}", random());
        for token in [None, Some(foreign.as_str()), Some(changed.as_str()), Some("Bearer "), Some("Basic eDp5")] {
            let reply = call(&service, operation, operation.path, token).await;
            assert_eq!(reply.status, 401, "{told}: {}", reply.text());
            // RFC 6750 §3.1: an error is named to who sent a bearer token.
            let sent = token.is_some_and(|token| token.starts_with("Bearer ") && token != "Bearer ");
            let challenge = if sent { r#"Bearer error="invalid_token""# } else { "Bearer" };
            assert_eq!(reply.header("www-authenticate"), challenge, "{told}");
            reply.refused(401);
        }
        // All scopes but those that open it.
        let others: Vec<&str> = scopes.iter().copied().filter(|scope| !operation.scopes.contains(scope)).collect();
        let without = service.with_scopes(&others).await;
        let reply = call(&service, operation, operation.path, Some(&format!("Bearer {}", without.token))).await;
        assert_eq!(reply.status, 403, "{told}: {}", reply.text());
        assert_eq!(reply.header("www-authenticate"), r#"Bearer error="insufficient_scope""#, "{told}");
        // Each that opens it.
        for scope in operation.scopes {
            let with = service.with_scopes(&[scope]).await;
            let reply = call(&service, operation, operation.path, Some(&format!("Bearer {}", with.token))).await;
            assert!(![401, 403, 405].contains(&reply.status), "{told} by {scope}: {} {}", reply.status, reply.text());
            assert!(reply.status < 500, "{told} by {scope}: {}", reply.text());
        }
        // OSIA-COM-01.
        if operation.path.contains("transactionId=t") {
            for other in [
                "",
                "transactionId=",
                "transactionid=t",
                "transactionId=%20",
                "transactionId=%FF",
                "transactionId=a%0A",
            ] {
                let path = operation.path.replace("transactionId=t", other);
                call(&service, operation, &path, Some(&bearer)).await.refused(400);
            }
        }
    }
    gone(&server, &service).await;
}

/// GS-SEC-02: what a deactivated client holds opens nothing any more.
async fn gone(server: &Server, service: &Service) {
    let bearer = format!("Bearer {}", service.token);
    server.command(&["client", "disable", &service.party.client_id, "--mount", "op"]);
    // A running server believes what it knows of a client for some seconds.
    let began = Instant::now();
    while service.get("/v1/topics").await.status != 401 {
        assert!(began.elapsed() < Duration::from_secs(180), "a disabled client is let in");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for operation in all() {
        let reply = call(service, operation, operation.path, Some(&bearer)).await;
        assert_eq!(reply.status, 401, "{} {}: {}", operation.method, operation.path, reply.text());
    }
}

/// OSIA-COM-02: bodies are JSON, and say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_media_type_is_refused() {
    let server = Server::start(Database::Sqlite, "").await;
    let office = crate::office(&server).await;
    for operation in ENROLLMENT.iter().filter(|one| one.media == JSON && !["GET", "DELETE"].contains(&one.method)) {
        if operation.path.contains("/finalize") {
            continue;
        }
        for media in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
            let request = office.request(operation.method, operation.path);
            let reply = Reply::of(request.header("content-type", media).body("{}")).await;
            assert!([400, 415].contains(&reply.status), "{} {media}: {}", operation.path, reply.status);
        }
    }
    office.get("/v1/enrollments/x1?transactionId=t").await.refused(404);
}
