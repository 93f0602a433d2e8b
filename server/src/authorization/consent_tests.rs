//! The memory of consents, on both databases.

use super::consent::{Consent, Needed, asked_hash, decide, forget, needed, recall, remember};
use super::model_tests::client;
use super::{Claim, Claims, Decision, Prompt, Request};
use crate::dialect::Mount;
use crate::error::Code;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::testkit::Kit;

fn asks(names: &[&str], scopes: &[&str]) -> Request {
    let claims = names.iter().map(|name| Claim { name: (*name).into(), ..Claim::default() }).collect();
    Request {
        claims: Claims { userinfo: claims, ..Claims::default() },
        authorize_scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        ..Request::default()
    }
}

fn given(request: &Request, ends: Option<i64>) -> Consent {
    Consent {
        asked_hash: asked_hash(request),
        decision: Decision {
            accepted_claims: vec!["name".into()],
            permitted_scopes: Vec::new(),
            consent_expires: ends,
            receipt: Some(7),
        },
        signature: Some("header.signature".into()),
        statement: None,
        key: Some(9),
        given_at: 1,
    }
}

async fn keep(state: &AppState, mount: Mount, person: PersonId, consent: Consent) {
    let inner = state.clone();
    let work = state
        .store
        .write(move |tx| Box::pin(async move { remember(&inner, tx, mount, "clinic", person, &consent, 1).await }));
    work.await.unwrap();
}

async fn find(state: &AppState, mount: Mount, person: PersonId) -> Option<Consent> {
    let inner = state.clone();
    let work = state.store.read(move |tx| Box::pin(async move { recall(&inner, tx, mount, "clinic", person).await }));
    work.await.unwrap()
}

#[tokio::test]
async fn on_both_a_consent_is_kept_per_client_and_person_and_the_last_one_counts() {
    for kit in Kit::both().await {
        let (anna, ben) = (PersonId(1), PersonId(2));
        let request = asks(&["name"], &[]);
        let first = given(&request, None);
        keep(&kit.state, Mount::Op, anna, first.clone()).await;
        assert_eq!(find(&kit.state, Mount::Op, anna).await, Some(first));
        assert_eq!(find(&kit.state, Mount::Op, ben).await, None);
        assert_eq!(find(&kit.state, Mount::ESignet, anna).await, None);

        let now = kit.state.clock.now();
        let second = given(&asks(&["name", "email"], &[]), Some(now + 1000));
        keep(&kit.state, Mount::Op, anna, second.clone()).await;
        assert_eq!(find(&kit.state, Mount::Op, anna).await, Some(second.clone()));

        kit.clock.advance_seconds(1);
        keep(&kit.state, Mount::Op, ben, given(&request, None)).await;
        assert_eq!(super::expire(&kit.state).await.unwrap(), 1);
        assert_eq!(find(&kit.state, Mount::Op, anna).await, None);
        assert!(find(&kit.state, Mount::Op, ben).await.is_some());

        kit.state.store.write(move |tx| Box::pin(forget(tx, Mount::Op, "clinic", ben))).await.unwrap();
        assert_eq!(find(&kit.state, Mount::Op, ben).await, None);
    }
}

#[test]
fn what_was_agreed_to_stands_only_for_the_same_question() {
    let request = asks(&["name", "email"], &["Manage-VID"]);
    let consent = given(&request, Some(100));
    let stands =
        |request: &Request, signed, now| matches!(needed(request, Some(&consent), signed, now), Needed::Remembered(_));
    assert!(stands(&request, true, 99));
    assert!(stands(&asks(&["email", "name"], &["Manage-VID"]), true, 99), "in any order");
    assert!(!stands(&request, true, 100), "ended");
    assert!(!stands(&request, false, 99), "signature not good");
    assert!(!stands(&asks(&["name"], &["Manage-VID"]), true, 99));
    assert!(!stands(&asks(&["name", "email"], &[]), true, 99));
    let mut again = request.clone();
    again.prompt = vec![Prompt::Consent];
    assert!(!stands(&again, true, 99));
    let mut stronger = request.clone();
    stronger.claims.userinfo[0].essential = true;
    assert!(!stands(&stronger, true, 99));
    assert_eq!(needed(&asks(&[], &[]), None, false, 0), Needed::Nothing);
    assert_eq!(needed(&request, None, true, 0), Needed::Ask);
}

/// E7.
#[test]
fn e7_a_decision_holds_all_that_is_essential_and_nothing_unasked() {
    let mut request = asks(&["name", "email"], &["Manage-VID"]);
    request.claims.userinfo[0].essential = true;
    request.claims.id_token = vec![Claim { name: "gender".into(), essential: true, ..Claim::default() }];
    let mut clinic = client(Mount::Op);
    clinic.registration.additional.consent_expire_in_mins = Some(10);
    let of = |claims: &[&str], scopes: &[&str]| {
        let list = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).into()).collect() };
        decide(&request, &clinic, &list(claims), &list(scopes), 5)
    };
    let good = of(&["name", "gender", "name"], &["Manage-VID"]).unwrap();
    assert_eq!(good.accepted_claims, ["name", "gender"]);
    assert_eq!(good.consent_expires, Some(600_005));
    assert_eq!(of(&["name"], &[]), Err(Code::InvalidAcceptedClaim), "an essential claim of the ID token");
    assert_eq!(of(&["name", "gender", "phone"], &[]), Err(Code::InvalidAcceptedClaim));
    assert_eq!(of(&["name", "gender"], &["Manage-Credentials"]), Err(Code::InvalidPermittedScope));
}
