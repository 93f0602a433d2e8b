use axum::body::Body;
use axum::http::{Method, Request, header};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

async fn token(kit: &Kit, id: &str, scopes: &[&str]) -> String {
    let registered: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let party = RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
        registration.scopes = registered;
    });
    let form = [("grant_type", "client_credentials"), ("scope", &scopes.join(" "))];
    party.await.ask(kit, &form).await.json()["access_token"].as_str().expect("a token").to_owned()
}

async fn call(kit: &Kit, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    kit.send(request.unwrap()).await
}

/// A person with a reference identity, and one with whom there is a common document.
async fn population(kit: &Kit) {
    let scopes = ["pr.person.write", "pr.identity.write", "pr.reference.write"];
    let office = token(kit, "office", &scopes).await;
    let common = json!({ "documentType": "OTHER", "documentTypeOther": "marriage",
        "parts": [{ "data": "JVBERi1jb21tb24=", "mimeType": "application/pdf" }] });
    for (uin, name) in [("111", "John"), ("222", "Jane")] {
        let own = json!({ "documentType": "PASSPORT", "parts": [
            { "data": "/9j/4A==", "mimeType": "image/jpeg" }, { "data": "iVBORw==", "mimeType": "image/png" },
            { "dataRef": "https://elsewhere.test/1", "mimeType": "image/jpeg" }
        ] });
        let identity = json!({
            "status": "VALID", "identityType": "CIVIL",
            "biographicData": { "firstName": name, "lastName": "Doo", "dateOfBirth": "1984-11-19", "children": 2,
                                "married": true, "languages": ["fr"] },
            "documentData": if uin == "111" { json!([common, own]) } else { json!([common]) }
        });
        let path = format!("/pr/v1/persons/{uin}");
        let alive = json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" });
        let query = "?transactionId=T";
        for (method, path, body) in [
            (Method::POST, format!("{path}{query}"), Some(alive)),
            (Method::POST, format!("{path}/identities/1{query}"), Some(identity)),
            (Method::PUT, format!("{path}/identities/1/reference{query}"), None),
        ] {
            let answer = call(kit, &office, method, &path, body).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_persons_are_asked_about_and_only_what_was_asked_for_is_told() {
    for kit in Kit::both().await {
        population(&kit).await;
        let registry = token(&kit, "civil", &["cr.person.read", "pr.person.match", "cr.person.verify"]).await;
        let get = async |path: &str| {
            let answer = call(&kit, &registry, Method::GET, &format!("/data/v1/{path}"), None).await;
            (answer.status.as_u16(), answer.json())
        };
        assert_eq!(get("persons?lastName=Doo").await, (200, json!(["111", "222"])));
        assert_eq!(get("persons?lastName=Doo&limit=1&offset=1").await, (200, json!(["222"])));
        assert_eq!(get("persons?firstName=John&lastName=Doo&children=2").await.1, json!(["111"]));
        assert_eq!(get("persons?firstName=Nobody").await.0, 404);
        assert_eq!(get("persons").await.0, 400);
        assert_eq!(get("persons?names=firstName").await.0, 400);
        let unknown = json!({ "code": 1023, "message": "Unknown attribute name" });
        let expected = json!([{ "children": 2, "dob": unknown }]);
        assert_eq!(get("persons?firstName=John&names=children&names=dob").await, (200, expected));

        let (status, told) =
            get("persons/111?attributeNames=firstName&attributeNames=dob&attributeNames=languages").await;
        assert_eq!((status, &told["firstName"], &told["dob"]), (200, &json!("John"), &unknown));
        assert_eq!((&told["languages"]["code"], told.as_object().unwrap().len()), (&json!(1024), 3));
        assert_eq!(get("persons/111").await.0, 400);
        assert_eq!(get("persons/999?attributeNames=firstName").await.0, 404);

        let post = async |path: &str, body: Value| {
            let answer = call(&kit, &registry, Method::POST, &format!("/data/v1/persons/{path}"), Some(body)).await;
            (answer.status.as_u16(), answer.json())
        };
        let right = json!({ "firstName": "John", "children": 2.0, "married": true });
        assert_eq!(post("111/match", right).await, (200, json!([])));
        let wrong = json!({ "firstName": "Jane", "dob": "1984-11-19", "children": "2" });
        let told = json!([
            { "attributeName": "children", "errorCode": 1 }, { "attributeName": "dob", "errorCode": 0 },
            { "attributeName": "firstName", "errorCode": 1 }
        ]);
        let (status, mut answer) = post("111/match", wrong).await;
        let name = |one: &Value| one["attributeName"].as_str().unwrap().to_owned();
        answer.as_array_mut().unwrap().sort_by_key(name);
        assert_eq!((status, answer), (200, told));
        assert_eq!(post("111/match", json!({ "firstName": null })).await.0, 400);
        assert_eq!(post("111/match", json!([])).await.0, 400);
        assert_eq!(post("999/match", json!({ "firstName": "John" })).await.0, 404);
        // A yes to no question would be taken for one about the person.
        for (path, nothing) in [("111/match", json!({})), ("111/verify", json!([])), ("999/verify", json!([]))] {
            let (status, refused) = post(path, nothing).await;
            assert_eq!((status, &refused["code"]), (400, &json!(400)), "{path}: {refused}");
        }
        let (_, refused) = post("111/match", json!({ "firstName": "John", "languages": ["fr"] })).await;
        assert!(refused["message"].as_str().unwrap().starts_with("languages must be"), "{refused}");

        let of = |name: &str, operator: &str, value: Value| json!({ "attributeName": name, "operator": operator, "value": value });
        let good = json!([of("firstName", "=", json!("John")), of("dateOfBirth", "<", json!("1990-12-31"))]);
        assert_eq!(post("111/verify", good.clone()).await, (200, json!(true)));
        assert_eq!(post("222/verify", good).await, (200, json!(false)));
        assert_eq!(post("111/verify", json!([of("dob", ">", json!("1"))])).await, (200, json!(false)));
        // One attribute may be in several expressions; all must hold.
        let range =
            |from: &str, to: &str| json!([of("dateOfBirth", ">=", json!(from)), of("dateOfBirth", "<=", json!(to))]);
        assert_eq!(post("111/verify", range("1984-01-01", "1984-12-31")).await, (200, json!(true)));
        assert_eq!(post("111/verify", range("1985-01-01", "1984-12-31")).await, (200, json!(false)));
        let known_of_nobody = json!([of("firstName", "=", json!("John")), of("shoeSize", "=", json!(44))]);
        assert_eq!(post("111/verify", known_of_nobody).await, (200, json!(false)));
        assert_eq!(post("111/verify", json!([of("firstName", "!=", json!("Jane"))])).await.0, 400);
        assert_eq!(post("999/verify", json!([of("firstName", "=", json!("John"))])).await.0, 404);
    }
}

#[tokio::test]
async fn documents_come_as_files_in_the_format_asked_for() {
    let kit = Kit::new().await;
    population(&kit).await;
    let token = token(&kit, "documents", &["pr.document.read"]).await;
    let get = async |query: &str| {
        call(&kit, &token, Method::GET, &format!("/data/v1/persons/111/document?{query}"), None).await
    };
    let marriage = get("doctype=marriage&format=pdf&secondaryUin=222").await;
    assert_eq!(marriage.status, 200);
    assert!(marriage.headers["content-type"].to_str().unwrap().starts_with("multipart/mixed; boundary="));
    assert!(marriage.text.contains("Content-Type: application/pdf\r\n") && marriage.text.contains("%PDF-common"));
    assert_eq!(get("doctype=PASSPORT&format=jpeg").await.text.matches("Content-Type").count(), 1);
    assert_eq!(get("doctype=PASSPORT&format=pdf").await.status, 415);
    for (query, status) in [
        ("doctype=PASSPORT&format=TBD", 415),
        ("doctype=PASSPORT&format=gif", 415),
        ("doctype=FORM&format=pdf", 404),
        ("doctype=PASSPORT&format=jpeg&secondaryUin=222", 404),
        ("doctype=PASSPORT&format=jpeg&secondaryUin=999", 404),
        ("format=pdf", 400),
        ("doctype=PASSPORT", 400),
    ] {
        assert_eq!(get(query).await.status.as_u16(), status, "{query}");
    }
    assert_eq!(kit.get("/data/v1/persons/111?attributeNames=firstName", Some(&token)).await.status, 403);
    assert_eq!(kit.get("/data/v1/persons/111?attributeNames=firstName", None).await.status, 401);
}

/// GS-SEC-02: one whom the operator disabled is shown as not in use, and is told of as little as one whose record is not.
#[tokio::test]
async fn on_both_gs_sec_02_one_whom_the_operator_disabled_is_not_told_of() {
    for kit in Kit::both().await {
        population(&kit).await;
        let registry = token(&kit, "civil", &["pr.person.read", "pr.person.verify"]).await;
        let (john, _) = crate::registry::find_any(&kit.state, "111").await.unwrap().unwrap();
        let asked = async |path: &str| call(&kit, &registry, Method::GET, &format!("/data/v1/{path}"), None).await;
        for (status, one, all) in [
            (crate::registry::Status::Disabled, 404, json!(["222"])),
            (crate::registry::Status::Active, 200, json!(["111", "222"])),
        ] {
            assert!(crate::registry::set_status(&kit.state, john, status).await.unwrap());
            assert_eq!(asked("persons/111?attributeNames=firstName").await.status, one);
            assert_eq!(asked("persons?lastName=Doo").await.json(), all);
        }
        // Other registries go on with one who died.
        let registrar = token(&kit, "registrar", &["pr.person.write"]).await;
        let dead = json!({ "status": "ACTIVE", "physicalStatus": "DEAD" });
        let path = "/pr/v1/persons/111?transactionId=T";
        assert_eq!(call(&kit, &registrar, Method::PUT, path, Some(dead)).await.status, 204);
        assert_eq!(asked("persons/111?attributeNames=firstName").await.status, 200);
        assert_eq!(asked("persons?lastName=Doo").await.json(), json!(["111", "222"]));
    }
}
