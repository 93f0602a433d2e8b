//! Whole logins over sockets, on every mount and both databases.

mod bankid;
mod logout;
mod mail;
mod tls;

use outside::browser::Browser;
use outside::server::{AMARA, Database, JONAS, PIN, Server};
use outside::wallet::{Linked, Wallet};
use serde_json::json;

/// Mounts of the three issuers.
const MOUNTS: [&str; 3] = ["", "/v1/esignet", "/op"];

/// GS-WAL-01 to 08, GS-OIDC-03, 05, 07, GS-VAP-04, 07, 09: bind, scan, approve, code, ID token, userinfo.
#[tokio::test(flavor = "multi_thread")]
async fn a_bound_wallet_logs_a_browser_in() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let mut wallet = Wallet::new(&server, AMARA.id);
        let bound = wallet.bind(&server, AMARA.email).await;
        assert!(bound.text_of("certificate").contains("BEGIN CERTIFICATE"));
        for mount in MOUNTS {
            let party = server.relying_party(mount).await;
            let browser = Browser::new(&server, mount).await;
            let (request, begun) = party.begin();
            let transaction = browser.start(request).await;
            let code = browser.link_code(&transaction).await;
            let ((), status, approved) = tokio::join!(
                async {
                    wallet.approve(mount, &code, &["name"]).await;
                },
                browser.link_status(&transaction, &code),
                async {
                    // The poll may come before the scan: then it says so, and is asked again.
                    for _ in 0..1200 {
                        let answer = browser.link_auth_code(&transaction, &code).await;
                        if answer.code().is_empty() {
                            return answer;
                        }
                        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    }
                    browser.link_auth_code(&transaction, &code).await
                }
            );
            assert_eq!(status.good()["linkStatus"], "LINKED", "{mount}: {}", status.text);
            assert_eq!(approved.good()["state"], begun.state.as_str(), "{mount}");
            assert_eq!(approved.good()["redirectUri"], party.redirect_uri.as_str());
            let tokens = party.redeem(&approved.text_of("code"), &begun).await;
            let id_token = party.verify(tokens["id_token"].as_str().unwrap()).await;
            assert_eq!(id_token["iss"], party.issuer.as_str());
            assert_eq!(id_token["nonce"], begun.nonce.as_str());
            assert!(id_token["acr"].as_str().unwrap().ends_with("linked-wallet"), "{id_token:?}");
            let (status, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
            assert_eq!(status, 200);
            assert_eq!(claims["sub"], id_token["sub"]);
            assert_ne!(claims["sub"], AMARA.id);
            assert!(claims.contains_key("name"), "{claims:?}");
            assert!(!claims.contains_key("email"), "not consented to: {claims:?}");
        }
    }
}

/// GS-OIDC-01, GS-VAP-03, 08: a PIN in the browser, and a claim that the client may not have.
#[tokio::test(flavor = "multi_thread")]
async fn a_pin_logs_a_browser_in_with_no_more_claims_than_agreed() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let browser = Browser::new(&server, mount).await;
        let (mut request, begun) = party.begin();
        request["claims"]["userinfo"]["phone_number"] = json!({ "essential": false });
        let transaction = browser.start(request).await;
        assert!(!transaction.response.to_string().contains("phone_number"), "the client is not registered for it");
        browser.authenticate_by_pin(&transaction, JONAS.id, PIN).await.good();
        let code = browser.auth_code(&transaction, &["name", "email"]).await.text_of("code");
        let tokens = party.redeem(&code, &begun).await;
        let (_, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert_eq!(claims["email"], JONAS.email);
        assert!(!claims.contains_key("phone_number"));
    }
}

/// GS-VAP-09, GS-CLI-04: one person has one subject per relying party, and none is the identifier.
#[tokio::test(flavor = "multi_thread")]
async fn subjects_are_pairwise() {
    let server = Server::start(Database::Sqlite, "").await;
    let mut subjects = Vec::new();
    for party in [server.relying_party("/op").await, server.relying_party("/op").await] {
        for _ in 0..2 {
            let browser = Browser::new(&server, "/op").await;
            let (request, begun) = party.begin();
            let transaction = browser.start(request).await;
            browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
            let code = browser.auth_code(&transaction, &["name"]).await.text_of("code");
            let tokens = party.redeem(&code, &begun).await;
            subjects.push(party.verify(tokens["id_token"].as_str().unwrap()).await["sub"].clone());
        }
    }
    assert_eq!(subjects[0], subjects[1]);
    assert_eq!(subjects[2], subjects[3]);
    assert_ne!(subjects[0], subjects[2]);
}

/// Deny: the browser learns of it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_denied_login_ends_for_the_browser() {
    let server = Server::start(Database::Sqlite, "").await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let browser = Browser::new(&server, mount).await;
        let (request, _) = party.begin();
        let transaction = browser.start(request).await;
        let code = browser.link_code(&transaction).await;
        let linked = wallet.linked(mount, &code).await;
        let (denied, told) = tokio::join!(
            wallet.post("/wallet/deny", json!({ "linkedTransactionId": linked.id, "reason": "not_me" })),
            browser.link_auth_code(&transaction, &code)
        );
        denied.good();
        assert!(told.code().starts_with("invalid_transaction"), "{mount}: {}", told.text);
        let token = wallet.wla(&wallet.wla_claims(&linked));
        let late = wallet.authenticate(mount, &linked, &token).await;
        assert!(late.code().starts_with("invalid_transaction"), "{mount}: {}", late.text);
    }
}

