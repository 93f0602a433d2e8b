//! The calls of the QR login up to the scan, through the whole app.

use std::sync::Arc;

use serde_json::{Value, json};

use super::test_kit::{MOUNTS, Tab, WHOLE, told, wallet};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::testkit::Kit;

#[tokio::test]
async fn gs_wal_01_link_code_is_random_and_tells_its_end() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let answer = tab.post(&kit, mount, "link-code", json!({ "transactionId": id })).await;
        let response = &answer.json()["response"];
        assert_eq!(response["transactionId"], id);
        let first = response["linkCode"].as_str().unwrap().to_owned();
        if WHOLE.contains(&mount) {
            assert_eq!(response["expireDateTime"], "2026-01-05T10:01:00.000Z");
            assert_eq!(first.len(), 64);
            assert_ne!(first, tab.code(&kit, mount, &id).await);
        } else {
            assert_eq!(response["expireDateTime"], "2026-01-05T10:00:20.000Z");
            assert_eq!(first.split('.').map(str::len).collect::<Vec<_>>(), [64, 1, 22]);
        }
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
    for mount in WHOLE {
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

/// GS-WAL-04: version 1 tells the name as text, version 2 by language; our own configuration names issuer and nonce.
#[tokio::test]
async fn gs_wal_04_link_transaction_tells_who_asks_for_what() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let answer = wallet(&kit, mount, "v2/link-transaction", json!({ "linkCode": code })).await.json();
        let told = &answer["response"];
        assert_eq!(told["linkTransactionId"].as_str().unwrap().len(), 64);
        assert_eq!(told["clientName"]["fra"], "Clinique");
        assert_eq!(told["logoUrl"], "https://rp.test/logo.png");
        assert_eq!(told["essentialClaims"], json!(["name"]));
        assert_eq!(told["voluntaryClaims"], json!(["email"]));
        assert_eq!(told["authorizeScopes"], json!([]));
        assert_eq!(told["credentialScopes"], json!([]));
        let factor = if mount == Mount::GovStack { "Wallet" } else { "WLA" };
        assert_eq!(told["authFactors"][0][0]["type"], factor);
        let ours = &told["configs"]["tessera"];
        assert_eq!(ours["iss"], kit.state.issuer(mount));
        assert_eq!(ours["page_origin"], "http://localhost:8080");
        assert_eq!(ours["rp_domain"], "rp.test");
        assert_eq!(ours["channel"], "cross_device");
        assert_eq!(ours["started_at"], "2026-01-05T10:00:00.000Z");
        assert_eq!(ours["nonce"].as_str().unwrap().len(), 43);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let answer = wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.json();
        assert_eq!(answer["response"]["clientName"], "Clinic");
        assert_eq!(answer["response"].get("credentialScopes"), None);
    }
}

/// L1, GS-WAL-04, GS-WAL-09: used twice, after its life, random, on another mount.
#[tokio::test]
async fn l1_a_code_is_claimed_once_in_time_and_where_it_was_made() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let elsewhere = if mount == Mount::Op { Mount::ESignet } else { Mount::Op };
        assert_eq!(
            wallet(&kit, elsewhere, "link-transaction", json!({ "linkCode": code })).await.code(),
            "invalid_link_code"
        );
        let mut altered = code.clone();
        let last = if altered.pop() == Some('A') { 'B' } else { 'A' };
        altered.push(last);
        let random = kit.state.mint(Kind::LinkCode).text;
        for wrong in [altered.as_str(), random.as_str(), "", "abc", &id] {
            let answer = wallet(&kit, mount, "link-transaction", json!({ "linkCode": wrong })).await;
            assert_eq!(answer.code(), "invalid_link_code");
        }
        assert_eq!(wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.code(), "");
        assert_eq!(
            wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.code(),
            "invalid_link_code"
        );
        // No further code for a transaction that a wallet holds.
        let answer = tab.post(&kit, mount, "link-code", json!({ "transactionId": id })).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
        let id = tab.begin(&kit, mount).await;
        let late = tab.code(&kit, mount, &id).await;
        kit.clock.advance_seconds(60);
        assert_eq!(
            wallet(&kit, mount, "link-transaction", json!({ "linkCode": late })).await.code(),
            "invalid_link_code"
        );
    }
}

