//! A page that is shown to many victims begins many logins from one network. Above the operator's limit each further one is
//! risky, and where the policy wants a number for risky ones, the victim must type one that stands on the attacker's page.

use outside::browser::{Browser, Transaction};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, PIN, Server};
use outside::wallet::Wallet;
use serde_json::{Value, json};

use crate::MOUNTS;

/// The citizen's home; her phone and the attacker's machines are in the same network.
const HOME: &str = "198.51.100.7";
const PHONE: &str = "198.51.100.20";
const ATTACKER: &str = "198.51.100.200";
/// Logins of one network that are nothing odd.
const LIMIT: u32 = 12;

async fn server(limit: u32) -> (Server, Wallet) {
    let settings = format!(
        "trusted_proxies = [\"127.0.0.1\"]\nrisk.logins_per_network = {limit}\nrisk.window = 86400\nlifetimes.poll = 1"
    );
    let server = Server::start(Database::Sqlite, &settings).await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let wallet = wallet.at(PHONE);
    (server, wallet)
}

async fn party(server: &Server, mount: &'static str) -> RelyingParty {
    let policy = json!({ "rotation": "off", "number_matching": "risky", "cross_device": "allow" });
    server.relying_party_with_policy(mount, &policy).await
}

/// A browser that the citizen has used before: nothing is odd about it.
async fn known(server: &Server, party: &RelyingParty) -> Browser {
    let home = Browser::at(server, party.mount, HOME).await;
    let begun = home.start(party.begin().0).await;
    home.authenticate_by_pin(&begun, AMARA.id, PIN).await.good();
    home.auth_code(&begun, &["name"]).await.good();
    home
}

/// Whether a wallet that claims a fresh code of this browser is asked for the number.
async fn asked(browser: &Browser, party: &RelyingParty, wallet: &Wallet) -> bool {
    let transaction: Transaction = browser.start(party.begin().0).await;
    let linked = wallet.linked(party.mount, &browser.link_code(&transaction).await).await;
    linked.response["configs"]["tessera"].get("match_required") == Some(&Value::Bool(true))
}

async fn flood(server: &Server, party: &RelyingParty) {
    let attacker = Browser::at(server, party.mount, ATTACKER).await;
    for _ in 0..LIMIT {
        attacker.start(party.begin().0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_begins_too_many_logins_is_risky() {
    let (server, wallet) = server(LIMIT).await;
    // One mount is enough: networks are counted over all of them.
    let party = party(&server, "/op").await;
    let home = known(&server, &party).await;
    assert!(!asked(&home, &party, &wallet).await, "nothing is odd yet");
    flood(&server, &party).await;
    for mount in MOUNTS {
        let party = self::party(&server, mount).await;
        let home = known(&server, &party).await;
        assert!(asked(&home, &party, &wallet).await, "{mount}");
    }
    // Another network is another matter.
    let elsewhere = Browser::at(&server, "/op", "203.0.113.9").await;
    let begun = elsewhere.start(party.begin().0).await;
    elsewhere.authenticate_by_pin(&begun, AMARA.id, PIN).await.good();
    elsewhere.auth_code(&begun, &["name"]).await.good();
    assert!(!asked(&elsewhere, &party, &wallet.at("203.0.113.20")).await);
    // A wallet that cannot ask for the number is refused.
    let transaction = home.start(party.begin().0).await;
    let old = Wallet { caps: vec![protocol::wla::CAPABILITY], ..wallet.clone() };
    let answer = old.link("/op", &home.link_code(&transaction).await).await;
    assert_eq!(answer.code(), "number_matching_required", "{}", answer.text);
}

/// Switched off: however many the attacker begins, none is asked for a number.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_limit_a_flood_changes_nothing() {
    let (server, wallet) = server(0).await;
    let party = party(&server, "/op").await;
    let home = known(&server, &party).await;
    flood(&server, &party).await;
    assert!(!asked(&home, &party, &wallet).await);
}
