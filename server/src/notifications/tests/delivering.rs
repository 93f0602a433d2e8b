//! Delivery: what comes, how often, and what a subscriber that does not answer costs the others.

use protocol::base64url;
use protocol::jws::Jws;
use serde_json::{Value, json};

use super::kit::{Ear, Heard, Service, happens, kits, reaching, rows, settle};
use crate::dialect::Mount;
use crate::events::Event;
use crate::store::StoreError;
use crate::testkit::{Kit, START};

fn new_person(uin: &str) -> Event {
    Event::NewPerson { uin: uin.into() }
}

/// The claims of a message's signature, checked as a subscriber would.
fn verified(kit: &Kit, heard: &Heard) -> Value {
    let detached = heard.header("x-jws-signature");
    let (header, signature) = detached.split_once("..").unwrap();
    let whole = format!("{header}.{}.{signature}", base64url::encode(&heard.text));
    let jws: Jws = kit.state.keys.verify_own(&whole).unwrap();
    assert_eq!(jws.header().typ.as_deref(), Some("osia-notification"));
    let other = format!("{header}.{}.{signature}", base64url::encode(heard.text.replace("1000", "2000")));
    assert!(kit.state.keys.verify_own(&other).is_err());
    serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap()
}

/// OSIA-NOT-09, GS-NOT-01: headers, body, signature.
#[tokio::test]
async fn on_both_osia_not_09_a_subscriber_is_told_once_by_a_signed_message() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        let topic = office.topic(&kit, "newPerson").await;
        let uuid = office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "1,5").await;
        happens(&kit, new_person("1000000001")).await;
        settle(&kit).await;
        settle(&kit).await;
        let [told] = <[_; 1]>::try_from(ear.take()).unwrap();
        assert_eq!(told.header("content-type"), "application/json");
        assert_eq!(told.header("message-type"), "Notification");
        assert_eq!((told.header("subscription-id"), told.header("topic-id")), (uuid.as_str(), topic.as_str()));
        let message: Value = serde_json::from_str(told.body["message"].as_str().unwrap()).unwrap();
        assert_eq!(message, json!({ "source": "http://localhost:8080", "uin": "1000000001" }));
        assert_eq!(
            told.body,
            json!({
                "type": "Notification", "topic": topic, "message": told.body["message"], "subject": "newPerson",
                "messageId": told.header("message-id"), "timestamp": "2026-01-05T10:00:00Z"
            })
        );
        let claims = verified(&kit, &told);
        assert_eq!(claims["iss"], kit.state.issuer(Mount::Op));
        assert_eq!((&claims["subscription"], &claims["iat"]), (&json!(uuid), &json!(START / 1000)));
        assert_eq!((rows(&kit, "event").await, rows(&kit, "notification_delivery").await), (0, 0));
    }
}

/// OSIA-NOT-10: by the policy, under the same name, until it is taken.
#[tokio::test]
async fn on_both_osia_not_10_what_is_not_taken_comes_again_by_the_policy() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "2,5").await;
        ear.answer_with(&[500, 302]);
        happens(&kit, new_person("1")).await;
        let mut ids = Vec::new();
        for expected in [1, 0, 1, 1, 0] {
            settle(&kit).await;
            let heard = ear.take();
            assert_eq!(heard.len(), expected);
            ids.extend(heard.iter().map(|heard| heard.header("message-id").to_owned()));
            kit.clock.advance_seconds(if expected == 0 || ids.len() == 1 { 1 } else { 2 });
        }
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| *id == ids[0]));
    }
}

/// Dead letters: given up after the last attempt, looked at, sent again, removed; nobody else's business.
#[tokio::test]
async fn on_both_what_is_given_up_can_be_looked_at_and_sent_again() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let (office, other) = (Service::new(&kit, "office").await, Service::new(&kit, "other").await);
        let uuid = office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "1,1").await;
        ear.answer_with(&[500, 500]);
        happens(&kit, new_person("1000")).await;
        for _ in 0..4 {
            settle(&kit).await;
            kit.clock.advance_seconds(1);
        }
        assert_eq!(ear.take().len(), 2, "one retry");
        let list = office.call(&kit, "GET", "/notifications/dead-letters").await.json();
        let [letter] = list.as_array().unwrap().as_slice() else { panic!("{list}") };
        assert_eq!((&letter["subscription"], &letter["attempts"]), (&json!(uuid), &json!(2)));
        assert!(letter.get("message").is_none());
        assert_eq!(other.call(&kit, "GET", "/notifications/dead-letters").await.json(), json!([]));
        let path = format!("/notifications/dead-letters/{}", letter["id"].as_str().unwrap());
        assert_eq!(other.call(&kit, "GET", &path).await.status, 404);
        assert_eq!(other.call(&kit, "DELETE", &path).await.status, 404);
        assert_eq!(other.call(&kit, "POST", &format!("{path}/resend")).await.status, 404);
        let shown = office.call(&kit, "GET", &path).await.json();
        assert!(shown["message"]["message"].as_str().unwrap().contains("\"1000\""));
        // Given up again, then taken.
        ear.answer_with(&[500, 500]);
        assert_eq!(office.call(&kit, "POST", &format!("{path}/resend")).await.status, 204);
        assert_eq!(office.call(&kit, "POST", &format!("{path}/resend")).await.status, 404, "it lives");
        for _ in 0..2 {
            settle(&kit).await;
            kit.clock.advance_seconds(1);
        }
        assert_eq!(ear.take().len(), 2);
        assert_eq!(office.call(&kit, "POST", &format!("{path}/resend")).await.status, 204);
        settle(&kit).await;
        assert_eq!(ear.take().len(), 1);
        assert_eq!(rows(&kit, "event").await, 0);
        // One that is not wanted any more.
        ear.answer_with(&[500, 500]);
        happens(&kit, new_person("2000")).await;
        for _ in 0..2 {
            settle(&kit).await;
            kit.clock.advance_seconds(1);
        }
        let list = office.call(&kit, "GET", "/notifications/dead-letters?limit=5").await.json();
        let path = format!("/notifications/dead-letters/{}", list[0]["id"].as_str().unwrap());
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 204);
        assert_eq!((rows(&kit, "event").await, rows(&kit, "notification_delivery").await), (0, 0));
        ear.take();
    }
}

