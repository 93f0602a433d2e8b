//! A login stand: a server, a relying party and browsers, for wallets in any language to bind and log in at. Prints its
//! address as the first line and stays until its standard input ends. `bindings/with-stand.sh` starts it.
//!
//! Answers are plain text; two values stand on a line each. Every test makes a person of its own, so that a lock-out, a
//! password or a withdrawal of one test meets no other.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /server` | the server's origin |
//! | `POST /persons` | a new person: identifier, and on a second line the name that relying parties will learn |
//! | `GET /persons/{id}/otp` | waits for the next one-time password sent to this person; each is given once, in order |
//! | `POST /persons/{id}/unlock` | ends this person's lock-out, as an operator would |
//! | `POST /logins` | a browser begins a login: its number, and on a second line the link of its QR code |
//! | `POST /logins/expired` | the same with a code that lives for a second, told when that second is over |
//! | `POST /logins/elsewhere` | the same, the link naming a server that no wallet knows; nobody waits for its end |
//! | `POST /logins/numbered` | the same at a relying party that asks for the number its page shows |
//! | `GET /logins/{number}/shown` | waits until a wallet took the code; the number that the page then shows |
//! | `GET /logins/{number}` | waits for the wallet, once; the name that the relying party learned, or 409 and the server's code |
//! | `GET /logins/{number}/name` | after that: asks for the name again with the same access token; 409 where it is good no more |
//! | `POST /persons/{id}/questions` | a relying party asks this person for consent to `name` and `email`; the question's id |
//! | `GET /questions/{id}` | how it stands, and what was agreed to: `OPEN`, `AGREED name` |
//! | `GET /person`, `GET /otp` | a person that all share, for tests in which nothing goes wrong, and his next password |
//!
//! A link may be changed: without `linkExpireDateTime` the wallet cannot tell a code that is over from one that was used.
//! A login not asked for with `GET` ends by itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, Server};
use outside::service::Service;
use protocol::link::Link;
use serde_json::json;
use tokio::net::TcpListener;

const MOUNT: &str = "/op";
/// Reserved for no one (RFC 2606 §2).
const ELSEWHERE: &str = "https://elsewhere.test/op";

struct Stand {
    server: Server,
    /// The same server, as one of its nodes that gives codes of a second.
    hurried: Server,
    party: Arc<RelyingParty>,
    /// Another one, which asks for the number that its page shows.
    careful: Arc<RelyingParty>,
    /// One that asks persons for consent, without a login.
    asking: Service,
    logins: Mutex<Vec<Option<Login>>>,
    tokens: Mutex<HashMap<usize, String>>,
    people: AtomicUsize,
    otps_given: Mutex<HashMap<String, usize>>,
}

struct Login {
    party: Arc<RelyingParty>,
    browser: Browser,
    transaction: Transaction,
    code: String,
    begun: Begun,
}

type Told = (StatusCode, String);

#[tokio::main]
async fn main() {
    let server = Server::start(Database::Sqlite, "").await;
    let hurried = server.node_with("hurried", "lifetimes.link_code = 1\nlifetimes.frame = 1").await;
    let party = Arc::new(server.relying_party(MOUNT).await);
    let careful = Arc::new(server.relying_party_with_policy(MOUNT, &json!({ "number_matching": "on" })).await);
    let asking = Service::register(&server, &["id.consent.request"]).await;
    let stand = Stand {
        server,
        hurried,
        party,
        careful,
        asking,
        logins: Mutex::default(),
        tokens: Mutex::default(),
        people: AtomicUsize::new(0),
        otps_given: Mutex::default(),
    };
    let router = Router::new()
        .route("/server", get(async |State(stand): State<Arc<Stand>>| stand.server.origin.clone()))
        .route("/persons", post(person))
        .route("/persons/{id}/otp", get(otp))
        .route("/persons/{id}/unlock", post(unlock))
        .route("/persons/{id}/questions", post(ask))
        .route("/questions/{id}", get(standing))
        .route("/person", get(async || AMARA.id))
        .route("/otp", get(async |State(stand): State<Arc<Stand>>| stand.next_otp(AMARA.email).await))
        .route("/logins", post(begin))
        .route("/logins/expired", post(begin_expired))
        .route("/logins/elsewhere", post(begin_elsewhere))
        .route("/logins/numbered", post(begin_numbered))
        .route("/logins/{number}", get(end))
        .route("/logins/{number}/shown", get(shown))
        .route("/logins/{number}/name", get(name))
        .with_state(Arc::new(stand));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let over = async {
        let _ = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await;
    };
    axum::serve(listener, router).with_graceful_shutdown(over).await.unwrap();
}

fn address(id: &str) -> String {
    format!("{id}@people.test")
}

async fn person(State(stand): State<Arc<Stand>>) -> String {
    let number = stand.people.fetch_add(1, Ordering::SeqCst);
    let (id, name) = (format!("{}", 8_000_000_001 + number), format!("Noor Stand-{number}-Marker"));
    tokio::task::block_in_place(|| stand.server.add_person(&id, &name, &address(&id)));
    format!("{id}\n{name}")
}

