//! What is kept of a pushed request, on both databases.

use super::*;
use crate::clients::{Client, Registration, Status};
use crate::dialect::Mount;
use crate::error::OAuthError;
use crate::testkit::Kit;

fn client(id: &str, mount: Mount) -> Client {
    Client {
        row: 1,
        id: id.into(),
        mount,
        relying_party_id: id.into(),
        status: Status::Active,
        registration: Registration::default(),
    }
}

async fn kept(kit: &Kit, state: &str) -> Result<String, OAuthError> {
    let asked = Asked { state: Some(state.into()), ..Asked::default() };
    Ok(push::keep(&kit.state, &client("shop", Mount::Op), &asked).await?.request_uri)
}

async fn taken(kit: &Kit, row: i64) -> bool {
    let now = kit.state.clock.now();
    kit.state.store.write(move |tx| Box::pin(take(tx, row, now))).await.unwrap()
}

/// A16.
#[tokio::test]
async fn on_both_a_reference_is_found_by_its_client_until_it_is_used_or_over() {
    for kit in Kit::both().await {
        let shop = client("shop", Mount::Op);
        let uri = kept(&kit, "theirs").await.unwrap();
        let (row, asked) = find(&kit.state, &shop, &uri).await.unwrap().unwrap();
        assert_eq!(asked.state.as_deref(), Some("theirs"));
        for other in [client("clinic", Mount::Op), client("shop", Mount::ESignet)] {
            assert!(find(&kit.state, &other, &uri).await.unwrap().is_none());
        }
        let state = kit.restarted().await.state;
        assert!(find(&state, &shop, &uri).await.unwrap().is_some(), "whichever node is asked");
        assert!(taken(&kit, row).await);
        assert!(!taken(&kit, row).await);
        assert!(find(&state, &shop, &uri).await.unwrap().is_none());

        let late = kept(&kit, "late").await.unwrap();
        kit.clock.advance_seconds(89);
        assert!(find(&kit.state, &shop, &late).await.unwrap().is_some());
        kit.clock.advance_seconds(1);
        assert!(find(&kit.state, &shop, &late).await.unwrap().is_none());
        // Both go, once no login can come from them any more.
        assert_eq!(expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(3600);
        assert_eq!(expire(&kit.state).await.unwrap(), 2);
    }
}

/// Fifty logins end at once: one of them uses it up.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_fifty_ends_use_it_up_once() {
    for kit in Kit::both().await {
        let uri = kept(&kit, "theirs").await.unwrap();
        let (row, _) = find(&kit.state, &client("shop", Mount::Op), &uri).await.unwrap().unwrap();
        let ends = futures::future::join_all((0..50).map(|_| taken(&kit, row))).await;
        assert_eq!(ends.iter().filter(|first| **first).count(), 1);
    }
}
