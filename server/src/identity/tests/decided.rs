//! What a decision is good for.

use serde_json::{Value, json};

use super::{EVERY, amina, bearer, became, call, cases, decide, enroll, settle};
use crate::testkit::Kit;

fn like(given: &str) -> Value {
    let mut body = amina();
    body["biographicData"]["firstName"] = given.into();
    body
}

/// GS-UNQ-01: that somebody is another person than the one who was looked at says nothing of one who came since. Of two
/// enrollments of one person, both found to be another than a third, one makes a person and the other is looked at again.
#[tokio::test]
async fn on_both_gs_unq_01_a_decision_is_about_those_who_were_looked_at() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        settle(&kit).await;
        for id in ["one", "again"] {
            enroll(&kit, &office, id, like("Aminata")).await;
        }
        settle(&kit).await;
        let different = json!({ "decision": "different", "reason": "sisters" });
        let parked = cases(&kit, &office).await;
        assert_eq!(parked.len(), 2);
        for case in &parked {
            assert_eq!(case["suspects"].as_array().unwrap().len(), 1);
            assert_eq!(decide(&kit, &office, case, different.clone()).await, 204);
        }
        settle(&kit).await;
        let states = [became(&kit, &office, "one").await, became(&kit, &office, "again").await];
        let made = states.iter().filter(|one| one["state"] == "made").count();
        assert_eq!(made, 1, "{states:?}");
        let left = cases(&kit, &office).await;
        let [left] = left.as_slice() else { panic!("{left:?}") };
        assert_eq!(left["suspects"].as_array().unwrap().len(), 2, "with the one who came since: {left}");
        // Said of both, it holds.
        assert_eq!(decide(&kit, &office, left, different.clone()).await, 204);
        settle(&kit).await;
        assert!(cases(&kit, &office).await.is_empty());
    }
}

/// The same of identities of the population registry, where one is to become the reference.
#[tokio::test]
async fn on_both_gs_unq_01_an_identity_is_looked_at_again_where_somebody_came_since() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        settle(&kit).await;
        let clerk = bearer(&kit, "office", &["pr.person.write", "pr.identity.write", "pr.reference.write"]).await;
        let person = json!({ "status": "ACTIVE", "physicalStatus": "ALIVE" });
        let path = "/pr/v1/persons/7000000001?transactionId=T";
        assert_eq!(call(&kit, &clerk, "POST", path, Some(person)).await.status, 201);
        let identity =
            json!({ "identityType": "CIVIL", "status": "VALID", "biographicData": amina()["biographicData"] });
        let path = "/pr/v1/persons/7000000001/identities/i1?transactionId=T";
        let sent = call(&kit, &clerk, "POST", path, Some(identity)).await;
        assert_eq!(sent.status, 201, "{}", sent.text);
        let different = json!({ "decision": "different", "reason": "twins" });
        let [case] = <[Value; 1]>::try_from(cases(&kit, &office).await).unwrap();
        assert_eq!(decide(&kit, &office, &case, different.clone()).await, 204);
        settle(&kit).await;

        enroll(&kit, &office, "e2", amina()).await;
        settle(&kit).await;
        let [case] = <[Value; 1]>::try_from(cases(&kit, &office).await).unwrap();
        assert_eq!(decide(&kit, &office, &case, different.clone()).await, 204);
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e2").await["state"], "made");

        let reference = "/pr/v1/persons/7000000001/identities/i1/reference?transactionId=T";
        assert_eq!(call(&kit, &clerk, "PUT", reference, None).await.status, 403, "one came since");
        let [case] = <[Value; 1]>::try_from(cases(&kit, &office).await).unwrap();
        assert_eq!((&case["identityId"], case["suspects"].as_array().unwrap().len()), (&json!("i1"), 2));
        assert_eq!(decide(&kit, &office, &case, different).await, 204);
        settle(&kit).await;
        assert_eq!(call(&kit, &clerk, "PUT", reference, None).await.status, 204);
    }
}
