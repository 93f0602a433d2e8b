//! From enrollment to identity, through the whole app, on both databases.

mod biometrics;
mod callbacks;
mod decided;
mod duplicates;
mod rehashing;
mod traced;
mod unreadable;

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use super::*;
use crate::audit::{EventKind, Filter};
use crate::clients::{AuthMethod, GrantType, Registration};
use crate::dialect::Mount;
use crate::registry::{self, IdentifierKind, NewPerson};
use crate::testkit::{Answer, Kit};
use duplicates::{cases, decide};

const EVERY: [&str; 12] = [
    "enroll.read",
    "enroll.write",
    "enroll.buf.write",
    "uin.generate",
    "pr.person.write",
    "pr.history.read",
    "pr.identifier.read",
    "pr.identifier.write",
    "pr.duplicate.read",
    "pr.duplicate.write",
    "pr.person.read",
    "audit_read",
];

/// A token of a machine client with these scopes.
async fn bearer(kit: &Kit, client: &str, scopes: &[&str]) -> String {
    let registration = Registration {
        name: [("@none".to_owned(), client.to_owned())].into(),
        grant_types: vec![GrantType::ClientCredentials],
        auth_methods: vec![AuthMethod::PrivateKeyJwt],
        ..Registration::default()
    };
    let (text, row, name) = (serde_json::to_string(&registration).unwrap(), kit.state.next_id(), client.to_owned());
    kit.state
        .store
        .write(move |tx| {
            Box::pin(async move {
                // The second call of a test finds it there.
                crate::execute!(
                    tx,
                    "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes, created_at,
                        updated_at)
                     VALUES ($1, 'op', $2, $2, 'active', $3, 0, 0, 0) ON CONFLICT DO NOTHING",
                    row,
                    name,
                    text
                )?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let token = crate::grants::issue_to_client(&kit.state, Mount::Op, client, &scopes, crate::grants::Shown::default());
    format!("Bearer {}", token.await.unwrap().unwrap())
}

async fn call(kit: &Kit, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
    let builder = Request::builder().method(method).uri(path).header("authorization", token);
    let builder = builder.header("content-type", "application/json");
    kit.send(builder.body(body.map_or_else(Body::empty, |body| body.to_string().into())).unwrap()).await
}

fn amina() -> Value {
    json!({
        "biographicData": {
            "firstName": "Amina", "lastName": "Diallo", "dateOfBirth": "1990-02-28", "gender": "F",
            "nationality": "SEN", "email": "amina@example.org", "spouseName": "Moussa"
        }
    })
}

async fn enroll(kit: &Kit, token: &str, id: &str, body: Value) {
    let path = format!("/v1/enrollments/{id}?finalize=true&transactionId=T-{id}");
    let answer = call(kit, token, "POST", &path, Some(body)).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
}

/// Works until there is nothing to do.
async fn settle(kit: &Kit) {
    while work(&kit.state).await.unwrap() > 0 {}
}

async fn became(kit: &Kit, token: &str, id: &str) -> Value {
    let answer = call(kit, token, "GET", &format!("/identity/enrollments/{id}?transactionId=T"), None).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

/// GS-IDM-01, GS-ENR-02, GS-IDF-01.
#[tokio::test]
async fn on_both_gs_idm_01_a_finalized_enrollment_becomes_a_person_with_a_uin_once() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        settle(&kit).await;
        let outcome = became(&kit, &office, "e1").await;
        assert_eq!(outcome["state"], "made");
        let uin = outcome["uin"].as_str().unwrap().to_owned();
        let person = registry::find(&kit.state, &uin).await.unwrap().unwrap();
        let names = ["name", "birthdate", "email", "individual_id", "osia.spouseName"].map(String::from);
        let claims = registry::claims(&kit.state, person, &names, &[]).await.unwrap();
        let expected = json!({
            "name": "Amina Diallo", "birthdate": "1990-02-28", "email": "amina@example.org", "individual_id": uin,
            "osia.spouseName": "Moussa"
        });
        assert_eq!(Value::Object(claims), expected);
        settle(&kit).await;
        let list = json!({ "individualId": uin });
        let told = call(&kit, &office, "POST", "/identity/identifiers/list", Some(list)).await.json();
        assert_eq!(told["enrollments"], json!([{ "service": "office", "enrollmentId": "e1" }]));
        assert_eq!(told["identifiers"].as_array().unwrap().len(), 1);
        // GS-SEC-05b: another service does not see it.
        let other = bearer(&kit, "other", &EVERY).await;
        let path = "/identity/enrollments/e1?transactionId=T";
        assert_eq!(call(&kit, &other, "GET", path, None).await.status, 404);
        // GS-SEC-01.
        let weak = bearer(&kit, "office", &["enroll.write"]).await;
        assert_eq!(call(&kit, &weak, "GET", path, None).await.status, 403);
        assert_eq!(call(&kit, "", "GET", path, None).await.status, 401);
        assert_eq!(call(&kit, &office, "GET", "/identity/enrollments/e1", None).await.status, 400);
        assert_eq!(call(&kit, &office, "GET", "/identity/enrollments/e2?transactionId=T", None).await.status, 404);
    }
}

/// Several nodes at once: one person of each.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_many_nodes_make_one_person_of_one_enrollment() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        for n in 0..6 {
            let mut body = amina();
            body["biographicData"]["lastName"] =
                format!("Number{}", ["a", "bib", "coc", "dud", "lil", "rar"][n]).into();
            body["biographicData"]["dateOfBirth"] = format!("19{n}0-0{}-1{n}", n + 1).into();
            enroll(&kit, &office, &format!("e{n}"), body).await;
        }
        let nodes = (0..4).map(|_| {
            let state = kit.state.clone();
            async move { while work(&state).await.unwrap() > 0 {} }
        });
        futures::future::join_all(nodes).await;
        settle(&kit).await;
        let persons = kit
            .state
            .store
            .read(|tx| Box::pin(async move { crate::fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM person") }))
            .await
            .unwrap();
        assert_eq!(persons.0, 6);
    }
}

/// Whoever died with an enrollment in his hands: it is gone on with when his time is over.
#[tokio::test]
async fn on_both_what_a_dead_node_held_is_gone_on_with() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        let state = &kit.state;
        super::work::begin(state).await.unwrap();
        let (now, until) = (state.clock.now(), state.clock.now() + 15_000);
        let leased = state.store.write(move |tx| Box::pin(store::lease(tx, now, until))).await.unwrap();
        assert!(leased.is_some());
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e1").await["state"], "waiting");
        kit.clock.advance_seconds(16);
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e1").await["state"], "made");
    }
}

