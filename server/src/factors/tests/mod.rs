//! Factors over every channel: cases E1 to E4, E10, and GS-VAP-03.

mod sending;

use protocol::linked::Challenge;
use serde_json::json;

use super::*;
use crate::config::{Config, Delivery};
use crate::error::ApiError;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId};
use crate::testkit::Kit;

const ANNA: &str = "8267411571";
const MAIL: &str = "anna@example.org";
const PIN: &str = "480273";
const LOGIN: OtpFor = OtpFor::Transaction(1);
const LINKED: OtpFor = OtpFor::Linked(1);

async fn anna(state: &AppState) -> PersonId {
    let attributes = json!({ "email": MAIL, "phone_number": "+491701234567" });
    let person = NewPerson {
        identifiers: vec![
            Identifier { kind: IdentifierKind::Uin, value: ANNA.into() },
            Identifier { kind: IdentifierKind::Handle, value: MAIL.into() },
        ],
        attributes: attributes.as_object().unwrap().clone(),
        ..NewPerson::default()
    };
    registry::add(state, person).await.unwrap()
}

fn otp(value: &str) -> Challenge {
    Challenge { auth_factor_type: "OTP".into(), challenge: value.into(), format: "alpha-numeric".into() }
}

fn pin(value: &str) -> Challenge {
    Challenge { auth_factor_type: "PIN".into(), challenge: value.into(), format: "number".into() }
}

async fn send(state: &AppState, purpose: OtpFor) -> String {
    send_otp(state, purpose, ANNA, &["email".into()]).await.unwrap();
    captured::otps(state, MAIL).pop().unwrap()
}

async fn prove(state: &AppState, purpose: OtpFor, id: &str, given: Challenge) -> Result<Verified, ApiError> {
    verify(state, Mount::ESignet, purpose, id, &[given]).await
}

/// The code of a refusal; `ok` where there is none.
fn code<T>(result: &Result<T, ApiError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(ApiError::Refused(codes)) => codes[0].0.name(),
        Err(other) => panic!("{other:?}"),
    }
}

/// The code of an answer, and how often it was asked for in vain before, because the database was too busy. What was
/// counted then may have been lost.
async fn persist<T>(ask: impl AsyncFn() -> Result<T, ApiError>) -> (&'static str, usize) {
    let mut lost = 0;
    loop {
        match ask().await {
            Err(ApiError::Unavailable) => lost += 1,
            answer => return (code(&answer), lost),
        }
    }
}

