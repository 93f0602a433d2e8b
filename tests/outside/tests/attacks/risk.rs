//! Where a login comes from (`cross_device` of a client's policy), who it is for (`login_hint`), and what it yields:
//! an attacker's browser is far away, and nobody has used it before.

use outside::browser::{Browser, Transaction};
use outside::place_file::place_file;
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, JONAS, PIN, Person, Server};
use outside::wallet::Wallet;
use serde_json::{Value, json};

use crate::{MOUNTS, invalid_transaction};

/// The citizen's home, and where the attacker is.
const HOME: &str = "198.51.100.7";
const PHONE: &str = "198.51.100.20";
const FAR: &str = "203.0.113.9";

fn policy(cross_device: &str) -> Value {
    json!({ "rotation": "off", "number_matching": "off", "cross_device": cross_device })
}

/// What a mount says where the policy takes no login from there.
fn refused(mount: &str) -> &'static str {
    if mount.is_empty() { "invalid_transaction_id" } else { "cross_device_refused" }
}

async fn server(settings: &str) -> Server {
    Server::start(Database::Sqlite, &format!("trusted_proxies = [\"127.0.0.1\"]\nlifetimes.poll = 1\n{settings}")).await
}

async fn bound(server: &Server, person: &Person) -> Wallet {
    let mut wallet = Wallet::new(server, person.id);
    wallet.bind(server, person.email).await.good();
    wallet.at(PHONE)
}

/// A login in a browser.
struct Login<'a> {
    browser: &'a Browser,
    transaction: Transaction,
    begun: Begun,
    code: String,
}

impl<'a> Login<'a> {
    async fn begin(browser: &'a Browser, party: &RelyingParty) -> Self {
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        let code = browser.link_code(&transaction).await;
        Self { browser, transaction, begun, code }
    }

    /// The tokens, where the wallet's approval leads to some.
    async fn tokens(&self, party: &RelyingParty) -> Option<Value> {
        let answer = self.browser.link_auth_code(&self.transaction, &self.code).await;
        let code = answer.body["response"]["code"].as_str()?;
        Some(party.redeem(code, &self.begun).await)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_far_browser_is_refused_where_near_is_asked_for_and_its_code_is_not_used_up() {
    let server = server("").await;
    let wallet = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("near")).await;
        let attackers = Browser::at(&server, mount, FAR).await;
        let attack = Login::begin(&attackers, &party).await;
        let answer = wallet.link(mount, &attack.code).await;
        assert_eq!(answer.code(), refused(mount), "{mount}: {}", answer.text);
        // A header that the attacker's browser sends itself moves it nowhere: only the proxy's word counts.
        let spoofed = Browser::at(&server, mount, &format!("{PHONE}, {FAR}")).await;
        let attack = Login::begin(&spoofed, &party).await;
        assert_eq!(wallet.link(mount, &attack.code).await.code(), refused(mount), "{mount}");
        // The citizen who moves to the browser's network may still take it.
        let there = wallet.at("203.0.113.200");
        assert_eq!(there.linked(mount, &attack.code).await.response["configs"]["tessera"]["near"], true, "{mount}");
        let home = Browser::at(&server, mount, HOME).await;
        let login = Login::begin(&home, &party).await;
        wallet.approve(mount, &login.code, &["name"]).await;
        assert!(login.tokens(&party).await.is_some(), "{mount}");
    }
}

