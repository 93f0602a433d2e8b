//! The calls of the QR login, through the whole app.

use serde_json::{Value, json};

use crate::authorization::store::insert;
use crate::authorization::{Request, Stage, Transaction};
use crate::dialect::Mount;
use crate::http::csrf::{self, Browser};
use crate::ids::Kind;
use crate::testkit::{Answer, Kit};

/// A browser with its cookies.
pub(super) struct Tab {
    pub(super) cookie: String,
    pub(super) token: String,
    pub(super) browser: Browser,
}

impl Tab {
    pub(super) fn new(kit: &Kit) -> Self {
        let arrival = csrf::arrive(&kit.state, &axum::http::HeaderMap::new());
        let pairs = arrival.set_cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
        Self { cookie: pairs.collect::<Vec<_>>().join("; "), token: arrival.token, browser: arrival.browser }
    }

    pub(super) async fn post(&self, kit: &Kit, mount: Mount, call: &str, request: Value) -> Answer {
        let path = format!("{}/linked-authorization/{call}", mount.prefix());
        kit.post(&path, request, &[("cookie", &self.cookie), (csrf::HEADER, &self.token)]).await
    }

    /// Begins a transaction; gives the `transactionId`.
    pub(super) async fn begin(&self, kit: &Kit, mount: Mount) -> String {
        let minted = kit.state.mint(Kind::Transaction);
        let now = kit.state.clock.now();
        let transaction = Transaction {
            id: minted.id,
            mount,
            client_id: "clinic".into(),
            browser: self.browser.hash.clone(),
            session: self.browser.session.clone(),
            details_hash: String::new(),
            request: Request { redirect_uri: "https://rp.test/cb".into(), ..Request::default() },
            stage: Stage::Started,
            created_at: now,
            expires_at: now + 300_000,
            version: 0,
        };
        let (state, text) = (kit.state.clone(), minted.text.clone());
        kit.state
            .store
            .write(move |tx| Box::pin(async move { insert(&state, tx, &transaction, &minted).await }))
            .await
            .unwrap();
        text
    }

    pub(super) async fn code(&self, kit: &Kit, mount: Mount, id: &str) -> String {
        let answer = self.post(kit, mount, "link-code", json!({ "transactionId": id })).await;
        answer.json()["response"]["linkCode"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
    }
}

const MOUNTS: [Mount; 3] = Mount::ISSUERS;

/// What a code is called on a mount.
fn told(mount: Mount, code: &'static str) -> &'static str {
    match (mount, code) {
        (Mount::GovStack, "invalid_transaction") => "invalid_transaction_id",
        _ => code,
    }
}

#[tokio::test]
async fn gs_wal_01_link_code_is_random_and_tells_its_end() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let answer = tab.post(&kit, mount, "link-code", json!({ "transactionId": id })).await;
        let response = &answer.json()["response"];
        assert_eq!(response["transactionId"], id);
        assert_eq!(response["expireDateTime"], "2026-01-05T10:01:00.000Z");
        let first = response["linkCode"].as_str().unwrap().to_owned();
        assert_eq!(first.len(), 64);
        assert_ne!(first, tab.code(&kit, mount, &id).await);
        // Unknown, and blank.
        let unknown = kit.state.mint(Kind::Transaction).text;
        for (sent, code) in [
            (unknown.as_str(), told(mount, "invalid_transaction")),
            ("x", told(mount, "invalid_transaction")),
            (" ", "invalid_transaction_id"),
        ] {
            let answer = tab.post(&kit, mount, "link-code", json!({ "transactionId": sent })).await;
            assert_eq!(answer.code(), code, "{mount:?}");
        }
    }
}

/// L2.
#[tokio::test]
async fn l2_a_transaction_has_ten_codes_and_no_more() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        for _ in 0..10 {
            tab.code(&kit, mount, &id).await;
        }
        let answer = tab.post(&kit, mount, "link-code", json!({ "transactionId": id })).await;
        assert_eq!(answer.code(), "link_code_limit_reached");
    }
}

/// L3, E5, E6: another browser, no token, another transaction's code, another mount.
#[tokio::test]
async fn l3_link_status_is_for_the_browser_that_began_and_its_own_codes() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let (tab, other) = (Tab::new(&kit), Tab::new(&kit));
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let ask = json!({ "transactionId": id, "linkCode": code });
        let answer = other.post(&kit, mount, "link-status", ask.clone()).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
        let path = format!("{}/linked-authorization/link-status", mount.prefix());
        assert_eq!(kit.post(&path, ask.clone(), &[]).await.status, 403);
        let foreign = other.begin(&kit, mount).await;
        let foreign = other.code(&kit, mount, &foreign).await;
        for wrong in [foreign.as_str(), "", "abc", &kit.state.mint(Kind::LinkCode).text] {
            let answer = tab.post(&kit, mount, "link-status", json!({ "transactionId": id, "linkCode": wrong })).await;
            assert_eq!(answer.code(), "invalid_link_code");
        }
        let elsewhere = if mount == Mount::Op { Mount::ESignet } else { Mount::Op };
        assert_eq!(tab.post(&kit, elsewhere, "link-status", ask).await.code(), told(elsewhere, "invalid_transaction"));
    }
}

/// GS-WAL-02, GS-WAL-09: without a scan a poll ends with `response_timeout`, and a code ends by itself.
#[tokio::test]
async fn gs_wal_02_without_a_scan_a_poll_ends_on_time() {
    let mut config = crate::config::Config::default();
    config.lifetimes.poll = 0;
    let kit = Kit::with(config).await;
    let tab = Tab::new(&kit);
    let id = tab.begin(&kit, Mount::ESignet).await;
    let ask = json!({ "transactionId": id, "linkCode": tab.code(&kit, Mount::ESignet, &id).await });
    let answer = tab.post(&kit, Mount::ESignet, "link-status", ask.clone()).await;
    assert_eq!(answer.code(), "response_timeout");
    assert_eq!(answer.json()["response"], Value::Null);
    kit.clock.advance_seconds(60);
    let answer = tab.post(&kit, Mount::ESignet, "link-status", ask.clone()).await;
    assert_eq!(answer.code(), "invalid_link_code");
    assert_eq!(answer.json()["response"]["state"], "expired");
    kit.clock.advance_seconds(240);
    assert_eq!(tab.post(&kit, Mount::ESignet, "link-status", ask).await.code(), "invalid_transaction");
}

/// L7: a thousand codes: no repeat, no structure that a prefix would show.
#[tokio::test]
async fn l7_codes_do_not_repeat_and_share_no_prefix() {
    let kit = Kit::new().await;
    let mut seen = std::collections::HashSet::new();
    let mut heads = std::collections::HashSet::new();
    for _ in 0..10_000 {
        let code = kit.state.mint(Kind::LinkCode).text;
        heads.insert(code[..8].to_owned());
        assert!(seen.insert(code));
    }
    // 48 bits each: a collision among ten thousand would be a sign of structure.
    assert_eq!(heads.len(), 10_000);
}
