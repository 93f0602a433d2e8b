//! What no secret opens.

use super::*;

/// GS-ENR-02: one finalized enrollment whose secret is lost keeps nobody else from being taken on.
#[tokio::test]
async fn on_both_gs_enr_02_one_that_does_not_open_keeps_nobody_waiting() {
    for kit in Kit::both().await {
        let office = bearer(&kit, "office", &EVERY).await;
        enroll(&kit, &office, "lost", amina()).await;
        let lose = kit.state.store.write(|tx| {
            Box::pin(async move {
                crate::execute!(tx, "UPDATE enrollment_finalized SET sealed = $1", vec![0_u8; 40])?;
                Ok::<_, crate::store::StoreError>(())
            })
        });
        lose.await.unwrap();
        let mut other = amina();
        other["biographicData"]["firstName"] = "Zora".into();
        enroll(&kit, &office, "e2", other).await;
        settle(&kit).await;
        assert_eq!(became(&kit, &office, "e2").await["state"], "made");
    }
}