/// With the switch off the same code logs the far browser in; the wallet was told that it is far.
#[tokio::test(flavor = "multi_thread")]
async fn without_near_the_far_browser_is_logged_in() {
    let server = server("").await;
    let wallet = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("allow")).await;
        let attackers = Browser::at(&server, mount, FAR).await;
        let attack = Login::begin(&attackers, &party).await;
        let linked = wallet.approve(mount, &attack.code, &["name"]).await;
        assert_eq!(linked.response["configs"]["tessera"]["near"], false, "{mount}");
        assert!(attack.tokens(&party).await.is_some(), "{mount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_browser_is_refused_until_its_person_has_used_it() {
    let server = server("").await;
    let (amara, jonas) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("known_browser")).await;
        let browser = Browser::at(&server, mount, HOME).await;
        let attack = Login::begin(&browser, &party).await;
        assert_eq!(amara.link(mount, &attack.code).await.code(), refused(mount), "{mount}");
        // A wallet that names no key is asked when it is known whose it is: then that login is over.
        let unnamed = json!({ "linkCode": attack.code });
        let claimed = amara.post(&format!("{mount}/linked-authorization/v2/link-transaction"), unnamed).await;
        let linked = outside::wallet::Linked {
            id: claimed.text_of("linkTransactionId"),
            issuer: party.issuer.clone(),
            nonce: claimed.good()["configs"]["tessera"]["nonce"].as_str().unwrap().into(),
            response: claimed.good().clone(),
        };
        let late = amara.authenticate(mount, &linked, &amara.wla(&amara.wla_claims(&linked))).await;
        assert_eq!(late.code(), refused(mount), "{mount}: {}", late.text);
        assert!(attack.tokens(&party).await.is_none(), "{mount}");
        // Amara signs in by PIN in this browser: from now on it is hers, and not Jonas's.
        let begun = browser.start(party.begin().0).await;
        browser.authenticate_by_pin(&begun, AMARA.id, PIN).await.good();
        browser.auth_code(&begun, &["name"]).await.good();
        let login = Login::begin(&browser, &party).await;
        assert_eq!(jonas.link(mount, &login.code).await.code(), refused(mount), "{mount}");
        amara.approve(mount, &login.code, &["name"]).await;
        assert!(login.tokens(&party).await.is_some(), "{mount}");
    }
}

/// With the switch off the attacker's browser, which nobody has used, is logged in. It is not known by that.
#[tokio::test(flavor = "multi_thread")]
async fn without_it_an_unknown_browser_is_logged_in_but_not_known_by_that() {
    let server = server("").await;
    let amara = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let careless = server.relying_party_with_policy(mount, &policy("allow")).await;
        let careful = server.relying_party_with_policy(mount, &policy("known_browser")).await;
        let browser = Browser::at(&server, mount, FAR).await;
        let attack = Login::begin(&browser, &careless).await;
        amara.approve(mount, &attack.code, &["name"]).await;
        assert!(attack.tokens(&careless).await.is_some(), "{mount}");
        let next = Login::begin(&browser, &careful).await;
        assert_eq!(amara.link(mount, &next.code).await.code(), refused(mount), "{mount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_wallet_on_another_device_goes_on_where_the_policy_denies_it() {
    let server = server("").await;
    let wallet = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("deny")).await;
        let home = Browser::at(&server, mount, HOME).await;
        let login = Login::begin(&home, &party).await;
        assert_eq!(wallet.link(mount, &login.code).await.code(), refused(mount), "{mount}");
    }
}

/// A login for one person that another finishes: the attacker logs the citizen's browser in as himself.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_login_hint_nobody_else_finishes_and_without_it_anybody_does() {
    let server = server("").await;
    let (amara, jonas) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("allow")).await;
        for (hint, others) in [(Some(AMARA.id), "auth_failed"), (Some("0000000000"), "auth_failed"), (None, "")] {
            let browser = Browser::at(&server, mount, HOME).await;
            let transaction = page(&server, &browser, &party, hint).await;
            let linked = jonas.linked(mount, &browser.link_code(&transaction).await).await;
            let answer = jonas.authenticate(mount, &linked, &jonas.wla(&jonas.wla_claims(&linked))).await;
            assert_eq!(answer.code(), others, "{mount} {hint:?}: {}", answer.text);
        }
        let browser = Browser::at(&server, mount, HOME).await;
        let transaction = page(&server, &browser, &party, Some(AMARA.id)).await;
        amara.approve(mount, &browser.link_code(&transaction).await, &["name"]).await;
    }
}