/// L1: fifty wallets, one code, one winner; the same where they come with different codes of one transaction.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_fifty_wallets_race_for_one_transaction_and_one_wins() {
    for kit in Kit::both().await {
        let kit = Arc::new(kit);
        // Frames of one code at the one, codes of one transaction at the other.
        for (mount, codes) in [(Mount::Op, 1), (Mount::Op, 5), (Mount::ESignet, 1), (Mount::ESignet, 5)] {
            let tab = Tab::new(&kit);
            let id = tab.begin(&kit, mount).await;
            let mut shown = Vec::new();
            for _ in 0..codes {
                kit.clock.advance_seconds(3);
                shown.push(tab.code(&kit, mount, &id).await);
            }
            let wallets: Vec<_> = (0..50)
                .map(|n| {
                    let (kit, code) = (kit.clone(), shown[n % codes].clone());
                    tokio::spawn(async move {
                        loop {
                            let ask = json!({ "linkCode": code });
                            let answer = wallet(&kit, mount, "v2/link-transaction", ask).await;
                            // A busy database is no loss of the race: come back, as a wallet does.
                            if answer.status != 503 {
                                return answer;
                            }
                        }
                    })
                })
                .collect();
            let mut winners = 0;
            for wallet in wallets {
                let answer = wallet.await.unwrap();
                match answer.code().as_str() {
                    "" => winners += 1,
                    code => assert!(matches!(code, "invalid_link_code" | "invalid_transaction"), "{}", answer.text),
                }
            }
            assert_eq!(winners, 1);
        }
    }
}

/// GS-WAL-02: the poll that is open while a wallet claims the code is answered by it; and so is every further one.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_wal_02_a_scan_answers_the_open_poll_at_once() {
    for kit in Kit::both().await {
        let kit = Arc::new(kit);
        let mount = Mount::ESignet;
        let tab = Arc::new(Tab::new(&kit));
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let ask = json!({ "transactionId": id, "linkCode": code });
        let open = tokio::spawn({
            let (kit, tab, ask) = (kit.clone(), tab.clone(), ask.clone());
            async move { tab.post(&kit, mount, "link-status", ask).await }
        });
        while kit.state.waits.waiting() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.code(), "");
        for answer in [open.await.unwrap(), tab.post(&kit, mount, "link-status", ask).await] {
            let expected = json!({ "transactionId": id, "linkStatus": "LINKED", "linkedDateTime": "1767607200000" });
            assert_eq!(answer.json()["response"], expected);
        }
    }
}

/// The wallet's no: the page hears it at once, the standard's calls as an error with a state where the dialect has room.
#[tokio::test]
async fn deny_ends_the_login() {
    let kit = Kit::new().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let answer = wallet(&kit, mount, "v2/link-transaction", json!({ "linkCode": code })).await.json();
        let linked = answer["response"]["linkTransactionId"].as_str().unwrap();
        let ask = json!({ "transactionId": id, "linkCode": code, "state": "waiting" });
        assert_eq!(tab.post(&kit, mount, "link-status", ask).await.json()["response"]["state"], "scanned");
        let deny = json!({ "linkedTransactionId": linked, "reason": "not_me" });
        assert_eq!(kit.post("/wallet/deny", deny.clone(), &[]).await.json()["response"]["linkedTransactionId"], linked);
        assert_eq!(kit.post("/wallet/deny", deny, &[]).await.code(), "invalid_transaction");
        let ask = json!({ "transactionId": id, "linkCode": code, "state": "scanned" });
        assert_eq!(tab.post(&kit, mount, "link-status", ask).await.json()["response"]["state"], "denied");
        let answer = tab.post(&kit, mount, "link-status", json!({ "transactionId": id, "linkCode": code })).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
        let state = if mount == Mount::GovStack { Value::Null } else { "denied".into() };
        assert_eq!(answer.json()["response"]["state"], state);
        for (blank, code) in [("", "invalid_transaction_id"), ("x", "invalid_transaction")] {
            assert_eq!(kit.post("/wallet/deny", json!({ "linkedTransactionId": blank }), &[]).await.code(), code);
        }
    }
}
