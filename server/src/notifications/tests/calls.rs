//! The calls, one by one.

use axum::body::Body;
use serde_json::json;

use super::kit::{Ear, Service, kits, settle};
use crate::events::OWN_TOPICS;

/// OSIA-NOT-01, OSIA-NOT-02, OSIA-NOT-03.
#[tokio::test]
async fn on_both_osia_not_01_to_03_topics_are_made_once_listed_and_removed_once() {
    for kit in kits("http://127.0.0.1:1").await {
        let office = Service::new(&kit, "office").await;
        let first = office.topic(&kit, "births").await;
        assert_eq!(office.topic(&kit, "births").await, first);
        assert_eq!(first.len(), 36);
        let list = office.call(&kit, "GET", "/v1/topics").await;
        let names: Vec<String> =
            list.json().as_array().unwrap().iter().map(|topic| topic["name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(names[..8], OWN_TOPICS);
        assert_eq!(names[8..], ["births"]);
        for bad in ["/v1/topics", "/v1/topics?name=", "/v1/topics?name=a%0Ab", "/v1/topics?name=a&name=b"] {
            let answer = office.call(&kit, "POST", bad).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!(400)), "{bad}");
        }
        let path = format!("/v1/topics/{first}");
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 204);
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 404);
        // This server's own are nobody else's.
        let own = list.json()[0]["uuid"].as_str().unwrap().to_owned();
        assert_eq!(office.topic(&kit, "newPerson").await, own);
        assert_eq!(office.call(&kit, "DELETE", &format!("/v1/topics/{own}")).await.status, 403);
        let path = format!("/v1/topics/{own}/publish");
        let forged = office.send(&kit, "POST", &path, "plain/text", Body::from("x")).await;
        assert_eq!(forged.status, 403);
    }
}

/// OSIA-NOT-05, OSIA-NOT-06, OSIA-NOT-07.
#[tokio::test]
async fn on_both_osia_not_05_to_07_subscribing_twice_is_subscribing_once() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let (office, other) = (Service::new(&kit, "office").await, Service::new(&kit, "other").await);
        let (address, topic) = (format!("{origin}/hear"), office.topic(&kit, "newPerson").await);
        let made = office.subscribe(&kit, "newPerson", &address, "5,1").await;
        assert_eq!(made["topic"], topic);
        let rest = [&made["protocol"], &made["address"], &made["policy"], &made["active"]];
        assert_eq!(rest, [&json!("http"), &json!(address), &json!("5,1"), &json!(false)]);
        // By the topic's id, with another policy.
        let again = office.subscribe(&kit, &topic, &address, "6,2").await;
        assert_eq!((&again["uuid"], &again["policy"]), (&made["uuid"], &json!("6,2")));
        settle(&kit).await;
        assert_eq!(ear.take().len(), 1, "asked once");
        kit.clock.advance_seconds(60);
        office.subscribe(&kit, "newPerson", &address, "6,2").await;
        settle(&kit).await;
        assert_eq!(ear.take().len(), 1, "asked again, but not all the time");

        assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([again]));
        assert_eq!(other.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([]), "GS-SEC-05b");
        let path = format!("/v1/subscriptions/{}", made["uuid"].as_str().unwrap());
        assert_eq!(other.call(&kit, "DELETE", &path).await.status, 404);
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 204);
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 404);
        assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([]));
    }
}