/// The transaction of a login page.
async fn page(server: &Server, browser: &Browser, party: &RelyingParty, hint: Option<&str>) -> Transaction {
    let mut url = url::Url::parse(&format!("{}{}/authorize", server.origin, party.mount)).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &party.client_id)
        .append_pair("redirect_uri", &party.redirect_uri)
        .append_pair("scope", "openid profile")
        .append_pair("nonce", &outside::random());
    if let Some(hint) = hint {
        url.query_pairs_mut().append_pair("login_hint", hint);
    }
    let html = browser.http.get(url).send().await.unwrap().text().await.unwrap();
    let (_, rest) = html.split_once("data-transaction=\"").unwrap_or_else(|| panic!("no login page: {html}"));
    Transaction { id: rest.split('"').next().unwrap().into(), hash: String::new(), response: Value::Null }
}

/// L6 and its switch: a wallet that names its key at the scan is the only one that goes on; where it names none, whoever
/// holds the linked transaction does.
#[tokio::test(flavor = "multi_thread")]
async fn a_swapped_wallet_goes_on_only_where_none_was_named() {
    let server = server("").await;
    let (amara, thief) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("allow")).await;
        let home = Browser::at(&server, mount, HOME).await;
        let login = Login::begin(&home, &party).await;
        let linked = amara.linked(mount, &login.code).await;
        let swapped = thief.authenticate(mount, &linked, &thief.wla(&thief.wla_claims(&linked))).await;
        assert_eq!(swapped.code(), "auth_failed", "{mount}: {}", swapped.text);
        let login = Login::begin(&home, &party).await;
        let unnamed = json!({ "linkCode": login.code });
        let claimed = amara.post(&format!("{mount}/linked-authorization/v2/link-transaction"), unnamed).await;
        let nonce = claimed.good()["configs"]["tessera"]["nonce"].as_str().unwrap().to_owned();
        let id = claimed.text_of("linkTransactionId");
        let linked = outside::wallet::Linked { id, nonce, ..linked };
        thief.authenticate(mount, &linked, &thief.wla(&thief.wla_claims(&linked))).await.good();
    }
}

/// A code that a second wallet scans too: one of the two was shown it by somebody else. Where risky logins need a number
/// that could not be asked for in time, the login is over; with the switch off it goes on and is marked.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_scanned_twice_makes_the_login_risky() {
    let server = server("").await;
    let (amara, jonas) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    for mount in MOUNTS {
        let risky = json!({ "rotation": "off", "number_matching": "risky", "cross_device": "allow" });
        let careful = server.relying_party_with_policy(mount, &risky).await;
        let careless = server.relying_party_with_policy(mount, &policy("allow")).await;
        // Amara's own browser, at home: nothing is odd at first.
        let home = Browser::at(&server, mount, HOME).await;
        let begun = home.start(careful.begin().0).await;
        home.authenticate_by_pin(&begun, AMARA.id, PIN).await.good();
        home.auth_code(&begun, &["name"]).await.good();
        for (party, goes_on) in [(&careful, false), (&careless, true)] {
            let login = Login::begin(&home, party).await;
            let linked = amara.linked(mount, &login.code).await;
            assert_eq!(linked.response["configs"]["tessera"].get("match_required"), None, "{mount}");
            assert_eq!(jonas.link(mount, &login.code).await.code(), "invalid_link_code", "{mount}");
            let answer = amara.authenticate(mount, &linked, &amara.wla(&amara.wla_claims(&linked))).await;
            if !goes_on {
                assert_eq!(answer.code(), refused(mount), "{mount}: {}", answer.text);
                let again = amara.authenticate(mount, &linked, &amara.wla(&amara.wla_claims(&linked))).await;
                assert_eq!(again.code(), invalid_transaction(mount), "{mount}: {}", again.text);
                continue;
            }
            if answer.good()["consentAction"] == "CAPTURE" {
                amara.consent(mount, &linked, &["name"]).await.good();
            }
            let tokens = login.tokens(party).await.unwrap();
            let claims = party.verify(tokens["id_token"].as_str().unwrap()).await;
            assert_eq!(claims["amr"], json!(["mca", "pop", "rba"]), "{mount}");
        }
    }
}

