//! Sessions on both databases: begun, found by their cookie, renewed, ended, and raced.

use axum::http::{HeaderMap, HeaderValue, header};

use super::*;
use crate::testkit::Kit;

impl NewSession {
    /// One at `/op`, begun now by a one-time password.
    pub(crate) fn by_otp(kit: &Kit, person: PersonId) -> Self {
        Self {
            mount: Mount::Op,
            person,
            auth_time: kit.state.clock.now(),
            acr: "mosip:idp:acr:generated-code".into(),
            amr: vec!["otp".into()],
            only_for: None,
            replaces: None,
            key: None,
        }
    }
}

pub(super) async fn started(kit: &Kit, new: NewSession) -> Begun {
    let state = kit.state.clone();
    let work = kit.state.store.write(move |tx| Box::pin(async move { begin(&state, tx, new).await }));
    work.await.unwrap()
}

pub(super) async fn touched(kit: &Kit, session: i64, client_id: &'static str) -> Option<String> {
    let state = kit.state.clone();
    let work =
        kit.state.store.write(move |tx| Box::pin(async move { touch_client(&state, tx, session, client_id).await }));
    work.await.unwrap()
}

pub(super) async fn ended(kit: &Kit, session: i64) -> bool {
    let state = kit.state.clone();
    kit.state.store.write(move |tx| Box::pin(async move { end(&state, tx, session).await })).await.unwrap()
}

async fn notices(kit: &Kit) -> Vec<String> {
    let rows = kit.state.store.read(|tx| {
        Box::pin(async move { crate::fetch_all!(tx, (String,), "SELECT client_id FROM logout_notice ORDER BY id") })
    });
    let rows: Result<Vec<(String,)>, StoreError> = rows.await;
    rows.unwrap().into_iter().map(|(client,)| client).collect()
}

/// What a browser shows that took the cookies of an answer.
fn shows(kit: &Kit, mount: Mount, value: &str) -> HeaderMap {
    let set = cookie::set(&kit.state, mount, value).unwrap();
    let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&pair).unwrap())])
}

#[tokio::test]
async fn on_both_a_session_is_found_by_its_cookie_at_its_issuer_until_it_ends() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        let shown = shows(&kit, Mount::Op, &begun.cookie);
        let found = find(&kit.state, Mount::Op, &shown).await.unwrap().unwrap();
        assert_eq!((found.row, found.person, found.mount), (begun.row, anna, Mount::Op));
        assert_eq!(
            (found.acr.as_str(), found.amr.as_slice()),
            ("mosip:idp:acr:generated-code", &["otp".to_owned()][..])
        );
        assert!(find(&kit.state, Mount::GovStack, &shown).await.unwrap().is_none(), "a mount without sessions");
        assert!(find(&kit.state, Mount::Op, &HeaderMap::new()).await.unwrap().is_none());
        let other = kit.state.mint(Kind::LoginSession).text;
        assert!(find(&kit.state, Mount::Op, &shows(&kit, Mount::Op, &other)).await.unwrap().is_none());
        // The right id with another secret.
        let forged = kit.state.ids.mint_for(Kind::LoginSession, begun.row, &*kit.state.rng).text;
        assert!(find(&kit.state, Mount::Op, &shows(&kit, Mount::Op, &forged)).await.unwrap().is_none());

        assert!(ended(&kit, begun.row).await);
        assert!(!ended(&kit, begun.row).await, "once");
        assert!(find(&kit.state, Mount::Op, &shown).await.unwrap().is_none());
        assert_eq!(touched(&kit, begun.row, "shop").await, None);
    }
}

#[tokio::test]
async fn on_both_a_session_ends_by_itself_and_is_forgotten() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "shop").await.unwrap();
        let shown = shows(&kit, Mount::Op, &begun.cookie);
        kit.clock.advance_seconds(i64::from(kit.state.config.lifetimes.login) - 1);
        assert!(find(&kit.state, Mount::Op, &shown).await.unwrap().is_some());
        assert_eq!(expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(1);
        assert!(find(&kit.state, Mount::Op, &shown).await.unwrap().is_none());
        assert_eq!(touched(&kit, begun.row, "shop").await, None);
        kit.clock.advance_seconds(1);
        assert_eq!(expire(&kit.state).await.unwrap(), 1);
        assert_eq!(expire(&kit.state).await.unwrap(), 0);
    }
}

/// A client's `sid` is its own, the same each time, and leads to the session for that client only.
#[tokio::test]
async fn on_both_each_client_has_a_sid_of_its_own() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        let shop = touched(&kit, begun.row, "shop").await.unwrap();
        let bank = touched(&kit, begun.row, "bank").await.unwrap();
        assert_ne!(shop, bank);
        assert_eq!(touched(&kit, begun.row, "shop").await.unwrap(), shop);
        assert_eq!(of_sid(&kit.state, "shop", &shop).await.unwrap().unwrap().row, begun.row);
        assert_eq!(of_sid(&kit.state, "shop", &bank).await.unwrap(), None);
        assert_eq!(of_sid(&kit.state, "shop", "x").await.unwrap(), None);
        let listed = of_person(&kit.state, anna).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].clients, ["shop", "bank"]);
        let row = begun.row;
        let has = async |client_id: &'static str| {
            kit.state.store.read(move |tx| Box::pin(has_client(tx, row, client_id))).await.unwrap()
        };
        assert!(has("shop").await && has("bank").await && !has("other").await);
        ended(&kit, begun.row).await;
        assert!(!has("shop").await);
    }
}

