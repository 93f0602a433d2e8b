//! A browser on the JSON API, as a custom login page would be: its cookies, its CSRF token, one transaction at a time.

use std::sync::Arc;

use reqwest::cookie::{CookieStore, Jar};
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::server::Server;
use crate::{Answer, envelope};

/// A browser with its own cookies.
pub struct Browser {
    /// For calls of every other kind; keeps cookies, follows no redirects.
    pub http: reqwest::Client,
    cookies: Arc<Jar>,
    origin: String,
    mount: &'static str,
    csrf: String,
}

/// A stream of server-sent events.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    /// The next event and its data; `None` where the stream has ended. Comments are passed over.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = line("event: ").zip(line("data: "));
                self.text = rest.to_owned();
                if let Some((event, data)) = found {
                    return Some((event, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let bytes = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The data of the next event of one kind; others are passed over.
    pub async fn of(&mut self, kind: &str) -> Value {
        loop {
            match self.next().await {
                Some((event, data)) if event == kind => return data,
                Some(_) => {}
                None => panic!("the stream ended without {kind}"),
            }
        }
    }
}

/// A login transaction, as `oauth-details` gave it.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// `transactionId`.
    pub id: String,
    /// `oauth-details-hash`: over the exact bytes of `response`.
    pub hash: String,
    /// `response`.
    pub response: Value,
}

impl Browser {
    /// A browser that visits a mount for the first time.
    pub async fn new(server: &Server, mount: &'static str) -> Self {
        Self::try_new(&server.origin, mount).await.unwrap()
    }

    /// The same, of a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_new(origin: &str, mount: &'static str) -> Result<Self, reqwest::Error> {
        Self::with(crate::http(), origin, mount).await
    }

    /// The same, with an HTTP client made as the caller wants it.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn with(http: reqwest::ClientBuilder, origin: &str, mount: &'static str) -> Result<Self, reqwest::Error> {
        let cookies = Arc::<Jar>::default();
        let http = http.cookie_provider(cookies.clone()).build()?;
        let mut browser = Self { http, cookies, origin: origin.into(), mount, csrf: String::new() };
        let response = browser.http.get(browser.url("/csrf/token")).send().await?;
        assert!(response.headers().contains_key(SET_COOKIE));
        let token: Value = response.json().await?;
        token["token"].as_str().unwrap().clone_into(&mut browser.csrf);
        Ok(browser)
    }

    /// Goes on at another node of the same server; its cookies are good there too, for they are the host's, not the port's.
    pub fn move_to(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
    }

    /// Its cookies, as they stand in a request.
    pub fn cookies(&self) -> String {
        let cookies = self.cookies.cookies(&self.origin.parse().unwrap());
        cookies.map(|cookies| cookies.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// A browser at this address, as a proxy tells it (`trusted_proxies`), that visits a mount for the first time.
    pub async fn at(server: &Server, mount: &'static str, address: &str) -> Self {
        Self::with(crate::http_from(address), &server.origin, mount).await.unwrap()
    }

    /// Its CSRF token.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin, self.mount)
    }

    /// Sends a form of the login page, with the CSRF token; the page that comes of it.
    pub async fn send_form(&self, path: &str, transaction: &Transaction, fields: &[(&str, &str)]) -> String {
        let mut all = vec![("_csrf", self.csrf()), ("transactionId", transaction.id.as_str())];
        all.extend(fields);
        self.http.post(self.url(path)).form(&all).send().await.unwrap().text().await.unwrap()
    }

    /// Posts an envelope with the CSRF token and extra headers.
    pub async fn post_with(&self, path: &str, request: Value, headers: &[(&str, &str)]) -> Answer {
        self.try_post_with(path, request, headers).await.unwrap()
    }

    /// The same, to a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_post_with(
        &self,
        path: &str,
        request: Value,
        headers: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let mut call = self.http.post(self.url(path)).header("X-XSRF-TOKEN", &self.csrf).json(&envelope(request));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        Answer::try_of(call.send().await?).await
    }

    /// Posts an envelope with the CSRF token.
    pub async fn post(&self, path: &str, request: Value) -> Answer {
        self.post_with(path, request, &[]).await
    }

    /// Posts an envelope without the CSRF token.
    pub async fn post_without_csrf(&self, path: &str, request: Value) -> Answer {
        Answer::of(self.http.post(self.url(path)).json(&envelope(request)).send().await.unwrap()).await
    }

    /// Starts a transaction with the request of `oauth-details`.
    pub async fn start(&self, request: Value) -> Transaction {
        let answer = self.post("/authorization/v2/oauth-details", request).await;
        Self::started(&answer)
    }

    /// The transaction that an answer of `oauth-details` tells of.
    pub fn started(answer: &Answer) -> Transaction {
        answer.good();
        // The hash is over the bytes as they came, so they are cut out of the text, not written anew.
        let begin = answer.text.find("\"response\":").unwrap() + "\"response\":".len();
        let end = answer.text.rfind(",\"errors\"").unwrap();
        Transaction {
            id: answer.text_of("transactionId"),
            hash: crate::relying_party::sha256(&answer.text[begin..end]),
            response: answer.good().clone(),
        }
    }

    /// The two headers that prove what the browser was shown.
    pub fn proof(transaction: &Transaction) -> [(&'static str, &str); 2] {
        [("oauth-details-key", &transaction.id), ("oauth-details-hash", &transaction.hash)]
    }

    /// A fresh link code.
    pub async fn link_code(&self, transaction: &Transaction) -> String {
        self.post("/linked-authorization/link-code", json!({ "transactionId": transaction.id }))
            .await
            .text_of("linkCode")
    }

    /// A fresh link code with the link and the end that a page would show.
    pub async fn shown(&self, transaction: &Transaction) -> Answer {
        self.post("/linked-authorization/link-code", json!({ "transactionId": transaction.id })).await
    }

    /// Listens to the events of a login.
    pub async fn listen(&self, transaction: &Transaction) -> Events {
        let call = self.http.post(self.url("/linked-authorization/link-events")).header("X-XSRF-TOKEN", &self.csrf);
        let response = call.json(&envelope(json!({ "transactionId": transaction.id }))).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events { response, text: String::new() }
    }

    /// Waits for the wallet to scan; one poll.
    pub async fn link_status(&self, transaction: &Transaction, code: &str) -> Answer {
        let request = json!({ "transactionId": transaction.id, "linkCode": code });
        self.post("/linked-authorization/link-status", request).await
    }

    /// Waits for the wallet to approve; one poll.
    pub async fn link_auth_code(&self, transaction: &Transaction, code: &str) -> Answer {
        let request = json!({ "transactionId": transaction.id, "linkedCode": code });
        self.post("/linked-authorization/link-auth-code", request).await
    }

    /// Logs in with a PIN in this browser.
    pub async fn authenticate_by_pin(&self, transaction: &Transaction, individual_id: &str, pin: &str) -> Answer {
        let request = json!({
            "transactionId": transaction.id,
            "individualId": individual_id,
            "challengeList": [{ "authFactorType": "PIN", "challenge": pin, "format": "number" }]
        });
        self.post_with("/authorization/v2/authenticate", request, &Self::proof(transaction)).await
    }

    /// Consents in this browser.
    pub async fn auth_code(&self, transaction: &Transaction, claims: &[&str]) -> Answer {
        self.auth_code_with(transaction, claims, &[]).await
    }

    /// The same, permitting scopes too.
    pub async fn auth_code_with(&self, transaction: &Transaction, claims: &[&str], scopes: &[&str]) -> Answer {
        let request = json!({
            "transactionId": transaction.id, "acceptedClaims": claims, "permittedAuthorizeScopes": scopes
        });
        self.post_with("/authorization/auth-code", request, &Self::proof(transaction)).await
    }
}
