use crate::server::{self, Fault};
use crate::{World, code, esignet, native};
use futures::executor::block_on;
use serde_json::json;
use wallet_core::ports::{KeyAlgorithm, KeyError, KeySecurityLevel};
use wallet_core::{
    ActivityKind, BindingFactor, BindingProfile, BindingServer, BindingStage, ErrorCode, OtpChannel, Retry, SessionKind,
};

fn otp(code: &str) -> Vec<BindingFactor> {
    vec![BindingFactor::Otp { code: code.into() }]
}

#[test]
fn gs_wal_07_a_phone_is_bound_with_proof_and_without_a_partner() {
    let (world, binding) = World::bound();
    assert_eq!((binding.profile, binding.algorithm), (BindingProfile::Native, KeyAlgorithm::Es256));
    assert_eq!(binding.security_level, KeySecurityLevel::Software, "the level reached, not the one asked for");
    assert_eq!(world.wallet.bindings().unwrap(), [binding]);
    assert!(world.did(ActivityKind::Bound));
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
    assert!(world.phone.keys.aliases().iter().all(|alias| alias.starts_with("tessera.")));
    assert_eq!(world.phone.keys.prompts.lock().unwrap().len(), 1);
}

#[test]
fn gs_wal_07_an_esignet_server_gets_an_rsa_key_and_partner_headers() {
    let world = World::new();
    let binding = world.bind(esignet()).unwrap();
    assert_eq!((binding.profile, binding.algorithm), (BindingProfile::Esignet, KeyAlgorithm::Rs256));
    assert_eq!(binding.server, server::ESIGNET);
}

#[test]
fn a_wrong_otp_leaves_no_key_and_another_try_succeeds() {
    let world = World::new();
    let session = world.wallet.begin_binding(native()).unwrap();
    block_on(session.request_otp(vec![OtpChannel::Email])).unwrap();
    let refused = block_on(session.bind(otp("000000"))).unwrap_err();
    assert_eq!((refused.code(), refused.retry()), (ErrorCode::AuthenticationFailed, Retry::Now));
    assert_eq!(refused.details().server_code.as_deref(), Some("auth_failed"));
    assert!(world.phone.keys.aliases().is_empty());
    block_on(session.request_otp(vec![OtpChannel::Email])).unwrap();
    block_on(session.bind(otp(server::OTP))).unwrap();
    assert!(matches!(session.stage().unwrap(), BindingStage::Bound { .. }));
    assert_eq!(code(block_on(session.bind(otp(server::OTP)))), Some(ErrorCode::WrongState));
}

#[test]
fn a_killed_app_finds_the_otp_on_its_way() {
    let mut world = World::new();
    {
        let session = world.wallet.begin_binding(native()).unwrap();
        block_on(session.request_otp(vec![OtpChannel::Email])).unwrap();
    }
    world.restart();
    let [unfinished] = world.wallet.unfinished_sessions().unwrap().try_into().unwrap();
    assert_eq!(unfinished.kind, SessionKind::Binding);
    assert_eq!(code(world.wallet.resume_login(unfinished.id.clone())), Some(ErrorCode::InvalidInput));
    let session = world.wallet.resume_binding(unfinished.id).unwrap();
    assert!(matches!(session.stage().unwrap(), BindingStage::OtpSent { .. }));
    block_on(session.bind(otp(server::OTP))).unwrap();
}

#[test]
fn a_phone_whose_clock_is_wrong_is_bound() {
    for hours in [-30, 5] {
        let world = World::new();
        world.phone.clock.shift(hours * 3_600_000);
        world.bind(native()).unwrap();
    }
}

#[test]
fn a_key_of_a_killed_app_is_deleted_when_the_wallet_opens() {
    let mut world = World::new();
    {
        let session = world.wallet.begin_binding(native()).unwrap();
        block_on(session.request_otp(vec![OtpChannel::Email])).unwrap();
        world.phone.keys.fails.lock().unwrap().replace(KeyError::Cancelled);
        assert_eq!(code(block_on(session.bind(otp(server::OTP)))), Some(ErrorCode::PromptDismissed));
        // Killed between making the key and sending it: the future is dropped, nothing cleans up.
        world.server.fail_next("/wallet/binding", Fault::AnswerLost);
        assert_eq!(code(block_on(session.bind(otp(server::OTP)))), Some(ErrorCode::Timeout));
    }
    world.restart();
    assert!(world.phone.keys.aliases().is_empty());
    world.bind(native()).unwrap();
    world.restart();
    assert_eq!(world.phone.keys.aliases().len(), 1, "the bound key stays");
}

#[test]
fn binding_again_replaces_the_key_of_the_same_person() {
    let (world, first) = World::bound();
    let second = world.bind(native()).unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(world.wallet.bindings().unwrap(), [second]);
    assert_eq!(world.phone.keys.aliases().len(), 1);
}

#[test]
fn a_server_cannot_have_a_proof_for_another_or_a_foreign_certificate() {
    let world = World::new();
    world.server.lie("/wallet/binding-challenge", "issuer", json!("https://other.example"));
    assert_eq!(code(world.bind(native())), Some(ErrorCode::UnexpectedAnswer));
    assert!(world.server.sent_to("/wallet/binding").is_empty());

    let other = World::new();
    let group = openssl::ec::EcGroup::from_curve_name(openssl::nid::Nid::X9_62_PRIME256V1).unwrap();
    let key = openssl::ec::EcKey::generate(&group).unwrap();
    let mut context = openssl::bn::BigNumContext::new().unwrap();
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let point = key.public_key().to_bytes(&group, form, &mut context).unwrap();
    let foreign = other.server.certify(&protocol::jwk::Jwk::p256_from_uncompressed(&point).unwrap()).0;
    other.server.lie("/wallet/binding", "certificate", json!(foreign));
    assert_eq!(code(other.bind(native())), Some(ErrorCode::UnexpectedAnswer));
    assert!(other.wallet.bindings().unwrap().is_empty());
}

#[test]
fn what_cannot_be_right_is_refused_before_anything_is_sent() {
    let world = World::new();
    let insecure = BindingServer::Tessera { origin: "http://id.example".into() };
    let cases = [
        (wallet_core::BindingRequest { server: insecure, ..native() }, ErrorCode::InsecureAddress),
        (wallet_core::BindingRequest { individual_id: " ".into(), ..native() }, ErrorCode::InvalidInput),
        (wallet_core::BindingRequest { device_name: "x".repeat(65), ..native() }, ErrorCode::InvalidInput),
        (wallet_core::BindingRequest { device_name: "a\nb".into(), ..native() }, ErrorCode::InvalidInput),
    ];
    for (request, expected) in cases {
        assert_eq!(code(world.wallet.begin_binding(request)), Some(expected));
    }
    let session = world.wallet.begin_binding(native()).unwrap();
    assert_eq!(code(block_on(session.request_otp(vec![]))), Some(ErrorCode::InvalidInput));
    assert_eq!(code(block_on(session.bind(vec![]))), Some(ErrorCode::InvalidInput));
    session.cancel().unwrap();
    assert_eq!(code(block_on(session.request_otp(vec![OtpChannel::Phone]))), Some(ErrorCode::Cancelled));
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
    assert!(world.server.memory.lock().unwrap().requests.is_empty());
}
