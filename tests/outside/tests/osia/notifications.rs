//! OSIA notification 1.2.0: topics, subscriptions, confirmation, delivery at least once.

use base64::Engine;
use josekit::jwt;
use outside::receiver::{Heard, Receiver};
use outside::server::{Database, Server};
use outside::service::Service;
use serde_json::{Value, json};

/// All that a notification client may do.
pub const NOTIFIER: [&str; 5] =
    ["notif.sub.write", "notif.sub.read", "notif.topic.write", "notif.topic.read", "notif.topic.publish"];

/// A value in a query.
pub fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Asks for a subscription by HTTP.
pub async fn subscribe(service: &Service, topic: &str, address: &str, policy: &str) -> Value {
    subscribe_by(service, "http", topic, address, policy).await
}

/// Asks for a subscription by `http` or `email`.
pub async fn subscribe_by(service: &Service, protocol: &str, topic: &str, address: &str, policy: &str) -> Value {
    let (topic, address, policy) = (escaped(topic), escaped(address), escaped(policy));
    let path = format!("/v1/subscriptions?topic={topic}&protocol={protocol}&address={address}&policy={policy}");
    service.send("POST", &path, None).await.json()
}

/// Confirms the subscription that a receiver is asked about.
pub async fn confirm(service: &Service, receiver: &Receiver, subscription: &Value) {
    let id = subscription["uuid"].as_str().unwrap().to_owned();
    let asks = |heard: &Heard| {
        heard.header("message-type") == "SubscriptionConfirmation" && heard.header("subscription-id") == id
    };
    let asked = receiver.until("the question whether it is wanted", asks).await.json();
    let token = asked["token"].as_str().unwrap();
    service.get(&format!("/v1/subscriptions/confirm?token={}", escaped(token))).await.is(200);
}

/// The topic of a name, made where there is none.
pub async fn topic(service: &Service, name: &str) -> Value {
    service.send("POST", &format!("/v1/topics?name={}", escaped(name)), None).await.json()
}

/// Publishes a text.
pub async fn publish(service: &Service, topic: &Value, text: &str) {
    let path = format!("/v1/topics/{}/publish?subject=told", topic["uuid"].as_str().unwrap());
    service.upload(&path, "plain/text", text.as_bytes()).await.is(200);
}

/// A notification of this text.
pub fn says(text: &str) -> impl Fn(&Heard) -> bool {
    let text = text.to_owned();
    move |heard| heard.header("message-type") == "Notification" && heard.json()["message"] == text.as_str()
}

/// OSIA-NOT-01 to 09.
#[tokio::test(flavor = "multi_thread")]
async fn topics_have_subscribers_who_confirmed_and_are_told() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let service = Service::register(&server, &NOTIFIER).await;
        let receiver = Receiver::start().await;
        // OSIA-NOT-01, 02.
        let news = topic(&service, "news").await;
        assert_eq!(news["name"], "news");
        assert_eq!(topic(&service, "news").await, news, "idempotent");
        let listed = service.get("/v1/topics").await.json();
        assert_eq!(listed.as_array().unwrap().iter().filter(|one| **one == news).count(), 1);
        for bad in ["/v1/topics", "/v1/topics?name="] {
            service.send("POST", bad, None).await.refused(400);
        }
        // OSIA-NOT-05: idempotent by topic, protocol and address.
        let wanted = subscribe(&service, "news", &receiver.url, "1,5").await;
        let again = subscribe(&service, "news", &receiver.url, "1,5").await;
        assert_eq!(wanted["uuid"], again["uuid"]);
        assert_eq!(wanted["active"], false, "OSIA-NOT-08");
        assert_eq!((&wanted["topic"], &wanted["protocol"]), (&news["uuid"], &json!("http")));
        bad_subscriptions(&service, &receiver).await;
        // OSIA-NOT-08: nothing is told before it is confirmed.
        publish(&service, &news, "before").await;
        confirm(&service, &receiver, &wanted).await;
        for token in ["none", ""] {
            service.get(&format!("/v1/subscriptions/confirm?token={token}")).await.refused(400);
        }
        let listed = service.get("/v1/subscriptions").await.json();
        let mine = |all: &Value| -> Vec<Value> {
            all.as_array().unwrap().iter().filter(|one| one["uuid"] == wanted["uuid"]).cloned().collect()
        };
        assert_eq!(mine(&listed).len(), 1, "OSIA-NOT-06");
        assert_eq!(mine(&listed)[0]["active"], true, "OSIA-NOT-06, 08");
        // OSIA-NOT-04, 09.
        publish(&service, &news, "after ☃").await;
        let told = receiver.until("what was published", says("after ☃")).await;
        assert_eq!(told.header("subscription-id"), wanted["uuid"].as_str().unwrap());
        assert_eq!(told.header("topic-id"), news["uuid"].as_str().unwrap());
        assert!(!told.header("message-id").is_empty());
        let message = told.json();
        assert_eq!((&message["type"], &message["subject"]), (&json!("Notification"), &json!("told")));
        let known = ["type", "token", "topic", "message", "messageId", "subject", "subscribeURL", "timestamp"];
        assert!(message.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())), "{message}");
        assert!(!receiver.all().iter().any(says("before")), "told before it was confirmed");
        signature(&service, &told, &wanted).await;
        // One subscription, one delivery: the next message comes once the first is done with.
        publish(&service, &news, "last").await;
        receiver.until("the next", says("last")).await;
        assert_eq!(receiver.all().into_iter().filter(says("after ☃")).count(), 1, "OSIA-NOT-05");
        ends(&service, &receiver, &news, &wanted).await;
    }
}