/// OSIA-NOT-03, OSIA-NOT-07: nothing comes any more, also of what was on its way.
#[tokio::test]
async fn on_both_whoever_left_is_told_nothing_more() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        let address = format!("{origin}/hear");
        let topic = office.topic(&kit, "births").await;
        let uuid = office.listens(&kit, &ear, "births", &address, "1,-1").await;
        ear.answer_with(&[500]);
        office.publish(&kit, &topic, "one").await;
        settle(&kit).await;
        assert_eq!(ear.take().len(), 1);
        assert_eq!(office.call(&kit, "DELETE", &format!("/v1/subscriptions/{uuid}")).await.status, 204);
        kit.clock.advance_seconds(5);
        settle(&kit).await;
        assert!(ear.take().is_empty());
        office.listens(&kit, &ear, "births", &address, "1,-1").await;
        ear.answer_with(&[500]);
        office.publish(&kit, &topic, "two").await;
        settle(&kit).await;
        office.publish(&kit, &topic, "three").await;
        assert_eq!(ear.take().len(), 1);
        assert_eq!(office.call(&kit, "DELETE", &format!("/v1/topics/{topic}")).await.status, 204);
        kit.clock.advance_seconds(5);
        settle(&kit).await;
        assert!(ear.take().is_empty());
        kit.clock.advance_seconds(2 * 3600);
        while super::super::expire(&kit.state).await.unwrap() > 0 {}
        for table in ["event", "notification_delivery", "notification_subscription"] {
            assert_eq!(rows(&kit, table).await, 0, "{table}");
        }
    }
}

/// A service that is not approved any more is told nothing; what waits for it is not lost.
#[tokio::test]
async fn on_both_a_disabled_client_is_told_nothing_until_it_is_enabled() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "1,-1").await;
        set_status(&kit, "inactive").await;
        happens(&kit, new_person("1")).await;
        settle(&kit).await;
        assert!(ear.take().is_empty());
        set_status(&kit, "active").await;
        settle(&kit).await;
        assert_eq!(ear.take().len(), 1);
    }
}

/// As an operator does on another node; this one remembers its clients for some seconds.
async fn set_status(kit: &Kit, status: &'static str) {
    let sql = "UPDATE client SET status = $1 WHERE client_id = 'office'";
    let done: Result<u64, StoreError> =
        kit.state.store.write(move |tx| Box::pin(async move { crate::execute!(tx, sql, status) })).await;
    assert_eq!(done.unwrap(), 1);
    kit.clock.advance_seconds(60);
}

/// Receivers that redirect, answer far too much, or are not there: they are tried again, and the others are told meanwhile.
#[tokio::test]
async fn bad_receivers_cost_the_others_nothing() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    // Accepts connections, and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = reaching(&origin);
    config.fetch_allow.push(silent.local_addr().unwrap().to_string());
    config.fetch_allow.push("127.0.0.1:1".into());
    let kit = Kit::with(config).await;
    let office = Service::new(&kit, "office").await;
    let topic = office.topic(&kit, "births").await;
    for path in ["away", "huge", "hear"] {
        office.subscribe(&kit, "births", &format!("{origin}/{path}"), "10,3").await;
    }
    office.subscribe(&kit, "births", &format!("http://{}/", silent.local_addr().unwrap()), "10,3").await;
    office.subscribe(&kit, "births", "http://127.0.0.1:1/", "10,3").await;
    confirm_all(&kit).await;
    office.publish(&kit, &topic, "news").await;
    settle(&kit).await;
    let heard = ear.take();
    assert_eq!(heard.iter().filter(|heard| heard.header("message-type") == "Notification").count(), 3);
    assert!(heard.iter().all(|heard| heard.body["message"] == "news"), "a redirect is not followed");
    // The one that redirects, the silent one and the one that is not there are due again.
    assert_eq!(rows(&kit, "notification_delivery").await, 3);
}

