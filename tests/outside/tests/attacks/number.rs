//! The typed number (`number_matching` of a client's policy): a citizen who approves another login than the one on the
//! screen in front of him types the wrong number, or none.

use futures::future::join_all;
use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, Server};
use outside::wallet::{Linked, Wallet};
use protocol::wla::{self, NativeClaims};
use serde_json::{Value, json};

use crate::{MOUNTS, invalid_transaction};

/// What is protected by the number, and by nothing else.
fn matching(value: &str) -> Value {
    json!({ "rotation": "off", "number_matching": value, "cross_device": "allow" })
}

/// What a mount says of a wrong number: the login is over.
fn mismatch(mount: &str) -> &'static str {
    if mount.is_empty() { "invalid_transaction_id" } else { "number_mismatch" }
}

/// What a mount says to a wallet that cannot type, or did not.
fn required(mount: &str) -> &'static str {
    if mount.is_empty() { "invalid_transaction_id" } else { "number_matching_required" }
}

async fn bound(server: &Server) -> Wallet {
    let mut wallet = Wallet::new(server, AMARA.id);
    wallet.bind(server, AMARA.email).await.good();
    wallet
}

/// A login in a browser, and its code.
struct Login {
    browser: Browser,
    transaction: Transaction,
    begun: Begun,
    code: String,
}

impl Login {
    async fn begin(server: &Server, party: &RelyingParty) -> Self {
        let browser = Browser::new(server, party.mount).await;
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        let code = browser.link_code(&transaction).await;
        Self { browser, transaction, begun, code }
    }

    /// What its page shows once the code is claimed.
    async fn number(&self) -> String {
        self.browser.link_status(&self.transaction, &self.code).await.text_of("match")
    }

    /// Whether this browser is logged in as the citizen.
    async fn succeeds(&self, party: &RelyingParty) -> bool {
        let answer = self.browser.link_auth_code(&self.transaction, &self.code).await;
        let Some(code) = answer.body["response"]["code"].as_str() else { return false };
        let tokens = party.redeem(code, &self.begun).await;
        let (_, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
        claims["name"] == AMARA.name
    }
}

fn typed(wallet: &Wallet, linked: &Linked, number: Option<&str>) -> String {
    wallet.wla(&NativeClaims { match_number: number.map(str::to_owned), ..wallet.wla_claims(linked) })
}

/// Another number than this one.
fn other(number: &str) -> String {
    format!("{:03}", (number.parse::<u16>().unwrap() + 1) % 1000)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_is_told_to_the_browser_that_began_and_to_nobody_else() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &matching("on")).await;
        let login = Login::begin(&server, &party).await;
        let linked = wallet.linked(mount, &login.code).await;
        let number = login.number().await;
        assert!(number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit()), "{mount}: {number}");
        assert_eq!(linked.response["configs"]["tessera"]["match_required"], true, "{mount}");
        let told = |value: &Value| value.as_str() == Some(number.as_str());
        assert!(!linked.response["configs"]["tessera"].as_object().unwrap().values().any(told), "{mount}");
        let stranger = Browser::new(&server, mount).await;
        let refused = stranger.link_status(&login.transaction, &login.code).await;
        assert_eq!(refused.code(), invalid_transaction(mount), "{mount}: {}", refused.text);
        // Who looks at the page goes on, and the number is told no more.
        wallet.authenticate(mount, &linked, &typed(&wallet, &linked, Some(&number))).await.good();
        let after = login.browser.link_status(&login.transaction, &login.code).await;
        assert_eq!(after.good().get("match").cloned().unwrap_or_default(), Value::Null, "{mount}");
        wallet.consent(mount, &linked, &["name"]).await.good();
        assert!(login.succeeds(&party).await, "{mount}");
    }
}

/// A live relay: the attacker shows the citizen the code of a login of his own, on a page that looks like the citizen's.
/// The citizen types what stands on the page before him. That is not the attacker's number: the login is over, also for
/// the right one.
#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_code_ends_with_the_citizens_own_number() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &matching("on")).await;
        let attack = Login::begin(&server, &party).await;
        let linked = wallet.linked(mount, &attack.code).await;
        let shown = attack.number().await;
        let wrong = wallet.authenticate(mount, &linked, &typed(&wallet, &linked, Some(&other(&shown)))).await;
        assert_eq!(wrong.code(), mismatch(mount), "{mount}: {}", wrong.text);
        let right = wallet.authenticate(mount, &linked, &typed(&wallet, &linked, Some(&shown))).await;
        assert_eq!(right.code(), invalid_transaction(mount), "{mount}: {}", right.text);
        assert!(!attack.succeeds(&party).await, "{mount}");
    }
}

/// With the switch off the same relay logs the attacker in.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_number_the_relayed_code_logs_the_attacker_in() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &matching("off")).await;
        let attack = Login::begin(&server, &party).await;
        let linked = wallet.approve(mount, &attack.code, &["name"]).await;
        assert_eq!(linked.response["configs"]["tessera"].get("match_required"), None);
        assert!(attack.succeeds(&party).await, "{mount}");
    }
}

