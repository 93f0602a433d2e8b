//! A double of an Automated Biometric Identification System that speaks OSIA ABIS 1.6.0: it keeps encounters in memory, and
//! holds two biometrics for the same person's where an image or template is the same to the byte. It answers at once, or calls
//! back.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What it keeps, and how it behaves.
#[derive(Default)]
struct Held {
    /// Biometrics by person and encounter.
    encounters: BTreeMap<(String, String), Vec<Value>>,
    /// How many calls were refused because it is out of order, and whether it is.
    broken: bool,
    /// Whether it answers later, which clients that need an answer cannot use.
    later: bool,
    /// Whether it answers later those who say where, and whether it keeps such answers to itself.
    calls_back: bool,
    silent: bool,
    /// Answers that were not taken yet, by task.
    answers: BTreeMap<String, CallBack>,
    tasks: u32,
}

/// An answer that it gives later.
#[derive(Clone, Debug)]
pub struct CallBack {
    /// Where: the address that it was told, with `transactionId` and `taskId`.
    pub url: String,
    /// Its media type.
    pub media: &'static str,
    /// It.
    pub body: String,
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
            .route("/v1/verify/{gallery}/{person}", post(verify))
            .route("/v1/tasks/{task}/status", get(progress))
            .route("/v1/tasks/{task}/redeliver", post(redeliver))
            .route_layer(from_fn_with_state(held.clone(), admitted))
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

    /// From now on it answers later those who say where, or all at once again.
    pub fn set_calls_back(&self, calls_back: bool) {
        self.held.lock().expect("the double").calls_back = calls_back;
    }

    /// From now on it keeps later answers to itself, or gives them.
    pub fn set_silent(&self, silent: bool) {
        self.held.lock().expect("the double").silent = silent;
    }

    /// Later answers that were not taken yet.
    #[must_use]
    pub fn answers(&self) -> Vec<CallBack> {
        self.held.lock().expect("the double").answers.values().cloned().collect()
    }

    /// Forgets what it was asked and has not answered.
    pub fn forget_answers(&self) {
        self.held.lock().expect("the double").answers.clear();
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

/// Lets in what nothing refuses before it is looked at.
async fn admitted(
    State(shared): State<Shared>,
    Query(parameters): Parameters,
    request: Request,
    next: Next,
) -> Response {
    let refusal = refused(&shared.lock().expect("the double"), request.headers(), &parameters);
    match refusal {
        Some(refusal) => refusal,
        None => next.run(request).await,
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

/// An answer: at once, or by calling back where the caller says so and the double does.
fn answered(
    shared: &Shared,
    held: &mut Held,
    parameters: &BTreeMap<String, String>,
    answer: (StatusCode, Value),
) -> Response {
    let (status, body) = answer;
    let Some(callback) = parameters.get("callback").filter(|_| held.calls_back) else {
        return (status, Json(body)).into_response();
    };
    held.tasks += 1;
    let task = format!("task-{}", held.tasks);
    let transaction: String = url::form_urlencoded::byte_serialize(parameters["transactionId"].as_bytes()).collect();
    let url = format!("{callback}?transactionId={transaction}&taskId={task}");
    let (media, body) = match status {
        StatusCode::OK => ("application/json", body),
        status => ("application/error+json", json!({ "code": status.as_u16(), "message": "refused" })),
    };
    held.answers.insert(task.clone(), CallBack { url, media, body: body.to_string() });
    if !held.silent {
        tokio::spawn(call_back(shared.clone(), task.clone()));
    }
    (StatusCode::ACCEPTED, Json(json!({ "taskId": task }))).into_response()
}

/// Gives a later answer; one that is taken is forgotten.
async fn call_back(shared: Shared, task: String) {
    let known = shared.lock().expect("the double").answers.get(&task).cloned();
    let Some(CallBack { url, media, body }) = known else { return };
    if posted(&url, media, &body).await == Some(204) {
        shared.lock().expect("the double").answers.remove(&task);
    }
}

/// The status of a POST without TLS.
async fn posted(url: &str, media: &str, body: &str) -> Option<u16> {
    let url = url::Url::parse(url).ok()?;
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let path = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    );
    let mut socket = tokio::net::TcpStream::connect((host, port)).await.ok()?;
    socket.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.ok()?;
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

async fn progress(State(shared): State<Shared>, Path(task): Path<String>) -> Response {
    let held = shared.lock().expect("the double");
    match held.answers.contains_key(&task) {
        true if held.silent => Json("PENDING").into_response(),
        true => Json("RESPONSE_ERROR").into_response(),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn redeliver(State(shared): State<Shared>, Path(task): Path<String>) -> StatusCode {
    if !shared.lock().expect("the double").answers.contains_key(&task) {
        return StatusCode::NOT_FOUND;
    }
    tokio::spawn(call_back(shared, task));
    StatusCode::NO_CONTENT
}

async fn create(
    State(shared): State<Shared>,
    Path(ids): Path<(String, String)>,
    Query(parameters): Parameters,
    Json(body): Json<Value>,
) -> Response {
    let mut held = shared.lock().expect("the double");
    let whole = ["status", "encounterId", "encounterType", "galleries", "biometricData"];
    if whole.iter().any(|member| body.get(member).is_none()) || body["encounterId"] != ids.1.as_str() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let made = json!({ "personId": ids.0, "encounterId": ids.1 });
    let answer = match held.encounters.entry(ids) {
        Entry::Occupied(_) => (StatusCode::CONFLICT, Value::Null),
        Entry::Vacant(place) => {
            place.insert(body["biometricData"].as_array().cloned().unwrap_or_default());
            (StatusCode::OK, made)
        }
    };
    answered(&shared, &mut held, &parameters, answer)
}

async fn remove(State(shared): State<Shared>, Path(ids): Path<(String, String)>) -> StatusCode {
    let known = shared.lock().expect("the double").encounters.remove(&ids);
    if known.is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}

async fn identify(State(shared): State<Shared>, Query(parameters): Parameters, Json(body): Json<Value>) -> Response {
    let mut held = shared.lock().expect("the double");
    if !body["filter"].is_object() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let hits = held.encounters.iter().filter(|(_, known)| is_one_of(&body, known));
    let candidates: Vec<Value> = hits
        .enumerate()
        .map(|(rank, ((person, _), _))| json!({ "personId": person, "rank": rank + 1, "score": 3500.0 }))
        .collect();
    answered(&shared, &mut held, &parameters, (StatusCode::OK, candidates.into()))
}

async fn verify(
    State(shared): State<Shared>,
    Path((_, person)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    let held = shared.lock().expect("the double");
    let known: Vec<_> = held.encounters.iter().filter(|((whose, _), _)| *whose == person).collect();
    if known.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let same = known.iter().any(|(_, known)| is_one_of(&body, known));
    Json(json!({ "decision": same })).into_response()
}

/// Whether a biometric of a request is one of those that are known.
fn is_one_of(body: &Value, known: &[Value]) -> bool {
    let none = Vec::new();
    let probe = body["biometricData"].as_array().unwrap_or(&none);
    let same = |one: &Value, other: &Value| {
        ["image", "template"].iter().any(|member| one[member].is_string() && one[member] == other[member])
    };
    known.iter().any(|one| probe.iter().any(|other| same(other, one)))
}