/// OSIA UIN 1.2.0.
#[tokio::test]
async fn osia_uin_a_uin_is_a_string_of_digits_that_nobody_has() {
    let kit = Kit::new().await;
    let office = bearer(&kit, "office", &EVERY).await;
    let path = "/v1/uin?transactionId=T1";
    let example =
        json!({ "firstName": "John", "lastName": "Doo", "dateOfBirth": "1984-11-19", "tall": true, "n": 1.5 });
    let answer = call(&kit, &office, "POST", path, Some(example)).await;
    let uin = answer.json().as_str().unwrap().to_owned();
    assert!(uin.len() == 10 && uin.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(call(&kit, &office, "POST", "/v1/uin", Some(json!({}))).await.status, 400, "OSIA-COM-01");
    for bad in [json!({ "a": {} }), json!({ "a": null }), json!([])] {
        let answer = call(&kit, &office, "POST", path, Some(bad)).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_i64()), (400, Some(400)));
    }
    let weak = bearer(&kit, "office", &["enroll.read"]).await;
    assert_eq!(call(&kit, &weak, "POST", path, Some(json!({}))).await.status, 403);
    assert_eq!(call(&kit, "Bearer x", "POST", path, Some(json!({}))).await.status, 401);
}

/// GS-IDM-02a, GS-IDM-02b, GS-AUD-01a, GS-AUD-01b.
#[tokio::test]
async fn gs_idm_02b_an_attribute_changes_upon_evidence_and_history_is_for_those_who_may_read_it() {
    let kit = Kit::new().await;
    let office = bearer(&kit, "office", &EVERY).await;
    enroll(&kit, &office, "e1", amina()).await;
    settle(&kit).await;
    let uin = became(&kit, &office, "e1").await["uin"].clone();
    let document = json!({ "documentType": "OTHER", "documentTypeOther": "court", "parts": [{ "data": "c2VhbA==" }] });
    let change = |set: Value, evidence: Value| json!({ "individualId": uin, "set": set, "reason": "marriage", "evidence": evidence });
    let path = "/identity/person/change?transactionId=T7";
    let marriage = json!({ "lastName": "Sow", "spouseName": "Ibrahima" });
    let by_reference = json!([{ "documentType": "FORM", "parts": [{ "dataRef": "https://id.example/1" }] }]);
    for (set, evidence) in [
        (marriage.clone(), json!([])),
        (marriage.clone(), by_reference),
        (marriage.clone(), json!([{ "documentType": "DEED", "parts": [{ "data": "c2VhbA==" }] }])),
        (json!({ "dateOfBirth": "soon" }), json!([document])),
        (json!({ "dateOfBirth": "2026-01-07" }), json!([document])),
        (json!({ "nationality": "Utopia" }), json!([document])),
        (json!({ "email_verified": "x", "birthdate": 5 }), json!([document])),
    ] {
        let answer = call(&kit, &office, "POST", path, Some(change(set, evidence))).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    let answer = call(&kit, &office, "POST", path, Some(change(marriage, json!([document])))).await;
    assert_eq!(answer.json()["changed"], json!(["family_name", "name", "osia.spouseName"]), "{}", answer.text);
    let person = registry::find(&kit.state, uin.as_str().unwrap()).await.unwrap().unwrap();
    let claims = registry::claims(&kit.state, person, &["family_name".to_owned()], &[]).await.unwrap();
    assert_eq!(claims["family_name"], "Sow");
    let whose = json!({ "individualId": uin });
    let history = call(&kit, &office, "POST", "/identity/person/history", Some(whose.clone())).await.json();
    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!((&entries[0]["action"], &entries[0]["by"]), (&json!("added"), &json!("office")));
    let second = &entries[1];
    assert_eq!((&second["by"], &second["reason"]), (&json!("op:office"), &json!("marriage")));
    assert_eq!(second["transactionId"], "T7");
    assert_eq!(second["changes"][0], json!({ "attribute": "family_name", "before": "Diallo", "after": "Sow" }));
    let evidence = second["evidence"][0]["evidenceId"].as_str().unwrap();
    let path = format!("/identity/evidence/{evidence}");
    assert_eq!(call(&kit, &office, "GET", &path, None).await.json(), document);
    assert_eq!(call(&kit, &office, "GET", "/identity/evidence/nonsense", None).await.status, 404);
    // Only by those who may, and not unseen.
    let weak = bearer(&kit, "office", &["pr.person.write"]).await;
    assert_eq!(call(&kit, &weak, "POST", "/identity/person/history", Some(whose)).await.status, 403);
    assert_eq!(call(&kit, &weak, "GET", &path, None).await.status, 403);
    let audit = kit.state.audit.clone();
    let filter = Filter { kind: Some(EventKind::HistoryRead), limit: 10, ..Filter::default() };
    let read = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await.unwrap();
    assert_eq!(read.events.len(), 2);
    let unknown = json!({ "individualId": "nobody" });
    assert_eq!(call(&kit, &office, "POST", "/identity/person/history", Some(unknown)).await.status, 404);
}

/// GS-IDF-01, over HTTP.
#[tokio::test]
async fn gs_idf_01_virtual_ids_are_issued_listed_and_revoked() {
    let kit = Kit::new().await;
    let office = bearer(&kit, "office", &EVERY).await;
    let of = NewPerson {
        identifiers: vec![registry::Identifier { kind: IdentifierKind::Uin, value: "5601934482".into() }],
        ..NewPerson::default()
    };
    let person = registry::add(&kit.state, of).await.unwrap();
    let ask = |path: &'static str, body: Value| call(&kit, &office, "POST", path, Some(body));
    let whose = json!({ "individualId": "5601934482" });
    let issued = ask("/identity/identifiers/issue", whose.clone()).await.json();
    let id = issued["value"].as_str().unwrap().to_owned();
    assert_eq!((&issued["kind"], id.len()), (&json!("vid"), 16));
    assert_eq!(registry::find(&kit.state, &id).await.unwrap(), Some(person));
    let revoke = json!({ "individualId": id, "virtualId": id });
    assert_eq!(ask("/identity/identifiers/revoke", revoke.clone()).await.status, 204);
    assert_eq!(ask("/identity/identifiers/revoke", revoke).await.status, 404);
    assert_eq!(registry::find(&kit.state, &id).await.unwrap(), None);
    let listed = ask("/identity/identifiers/list", whose).await.json();
    let good: Vec<&Value> = listed["identifiers"].as_array().unwrap().iter().map(|one| &one["good"]).collect();
    assert_eq!(good, [true, false]);
    let long = json!({ "individualId": "5601934482", "days": 40_000 });
    assert_eq!(ask("/identity/identifiers/issue", long).await.status, 400);
    assert_eq!(ask("/identity/identifiers/list", json!({ "individualId": "nobody" })).await.status, 404);
}
