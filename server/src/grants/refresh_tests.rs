//! Refresh tokens: T18 to T21, and what ends them.

use futures::future::join_all;

use super::*;
use crate::config::{Config, Lifetimes};
use crate::dialect::Mount;
use crate::testkit::Kit;

fn approval() -> Approval {
    Approval {
        scopes: vec!["openid".into(), "profile".into(), "email".into(), "offline_access".into()],
        userinfo_claims: vec!["name".into(), "email".into(), "phone_number".into()],
        offline: true,
        ..super::tests::approval(None)
    }
}

fn shows(jkt: &str, jti: &str) -> Shown {
    let proof = Assertion::of_proof(Mount::Op, jkt, jti, 2_000_000_000);
    Shown { assertion: None, key: Some(HeldKey { jkt: jkt.into(), proof }) }
}

fn presented(code: &str, public: bool) -> Presented<'_> {
    Presented {
        mount: Mount::Op,
        client_id: "clinic",
        code,
        redirect_uri: Some("https://rp.test/cb"),
        code_verifier: None,
        code_seconds: None,
        refreshable: true,
        public,
    }
}

/// What a login with access while away gives: the code, the access token, the refresh token.
async fn login(kit: &Kit, approval: &Approval) -> (String, String, String) {
    let code = kit.code(approval).await;
    let issued = redeem(&kit.state, presented(&code, false), Shown::default()).await.unwrap();
    (code, issued.access_token, issued.refresh_token.unwrap())
}

fn refreshing(token: &str) -> Refreshing<'_> {
    Refreshing { mount: Mount::Op, client_id: "clinic", token, scopes: Scopes::All, rotates: true, public: false }
}

async fn refreshed(kit: &Kit, token: &str) -> Refreshed {
    refresh(&kit.state, refreshing(token), Shown::default()).await.unwrap()
}

async fn refusal(kit: &Kit, refreshing: Refreshing<'_>, shown: Shown) -> Option<NotRefreshed> {
    match refresh(&kit.state, refreshing, shown).await {
        Ok(_) => None,
        Err(RefreshError::Refused(why)) => Some(why),
        Err(RefreshError::Fault(fault)) => panic!("{fault}"),
    }
}

async fn lives(kit: &Kit, access: &str) -> bool {
    access_token(&kit.state, access).await.unwrap().is_some()
}

#[tokio::test]
async fn on_both_t18_a_replaced_token_ends_its_family() {
    for kit in Kit::both().await {
        let (_, access, first) = login(&kit, &approval()).await;
        let second = refreshed(&kit, &first).await;
        assert_eq!(second.approval, approval());
        let third = refreshed(&kit, second.refresh_token.as_deref().unwrap()).await;
        let last = third.refresh_token.unwrap();
        assert!(lives(&kit, &access).await && lives(&kit, &third.access_token).await);
        assert!(refresh_token(&kit.state, &last).await.unwrap().is_some());
        assert!(refresh_token(&kit.state, &first).await.unwrap().is_none());
        // However long ago it was replaced.
        assert_eq!(refusal(&kit, refreshing(&first), Shown::default()).await, Some(NotRefreshed::Replaced));
        for token in [&access, &second.access_token, &third.access_token] {
            assert!(!lives(&kit, token).await);
        }
        for token in [&first, &last] {
            assert_eq!(refusal(&kit, refreshing(token), Shown::default()).await, Some(NotRefreshed::Revoked));
        }
        assert!(refresh_token(&kit.state, &last).await.unwrap().is_none());
    }
}

/// Every second use is one by somebody who has a copy.
fn without_grace() -> Config {
    Config { lifetimes: Lifetimes { refresh_grace: 0, ..Lifetimes::default() }, ..Config::default() }
}

/// Of two nodes one reads its clock a moment before the other: that gives nobody a grace where there is none.
#[tokio::test]
async fn on_both_without_grace_a_clock_that_is_behind_gives_none() {
    for kit in Kit::both_with(&without_grace()).await {
        let (_, _, first) = login(&kit, &approval()).await;
        refreshed(&kit, &first).await;
        kit.clock.advance_seconds(-1);
        assert_eq!(refusal(&kit, refreshing(&first), Shown::default()).await, Some(NotRefreshed::Replaced));
    }
}

