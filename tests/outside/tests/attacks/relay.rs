//! Relayed pictures and sent links: an attacker begins a login in a browser of his own and brings its code before a
//! citizen, who approves what he takes for his own (`rotation` of a client's policy; IETF cross-device flows, §4.3).

use std::time::Duration;

use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, Server};
use outside::wallet::Wallet;
use protocol::link::Link;
use serde_json::{Value, json};

use crate::{MOUNTS, invalid_transaction};

/// What is protected by the changing picture, and by nothing else.
fn strict() -> Value {
    json!({ "rotation": "strict", "number_matching": "off", "cross_device": "allow" })
}

fn off() -> Value {
    json!({ "rotation": "off", "number_matching": "off", "cross_device": "allow" })
}

/// A server whose frames are short, and the citizen's bound wallet.
async fn world() -> (Server, Wallet) {
    let server = Server::start(Database::Sqlite, "lifetimes.frame = 1").await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    (server, wallet)
}

/// A login that the attacker began in his own browser.
struct Attack {
    browser: Browser,
    transaction: Transaction,
    begun: Begun,
}

impl Attack {
    async fn begin(server: &Server, party: &RelyingParty) -> Self {
        let browser = Browser::new(server, party.mount).await;
        let (request, begun) = party.begin();
        let transaction = browser.start(request).await;
        Self { browser, transaction, begun }
    }

    /// What the attacker's page shows now.
    async fn photograph(&self) -> String {
        self.browser.link_code(&self.transaction).await
    }

    /// Waits until the page of a client with frames has gone two further.
    async fn two_frames_later(&self) {
        let slot = |frame: &str| frame.split('.').nth(1).unwrap().parse::<u64>().unwrap();
        let first = slot(&self.photograph().await);
        for _ in 0..1200 {
            if slot(&self.photograph().await) >= first + 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the frames stand still");
    }

    /// Whether the attacker's browser is logged in as the citizen.
    async fn succeeds(&self, party: &RelyingParty, code: &str) -> bool {
        let answer = self.browser.link_auth_code(&self.transaction, code).await;
        let Some(code) = answer.body["response"]["code"].as_str() else { return false };
        let tokens = party.redeem(code, &self.begun).await;
        let (_, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
        claims["name"] == AMARA.name
    }
}

/// A picture sent on, looked at when its frame and the one after it are gone; the code without its frame.
#[tokio::test(flavor = "multi_thread")]
async fn a_relayed_picture_is_refused() {
    let (server, wallet) = world().await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &strict()).await;
        let attack = Attack::begin(&server, &party).await;
        let picture = attack.photograph().await;
        attack.two_frames_later().await;
        let code = picture.split('.').next().unwrap();
        for relayed in [picture.as_str(), code] {
            let refused = wallet.link(mount, relayed).await;
            assert_eq!(refused.code(), "invalid_link_code", "{mount}: {}", refused.text);
        }
        assert!(!attack.succeeds(&party, &picture).await, "{mount}");
        // Nothing that the attacker can work out from pictures makes the old one good again.
        let (old, new) = (picture.split('.').collect::<Vec<_>>(), attack.photograph().await);
        let new = new.split('.').collect::<Vec<_>>();
        for forged in [format!("{code}.{}.{}", new[1], old[2]), format!("{code}.{}.{}", old[1], new[2])] {
            assert_eq!(wallet.link(mount, &forged).await.code(), "invalid_link_code", "{mount}");
        }
    }
}

/// With the switch off the same picture, as old, logs the attacker in.
#[tokio::test(flavor = "multi_thread")]
async fn without_rotation_the_relayed_picture_logs_the_attacker_in() {
    let (server, wallet) = world().await;
    for mount in MOUNTS {
        let (party, clock) = (
            server.relying_party_with_policy(mount, &off()).await,
            server.relying_party_with_policy(mount, &strict()).await,
        );
        let attack = Attack::begin(&server, &party).await;
        let picture = attack.photograph().await;
        Attack::begin(&server, &clock).await.two_frames_later().await;
        wallet.approve(mount, &picture, &["name"]).await;
        assert!(attack.succeeds(&party, &picture).await, "{mount}");
    }
}

/// Session fixation: the attacker sends his own link, and the citizen opens it on his phone. The link names a time, and the
/// server holds it to it, whatever the link says.
#[tokio::test(flavor = "multi_thread")]
async fn a_sent_link_is_refused_once_its_frame_is_over() {
    let (server, wallet) = world().await;
    for mount in MOUNTS {
        for (policy, taken) in [(strict(), false), (off(), true)] {
            let party = server.relying_party_with_policy(mount, &policy).await;
            let attack = Attack::begin(&server, &party).await;
            let shown = attack.browser.shown(&attack.transaction).await;
            let later = Some("2099-01-01T00:00:00.000Z".parse().unwrap());
            let sent = Link { code: shown.text_of("linkCode"), expires: later, issuer: Some(party.issuer.clone()) };
            let sent = sent.to_uri("tessera://wla-auth").unwrap();
            let clock = server.relying_party_with_policy(mount, &strict()).await;
            Attack::begin(&server, &clock).await.two_frames_later().await;
            let opened = Link::parse(&sent).unwrap();
            let answer = wallet.link(mount, &opened.code).await;
            assert_eq!(answer.code(), if taken { "" } else { "invalid_link_code" }, "{mount}: {}", answer.text);
        }
    }
}

/// The other way round: the citizen's browser is given the attacker's login. It is no browser of that login.
#[tokio::test(flavor = "multi_thread")]
async fn a_sent_transaction_is_worth_nothing_in_another_browser() {
    let (server, _) = world().await;
    for mount in MOUNTS {
        let party = server.relying_party_with_policy(mount, &strict()).await;
        let attack = Attack::begin(&server, &party).await;
        let code = attack.photograph().await;
        let citizen = Browser::new(&server, mount).await;
        let id = &attack.transaction.id;
        for (call, request) in [
            ("link-code", json!({ "transactionId": id })),
            ("link-events", json!({ "transactionId": id })),
            ("link-status", json!({ "transactionId": id, "linkCode": code })),
            ("link-auth-code", json!({ "transactionId": id, "linkedCode": code })),
        ] {
            let answer = citizen.post(&format!("/linked-authorization/{call}"), request).await;
            assert_eq!(answer.code(), invalid_transaction(mount), "{mount} {call}: {}", answer.text);
        }
    }
}

/// What frames do not stop: a picture passed on live, to a citizen who plays along within its time. Typed numbers and
/// nearness are for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_live_relay_is_what_remains() {
    let server = Server::start(Database::Sqlite, "").await;
    let mut wallet = Wallet::new(&server, AMARA.id);
    wallet.bind(&server, AMARA.email).await.good();
    let party = server.relying_party_with_policy("/op", &strict()).await;
    let attack = Attack::begin(&server, &party).await;
    let picture = attack.photograph().await;
    wallet.approve("/op", &picture, &["name"]).await;
    assert!(attack.succeeds(&party, &picture).await);
}
