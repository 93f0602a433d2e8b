//! The citizen's page as a browser without script uses it, and the wallet's view of the same.

use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::clients::account;
use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::linked::test_kit::{OTHER_UIN, PIN, Phone, Tab, UIN, person, wallet};
use crate::registry::{self, PersonId};

use crate::testkit::{Answer, Kit, RelyingParty};

/// A browser with its cookies, and the page it shows.
pub(super) struct Citizen<'k> {
    kit: &'k Kit,
    cookies: Vec<(String, String)>,
    pub(super) page: String,
}

pub(super) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

impl<'k> Citizen<'k> {
    fn new(kit: &'k Kit) -> Self {
        Self { kit, cookies: Vec::new(), page: String::new() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = self.kit.send(request.header(header::COOKIE, jar.join("; ")).body(body.into()).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.into(), value.into()));
            }
        }
        self.page = answer.text.clone();
        answer
    }

    pub(super) async fn get(&mut self, url: &str) -> Answer {
        let path = url.strip_prefix(self.kit.state.config.origin()).unwrap_or(url).to_owned();
        self.send(Request::get(path), String::new()).await
    }

    pub(super) fn says(&self, before: &str) -> String {
        let rest = self.page.split_once(before).unwrap_or_else(|| panic!("{before} in {}", self.page)).1;
        rest.split('"').next().unwrap().to_owned()
    }

    pub(super) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }

    /// Up to the way back: the address of the callback.
    async fn log_in(&mut self, uin: &str) -> String {
        let to = location(&self.get("/account/sign-in").await);
        assert_eq!(self.get(&to).await.status, StatusCode::OK);
        assert!(self.page.contains("<bdi id=\"party-name\">Your account</bdi>"), "{}", self.page);
        let (csrf, id) = (self.says("name=\"_csrf\" value=\""), self.says("name=\"transactionId\" value=\""));
        let fields = [("_csrf", csrf.as_str()), ("transactionId", &id), ("individualId", uin), ("pin", PIN)];
        location(&self.post("/op/authorize/login", &fields).await)
    }

    /// Signed in, with the page shown.
    pub(super) async fn signed_in(kit: &'k Kit, uin: &str) -> Self {
        let mut citizen = Self::new(kit);
        let back = citizen.log_in(uin).await;
        assert_eq!(location(&citizen.get(&back).await), "/account");
        citizen.get("/account").await;
        citizen
    }

    fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Sends a form of the page.
    pub(super) async fn submit(&mut self, path: &str, field: (&str, &str)) -> Answer {
        let csrf = self.says("name=\"_csrf\" value=\"");
        self.post(path, &[("_csrf", &csrf), field]).await
    }
}

pub(super) async fn kit() -> (Kit, PersonId) {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    let anna = registry::find(&kit.state, UIN).await.unwrap().unwrap();
    (kit, anna)
}

/// What a person agreed to for a client.
pub(super) async fn give(kit: &Kit, person: PersonId, client_id: &str) -> i64 {
    let (state, client_id) = (kit.state.clone(), client_id.to_owned());
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let receipt = NewReceipt {
                mount: Mount::Op,
                client_id,
                person,
                transaction: 1,
                claims: vec!["name".into(), "birthdate".into()],
                scopes: Vec::new(),
                signed: Signed::default(),
                rests_on: None,
                expires_at: None,
            };
            consents::record(&state, tx, receipt).await
        })
    });
    work.await.unwrap()
}

/// GS-PRI, GS-VAP-07: signed in, a citizen sees what was agreed to and ends it, and what came of it is dead at once.
#[tokio::test]
async fn gs_pri_a_citizen_withdraws_and_the_tokens_are_dead() {
    let (kit, anna) = kit().await;
    let clinic = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let receipt = give(&kit, anna, "clinic").await;
    let approval = Approval { receipt: Some(receipt), ..clinic.approval(&kit, anna) };
    let (first, second) = (kit.code(&approval).await, kit.code(&approval).await);
    let token = clinic.redeem(&kit, &first).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(kit.get("/op/userinfo", Some(&token)).await.status, StatusCode::OK);

    let mut citizen = Citizen::signed_in(&kit, UIN).await;
    assert!(citizen.page.contains("<bdi>Clinic</bdi>") && citizen.page.contains("Date of birth"));
    let consent = citizen.says("name=\"consent\" value=\"");
    assert_eq!(location(&citizen.submit("/account/consents/withdraw", ("consent", &consent)).await), "/account");
    citizen.get("/account").await;
    assert!(citizen.page.contains("data-state=\"ended\"") && !citizen.page.contains("data-state=\"given\""));

    let refused = kit.get("/op/userinfo", Some(&token)).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("invalid_token"));
    let refused = clinic.redeem(&kit, &second).await;
    assert_eq!(refused.json()["error"], "invalid_grant", "{}", refused.text);
}