/// E9: each proof gives another cookie. The same person's session goes on, with its clients; another person's ends, and its
/// clients are told.
#[tokio::test]
async fn on_both_e9_a_proof_renews_the_browsers_session_or_ends_another_persons() {
    for kit in Kit::both().await {
        let (anna, ben) = (kit.person("1000000001").await, kit.person("1000000002").await);
        let first = started(&kit, NewSession::by_otp(&kit, anna)).await;
        let sid = touched(&kit, first.row, "shop").await;
        kit.clock.advance_seconds(30);
        let again = started(&kit, NewSession { replaces: Some(first.row), ..NewSession::by_otp(&kit, anna) }).await;
        assert_eq!(again.row, first.row);
        assert_ne!(again.cookie, first.cookie);
        assert!(find(&kit.state, Mount::Op, &shows(&kit, Mount::Op, &first.cookie)).await.unwrap().is_none());
        let found = find(&kit.state, Mount::Op, &shows(&kit, Mount::Op, &again.cookie)).await.unwrap().unwrap();
        assert_eq!(found.auth_time, kit.state.clock.now());
        assert_eq!(touched(&kit, again.row, "shop").await, sid);
        assert!(notices(&kit).await.is_empty());

        let bens = started(&kit, NewSession { replaces: Some(first.row), ..NewSession::by_otp(&kit, ben) }).await;
        assert_ne!(bens.row, first.row);
        assert!(find(&kit.state, Mount::Op, &shows(&kit, Mount::Op, &again.cookie)).await.unwrap().is_none());
        assert_eq!(notices(&kit).await, ["shop"]);
    }
}

/// A session that is over is not renewed, and whoever was logged in with it is not logged out by the next login.
#[tokio::test]
async fn on_both_what_is_over_is_neither_renewed_nor_told() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let first = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, first.row, "shop").await.unwrap();
        kit.clock.advance_seconds(i64::from(kit.state.config.lifetimes.login));
        let next = started(&kit, NewSession { replaces: Some(first.row), ..NewSession::by_otp(&kit, anna) }).await;
        assert_ne!(next.row, first.row);
        assert!(notices(&kit).await.is_empty());
    }
}

/// Nobody ends what is another's; a person's own ends from any browser, and all its clients are told once.
#[tokio::test]
async fn on_both_a_person_ends_a_session_by_its_name() {
    for kit in Kit::both().await {
        let (anna, ben) = (kit.person("1000000001").await, kit.person("1000000002").await);
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "shop").await.unwrap();
        touched(&kit, begun.row, "bank").await.unwrap();
        let name = of_person(&kit.state, anna).await.unwrap()[0].name.clone();
        assert!(!end_named(&kit.state, ben, &name).await.unwrap());
        assert!(!end_named(&kit.state, anna, "x").await.unwrap());
        assert_eq!(of_person(&kit.state, anna).await.unwrap().len(), 1);
        assert!(end_named(&kit.state, anna, &name).await.unwrap());
        assert!(!end_named(&kit.state, anna, &name).await.unwrap());
        assert!(of_person(&kit.state, anna).await.unwrap().is_empty());
        assert_eq!(notices(&kit).await, ["shop", "bank"]);
    }
}

/// A client that is logged in to while the session ends is either refused, or told of the end.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_login_and_an_end_at_the_same_time_leave_no_client_untold() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        for _ in 0..20 {
            let before = notices(&kit).await.len();
            let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
            let (taken, gone) = futures::join!(touched(&kit, begun.row, "shop"), ended(&kit, begun.row));
            assert!(gone);
            assert_eq!(notices(&kit).await.len() - before, usize::from(taken.is_some()));
        }
    }
}

/// Of many that end a session one does, and each client is told once.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_fifty_ends_one_counts() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "shop").await.unwrap();
        let all = futures::future::join_all((0..50).map(|_| ended(&kit, begun.row))).await;
        assert_eq!(all.into_iter().filter(|ended| *ended).count(), 1);
        assert_eq!(notices(&kit).await, ["shop"]);
    }
}

/// A withdrawal takes one client out of the person's sessions, and tells it; the sessions go on.
#[tokio::test]
async fn on_both_a_withdrawal_tells_its_client_and_nobody_else() {
    for kit in Kit::both().await {
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        let sid = touched(&kit, begun.row, "shop").await.unwrap();
        touched(&kit, begun.row, "bank").await.unwrap();
        let state = kit.state.clone();
        let left =
            kit.state.store.write(move |tx| Box::pin(async move { leave(&state, tx, anna, Mount::Op, "shop").await }));
        left.await.unwrap();
        assert_eq!(notices(&kit).await, ["shop"]);
        assert_eq!(of_sid(&kit.state, "shop", &sid).await.unwrap(), None);
        assert_eq!(of_person(&kit.state, anna).await.unwrap()[0].clients, ["bank"]);
    }
}

/// A session that a wallet on another device approved serves the client that it approved, and no other.
#[tokio::test]
async fn a_relayed_approval_opens_one_client_only() {
    let kit = Kit::new().await;
    let anna = kit.person("1000000001").await;
    let begun = started(&kit, NewSession { only_for: Some("shop".into()), ..NewSession::by_otp(&kit, anna) }).await;
    let shown = shows(&kit, Mount::Op, &begun.cookie);
    let found = find(&kit.state, Mount::Op, &shown).await.unwrap().unwrap();
    assert!(found.serves("shop") && !found.serves("bank"));
    assert!(found.is_younger_than(0, kit.state.clock.now()));
    assert!(!found.is_younger_than(10, kit.state.clock.now() + 10_001));
}