/// How many answers have this code, and how many were lost.
fn tally(answers: &[(&'static str, usize)], code: &str) -> (usize, usize) {
    (answers.iter().filter(|(told, _)| *told == code).count(), answers.iter().map(|(_, lost)| lost).sum())
}

/// Anything but the OTP.
fn wrong(right: &str) -> String {
    right.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

/// GS-VAP-03: several factors, and the answer tells which.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_vap_03_otp_and_pin_prove_the_same_person_by_other_methods() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = anna(state).await;
        set_pin(state, person, PIN).await.unwrap();
        let by_otp = prove(state, LOGIN, ANNA, otp(&send(state, LOGIN).await)).await.unwrap();
        let by_pin = prove(state, LINKED, MAIL, pin(PIN)).await.unwrap();
        assert_eq!(by_otp, Verified { person, amr: vec!["otp"] });
        assert_eq!(by_pin, Verified { person, amr: vec!["pin"] });
        let both = [pin(PIN), otp(&send(state, LINKED).await)];
        let by_both = verify(state, Mount::ESignet, LINKED, ANNA, &both).await.unwrap();
        assert_eq!(by_both.amr, ["otp", "pin"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_factors_of_a_list_must_be_right() {
    let kit = Kit::new().await;
    let state = &kit.state;
    let person = anna(state).await;
    set_pin(state, person, PIN).await.unwrap();
    let right = send(state, LOGIN).await;
    for list in [[pin("480274"), otp(&right)], [pin(PIN), otp(&wrong(&right))]] {
        assert_eq!(code(&verify(state, Mount::ESignet, LOGIN, ANNA, &list).await), "auth_failed");
    }
    // The wrong PIN took nothing away.
    assert_eq!(code(&verify(state, Mount::ESignet, LOGIN, ANNA, &[pin(PIN), otp(&right)]).await), "ok");
}

/// Case E1: wrong guesses on one channel lock all of them, and the right OTP is refused too.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_e1_after_the_limit_even_the_right_otp_is_refused_on_every_channel() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let right = send(state, LINKED).await;
        let guesses = [LOGIN, LOGIN, LOGIN, OtpFor::Transaction(2), OtpFor::Binding];
        for purpose in guesses {
            assert!(matches!(code(&prove(state, purpose, ANNA, otp(&wrong(&right))).await), "auth_failed"));
        }
        for _ in 0..20 {
            assert_eq!(code(&prove(state, LINKED, ANNA, otp(&wrong(&right))).await), "individual_id_blocked");
        }
        assert_eq!(code(&prove(state, LINKED, ANNA, otp(&right)).await), "individual_id_blocked");
        assert_eq!(code(&prove(state, LINKED, MAIL, otp(&right)).await), "individual_id_blocked");
        assert_eq!(code(&prove(state, LOGIN, ANNA, otp(&right)).await), "no_attempts_left");
        assert_eq!(code(&send_otp(state, LINKED, ANNA, &["email".into()]).await), "individual_id_blocked");
        kit.clock.advance_seconds(601);
        let right = send(state, LINKED).await;
        assert_eq!(code(&prove(state, LINKED, ANNA, otp(&right)).await), "ok");
    }
}

/// The operator ends a lock-out, whatever its length; the guesses of the transaction stay counted.
#[tokio::test]
async fn on_both_an_unlocked_person_may_guess_again_from_the_first() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = anna(state).await;
        let right = send(state, OtpFor::Binding).await;
        assert!(!unlock(state, person).await.unwrap());
        for _ in 0..2 {
            for n in 0..5 {
                assert_eq!(code(&prove(state, OtpFor::Transaction(n), ANNA, otp("000000")).await), "auth_failed");
            }
            assert_eq!(code(&prove(state, OtpFor::Binding, ANNA, otp(&right)).await), "individual_id_blocked");
            assert!(unlock(state, person).await.unwrap());
        }
        assert_eq!(code(&prove(state, OtpFor::Binding, ANNA, otp(&right)).await), "ok");
    }
}

#[tokio::test]
async fn on_both_each_further_lock_out_lasts_longer_until_a_right_guess() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let lock = async |transaction: i64| {
            for n in 0..5 {
                let purpose = OtpFor::Transaction(transaction * 10 + n);
                assert_eq!(code(&prove(state, purpose, ANNA, otp("000000")).await), "auth_failed");
            }
            assert_eq!(code(&prove(state, LINKED, ANNA, otp("000000")).await), "individual_id_blocked");
        };
        lock(1).await;
        kit.clock.advance_seconds(601);
        lock(2).await;
        kit.clock.advance_seconds(601);
        assert_eq!(code(&prove(state, LINKED, ANNA, otp("000000")).await), "individual_id_blocked");
        kit.clock.advance_seconds(600);
        let right = send(state, LINKED).await;
        assert_eq!(code(&prove(state, LINKED, ANNA, otp(&right)).await), "ok");
        lock(3).await;
        kit.clock.advance_seconds(601);
        assert_eq!(code(&prove(state, LINKED, ANNA, otp("000000")).await), "auth_failed");
    }
}

/// Case E2: parallel guesses are never more than the limit.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_e2_of_fifty_guesses_at_once_no_more_than_the_limit_are_looked_at() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let right = send(state, OtpFor::Binding).await;
        let guess = |n: i64| {
            let (state, value) = (state.clone(), format!("{n:06}"));
            // Each from a transaction of its own, so that only the person's limit can hold them.
            async move { persist(async || prove(&state, OtpFor::Transaction(n), ANNA, otp(&value)).await).await }
        };
        let answers = futures::future::join_all((0..50).map(guess)).await;
        let (looked_at, lost) = tally(&answers, "auth_failed");
        assert!(looked_at <= 5 && looked_at + lost >= 5, "{answers:?}");
        assert_eq!(looked_at + tally(&answers, "individual_id_blocked").0, 50, "{answers:?}");
        assert_eq!(code(&prove(state, OtpFor::Binding, ANNA, otp(&right)).await), "individual_id_blocked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_fifty_who_send_the_right_otp_at_once_one_wins() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let right = send(state, LOGIN).await;
        let guess = |_| {
            let (state, value) = (state.clone(), right.clone());
            async move { persist(async || prove(&state, LOGIN, ANNA, otp(&value)).await).await }
        };
        let answers = futures::future::join_all((0..50).map(guess)).await;
        let (won, lost) = tally(&answers, "ok");
        assert!(won <= 1 && won + lost >= 1, "{answers:?}");
    }
}