async fn otp(State(stand): State<Arc<Stand>>, Path(id): Path<String>) -> String {
    stand.next_otp(&address(&id)).await
}

async fn unlock(State(stand): State<Arc<Stand>>, Path(id): Path<String>) {
    tokio::task::block_in_place(|| stand.server.command(&["person", "unlock", &id]));
}

async fn ask(State(stand): State<Arc<Stand>>, Path(id): Path<String>) -> String {
    let question = json!({ "identifier": id, "attributes": ["name", "email"], "purpose": "Your file" });
    let asked = stand.asking.post("/inbox/requests", &question).await;
    asked.is(201).parsed()["requestId"].as_str().unwrap().to_owned()
}

async fn standing(State(stand): State<Arc<Stand>>, Path(id): Path<String>) -> String {
    let told = stand.asking.get(&format!("/inbox/requests/{id}")).await.json();
    let accepted = told["acceptedAttributes"].as_array().into_iter().flatten();
    let mut words = vec![told["status"].as_str().unwrap().to_owned()];
    words.extend(accepted.map(|name| name.as_str().unwrap().to_owned()));
    words.join(" ")
}

async fn begin(State(stand): State<Arc<Stand>>) -> String {
    let (number, link) = stand.begin(&stand.server, &stand.party).await;
    told(number, &link)
}

async fn begin_expired(State(stand): State<Arc<Stand>>) -> String {
    let (number, link) = stand.begin(&stand.hurried, &stand.party).await;
    let until = link.expires.unwrap().epoch_seconds();
    while outside::now() <= until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    told(number, &link)
}

async fn begin_numbered(State(stand): State<Arc<Stand>>) -> String {
    let (number, link) = stand.begin(&stand.server, &stand.careful).await;
    told(number, &link)
}

async fn begin_elsewhere(State(stand): State<Arc<Stand>>) -> String {
    let (number, link) = stand.begin(&stand.server, &stand.party).await;
    told(number, &Link { issuer: Some(ELSEWHERE.into()), ..link })
}

fn told(number: usize, link: &Link) -> String {
    format!("{number}\n{}", link.to_uri("tessera://wla-auth").unwrap())
}

impl Stand {
    async fn next_otp(&self, address: &str) -> String {
        let given = {
            let mut all = self.otps_given.lock().unwrap();
            let given = all.entry(address.to_owned()).or_default();
            *given += 1;
            *given - 1
        };
        self.server.gateway.next(address, given).await
    }

    async fn begin(&self, node: &Server, party: &Arc<RelyingParty>) -> (usize, Link) {
        let browser = Browser::new(node, MOUNT).await;
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        let shown = browser.shown(&transaction).await;
        let code = shown.text_of("linkCode");
        let expires = shown.text_of("expireDateTime").parse().unwrap();
        let link = Link { code: code.clone(), expires: Some(expires), issuer: Some(party.issuer.clone()) };
        let mut all = self.logins.lock().unwrap();
        all.push(Some(Login { party: party.clone(), browser, transaction, code, begun }));
        (all.len() - 1, link)
    }

    async fn name(&self, token: &str) -> Told {
        match self.party.userinfo(token).await {
            (200, claims) => (StatusCode::OK, claims["name"].as_str().unwrap_or_default().to_owned()),
            (status, _) => (StatusCode::CONFLICT, status.to_string()),
        }
    }
}

async fn end(State(stand): State<Arc<Stand>>, Path(number): Path<usize>) -> Told {
    let login = stand.logins.lock().unwrap().get_mut(number).and_then(Option::take);
    let Some(login) = login else { return (StatusCode::NOT_FOUND, String::new()) };
    loop {
        let answer = login.browser.link_auth_code(&login.transaction, &login.code).await;
        match answer.code() {
            "response_timeout" => {}
            "" => {
                let tokens = login.party.redeem(&answer.text_of("code"), &login.begun).await;
                let token = tokens["access_token"].as_str().unwrap().to_owned();
                stand.tokens.lock().unwrap().insert(number, token.clone());
                return stand.name(&token).await;
            }
            other => return (StatusCode::CONFLICT, other.to_owned()),
        }
    }
}

async fn shown(State(stand): State<Arc<Stand>>, Path(number): Path<usize>) -> Told {
    // The page goes on waiting for its end: the login stays where it is.
    let login = stand.logins.lock().unwrap().get_mut(number).and_then(Option::take);
    let Some(login) = login else { return (StatusCode::NOT_FOUND, String::new()) };
    let status = loop {
        let answer = login.browser.link_status(&login.transaction, &login.code).await;
        if answer.code() != "response_timeout" {
            break answer;
        }
    };
    stand.logins.lock().unwrap()[number] = Some(login);
    match status.body["response"]["match"].as_str() {
        Some(shown) => (StatusCode::OK, shown.to_owned()),
        None => (StatusCode::CONFLICT, status.code().to_owned()),
    }
}

async fn name(State(stand): State<Arc<Stand>>, Path(number): Path<usize>) -> Told {
    let token = stand.tokens.lock().unwrap().get(&number).cloned();
    match token {
        Some(token) => stand.name(&token).await,
        None => (StatusCode::NOT_FOUND, String::new()),
    }
}
