//! Requests that read and write one row in any order and at once, on both databases, against a reference that knows a
//! version and what the state machine's picture says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::model_tests::{Act, Reference, act, apply};
use super::store::{TransactionError, load_id, save};
use super::store_tests::{begun, patiently};
use super::*;
use crate::state::AppState;
use crate::testkit::Kit;

/// Requests at work on the row.
const REQUESTS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    /// A request reads the row.
    Read(usize),
    /// A request writes what comes of the row it read last.
    Write(usize, Act),
    /// Several requests read and write at the same time.
    Together(Act),
    /// Time goes on.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..REQUESTS).prop_map(Step::Read),
        6 => (0..REQUESTS, act()).prop_map(|(request, act)| Step::Write(request, act)),
        2 => act().prop_map(Step::Together),
        1 => (1..100_i64).prop_map(Step::Wait),
    ]
}

/// GS-VAP-04, E6: a write wins where nobody wrote since its read, and where the picture allows it; of several at once, one.
#[test]
fn on_both_any_interleaving_of_requests_keeps_to_the_picture() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for kit in runtime.block_on(Kit::both()) {
        TestRunner::new(Config { cases: 32, failure_persistence: None, ..Config::default() })
            .run(&prop::collection::vec(step(), 4..16), |steps| runtime.block_on(check(&kit, steps)))
            .unwrap_or_else(|error| panic!("{error}"));
    }
}

async fn check(kit: &Kit, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (state, lives) = (&kit.state, kit.state.config.lifetimes.clone());
    let (row, _) = begun(state).await;
    let (mut current, mut version) = (Reference::of(&row), 0);
    let mut requests: [Option<(Transaction, Reference)>; REQUESTS] = [const { None }; REQUESTS];
    for step in steps {
        let now = state.clock.now();
        match step {
            Step::Wait(seconds) => kit.clock.advance_seconds(seconds),
            Step::Read(request) => {
                let read = read(state, row.id).await;
                prop_assert_eq!(read.is_some(), now < current.until, "an ended row is as good as gone");
                if let Some(read) = read {
                    prop_assert_eq!((read.stage.name(), read.version), (current.at, version));
                    requests[request] = Some((read, current.clone()));
                }
            }
            Step::Write(request, act) => {
                let Some((read, seen)) = requests[request].clone() else { continue };
                let (mut after, fresh) = (seen, read.version == version);
                let allowed = after.step(&act, now, &lives);
                let moved = apply(read, &act, now, &lives).ok().filter(|_| !matches!(act, Act::Wait { .. }));
                prop_assert_eq!(moved.is_some(), allowed, "{:?}", act);
                let Some(moved) = moved else { continue };
                let inner = state.clone();
                let saved = patiently(state, move |tx| {
                    let (inner, moved) = (inner.clone(), moved.clone());
                    Box::pin(async move { save(&inner, tx, &moved).await })
                });
                match saved.await {
                    Ok(()) => prop_assert!(fresh, "{:?} was written over a newer row", act),
                    Err(TransactionError::Raced) => prop_assert!(!fresh, "{:?} lost to nobody", act),
                    Err(error) => prop_assert!(false, "{:?}", error),
                }
                if fresh {
                    (current, version) = (after, version + 1);
                }
            }
            Step::Together(act) => {
                let mut after = current.clone();
                let allowed = after.step(&act, now, &lives);
                let winners = together(state, row.id, &act).await;
                prop_assert_eq!(winners, u32::from(allowed), "{:?}", act);
                if allowed {
                    (current, version) = (after, version + 1);
                }
            }
        }
    }
    Ok(())
}

async fn read(state: &AppState, id: i64) -> Option<Transaction> {
    let inner = state.clone();
    state.store.read(move |tx| Box::pin(async move { load_id(&inner, tx, id).await })).await.ok()
}

/// How many of four requests at once get through with the same act.
async fn together(state: &AppState, id: i64, act: &Act) -> u32 {
    let winners = Arc::new(AtomicU32::new(0));
    let requests = (0..4).map(|_| {
        let (state, act, winners) = (state.clone(), act.clone(), winners.clone());
        async move {
            let inner = state.clone();
            let moved = patiently(&state, move |tx| {
                let (inner, act) = (inner.clone(), act.clone());
                Box::pin(async move {
                    let read = load_id(&inner, tx, id).await?;
                    if matches!(act, Act::Wait { .. }) {
                        return Err(TransactionError::Gone);
                    }
                    let now = inner.clock.now();
                    save(&inner, tx, &apply(read, &act, now, &inner.config.lifetimes)?).await
                })
            });
            if moved.await.is_ok() {
                winners.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    futures::future::join_all(requests).await;
    winners.load(Ordering::SeqCst)
}
