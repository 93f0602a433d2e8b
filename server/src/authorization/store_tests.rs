//! Rows of transactions, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::BoxFuture;

use super::model_tests::{started, who};
use super::store::{Counter, TransactionError, count, insert, load, load_id, save, sweep_transactions, take_nonce};
use super::*;
use crate::ids::{Kind, Opened};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use crate::testkit::{Kit, START};

pub(super) async fn begun(state: &AppState) -> (Transaction, Opened) {
    let minted = state.mint(Kind::Transaction);
    let transaction = started(minted.id, state.clock.now());
    let opened = state.ids.open(Kind::Transaction, &minted.text).unwrap();
    let (inner, row) = (state.clone(), transaction.clone());
    state.store.write(move |tx| Box::pin(async move { insert(&inner, tx, &row, &minted).await })).await.unwrap();
    (transaction, opened)
}

async fn find(state: &AppState, opened: Opened) -> Result<Transaction, TransactionError> {
    let inner = state.clone();
    state.store.read(move |tx| Box::pin(async move { load(&inner, tx, &opened).await })).await
}

/// A write, again where the database was too busy: a loaded machine opens PostgreSQL's connections slowly.
pub(super) async fn patiently<F>(state: &AppState, work: F) -> Result<(), TransactionError>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<(), TransactionError>> + Clone + Send + 'static,
{
    loop {
        match state.store.write(work.clone()).await {
            Err(TransactionError::Store(StoreError::Busy)) => {}
            other => return other,
        }
    }
}

#[tokio::test]
async fn on_both_a_transaction_comes_back_as_it_was_put() {
    for kit in Kit::both().await {
        let (transaction, opened) = begun(&kit.state).await;
        assert_eq!(find(&kit.state, opened).await.unwrap(), transaction);
    }
}

#[tokio::test]
async fn on_both_a_wrong_secret_or_a_late_call_finds_nothing() {
    for kit in Kit::both().await {
        let (transaction, opened) = begun(&kit.state).await;
        // Same id, other secret: what a guesser would send.
        let id = protocol::base64url::decode(kit.state.ids.name(Kind::Transaction, transaction.id)).unwrap();
        let other = protocol::base64url::decode(kit.state.mint(Kind::Transaction).text).unwrap();
        let guess = protocol::base64url::encode([id.as_slice(), &other[16..]].concat());
        let guess = kit.state.ids.open(Kind::Transaction, &guess).unwrap();
        assert_eq!(guess.id, transaction.id);
        assert!(matches!(find(&kit.state, guess).await, Err(TransactionError::Gone)));
        kit.clock.advance_seconds(300);
        assert!(matches!(find(&kit.state, opened).await, Err(TransactionError::Gone)));
    }
}

/// E6, GS-VAP-04: fifty requests move one transaction at once, and one wins.
#[tokio::test]
async fn on_both_fifty_requests_race_and_one_wins() {
    for kit in Kit::both().await {
        let (transaction, _) = begun(&kit.state).await;
        let winners = Arc::new(AtomicU32::new(0));
        let racers = (0..50).map(|_| {
            let (state, id, winners) = (kit.state.clone(), transaction.id, winners.clone());
            async move {
                let inner = state.clone();
                let moved = patiently(&state, move |tx| {
                    let inner = inner.clone();
                    Box::pin(async move {
                        let found = load_id(&inner, tx, id).await?;
                        let now = inner.clock.now();
                        let moved = found.authenticate(who(None, false), now, &inner.config.lifetimes)?;
                        save(&inner, tx, &moved).await
                    })
                });
                match moved.await {
                    Ok(()) => {
                        winners.fetch_add(1, Ordering::SeqCst);
                    }
                    Err(error) => {
                        assert!(matches!(error, TransactionError::Raced | TransactionError::Stage(_)), "{error:?}");
                    }
                }
            }
        });
        futures::future::join_all(racers).await;
        assert_eq!(winners.load(Ordering::SeqCst), 1);
    }
}

/// L2: parallel calls cannot pass the limit.
#[tokio::test]
async fn on_both_counters_stop_at_their_limit() {
    for kit in Kit::both().await {
        let (transaction, _) = begun(&kit.state).await;
        for what in [Counter::ClaimDetails, Counter::LinkCodes] {
            let calls = (0..20).map(|_| {
                let state = kit.state.clone();
                async move { patiently(&state, move |tx| Box::pin(count(tx, transaction.id, what, 3))).await.is_ok() }
            });
            let let_through = futures::future::join_all(calls).await.into_iter().filter(|ok| *ok).count();
            assert_eq!(let_through, 3, "{what:?}");
        }
    }
}

#[tokio::test]
async fn on_both_a_nonce_is_good_once_a_day() {
    for kit in Kit::both().await {
        let take = |at: i64| kit.state.store.write(move |tx| Box::pin(take_nonce(tx, b"nonce", at)));
        assert!(take(START).await.unwrap());
        assert!(!take(START + 1).await.unwrap());
        assert!(take(START + 24 * 3600 * 1000).await.unwrap());
    }
}

#[tokio::test]
async fn on_both_sweeping_takes_only_what_is_over() {
    for kit in Kit::both().await {
        begun(&kit.state).await;
        kit.clock.advance_seconds(200);
        let (young, _) = begun(&kit.state).await;
        kit.clock.advance_seconds(150);
        let now = kit.state.clock.now();
        assert_eq!(
            kit.state
                .store
                .write(move |tx| Box::pin(async move { sweep_transactions(tx, now, 100).await }))
                .await
                .unwrap()
                .len(),
            1
        );
        let inner = kit.state.clone();
        let found = kit.state.store.read(move |tx| Box::pin(async move { load_id(&inner, tx, young.id).await })).await;
        found.unwrap();
    }
}
