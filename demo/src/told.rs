//! Where a subscriber is told of what happened: the server posts its messages here (OSIA Notification 1.2.0).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::Value;

/// How often it is looked whether a message came, and how long between.
const LOOKS: u32 = 1000;
const BETWEEN: Duration = Duration::from_millis(20);

/// A message, as far as this demonstration reads it.
#[derive(Clone, Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    token: Option<String>,
    subject: Option<String>,
    message: String,
}

/// What came, oldest first.
#[derive(Default)]
pub struct Told(Mutex<Vec<Message>>);

impl Told {
    /// The token of the next question whether messages are wanted; it is asked once each.
    pub async fn question(&self) -> Option<String> {
        self.take(|message| message.kind == "SubscriptionConfirmation").await?.token
    }

    /// The next event of a topic.
    pub async fn event(&self, topic: &str) -> Option<Value> {
        let of_topic = |message: &Message| message.kind == "Notification" && message.subject.as_deref() == Some(topic);
        serde_json::from_str(&self.take(of_topic).await?.message).ok()
    }

    async fn take(&self, fits: impl Fn(&Message) -> bool) -> Option<Message> {
        for _ in 0..LOOKS {
            if let Some(message) = self.find(&fits) {
                return Some(message);
            }
            tokio::time::sleep(BETWEEN).await;
        }
        None
    }

    fn find(&self, fits: impl Fn(&Message) -> bool) -> Option<Message> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(fits)?;
        Some(all.remove(at))
    }
}

/// `POST /told`.
pub fn routes(told: Arc<Told>) -> Router {
    Router::new().route("/told", post(receive)).with_state(told)
}

async fn receive(State(told): State<Arc<Told>>, Json(message): Json<Message>) {
    told.0.lock().unwrap_or_else(PoisonError::into_inner).push(message);
}
