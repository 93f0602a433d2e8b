//! Browsers that are known to a person.

use axum::http::{HeaderMap, header};

use super::known_browser::{Visitor, cookie, knows, remember, shown};
use super::*;
use crate::registry::PersonId;
use crate::store::StoreError;
use crate::testkit::Kit;

const ANNA: PersonId = PersonId(1);
const BEN: PersonId = PersonId(2);

async fn seen(kit: &Kit, visitor: Option<Visitor>, person: PersonId) -> Option<String> {
    let state = kit.state.clone();
    let write =
        kit.state.store.write(move |tx| Box::pin(async move { remember(&state, tx, visitor.as_ref(), person).await }));
    write.await.unwrap()
}

async fn known(kit: &Kit, visitor: &Visitor, person: PersonId) -> bool {
    let (state, visitor) = (kit.state.clone(), visitor.clone());
    let read = kit.state.store.read(move |tx| Box::pin(async move { knows(&state, tx, &visitor, person).await }));
    read.await.unwrap()
}

fn with_cookie(kit: &Kit, value: &str) -> HeaderMap {
    let set = cookie(&kit.state, value).unwrap();
    let pair = set.to_str().unwrap().split(';').next().unwrap().parse().unwrap();
    HeaderMap::from_iter([(header::COOKIE, pair)])
}

#[tokio::test]
async fn on_both_a_browser_is_known_to_those_who_used_it_and_for_a_while() {
    for kit in Kit::both().await {
        let value = seen(&kit, None, ANNA).await.unwrap();
        let text = cookie(&kit.state, &value).unwrap();
        assert!(text.to_str().unwrap().contains("; Max-Age=7776000; SameSite=Lax; HttpOnly"), "{text:?}");
        let visitor = shown(&kit.state, &with_cookie(&kit, &value)).unwrap();
        assert!(known(&kit, &visitor, ANNA).await && !known(&kit, &visitor, BEN).await);
        // A family's browser: one cookie, and each has its own row.
        assert_eq!(seen(&kit, Some(visitor.clone()), BEN).await, None);
        assert!(known(&kit, &visitor, ANNA).await && known(&kit, &visitor, BEN).await);
        // Another browser, and the same number with another secret.
        let other = seen(&kit, None, BEN).await.unwrap();
        let forged = format!("{}{}", &value[..32], &other[32..]);
        let forged = shown(&kit.state, &with_cookie(&kit, &forged)).unwrap();
        assert!(!known(&kit, &forged, ANNA).await && !known(&kit, &forged, BEN).await);
        for nonsense in ["", "x", &value[1..]] {
            assert!(shown(&kit.state, &with_cookie(&kit, nonsense)).is_none(), "{nonsense}");
        }
        // Seen again in the meantime, Anna is known longer than Ben; the cookie itself ends all the same.
        kit.clock.advance_seconds(89 * 24 * 3600);
        seen(&kit, Some(visitor.clone()), ANNA).await;
        kit.clock.advance_seconds(2 * 24 * 3600);
        assert!(known(&kit, &visitor, ANNA).await && !known(&kit, &visitor, BEN).await);
        assert!(shown(&kit.state, &with_cookie(&kit, &value)).is_none());
        assert_eq!(expire(&kit.state).await.unwrap(), 2);
        assert!(known(&kit, &visitor, ANNA).await);
        kit.clock.advance_seconds(90 * 24 * 3600);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn on_both_the_table_names_nobody() {
    for kit in Kit::both().await {
        let value = seen(&kit, None, ANNA).await.unwrap();
        let visitor = shown(&kit.state, &with_cookie(&kit, &value)).unwrap();
        let row = kit.state.store.read(|tx| {
            Box::pin(async move {
                crate::fetch_one!(tx, (i64, Vec<u8>, i64), "SELECT browser, bound, expires_at FROM known_browser")
            })
        });
        let (_, bound, _): (i64, Vec<u8>, i64) = row.await.map_err(|error: StoreError| error).unwrap();
        assert_eq!(bound.len(), 32);
        // A thief of the table cannot try persons or cookies against it: the hash has a key.
        let other = Kit::both().await.remove(0);
        assert!(!known(&other, &visitor, ANNA).await);
    }
}