/// E6, E8: the callback is good for the browser that began, once; signing in makes a fresh session, signing out ends it.
#[tokio::test]
async fn e9_a_session_is_fresh_its_browsers_own_and_ends() {
    let (kit, _) = kit().await;
    let mut citizen = Citizen::new(&kit);
    assert!(citizen.get("/account").await.text.contains("id=\"sign-in\""));
    let back = citizen.log_in(UIN).await;
    // A link to the callback, sent to somebody else (login CSRF), and a changed issuer.
    let mut other = Citizen::new(&kit);
    other.get("/account/sign-in").await;
    assert_eq!(other.get(&back).await.status, StatusCode::BAD_REQUEST);
    let foreign = back.replace("%2Fop", "%2Fother");
    assert_eq!(citizen.get(&foreign).await.status, StatusCode::BAD_REQUEST);
    assert!(other.cookie("tessera-account").is_none() && citizen.cookie("tessera-account").is_none());

    let answer = citizen.get(&back).await;
    let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let set = set.filter(|cookie| cookie.starts_with("tessera-account=")).collect::<Vec<_>>().join("");
    assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Lax") && set.contains("; Max-Age=900"), "{set}");
    assert!(!answer.text.contains(UIN));
    assert_eq!(citizen.get(&back).await.status, StatusCode::BAD_REQUEST, "a second time");
    let first = citizen.cookie("tessera-account").unwrap();

    let back = citizen.log_in(UIN).await;
    citizen.get(&back).await;
    let second = citizen.cookie("tessera-account").unwrap();
    assert_ne!(first, second);
    let with = |cookie: &str| Request::get("/account").header(header::COOKIE, format!("tessera-account={cookie}"));
    let shown = kit.send(with(&first).body("".into()).unwrap()).await;
    assert!(shown.text.contains("id=\"sign-in\""), "the session before is over");

    citizen.get("/account").await;
    assert_eq!(location(&citizen.submit("/account/sign-out", ("x", "")).await), "/account");
    assert!(citizen.cookie("tessera-account").is_none());
    let shown = kit.send(with(&second).body("".into()).unwrap()).await;
    assert!(shown.text.contains("id=\"sign-in\""), "whatever cookie is still shown");

    let mut citizen = Citizen::signed_in(&kit, UIN).await;
    kit.clock.advance_seconds(900);
    assert!(citizen.get("/account").await.text.contains("id=\"sign-in\""), "it ends by itself");
    assert_eq!(super::expire(&kit.state).await.unwrap(), 0);
    kit.clock.advance_seconds(1);
    assert_eq!(super::expire(&kit.state).await.unwrap(), 3);
}

/// E5: no form is taken without the session's own token, and nobody ends what is another's.
#[tokio::test]
async fn e5_forms_of_other_sessions_change_nothing() {
    let (kit, anna) = kit().await;
    person(&kit, OTHER_UIN).await;
    let receipt = give(&kit, anna, "clinic").await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut citizen = Citizen::signed_in(&kit, UIN).await;
    let device = citizen.says("name=\"device\" value=\"");
    let consent = citizen.says("name=\"consent\" value=\"");
    let mut other = Citizen::signed_in(&kit, OTHER_UIN).await;
    for (path, field) in [
        ("/account/consents/withdraw", ("consent", consent.as_str())),
        ("/account/devices/revoke", ("device", device.as_str())),
        ("/account/sign-out", ("x", "")),
    ] {
        for csrf in ["", "x", &other.says("name=\"_csrf\" value=\"")] {
            let answer = citizen.post(path, &[("_csrf", csrf), field]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        if path != "/account/sign-out" {
            assert_eq!(location(&other.submit(path, field).await), "/account");
            other.get("/account").await;
        }
        citizen.get("/account").await;
    }
    let standing = kit.state.store.read(move |tx| Box::pin(consents::stands(tx, receipt))).await.unwrap();
    assert!(standing);
    assert_eq!(phone.call(&kit, "/wallet/devices/list", json!({})).await.code(), "");

    assert_eq!(location(&citizen.submit("/account/devices/revoke", ("device", &device)).await), "/account");
    assert_eq!(phone.call(&kit, "/wallet/devices/list", json!({})).await.code(), "binding_ended");
}

/// The page's own client is nobody else's, and its codes are redeemed by nobody from outside.
#[tokio::test]
async fn the_pages_client_cannot_be_taken_nor_used() {
    let (kit, _) = kit().await;
    let party = RelyingParty::new(&kit, Mount::Op, account::ID).await;
    let found = crate::clients::find(&kit.state, Mount::Op, account::ID).await.unwrap().unwrap();
    assert_eq!(found.name_in("en"), "Your account", "not the one of the database");
    let back = Citizen::new(&kit).log_in(UIN).await;
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap();
    let uri = account::redirect_uri(&kit.state.config);
    let form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", uri.as_str())];
    assert_eq!(party.ask(&kit, &form).await.json()["error"], "invalid_client");
}

/// The wallet's contract: list and withdraw, by any wallet of the person and no other's; the next login asks again.
#[tokio::test]
async fn a_wallet_lists_and_withdraws_its_persons_consents() {
    let (kit, _) = kit().await;
    person(&kit, OTHER_UIN).await;
    let (phone, stranger) = (Phone::bind(&kit, UIN).await, Phone::bind(&kit, OTHER_UIN).await);
    let mount = Mount::Op;
    let tab = Tab::new(&kit);
    let login = async || -> (Value, Value) {
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        let action = phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.json();
        let action = action["response"]["consentAction"].clone();
        let given = if action == "CAPTURE" {
            wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["name"])).await.json()
        } else {
            Value::Null
        };
        (action, given["response"]["consentId"].clone())
    };
    let (action, signed) = login().await;
    assert_eq!(action, "CAPTURE");
    assert_eq!(login().await.0, "NOCAPTURE");

    let list = async |phone: &Phone| phone.call(&kit, "/wallet/consents/list", json!({})).await.json();
    let consents = list(&phone).await["response"]["consents"].clone();
    let [later, first] = consents.as_array().unwrap().as_slice() else { panic!("{consents}") };
    assert_eq!(
        (&first["consentId"], &first["signed"], &first["clientName"]),
        (&signed, &json!(true), &json!("Clinic"))
    );
    assert_eq!((&first["issuer"], &first["claims"]), (&json!(kit.state.issuer(mount)), &json!(["name"])));
    assert_eq!((&later["signed"], &later["restsOn"], &later["claims"]), (&json!(false), &signed, &json!(["name"])));
    assert_eq!(list(&stranger).await["response"]["consents"], json!([]));

    let withdraw = async |phone: &Phone, id: &Value| {
        phone.call(&kit, "/wallet/consents/withdraw", json!({ "consentId": id })).await
    };
    assert_eq!(withdraw(&stranger, &signed).await.code(), "invalid_consent_id");
    assert_eq!(withdraw(&phone, &json!("x")).await.code(), "invalid_consent_id");
    assert_eq!(kit.post("/wallet/consents/list", json!({}), &[]).await.code(), "invalid_wallet_token");
    let answer = withdraw(&phone, &later["consentId"]).await;
    assert_eq!(answer.json()["response"]["consentId"], later["consentId"], "{}", answer.text);
    let consents = list(&phone).await["response"]["consents"].clone();
    assert!(consents.as_array().unwrap().iter().all(|consent| consent["withdrawnDateTime"].is_string()), "{consents}");
    assert_eq!(login().await.0, "CAPTURE", "the next login asks again");
}

