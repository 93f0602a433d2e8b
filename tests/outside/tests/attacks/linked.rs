//! Cases L1 to L3, L6 to L9: link codes, linked transactions, and the wallet's token.

use std::collections::HashSet;

use outside::browser::{Browser, Transaction};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, JONAS, Server};
use outside::wallet::Wallet;
use outside::{now, random};
use protocol::wla::NativeClaims;
use serde_json::json;

use crate::{MOUNTS, invalid_transaction};

async fn begin(server: &Server, party: &RelyingParty) -> (Browser, Transaction) {
    let browser = Browser::new(server, party.mount).await;
    let transaction = browser.start(party.begin().0).await;
    (browser, transaction)
}

async fn bound(server: &Server) -> Wallet {
    let mut wallet = Wallet::new(server, AMARA.id);
    wallet.bind(server, AMARA.email).await.good();
    wallet
}

#[tokio::test(flavor = "multi_thread")]
async fn l1_l2_a_code_serves_once_and_there_are_only_so_many() {
    let server = Server::start(Database::Sqlite, "limits.link_codes = 3").await;
    let wallet = Wallet::new(&server, AMARA.id);
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &json!({ "rotation": "off" })).await;
        let (browser, transaction) = begin(&server, &party).await;
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(browser.link_code(&transaction).await);
        }
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 3);
        let more = browser.post("/linked-authorization/link-code", json!({ "transactionId": transaction.id })).await;
        assert_eq!(more.code(), "link_code_limit_reached", "{mount}");
        let code = codes.pop().unwrap();
        wallet.link(mount, &code).await.good();
        assert_eq!(wallet.link(mount, &code).await.code(), "invalid_link_code", "{mount}: twice");
        for nonsense in ["x", "AAAAAAAAAAAAAAA", &random(), &format!("{}A", &code[..63]), &"A".repeat(64)] {
            assert_eq!(wallet.link(mount, nonsense).await.code(), "invalid_link_code", "{mount}: {nonsense}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l3_status_is_told_to_the_browser_that_began_and_for_its_own_code() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let (other_browser, other) = begin(&server, &party).await;
        let code = browser.link_code(&transaction).await;
        let other_code = other_browser.link_code(&other).await;
        let refused = ["invalid_link_code", invalid_transaction(mount)];
        assert!(refused.contains(&browser.link_status(&transaction, &other_code).await.code()), "{mount}");
        assert!(refused.contains(&other_browser.link_status(&transaction, &code).await.code()), "{mount}");
        assert!(refused.contains(&other_browser.link_auth_code(&transaction, &code).await.code()), "{mount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l6_only_the_wallet_that_claimed_the_code_goes_on() {
    let server = Server::start(Database::Sqlite, "").await;
    let claimer = bound(&server).await;
    let mut thief = Wallet::new(&server, JONAS.id);
    thief.bind(&server, JONAS.email).await.good();
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let linked = claimer.linked(mount, &browser.link_code(&transaction).await).await;
        let token = thief.wla(&thief.wla_claims(&linked));
        let taken = thief.authenticate(mount, &linked, &token).await;
        assert!(["auth_failed", invalid_transaction(mount)].contains(&taken.code()), "{mount}: {}", taken.text);
        let token = claimer.wla(&claimer.wla_claims(&linked));
        claimer.authenticate(mount, &linked, &token).await.good();
        let consent = thief.consent(mount, &linked, &["name"]).await;
        assert!(!consent.code().is_empty(), "{mount}: a foreign signature was taken: {}", consent.text);
        claimer.consent(mount, &linked, &["name"]).await.good();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l7_ids_and_codes_show_no_structure() {
    let server = Server::start(Database::Sqlite, "limits.link_codes = 100000").await;
    let party = server.relying_party_with_policy("/op", &json!({ "rotation": "off" })).await;
    let (browser, transaction) = begin(&server, &party).await;
    let mut codes = HashSet::new();
    for _ in 0..500 {
        codes.insert(browser.link_code(&transaction).await);
    }
    assert_eq!(codes.len(), 500, "GS-WAL-09: no repeat");
    for place in 0..64 {
        let letters: HashSet<u8> = codes.iter().map(|code| code.as_bytes()[place]).collect();
        // 500 draws of 64 letters leave out very few; a counter or a time stamp would show far fewer.
        assert!(letters.len() > 50, "place {place} has {} letters only", letters.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l8_tokens_by_the_wrong_key_person_server_time_or_a_second_time() {
    let server =
        Server::start(Database::Sqlite, "limits.attempts = 1000\nlimits.attempts_per_transaction = 1000").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let linked = wallet.linked(mount, &browser.link_code(&transaction).await).await;
        let good = || wallet.wla_claims(&linked);
        let unbound = Wallet { key: Wallet::new(&server, AMARA.id).key, ..wallet.clone() };
        let bad = [
            ("unbound key", unbound.wla(&unbound.wla_claims(&linked))),
            ("another person", wallet.wla(&NativeClaims { sub: JONAS.id.into(), ..good() })),
            ("expired", wallet.wla(&NativeClaims { iat: now() - 600, exp: now() - 540, ..good() })),
            ("from the future", wallet.wla(&NativeClaims { iat: now() + 600, exp: now() + 660, ..good() })),
            ("too long", wallet.wla(&NativeClaims { exp: now() + 86_400, ..good() })),
            ("another server", wallet.wla(&NativeClaims { aud: "https://other.test".into(), ..good() })),
            ("another login", wallet.wla(&NativeClaims { txn: random(), ..good() })),
            ("another nonce", wallet.wla(&NativeClaims { nonce: random(), ..good() })),
            ("bound key named, other key signs", {
                let token = unbound.wla(&good());
                assert_ne!(token, wallet.wla(&good()));
                token
            }),
        ];
        for (what, token) in bad {
            let answer = wallet.authenticate(mount, &linked, &token).await;
            assert_eq!(answer.code(), "auth_failed", "{mount} {what}: {}", answer.text);
        }
        let token = wallet.wla(&good());
        wallet.authenticate(mount, &linked, &token).await.good();
        // The same token in another login of the same person.
        let (browser, transaction) = begin(&server, &party).await;
        let second = wallet.linked(mount, &browser.link_code(&transaction).await).await;
        let replayed = wallet.authenticate(mount, &second, &token).await;
        assert_eq!(replayed.code(), "auth_failed", "{mount} replayed: {}", replayed.text);
    }
}

/// L8: attempts by wallet count like any other; another mount's issuer is another audience.
#[tokio::test(flavor = "multi_thread")]
async fn l8_wrong_tokens_lock_the_person_out() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server).await;
    let party = server.relying_party("/op").await;
    let mut locked = false;
    for _ in 0..5 {
        let (browser, transaction) = begin(&server, &party).await;
        let linked = wallet.linked("/op", &browser.link_code(&transaction).await).await;
        for _ in 0..2 {
            let token = wallet.wla(&NativeClaims { aud: server.origin.clone(), ..wallet.wla_claims(&linked) });
            let answer = wallet.authenticate("/op", &linked, &token).await;
            locked |= ["no_attempts_left", "individual_id_blocked"].contains(&answer.code());
        }
    }
    assert!(locked);
}

/// L9, its part that is on the wire: claims changed under an old signature.
#[tokio::test(flavor = "multi_thread")]
async fn l9_a_consent_signed_for_other_claims_is_refused() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let linked = wallet.linked(mount, &browser.link_code(&transaction).await).await;
        wallet.authenticate(mount, &linked, &wallet.wla(&wallet.wla_claims(&linked))).await.good();
        let request = json!({
            "linkedTransactionId": linked.id, "acceptedClaims": ["email", "name"], "permittedAuthorizeScopes": [],
            "signature": wallet.consent_signature(&["name".into()])
        });
        let path = format!("{mount}/linked-authorization/v2/consent");
        let altered = wallet.post(&path, request.clone()).await;
        assert!(!altered.code().is_empty(), "{mount}: {}", altered.text);
        for signature in ["", "abc", "a.b.c"] {
            let mut request = request.clone();
            request["signature"] = signature.into();
            let answer = wallet.post(&path, request).await;
            assert_eq!(answer.code(), "invalid_signature_format", "{mount} {signature:?}: {}", answer.text);
        }
        wallet.consent(mount, &linked, &["name"]).await.good();
    }
}

/// Consent before authenticate, and authenticate for a login that does not exist (GS-WAL-05, 06).
#[tokio::test(flavor = "multi_thread")]
async fn steps_of_the_wallet_come_in_order() {
    let server = Server::start(Database::Sqlite, "").await;
    let wallet = bound(&server).await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (browser, transaction) = begin(&server, &party).await;
        let linked = wallet.linked(mount, &browser.link_code(&transaction).await).await;
        let early = wallet.consent(mount, &linked, &["name"]).await;
        assert_eq!(early.code(), invalid_transaction(mount), "{mount}: {}", early.text);
        let mut unknown = linked.clone();
        unknown.id = "A".repeat(64);
        let token = wallet.wla(&wallet.wla_claims(&unknown));
        assert_eq!(wallet.authenticate(mount, &unknown, &token).await.code(), invalid_transaction(mount), "{mount}");
    }
}
