//! A browser in which somebody is logged in: who is asked again, for what, and who is not (A18, A21).

use serde_json::Value;

use super::*;
use crate::clients::Registration;
use crate::grants::{self, Approval, Presented};
use crate::linked::test_kit::OTHER_UIN;
use crate::testkit::{Pair, RelyingParty};

const MOUNT: Mount = Mount::Op;
const SHOP: (&str, &str) = ("client_id", "shop");
/// Nothing but who it is.
const NOTHING: (&str, &str) = ("claims", "-");

/// The clinic and a shop that can redeem its codes.
async fn stage(change: impl FnOnce(&mut Registration)) -> (Kit, RelyingParty) {
    let kit = kit().await;
    let pair = Pair::new(protocol::jws::Algorithm::Es256);
    let shop = RelyingParty::with(&kit, MOUNT, "shop", pair, change).await;
    (kit, shop)
}

impl Visitor<'_> {
    /// Logs in by PIN, and agrees where that is asked.
    async fn log_in(&mut self, uin: &str) -> Answer {
        let answer = self.submit("login", &[("individualId", uin), ("pin", PIN)]).await;
        if answer.text.contains("id=\"allow-button\"") { self.submit("consent", &[]).await } else { answer }
    }

    /// A login from the beginning; gives its code.
    async fn logged_in(&mut self, changes: &[(&str, &str)], uin: &str) -> String {
        self.authorize(changes).await;
        told(&self.log_in(uin).await)["code"].clone()
    }
}

