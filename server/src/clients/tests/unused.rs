//! Clients that registered themselves, and their end where nobody ever logs in to them.

use super::super::{expire, logged_in_to, register};
use super::*;
use crate::config::{Config, Registration};

const DAY: i64 = 86_400;

async fn registered(kit: &Kit) -> String {
    let sent = json!({ "redirect_uris": ["https://clinic.test/cb"] });
    let made = register(&kit.state, Mount::Op, sent.as_object().unwrap()).await.ok().unwrap();
    made.answer("")["client_id"].as_str().unwrap().to_owned()
}

async fn log_in(kit: &Kit, id: &str) {
    let client = find_any(&kit.state, Mount::Op, id).await.unwrap().unwrap();
    let noted: Result<(), StoreError> =
        kit.state.store.write(move |tx| Box::pin(async move { logged_in_to(tx, &client).await })).await;
    noted.unwrap();
}

async fn is_there(kit: &Kit, id: &str) -> bool {
    find(&kit.state, Mount::Op, id).await.unwrap().is_some()
}

#[tokio::test]
async fn on_both_a_client_that_registered_itself_ends_unless_somebody_logs_in_to_it() {
    for kit in Kit::both().await {
        let (quiet, used) = (registered(&kit).await, registered(&kit).await);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.jwk").display().to_string();
        let add = format!(
            "add shop --mount op --logo https://shop.test/l.png --redirect-uri https://shop.test/cb --new-key {file}"
        );
        command(&kit, &add).await.unwrap();
        kit.clock.advance_seconds(10 * DAY);
        log_in(&kit, &used).await;
        let late = registered(&kit).await;
        kit.clock.advance_seconds(20 * DAY);
        assert_eq!(expire(&kit.state).await.unwrap(), 0, "not before its time");
        kit.clock.advance_seconds(1);
        assert!(is_there(&kit, &quiet).await);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
        assert_eq!(expire(&kit.state).await.unwrap(), 0, "once");
        assert!(!is_there(&kit, &quiet).await);
        for id in [used.as_str(), late.as_str(), "shop"] {
            assert!(is_there(&kit, id).await, "{id}");
        }
        kit.clock.advance_seconds(100 * DAY);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
        assert!(!is_there(&kit, &late).await && is_there(&kit, &used).await && is_there(&kit, "shop").await);
    }
}

#[tokio::test]
async fn with_0_days_nothing_ends() {
    let registration = Registration { unused_days: 0, ..Registration::default() };
    let kit = Kit::with(Config { registration, ..Config::default() }).await;
    let id = registered(&kit).await;
    kit.clock.advance_seconds(4000 * DAY);
    assert_eq!(expire(&kit.state).await.unwrap(), 0);
    assert!(is_there(&kit, &id).await);
}
