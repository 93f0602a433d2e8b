use crate::server::{self, Fault, Progress};
use crate::{World, accept_email, code, esignet};
use futures::executor::block_on;
use serde_json::json;
use std::sync::Arc;
use wallet_core::ports::{KeyError, SigningPurpose};
use wallet_core::{ActivityKind, DenialReason, ErrorCode, LoginChannel, LoginChoices, LoginSession, LoginStage, Retry};

impl World {
    pub(crate) fn scan(&self, issuer: &str) -> (String, Arc<LoginSession>) {
        let (login, link) = self.server.begin_login(issuer);
        (login, block_on(self.wallet.begin_login(link, None)).unwrap())
    }
}

#[test]
fn gs_wal_08_a_login_is_reviewed_approved_and_leaves_a_receipt() {
    let (world, binding) = World::bound();
    for issuer in [server::ORIGIN, "https://id.example/op"] {
        let (login, session) = world.scan(issuer);
        let review = session.review().unwrap();
        assert_eq!(review.relying_party.name, "MARKER-Klinik");
        assert_eq!(review.relying_party.domain.as_deref(), Some("clinic.example"));
        assert_eq!(review.from.browser.as_deref(), Some("Firefox"));
        assert_eq!((review.from.place.as_deref(), review.from.near), (Some("Dakar, Senegal"), Some(false)));
        assert_eq!(review.channel, LoginChannel::CrossDevice);
        assert_eq!((review.issuer.as_str(), &review.binding_id), (issuer, &binding.id));
        assert_eq!(review.expires_at_ms, Some(server::NOW_MS + 240_000));
        let claims: Vec<_> = review.claims.iter().map(|claim| (claim.name.as_str(), claim.essential)).collect();
        assert_eq!(claims, [("name", true), ("email", false), ("birthdate", false)]);
        world.phone.keys.prompts.lock().unwrap().clear();
        let outcome = block_on(session.approve(accept_email())).unwrap();
        assert!(!outcome.consent_remembered);
        assert_eq!(world.server.progress(&login), Progress::Completed);
        let prompts = world.phone.keys.prompts.lock().unwrap().clone();
        assert_eq!(prompts.len(), 1, "one prompt for token and consent");
        assert_eq!(prompts[0].purpose, SigningPurpose::Login);
        assert_eq!(prompts[0].audience.as_deref(), Some("MARKER-Klinik"));
        let receipt = world.wallet.receipts().unwrap().into_iter().find(|r| Some(&r.id) == outcome.receipt_id.as_ref());
        let receipt = receipt.unwrap();
        assert_eq!(receipt.claims, ["email", "name"]);
        assert_eq!(receipt.statement, *world.server.memory.lock().unwrap().statements.last().unwrap());
        let entry = world.wallet.activity().unwrap().into_iter().find(|e| e.receipt_id == outcome.receipt_id).unwrap();
        assert_eq!((entry.kind, entry.claims), (ActivityKind::LoginApproved, receipt.claims));
        assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
        assert_eq!(code(block_on(session.approve(accept_email()))), Some(ErrorCode::WrongState));
    }
    assert_eq!(world.wallet.receipts().unwrap().len(), 2);
}

#[test]
fn gs_wal_08_an_esignet_login_uses_the_rsa_key_and_the_legacy_token() {
    let world = World::new();
    world.bind(esignet()).unwrap();
    let (login, session) = world.scan(server::ESIGNET);
    let outcome = block_on(session.approve(accept_email())).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Completed);
    assert!(world.wallet.receipts().unwrap()[0].statement.is_none());
    assert!(outcome.receipt_id.is_some());
}

#[test]
fn a_native_key_never_serves_a_link_without_issuer() {
    let (world, _) = World::bound();
    let (_, link) = world.server.begin_login(server::ESIGNET);
    assert_eq!(code(block_on(world.wallet.begin_login(link, None))), Some(ErrorCode::UnknownServer));
    assert!(world.server.sent_to("link-transaction").is_empty());
}