/// A login to this very page that the citizen reports: whoever is signed in by it is out at once.
#[tokio::test]
async fn a_reported_login_ends_the_session_that_came_of_it() {
    let (kit, _) = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut thief = Citizen::new(&kit);
    let to = location(&thief.get("/account/sign-in").await);
    thief.get(&to).await;
    let code = thief.says("data-code=\"");
    let (csrf, id) = (thief.says("name=\"_csrf\" value=\""), thief.says("name=\"transactionId\" value=\""));
    let (scanned, _) = phone.approve(&kit, Mount::Op, &code).await;
    let back = location(&thief.post("/op/authorize/continue", &[("_csrf", &csrf), ("transactionId", &id)]).await);
    assert_eq!(location(&thief.get(&back).await), "/account");
    thief.get("/account").await;
    let csrf = thief.says("name=\"_csrf\" value=\"");

    let report = json!({ "linkedTransactionId": scanned.linked, "reason": "not_me" });
    assert_eq!(phone.call(&kit, "/wallet/report", report).await.code(), "");
    let page = thief.get("/account").await;
    assert!(!page.text.contains(&csrf), "{}", page.text);
    assert!(page.text.contains("/account/sign-in"), "{}", page.text);
}

/// The page lists the browsers that are signed in to it, and ends them; another person's stay.
#[tokio::test]
async fn on_both_a_citizen_ends_a_session_in_another_browser() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        person(&kit, OTHER_UIN).await;
        let mut lost = Citizen::signed_in(&kit, UIN).await;
        let mut bens = Citizen::signed_in(&kit, OTHER_UIN).await;
        kit.clock.advance_seconds(1);
        let mut citizen = Citizen::signed_in(&kit, UIN).await;
        assert_eq!(citizen.page.matches("<article id=\"session-").count(), 2, "{}", citizen.page);
        assert_eq!(bens.page.matches("<article id=\"session-").count(), 1);
        let other = citizen.says("name=\"session\" value=\"");
        // Ben can name it, and ends nothing.
        assert_eq!(location(&bens.submit("/account/sessions/end", ("session", &other)).await), "/account");
        lost.get("/account").await;
        assert!(lost.page.contains("id=\"sign-out\""), "{}", lost.page);
        citizen.submit("/account/sessions/end", ("session", &other)).await;
        lost.get("/account").await;
        assert!(!lost.page.contains("id=\"sign-out\""), "{}", lost.page);
        citizen.get("/account").await;
        assert_eq!(citizen.page.matches("<article id=\"session-").count(), 1);
        let forged = citizen.post("/account/sessions/end", &[("_csrf", "x"), ("session", &other)]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
    }
}
