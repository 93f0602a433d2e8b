//! A double of an Automated Biometric Identification System that speaks OSIA ABIS 1.6.0: it keeps encounters in memory, and
//! holds two biometrics for the same person's where an image or template is the same to the byte.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

/// What it keeps, and how it behaves.
#[derive(Default)]
struct Held {
    /// Biometrics by person and encounter.
    encounters: BTreeMap<(String, String), Vec<Value>>,
    /// How many calls were refused because it is out of order, and whether it is.
    broken: bool,
    /// Whether it answers later, which clients that need an answer cannot use.
    later: bool,
}

/// A running double.
#[derive(Clone)]
pub struct AbisDouble {
    /// Where it listens.
    pub address: SocketAddr,
    held: Arc<Mutex<Held>>,
}

/// The bearer token that it demands.
pub const TOKEN: &str = "abis-token";

type Shared = Arc<Mutex<Held>>;
type Parameters = Query<BTreeMap<String, String>>;

impl AbisDouble {
    /// Starts one on a free port.
    pub async fn start() -> Self {
        let held = Shared::default();
        let router = Router::new()
            .route("/v1/persons/{person}/encounters/{encounter}", post(create).delete(remove))
            .route("/v1/identify/{gallery}", post(identify))
            .with_state(held.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, held }
    }

    /// Its `url` for the configuration.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// From now on it refuses every call, or serves again.
    pub fn set_broken(&self, broken: bool) {
        self.held.lock().expect("the double").broken = broken;
    }

    /// From now on it answers later, or at once again.
    pub fn set_later(&self, later: bool) {
        self.held.lock().expect("the double").later = later;
    }

    /// Forgets every encounter.
    pub fn forget(&self) {
        self.held.lock().expect("the double").encounters.clear();
    }

    /// How many encounters it has.
    #[must_use]
    pub fn encounters(&self) -> usize {
        self.held.lock().expect("the double").encounters.len()
    }
}

/// What refuses a call before it is looked at; OSIA asks for a token and for `transactionId` on each.
fn refused(held: &Held, headers: &HeaderMap, parameters: &BTreeMap<String, String>) -> Option<Response> {
    let token = headers.get("authorization").and_then(|value| value.to_str().ok());
    if token != Some(&format!("Bearer {TOKEN}")) {
        return Some(StatusCode::FORBIDDEN.into_response());
    }
    if parameters.get("transactionId").is_none_or(String::is_empty) {
        let body = json!({ "code": 400, "message": "transactionId is needed" });
        return Some((StatusCode::BAD_REQUEST, Json(body)).into_response());
    }
    if held.later {
        return Some((StatusCode::ACCEPTED, Json(json!({ "taskId": "1" }))).into_response());
    }
    held.broken.then(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn create(
    State(held): State<Shared>,
    Path(ids): Path<(String, String)>,
    Query(parameters): Parameters,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let mut held = held.lock().expect("the double");
    if let Some(refusal) = refused(&held, &headers, &parameters) {
        return refusal;
    }
    let whole = ["status", "encounterId", "encounterType", "galleries", "biometricData"];
    if whole.iter().any(|member| body.get(member).is_none()) || body["encounterId"] != ids.1.as_str() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if held.encounters.contains_key(&ids) {
        return StatusCode::CONFLICT.into_response();
    }
    let answer = json!({ "personId": ids.0, "encounterId": ids.1 });
    held.encounters.insert(ids, body["biometricData"].as_array().cloned().unwrap_or_default());
    Json(answer).into_response()
}

async fn remove(
    State(held): State<Shared>,
    Path(ids): Path<(String, String)>,
    Query(parameters): Parameters,
    headers: HeaderMap,
) -> Response {
    let mut held = held.lock().expect("the double");
    if let Some(refusal) = refused(&held, &headers, &parameters) {
        return refusal;
    }
    let status = if held.encounters.remove(&ids).is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND };
    status.into_response()
}

async fn identify(
    State(held): State<Shared>,
    Path(_): Path<String>,
    Query(parameters): Parameters,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let held = held.lock().expect("the double");
    if let Some(refusal) = refused(&held, &headers, &parameters) {
        return refusal;
    }
    if !body["filter"].is_object() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let none = Vec::new();
    let probe = body["biometricData"].as_array().unwrap_or(&none);
    let same = |one: &Value, other: &Value| {
        ["image", "template"].iter().any(|member| one[member].is_string() && one[member] == other[member])
    };
    let hits = held.encounters.iter().filter(|(_, known)| known.iter().any(|one| probe.iter().any(|p| same(p, one))));
    let candidates: Vec<Value> = hits
        .enumerate()
        .map(|(rank, ((person, _), _))| json!({ "personId": person, "rank": rank + 1, "score": 3500.0 }))
        .collect();
    Json(candidates).into_response()
}
