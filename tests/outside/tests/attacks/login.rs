//! Cases E1 to E8: guessing, replaying, borrowing somebody else's browser, asking for more than was asked.

use std::time::Duration;

use futures::future::join_all;
use outside::Answer;
use outside::browser::{Browser, Transaction};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, JONAS, PIN, Server};
use serde_json::{Value, json};

use crate::{MOUNTS, invalid_transaction};

const LOCKED: [&str; 2] = ["no_attempts_left", "individual_id_blocked"];

async fn begin(server: &Server, party: &RelyingParty) -> (Browser, Transaction) {
    let browser = Browser::new(server, party.mount).await;
    let transaction = browser.start(party.begin().0).await;
    (browser, transaction)
}

async fn send_otp(browser: &Browser, transaction: &Transaction, id: &str) -> Answer {
    let request = json!({ "transactionId": transaction.id, "individualId": id, "otpChannels": ["email"] });
    browser.post_with("/authorization/send-otp", request, &Browser::proof(transaction)).await
}

/// Asks for a one-time password and waits for it.
async fn otp(server: &Server, browser: &Browser, transaction: &Transaction) -> String {
    let seen = server.gateway.count(AMARA.email);
    send_otp(browser, transaction, AMARA.id).await.good();
    server.gateway.next(AMARA.email, seen).await
}

async fn try_otp(browser: &Browser, transaction: &Transaction, id: &str, otp: &str) -> Answer {
    let request = json!({
        "transactionId": transaction.id, "individualId": id,
        "challengeList": [{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }]
    });
    browser.post_with("/authorization/v2/authenticate", request, &Browser::proof(transaction)).await
}