#[test]
fn an_unknown_issuer_is_never_spoken_to() {
    let (world, binding) = World::bound();
    // The server named the last one at binding, though it is not its own.
    for issuer in ["https://evil.example", "https://id.example/", "https://id.example/OP", "https://other.example"] {
        let link = format!("tessera://wla-auth?linkCode=abc&iss={issuer}");
        assert!(world.wallet.bindings_for(link.clone()).unwrap().is_empty());
        for named in [None, Some(binding.id.clone())] {
            assert_eq!(code(block_on(world.wallet.begin_login(link.clone(), named))), Some(ErrorCode::UnknownServer));
        }
    }
    assert_eq!(code(block_on(world.wallet.begin_login("hello".into(), None))), Some(ErrorCode::InvalidLink));
    assert!(world.server.sent_to("link-transaction").is_empty());
}

#[test]
fn l1_a_used_or_late_code_is_told_apart() {
    let (world, _) = World::bound();
    let (_, link) = world.server.begin_login(server::ORIGIN);
    block_on(world.wallet.begin_login(link.clone(), None)).unwrap();
    assert_eq!(code(block_on(world.wallet.begin_login(link, None))), Some(ErrorCode::LinkCodeRefused));
    let late = format!("t://x?linkCode=abc&iss={}&linkExpireDateTime=2026-01-05T09:59:59.000Z", server::ORIGIN);
    assert_eq!(code(block_on(world.wallet.begin_login(late, None))), Some(ErrorCode::LinkExpired));
}

#[test]
fn an_answer_under_another_name_or_without_nonce_is_refused() {
    for lie in [
        json!(null),
        json!({"tessera": {"iss": "https://id.example/op", "nonce": "n"}}),
        json!({"tessera": {"iss": "https://id.example", "nonce": ""}}),
    ] {
        let (world, _) = World::bound();
        world.server.lie("/linked-authorization/v2/link-transaction", "configs", lie);
        let (_, link) = world.server.begin_login(server::ORIGIN);
        assert_eq!(code(block_on(world.wallet.begin_login(link, None))), Some(ErrorCode::UnexpectedAnswer));
    }
    let (world, _) = World::bound();
    let factors = json!([[{"type": "OTP"}, {"type": "WLA"}]]);
    world.server.lie("/linked-authorization/v2/link-transaction", "authFactors", factors);
    let (_, link) = world.server.begin_login(server::ORIGIN);
    assert_eq!(code(block_on(world.wallet.begin_login(link, None))), Some(ErrorCode::FactorUnsupported));
}

#[test]
fn choices_beyond_what_was_asked_are_refused_before_the_prompt() {
    let (world, _) = World::bound();
    world.server.memory.lock().unwrap().number = Some("47".into());
    let (login, session) = world.scan(server::ORIGIN);
    world.phone.keys.prompts.lock().unwrap().clear();
    let claim = |name: &str| LoginChoices { accepted_voluntary_claims: vec![name.into()], ..LoginChoices::default() };
    assert_eq!(code(block_on(session.approve(claim("photo")))), Some(ErrorCode::InvalidInput));
    let scope = LoginChoices { permitted_scopes: vec!["payments".into()], ..LoginChoices::default() };
    assert_eq!(code(block_on(session.approve(scope))), Some(ErrorCode::InvalidInput));
    assert_eq!(code(block_on(session.approve(accept_email()))), Some(ErrorCode::NumberNeeded));
    assert!(world.phone.keys.prompts.lock().unwrap().is_empty());
    let typed =
        LoginChoices { number: Some(" 47 ".into()), permitted_scopes: vec!["history".into()], ..accept_email() };
    block_on(session.approve(typed)).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Completed);
}

#[test]
fn a_wrong_number_ends_the_login_and_the_right_one_after_it_too() {
    let (world, _) = World::bound();
    world.server.memory.lock().unwrap().number = Some("047".into());
    let (login, session) = world.scan(server::ORIGIN);
    let typed = |number: &str| LoginChoices { number: Some(number.into()), ..accept_email() };
    assert!(session.review().unwrap().number_required);
    let wrong = block_on(session.approve(typed("048"))).unwrap_err();
    assert_eq!((wrong.code(), wrong.retry()), (ErrorCode::NumberWrong, Retry::Never));
    assert_eq!(wrong.details().server_code.as_deref(), Some("number_mismatch"));
    assert!(matches!(session.stage().unwrap(), LoginStage::Failed { code: ErrorCode::NumberWrong }));
    assert_eq!(code(block_on(session.approve(typed("047")))), Some(ErrorCode::WrongState));
    assert_eq!(world.server.progress(&login), Progress::Denied);
    assert!(world.did(ActivityKind::LoginFailed));
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
}

