//! One complete QR login: csrf token, oauth-details, link-code, link-status, link-transaction, authenticate, consent,
//! link-auth-code, token, userinfo. Ten requests; both polls are under way before the wallet answers, as in a browser.

use std::net::SocketAddr;

use outside::relying_party::sha256;
use outside::{envelope, random};
use serde_json::{Value, json};

use crate::people::{Party, Phone};
use crate::wire::{Reply, Wire, request};

/// The connections of one login after another: two of the browser (a poll occupies one), one of the phone, one of the
/// relying party.
pub struct Lines {
    browser: Wire,
    phone: Wire,
    party: Wire,
}

/// A browser with a transaction and a code on its screen.
pub struct Shown {
    /// `transactionId`.
    pub transaction: String,
    /// `linkCode`.
    pub code: String,
    cookies: String,
    csrf: String,
    verifier: String,
}

impl Lines {
    /// Opens them; the browser may be at another node than phone and relying party.
    pub async fn open(browser: SocketAddr, others: SocketAddr) -> Self {
        Self {
            browser: Wire::open(browser, None).await,
            phone: Wire::open(others, None).await,
            party: Wire::open(others, None).await,
        }
    }

    /// Runs a login to its end; gives the access token.
    pub async fn login(&mut self, mount: &str, party: &Party, phone: &Phone) -> String {
        let shown = show(&mut self.browser, mount, party).await;
        let linked = async {
            let answer = link(&mut self.phone, mount, &shown.code, phone).await;
            let token = phone.wla(&linked_id(&answer), &answer["configs"]["tessera"]);
            (linked_id(&answer), token)
        };
        let status = shown.status(mount);
        let (status, (linked, token)) = tokio::join!(self.browser.ask(&status), linked);
        status.good();
        let awaited = shown.auth_code(mount);
        let approved = approve(&mut self.phone, mount, phone, &linked, &token);
        let (code, ()) = tokio::join!(self.browser.ask(&awaited), approved);
        let code = code.good()["code"].as_str().unwrap().to_owned();
        redeem(&mut self.party, party, &code, &shown.verifier).await
    }
}

/// A browser arrives, begins a login and shows its code.
pub async fn show(browser: &mut Wire, mount: &str, party: &Party) -> Shown {
    let arrived = browser.ask_well(&request("GET", &format!("{mount}/csrf/token"), &[], "")).await;
    let csrf = arrived.json()["token"].as_str().unwrap().to_owned();
    let mut shown =
        Shown { transaction: String::new(), code: String::new(), cookies: arrived.cookies(), csrf, verifier: random() };
    let details = json!({
        "clientId": party.client_id, "scope": "openid", "responseType": "code", "redirectUri": party.redirect_uri,
        "state": random(), "nonce": random(), "prompt": "consent",
        "claims": { "userinfo": { "name": { "essential": true }, "email": { "essential": false } }, "id_token": {} },
        "codeChallenge": sha256(&shown.verifier), "codeChallengeMethod": "S256",
    });
    let details = browser.ask(&shown.post(mount, "/authorization/v2/oauth-details", details)).await.good();
    details["transactionId"].as_str().unwrap().clone_into(&mut shown.transaction);
    let code = json!({ "transactionId": shown.transaction });
    let code = browser.ask(&shown.post(mount, "/linked-authorization/link-code", code)).await.good();
    code["linkCode"].as_str().unwrap().clone_into(&mut shown.code);
    shown
}

impl Shown {
    fn post(&self, mount: &str, path: &str, body: Value) -> Vec<u8> {
        let headers =
            [("cookie", self.cookies.as_str()), ("x-xsrf-token", &self.csrf), ("content-type", "application/json")];
        request("POST", &format!("{mount}{path}"), &headers, &envelope(body).to_string())
    }

    /// The poll for the scan.
    pub fn status(&self, mount: &str) -> Vec<u8> {
        let body = json!({ "transactionId": self.transaction, "linkCode": self.code });
        self.post(mount, "/linked-authorization/link-status", body)
    }

    /// The poll for the approval.
    pub fn auth_code(&self, mount: &str) -> Vec<u8> {
        let body = json!({ "transactionId": self.transaction, "linkedCode": self.code });
        self.post(mount, "/linked-authorization/link-auth-code", body)
    }
}

async fn from_wallet(wire: &mut Wire, mount: &str, path: &str, body: Value) -> Reply {
    let headers = [("content-type", "application/json")];
    let text = envelope(body).to_string();
    wire.ask(&request("POST", &format!("{mount}/linked-authorization{path}"), &headers, &text)).await
}

fn linked_id(answer: &Value) -> String {
    answer["linkTransactionId"].as_str().unwrap().to_owned()
}

/// The wallet claims a code.
pub async fn link(wire: &mut Wire, mount: &str, code: &str, phone: &Phone) -> Value {
    let body = json!({ "linkCode": code, "wallet": phone.hint() });
    from_wallet(wire, mount, "/v2/link-transaction", body).await.good()
}

async fn approve(wire: &mut Wire, mount: &str, phone: &Phone, linked: &str, token: &str) {
    let body = json!({
        "linkedTransactionId": linked, "individualId": phone.individual_id,
        "challengeList": [{ "authFactorType": "WLA", "challenge": token, "format": "jwt" }]
    });
    let authenticated = from_wallet(wire, mount, "/v2/authenticate", body).await.good();
    assert_eq!(authenticated["consentAction"], "CAPTURE", "every login of the load asks for consent");
    let claims = vec!["name".to_owned()];
    let body = json!({
        "linkedTransactionId": linked, "acceptedClaims": claims, "permittedAuthorizeScopes": [],
        "signature": phone.consent(&claims)
    });
    from_wallet(wire, mount, "/v2/consent", body).await.good();
}

/// The relying party takes its tokens for a code, and asks for userinfo; gives the access token.
pub async fn redeem(wire: &mut Wire, party: &Party, code: &str, verifier: &str) -> String {
    let tokens = tokens(wire, party, code, verifier).await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    userinfo(wire, &party.userinfo, &access).await;
    access
}

/// The relying party takes its tokens for a code.
pub async fn tokens(wire: &mut Wire, party: &Party, code: &str, verifier: &str) -> Value {
    let form = party.form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &party.redirect_uri),
        ("code_verifier", verifier),
    ]);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let tokens = wire.ask_well(&request("POST", &party.token, &headers, &form)).await.json();
    assert!(tokens["access_token"].is_string() && tokens["id_token"].is_string(), "both tokens");
    tokens
}

/// Asks for userinfo.
pub async fn userinfo(wire: &mut Wire, path: &str, access: &str) {
    let bearer = format!("Bearer {access}");
    wire.ask_well(&request("GET", path, &[("authorization", &bearer)], "")).await;
}
