//! Uniqueness by biometrics, with a double of an ABIS.

use serde_json::{Value, json};

use super::{EVERY, amina, bearer, became, cases, decide, enroll, settle};
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