/// Case E3: an OTP after its life, of another transaction, a second time, or replaced by a newer one.
#[tokio::test]
async fn on_both_e3_an_otp_is_good_once_in_its_time_for_its_transaction() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        let right = send(state, LOGIN).await;
        for other in [OtpFor::Transaction(2), LINKED, OtpFor::Binding] {
            assert_eq!(code(&prove(state, other, ANNA, otp(&right)).await), "auth_failed");
        }
        assert_eq!(code(&prove(state, LOGIN, ANNA, otp(&right)).await), "ok");
        assert_eq!(code(&prove(state, LOGIN, ANNA, otp(&right)).await), "auth_failed");
        let late = send(state, LINKED).await;
        kit.clock.advance_seconds(180);
        assert_eq!(code(&prove(state, LINKED, ANNA, otp(&late)).await), "auth_failed");
        let (older, newer) = (send(state, LOGIN).await, send(state, LOGIN).await);
        assert_eq!(code(&prove(state, LOGIN, ANNA, otp(&older)).await), "auth_failed");
        assert_eq!(code(&prove(state, LOGIN, ANNA, otp(&newer)).await), "ok");
    }
}

/// An OTP for binding has no transaction whose attempts could end: it dies of its own wrong guesses, even where another
/// right factor in between makes the person's count begin again.
#[tokio::test]
async fn on_both_an_otp_dies_of_three_wrong_guesses() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = anna(state).await;
        set_pin(state, person, PIN).await.unwrap();
        let right = send(state, OtpFor::Binding).await;
        for _ in 0..3 {
            assert_eq!(code(&prove(state, OtpFor::Binding, ANNA, otp(&wrong(&right))).await), "auth_failed");
            assert_eq!(code(&prove(state, LOGIN, ANNA, pin(PIN)).await), "ok");
        }
        assert_eq!(code(&prove(state, OtpFor::Binding, ANNA, otp(&right)).await), "auth_failed");
    }
}

/// Case E4: nobody answers like somebody who is wrong, down to the lock-out; only blank and malformed are told.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_e4_an_unknown_person_answers_like_a_wrong_factor() {
    for kit in Kit::both().await {
        let state = &kit.state;
        let person = anna(state).await;
        set_pin(state, person, PIN).await.unwrap();
        let channels = ["email".to_owned(), "phone".to_owned()];
        let mut stories = Vec::new();
        for id in [ANNA, "0000000000"] {
            let masked = send_otp(state, OtpFor::Transaction(7), id, &channels).await.unwrap();
            let again = send_otp(state, OtpFor::Transaction(7), id, &channels).await.unwrap();
            assert_eq!(masked, again);
            let mut story = vec![masked.email.unwrap().len().to_string(), masked.phone.unwrap().len().to_string()];
            for n in 0..7 {
                let given = if n % 2 == 0 { otp("000000") } else { pin("480274") };
                story.push(code(&prove(state, OtpFor::Transaction(100 + n), id, given).await).into());
            }
            stories.push(story);
            // Both stories tell of the same transactions; the second begins with fresh ones.
            kit.clock.advance_seconds(3600);
        }
        assert_eq!(stories[0], stories[1]);
        for id in ["", " ", "a b"] {
            assert_eq!(code(&prove(state, LOGIN, id, pin(PIN)).await), "invalid_identifier");
            assert_eq!(code(&send_otp(state, OtpFor::Binding, id, &channels).await), "invalid_individual_id");
        }
    }
}

#[tokio::test]
async fn a_disabled_person_is_as_good_as_unknown() {
    let kit = Kit::new().await;
    let state = &kit.state;
    let person = anna(state).await;
    set_pin(state, person, PIN).await.unwrap();
    registry::set_status(state, person, registry::Status::Disabled).await.unwrap();
    assert_eq!(code(&prove(state, LOGIN, ANNA, pin(PIN)).await), "auth_failed");
}

#[tokio::test]
async fn on_both_what_has_ended_is_deleted_and_what_lives_is_not() {
    for kit in Kit::both().await {
        let state = &kit.state;
        anna(state).await;
        send(state, LOGIN).await;
        prove(state, LOGIN, ANNA, otp("000000")).await.unwrap_err();
        assert_eq!(expire(state).await.unwrap(), 0);
        kit.clock.advance_seconds(8 * 24 * 3600);
        let right = send(state, LINKED).await;
        assert!(expire(state).await.unwrap() >= 3);
        assert_eq!(expire(state).await.unwrap(), 0);
        assert_eq!(code(&prove(state, LINKED, ANNA, otp(&right)).await), "ok");
    }
}

#[tokio::test]
async fn a_wallet_token_is_no_business_of_this_room() {
    let kit = Kit::new().await;
    let token = Challenge { auth_factor_type: "WLA".into(), challenge: "x".repeat(200), format: "jwt".into() };
    assert_eq!(code(&prove(&kit.state, LINKED, ANNA, token).await), "auth_factor_mismatch");
}
