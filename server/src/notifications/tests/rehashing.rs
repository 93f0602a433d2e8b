//! Addresses are found while the secret that they are found by is replaced, and after it is gone.

use super::kit::{Service, kits};
use crate::reseal;
use crate::testkit::{added_secret, new_secret, promoted_secret};

/// GS-SEC-05c, OSIA-NOT-05.
#[tokio::test]
async fn on_both_gs_sec_05c_the_same_subscription_is_the_same_at_each_step_of_a_secret_s_replacement() {
    for kit in kits("http://127.0.0.1:1").await {
        let service = Service::new(&kit, "office").await;
        let topic = service.topic(&kit, "deaths").await;
        let (one, other) = ("http://127.0.0.1:1/one", "http://127.0.0.1:1/other");
        let first = service.subscribe(&kit, &topic, one, "6,2").await["uuid"].clone();

        let (added, during) = (kit.with_secrets(added_secret()).await, kit.with_secrets(promoted_secret()).await);
        let second = service.subscribe(&during, &topic, other, "6,2").await["uuid"].clone();
        for node in [&added, &during] {
            assert_eq!(service.subscribe(node, &topic, one, "6,2").await["uuid"], first);
            assert_eq!(service.subscribe(node, &topic, other, "6,2").await["uuid"], second);
        }
        reseal::all(&during.state).await.unwrap();
        let after = kit.with_secrets(new_secret()).await;
        assert_eq!(service.subscribe(&after, &topic, one, "6,2").await["uuid"], first);
        assert_eq!(service.subscribe(&after, &topic, other, "6,2").await["uuid"], second);
    }
}