/// Every subscription is made active, as if each had sent its token back; the questions are gone.
async fn confirm_all(kit: &Kit) {
    let done: Result<(), StoreError> = kit
        .state
        .store
        .write(|tx| {
            Box::pin(async move {
                crate::execute!(tx, "UPDATE notification_subscription SET confirmed_at = 1")?;
                crate::execute!(tx, "DELETE FROM notification_delivery")?;
                Ok(())
            })
        })
        .await;
    done.unwrap();
}

/// Fifty subscribers, three nodes that work at once: each message comes once.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_three_nodes_tell_fifty_subscribers_once_each() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        let topic = office.topic(&kit, "births").await;
        for n in 0..50 {
            office.subscribe(&kit, "births", &format!("{origin}/hear/{n}"), "1,5").await;
        }
        confirm_all(&kit).await;
        for n in 0..5 {
            office.publish(&kit, &topic, &format!("news {n}")).await;
        }
        let (second, third) = (kit.restarted().await, kit.restarted().await);
        tokio::join!(settle(&kit), settle(&second), settle(&third));
        // A node that lost a race for a lane leaves the rest to whoever looks next.
        settle(&kit).await;
        let at_once = rows(&kit, "notification_delivery").await == 0;
        // What a busy machine did not let through at once comes when the leases are over, or with the next attempt.
        for _ in 0..5 {
            kit.clock.advance_seconds(20);
            settle(&kit).await;
        }
        let mut told: Vec<(String, String)> = ear
            .take()
            .iter()
            .map(|heard| (heard.header("subscription-id").to_owned(), heard.header("message-id").to_owned()))
            .collect();
        assert!(!at_once || told.len() == 250, "{} messages for 250", told.len());
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 250);
        assert_eq!(rows(&kit, "notification_delivery").await, 0);
        // Two lanes that end an event at the same moment each see the other's last message, and leave it to the sweep.
        kit.clock.advance_seconds(2 * 3600);
        crate::events::expire(&kit.state).await.unwrap();
        assert_eq!(rows(&kit, "event").await, 0);
    }
}

/// A node dies while it delivers: another does it once the lease is over.
#[tokio::test]
async fn on_both_what_a_dead_node_had_taken_is_delivered_by_another() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "1,5").await;
        happens(&kit, new_person("1")).await;
        super::super::spread::all(&kit.state).await.unwrap();
        let lane = super::super::lanes::take(&kit.state).await.unwrap();
        assert!(lane.is_some());
        let other = kit.restarted().await;
        settle(&other).await;
        assert!(ear.take().is_empty());
        kit.clock.advance_seconds(20);
        settle(&other).await;
        assert_eq!(ear.take().len(), 1);
    }
}

/// What nobody agreed to, and what nobody looked at, is forgotten after its days.
#[tokio::test]
async fn on_both_what_is_over_is_deleted() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        office.listens(&kit, &ear, "newPerson", &format!("{origin}/hear"), "1,0").await;
        office.subscribe(&kit, "newPerson", &format!("{origin}/never"), "1,0").await;
        ear.answer_with(&[500]);
        settle(&kit).await;
        ear.answer_with(&[500]);
        happens(&kit, new_person("1")).await;
        settle(&kit).await;
        ear.take();
        let expire = async || while super::super::expire(&kit.state).await.unwrap() > 0 {};
        kit.clock.advance_seconds(3 * 24 * 3600 - 1);
        expire().await;
        assert_eq!(rows(&kit, "notification_subscription").await, 2);
        kit.clock.advance_seconds(1);
        expire().await;
        assert_eq!(rows(&kit, "notification_subscription").await, 1);
        assert_eq!((rows(&kit, "notification_delivery").await, rows(&kit, "event").await), (1, 1));
        kit.clock.advance_seconds(27 * 24 * 3600);
        expire().await;
        assert_eq!((rows(&kit, "notification_delivery").await, rows(&kit, "event").await), (0, 0));
    }
}

/// GS-SEC: addresses may hold secrets.
#[tokio::test]
async fn an_address_does_not_lie_in_clear() {
    let kit = Kit::new().await;
    let office = Service::new(&kit, "office").await;
    office.subscribe(&kit, "newPerson", "https://a.example/marker", "1,0").await;
    let row: Result<(Vec<u8>, Vec<u8>), StoreError> = kit
        .state
        .store
        .read(|tx| {
            Box::pin(async move {
                let sql = "SELECT address, endpoint FROM notification_subscription";
                crate::fetch_one!(tx, (Vec<u8>, Vec<u8>), sql)
            })
        })
        .await;
    let (address, endpoint) = row.unwrap();
    assert!(![address, endpoint].concat().windows(6).any(|window| window == b"marker"));
}