/// A token without the number, and another factor than the wallet's key, prove nothing and lose nothing.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_on_without_the_number() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &matching("on")).await;
        let login = Login::begin(&server, &party).await;
        let linked = wallet.linked(mount, &login.code).await;
        let without = wallet.authenticate(mount, &linked, &typed(&wallet, &linked, None)).await;
        assert_eq!(without.code(), required(mount), "{mount}: {}", without.text);
        let pin = json!({
            "linkedTransactionId": linked.id, "individualId": AMARA.id,
            "challengeList": [{ "authFactorType": "PIN", "challenge": outside::server::PIN, "format": "number" }]
        });
        let by_pin = wallet.post(&format!("{mount}/linked-authorization/v2/authenticate"), pin).await;
        assert_eq!(by_pin.code(), "auth_factor_mismatch", "{mount}: {}", by_pin.text);
        let number = login.number().await;
        wallet.authenticate(mount, &linked, &typed(&wallet, &linked, Some(&number))).await.good();
    }
}

/// A wallet that cannot ask for the number is refused before the code is used up; `risky` asks in a browser that the
/// person has not used yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_that_cannot_is_refused_and_the_code_stays_good() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        for policy in ["on", "risky"] {
            let party = server.relying_party_with_policy(mount, &matching(policy)).await;
            let login = Login::begin(&server, &party).await;
            let cannot = Wallet { caps: vec![wla::CAPABILITY], ..wallet.clone() };
            let refused = cannot.link(mount, &login.code).await;
            assert_eq!(refused.code(), required(mount), "{mount} {policy}: {}", refused.text);
            // As a wallet of eSignet 1.x does it, and as one does that would not be held to its key.
            for hint in [None, Some(json!({ "caps": [wla::CAPABILITY, wla::MATCH_CAPABILITY] }))] {
                let mut request = json!({ "linkCode": login.code });
                if let Some(hint) = hint {
                    request["wallet"] = hint;
                }
                let refused = wallet.post(&format!("{mount}/linked-authorization/v2/link-transaction"), request).await;
                assert_eq!(refused.code(), required(mount), "{mount} {policy}: {}", refused.text);
            }
            wallet.linked(mount, &login.code).await;
        }
    }
}

/// Many guesses at once: the first that is served decides, whatever the order.
#[tokio::test(flavor = "multi_thread")]
async fn of_many_guesses_at_once_one_counts() {
    for database in Database::all() {
        let limits = "limits.attempts_per_transaction = 1000\nlimits.attempts = 1000\nlifetimes.poll = 1";
        let server = Server::start(database, limits).await;
        let wallet = bound(&server).await;
        let party = server.relying_party_with_policy("/op", &matching("on")).await;
        let login = Login::begin(&server, &party).await;
        let linked = wallet.linked("/op", &login.code).await;
        let shown: u16 = login.number().await.parse().unwrap();
        let guesses = (0..50_u16).map(|guess| typed(&wallet, &linked, Some(&format!("{:03}", (shown + guess) % 1000))));
        let guesses: Vec<String> = guesses.collect();
        let answers = join_all(guesses.iter().map(|token| wallet.authenticate("/op", &linked, token))).await;
        // A guess that found the server too busy changed nothing: it came late, as the others did.
        let (busy, served): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 503);
        let decided = served.iter().filter(|answer| ["", "number_mismatch"].contains(&answer.code())).count();
        assert_eq!(decided, 1, "{database:?}");
        let late = served.iter().filter(|answer| answer.code() == "invalid_transaction").count();
        assert_eq!(late + busy.len(), 49, "{database:?}");
    }
}

/// How the right number fares after three wrong ones, where so many attempts are allowed.
async fn after_three_wrong_numbers(attempts: u32) -> outside::Answer {
    let server = Server::start(Database::Sqlite, &format!("lifetimes.poll = 1\nlimits.attempts = {attempts}")).await;
    let wallet = bound(&server).await;
    let party = server.relying_party_with_policy("/op", &matching("on")).await;
    for _ in 0..3 {
        let login = Login::begin(&server, &party).await;
        let linked = wallet.linked("/op", &login.code).await;
        let number = login.number().await;
        let wrong = wallet.authenticate("/op", &linked, &typed(&wallet, &linked, Some(&other(&number)))).await;
        assert_eq!(wrong.code(), mismatch("/op"), "{}", wrong.text);
    }
    let login = Login::begin(&server, &party).await;
    let linked = wallet.linked("/op", &login.code).await;
    let number = login.number().await;
    wallet.authenticate("/op", &linked, &typed(&wallet, &linked, Some(&number))).await
}

/// Somebody with the citizen's phone guesses numbers, one login after the other: at the limit the person is locked out. Where
/// the limit is far away the guesser goes on.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_numbers_lock_the_person_out() {
    let locked = after_three_wrong_numbers(3).await;
    assert_eq!(locked.code(), "individual_id_blocked", "{}", locked.text);
    after_three_wrong_numbers(100).await.good();
}
