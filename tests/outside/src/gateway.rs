//! The gateway that the server posts one-time passwords to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// How long a password may be on its way; generous, for a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

#[derive(Default)]
struct Arrived {
    /// One-time passwords by address, oldest first.
    otps: Mutex<HashMap<String, Vec<String>>>,
    /// Told of each.
    another: Notify,
}

/// A listening gateway, and what arrived.
#[derive(Clone)]
pub struct Gateway {
    /// Where the server is to post to.
    pub url: String,
    arrived: Arc<Arrived>,
}

impl Gateway {
    /// Listens on a free port until the runtime ends.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/otp", listener.local_addr().unwrap());
        let arrived = Arc::<Arrived>::default();
        let router = Router::new().route("/otp", post(receive)).with_state(arrived.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, arrived }
    }

    /// Waits for the next one-time password to an address, after `seen` earlier ones: the server answers before its
    /// gateway does.
    pub async fn next(&self, to: &str, seen: usize) -> String {
        let come = async {
            loop {
                // Made before looking, so that what comes in between is not missed.
                let another = self.arrived.another.notified();
                if let Some(otp) = self.arrived.otps.lock().unwrap().get(to).and_then(|all| all.get(seen)) {
                    return otp.clone();
                }
                another.await;
            }
        };
        tokio::time::timeout(LIMIT, come).await.unwrap_or_else(|_| panic!("nothing was sent to {to}"))
    }

    /// How many were sent to an address.
    pub fn count(&self, to: &str) -> usize {
        self.arrived.otps.lock().unwrap().get(to).map_or(0, Vec::len)
    }
}

async fn receive(State(arrived): State<Arc<Arrived>>, Json(message): Json<Value>) {
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    arrived.otps.lock().unwrap().entry(text("to")).or_default().push(text("otp"));
    arrived.another.notify_waiters();
}