/// The page that listens warns of the second scan; without one it does not.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_scan_is_told_on_the_page() {
    let server = server("").await;
    let (amara, jonas) = (bound(&server, &AMARA).await, bound(&server, &JONAS).await);
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &policy("allow")).await;
        for twice in [true, false] {
            let home = Browser::at(&server, mount, HOME).await;
            let login = Login::begin(&home, &party).await;
            let mut events = home.listen(&login.transaction).await;
            let linked = amara.linked(mount, &login.code).await;
            if twice {
                assert_eq!(jonas.link(mount, &login.code).await.code(), "invalid_link_code", "{mount}");
                assert_eq!(events.of("warning").await, json!({ "reason": "scanned_twice" }), "{mount}");
                continue;
            }
            let no = json!({ "linkedTransactionId": linked.id, "reason": "changed_mind" });
            amara.post("/wallet/deny", no).await.good();
            let mut kinds = Vec::new();
            while let Some((kind, _)) = events.next().await {
                kinds.push(kind);
            }
            assert!(kinds.contains(&"end".to_owned()) && !kinds.contains(&"warning".to_owned()), "{mount}: {kinds:?}");
        }
    }
}

/// Limits of what a login yields: stricter where it is risky, and none without them.
#[tokio::test(flavor = "multi_thread")]
async fn a_risky_login_yields_what_the_policy_says_and_no_more() {
    let server = server("").await;
    let amara = bound(&server, &AMARA).await;
    for mount in MOUNTS {
        let mut limited = policy("allow");
        limited["cross_device_limits"] = json!({ "token_seconds": 900 });
        limited["risky_limits"] = json!({ "scopes": [], "claims": ["name"], "token_seconds": 60 });
        for (policy, risky) in [(limited, true), (policy("allow"), false)] {
            let party = server.relying_party_with_policy(mount, &policy).await;
            let far = Browser::at(&server, mount, FAR).await;
            let login = Login::begin(&far, &party).await;
            amara.approve(mount, &login.code, &["name", "email"]).await;
            let tokens = login.tokens(&party).await.unwrap();
            let life = tokens["expires_in"].as_i64().unwrap();
            assert_eq!(life <= 60, risky, "{mount}: {life}");
            let (status, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
            assert_eq!((status, &claims["name"]), (200, &json!(AMARA.name)), "{mount}");
            assert_eq!(claims.contains_key("email"), !risky, "{mount}");
        }
    }
}

/// The operator's file names places; browser and wallet in two countries are not near, whatever their network.
#[tokio::test(flavor = "multi_thread")]
async fn places_are_told_and_a_border_is_far() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("places.mmdb");
    let places = [("198.51.100.0", 28, "SN", "Senegal", "Dakar"), ("198.51.100.16", 28, "ML", "Mali", "Gao")];
    std::fs::write(&file, place_file(&places)).unwrap();
    let server = server(&format!("risk.place_database = {:?}", file.display().to_string())).await;
    let wallet = bound(&server, &AMARA).await;
    let party = server.relying_party_with_policy("/op", &policy("allow")).await;
    for (address, place, near) in [(HOME, json!("Dakar, Senegal"), false), ("198.51.100.30", json!("Gao, Mali"), true)]
    {
        let browser = Browser::at(&server, "/op", address).await;
        let linked = wallet.linked("/op", &Login::begin(&browser, &party).await.code).await;
        let told = &linked.response["configs"]["tessera"];
        assert_eq!((&told["place"], &told["near"]), (&place, &json!(near)), "{address}");
    }
    let nowhere = Browser::at(&server, "/op", FAR).await;
    let linked = wallet.linked("/op", &Login::begin(&nowhere, &party).await.code).await;
    assert_eq!(linked.response["configs"]["tessera"].get("place"), None);
}
