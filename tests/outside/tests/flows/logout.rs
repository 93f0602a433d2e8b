//! A session that two relying parties share, and its end, of which both hear at addresses of their own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Form, Router};
use outside::browser::Browser;
use outside::random;
use outside::relying_party::{Begun, RelyingParty, sha256};
use outside::server::{AMARA, Database, PIN, Server};
use reqwest::header::LOCATION;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

/// How long a notice may be on its way; generous, for a busy machine and for one that is tried again.
const LIMIT: Duration = Duration::from_secs(120);
const BYE: &str = "https://rp.test/bye";

/// The relying parties' own servers: what was posted, by path. The first post to `/sleepy` is not taken.
#[derive(Default)]
struct Heard {
    tokens: Mutex<Vec<(String, String)>>,
    another: Notify,
}

async fn hear(
    State(heard): State<Arc<Heard>>,
    Path(who): Path<String>,
    Form(form): Form<HashMap<String, String>>,
) -> StatusCode {
    let mut tokens = heard.tokens.lock().unwrap();
    let first = !tokens.iter().any(|(known, _)| *known == who);
    tokens.push((who.clone(), form["logout_token"].clone()));
    heard.another.notify_waiters();
    if first && who == "sleepy" { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

impl Heard {
    async fn listen(self: &Arc<Self>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/{who}", post(hear)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    /// The token that came as number `count` (from 1) to one of them.
    async fn token(&self, who: &str, count: usize) -> String {
        let come = async {
            loop {
                let another = self.another.notified();
                let found = {
                    let tokens = self.tokens.lock().unwrap();
                    tokens.iter().filter(|(to, _)| to == who).nth(count - 1).map(|(_, token)| token.clone())
                };
                match found {
                    Some(token) => return token,
                    None => another.await,
                }
            }
        };
        tokio::time::timeout(LIMIT, come).await.unwrap_or_else(|_| panic!("{who} heard nothing"))
    }
}

async fn party(server: &Server, ear: &str, who: &str) -> RelyingParty {
    let metadata = json!({
        "post_logout_redirect_uris": [BYE],
        "backchannel_logout_uri": format!("{ear}/{who}"),
        "backchannel_logout_session_required": true,
    });
    server.relying_party_with("/op", &["--metadata", &metadata.to_string()]).await
}

/// What the browser came to: a page, or the address it was sent to.
struct Came {
    to: Option<String>,
    page: String,
}

async fn came(request: reqwest::RequestBuilder) -> Came {
    let response = request.send().await.unwrap();
    let to = response.headers().get(LOCATION).map(|to| to.to_str().unwrap().to_owned());
    Came { to, page: response.text().await.unwrap() }
}

impl Came {
    fn field(&self, name: &str) -> String {
        let before = format!("name=\"{name}\" value=\"");
        let rest = self.page.split_once(&before).unwrap_or_else(|| panic!("no {name} in {}", self.page)).1;
        rest.split('"').next().unwrap().to_owned()
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let to = url::Url::parse(self.to.as_ref().unwrap_or_else(|| panic!("{}", self.page))).unwrap();
        to.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

async fn ask(server: &Server, browser: &Browser, party: &RelyingParty, more: &[(&str, &str)]) -> (Came, Begun) {
    let begun = Begun { verifier: random(), nonce: random(), state: random() };
    let challenge = sha256(&begun.verifier);
    let mut query = vec![
        ("client_id", party.client_id.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("redirect_uri", &party.redirect_uri),
        ("state", &begun.state),
        ("nonce", &begun.nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    query.extend(more);
    (came(browser.http.get(format!("{}/op/authorize", server.origin)).query(&query)).await, begun)
}

/// Sends a form of the page.
async fn submit(server: &Server, browser: &Browser, page: &Came, path: &str, fields: &[(&str, &str)]) -> Came {
    let (csrf, id) = (page.field("_csrf"), page.field("transactionId"));
    let mut all = vec![("_csrf", csrf.as_str()), ("transactionId", id.as_str())];
    all.extend(fields);
    came(browser.http.post(format!("{}/op/authorize/{path}", server.origin)).form(&all)).await
}

/// The tokens behind the code that the browser brings.
async fn redeem(party: &RelyingParty, back: &Came, begun: &Begun) -> (String, Map<String, Value>) {
    assert_eq!(back.parameter("state").as_ref(), Some(&begun.state));
    let tokens = party.redeem(&back.parameter("code").unwrap(), begun).await;
    let id_token = tokens["id_token"].as_str().unwrap().to_owned();
    let claims = party.verify(&id_token).await;
    (id_token, claims)
}

/// RP-Initiated Logout 1.0, Back-Channel Logout 1.0: one login, two relying parties, one logout; both are told, the one that
/// was away too, and nobody is logged in any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_logout_is_told_to_every_relying_party_of_the_session() {
    for database in Database::all() {
        let heard = Arc::<Heard>::default();
        let ear = heard.listen().await;
        let server = Server::start(database, "").await;
        let (shop, bank) = (party(&server, &ear, "shop").await, party(&server, &ear, "sleepy").await);
        let browser = Browser::new(&server, "/op").await;

        let (page, begun) = ask(&server, &browser, &shop, &[]).await;
        let back = submit(&server, &browser, &page, "login", &[("individualId", AMARA.id), ("pin", PIN)]).await;
        let (hint, at_shop) = redeem(&shop, &back, &begun).await;
        // The second relying party is met for the first time: the person is asked, without another proof.
        let (page, begun) = ask(&server, &browser, &bank, &[]).await;
        let back = submit(&server, &browser, &page, "consent", &[]).await;
        let (_, at_bank) = redeem(&bank, &back, &begun).await;
        assert_eq!(at_shop["auth_time"], at_bank["auth_time"]);
        assert_ne!(at_shop["sub"], at_bank["sub"]);
        assert_ne!(at_shop["sid"], at_bank["sid"]);
        // The first again, silently, in the same session.
        let (back, begun) = ask(&server, &browser, &shop, &[("prompt", "none")]).await;
        let (_, again) = redeem(&shop, &back, &begun).await;
        assert_eq!(again["sid"], at_shop["sid"]);

        let query = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE), ("state", "over")];
        let gone = came(browser.http.get(format!("{}/op/logout", server.origin)).query(&query)).await;
        assert_eq!(gone.to.as_deref(), Some("https://rp.test/bye?state=over"), "{}", gone.page);

        for (party, claims, who, count) in [(&shop, &at_shop, "shop", 1), (&bank, &at_bank, "sleepy", 2)] {
            let told = party.verify(&heard.token(who, count).await).await;
            assert_eq!((&told["iss"], &told["aud"]), (&claims["iss"], &json!(party.client_id)), "{database:?} {who}");
            assert_eq!((&told["sub"], &told["sid"]), (&claims["sub"], &claims["sid"]), "{database:?} {who}");
            assert_eq!(told["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
            assert!(told.get("nonce").is_none() && told["jti"].is_string());
        }
        let (back, _) = ask(&server, &browser, &shop, &[("prompt", "none")]).await;
        assert_eq!(back.parameter("error").as_deref(), Some("login_required"));
    }
}
