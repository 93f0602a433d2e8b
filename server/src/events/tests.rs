//! The outbox, on both databases.

use serde_json::{Value, json};

use super::*;
use crate::dialect::Mount;
use crate::execute;
use crate::testkit::Kit;

fn new_person() -> Event {
    Event::NewPerson { uin: "1000000001".into() }
}

/// Somebody who is told of our own topic with this name.
async fn listens(kit: &Kit, topic: &'static str, confirmed_at: Option<i64>) {
    let id = kit.state.next_id();
    let written: Result<u64, StoreError> = kit
        .state
        .store
        .write(move |tx| {
            Box::pin(async move {
                execute!(
                    tx,
                    "INSERT INTO notification_subscription (id, uuid, topic_id, party, mount, client_id, protocol,
                        endpoint, address, countdown, retries, asked_at, confirmed_at, leased_until)
                     SELECT $1, $2, id, 'party', 'op', 'client', 'http', $3, $3, 1, 1, 0, $4, 0
                     FROM notification_topic WHERE name = $5",
                    id,
                    id.to_string(),
                    id.to_be_bytes().to_vec(),
                    confirmed_at,
                    topic
                )
            })
        })
        .await;
    assert_eq!(written.unwrap(), 1);
}

async fn tell(kit: &Kit, event: Event) {
    let state = kit.state.clone();
    let written: Result<(), StoreError> =
        kit.state.store.write(move |tx| Box::pin(async move { publish(&state, tx, &event).await })).await;
    written.unwrap();
}

async fn next(kit: &Kit) -> Option<Happened> {
    waiting(&kit.state, 1).await.unwrap().pop().map(|waiting| waiting.happened.unwrap())
}

async fn takes(kit: &Kit, id: i64) -> bool {
    let now = kit.state.clock.now();
    let taken: Result<bool, StoreError> = kit.state.store.write(move |tx| Box::pin(take(tx, id, now))).await;
    taken.unwrap()
}

/// GS-NOT-01: kept where somebody wants it, in the order in which it happened, taken once.
#[tokio::test]
async fn on_both_an_event_is_kept_for_those_who_subscribed_and_taken_once() {
    for kit in Kit::both().await {
        tell(&kit, new_person()).await;
        listens(&kit, "newPerson", None).await;
        tell(&kit, new_person()).await;
        assert!(next(&kit).await.is_none(), "nobody has confirmed");
        listens(&kit, "newPerson", Some(1)).await;
        tell(&kit, Event::Death { uin: "1".into() }).await;
        assert!(next(&kit).await.is_none(), "another topic");
        tell(&kit, new_person()).await;
        tell(&kit, new_person()).await;
        let first = next(&kit).await.unwrap();
        assert_eq!(first.content, Content::Ours(new_person()));
        assert_eq!(first.at, kit.state.clock.now());
        assert_eq!((takes(&kit, first.id).await, takes(&kit, first.id).await), (true, false));
        let second = next(&kit).await.unwrap();
        assert!(second.id > first.id);
        assert_eq!(find(&kit.state, first.id).await.unwrap().unwrap().content, first.content);
        let forgotten: Result<(), StoreError> =
            kit.state.store.write(move |tx| Box::pin(forget_topic(tx, first.topic))).await;
        forgotten.unwrap();
        assert!(find(&kit.state, first.id).await.unwrap().is_none());
        assert!(next(&kit).await.is_none());
    }
}

/// GS-SEC: neither what happened nor to whom can be read in the database.
#[tokio::test]
async fn what_lies_of_an_event_tells_nothing() {
    let kit = Kit::new().await;
    listens(&kit, "newPerson", Some(1)).await;
    tell(&kit, new_person()).await;
    let content: Result<(Vec<u8>,), StoreError> = kit
        .state
        .store
        .read(|tx| Box::pin(async move { crate::fetch_one!(tx, (Vec<u8>,), "SELECT content FROM event") }))
        .await;
    let (content,) = content.unwrap();
    assert!(!content.windows(10).any(|window| window == b"1000000001"));
    assert_eq!(format!("{:?}", Content::Ours(new_person())), "newPerson");
}

/// OSIA notification: event types and their members.
#[tokio::test]
async fn every_event_has_a_topic_that_exists_and_the_members_of_osia() {
    let kit = Kit::new().await;
    let consent = Consent { mount: Mount::Op, client_id: "shop".into(), person: 7, consent_id: Some("c".into()) };
    let uin = || "1".to_owned();
    let of_uin = json!({ "source": "https://id.test", "uin": "1" });
    let all: [(Event, Value); 9] = [
        (Event::NewPerson { uin: uin() }, of_uin.clone()),
        (Event::UpdatePerson { uin: uin() }, of_uin.clone()),
        (Event::ChangeOfName { uin: uin() }, of_uin.clone()),
        (Event::ChangeOfGender { uin: uin() }, of_uin.clone()),
        (Event::Death { uin: uin() }, of_uin),
        (
            Event::DuplicatePerson { uin: uin(), duplicates: vec!["2".into()] },
            json!({ "source": "https://id.test", "uin": "1", "duplicates": ["2"] }),
        ),
        (
            Event::EnrollmentFinalized {
                service: Some("office".into()),
                enrollment_id: "e".into(),
                transaction_id: "t".into(),
            },
            json!({ "source": "https://id.test", "enrollmentId": "e", "transactionId": "t" }),
        ),
        (
            Event::ConsentGiven(consent.clone()),
            json!({ "source": "https://id.test", "clientId": "shop", "consentId": "c" }),
        ),
        (
            Event::ConsentWithdrawn(Consent { consent_id: None, ..consent }),
            json!({ "source": "https://id.test", "clientId": "shop" }),
        ),
    ];
    for topic in OWN_TOPICS {
        listens(&kit, topic, Some(1)).await;
    }
    for (event, body) in all {
        assert!(OWN_TOPICS.contains(&event.topic()));
        assert_eq!(Value::Object(event.body("https://id.test")), body);
        tell(&kit, event.clone()).await;
        let happened = next(&kit).await.unwrap();
        assert_eq!(happened.content, Content::Ours(event));
        assert!(takes(&kit, happened.id).await);
    }
}