#[tokio::test]
async fn osia_not_05_what_is_no_subscription_is_refused_and_changes_nothing() {
    let kit = crate::testkit::Kit::new().await;
    let office = Service::new(&kit, "office").await;
    for bad in [
        "",
        "topic=newPerson",
        "address=https://a.example/",
        "topic=unknown&address=https://a.example/",
        "topic=newPerson&address=https://a.example/&protocol=ftp",
        "topic=newPerson&address=https://a.example/&policy=often",
        // A15: nothing inside, nothing in clear.
        "topic=newPerson&address=http://a.example/",
        "topic=newPerson&address=https://127.0.0.1/",
        "topic=newPerson&address=https://169.254.169.254/",
        "topic=newPerson&address=https://u:p@a.example/",
        "topic=newPerson&address=nowhere",
        "topic=newPerson&address=https://a.example/%23f",
        // No relay is configured.
        "topic=newPerson&address=a@a.example&protocol=email",
    ] {
        let answer = office.call(&kit, "POST", &format!("/v1/subscriptions?{bad}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (400, &json!(400)), "{bad}");
    }
    assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([]));
}

/// OSIA-NOT-08.
#[tokio::test]
async fn on_both_osia_not_08_nothing_is_told_before_the_address_agrees() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let office = Service::new(&kit, "office").await;
        let (topic, address) = (office.topic(&kit, "births").await, format!("{origin}/hear"));
        let made = office.subscribe(&kit, "births", &address, "1,1").await;
        office.publish(&kit, &topic, "too early").await;
        settle(&kit).await;
        let [asked] = <[_; 1]>::try_from(ear.take()).unwrap();
        assert_eq!(asked.header("message-type"), "SubscriptionConfirmation");
        assert_eq!(asked.header("subscription-id"), made["uuid"]);
        let token = asked.body["token"].as_str().unwrap();
        let url = format!("http://localhost:8080/v1/subscriptions/confirm?token={token}");
        assert_eq!(asked.body["subscribeURL"], url);
        let mut foreign = token.to_owned();
        foreign.replace_range(60..61, if token.as_bytes()[60] == b'A' { "B" } else { "A" });
        for bad in ["", "?token=", "?token=x", &format!("?token={foreign}")] {
            let answer = office.call(&kit, "GET", &format!("/v1/subscriptions/confirm{bad}")).await;
            assert_eq!(answer.status, 400, "{bad}");
        }
        let good = format!("/v1/subscriptions/confirm?token={token}");
        for _ in 0..2 {
            assert_eq!(office.call(&kit, "GET", &good).await.status, 200, "a message may come twice");
        }
        assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json()[0]["active"], true);
        office.publish(&kit, &topic, "in time").await;
        settle(&kit).await;
        let [told] = <[_; 1]>::try_from(ear.take()).unwrap();
        assert_eq!(told.body["message"], "in time");
        let path = format!("/v1/subscriptions/{}", made["uuid"].as_str().unwrap());
        assert_eq!(office.call(&kit, "DELETE", &path).await.status, 204);
        assert_eq!(office.call(&kit, "GET", &good).await.status, 400);
    }
}

/// GS-SEC-05b: a topic is its maker's, a subscription its subscriber's; others are told so, and change nothing.
#[tokio::test]
async fn on_both_gs_sec_05b_nobody_removes_or_confirms_what_is_another_services() {
    let ear = Ear::default();
    let origin = ear.listen().await;
    for kit in kits(&origin).await {
        let (office, other) = (Service::new(&kit, "office").await, Service::new(&kit, "other").await);
        let births = office.topic(&kit, "births").await;
        assert_eq!(other.topic(&kit, "births").await, births, "asking for it does not make it the other's");
        let refused = other.call(&kit, "DELETE", &format!("/v1/topics/{births}")).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!(403)));
        assert!(refused.json()["message"].as_str().unwrap().contains("another service made this topic"));

        let made = office.subscribe(&kit, "births", &format!("{origin}/office"), "1,1").await;
        settle(&kit).await;
        let asked = ear.take().pop().unwrap();
        let confirm = format!("/v1/subscriptions/confirm?token={}", asked.body["token"].as_str().unwrap());
        let refused = other.call(&kit, "GET", &confirm).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (400, &json!(400)));
        let mine = office.call(&kit, "GET", "/v1/subscriptions").await.json();
        assert_eq!((&mine[0]["uuid"], &mine[0]["active"]), (&made["uuid"], &json!(false)));
        assert_eq!(other.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([]));

        assert_eq!(office.call(&kit, "GET", &confirm).await.status, 200);
        assert_eq!(other.call(&kit, "GET", &confirm).await.status, 400, "not once it is active either");
        let path = format!("/v1/subscriptions/{}", made["uuid"].as_str().unwrap());
        assert_eq!(other.call(&kit, "DELETE", &path).await.status, 404);
        // The same address by another service is another subscription.
        let also = other.subscribe(&kit, "births", &format!("{origin}/office"), "1,1").await;
        assert_ne!(also["uuid"], made["uuid"]);
        assert_eq!(other.call(&kit, "DELETE", &path).await.status, 404);
        assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json()[0]["active"], true);
        assert_eq!(office.call(&kit, "DELETE", &format!("/v1/topics/{births}")).await.status, 204);
        ear.take();
    }
}

