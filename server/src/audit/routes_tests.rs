//! Events and cases over HTTP: who may read, what they see, and that reading is seen too.

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::dialect::Mount;
use crate::grants;
use crate::linked::test_kit::{OTHER_UIN, Phone, Tab, UIN, add_client, person};
use crate::testkit::{Answer, Kit};

async fn token(kit: &Kit, mount: Mount, scope: &str) -> String {
    add_client(kit, mount).await;
    grants::issue_to_client(&kit.state, mount, "clinic", &[scope.to_owned()], crate::grants::Shown::default())
        .await
        .unwrap()
        .unwrap()
}

async fn post(kit: &Kit, path: &str, request: Value, token: &str) -> Answer {
    kit.post(path, request, &[("authorization", &format!("Bearer {token}"))]).await
}

fn of(answer: &Answer, member: &str) -> Vec<Value> {
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::OK, ""), "{}", answer.text);
    answer.json()["response"][member].as_array().unwrap().clone()
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

/// A login that ended in a suspicious denial, and one that was approved.
async fn history(kit: &Kit) {
    let phone = Phone::bind(kit, UIN).await;
    let tab = Tab::new(kit);
    let id = tab.begin(kit, Mount::Op).await;
    let scanned = phone.scan(kit, Mount::Op, &tab.code(kit, Mount::Op, &id).await, true).await;
    let no = json!({ "linkedTransactionId": scanned.linked, "reason": "suspicious" });
    assert_eq!(kit.post("/wallet/deny", no, &[]).await.code(), "");
    let id = tab.begin(kit, Mount::Op).await;
    phone.approve(kit, Mount::Op, &tab.code(kit, Mount::Op, &id).await).await;
}

