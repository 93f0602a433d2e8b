//! What became of an enrollment, and who is the same person, while the secret that both are found by is replaced.

use super::*;
use crate::reseal;
use crate::testkit::{added_secret, new_secret, promoted_secret};

/// GS-SEC-05c, GS-UNQ-01.
#[tokio::test]
async fn on_both_gs_sec_05c_duplicates_and_outcomes_are_found_at_each_step_of_a_secret_s_replacement() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "e1", amina()).await;
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e1").await["state"], "made");

        let (added, during) = (kit.with_secrets(added_secret()).await, kit.with_secrets(promoted_secret()).await);
        for (node, id) in [(&added, "e2"), (&during, "e3")] {
            enroll(node, &office, id, amina()).await;
            settle(node).await;
            for id in ["e1", id] {
                let state = if id == "e1" { "made" } else { "parked" };
                assert_eq!(became(&added, &office, id).await["state"], state);
                assert_eq!(became(&during, &office, id).await["state"], state);
            }
        }
        reseal::all(&during.state).await.unwrap();
        assert_eq!(reseal::left(&during.state).await.unwrap(), 0);
        let after = kit.with_secrets(new_secret()).await;
        enroll(&after, &office, "e4", amina()).await;
        settle(&after).await;
        for (id, state) in [("e1", "made"), ("e2", "parked"), ("e3", "parked"), ("e4", "parked")] {
            assert_eq!(became(&after, &office, id).await["state"], state, "{id}");
        }
    }
}
