//! A browser's login page, as tests of this room play it: cookies, CSRF token, the two headers.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clients::{Client, Registration};
use crate::dialect::Mount;
use crate::factors;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId};
use crate::testkit::{Answer, Kit};

pub(super) const UIN: &str = "8267411571";
pub(super) const MAIL: &str = "anna@example.test";
pub(super) const PIN: &str = "402917";

/// Adds the person Anna, with mail address and PIN.
pub(super) async fn anna(kit: &Kit) -> PersonId {
    let attributes = json!({ "name": "Anna", "email": MAIL, "phone_number": "+4917012345" });
    let person = registry::add(
        &kit.state,
        NewPerson {
            identifiers: vec![Identifier { kind: IdentifierKind::Uin, value: UIN.into() }],
            attributes: attributes.as_object().unwrap().clone(),
            ..NewPerson::default()
        },
    )
    .await
    .unwrap();
    factors::set_pin(&kit.state, person, PIN).await.unwrap();
    person
}

/// Registers a client.
pub(super) async fn register(kit: &Kit, client: &Client) {
    let Client { id, mount, relying_party_id, registration, .. } = client.clone();
    let text = serde_json::to_string::<Registration>(&registration).unwrap();
    let row = kit.state.next_id();
    kit.state
        .store
        .write(move |tx| {
            Box::pin(async move {
                crate::execute!(
                    tx,
                    "INSERT INTO client (id, mount, client_id, relying_party_id, status, registration, changes,
                        created_at, updated_at)
                     VALUES ($1, $2, $3, $4, 'active', $5, 0, 0, 0)",
                    row,
                    mount.name(),
                    id,
                    relying_party_id,
                    text
                )
            })
        })
        .await
        .unwrap();
}

/// One browser on one mount.
pub(super) struct Page<'k> {
    kit: &'k Kit,
    mount: Mount,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) token: String,
    pub(super) transaction: String,
    pub(super) hash: String,
}

impl<'k> Page<'k> {
    /// Arrives: `GET csrf/token`.
    pub(super) async fn arrive(kit: &'k Kit, mount: Mount) -> Self {
        let mut page = Self {
            kit,
            mount,
            cookies: Vec::new(),
            token: String::new(),
            transaction: String::new(),
            hash: String::new(),
        };
        let answer = page.get("/csrf/token").await;
        page.token = answer.json()["token"].as_str().unwrap().to_owned();
        page
    }

    fn cookie_header(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.into(), value.into()));
        }
    }

    pub(super) fn cookie(&self, name: &str) -> &str {
        &self.cookies.iter().find(|(known, _)| known == name).unwrap().1
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let request = axum::http::Request::get(format!("{}{path}", self.mount.prefix()))
            .header("cookie", self.cookie_header())
            .header("oauth-details-key", &self.transaction)
            .header("oauth-details-hash", &self.hash)
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = self.kit.send(request).await;
        self.keep_cookies(&answer);
        answer
    }

    /// Everything a page sends with its calls.
    pub(super) fn headers(&self) -> [(&'static str, String); 4] {
        [
            ("cookie", self.cookie_header()),
            ("x-xsrf-token", self.token.clone()),
            ("oauth-details-key", self.transaction.clone()),
            ("oauth-details-hash", self.hash.clone()),
        ]
    }

    /// Posts with everything a page sends.
    pub(super) async fn post(&mut self, call: &str, request: Value) -> Answer {
        let headers = self.headers();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer =
            self.kit.post(&format!("{}/authorization/{call}", self.mount.prefix()), request, &headers[..]).await;
        self.keep_cookies(&answer);
        answer
    }

    /// A good request of `oauth-details`, with some members replaced.
    pub(super) fn details(changes: &Value) -> Value {
        let mut request = json!({
            "clientId": "clinic",
            "scope": "openid profile",
            "responseType": "code",
            "redirectUri": "https://rp.test/cb",
            "state": "their state",
            "nonce": "their nonce",
            "claims": { "userinfo": { "name": { "essential": true }, "email": null } }
        });
        for (name, value) in changes.as_object().unwrap() {
            request[name] = value.clone();
        }
        request
    }

    /// Begins a login and keeps what the later calls must show.
    pub(super) async fn begin(&mut self, changes: Value) -> Answer {
        self.transaction.clear();
        let answer = self.post("v2/oauth-details", Self::details(&changes)).await;
        self.remember(&answer);
        answer
    }

    /// Hashes the exact bytes of `response`, as a page does.
    pub(super) fn remember(&mut self, answer: &Answer) {
        let Some(id) = answer.json()["response"]["transactionId"].as_str().map(str::to_owned) else { return };
        let start = answer.text.find("\"response\":").unwrap() + "\"response\":".len();
        let end = answer.text.rfind(",\"errors\":").unwrap();
        self.hash = protocol::base64url::encode(Sha256::digest(&answer.text[start..end]));
        self.transaction = id;
    }

    /// Sends an OTP and gives it.
    pub(super) async fn otp(&mut self) -> String {
        let request = json!({ "transactionId": self.transaction, "individualId": UIN, "otpChannels": ["email"] });
        let answer = self.post("send-otp", request).await;
        assert_eq!(answer.code(), "", "{}", answer.text);
        factors::captured::otps(&self.kit.state, MAIL).pop().unwrap()
    }

    pub(super) fn by_otp(&self, otp: &str) -> Value {
        json!({
            "transactionId": self.transaction,
            "individualId": UIN,
            "challengeList": [{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }]
        })
    }

    /// Logs in by OTP.
    pub(super) async fn log_in(&mut self) -> Answer {
        let otp = self.otp().await;
        let request = self.by_otp(&otp);
        self.post("v2/authenticate", request).await
    }

    pub(super) fn agree(&self, claims: &[&str], scopes: &[&str]) -> Value {
        json!({
            "transactionId": self.transaction, "acceptedClaims": claims, "permittedAuthorizeScopes": scopes
        })
    }
}