/// GS-AUD-01b, GS-SEC-01: no token 401, another scope 403; a token of any issuer serves, for the trail is the host's.
#[tokio::test]
async fn gs_aud_01b_only_the_scope_opens_the_trail() {
    let kit = Kit::new().await;
    for path in ["/audit/events", "/audit/cases"] {
        assert_eq!(kit.get(path, None).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(kit.get(path, Some("x")).await.status, StatusCode::UNAUTHORIZED);
        let (right, wrong) =
            if path.ends_with("events") { ("audit_read", "audit_case") } else { ("audit_case", "audit_read") };
        for mount in Mount::ISSUERS {
            for wrong in [wrong, "update_oidc_client"] {
                let token = token(&kit, mount, wrong).await;
                assert_eq!(kit.get(path, Some(&token)).await.status, StatusCode::FORBIDDEN);
            }
            let token = token(&kit, mount, right).await;
            assert_eq!(kit.get(path, Some(&token)).await.status, StatusCode::OK);
        }
    }
    assert_eq!(kit.post("/audit/events/search", json!({}), &[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(kit.post("/audit/cases/x/close", json!({}), &[]).await.status, StatusCode::UNAUTHORIZED);
}

/// GS-AUD-01a, 01b: what happened to a person is found by the identifier, in a body; the read is an event itself.
#[tokio::test]
async fn gs_aud_01a_a_persons_events_are_found_and_the_read_is_recorded() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    person(&kit, OTHER_UIN).await;
    history(&kit).await;
    let token = token(&kit, Mount::Op, "audit_read").await;
    let search = |id: &str, filter: Value| json!({ "individualId": id, "filter": filter });
    let answer = post(&kit, "/audit/events/search", search(UIN, json!({})), &token).await;
    let events = of(&answer, "events");
    // The read stands at the end: it is about the person too.
    assert_eq!(kinds(&events), ["key_bound", "login_authenticated", "consent_given", "login_approved", "audit_read"]);
    assert!(!answer.text.contains(UIN), "{}", answer.text);
    let subject = &events[0]["subject"];
    assert!(events.iter().all(|event| event["subject"] == *subject));
    let one = post(&kit, "/audit/events/search", search(UIN, json!({ "kind": "login_approved" })), &token).await;
    let login = of(&one, "events")[0]["login"].as_str().unwrap().to_owned();
    let nobody = post(&kit, "/audit/events/search", search("0000000000", json!({})), &token).await;
    assert_eq!(of(&nobody, "events"), Vec::<Value>::new());
    let other = post(&kit, "/audit/events/search", search(OTHER_UIN, json!({})), &token).await;
    assert_eq!(kinds(&of(&other, "events")), ["audit_read"]);

    // The whole login, by the name that its events have.
    let whole = kit.get(&format!("/audit/events?login={login}"), Some(&token)).await;
    assert_eq!(
        kinds(&of(&whole, "events")),
        ["login_linked", "login_authenticated", "consent_given", "login_approved"]
    );
    let refused = kit.get("/audit/events?kind=login_denied&mount=op&clientId=clinic", Some(&token)).await;
    let refused = of(&refused, "events");
    assert_eq!((refused[0]["reason"].as_str(), refused[0]["outcome"].as_str()), (Some("suspicious"), Some("refused")));
}

#[tokio::test]
async fn pages_follow_the_cursor_and_bad_parameters_are_refused() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    history(&kit).await;
    let token = token(&kit, Mount::Op, "audit_read").await;
    let (mut seen, mut path) = (0, "/audit/events?limit=2".to_owned());
    for _ in 0..100 {
        let answer = kit.get(&path, Some(&token)).await;
        let events = of(&answer, "events");
        assert!(events.len() <= 2);
        // Each read adds one; what was there before is what counts.
        seen += events.iter().filter(|event| event["kind"] != "audit_read").count();
        match answer.json()["response"]["cursor"].as_str() {
            Some(cursor) if events.iter().any(|event| event["kind"] != "audit_read") => {
                path = format!("/audit/events?limit=2&cursor={cursor}");
            }
            _ => break,
        }
    }
    let all = of(&kit.get("/audit/events?limit=1000", Some(&token)).await, "events");
    assert_eq!(seen, all.iter().filter(|event| event["kind"] != "audit_read").count());
    for bad in [
        "limit=0",
        "limit=1001",
        "limit=x",
        "kind=nothing",
        "mount=moon",
        "from=yesterday",
        "person=1",
        "individualId=1",
    ] {
        let answer = kit.get(&format!("/audit/events?{bad}"), Some(&token)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}: {}", answer.text);
    }
}

#[tokio::test]
async fn cases_are_listed_and_closed_once() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    history(&kit).await;
    let token = token(&kit, Mount::Op, "audit_case").await;
    let open = of(&kit.get("/audit/cases?open=true", Some(&token)).await, "cases");
    assert_eq!(open.len(), 1);
    assert_eq!((open[0]["cause"].as_str(), open[0]["reason"].as_str()), (Some("denied"), Some("suspicious")));
    let path = format!("/audit/cases/{}/close", open[0]["caseId"].as_str().unwrap());
    let nonsense = post(&kit, &path, json!({ "resolution": "whatever" }), &token).await;
    assert_eq!(nonsense.status, StatusCode::BAD_REQUEST);
    let close = json!({ "resolution": "attack" });
    assert_eq!(post(&kit, &path, close.clone(), &token).await.code(), "");
    assert_eq!(post(&kit, &path, close.clone(), &token).await.code(), "invalid_status");
    assert_eq!(post(&kit, "/audit/cases/x/close", close, &token).await.status, StatusCode::NOT_FOUND);
    assert!(of(&kit.get("/audit/cases?open=true", Some(&token)).await, "cases").is_empty());
    let closed = of(&kit.get("/audit/cases?open=false", Some(&token)).await, "cases");
    assert_eq!((closed[0]["resolution"].as_str(), closed[0]["closedBy"].as_str()), (Some("attack"), Some("clinic")));
}

/// GS-AUD-01b: whoever looks at cases, or for somebody who is not there, is seen too.
#[tokio::test]
async fn gs_aud_01b_every_read_is_an_event() {
    let kit = Kit::new().await;
    let (cases, events) = (token(&kit, Mount::Op, "audit_case").await, token(&kit, Mount::Op, "audit_read").await);
    let reads = async || {
        let read = of(&kit.get("/audit/events?kind=audit_read", Some(&events)).await, "events");
        // But for this one.
        read.len() - 1
    };
    assert_eq!(reads().await, 0);
    of(&kit.get("/audit/cases", Some(&cases)).await, "cases");
    assert_eq!(reads().await, 2);
    let nobody = json!({ "individualId": "1" });
    assert!(of(&post(&kit, "/audit/events/search", nobody, &events).await, "events").is_empty());
    assert_eq!(reads().await, 4);
}

/// The document describes what is served.
#[tokio::test]
async fn the_document_names_the_scopes() {
    let kit = Kit::new().await;
    let request =
        Request::get("/openapi.json").header(header::ACCEPT, "application/json").body(axum::body::Body::empty());
    let document = kit.send(request.unwrap()).await.json();
    for (path, verb, scope) in [
        ("/audit/events", "get", "audit_read"),
        ("/audit/events/search", "post", "audit_read"),
        ("/audit/cases", "get", "audit_case"),
        ("/audit/cases/{case_id}/close", "post", "audit_case"),
    ] {
        assert_eq!(document["paths"][path][verb]["security"][0]["client"][0], scope, "{path}");
    }
}
