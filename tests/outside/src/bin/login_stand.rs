//! A login stand: a server with one person, a relying party and a browser, for wallets in other languages to bind and log
//! in at. Prints its address as the first line and stays until its standard input ends.
//!
//! | request | answer, as plain text |
//! | --- | --- |
//! | `GET /server` | the server's origin |
//! | `GET /person` | the person's identifier |
//! | `GET /otp` | waits for the next one-time password sent to the person; each is given once, in order |
//! | `POST /logins` | a browser begins a login: number of the login, and the link of its QR code on a second line |
//! | `GET /logins/{number}` | waits for the wallet; the name that the relying party learned, or 409 and the server's code |

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, Server};
use protocol::link::Link;
use serde_json::json;
use tokio::net::TcpListener;

const MOUNT: &str = "/op";

struct Stand {
    server: Server,
    party: RelyingParty,
    begun: Mutex<HashMap<usize, Login>>,
    otps_given: AtomicUsize,
}

struct Login {
    browser: Browser,
    transaction: Transaction,
    code: String,
    begun: Begun,
}

#[tokio::main]
async fn main() {
    let server = Server::start(Database::Sqlite, "").await;
    let party = server.relying_party(MOUNT).await;
    let stand = Arc::new(Stand { server, party, begun: Mutex::default(), otps_given: AtomicUsize::new(0) });
    let router = Router::new()
        .route("/server", get(async |State(stand): State<Arc<Stand>>| stand.server.origin.clone()))
        .route("/person", get(async || AMARA.id))
        .route("/otp", get(otp))
        .route("/logins", post(begin))
        .route("/logins/{number}", get(end))
        .with_state(stand);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let over = async {
        let _ = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await;
    };
    axum::serve(listener, router).with_graceful_shutdown(over).await.unwrap();
}

async fn otp(State(stand): State<Arc<Stand>>) -> String {
    let given = stand.otps_given.fetch_add(1, Ordering::SeqCst);
    stand.server.gateway.next(AMARA.email, given).await
}

async fn begin(State(stand): State<Arc<Stand>>) -> String {
    let browser = Browser::new(&stand.server, MOUNT).await;
    let (request, begun) = stand.party.begin();
    let transaction = browser.start(request).await;
    let made = browser.post("/linked-authorization/link-code", json!({ "transactionId": transaction.id })).await;
    let code = made.text_of("linkCode");
    let expires = made.text_of("expireDateTime").parse().unwrap();
    let link = Link { code: code.clone(), expires: Some(expires), issuer: Some(stand.party.issuer.clone()) };
    let mut all = stand.begun.lock().unwrap();
    let number = all.len() + 1;
    all.insert(number, Login { browser, transaction, code, begun });
    format!("{number}\n{}", link.to_uri("tessera://wla-auth").unwrap())
}

async fn end(State(stand): State<Arc<Stand>>, Path(number): Path<usize>) -> (StatusCode, String) {
    let Some(login) = stand.begun.lock().unwrap().remove(&number) else {
        return (StatusCode::NOT_FOUND, String::new());
    };
    loop {
        let answer = login.browser.link_auth_code(&login.transaction, &login.code).await;
        match answer.code() {
            "response_timeout" => {}
            "" => {
                let tokens = stand.party.redeem(&answer.text_of("code"), &login.begun).await;
                let (_, claims) = stand.party.userinfo(tokens["access_token"].as_str().unwrap()).await;
                return (StatusCode::OK, claims["name"].as_str().unwrap_or_default().to_owned());
            }
            other => return (StatusCode::CONFLICT, other.to_owned()),
        }
    }
}
