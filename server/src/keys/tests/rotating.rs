//! Keys over time and over several nodes (F13).

use std::sync::Arc;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use crate::config::{Lifetimes, Signing};
use crate::dialect::Mount;
use crate::keys::cli::{self, KeysCommand};
use crate::keys::{Family, KeyError, Keys, Phase, READY_IN, Rotation, UNDERSTOOD};
use crate::secrets::{SecretError, Secrets};
use crate::testkit::{Kit, START};

const DAY: i64 = 86_400;

/// Another node on the same database.
fn node(kit: &Kit) -> Keys {
    let state = &kit.state;
    Keys::new(
        state.store.clone(),
        state.secrets.clone(),
        state.clock.clone(),
        state.rng.clone(),
        &Lifetimes::default(),
        Signing::default(),
    )
}

async fn forget_all(kit: &Kit) {
    let work = kit.state.store.write(|tx| Box::pin(async move { crate::execute!(tx, "DELETE FROM signing_key") }));
    work.await.unwrap();
}

fn published(keys: &Keys) -> Vec<Jwk> {
    let set: Value = serde_json::from_slice(&keys.jwks(Mount::Op)).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| Jwk::from_value(key).unwrap()).collect()
}

fn phases(keys: &Keys, family: Family) -> Vec<Phase> {
    keys.list().into_iter().filter(|info| info.family == family).map(|info| info.phase).collect()
}

fn sign(keys: &Keys) -> String {
    keys.sign_jwt(Algorithm::Es256, "JWT", &json!({ "sub": "x" })).unwrap()
}

