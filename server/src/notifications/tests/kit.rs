//! A subscriber: a client with every scope, and the server that it is told at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use protocol::jws::Algorithm;
use serde_json::Value;

use crate::config::Config;
use crate::dialect::Mount;
use crate::events::{self, Event};
use crate::store::StoreError;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

/// What came, and what is to be answered: 200 once the list is used up.
#[derive(Clone, Default)]
pub(super) struct Ear {
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    pub(super) answers: Arc<Mutex<VecDeque<u16>>>,
}

/// A path of its own for every subscriber: answers 200, what the list says, a redirect, or far too much.
async fn hear(State(ear): State<Ear>, uri: axum::http::Uri, headers: HeaderMap, body: String) -> Response {
    ear.heard.lock().unwrap().push((headers, body));
    let status = ear.answers.lock().unwrap().pop_front().unwrap_or(200);
    let status = StatusCode::from_u16(status).unwrap();
    match uri.path() {
        "/away" => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/hear")]).into_response(),
        "/huge" => (status, vec![b'x'; 50_000_000]).into_response(),
        _ => status.into_response(),
    }
}

/// A message as it came.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Ear {
    /// Listens; gives the origin.
    pub(super) async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/{*path}", post(hear)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }

    /// What came since it was last asked.
    pub(super) fn take(&self) -> Vec<Heard> {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        let read =
            |(headers, text): (HeaderMap, String)| Heard { headers, body: serde_json::from_str(&text).unwrap(), text };
        heard.into_iter().map(read).collect()
    }

    pub(super) fn answer_with(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }
}

/// A service with a token.
pub(super) struct Service {
    token: String,
}

const SCOPES: [&str; 7] = [
    "notif.sub.write",
    "notif.sub.read",
    "notif.topic.write",
    "notif.topic.read",
    "notif.topic.publish",
    "notif.dead.read",
    "notif.dead.write",
];

impl Service {
    pub(super) async fn new(kit: &Kit, id: &str) -> Self {
        Self::with_scopes(kit, id, &SCOPES).await
    }

    pub(super) async fn with_scopes(kit: &Kit, id: &str, scopes: &[&str]) -> Self {
        let party = RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
            registration.scopes = scopes.iter().map(ToString::to_string).collect();
        })
        .await;
        let scope = scopes.join(" ");
        let answer = party.ask(kit, &[("grant_type", "client_credentials"), ("scope", &scope)]).await;
        let token = answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
        Self { token }
    }

    pub(super) async fn call(&self, kit: &Kit, method: &str, path: &str) -> Answer {
        self.send(kit, method, path, "plain/text", Body::empty()).await
    }

    pub(super) async fn send(&self, kit: &Kit, method: &str, path: &str, media: &str, body: Body) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(header::CONTENT_TYPE, media);
        kit.send(request.body(body).unwrap()).await
    }

    /// The unique id of a topic.
    pub(super) async fn topic(&self, kit: &Kit, name: &str) -> String {
        let answer = self.call(kit, "POST", &format!("/v1/topics?name={name}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["uuid"].as_str().unwrap().to_owned()
    }

    /// Subscribes, and gives the answer's JSON.
    pub(super) async fn subscribe(&self, kit: &Kit, topic: &str, address: &str, policy: &str) -> Value {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("topic", topic), ("protocol", "http"), ("address", address), ("policy", policy)])
            .finish();
        let answer = self.call(kit, "POST", &format!("/v1/subscriptions?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Subscribes, and agrees at the address.
    pub(super) async fn listens(&self, kit: &Kit, ear: &Ear, topic: &str, address: &str, policy: &str) -> String {
        let subscription = self.subscribe(kit, topic, address, policy).await;
        settle(kit).await;
        let asked = ear.take().pop().expect("a question");
        let token = asked.body["token"].as_str().unwrap();
        let confirmed = self.call(kit, "GET", &format!("/v1/subscriptions/confirm?token={token}")).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        subscription["uuid"].as_str().unwrap().to_owned()
    }

    pub(super) async fn publish(&self, kit: &Kit, topic: &str, text: &str) {
        let path = format!("/v1/topics/{topic}/publish?subject=hello");
        let answer = self.send(kit, "POST", &path, "plain/text", Body::from(text.to_owned())).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

/// Until there is nothing left to do now.
pub(super) async fn settle(kit: &Kit) {
    while super::super::work(&kit.state).await.unwrap() > 0 {}
}

/// A kit on each database whose server may reach an origin.
pub(super) async fn kits(origin: &str) -> Vec<Kit> {
    Kit::both_with(&reaching(origin)).await
}

pub(super) fn reaching(origin: &str) -> Config {
    Config { fetch_allow: vec![origin.trim_start_matches("http://").to_owned()], ..Config::default() }
}

/// Something happened.
pub(super) async fn happens(kit: &Kit, event: Event) {
    let state = kit.state.clone();
    let written: Result<(), StoreError> =
        kit.state.store.write(move |tx| Box::pin(async move { events::publish(&state, tx, &event).await })).await;
    written.unwrap();
}

/// Rows of a table.
pub(super) async fn rows(kit: &Kit, table: &'static str) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let count: Result<(i64,), StoreError> = kit
        .state
        .store
        .read(move |tx| Box::pin(async move { crate::fetch_one!(tx, (i64,), sqlx::AssertSqlSafe(sql.as_str())) }))
        .await;
    count.unwrap().0
}
