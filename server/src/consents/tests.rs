//! Receipts, on both databases.

use super::*;
use crate::testkit::Kit;

const ANNA: PersonId = PersonId(1);
const BEN: PersonId = PersonId(2);

fn given(person: PersonId, client_id: &str) -> NewReceipt {
    NewReceipt {
        mount: Mount::Op,
        client_id: client_id.into(),
        person,
        transaction: 5,
        claims: vec!["name".into()],
        scopes: vec!["Manage-VID".into()],
        signed: Signed { key: Some(9), statement: Some("a.b.c".into()), signature: Some("a.c".into()) },
        rests_on: None,
        expires_at: None,
    }
}

async fn write_down(kit: &Kit, receipt: NewReceipt) -> i64 {
    let state = kit.state.clone();
    let work = kit.state.store.write(move |tx| Box::pin(async move { record(&state, tx, receipt).await }));
    work.await.unwrap()
}

async fn is_standing(kit: &Kit, id: i64) -> bool {
    kit.state.store.read(move |tx| Box::pin(stands(tx, id))).await.unwrap()
}

async fn end(kit: &Kit, person: PersonId, client_id: &'static str) -> u64 {
    let state = kit.state.clone();
    let work = kit
        .state
        .store
        .write(move |tx| Box::pin(async move { withdraw(&state, tx, person, Mount::Op, client_id).await }));
    work.await.unwrap()
}

#[tokio::test]
async fn on_both_a_withdrawal_ends_all_that_one_person_gave_one_relying_party() {
    for kit in Kit::both().await {
        let first = write_down(&kit, given(ANNA, "clinic")).await;
        let again = NewReceipt { signed: Signed::default(), rests_on: Some(first), ..given(ANNA, "clinic") };
        let again = write_down(&kit, again).await;
        let elsewhere = write_down(&kit, given(ANNA, "bank")).await;
        let bens = write_down(&kit, given(BEN, "clinic")).await;

        let found = of_person(&kit.state, ANNA).await.unwrap();
        assert_eq!(found.iter().map(|receipt| receipt.id).collect::<Vec<_>>(), [elsewhere, again, first]);
        assert!(!found[1].is_signed() && found[2].is_signed());
        assert_eq!((found[1].rests_on, found[2].signed.statement.as_deref()), (Some(first), Some("a.b.c")));
        assert!(found[2].stands(kit.state.clock.now()));

        kit.clock.advance_seconds(5);
        assert_eq!(end(&kit, ANNA, "clinic").await, 2);
        assert_eq!(end(&kit, ANNA, "clinic").await, 0, "withdrawn already");
        let standing = [is_standing(&kit, first).await, is_standing(&kit, again).await];
        assert_eq!(standing, [false, false]);
        assert!(is_standing(&kit, elsewhere).await && is_standing(&kit, bens).await);
        let found = of_person(&kit.state, ANNA).await.unwrap();
        assert_eq!(found[2].withdrawn_at, Some(kit.state.clock.now()));
        assert!(!found[2].stands(kit.state.clock.now()));
        // Given again afterwards, it stands.
        let anew = write_down(&kit, given(ANNA, "clinic")).await;
        assert!(is_standing(&kit, anew).await);
    }
}

/// Nobody finds or names another's.
#[tokio::test]
async fn on_both_a_receipt_is_its_persons_own() {
    for kit in Kit::both().await {
        let id = write_down(&kit, given(ANNA, "clinic")).await;
        for (person, theirs) in [(ANNA, true), (BEN, false)] {
            let state = kit.state.clone();
            let work = kit.state.store.read(move |tx| Box::pin(async move { find(&state, tx, person, id).await }));
            assert_eq!(work.await.unwrap().is_some(), theirs);
        }
        assert!(of_person(&kit.state, BEN).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn on_both_a_list_has_an_end_but_leaves_out_nobody_who_is_agreed_with() {
    for kit in Kit::both().await {
        let old = write_down(&kit, given(ANNA, "clinic")).await;
        let state = kit.state.clone();
        let work = kit.state.store.write(move |tx| {
            Box::pin(async move {
                for _ in 0..250 {
                    record(&state, tx, given(ANNA, "bank")).await?;
                }
                Ok::<_, Fault>(())
            })
        });
        work.await.unwrap();
        let found = of_person(&kit.state, ANNA).await.unwrap();
        assert_eq!(found.len(), 201);
        assert_eq!(found.last().unwrap().id, old);
    }
}

/// GS-PRI: receipts go after their days, a withdrawn one after as many from its withdrawal; or at once on demand.
#[tokio::test]
async fn on_both_receipts_are_kept_for_their_days_and_erased_on_demand() {
    for kit in Kit::both().await {
        const DAYS: i64 = 5 * 365 * 24 * 3600;
        let withdrawn = write_down(&kit, given(ANNA, "clinic")).await;
        let standing = write_down(&kit, given(ANNA, "bank")).await;
        kit.clock.advance_seconds(1000);
        end(&kit, ANNA, "clinic").await;
        let later = write_down(&kit, given(BEN, "bank")).await;
        kit.clock.advance_seconds(DAYS - 500);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
        assert!(!is_standing(&kit, standing).await);
        assert_eq!(of_person(&kit.state, ANNA).await.unwrap()[0].id, withdrawn, "still on record");
        kit.clock.advance_seconds(499);
        assert_eq!(expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(1);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
        assert!(is_standing(&kit, later).await);
        let state = kit.state.clone();
        let work = kit.state.store.write(move |tx| Box::pin(async move { erase(&state, tx, BEN).await }));
        assert_eq!(work.await.unwrap(), 1);
        assert!(!is_standing(&kit, later).await);
    }
}

/// GS-PRI: whoever reads the database learns neither who agreed nor to what.
#[tokio::test]
async fn what_is_stored_tells_neither_person_nor_claims() {
    let kit = Kit::new().await;
    let id = write_down(&kit, given(ANNA, "clinic")).await;
    let work = kit.state.store.read(move |tx| {
        Box::pin(async move {
            crate::fetch_one!(tx, (Vec<u8>, Vec<u8>), "SELECT holder, content FROM consent_receipt WHERE id = $1", id)
        })
    });
    let (holder, content) = work.await.unwrap();
    assert_eq!(holder.len(), 32);
    for clear in [&b"name"[..], b"person", b"a.b.c"] {
        assert!(!content.windows(clear.len()).any(|window| window == clear));
    }
}