/// A client whose answer was lost asks again: the same successor, as long as that is not used, and only for a moment.
#[tokio::test]
async fn on_both_a_lost_answer_is_given_again_for_a_moment() {
    for kit in Kit::both().await {
        let (_, _, first) = login(&kit, &approval()).await;
        let lost = refreshed(&kit, &first).await;
        kit.clock.advance_seconds(4);
        let again = refreshed(&kit, &first).await;
        assert_eq!(again.refresh_token, lost.refresh_token);
        assert_ne!(again.access_token, lost.access_token);
        assert!(lives(&kit, &lost.access_token).await && lives(&kit, &again.access_token).await);
        // Whoever goes on with it ends that.
        let next = refreshed(&kit, again.refresh_token.as_deref().unwrap()).await;
        assert!(refresh_token(&kit.state, next.refresh_token.as_deref().unwrap()).await.unwrap().is_some());
        assert_eq!(refusal(&kit, refreshing(&first), Shown::default()).await, Some(NotRefreshed::Replaced));
        assert!(!lives(&kit, &next.access_token).await);
        // Later it is what it always was.
        let (_, _, first) = login(&kit, &approval()).await;
        let late = refreshed(&kit, &first).await;
        kit.clock.advance_seconds(5);
        assert_eq!(refusal(&kit, refreshing(&first), Shown::default()).await, Some(NotRefreshed::Replaced));
        assert!(!lives(&kit, &late.access_token).await);
    }
}

/// The same use is by the same client, with the same key, and of a client that is known by more than its name.
#[tokio::test]
async fn on_both_a_lost_answer_is_given_again_to_nobody_else() {
    for kit in Kit::both().await {
        let of_public = |token| Refreshing { public: true, ..refreshing(token) };
        let code = kit.code(&approval()).await;
        let bound = redeem(&kit.state, presented(&code, true), shows("own", "1")).await.unwrap().refresh_token.unwrap();
        let lost = refresh(&kit.state, of_public(&bound), shows("own", "2")).await.unwrap();
        let other = Refreshing { client_id: "other", ..of_public(&bound) };
        assert_eq!(refusal(&kit, other, shows("own", "3")).await, Some(NotRefreshed::OtherClient));
        assert_eq!(refusal(&kit, of_public(&bound), shows("another", "4")).await, Some(NotRefreshed::OtherKey));
        let again = refresh(&kit.state, of_public(&bound), shows("own", "5")).await.unwrap();
        assert_eq!(again.refresh_token, lost.refresh_token);
        // A client that proved who it is may change its key, and then it is another use.
        let (_, _, free) = login(&kit, &approval()).await;
        refresh(&kit.state, refreshing(&free), shows("own", "6")).await.unwrap();
        assert_eq!(refusal(&kit, refreshing(&free), shows("another", "7")).await, Some(NotRefreshed::Replaced));
        // Without a key anybody could be that public client.
        let code = kit.code(&approval()).await;
        let unbound = redeem(&kit.state, presented(&code, true), Shown::default()).await.unwrap();
        let unbound = unbound.refresh_token.unwrap();
        refresh(&kit.state, of_public(&unbound), Shown::default()).await.unwrap();
        assert_eq!(refusal(&kit, of_public(&unbound), Shown::default()).await, Some(NotRefreshed::Replaced));
    }
}

