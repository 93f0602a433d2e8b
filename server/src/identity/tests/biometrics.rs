//! Uniqueness by biometrics, with a double of an ABIS.

use serde_json::{Value, json};

use super::{EVERY, amina, bearer, became, call, cases, decide, enroll, settle};
use crate::audit::{EventKind, Filter};
use crate::testkit::abis::AbisDouble;
use crate::testkit::{Kit, with_abis};

pub(super) fn with_finger(last_name: &str, template: &str) -> Value {
    let mut body = amina();
    body["biographicData"]["lastName"] = last_name.into();
    body["biometricData"] =
        json!([{ "biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "template": template }]);
    body
}

/// GS-UNQ-01, by biometrics.
#[tokio::test]
async fn on_both_gs_unq_01_the_same_finger_under_another_name_is_parked() {
    let double = AbisDouble::start().await;
    for kit in Kit::both_with(&with_abis(&double)).await {
        // What tests make has the same names on each database.
        double.forget();
        let office = bearer(&kit, "office", &EVERY).await;
        let template = "Zmlyc3Q=";
        enroll(&kit, &office, "e1", with_finger("Diallo", template)).await;
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e1").await["state"], "made");
        enroll(&kit, &office, "e2", with_finger("Zurbriggen", template)).await;
        settle(&kit).await;
        let parked = cases(&kit, &office).await;
        assert_eq!((parked.len(), &parked[0]["suspects"][0]["score"]), (1, &json!(3500.0)));
        assert_eq!(double.encounters(), 2);
        assert_eq!(decide(&kit, &office, &parked[0], json!({ "decision": "refuse", "reason": "fraud" })).await, 204);
        settle(&kit).await;
        assert_eq!(double.encounters(), 1, "what nobody was made of stays nowhere");
    }
}

/// An ABIS that is out of order keeps nobody from enrolling: the enrollment waits until it serves again.
#[tokio::test]
async fn an_abis_out_of_order_is_waited_for() {
    let double = AbisDouble::start().await;
    let kit = Kit::with(with_abis(&double)).await;
    let office = bearer(&kit, "office", &EVERY).await;
    for break_it in [AbisDouble::set_broken, AbisDouble::set_later] {
        break_it(&double, true);
        let id = if double.encounters() == 0 { "e1" } else { "e2" };
        enroll(&kit, &office, id, with_finger(if id == "e1" { "Diallo" } else { "Zurbriggen" }, &format!("{id}AA")))
            .await;
        settle(&kit).await;
        assert_eq!(became(&kit, &office, id).await["state"], "waiting");
        break_it(&double, false);
        kit.clock.advance_seconds(60);
        settle(&kit).await;
        assert_eq!(became(&kit, &office, id).await["state"], "made");
    }
}

/// GS-PRI: of a person who is erased the ABIS keeps nothing, however often it has to be asked; and that is written down.
#[tokio::test]
async fn on_both_gs_pri_what_an_abis_has_of_an_erased_person_is_taken_out() {
    let double = AbisDouble::start().await;
    for kit in Kit::both_with(&with_abis(&double)).await {
        double.forget();
        let office = bearer(&kit, "office", &EVERY).await;
        for (id, name, template) in [("e1", "Diallo", "Zmlyc3Q="), ("e2", "Zurbriggen", "c2Vjb25k")] {
            enroll(&kit, &office, id, with_finger(name, template)).await;
        }
        settle(&kit).await;
        let uin = became(&kit, &office, "e1").await["uin"].as_str().unwrap().to_owned();
        assert_eq!(double.encounters(), 2);

        double.set_broken(true);
        assert_eq!(erase(&kit, &office, &uin).await, 204);
        settle(&kit).await;
        assert_eq!(double.encounters(), 2, "it does not answer");
        assert_eq!(removed(&kit).await, 0);
        assert_eq!(became(&kit, &office, "e1").await, json!({ "enrollmentId": "e1", "state": "erased" }));
        // Who has the same finger is not held against somebody who is erased.
        double.set_broken(false);
        enroll(&kit, &office, "e3", with_finger("Quispe", "Zmlyc3Q=")).await;
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e3").await["state"], "made");
        kit.clock.advance_seconds(60);
        settle(&kit).await;
        assert_eq!(double.encounters(), 2, "those who are not erased");
        assert_eq!(removed(&kit).await, 1);
        kit.clock.advance_seconds(3600);
        settle(&kit).await;
        assert_eq!(removed(&kit).await, 1, "once");
    }
}

/// GS-UNQ-01: the finger of one who was merged stands for the other; where that one is erased, it goes too.
#[tokio::test]
async fn on_both_gs_unq_01_a_finger_of_one_who_was_merged_is_the_other_s() {
    let double = AbisDouble::start().await;
    for kit in Kit::both_with(&with_abis(&double)).await {
        double.forget();
        let office = bearer(&kit, "office", &EVERY).await;
        let mut uins = Vec::new();
        for (id, name, template) in [("e1", "Diallo", "Zmlyc3Q="), ("e2", "Zurbriggen", "c2Vjb25k")] {
            enroll(&kit, &office, id, with_finger(name, template)).await;
            settle(&kit).await;
            uins.push(became(&kit, &office, id).await["uin"].as_str().unwrap().to_owned());
        }
        let path = format!("/pr/v1/persons/{}/merge/{}?transactionId=T", uins[1], uins[0]);
        let merged = call(&kit, &office, "POST", &path, None).await;
        assert_eq!(merged.status, 204, "{}", merged.text);
        assert_eq!(became(&kit, &office, "e1").await["uin"], uins[1]);
        enroll(&kit, &office, "e3", with_finger("Quispe", "Zmlyc3Q=")).await;
        settle(&kit).await;
        let parked = cases(&kit, &office).await;
        let target = crate::registry::find(&kit.state, &uins[1]).await.unwrap().unwrap();
        let name = kit.state.ids.name(crate::ids::Kind::Person, target.0);
        assert_eq!(parked[0]["suspects"], json!([{ "person": name, "score": 3500.0 }]));
        assert_eq!(decide(&kit, &office, &parked[0], json!({ "decision": "refuse", "reason": "fraud" })).await, 204);
        settle(&kit).await;
        assert_eq!(double.encounters(), 2);
        assert_eq!(erase(&kit, &office, &uins[1]).await, 204);
        settle(&kit).await;
        assert_eq!((double.encounters(), removed(&kit).await), (0, 2));
    }
}

async fn erase(kit: &Kit, office: &str, uin: &str) -> u16 {
    let path = format!("/pr/v1/persons/{uin}?transactionId=T-erase");
    call(kit, office, "DELETE", &path, None).await.status.as_u16()
}

/// How many events tell that the ABIS took out what it had.
async fn removed(kit: &Kit) -> usize {
    let filter = Filter { kind: Some(EventKind::BiometricsRemoved), limit: 10, ..Filter::default() };
    let audit = kit.state.audit.clone();
    let read = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await.unwrap();
    read.events.len()
}
