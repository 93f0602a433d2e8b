use super::review::{Agreed, LoginReview, RelyingParty, UnverifiedOrigin};
use super::signing::SignedConsent;
use super::state::{Asked, Event, LoginOutcome, State};
use crate::errors::ErrorCode;
use proptest::prelude::*;

fn asked() -> Asked {
    let review = LoginReview {
        relying_party: RelyingParty { name: "Clinic".into(), domain: None, logo_url: None },
        issuer: "https://id.example".into(),
        page_origin: None,
        claims: vec![],
        scopes: vec![],
        from: UnverifiedOrigin::default(),
        channel: super::review::LoginChannel::CrossDevice,
        expires_at_ms: None,
        number_required: false,
        binding_id: "b".into(),
    };
    Asked { link_transaction_id: "L".into(), nonce: None, client_id: None, return_uri: None, review }
}

fn event(kind: u8) -> Event {
    let agreed = Agreed { claims: vec![], scopes: vec![], number: None };
    match kind {
        0 => Event::Approved(SignedConsent { agreed, signature: String::new(), statement: None, public_key: None }),
        1 => Event::TokenTaken,
        2 => Event::TokenRefused,
        3 => Event::Completed(LoginOutcome { consent_remembered: false, return_uri: None, receipt_id: None }),
        4 => Event::Denied,
        5 => Event::Failed(ErrorCode::LoginEnded),
        _ => Event::Cancelled,
    }
}

proptest! {
    #[test]
    fn only_an_approved_login_completes_and_an_ended_one_stays_ended(kinds in prop::collection::vec(0u8..7, 0..20)) {
        let mut state = State::Review(asked());
        let mut approved = false;
        for kind in kinds {
            let ended = state.asked().is_none();
            let Some(next) = state.after(event(kind)) else { continue };
            prop_assert!(!ended, "nothing follows an end");
            approved = match (&state, kind) {
                (State::Review(_), 0) => true,
                (_, 2) => false,
                _ => approved,
            };
            if matches!(next, State::Completed(_) | State::Consenting(..)) {
                prop_assert!(approved);
            }
            state = next;
        }
    }

    #[test]
    fn an_open_state_comes_back_from_the_store(approve in any::<bool>(), taken in any::<bool>()) {
        let mut state = State::Review(asked());
        if approve {
            state = state.after(event(0)).unwrap();
        }
        if approve && taken {
            state = state.after(event(1)).unwrap();
        }
        let text = serde_json::to_string(&state).unwrap();
        let back: State = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(std::mem::discriminant(&back), std::mem::discriminant(&state));
    }
}
