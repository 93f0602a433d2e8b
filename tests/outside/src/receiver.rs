//! A subscriber's own server: it hears what the server sends it, and answers as it is told to. Under `/away` it redirects, and
//! under `/slow` it lets whoever calls wait, as long as it is so told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

/// How long something may be on its way; generous, for a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// What was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The path that was called.
    pub path: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Heard {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    /// The event in the message (OSIA notification 1.2.0, Message).
    pub fn event(&self) -> Value {
        let message =
            self.json()["message"].as_str().unwrap_or_else(|| panic!("no message: {:?}", self.body)).to_owned();
        serde_json::from_str(&message).unwrap_or_else(|_| panic!("no event: {message}"))
    }
}

struct Inbox {
    heard: Mutex<Vec<Heard>>,
    /// Statuses of the next answers; 200 where there are none.
    answers: Mutex<VecDeque<u16>>,
    another: Notify,
    /// Whether it misbehaves where it can.
    bad: watch::Sender<bool>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            heard: Mutex::default(),
            answers: Mutex::default(),
            another: Notify::new(),
            bad: watch::Sender::new(true),
        }
    }
}

/// A listening receiver.
#[derive(Clone)]
pub struct Receiver {
    /// Where it listens.
    pub origin: String,
    /// An address there.
    pub url: String,
    inbox: Arc<Inbox>,
}

impl Receiver {
    /// Listens on a free port until the runtime ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let url = format!("{origin}/told");
        let inbox = Arc::<Inbox>::default();
        let router = Router::new().fallback(hear).with_state(inbox.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, url, inbox }
    }

    /// Answers the next requests with these statuses.
    pub fn answer(&self, statuses: &[u16]) {
        self.inbox.answers.lock().unwrap().extend(statuses);
    }

    /// From now on it answers under `/away` and `/slow` as everywhere else, and whoever waits is answered.
    pub fn behave(&self) {
        self.inbox.bad.send_replace(false);
    }

    /// All that was heard so far.
    pub fn all(&self) -> Vec<Heard> {
        self.inbox.heard.lock().unwrap().clone()
    }

    /// How many of a kind were heard so far, by the header `message-type`.
    pub fn count(&self, kind: &str) -> usize {
        self.inbox.heard.lock().unwrap().iter().filter(|heard| heard.header("message-type") == kind).count()
    }

    /// Waits for the first that fits.
    pub async fn until(&self, what: &str, fits: impl Fn(&Heard) -> bool) -> Heard {
        self.until_count(what, 1, fits).await.remove(0)
    }

    /// Waits until so many fit.
    pub async fn until_count(&self, what: &str, count: usize, fits: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let come = async {
            loop {
                // Made before looking, so that what comes in between is not missed.
                let another = self.inbox.another.notified();
                let found: Vec<Heard> = self.all().into_iter().filter(&fits).collect();
                if found.len() >= count {
                    return found;
                }
                another.await;
            }
        };
        match tokio::time::timeout(LIMIT, come).await {
            Ok(found) => found,
            Err(_) => panic!("{what} was not heard; but {:#?}", self.all()),
        }
    }
}

async fn hear(State(inbox): State<Arc<Inbox>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    inbox.heard.lock().unwrap().push(Heard { path: path.clone(), headers, body });
    let status = inbox.answers.lock().unwrap().pop_front().unwrap_or(200);
    inbox.another.notify_waiters();
    if path.starts_with("/away") && *inbox.bad.borrow() {
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, "/elsewhere")]).into_response();
    }
    if path.starts_with("/slow") {
        // Its end is the end of the test.
        let _ = inbox.bad.subscribe().wait_for(|bad| !bad).await;
    }
    StatusCode::from_u16(status).unwrap().into_response()
}
