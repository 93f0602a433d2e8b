//! An ABIS that answers later, by calling back.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use super::biometrics::with_finger;
use super::{EVERY, bearer, became, cases, enroll, settle};
use crate::config::Config;
use crate::testkit::abis::{AbisDouble, CallBack};
use crate::testkit::{Kit, with_abis};

/// One that keeps its answers until a test hands them over.
async fn silent() -> (AbisDouble, Config) {
    let double = AbisDouble::start().await;
    double.set_calls_back(true);
    double.set_silent(true);
    let mut config = with_abis(&double);
    if let Some(abis) = &mut config.identity.abis {
        abis.callback = Some("http://tessera.test".parse().unwrap());
    }
    (double, config)
}

async fn posted(kit: &Kit, url: &str, media: &str, body: &str) -> u16 {
    let path = url.strip_prefix("http://tessera.test").expect("our own address").to_owned();
    let request = Request::post(path).header("content-type", media).body(Body::from(body.to_owned()));
    kit.send(request.unwrap()).await.status.as_u16()
}

/// Hands the one answer over; the double forgets it.
async fn handed_over(kit: &Kit, double: &AbisDouble) -> CallBack {
    let [answer] = <[CallBack; 1]>::try_from(double.answers()).expect("one answer");
    assert_eq!(posted(kit, &answer.url, answer.media, &answer.body).await, 204);
    double.forget_answers();
    answer
}

/// GS-UNQ-01, OSIA ABIS 1.6.0: callbacks.
#[tokio::test]
async fn on_both_gs_unq_01_an_abis_may_call_back() {
    let (double, config) = silent().await;
    for kit in Kit::both_with(&config).await {
        double.forget();
        let office = bearer(&kit, "office", &EVERY).await;
        let template = "Zmlyc3Q=";
        for (id, name, ends) in [("e1", "Diallo", "made"), ("e2", "Zurbriggen", "parked")] {
            enroll(&kit, &office, id, with_finger(name, template)).await;
            settle(&kit).await;
            assert_eq!(became(&kit, &office, id).await["state"], "waiting");
            let put = handed_over(&kit, &double).await;
            assert_eq!(posted(&kit, &put.url, put.media, &put.body).await, 403, "an answer is taken once");
            settle(&kit).await;
            handed_over(&kit, &double).await;
            settle(&kit).await;
            assert_eq!(became(&kit, &office, id).await["state"], ends);
        }
        assert_eq!(cases(&kit, &office).await[0]["suspects"][0]["score"], json!(3500.0));
    }
}

/// What an answer must be like, and that nobody else gives one.
#[tokio::test]
async fn only_the_address_that_was_told_takes_an_answer() {
    let (double, config) = silent().await;
    let kit = Kit::with(config).await;
    let office = bearer(&kit, "office", &EVERY).await;
    enroll(&kit, &office, "e1", with_finger("Diallo", "Zmlyc3Q=")).await;
    settle(&kit).await;
    let CallBack { url, .. } = double.answers().remove(0);
    let secret = url.split(['/', '?']).nth(5).unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    let last = if secret.ends_with('A') { "B" } else { "A" };
    let other = url.replace(&secret, &format!("{}{last}", &secret[..63]));
    for wrong in [other.as_str(), "http://tessera.test/identity/abis/x?transactionId=t&taskId=1"] {
        assert_eq!(posted(&kit, wrong, "application/json", "{}").await, 403);
    }
    let without_task = url.split("&taskId").next().unwrap();
    assert_eq!(posted(&kit, without_task, "application/json", "{}").await, 400);
    assert_eq!(posted(&kit, &url, "application/json", "nonsense").await, 400);
    assert_eq!(posted(&kit, &url, "text/plain", "{}").await, 415);
    // Many at once: one is taken.
    let many = (0..8).map(|_| posted(&kit, &url, "application/json", "{}"));
    let mut statuses = futures::future::join_all(many).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 403, 403, 403, 403, 403, 403, 403]);
    // What it says of itself to be wrong is asked again.
    double.forget_answers();
    settle(&kit).await;
    let CallBack { url, .. } = double.answers().remove(0);
    let error = json!({ "code": 500, "message": "out of order" }).to_string();
    assert_eq!(posted(&kit, &url, "application/error+json", &error).await, 204);
    double.forget_answers();
    settle(&kit).await;
    assert_eq!(became(&kit, &office, "e1").await["state"], "waiting");
    kit.clock.advance_seconds(60);
    settle(&kit).await;
    handed_over(&kit, &double).await;
    settle(&kit).await;
    assert_eq!(became(&kit, &office, "e1").await["state"], "made");
}

/// One that does not call back is asked how far it is, and asked anew where it has forgotten.
#[tokio::test]
async fn an_answer_that_does_not_come_is_asked_for() {
    let (double, config) = silent().await;
    let kit = Kit::with(config).await;
    let office = bearer(&kit, "office", &EVERY).await;
    enroll(&kit, &office, "e1", with_finger("Diallo", "Zmlyc3Q=")).await;
    settle(&kit).await;
    let first = double.answers().remove(0).url;
    kit.clock.advance_seconds(61);
    settle(&kit).await;
    assert_eq!(double.answers().remove(0).url, first, "it is still at it");
    double.forget_answers();
    kit.clock.advance_seconds(61);
    settle(&kit).await;
    let second = double.answers().remove(0).url;
    assert_ne!(second, first);
    assert_eq!(posted(&kit, &first, "application/json", "{}").await, 403, "the first address is of no use any more");
    handed_over(&kit, &double).await;
    settle(&kit).await;
    handed_over(&kit, &double).await;
    settle(&kit).await;
    assert_eq!(became(&kit, &office, "e1").await["state"], "made");
}