/// The signature in the header is over this very body, by the server's published key, for this subscription.
async fn signature(service: &Service, told: &Heard, wanted: &Value) {
    let detached = told.header("x-jws-signature");
    let (header, signature) = detached.split_once("..").unwrap_or_else(|| panic!("detached: {detached}"));
    let token = format!("{header}.{}.{signature}", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(&told.body));
    assert_eq!(json!(service.party.verify(&token).await), told.json());
    assert_eq!(jwt::decode_header(&token).unwrap().claim("subscription"), Some(&wanted["uuid"]));
}

async fn bad_subscriptions(service: &Service, receiver: &Receiver) {
    let address = escaped(&receiver.url);
    for bad in [
        String::new(),
        format!("topic=none-such&protocol=http&address={address}"),
        format!("protocol=http&address={address}"),
        "topic=news&protocol=http".into(),
        format!("topic=news&protocol=pigeon&address={address}"),
        "topic=news&protocol=http&address=not%20a%20url".into(),
        "topic=news&protocol=http&address=ftp%3A%2F%2F127.0.0.1%2F".into(),
        "topic=news&protocol=http&address=file%3A%2F%2F%2Fetc%2Fpasswd".into(),
        format!("topic=news&protocol=http&address={address}&policy=x"),
        format!("topic=news&protocol=http&address={address}&policy=0,5"),
        format!("topic=news&protocol=http&address={address}&policy=1,-2"),
    ] {
        let reply = service.send("POST", &format!("/v1/subscriptions?{bad}"), None).await;
        assert_eq!(reply.status, 400, "{bad}: {}", reply.text());
        reply.refused(400);
    }
}

/// OSIA-NOT-03, 07: what was unsubscribed or deleted is over.
async fn ends(service: &Service, receiver: &Receiver, news: &Value, wanted: &Value) {
    let subscription = format!("/v1/subscriptions/{}", wanted["uuid"].as_str().unwrap());
    service.delete(&subscription).await.is(204);
    service.delete(&subscription).await.refused(404);
    publish(service, news, "too late").await;
    // Another one of the same topic is told, and by then the first would have been.
    let other = Receiver::start().await;
    let second = subscribe(service, "news", &other.url, "1,5").await;
    confirm(service, &other, &second).await;
    publish(service, news, "to the other").await;
    other.until("what the other is told", says("to the other")).await;
    assert!(!receiver.all().iter().any(says("too late")), "OSIA-NOT-07");
    let path = format!("/v1/topics/{}", news["uuid"].as_str().unwrap());
    service.delete(&path).await.is(204);
    service.delete(&path).await.refused(404);
    let gone = service.upload(&format!("{path}/publish"), "plain/text", b"gone").await.status;
    assert!([400, 404].contains(&gone), "{gone}");
}

/// OSIA-NOT-10: a receiver that fails is asked again; it hears the same message, by the same id.
#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_told_again() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let service = Service::register(&server, &NOTIFIER).await;
        let receiver = Receiver::start().await;
        let news = topic(&service, "news").await;
        let wanted = subscribe(&service, "news", &receiver.url, "1,5").await;
        confirm(&service, &receiver, &wanted).await;
        receiver.answer(&[500, 302]);
        publish(&service, &news, "again").await;
        let told = receiver.until_count("the third attempt", 3, says("again")).await;
        let first = told[0].header("message-id").to_owned();
        assert!(told.iter().all(|one| one.header("message-id") == first), "{told:?}");
    }
}

/// `kill -9` after publishing: what was acknowledged is delivered by the next process.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_survives_a_power_cut() {
    for database in Database::all() {
        let mut server = Server::start(database, "").await;
        let service = Service::register(&server, &NOTIFIER).await;
        let receiver = Receiver::start().await;
        let news = topic(&service, "news").await;
        let wanted = subscribe(&service, "news", &receiver.url, "1,20").await;
        confirm(&service, &receiver, &wanted).await;
        receiver.answer(&[503; 3]);
        for number in 0..10 {
            publish(&service, &news, &format!("m{number}")).await;
        }
        server.restart().await;
        for number in 0..10 {
            receiver.until("every message", says(&format!("m{number}"))).await;
        }
    }
}

/// GS-SEC-05b: topics and subscriptions are another's to see only where they are meant for all.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_ends_a_subscription_of_somebody_else() {
    let server = Server::start(Database::Sqlite, "").await;
    let (mine, other) = (Service::register(&server, &NOTIFIER).await, Service::register(&server, &NOTIFIER).await);
    let receiver = Receiver::start().await;
    topic(&mine, "news").await;
    let wanted = subscribe(&mine, "news", &receiver.url, "1,5").await;
    let status = other.delete(&format!("/v1/subscriptions/{}", wanted["uuid"].as_str().unwrap())).await.status;
    assert!([403, 404].contains(&status), "{status}");
    let listed = other.get("/v1/subscriptions").await.json();
    assert!(!listed.as_array().unwrap().iter().any(|one| one["uuid"] == wanted["uuid"]), "{listed}");
}
