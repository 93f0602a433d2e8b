//! F11, F12: several processes on one database. What one of them may use once, across both, is in `races.rs`.

use outside::logins::{Load, MOUNT, begin_many, log_in, proceed_patiently};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use serde_json::Value;

use crate::rounds;

/// F12: nobody migrated before; both start at the same moment, on an empty database.
#[tokio::test(flavor = "multi_thread")]
async fn f12_nodes_that_start_and_migrate_at_once_both_come_up_with_one_schema_and_the_same_keys() {
    for database in Database::all() {
        for _ in 0..rounds() {
            let nodes = Server::start_at_once(database, "", 3).await;
            let mut seen: Vec<Vec<String>> = Vec::new();
            for node in &nodes {
                let http = outside::http().build().unwrap();
                let keys = http.get(format!("{}/op/jwks.json", node.origin)).send().await.unwrap();
                let keys: Value = keys.json().await.unwrap();
                let mut ids: Vec<String> =
                    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].to_string()).collect();
                ids.sort();
                seen.push(ids);
            }
            assert!(!seen[0].is_empty());
            assert!(seen.iter().all(|ids| *ids == seen[0]), "{database:?}: {seen:?}");
            nodes[0].add_people();
            let party = nodes[0].relying_party(MOUNT).await;
            let mut wallet = Wallet::new(&nodes[1], AMARA.id);
            wallet.bind(&nodes[1], AMARA.email).await.good();
            for node in &nodes {
                log_in(&party, &wallet, &node.origin).await;
            }
        }
    }
}

/// F11: a node dies with the polls it held; the next poll, at another node, finds what happened.
#[tokio::test(flavor = "multi_thread")]
async fn f11_a_node_that_dies_loses_no_login() {
    if !Database::all().contains(&Database::Postgres) {
        return;
    }
    let mut first = Server::start(Database::Postgres, "log = \"warn\"\nlimits.attempts = 1000000").await;
    let second = first.second_node().await;
    let party = first.relying_party(MOUNT).await;
    let mut wallet = Wallet::new(&second, AMARA.id);
    wallet.bind(&second, AMARA.email).await.good();
    // The browsers are at the first node, the wallet and the relying party at the second.
    let party = outside::relying_party::RelyingParty {
        token_url: party.token_url.replace(&first.origin, &second.origin),
        ..party
    };
    let mut logins = begin_many(&party, &first.origin, 20).await;
    let load = Load::start(&party, &wallet, std::slice::from_ref(&second.origin), 4);
    load.until_ended(4).await;
    first.kill();
    for login in &mut logins {
        login.browser.move_to(&second.origin);
        proceed_patiently(login, &party, &wallet).await;
    }
    let came = load.end().await;
    came.assert_no_fault();
    came.assert_all_answered();
}
