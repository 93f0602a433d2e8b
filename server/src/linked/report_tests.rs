//! Deny and report: what they end, what they open, and who may.

use std::sync::Arc;

use serde_json::{Value, json};

use super::test_kit::{OTHER_UIN, Phone, Scanned, Tab, UIN, add_client, person, told, wallet};
use crate::audit::{Case, Cause, EventKind, Filter};
use crate::dialect::Mount;
use crate::grants::{self, Presented};
use crate::store::StoreError;
use crate::testkit::Kit;

const MOUNT: Mount = Mount::Op;

async fn cases(kit: &Kit) -> Vec<Case> {
    let audit = kit.state.audit.clone();
    let read = kit.state.store.read(move |tx| Box::pin(async move { audit.cases(tx, None, None, 100).await })).await;
    read.map_err(|error: StoreError| error).unwrap()
}

async fn kinds(kit: &Kit) -> Vec<EventKind> {
    let audit = kit.state.audit.clone();
    let filter = Filter { limit: 1000, ..Filter::default() };
    let read = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await;
    read.map_err(|error: StoreError| error).unwrap().events.iter().map(|event| event.kind).collect()
}

/// A login that a wallet approved and whose browser has its code.
async fn finished(kit: &Kit, phone: &Phone) -> (Scanned, String) {
    let tab = Tab::new(kit);
    let id = tab.begin(kit, MOUNT).await;
    let code = tab.code(kit, MOUNT, &id).await;
    let (scanned, _) = phone.approve(kit, MOUNT, &code).await;
    let ask = json!({ "transactionId": id, "linkedCode": code });
    let answer = tab.post(kit, MOUNT, "link-auth-code", ask).await.json();
    (scanned, answer["response"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned())
}

async fn redeem(kit: &Kit, code: &str) -> Option<String> {
    let presented = Presented {
        mount: MOUNT,
        client_id: "clinic",
        code,
        redirect_uri: Some("https://rp.test/cb"),
        code_verifier: None,
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    grants::redeem(&kit.state, presented, grants::Shown::default()).await.ok().map(|issued| issued.access_token)
}

async fn is_alive(kit: &Kit, token: &str) -> bool {
    grants::access_token(&kit.state, token).await.unwrap().is_some()
}

fn report(scanned: &Scanned) -> Value {
    json!({ "linkedTransactionId": scanned.linked, "reason": "suspicious" })
}

/// After an approval: the token dies, one case is opened, and saying it again changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_report_revokes_what_the_login_yielded_and_opens_one_case() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let phone = Phone::bind(&kit, UIN).await;
        let (scanned, code) = finished(&kit, &phone).await;
        let token = redeem(&kit, &code).await.unwrap();
        let (_, other_code) = finished(&kit, &phone).await;
        let other = redeem(&kit, &other_code).await.unwrap();
        assert!(is_alive(&kit, &token).await);
        for _ in 0..2 {
            let answer = phone.call(&kit, "/wallet/report", report(&scanned)).await;
            assert_eq!(answer.json()["response"]["linkedTransactionId"], scanned.linked.as_str(), "{}", answer.text);
            assert!(!is_alive(&kit, &token).await);
        }
        assert!(is_alive(&kit, &other).await, "another login of the same person");
        let cases = cases(&kit).await;
        assert_eq!(cases.len(), 1);
        assert_eq!((cases[0].cause, cases[0].reason.as_str()), (Cause::Reported, "suspicious"));
        assert_eq!(cases[0].client_id, "clinic");
        let kinds = kinds(&kit).await;
        let count = |kind| kinds.iter().filter(|found| **found == kind).count();
        assert_eq!(count(EventKind::LoginReported), 1);
        assert_eq!(count(EventKind::CaseOpened), 1);
        let story = [EventKind::LoginLinked, EventKind::LoginAuthenticated, EventKind::LoginApproved];
        assert!(story.iter().chain(&[EventKind::LoginFinished, EventKind::TokenIssued]).all(|kind| count(*kind) == 2));
    }
}

/// A code that nobody has redeemed yet gives nothing any more.
#[tokio::test]
async fn a_reported_code_is_worth_nothing() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    let phone = Phone::bind(&kit, UIN).await;
    let (scanned, code) = finished(&kit, &phone).await;
    assert_eq!(phone.call(&kit, "/wallet/report", report(&scanned)).await.code(), "");
    assert_eq!(redeem(&kit, &code).await, None);
}

/// Before the browser has its code a report is a refusal with a case.
#[tokio::test]
async fn a_report_before_the_code_denies() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    let phone = Phone::bind(&kit, UIN).await;
    for approved in [false, true] {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, MOUNT).await;
        let code = tab.code(&kit, MOUNT, &id).await;
        let scanned = if approved {
            phone.approve(&kit, MOUNT, &code).await.0
        } else {
            phone.scan(&kit, MOUNT, &code, true).await
        };
        for _ in 0..2 {
            assert_eq!(phone.call(&kit, "/wallet/report", report(&scanned)).await.code(), "");
        }
        let ask = json!({ "transactionId": id, "linkedCode": code });
        let answer = tab.post(&kit, MOUNT, "link-auth-code", ask).await;
        assert_eq!(answer.json()["response"]["state"], "denied", "{}", answer.text);
    }
    assert_eq!(cases(&kit).await.len(), 2);
}

