//! An office that keeps persons in the registry, and what it sends.

use axum::body::Body;
use axum::http::{Method, Request, header};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const SCOPES: [&str; 7] = [
    "pr.person.read",
    "pr.person.write",
    "pr.identity.read",
    "pr.identity.write",
    "pr.reference.read",
    "pr.reference.write",
    "pr.gallery.read",
];

/// A registry that keeps its persons here.
pub(super) struct Office<'k> {
    pub(super) kit: &'k Kit,
    pub(super) token: String,
}

impl<'k> Office<'k> {
    pub(super) async fn new(kit: &'k Kit) -> Self {
        Self::with(kit, "civil-office", &SCOPES).await
    }

    pub(super) async fn with(kit: &'k Kit, id: &str, scopes: &[&str]) -> Self {
        let registered: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let party = RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
            registration.scopes = registered;
        });
        let form = [("grant_type", "client_credentials"), ("scope", &scopes.join(" "))];
        let answer = party.await.ask(kit, &form).await;
        Self { kit, token: answer.json()["access_token"].as_str().expect("a token").to_owned() }
    }

    pub(super) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let join = if path.contains('?') { '&' } else { '?' };
        let request = Request::builder()
            .method(method)
            .uri(format!("/pr/v1/{path}{join}transactionId=T1"))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.kit.send(request.unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.call(Method::GET, path, None).await;
        (answer.status.as_u16(), answer.json())
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> u16 {
        self.call(Method::POST, path, Some(body)).await.status.as_u16()
    }

    pub(super) async fn put(&self, path: &str, body: Option<Value>) -> u16 {
        self.call(Method::PUT, path, body).await.status.as_u16()
    }

    pub(super) async fn delete(&self, path: &str) -> u16 {
        self.call(Method::DELETE, path, None).await.status.as_u16()
    }

    pub(super) async fn person(&self, id: &str) {
        assert_eq!(self.post(&format!("persons/{id}"), alive()).await, 201);
    }

    pub(super) async fn identity(&self, person: &str, id: &str, identity: Value) {
        assert_eq!(self.post(&format!("persons/{person}/identities/{id}"), identity).await, 201);
    }

    pub(super) async fn find(&self, query: &str, expressions: Value) -> Vec<(String, String)> {
        let answer = self.call(Method::POST, &format!("persons?{query}"), Some(expressions)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let found = answer.json().as_array().unwrap().clone();
        found.iter().map(|one| (text(one, "personId"), text(one, "identityId"))).collect()
    }
}

pub(super) fn alive() -> Value {
    json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" })
}

pub(super) fn john(status: &str) -> Value {
    json!({
        "status": status, "identityType": "CIVIL", "galleries": ["CITIZENS"],
        "biographicData": { "firstName": "John", "lastName": "Doo", "dateOfBirth": "1985-11-30", "gender": "M" },
        "documentData": [], "contextualData": { "office": 7 },
        "biometricData": [{ "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "image": "SU1BR0U=" }]
    })
}
