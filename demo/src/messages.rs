//! What people receive: the webhook that the server posts one-time passwords to, and a page that shows them, in place
//! of mail boxes and text messages.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use crate::relying_party::page;

/// One message.
#[derive(Clone, Deserialize)]
struct Message {
    channel: String,
    to: String,
    otp: String,
}

/// The last messages, newest first.
#[derive(Default)]
pub struct Messages(Mutex<VecDeque<Message>>);

impl Messages {
    /// The newest OTP sent to an address; waits for it, since the server answers before its gateway does.
    pub async fn newest(&self, to: &str) -> Option<String> {
        for _ in 0..100 {
            if let Some(otp) = self.find(to) {
                return Some(otp);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    fn find(&self, to: &str) -> Option<String> {
        let messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        messages.iter().find(|message| message.to == to).map(|message| message.otp.clone())
    }
}

/// `POST /messages` for the server, `GET /messages` for people.
pub fn routes(messages: Arc<Messages>) -> Router {
    Router::new().route("/messages", get(list)).route("/messages", post(receive)).with_state(messages)
}

async fn receive(State(messages): State<Arc<Messages>>, Json(message): Json<Message>) {
    let mut kept = messages.0.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push_front(message);
    kept.truncate(50);
}

async fn list(State(messages): State<Arc<Messages>>) -> Html<String> {
    let mut rows = String::new();
    for Message { channel, to, otp } in messages.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = write!(rows, "<tr><td>{channel}</td><td>{to}</td><td><strong>{otp}</strong></td></tr>");
    }
    page(
        "Messages",
        &format!(
            "<meta http-equiv=\"refresh\" content=\"3\"><table><tr><th>By</th><th>To</th><th>One-time password</th></tr>{rows}</table>"
        ),
    )
}