async fn approval(kit: &Kit, client_id: &str, code: &str) -> Approval {
    let redirect_uri = Some("https://rp.test/cb");
    let presented = Presented {
        mount: MOUNT,
        client_id,
        code,
        redirect_uri,
        code_verifier: None,
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    grants::redeem(&kit.state, presented, grants::Shown::default()).await.unwrap().approval
}

/// What the ID token of a code says.
async fn id_token(kit: &Kit, shop: &RelyingParty, code: &str) -> (String, Value) {
    let token = shop.redeem(kit, code).await.json()["id_token"].as_str().unwrap().to_owned();
    let claims = protocol::base64url::decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims = serde_json::from_slice(&claims).unwrap();
    (token, claims)
}

/// The second request is answered without a page: same person, same time of authentication, same session.
#[tokio::test]
async fn who_is_logged_in_and_has_agreed_sees_no_page() {
    let (kit, _) = stage(|_| ()).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    let first = visitor.logged_in(&[], UIN).await;
    let first = approval(&kit, "clinic", &first).await;
    kit.clock.advance_seconds(100);
    for prompt in ["-", "none"] {
        let back = told(&visitor.authorize(&[("prompt", prompt)]).await);
        assert_eq!((back["state"].as_str(), back["iss"].clone()), ("s\"><script>&t", kit.state.issuer(MOUNT)));
        let again = approval(&kit, "clinic", &back["code"]).await;
        assert_eq!((again.person, again.auth_time, &again.acr), (first.person, first.auth_time, &first.acr));
        assert_eq!((again.session, &again.sid), (first.session, &first.sid));
        assert!(again.sid.is_some());
    }
    let cookie = visitor.cookies.iter().find(|(name, _)| name == "tessera-login-op").unwrap().clone();
    // Another prove: another cookie, and a later time.
    visitor.authorize(&[("prompt", "login")]).await;
    assert!(visitor.page.contains("id=\"pin-login-button\""), "{}", visitor.page);
    let code = told(&visitor.log_in(UIN).await)["code"].clone();
    let later = approval(&kit, "clinic", &code).await;
    assert_eq!(later.auth_time, first.auth_time + 100_000);
    assert_eq!((later.session, &later.sid), (first.session, &first.sid), "renewed");
    assert!(!visitor.cookies.contains(&cookie), "E9");
}

/// A18: nobody is there; nobody agreed; somebody else is meant.
#[tokio::test]
async fn a18_silent_logins_tell_why_they_fail() {
    let (kit, shop) = stage(|_| ()).await;
    let none = ("prompt", "none");
    let mut visitor = Visitor::new(&kit, MOUNT);
    let error = |answer: &Answer| told(answer)["error"].clone();
    assert_eq!(error(&visitor.authorize(&[none]).await), "login_required");
    let code = visitor.logged_in(&[SHOP, NOTHING], UIN).await;
    let (anna, claims) = id_token(&kit, &shop, &code).await;
    assert_eq!(error(&visitor.authorize(&[none, SHOP]).await), "consent_required");
    assert_eq!(error(&visitor.authorize(&[none]).await), "consent_required", "another relying party");

    let mut other = Visitor::new(&kit, MOUNT);
    person(&kit, OTHER_UIN).await;
    let code = other.logged_in(&[SHOP, NOTHING], OTHER_UIN).await;
    let (ben, _) = id_token(&kit, &shop, &code).await;
    let hinted = |token| [none, SHOP, NOTHING, ("id_token_hint", token)];
    assert_eq!(error(&visitor.authorize(&hinted(&ben)).await), "login_required");
    assert_eq!(error(&visitor.authorize(&hinted("e30.e30.e30")).await), "invalid_request");
    let back = told(&visitor.authorize(&hinted(&anna)).await);
    let (_, again) = id_token(&kit, &shop, &back["code"]).await;
    for claim in ["sub", "auth_time", "sid"] {
        assert_eq!(again[claim], claims[claim], "{claim}");
    }
    let sub = format!("{{\"id_token\":{{\"sub\":{{\"value\":\"{}\"}}}}}}", claims["sub"].as_str().unwrap());
    for (asked, code) in [(sub.as_str(), true), (r#"{"id_token":{"sub":{"value":"x"}}}"#, false)] {
        let back = told(&visitor.authorize(&[none, SHOP, ("claims", asked)]).await);
        assert_eq!(back.contains_key("code"), code, "{back:?}");
    }
    for (hint, code) in [(UIN, true), (OTHER_UIN, false), ("1234567890", false), ("anna", true)] {
        let back = told(&visitor.authorize(&[none, SHOP, NOTHING, ("login_hint", hint)]).await);
        assert_eq!(back.contains_key("code"), code, "{hint} {back:?}");
    }
}

/// OpenID Connect Core §3.1.2.1: older than `max_age` is not there at all, and the next proof is told by its own time.
#[tokio::test]
async fn max_age_asks_again_and_auth_time_is_truthful() {
    let (kit, shop) = stage(|registration| registration.default_max_age = Some(3000)).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    let code = visitor.logged_in(&[SHOP, NOTHING], UIN).await;
    let (_, first) = id_token(&kit, &shop, &code).await;
    let began = kit.state.clock.now() / 1000;
    assert_eq!(first["auth_time"], began);
    kit.clock.advance_seconds(2);
    let old = [SHOP, NOTHING, ("max_age", "1")];
    assert_eq!(
        told(&visitor.authorize(&[old[0], old[1], old[2], ("prompt", "none")]).await)["error"],
        "login_required"
    );
    visitor.authorize(&[SHOP, NOTHING, ("max_age", "10000")]).await;
    assert!(visitor.page.is_empty(), "{}", visitor.page);
    let code = visitor.logged_in(&old, UIN).await;
    let (_, second) = id_token(&kit, &shop, &code).await;
    assert_eq!(second["auth_time"], began + 2);
    // The client's own.
    kit.clock.advance_seconds(3001);
    let none = [SHOP, NOTHING, ("prompt", "none")];
    assert_eq!(told(&visitor.authorize(&none).await)["error"], "login_required");
    for (max_age, silent) in [("0", false), ("3500", true)] {
        let back = told(&visitor.authorize(&[none[0], none[1], none[2], ("max_age", max_age)]).await);
        assert_eq!(back.contains_key("code"), silent, "{max_age}");
    }
}

/// A21: a session is told for what it is, and is not enough for a class that it did not reach.
#[tokio::test]
async fn a21_a_session_never_stands_for_another_class() {
    let (kit, shop) = stage(|_| ()).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.logged_in(&[SHOP, NOTHING], UIN).await;
    let ask = [SHOP, NOTHING, ("prompt", "none")];
    let with = |acr: &'static str| [ask[0], ask[1], ask[2], ("acr_values", acr)];
    assert_eq!(told(&visitor.authorize(&with("mosip:idp:acr:linked-wallet")).await)["error"], "login_required");
    let both = with("mosip:idp:acr:linked-wallet idbb:acr:static-code");
    let code = told(&visitor.authorize(&both).await)["code"].clone();
    assert_eq!(id_token(&kit, &shop, &code).await.1["acr"], "idbb:acr:static-code");
}

/// `select_account`: a page with two buttons.
#[tokio::test]
async fn the_citizen_chooses_who_to_be() {
    let (kit, _) = stage(|_| ()).await;
    let select = ("prompt", "select_account");
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.authorize(&[select]).await;
    assert!(visitor.page.contains("id=\"pin-login-button\""), "nobody to choose");
    told(&visitor.log_in(UIN).await);
    visitor.authorize(&[select]).await;
    assert!(visitor.page.contains("<bdi id=\"signed-in-name\">Anna</bdi>"), "{}", visitor.page);
    let page = visitor.page.clone();
    assert!(told(&visitor.submit("continue-as", &[]).await).contains_key("code"));
    visitor.page = page;
    assert_eq!(visitor.submit("continue-as", &[]).await.status, StatusCode::BAD_REQUEST, "once");
    visitor.authorize(&[select]).await;
    let answer = visitor.submit("start", &[]).await;
    assert!(answer.text.contains("id=\"pin-login-button\""), "{}", answer.text);
    // With more to agree to, the consent page comes between.
    visitor.authorize(&[select, ("claims", r#"{"userinfo":{"email":{"essential":true}}}"#)]).await;
    let answer = visitor.submit("continue-as", &[]).await;
    assert!(answer.text.contains("id=\"allow-button\""), "{}", answer.text);
    assert!(told(&visitor.submit("consent", &[]).await).contains_key("code"));
    // Once the session is over there is nobody to go on as.
    visitor.authorize(&[select]).await;
    visitor.cookies.retain(|(name, _)| name != "tessera-login-op");
    let answer = visitor.submit("continue-as", &[]).await;
    assert!(answer.text.contains("id=\"pin-login-button\""), "{}", answer.text);
}

/// Nobody is logged in without a page to a relying party that they have not met, be it that it asks for nothing.
#[tokio::test]
async fn a_new_relying_party_shows_itself_first() {
    let (kit, shop) = stage(|_| ()).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.logged_in(&[], UIN).await;
    let answer = visitor.authorize(&[SHOP, NOTHING]).await;
    assert!(answer.text.contains("id=\"allow-button\"") && answer.text.contains("Clinic"), "{}", answer.text);
    let code = told(&visitor.submit("consent", &[]).await)["code"].clone();
    assert_eq!(id_token(&kit, &shop, &code).await.1["amr"], json!(["pin"]));
    assert!(told(&visitor.authorize(&[SHOP, NOTHING]).await).contains_key("code"));
}

/// Another person who proves who they are in the same browser takes it over.
#[tokio::test]
async fn another_person_takes_the_browser_over() {
    let (kit, _) = stage(|_| ()).await;
    person(&kit, OTHER_UIN).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    let first = visitor.logged_in(&[], UIN).await;
    let second = visitor.logged_in(&[("prompt", "login")], OTHER_UIN).await;
    let (first, second) = (approval(&kit, "clinic", &first).await, approval(&kit, "clinic", &second).await);
    assert_ne!((first.person, first.session), (second.person, second.session));
    let back = told(&visitor.authorize(&[("prompt", "none")]).await);
    assert_eq!(approval(&kit, "clinic", &back["code"]).await.person, second.person);
}

/// A login that a wallet on another device approved serves the relying party that the phone showed, and no other.
#[tokio::test]
async fn a_wallet_elsewhere_logs_in_to_one_relying_party() {
    let (kit, _) = stage(|_| ()).await;
    let phone = Phone::bind(&kit, UIN).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.authorize(&[]).await;
    phone.approve(&kit, MOUNT, &visitor.says("data-code=\"")).await;
    assert!(told(&visitor.submit("continue", &[]).await).contains_key("code"));
    let none = ("prompt", "none");
    assert!(told(&visitor.authorize(&[none]).await).contains_key("code"));
    assert_eq!(told(&visitor.authorize(&[none, SHOP, NOTHING]).await)["error"], "login_required");
}

/// The other issuers keep no sessions: each login is a proof.
#[tokio::test]
async fn where_no_sessions_are_kept_everybody_proves_who_they_are() {
    let kit = kit().await;
    for mount in [Mount::GovStack, Mount::ESignet] {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.logged_in(&[], UIN).await;
        visitor.authorize(&[]).await;
        assert!(visitor.page.contains("id=\"pin-login-button\""));
        assert_eq!(told(&visitor.authorize(&[("prompt", "none")]).await)["error"], "login_required");
        assert!(!visitor.cookies.iter().any(|(name, _)| name.contains("login")));
    }
}