#[test]
fn a_number_survives_a_lost_answer_and_is_not_asked_for_again() {
    let (world, _) = World::bound();
    world.server.memory.lock().unwrap().number = Some("047".into());
    let (login, session) = world.scan(server::ORIGIN);
    world.server.fail_next("/linked-authorization/v2/authenticate", Fault::RequestLost);
    let typed = LoginChoices { number: Some("047".into()), ..accept_email() };
    assert_eq!(code(block_on(session.approve(typed))), Some(ErrorCode::Offline));
    block_on(session.finish()).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Completed);
}

#[test]
fn a_login_that_the_relying_party_does_not_take_from_here_is_told_as_such() {
    let (world, _) = World::bound();
    world.server.memory.lock().unwrap().not_allowed = true;
    let (_, link) = world.server.begin_login(server::ORIGIN);
    assert_eq!(code(block_on(world.wallet.begin_login(link, None))), Some(ErrorCode::LoginNotAllowed));
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
}

#[test]
fn an_earlier_consent_is_told_to_the_citizen() {
    let (world, _) = World::bound();
    world.server.memory.lock().unwrap().remembers_consent = true;
    let (login, session) = world.scan(server::ORIGIN);
    let outcome = block_on(session.approve(LoginChoices::default())).unwrap();
    assert!(outcome.consent_remembered && outcome.receipt_id.is_none());
    assert_eq!(world.server.progress(&login), Progress::Completed);
    assert!(world.wallet.receipts().unwrap().is_empty());
}

#[test]
fn a_denial_reaches_the_browser() {
    let (world, _) = World::bound();
    let (login, session) = world.scan(server::ORIGIN);
    world.server.fail_next("/wallet/deny", Fault::RequestLost);
    let offline = block_on(session.deny(Some(DenialReason::NotMe))).unwrap_err();
    assert_eq!((offline.code(), offline.retry()), (ErrorCode::Offline, Retry::Now));
    block_on(session.deny(Some(DenialReason::NotMe))).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Denied);
    assert_eq!(world.server.sent_to("/wallet/deny")[0]["reason"], "not_me");
    assert!(matches!(session.stage().unwrap(), LoginStage::Denied));
    assert!(world.did(ActivityKind::LoginDenied));
    assert_eq!(code(block_on(session.approve(accept_email()))), Some(ErrorCode::WrongState));
}

#[test]
fn a_locked_or_dismissed_key_changes_nothing() {
    let (world, _) = World::bound();
    let (login, session) = world.scan(server::ORIGIN);
    for (error, expected, retry) in [
        (KeyError::Locked, ErrorCode::Locked, Retry::AfterAuthentication),
        (KeyError::Cancelled, ErrorCode::PromptDismissed, Retry::Now),
        (KeyError::Invalidated, ErrorCode::KeyInvalidated, Retry::Never),
    ] {
        world.phone.keys.fails.lock().unwrap().replace(error);
        let failed = block_on(session.approve(accept_email())).unwrap_err();
        assert_eq!((failed.code(), failed.retry()), (expected, retry));
        assert!(matches!(session.stage().unwrap(), LoginStage::Review { .. }));
    }
    block_on(session.approve(accept_email())).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Completed);
}

#[test]
fn a_phone_whose_clock_is_wrong_logs_in_after_a_restart_too() {
    let (mut world, _) = World::bound();
    world.phone.clock.shift(-3 * 3_600_000);
    let (login, id) = {
        let (login, session) = world.scan(server::ORIGIN);
        (login, session.id())
    };
    world.restart();
    block_on(world.wallet.resume_login(id).unwrap().approve(accept_email())).unwrap();
    assert_eq!(world.server.progress(&login), Progress::Completed);
}

#[test]
fn old_activity_is_forgotten() {
    let (mut world, _) = World::bound();
    assert_eq!(world.wallet.activity().unwrap().len(), 1);
    assert!(world.wallet.export_activity().unwrap().contains("\"Bound\""));
    world.phone.clock.shift(401 * 24 * 3_600_000);
    world.restart();
    assert!(world.wallet.activity().unwrap().is_empty());
    world.wallet.clear_activity().unwrap();
}
