//! `cross_device: after_first_factor`: who relays a code must first have typed a factor of the citizen's into his browser; with
//! a factor of his own he gets a code that is of use to nobody else.

use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, JONAS, PIN, Person, Server};
use outside::wallet::{Linked, Wallet};
use serde_json::{Value, json};

use crate::MOUNTS;

fn policy(cross_device: &str) -> Value {
    json!({ "rotation": "off", "number_matching": "off", "cross_device": cross_device })
}

/// What a mount says where the policy takes no login from there.
fn refused(mount: &str) -> &'static str {
    if mount.is_empty() { "invalid_transaction_id" } else { "cross_device_refused" }
}

async fn bound(server: &Server, person: &Person) -> Wallet {
    let mut wallet = Wallet::new(server, person.id);
    wallet.bind(server, person.email).await.good();
    wallet
}

/// A login page in a browser.
struct Page {
    browser: Browser,
    transaction: Transaction,
    begun: Begun,
}

impl Page {
    async fn begin(server: &Server, party: &RelyingParty) -> Self {
        let browser = Browser::new(server, party.mount).await;
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        Self { browser, transaction, begun }
    }

    /// Sends a form; the page that comes of it.
    async fn send(&self, form: &str, fields: &[(&str, &str)]) -> String {
        self.browser.send_form(&format!("/authorize/{form}"), &self.transaction, fields).await
    }

    /// Types a PIN as the first factor; the code that is shown then, if one is.
    async fn type_pin(&self, individual_id: &str, pin: &str) -> Option<String> {
        code(&self.send("first", &[("individualId", individual_id), ("pin", pin)]).await)
    }

    async fn tokens(&self, party: &RelyingParty, code: &str) -> Option<Value> {
        let answer = self.browser.link_auth_code(&self.transaction, code).await;
        let code = answer.body["response"]["code"].as_str()?;
        Some(party.redeem(code, &self.begun).await)
    }
}

/// The code on a page.
fn code(page: &str) -> Option<String> {
    Some(page.split_once("data-code=\"")?.1.split('"').next()?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_typed_nothing_gets_no_code_to_relay() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("after_first_factor")).await;
        let attack = Page::begin(&server, &party).await;
        let page = attack.send("start", &[]).await;
        assert!(page.contains("id=\"first-factor\"") && code(&page).is_none(), "{mount}: {page}");
        let request = json!({ "transactionId": attack.transaction.id });
        let asked = attack.browser.post("/linked-authorization/link-code", request).await;
        assert_eq!(asked.code(), refused(mount), "{mount}: {}", asked.text);
        assert_eq!(attack.type_pin(AMARA.id, "000000").await, None, "{mount}: a wrong factor");
    }
}

/// With a factor of his own the attacker gets a code, but no other person's wallet goes on with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_for_the_person_who_typed_the_first_factor() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    let amara = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("after_first_factor")).await;
        let attack = Page::begin(&server, &party).await;
        let relayed = attack.type_pin(JONAS.id, PIN).await.expect("a code for Jonas");
        assert_eq!(amara.link(mount, &relayed).await.code(), refused(mount), "{mount}");
        // A wallet that names no key is asked when it is known whose it is.
        let unnamed = json!({ "linkCode": relayed });
        let claimed = amara.post(&format!("{mount}/linked-authorization/v2/link-transaction"), unnamed).await;
        let linked = Linked::of(&claimed);
        let late = amara.authenticate(mount, &linked, &amara.wla(&amara.wla_claims(&linked))).await;
        assert_eq!(late.code(), "auth_failed", "{mount}: {}", late.text);
        assert!(attack.tokens(&party, &relayed).await.is_none(), "{mount}");
        // Nor does the page log another person in who types after the first.
        let own = Page::begin(&server, &party).await;
        let code = own.type_pin(AMARA.id, PIN).await.expect("a code for Amara");
        let other = own.browser.authenticate_by_pin(&own.transaction, JONAS.id, PIN).await;
        assert_eq!(other.code(), "auth_failed", "{mount}: {}", other.text);
        let linked = amara.approve(mount, &code, &["name"]).await;
        assert!(!linked.id.is_empty());
        let tokens = own.tokens(&party, &code).await.expect("Amara is logged in");
        let claims = party.verify(tokens["id_token"].as_str().unwrap()).await;
        let amr = claims["amr"].as_array().unwrap();
        assert!(amr.contains(&json!("pin")) && amr.contains(&json!("pop")), "{mount}: {amr:?}");
    }
}

/// Switched off: the attacker types nothing, relays the code, and is logged in as the citizen who approves it.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_first_factor_a_relayed_code_logs_the_attacker_in() {
    let server = Server::start(Database::Sqlite, "lifetimes.poll = 1").await;
    let amara = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("allow")).await;
        let attack = Page::begin(&server, &party).await;
        let relayed = code(&attack.send("start", &[]).await).expect("a code for everybody");
        amara.approve(mount, &relayed, &["name"]).await;
        assert!(attack.tokens(&party, &relayed).await.is_some(), "{mount}");
    }
}
