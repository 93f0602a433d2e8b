//! Several at once: what is acknowledged happened, once.

use axum::http::StatusCode;
use futures::future::join_all;
use serde_json::json;

use super::{Office, at, jana, with_head};
use crate::enrollment::{finalized, load, take_finalized};
use crate::store::StoreError;
use crate::testkit::Kit;

fn count(statuses: &[StatusCode], status: StatusCode) -> usize {
    statuses.iter().filter(|one| **one == status).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn osia_enr_06_of_two_finalizes_one_succeeds_and_hands_over_once() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        for round in 0..5 {
            let id = format!("E{round}");
            office.create(&id, &jana()).await;
            let statuses = join_all((0..6).map(|_| office.finalize(&id))).await;
            assert_eq!(count(&statuses, StatusCode::NO_CONTENT), 1, "{statuses:?}");
            assert_eq!(count(&statuses, StatusCode::FORBIDDEN), 5, "{statuses:?}");
        }
        let waiting = finalized(&kit.state, i64::MIN, 100).await.unwrap();
        assert_eq!(waiting.len(), 5);
        assert!(waiting.iter().all(|one| one.transaction_id == "T-finalize" && one.at == kit.state.clock.now()));
        let loaded = load(&kit.state, waiting[0].row).await.unwrap().unwrap();
        assert_eq!((loaded.id.as_str(), loaded.service.name()), ("E0", "ministry"));
        assert_eq!(serde_json::to_value(&loaded.enrollment).unwrap(), with_head(jana(), "E0", "FINALIZED"));
        // Of several that take one on, one does.
        let row = waiting[0].row;
        let take = || kit.state.store.write(move |tx| Box::pin(take_finalized(tx, row)));
        let taken: Vec<Result<bool, StoreError>> = join_all((0..6).map(|_| take())).await;
        assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
        assert_eq!(finalized(&kit.state, i64::MIN, 100).await.unwrap().len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn osia_enr_01c_of_two_creates_one_succeeds() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        for round in 0..5 {
            let (id, body) = (format!("E{round}"), jana());
            let create = |_| office.json(axum::http::Method::POST, &*Box::leak(at(&id).into_boxed_str()), &body);
            let statuses: Vec<StatusCode> =
                join_all((0..6).map(create)).await.into_iter().map(|answer| answer.status).collect();
            assert_eq!(count(&statuses, StatusCode::NO_CONTENT), 1, "{statuses:?}");
            assert_eq!(count(&statuses, StatusCode::CONFLICT), 5, "{statuses:?}");
        }
        assert_eq!(office.find("", &json!([])).await.len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn osia_enr_04_of_patches_at_once_none_is_lost() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        office.create("E1", &json!({})).await;
        let patch = |n: usize| {
            let office = &office;
            async move { office.patch("E1", &json!({ "requestData": { format!("n{n}"): n } })).await }
        };
        let statuses = join_all((0..8).map(patch)).await;
        assert_eq!(count(&statuses, StatusCode::NO_CONTENT), 8, "{statuses:?}");
        assert_eq!(office.read("E1").await.json()["requestData"].as_object().unwrap().len(), 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn osia_enr_06_a_change_beside_a_finalize_is_in_it_or_refused() {
    for kit in Kit::both().await {
        let office = Office::new(&kit, "office", "ministry").await;
        for round in 0..8 {
            let id = format!("E{round}");
            office.create(&id, &json!({})).await;
            let late = json!({ "requestData": "late" });
            let (patched, finalized) = futures::join!(office.patch(&id, &late), office.finalize(&id));
            assert_eq!(finalized, StatusCode::NO_CONTENT);
            let read = office.read(&id).await.json();
            assert_eq!(read["status"], "FINALIZED");
            assert_eq!(read["requestData"] == "late", patched == StatusCode::NO_CONTENT, "{patched}");
            assert!([StatusCode::NO_CONTENT, StatusCode::FORBIDDEN].contains(&patched));
        }
    }
}