fn wrong(otp: &str) -> String {
    format!("{:06}", (otp.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn e1_after_too_many_wrong_ones_the_right_one_is_refused_on_every_channel() {
    for mount in MOUNTS {
        let server = Server::start(Database::Sqlite, "").await;
        let party = server.relying_party(mount).await;
        let mut locked = false;
        for _ in 0..10 {
            let (browser, transaction) = begin(&server, &party).await;
            for _ in 0..2 {
                let answer = browser.authenticate_by_pin(&transaction, AMARA.id, "000000").await;
                assert!(answer.code() == "auth_failed" || LOCKED.contains(&answer.code()), "{mount}: {}", answer.text);
                locked |= LOCKED.contains(&answer.code());
            }
        }
        assert!(locked, "{mount}: twenty wrong ones and no lock");
        let (browser, transaction) = begin(&server, &party).await;
        let right = browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await;
        assert!(LOCKED.contains(&right.code()), "{mount}: {}", right.text);
        // The other channel is closed as well: binding a wallet.
        let mut wallet = outside::wallet::Wallet::new(&server, AMARA.id);
        let sent =
            wallet.post("/wallet/binding-otp", json!({ "individualId": AMARA.id, "otpChannels": ["email"] })).await;
        if sent.code().is_empty() {
            let bound = wallet.bind(&server, AMARA.email).await;
            assert!(LOCKED.contains(&bound.code()), "{mount}: {}", bound.text);
        }
        // And nobody else is shut out.
        let (browser, transaction) = begin(&server, &party).await;
        browser.authenticate_by_pin(&transaction, JONAS.id, PIN).await.good();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e2_a_hundred_guesses_at_once_are_no_more_than_the_limit() {
    for database in Database::all() {
        let server = Server::start(database, "limits.attempts = 5\nlimits.attempts_per_transaction = 50").await;
        let party = server.relying_party("/op").await;
        let (browser, transaction) = begin(&server, &party).await;
        let otp = wrong(&otp(&server, &browser, &transaction).await);
        let answers = join_all((0..100).map(|_| try_otp(&browser, &transaction, AMARA.id, &otp))).await;
        let tried = answers.iter().filter(|answer| answer.code() == "auth_failed").count();
        assert!((1..=5).contains(&tried), "{database:?}: {tried} guesses were looked at");
        // None was let in; one that found the server too busy says nothing else.
        assert!(answers.iter().all(|answer| answer.status == 503 || !answer.code().is_empty()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e3_an_otp_serves_once_in_time_and_in_its_own_transaction() {
    for mount in MOUNTS {
        let server = Server::start(Database::Sqlite, "").await;
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let right = otp(&server, &browser, &transaction).await;
        let (other_browser, other) = begin(&server, &party).await;
        assert_eq!(
            try_otp(&other_browser, &other, AMARA.id, &right).await.code(),
            "auth_failed",
            "{mount}: of another"
        );
        try_otp(&browser, &transaction, AMARA.id, &right).await.good();
        let again = try_otp(&browser, &transaction, AMARA.id, &right).await;
        assert!(["auth_failed", invalid_transaction(mount)].contains(&again.code()), "{mount}: twice: {}", again.text);
        // A node whose passwords end a second after they were sent.
        let hurried = server.node_with("hurried", "lifetimes.otp = 1").await;
        let (browser, transaction) = begin(&hurried, &party).await;
        let late = otp(&hurried, &browser, &transaction).await;
        let ends = outside::now() + 1;
        while outside::now() <= ends {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(try_otp(&browser, &transaction, AMARA.id, &late).await.code(), "auth_failed", "{mount}: late");
    }
}

/// Equal answers for a known and an unknown person; their times are compared in the benchmark.
#[tokio::test(flavor = "multi_thread")]
async fn e4_an_unknown_person_answers_like_a_wrong_factor() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let mut seen = Vec::new();
        for id in [JONAS.id, "7999999999"] {
            let (browser, transaction) = begin(&server, &party).await;
            let sent = send_otp(&browser, &transaction, id).await;
            let failed = browser.authenticate_by_pin(&transaction, id, "000000").await;
            seen.push((
                sent.code().to_owned(),
                sent.status,
                failed.code().to_owned(),
                failed.status,
                failed.text.len(),
            ));
        }
        assert_eq!(seen[0], seen[1], "{mount}");
        // Blank is malformed, and says so.
        let (browser, transaction) = begin(&server, &party).await;
        assert_eq!(browser.authenticate_by_pin(&transaction, " ", PIN).await.code(), "invalid_identifier", "{mount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e5_calls_of_the_browser_need_its_own_csrf_token() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let stranger = Browser::new(&server, mount).await;
        let request = json!({ "transactionId": transaction.id });
        for path in [
            "/authorization/v2/oauth-details",
            "/authorization/send-otp",
            "/authorization/v2/authenticate",
            "/authorization/auth-code",
            "/linked-authorization/link-code",
            "/linked-authorization/link-status",
            "/linked-authorization/link-auth-code",
        ] {
            assert_eq!(browser.post_without_csrf(path, request.clone()).await.status, 403, "{mount} {path}");
            let foreign = browser
                .http
                .post(format!("{}{mount}{path}", server.origin))
                .header("X-XSRF-TOKEN", stranger.csrf())
                .json(&outside::envelope(request.clone()))
                .send()
                .await
                .unwrap();
            assert_eq!(foreign.status().as_u16(), 403, "{mount} {path} with a foreign token");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e6_steps_in_order_in_the_browser_that_began() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let over = invalid_transaction(mount);
        assert_eq!(browser.auth_code(&transaction, &["name"]).await.code(), over, "{mount}: code before login");
        let stranger = Browser::new(&server, mount).await;
        let taken = stranger.authenticate_by_pin(&transaction, AMARA.id, PIN).await;
        assert_eq!(taken.code(), over, "{mount}: another browser's transaction");
        browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
        assert_eq!(stranger.auth_code(&transaction, &["name"]).await.code(), over, "{mount}: another browser's login");
        browser.auth_code(&transaction, &["name"]).await.good();
        let late = browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await;
        assert_eq!(late.code(), over, "{mount}: login after the code");
        assert_eq!(browser.auth_code(&transaction, &["name"]).await.code(), over, "{mount}: a second code");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e7_no_more_claims_or_scopes_than_were_asked_for() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
        for (claims, scopes, code) in [
            (json!(["name", "birthdate"]), json!([]), "invalid_accepted_claim"),
            (json!(["email"]), json!([]), "invalid_accepted_claim"),
            (json!(["name"]), json!(["Manage-VID"]), "invalid_permitted_scope"),
        ] {
            let request: Value = json!({ "transactionId": transaction.id, "acceptedClaims": claims, "permittedAuthorizeScopes": scopes });
            let answer = browser.post_with("/authorization/auth-code", request, &Browser::proof(&transaction)).await;
            assert_eq!(answer.code(), code, "{mount}: {claims} {scopes}");
        }
        browser.auth_code(&transaction, &["name"]).await.good();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn e8_the_details_shown_must_be_the_details_stored() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let (_, other) = begin(&server, &party).await;
        let request = json!({
            "transactionId": transaction.id, "individualId": AMARA.id,
            "challengeList": [{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }]
        });
        for headers in [
            vec![],
            vec![("oauth-details-key", transaction.id.as_str())],
            vec![("oauth-details-key", transaction.id.as_str()), ("oauth-details-hash", other.hash.as_str())],
            vec![("oauth-details-key", other.id.as_str()), ("oauth-details-hash", transaction.hash.as_str())],
        ] {
            let answer = browser.post_with("/authorization/v2/authenticate", request.clone(), &headers).await;
            assert!(!answer.code().is_empty(), "{mount}: {headers:?}: {}", answer.text);
        }
        browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
    }
}
