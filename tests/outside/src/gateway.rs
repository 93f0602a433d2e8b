//! The gateway that the server posts one-time passwords to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;

/// One-time passwords by address, oldest first.
type Arrived = Arc<Mutex<HashMap<String, Vec<String>>>>;

/// A listening gateway, and what arrived.
#[derive(Clone)]
pub struct Gateway {
    /// Where the server is to post to.
    pub url: String,
    arrived: Arrived,
}

impl Gateway {
    /// Listens on a free port until the runtime ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/otp", listener.local_addr().unwrap());
        let arrived = Arrived::default();
        let router = Router::new().route("/otp", post(receive)).with_state(arrived.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, arrived }
    }

    /// Waits for the next one-time password to an address, after `seen` earlier ones: the server answers before its
    /// gateway does.
    pub async fn next(&self, to: &str, seen: usize) -> String {
        // Generous, for a busy machine.
        for _ in 0..3000 {
            if let Some(otp) = self.arrived.lock().unwrap().get(to).and_then(|all| all.get(seen)) {
                return otp.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing was sent to {to}")
    }

    /// How many were sent to an address.
    pub fn count(&self, to: &str) -> usize {
        self.arrived.lock().unwrap().get(to).map_or(0, Vec::len)
    }
}

async fn receive(State(arrived): State<Arrived>, Json(message): Json<Value>) {
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    arrived.lock().unwrap().entry(text("to")).or_default().push(text("otp"));
}