/// Case A15: what the guard never reaches is refused at once, with what to do; what the operator allows is taken.
#[tokio::test]
async fn a15_an_address_that_is_never_reached_is_no_subscription() {
    let allowed = crate::config::Config { fetch_allow: vec!["localhost:9".into()], ..Default::default() };
    let kit = crate::testkit::Kit::with(allowed).await;
    let office = Service::new(&kit, "office").await;
    let subscribe = async |address: &str| {
        let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        office.call(&kit, "POST", &format!("/v1/subscriptions?topic=newPerson&address={address}")).await
    };
    for (address, what) in [
        ("https://localhost/", "fetch_allow"),
        ("https://localhost:8443/told", "fetch_allow"),
        ("https://LocalHost./", "fetch_allow"),
        ("https://me.localhost/", "fetch_allow"),
        ("https://127.0.0.1/", "fetch_allow"),
        ("https://2130706433/", "fetch_allow"),
        ("https://[::1]/", "fetch_allow"),
        ("https://[::ffff:10.0.0.1]/", "fetch_allow"),
        ("https://[fd00::1]/", "fetch_allow"),
        ("https://10.1.2.3/", "fetch_allow"),
        ("https://172.16.0.1/", "fetch_allow"),
        ("https://192.168.1.1:8443/", "fetch_allow"),
        ("https://100.64.0.1/", "fetch_allow"),
        ("https://0.0.0.0/", "fetch_allow"),
        ("http://office.example/", "https"),
        ("ftp://localhost:9/", "https"),
        ("https://u:p@office.example/", "user name"),
        ("https://office.example/#f", "fragment"),
    ] {
        let refused = subscribe(address).await;
        assert_eq!(refused.status, 400, "{address}");
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert!(message.starts_with("address ") && message.contains(what), "{address}: {message}");
    }
    assert_eq!(office.call(&kit, "GET", "/v1/subscriptions").await.json(), json!([]));
    for address in ["http://localhost:9/told", "https://localhost:9/told", "https://office.example/told"] {
        assert_eq!(subscribe(address).await.status, 200, "{address}");
    }
}

/// OSIA-NOT-04: `plain/text` as in OSIA's file, and what it was meant to be.
#[tokio::test]
async fn osia_not_04_texts_are_published_and_nothing_else() {
    let kit = crate::testkit::Kit::new().await;
    let office = Service::new(&kit, "office").await;
    let path = format!("/v1/topics/{}/publish", office.topic(&kit, "births").await);
    let send = async |path: &str, media: &str, body: Vec<u8>| {
        office.send(&kit, "POST", path, media, Body::from(body)).await.status.as_u16()
    };
    for media in ["plain/text", "text/plain; charset=utf-8", "application/json"] {
        assert_eq!(send(&path, media, b"{}".to_vec()).await, 200, "{media}");
    }
    assert_eq!(send(&path, "image/png", b"x".to_vec()).await, 415);
    assert_eq!(send(&path, "plain/text", Vec::new()).await, 400);
    assert_eq!(send(&path, "plain/text", vec![0xff]).await, 400);
    assert_eq!(send(&path, "plain/text", vec![b'x'; 256 * 1024 + 1]).await, 413);
    assert_eq!(send(&format!("{path}?subject=a%0Ab"), "plain/text", b"x".to_vec()).await, 400);
    assert_eq!(send("/v1/topics/nowhere/publish", "plain/text", b"x".to_vec()).await, 400);
}

/// GS-SEC-05b: each call by its own scope.
#[tokio::test]
async fn every_call_needs_a_token_with_its_scope() {
    let kit = crate::testkit::Kit::new().await;
    let stranger = Service::with_scopes(&kit, "stranger", &["audit_read"]).await;
    for (method, path) in [
        ("POST", "/v1/topics?name=a"),
        ("GET", "/v1/topics"),
        ("DELETE", "/v1/topics/x"),
        ("POST", "/v1/topics/x/publish"),
        ("POST", "/v1/subscriptions?topic=a&address=b"),
        ("GET", "/v1/subscriptions"),
        ("DELETE", "/v1/subscriptions/x"),
        ("GET", "/v1/subscriptions/confirm?token=x"),
        ("GET", "/notifications/dead-letters"),
        ("GET", "/notifications/dead-letters/x"),
        ("POST", "/notifications/dead-letters/x/resend"),
        ("DELETE", "/notifications/dead-letters/x"),
    ] {
        let refused = stranger.call(&kit, method, path).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (403, &json!(403)), "{method} {path}");
        let request = axum::http::Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let refused = kit.send(request).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (401, &json!(401)), "{method} {path}");
    }
}