/// Of fifty who are the same client all have one successor.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_fifty_who_lost_the_answer_have_one_successor() {
    let grace = Config { lifetimes: Lifetimes { refresh_grace: 60, ..Lifetimes::default() }, ..Config::default() };
    for kit in Kit::both_with(&grace).await {
        let (_, _, token) = login(&kit, &approval()).await;
        let tries = join_all((0..50).map(|_| {
            let (state, token) = (kit.state.clone(), token.clone());
            tokio::spawn(async move { refresh(&state, refreshing(&token), Shown::default()).await })
        }));
        let mut successors = Vec::new();
        for outcome in tries.await {
            match outcome.unwrap() {
                Ok(refreshed) => successors.push(refreshed.refresh_token.unwrap()),
                Err(RefreshError::Fault(Fault::Store(StoreError::Busy))) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(!successors.is_empty());
        successors.dedup();
        assert_eq!(successors.len(), 1);
        assert!(refresh_token(&kit.state, &successors[0]).await.unwrap().is_some());
    }
}

/// T19: of fifty at once one is first, and the others are uses of what it replaced.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_t19_of_fifty_who_use_one_refresh_token_none_keeps_a_second_pair() {
    for kit in Kit::both_with(&without_grace()).await {
        let (_, _, token) = login(&kit, &approval()).await;
        let tries = join_all((0..50).map(|_| {
            let (state, token) = (kit.state.clone(), token.clone());
            tokio::spawn(async move { refresh(&state, refreshing(&token), Shown::default()).await })
        }));
        let (mut won, mut refused) = (Vec::new(), 0);
        for outcome in tries.await {
            match outcome.unwrap() {
                Ok(refreshed) => won.push(refreshed),
                Err(RefreshError::Refused(NotRefreshed::Replaced | NotRefreshed::Revoked)) => refused += 1,
                // On a machine that is busy with other tests some may be told to come back.
                Err(RefreshError::Fault(Fault::Store(StoreError::Busy))) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(won.len() == 1 && refused > 0, "{} {refused}", won.len());
        assert!(!lives(&kit, &won[0].access_token).await);
        assert!(refresh_token(&kit.state, won[0].refresh_token.as_deref().unwrap()).await.unwrap().is_none());
    }
}

/// T20: what was revoked stays so, whatever the process forgets.
#[tokio::test]
async fn on_both_t20_a_revoked_token_is_dead_after_a_restart() {
    for kit in Kit::both().await {
        let (_, access, token) = login(&kit, &approval()).await;
        let newer = refreshed(&kit, &token).await;
        let (state, newest) = (&kit.state, newer.refresh_token.unwrap());
        // C7: another client's is left alone.
        for (mount, client) in [(Mount::Op, "other"), (Mount::ESignet, "clinic")] {
            let revoked = revoke(state, mount, client, &newest, Shown::default()).await.unwrap();
            assert_eq!(revoked, Revoked::Nothing);
        }
        assert_eq!(revoke(state, Mount::Op, "clinic", &newest, Shown::default()).await.unwrap(), Revoked::Now);
        assert_eq!(revoke(state, Mount::Op, "clinic", &newest, Shown::default()).await.unwrap(), Revoked::Nothing);
        let restarted = kit.restarted().await;
        assert_eq!(refusal(&restarted, refreshing(&newest), Shown::default()).await, Some(NotRefreshed::Revoked));
        assert!(!lives(&restarted, &access).await && !lives(&restarted, &newer.access_token).await);
    }
}

/// Revoking races with use: whichever comes first, nothing lives afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_nothing_lives_after_a_revocation_that_races_with_fifty_uses() {
    for kit in Kit::both().await {
        let (_, access, token) = login(&kit, &approval()).await;
        let uses = (0..50).map(|_| {
            let (state, token) = (kit.state.clone(), token.clone());
            tokio::spawn(async move {
                let refreshing = Refreshing { rotates: false, ..refreshing(&token) };
                refresh(&state, refreshing, Shown::default()).await.ok()
            })
        });
        let uses = join_all(uses);
        let state = kit.state.clone();
        let revoking = async {
            loop {
                // On a busy machine it may be told to come back.
                match revoke(&state, Mount::Op, "clinic", &token, Shown::default()).await {
                    Ok(revoked) => break revoked,
                    Err(StoreError::Busy) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let (used, revoked) = tokio::join!(uses, revoking);
        assert_eq!(revoked, Revoked::Now);
        assert!(!lives(&kit, &access).await);
        for refreshed in used.into_iter().filter_map(Result::unwrap) {
            assert!(!lives(&kit, &refreshed.access_token).await);
        }
    }
}

#[tokio::test]
async fn on_both_t21_a_token_is_its_clients_own_and_gives_no_more_than_was_granted() {
    for kit in Kit::both().await {
        let (_, _, token) = login(&kit, &approval()).await;
        let other = Refreshing { client_id: "other", ..refreshing(&token) };
        assert_eq!(refusal(&kit, other, Shown::default()).await, Some(NotRefreshed::OtherClient));
        let elsewhere = Refreshing { mount: Mount::ESignet, ..refreshing(&token) };
        assert_eq!(refusal(&kit, elsewhere, Shown::default()).await, Some(NotRefreshed::OtherClient));
        let only = |scopes: &[&str]| Scopes::Only(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let wider = Refreshing { scopes: only(&["openid", "phone"]), ..refreshing(&token) };
        assert_eq!(refusal(&kit, wider, Shown::default()).await, Some(NotRefreshed::Scope));
        // Altered anywhere, it is unknown and harms nobody.
        for place in [0, 10, 21, 22, 40, 63] {
            let mut bytes = token.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            let why = refusal(&kit, refreshing(&altered), Shown::default()).await;
            assert_eq!(why, Some(NotRefreshed::Unknown), "{place}");
        }
        // C2: a refresh token is no access token, no code, and the other way round.
        assert!(!lives(&kit, &token).await);
        let (code, access, _) = login(&kit, &approval()).await;
        for foreign in [&code, &access] {
            assert_eq!(refusal(&kit, refreshing(foreign), Shown::default()).await, Some(NotRefreshed::Unknown));
        }
        // Narrower is allowed; the claims of what was left out go with it, and the next may be as wide as before.
        let narrow = Refreshing { scopes: only(&["openid", "profile"]), ..refreshing(&token) };
        let narrowed = refresh(&kit.state, narrow, Shown::default()).await.unwrap();
        assert_eq!(narrowed.approval.scopes, ["openid", "profile"]);
        let Grant::Login(told) = access_token(&kit.state, &narrowed.access_token).await.unwrap().unwrap().grant else {
            panic!("no login")
        };
        assert_eq!(
            (&told.scopes, &told.userinfo_claims),
            (&narrowed.approval.scopes, &narrowed.approval.userinfo_claims)
        );
        assert_eq!(told.userinfo_claims, ["name", "phone_number"]);
        let wide = refreshed(&kit, narrowed.refresh_token.as_deref().unwrap()).await;
        assert_eq!(wide.approval.scopes, approval().scopes);
    }
}

/// T1, RFC 6749 §4.1.2: the code's second use ends what came of the first, refresh tokens included.
#[tokio::test]
async fn on_both_t1_the_second_use_of_a_code_ends_the_family() {
    for kit in Kit::both().await {
        let (code, access, token) = login(&kit, &approval()).await;
        let newer = refreshed(&kit, &token).await;
        let again = redeem(&kit.state, presented(&code, false), Shown::default()).await;
        assert!(matches!(again, Err(RedeemError::Refused(NotRedeemed::Used))));
        assert!(!lives(&kit, &access).await && !lives(&kit, &newer.access_token).await);
        let why = refusal(&kit, refreshing(newer.refresh_token.as_deref().unwrap()), Shown::default()).await;
        assert_eq!(why, Some(NotRefreshed::Revoked));
    }
}

/// OWASP ASVS 10.4.8: a family has an absolute end, and what it gives does not outlive it.
#[tokio::test]
async fn a_family_ends_with_its_days_or_with_the_consent() {
    let kit = Kit::new().await;
    let (_, _, token) = login(&kit, &approval()).await;
    kit.clock.advance_seconds(30 * 86_400 - 600);
    let late = refreshed(&kit, &token).await;
    assert_eq!(late.expires_in, 600);
    kit.clock.advance_seconds(600);
    let why = refusal(&kit, refreshing(late.refresh_token.as_deref().unwrap()), Shown::default()).await;
    assert_eq!(why, Some(NotRefreshed::Expired));
    assert!(!lives(&kit, &late.access_token).await);

    let soon = kit.state.clock.now() + 1_000_000;
    let (_, _, token) = login(&kit, &Approval { consent_expires: Some(soon), ..approval() }).await;
    kit.clock.advance_seconds(1000);
    assert_eq!(refusal(&kit, refreshing(&token), Shown::default()).await, Some(NotRefreshed::Expired));
    // In the end no row is left.
    kit.clock.advance_seconds(4000);
    while expire(&kit.state).await.unwrap() > 0 {}
    assert_eq!(refusal(&kit, refreshing(&token), Shown::default()).await, Some(NotRefreshed::Unknown));
}

#[tokio::test]
async fn a_refresh_token_is_given_only_to_who_may_have_one() {
    let kit = Kit::new().await;
    for (offline, refreshable) in [(false, true), (true, false)] {
        let code = kit.code(&Approval { offline, ..approval() }).await;
        let presented = Presented { refreshable, ..presented(&code, false) };
        let issued = redeem(&kit.state, presented, Shown::default()).await.unwrap();
        assert!(issued.refresh_token.is_none());
    }
}

/// RFC 9449 §5: that of a public client is bound to its key; a confidential client may change its key.
#[tokio::test]
async fn on_both_a_public_clients_token_is_bound_to_its_key() {
    for kit in Kit::both().await {
        let of = |public, jti| {
            let kit = &kit;
            async move {
                let code = kit.code(&approval()).await;
                let issued = redeem(&kit.state, presented(&code, public), shows("own", jti)).await.unwrap();
                issued.refresh_token.unwrap()
            }
        };
        let (bound, free) = (of(true, "1").await, of(false, "2").await);
        for shown in [Shown::default(), shows("another", "3")] {
            assert_eq!(refusal(&kit, refreshing(&bound), shown).await, Some(NotRefreshed::OtherKey));
        }
        let same = refresh(&kit.state, refreshing(&bound), shows("own", "4")).await.unwrap();
        let token = access_token(&kit.state, &same.access_token).await.unwrap().unwrap();
        assert_eq!(token.dpop_jkt.as_deref(), Some("own"));
        let other = refresh(&kit.state, refreshing(&free), shows("another", "5")).await.unwrap();
        let token = access_token(&kit.state, &other.access_token).await.unwrap().unwrap();
        assert_eq!(token.dpop_jkt.as_deref(), Some("another"));
    }
}

/// FAPI 2.0 §5.3.2.1: without rotation the token stays good.
#[tokio::test]
async fn a_token_that_is_not_replaced_stays_good() {
    let kit = Kit::new().await;
    let (_, _, token) = login(&kit, &approval()).await;
    let mut given = Vec::new();
    for _ in 0..3 {
        let kept = Refreshing { rotates: false, ..refreshing(&token) };
        let refreshed = refresh(&kit.state, kept, Shown::default()).await.unwrap();
        assert!(refreshed.refresh_token.is_none());
        given.push(refreshed.access_token);
    }
    for token in &given {
        assert!(lives(&kit, token).await);
    }
}

/// GS-PRI: whoever reads the database learns neither who logged in, nor a token that can be used.
#[tokio::test]
async fn what_is_stored_of_a_family_tells_neither_token_nor_person() {
    let kit = Kit::new().await;
    let (_, _, token) = login(&kit, &approval()).await;
    let rows = kit.state.store.read(|tx| {
        let sql = "SELECT hex(seed) || hex(approval) || mount || client_id FROM token_family";
        Box::pin(async move { crate::fetch_all!(tx, (String,), sql) })
    });
    let rows: Vec<(String,)> = rows.await.unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let secret = protocol::base64url::decode(&token).unwrap()[16..].to_vec();
    for clear in [b"person".to_vec(), b"offline".to_vec(), secret] {
        assert!(!rows[0].0.contains(&hex(&clear)));
    }
}