/// Only the key that approved may report: not another person's, not one that is not bound, not an unsigned call.
#[tokio::test]
async fn nobody_else_may_report() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    person(&kit, OTHER_UIN).await;
    let phone = Phone::bind(&kit, UIN).await;
    let stranger = Phone::bind(&kit, OTHER_UIN).await;
    let sibling = Phone::bind(&kit, UIN).await;
    let (scanned, code) = finished(&kit, &phone).await;
    let token = redeem(&kit, &code).await.unwrap();
    for other in [&stranger, &sibling] {
        let answer = other.call(&kit, "/wallet/report", report(&scanned)).await;
        assert_eq!(answer.code(), "invalid_transaction");
    }
    assert_eq!(kit.post("/wallet/report", report(&scanned), &[]).await.code(), "invalid_wallet_token");
    let nonsense = json!({ "linkedTransactionId": "x" });
    assert_eq!(phone.call(&kit, "/wallet/report", nonsense).await.code(), "invalid_transaction");
    let blank = json!({ "linkedTransactionId": " " });
    assert_eq!(phone.call(&kit, "/wallet/report", blank).await.code(), "invalid_transaction_id");
    assert!(is_alive(&kit, &token).await);
    assert_eq!(cases(&kit).await, []);
}

/// Long after: the events remember who approved, so that the case is opened although nothing is left to revoke.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_late_report_still_opens_a_case() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        person(&kit, OTHER_UIN).await;
        let phone = Phone::bind(&kit, UIN).await;
        let stranger = Phone::bind(&kit, OTHER_UIN).await;
        let (scanned, _) = finished(&kit, &phone).await;
        kit.clock.advance_seconds(24 * 3600);
        for _ in 0..2 {
            crate::authorization::expire(&kit.state).await.unwrap();
            grants::expire(&kit.state).await.unwrap();
            super::expire(&kit.state).await.unwrap();
        }
        assert_eq!(stranger.call(&kit, "/wallet/report", report(&scanned)).await.code(), "invalid_transaction");
        for _ in 0..2 {
            assert_eq!(phone.call(&kit, "/wallet/report", report(&scanned)).await.code(), "");
        }
        assert_eq!(cases(&kit).await.len(), 1);
    }
}

/// The relying party redeems its code in the moment of the report: whoever is first, no token lives on.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_report_and_a_redemption_race_and_no_token_survives() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let phone = Arc::new(Phone::bind(&kit, UIN).await);
        let kit = Arc::new(kit);
        for round in 0..25 {
            let (scanned, code) = finished(&kit, &phone).await;
            let redemption = tokio::spawn({
                let kit = kit.clone();
                async move { redeem(&kit, &code).await }
            });
            let reported = tokio::spawn({
                let (kit, phone) = (kit.clone(), phone.clone());
                async move { phone.call(&kit, "/wallet/report", report(&scanned)).await }
            });
            assert_eq!(reported.await.unwrap().code(), "");
            if let Some(token) = redemption.await.unwrap() {
                assert!(!is_alive(&kit, &token).await, "round {round}");
            }
        }
        assert_eq!(cases(&kit).await.len(), 25);
    }
}

/// The browser takes its code in the moment of the report: either it gets none, or one that is worth nothing.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_report_and_the_browser_race_and_no_code_survives() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let phone = Arc::new(Phone::bind(&kit, UIN).await);
        let kit = Arc::new(kit);
        for round in 0..25 {
            let tab = Tab::new(&kit);
            let id = tab.begin(&kit, MOUNT).await;
            let code = tab.code(&kit, MOUNT, &id).await;
            let (scanned, _) = phone.approve(&kit, MOUNT, &code).await;
            let polled = tokio::spawn({
                let kit = kit.clone();
                let ask = json!({ "transactionId": id, "linkedCode": code });
                async move { tab.post(&kit, MOUNT, "link-auth-code", ask).await.json() }
            });
            let reported = tokio::spawn({
                let (kit, phone) = (kit.clone(), phone.clone());
                async move { phone.call(&kit, "/wallet/report", report(&scanned)).await }
            });
            assert_eq!(reported.await.unwrap().code(), "");
            if let Some(code) = polled.await.unwrap()["response"]["code"].as_str() {
                assert_eq!(redeem(&kit, code).await, None, "round {round}");
            }
        }
        assert_eq!(cases(&kit).await.len(), 25);
    }
}

/// `deny` opens a case only where something looked wrong.
#[tokio::test]
async fn a_suspicious_denial_opens_a_case_and_others_do_not() {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    let phone = Phone::bind(&kit, UIN).await;
    for mount in Mount::ISSUERS {
        add_client(&kit, mount).await;
        let before = cases(&kit).await.len();
        for (reason, more) in [("not_me", 0), ("changed_mind", 0), ("suspicious", 1)] {
            let tab = Tab::new(&kit);
            let id = tab.begin(&kit, mount).await;
            let code = tab.code(&kit, mount, &id).await;
            let scanned = phone.scan(&kit, mount, &code, true).await;
            let no = json!({ "linkedTransactionId": scanned.linked, "reason": reason });
            assert_eq!(kit.post("/wallet/deny", no.clone(), &[]).await.code(), "");
            assert_eq!(cases(&kit).await.len(), before + more);
            // Told once; and the login is over for the wallet too.
            assert_eq!(kit.post("/wallet/deny", no, &[]).await.code(), "invalid_transaction");
            let consent = phone.consent(&kit, &scanned, &["name"]);
            assert_eq!(wallet(&kit, mount, "v2/consent", consent).await.code(), told(mount, "invalid_transaction"));
        }
    }
}
