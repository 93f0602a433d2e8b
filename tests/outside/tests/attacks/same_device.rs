//! Session fixation by a sent link: the attacker begins a login in a browser of his own and sends the link that opens the
//! wallet to somebody, who approves it. With a code of the same device nobody is logged in; with one that may be scanned
//! from anywhere, and no other protection, the attacker is.

use std::time::Duration;

use outside::browser::Browser;
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, Server};
use outside::wallet::{Linked, Wallet};
use outside::{Answer, random};
use reqwest::header::{CONTENT_TYPE, LOCATION, USER_AGENT};
use serde_json::{Value, json};

const PHONE: &str = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/144.0.0.0 Mobile Safari/537.36";
const MOUNT: &str = "/op";

/// A phone's browser that shows the login page of `party`.
struct Page {
    browser: Browser,
    origin: String,
    html: String,
}

impl Page {
    async fn show(server: &Server, party: &RelyingParty) -> Self {
        let browser = Browser::new(server, MOUNT).await;
        let mut url = url::Url::parse(&format!("{}{MOUNT}/authorize", server.origin)).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", &party.client_id)
            .append_pair("redirect_uri", &party.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("state", &random())
            .append_pair("nonce", &random())
            .append_pair("claims", r#"{"userinfo":{"name":{"essential":true}}}"#);
        let html = browser.http.get(url).header(USER_AGENT, PHONE).send().await.unwrap();
        let html = html.error_for_status().unwrap().text().await.unwrap();
        Self { browser, origin: server.origin.clone(), html }
    }

    fn says(&self, before: &str) -> String {
        let rest = self.html.split_once(before).unwrap_or_else(|| panic!("{before} in {}", self.html)).1;
        rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
    }

    /// The code in the link that opens the wallet.
    fn code(&self) -> String {
        let link = url::Url::parse(&self.says("id=\"open-wallet\" class=\"button\" href=\"")).unwrap();
        link.query_pairs().find(|(name, _)| name == "linkCode").unwrap().1.into_owned()
    }

    /// Sends the form that asks how the login goes.
    async fn go_on(&self) -> reqwest::Response {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("_csrf", &self.says("name=\"_csrf\" value=\""))
            .append_pair("transactionId", &self.says("name=\"transactionId\" value=\""))
            .finish();
        let call = self.browser.http.post(format!("{}{MOUNT}/authorize/continue", self.origin));
        call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form).send().await.unwrap()
    }

    /// One poll for the authorization code. The page's own token is its CSRF token, for it kept the browser's cookie.
    async fn poll(&self, code: &str) -> Answer {
        let request = json!({ "transactionId": self.says("name=\"transactionId\" value=\""), "linkedCode": code });
        self.browser.post("/linked-authorization/link-auth-code", request).await
    }
}

/// A wallet that approves whatever it is sent, and where it is led then.
async fn approve(wallet: &Wallet, code: &str) -> (Linked, String) {
    let linked = wallet.linked(MOUNT, code).await;
    let token = wallet.wla(&wallet.wla_claims(&linked));
    wallet.authenticate(MOUNT, &linked, &token).await.good();
    let answer = wallet.consent(MOUNT, &linked, &["name"]).await;
    (linked, answer.text_of("redirectUri"))
}

async fn bound(server: &Server) -> Wallet {
    let mut wallet = Wallet::new(server, AMARA.id);
    wallet.bind(server, AMARA.email).await.good();
    wallet
}

/// Kinds of all events, read with the scope for it.
async fn events(server: &Server) -> Vec<String> {
    let more = [
        "--acr",
        "linked-wallet",
        "--grant",
        "authorization_code",
        "--grant",
        "client_credentials",
        "--scope",
        "audit_read",
    ];
    let auditor = server.relying_party_with(MOUNT, &more).await;
    let form = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
        ("client_assertion", auditor.sign(&auditor.assertion_claims())),
    ];
    let token = auditor.post_token(&form).await.body["access_token"].as_str().unwrap().to_owned();
    let url = format!("{}/audit/events?limit=1000", server.origin);
    let answer = Answer::of(auditor.http.get(url).bearer_auth(token).send().await.unwrap()).await;
    let events = answer.good()["events"].as_array().unwrap().clone();
    events.iter().map(|event: &Value| event["kind"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_link_of_the_same_device_logs_in_nobody() {
    for database in Database::all() {
        let server = Server::start(database, "lifetimes.poll = 1").await;
        let party = server.relying_party(MOUNT).await;
        let attacker = Page::show(&server, &party).await;
        let code = attacker.code();
        // The victim opens the link that was sent, and agrees.
        let victim = bound(&server).await;
        let (linked, back) = approve(&victim, &code).await;
        assert_eq!(linked.response["configs"]["tessera"]["channel"], "same_device");
        assert_eq!(
            linked.response["configs"]["tessera"]["return_uri"],
            format!("{}{MOUNT}/authorize/return", server.origin)
        );

        // The attacker's browser has the cookie and gets nothing, whatever it asks.
        assert_eq!(attacker.poll(&code).await.code(), "response_timeout");
        let page = attacker.go_on().await;
        assert_eq!((page.status().as_u16(), page.headers().get(LOCATION)), (200, None));
        for guess in ["", &random(), &code, &linked.id] {
            let url = format!("{}{MOUNT}/authorize/return?response_code={guess}", server.origin);
            let answer = attacker.browser.http.get(url).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers().get(LOCATION)), (400, None), "{guess}");
        }
        // The victim's own browser has the link and not the cookie.
        for browser in [Browser::new(&server, MOUNT).await, Page::show(&server, &party).await.browser] {
            let answer = browser.http.get(&back).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.headers().get(LOCATION)), (403, None));
        }
        assert_eq!(events(&server).await.iter().filter(|kind| *kind == "login_foreign_browser").count(), 2);
        assert!(!events(&server).await.contains(&"login_finished".to_owned()));
    }
}

