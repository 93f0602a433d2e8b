//! F1: `kill -9` under load, and a start on what it left.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use outside::Answer;
use outside::logins::{Load, Login, MOUNT, Stage, log_in};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, JONAS, Launch, Server};
use outside::wallet::Wallet;
use sqlx::Connection;

use crate::rounds;

/// Logins that are looked at after each start.
const LOOKED_AT: usize = 40;

const SETTINGS: &str = "log = \"warn\"
limits.attempts = 1000000
limits.otps_per_person = 1000000
lifetimes.link_code = 900
lifetimes.transaction = 900
lifetimes.linked = 900
lifetimes.code = 900";

#[tokio::test(flavor = "multi_thread")]
async fn f1_after_a_power_cut_nothing_acknowledged_is_lost_and_nothing_serves_twice() {
    for database in Database::all() {
        let mut server = Server::start(database, SETTINGS).await;
        let party = server.relying_party(MOUNT).await;
        let mut wallet = Wallet::new(&server, AMARA.id);
        wallet.bind(&server, AMARA.email).await.good();
        for round in 0..rounds() {
            let mut last = Wallet::new(&server, JONAS.id);
            last.bind(&server, JONAS.email).await.good();
            let load = Load::start(&party, &wallet, std::slice::from_ref(&server.origin), 12);
            // In the middle of the load, at another moment of it each time.
            load.until_ended(20).await;
            tokio::time::sleep(Duration::from_millis(37 * (round as u64 % 7))).await;
            server.kill();
            let mut came = load.end().await;
            came.assert_no_fault();
            let took = server.start_again(&Launch::default()).await;
            println!(
                "{database:?} round {round}: {} logins, {} whole; ready {} ms after the start",
                came.logins.len(),
                came.ended,
                took.as_millis()
            );
            assert!(came.ended > 0, "no login came to its end before the cut");
            assert!(took < Duration::from_secs(120), "{took:?}");
            if database == Database::Sqlite {
                check_file(&server).await;
            }
            // A binding whose answer was seen holds.
            log_in(&party, &last, &server.origin).await;
            let latest = came.logins.split_off(came.logins.len().saturating_sub(LOOKED_AT));
            // A few at a time: whoever finds the server busy would have learnt nothing.
            stream::iter(&latest).for_each_concurrent(3, |login| holds(&party, &wallet, login)).await;
        }
    }
}

async fn check_file(server: &Server) {
    let url = format!("sqlite:{}", server.path("tessera.sqlite").display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let found: Vec<(String,)> = sqlx::query_as("PRAGMA integrity_check").fetch_all(&mut database).await.unwrap();
    assert_eq!(found, [("ok".to_owned(),)]);
}

/// What was acknowledged of a login is so after the start, and may be used as often as before: once.
async fn holds(party: &RelyingParty, wallet: &Wallet, login: &Login) {
    match &login.stage {
        Stage::Shown => {
            // The claim may have been made without an answer; it can be made once in all.
            let first = patiently(async || wallet.link(MOUNT, &login.link_code).await, busy).await;
            assert!(["", "invalid_link_code"].contains(&first.code()), "{}", first.text);
            claimed(wallet, login).await;
        }
        Stage::Claimed => claimed(wallet, login).await,
        Stage::Approved => {
            claimed(wallet, login).await;
            let code = patiently(async || login.poll().await.unwrap(), busy).await.text_of("code");
            assert!(redeem(party, login, &code).await.is_some(), "a code of an approval is good");
            assert!(redeem(party, login, &code).await.is_none());
        }
        Stage::Coded(code) => {
            assert!(redeem(party, login, code).await.is_some(), "a code that was given is good");
            assert!(redeem(party, login, code).await.is_none());
        }
        Stage::Asked(code, form) => {
            let replayed = patiently(async || party.post_token(form).await, busy).await.status == 200;
            let fresh = redeem(party, login, code).await.is_some();
            assert!(!(replayed && fresh), "a code served twice");
            assert!(redeem(party, login, code).await.is_none());
        }
        Stage::Redeemed(code, form, token) => {
            let status = patiently(async || party.userinfo(token).await.0, |status| *status == 503).await;
            assert_eq!(status, 200, "a token that was given is good");
            let replayed = patiently(async || party.post_token(form).await, busy).await;
            assert_eq!(replayed.body["error"], "invalid_client", "T13: {}", replayed.text);
            assert!(redeem(party, login, code).await.is_none(), "T1");
        }
    }
}

fn busy(answer: &Answer) -> bool {
    answer.status == 503
}

/// Asks again while the server is busy: a busy server has changed nothing.
async fn patiently<T>(ask: impl AsyncFn() -> T, busy: impl Fn(&T) -> bool) -> T {
    for _ in 0..30 {
        let answer = ask().await;
        if !busy(&answer) {
            return answer;
        }
    }
    panic!("the server stays busy")
}

async fn claimed(wallet: &Wallet, login: &Login) {
    let again = patiently(async || wallet.link(MOUNT, &login.link_code).await, busy).await;
    assert_eq!(again.code(), "invalid_link_code", "L1: {}", again.text);
}

/// The access token for a code; `None` where the code is refused.
async fn redeem(party: &RelyingParty, login: &Login, code: &str) -> Option<String> {
    let answer = patiently(async || party.post_token(&party.token_form(code, &login.begun)).await, busy).await;
    if answer.status == 200 {
        return answer.body["access_token"].as_str().map(ToOwned::to_owned);
    }
    assert_eq!(answer.body["error"], "invalid_grant", "{}", answer.text);
    None
}