/// A poll that nothing happens to ends in time with `response_timeout`; an expired code is refused (L1).
#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_poll_ends_and_an_expired_code_is_refused() {
    let settings = "lifetimes.poll = 1\nlifetimes.link_code = 4\nlifetimes.frame = 2";
    let server = Server::start(Database::Sqlite, settings).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let browser = Browser::new(&server, mount).await;
        let transaction = browser.start(party.begin().0).await;
        let shown = browser.shown(&transaction).await;
        let (code, ends) = (shown.text_of("linkCode"), shown.text_of("expireDateTime"));
        // Polls are quiet until the server's own clock has passed the end: a wallet that asked sooner would claim the code.
        let mut now = String::new();
        for _ in 0..120 {
            let quiet = browser.link_status(&transaction, &code).await;
            assert!(["response_timeout", "invalid_link_code"].contains(&quiet.code()), "{mount}: {}", quiet.text);
            quiet.body["responseTime"].as_str().unwrap().clone_into(&mut now);
            if now > ends {
                break;
            }
        }
        assert!(now > ends, "{mount}: {now} is not after {ends}");
        assert_eq!(wallet.link(mount, &code).await.code(), "invalid_link_code", "{mount}");
        // The transaction lives on with a fresh code; on a slow machine that one may end too before it is scanned.
        let mut claimed = None;
        for _ in 0..8 {
            let fresh = browser.link_code(&transaction).await;
            let answer = wallet.link(mount, &fresh).await;
            if answer.code() != "invalid_link_code" {
                claimed = Some((fresh, Linked::of(&answer)));
                break;
            }
        }
        let (fresh, linked) = claimed.expect("a code that is scanned in time");
        wallet.authenticate(mount, &linked, &wallet.wla(&wallet.wla_claims(&linked))).await.good();
        wallet.consent(mount, &linked, &["name"]).await.good();
        browser.link_auth_code(&transaction, &fresh).await.good();
    }
}

/// Two processes on one PostgreSQL: the browser waits at one, the wallet speaks to the other.
#[tokio::test(flavor = "multi_thread")]
async fn the_browser_waits_at_one_node_while_the_wallet_speaks_to_another() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(Database::Postgres, "").await;
    let second = first.second_node().await;
    let mut wallet = Wallet::new(&second, AMARA.id);
    wallet.bind(&second, AMARA.email).await.good();
    let party = first.relying_party("/op").await;
    let browser = Browser::new(&first, "/op").await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    let code = browser.link_code(&transaction).await;
    let (status, _) = tokio::join!(browser.link_status(&transaction, &code), wallet.approve("/op", &code, &["name"]));
    status.good();
    let answer = browser.link_auth_code(&transaction, &code).await;
    party.redeem(&answer.text_of("code"), &begun).await;
}

/// The page listens to events; on PostgreSQL the wallet speaks to another node than the one that tells them.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_of_frames_and_of_the_wallet_as_it_happens() {
    for database in Database::all() {
        let first = Server::start(database, "lifetimes.frame = 2").await;
        let second = match database {
            Database::Postgres => Some(first.second_node().await),
            Database::Sqlite => None,
        };
        let mut wallet = Wallet::new(second.as_ref().unwrap_or(&first), AMARA.id);
        wallet.bind(&first, AMARA.email).await.good();
        let policy = json!({ "rotation": "strict", "number_matching": "off" });
        let party = first.relying_party_with_policy("/op", &policy).await;
        let browser = Browser::new(&first, "/op").await;
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        let mut events = browser.listen(&transaction).await;
        assert_eq!(events.of("state").await["state"], "waiting");
        let mut frames = std::collections::HashSet::new();
        let linked = loop {
            let frame = events.of("frame").await["linkCode"].as_str().unwrap().to_owned();
            assert!(frames.insert(frame.clone()), "each frame is told once");
            assert!(frames.len() < 100);
            if frames.len() < 3 {
                continue;
            }
            // A machine that is too slow for this frame takes another.
            let answer = wallet.link("/op", &frame).await;
            if answer.code().is_empty() {
                let config = &answer.good()["configs"]["tessera"];
                break Linked {
                    id: answer.text_of("linkTransactionId"),
                    issuer: config["iss"].as_str().unwrap().into(),
                    nonce: config["nonce"].as_str().unwrap().into(),
                    response: answer.good().clone(),
                };
            }
        };
        assert_eq!(events.of("state").await["state"], "scanned");
        wallet.authenticate("/op", &linked, &wallet.wla(&wallet.wla_claims(&linked))).await.good();
        assert_eq!(events.of("state").await["state"], "authenticated");
        wallet.consent("/op", &linked, &["name"]).await.good();
        assert_eq!(events.of("state").await["state"], "approved");
        assert_eq!(events.next().await, Some(("end".into(), json!({}))));
        assert_eq!(events.next().await, None);
        let code = browser.link_auth_code(&transaction, frames.iter().next().unwrap()).await.text_of("code");
        party.redeem(&code, &begun).await;
    }
}