/// The same link in the browser that began: it works, once, although others opened it before.
#[tokio::test(flavor = "multi_thread")]
async fn the_browser_that_began_is_logged_in_once() {
    let server = Server::start(Database::Sqlite, "").await;
    let party = server.relying_party(MOUNT).await;
    let page = Page::show(&server, &party).await;
    let (_, back) = approve(&bound(&server).await, &page.code()).await;
    assert_eq!(Browser::new(&server, MOUNT).await.http.get(&back).send().await.unwrap().status().as_u16(), 403);
    let answer = page.browser.http.get(&back).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 303);
    let location = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(location.starts_with(&party.redirect_uri) && location.contains("code="), "{location}");
    let again = page.browser.http.get(&back).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers().get(LOCATION)), (400, None));
}

/// The protection switched off: a code that may be scanned from anywhere, and a client that asks for nothing more. The
/// attacker is logged in as the victim.
#[tokio::test(flavor = "multi_thread")]
async fn without_it_a_sent_link_logs_the_attacker_in() {
    let server = Server::start(Database::Sqlite, "").await;
    let policy = json!({ "rotation": "off", "number_matching": "off", "cross_device": "allow" });
    let party = server.relying_party_with_policy(MOUNT, &policy).await;
    let attacker = Browser::new(&server, MOUNT).await;
    let (request, begun) = party.begin();
    let transaction = attacker.start(request).await;
    let code = attacker.link_code(&transaction).await;
    let victim = bound(&server).await;
    victim.approve(MOUNT, &code, &["name"]).await;
    let mut answer = attacker.link_auth_code(&transaction, &code).await;
    for _ in 0..1200 {
        if answer.code().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        answer = attacker.link_auth_code(&transaction, &code).await;
    }
    let tokens = party.redeem(&answer.text_of("code"), &begun).await;
    let (status, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!((status, claims["name"].as_str()), (200, Some(AMARA.name)));
}