/// F6: a clock that is set back to before the first key began to sign.
#[tokio::test]
async fn a_clock_that_was_set_back_leaves_a_key_to_sign_with() {
    let kit = Kit::new().await;
    let before = sign(&kit.state.keys);
    kit.clock.advance_seconds(-3600);
    kit.state.keys.tend().await.unwrap();
    let after = sign(&kit.state.keys);
    assert_eq!(before.split('.').next(), after.split('.').next(), "the same key");
    assert_eq!(phases(&kit.state.keys, Family::Ec), [Phase::Current]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_nodes_that_start_at_once_agree_on_the_first_keys() {
    for kit in Kit::both().await {
        forget_all(&kit).await;
        let nodes = [node(&kit), node(&kit), node(&kit)];
        assert!(nodes[0].sign_jwt(Algorithm::Es256, "JWT", &json!({})).is_err());
        for outcome in futures::future::join_all(nodes.iter().map(Keys::tend)).await {
            outcome.unwrap();
        }
        for node in &nodes {
            node.tend().await.unwrap();
            assert_eq!(node.list(), nodes[0].list());
            assert_eq!(node.list().len(), Family::ALL.len());
            assert_eq!(node.jwks(Mount::GovStack), nodes[0].jwks(Mount::GovStack));
        }
    }
}

#[tokio::test]
async fn a_next_key_is_published_before_it_signs_and_an_old_one_after_it_signed() {
    let kit = Kit::new().await;
    let keys = &kit.state.keys;
    let before = sign(keys);
    kit.clock.advance_seconds(82 * DAY);
    keys.tend().await.unwrap();
    assert_eq!(phases(keys, Family::Ec), [Phase::Current]);
    kit.clock.advance_seconds(DAY);
    keys.tend().await.unwrap();
    assert_eq!(phases(keys, Family::Ec), [Phase::Current, Phase::Next]);
    assert_eq!(phases(keys, Family::Rsa), [Phase::Current, Phase::Next]);
    let early = published(keys);
    assert_eq!(early.len(), 2 * Family::ALL.len(), "of each family the current and the next");
    // The day comes; nobody does anything.
    kit.clock.advance_seconds(7 * DAY);
    assert_eq!(phases(keys, Family::Ec), [Phase::Old, Phase::Current]);
    let after = sign(keys);
    for token in [&before, &after] {
        // Whoever fetched the set a week ago can check both.
        assert!(keys.verify(&early, &UNDERSTOOD, token).is_ok());
    }
    assert_ne!(before.split('.').next(), after.split('.').next());
    kit.clock.advance_seconds(7 * DAY);
    keys.tend().await.unwrap();
    assert_eq!(phases(keys, Family::Ec), [Phase::Current]);
    assert!(keys.verify(&published(keys), &UNDERSTOOD, &before).is_err());
    assert!(keys.verify(&published(keys), &UNDERSTOOD, &after).is_ok());
}

#[tokio::test]
async fn rotating_by_hand_is_announced_or_soon_and_never_withdraws_what_signs() {
    let kit = Kit::new().await;
    let (keys, other) = (&kit.state.keys, node(&kit));
    keys.rotate(Rotation::Announced, &Family::ALL).await.unwrap();
    assert!(matches!(keys.rotate(Rotation::Announced, &Family::ALL).await, Err(KeyError::UnderWay { .. })));
    assert_eq!(phases(keys, Family::Ec), [Phase::Current, Phase::Next]);
    keys.rotate(Rotation::Soon, &Family::ALL).await.unwrap();
    assert_eq!(phases(keys, Family::Ec), [Phase::Current, Phase::Next]);
    other.tend().await.unwrap();
    kit.clock.advance_seconds(READY_IN / 1000);
    assert_eq!(phases(keys, Family::Ec), [Phase::Old, Phase::Current]);
    assert_eq!(other.list(), keys.list());
    let list = keys.list();
    let kid = |phase| list.iter().find(|info| info.phase == phase).unwrap().kid.clone();
    assert!(matches!(keys.drop_key(&kid(Phase::Current)).await, Err(KeyError::StillSigns)));
    assert!(matches!(keys.drop_key("no such").await, Err(KeyError::UnknownKid)));
    keys.drop_key(&kid(Phase::Old)).await.unwrap();
    assert_eq!(phases(keys, Family::Ec), [Phase::Current]);
}

#[tokio::test]
async fn private_keys_lie_sealed_and_open_under_their_own_secret_only() {
    let kit = Kit::new().await;
    let sealed = kit
        .state
        .store
        .read(|tx| Box::pin(async move { crate::fetch_all!(tx, (Vec<u8>,), "SELECT private_jwk FROM signing_key") }))
        .await
        .unwrap();
    for (bytes,) in sealed {
        assert!(!String::from_utf8_lossy(&bytes).contains("kty"));
    }
    let state = &kit.state;
    let other = Arc::new(Secrets::new([8; 32]));
    let thief = Keys::new(
        state.store.clone(),
        other,
        state.clock.clone(),
        state.rng.clone(),
        &Lifetimes::default(),
        Signing::default(),
    );
    assert!(matches!(thief.tend().await, Err(KeyError::Secret(SecretError::Sealed))));
}

#[tokio::test]
async fn the_commands_show_what_they_did() {
    let kit = Kit::new().await;
    let keys = &kit.state.keys;
    let mut out = Vec::new();
    for command in [KeysCommand::List, KeysCommand::Rotate { now: true, kind: Vec::new() }] {
        cli::run(command, keys, &mut out).await.unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().filter(|line| line.contains("current")).count(), 10);
    assert_eq!(text.lines().filter(|line| line.contains(" next ") && !line.contains("keys")).count(), 5);
    assert!(text.contains(&crate::http::envelope::format_time(START)));
}

/// One algorithm's key is replaced and the others sign on.
#[tokio::test]
async fn one_kind_of_key_can_be_replaced_alone() {
    let kit = Kit::new().await;
    let keys = &kit.state.keys;
    let mut out = Vec::new();
    let command = KeysCommand::Rotate { now: true, kind: vec![Family::P521] };
    cli::run(command, keys, &mut out).await.unwrap();
    for family in Family::ALL {
        let expected: &[Phase] =
            if family == Family::P521 { &[Phase::Current, Phase::Next] } else { &[Phase::Current] };
        assert_eq!(phases(keys, family), expected, "{family:?}");
    }
    // Nothing is replaced where one of those asked for is being replaced already.
    let both = keys.rotate(Rotation::Announced, &[Family::Ec, Family::P521]).await;
    assert!(matches!(both, Err(KeyError::UnderWay { family: Family::P521, .. })));
    assert_eq!(phases(keys, Family::Ec), [Phase::Current]);
    let before = keys.sign_jwt(Algorithm::Es512, "JWT", &json!({})).unwrap();
    kit.clock.advance_seconds(READY_IN / 1000);
    let after = keys.sign_jwt(Algorithm::Es512, "JWT", &json!({})).unwrap();
    assert_ne!(before.split('.').next(), after.split('.').next());
    assert!([before, after].iter().all(|token| keys.verify(&published(keys), &Algorithm::ALL, token).is_ok()));
}
