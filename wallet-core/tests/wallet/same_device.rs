//! A login on the device that shows the page, and a report of one that should not have been approved.

use crate::{World, accept_email, code, esignet, server};
use futures::executor::block_on;
use protocol::linked::DenyReason;
use wallet_core::ports::SigningPurpose;
use wallet_core::{ActivityKind, DenialReason, ErrorCode};

const LINK: &str = "https://id.example/op/authorize/return?response_code=abc";

/// The link is opened as it came, whether consent was given now or before.
#[test]
fn the_wallet_is_sent_back_to_the_browser_that_began() {
    let (world, _) = World::bound();
    for remembers in [false, true] {
        let mut memory = world.server.memory.lock().unwrap();
        memory.leads_back = Some(LINK.into());
        memory.remembers_consent = remembers;
        drop(memory);
        let (_, session) = world.scan("https://id.example/op");
        let outcome = block_on(session.approve(accept_email())).unwrap();
        assert_eq!((outcome.return_uri.as_deref(), outcome.consent_remembered), (Some(LINK), remembers));
    }
}

/// No other link is ever handed to the app: not another host, scheme, path or user, nor one that nobody spoke of.
#[test]
fn a_link_that_leads_elsewhere_is_not_opened() {
    let (world, _) = World::bound();
    for link in [
        "https://evil.example/op/authorize/return?response_code=abc",
        "https://id.example/op/authorize/return/../evil?response_code=abc",
        "https://id.example@evil.example/op/authorize/return?response_code=abc",
        "https://id.example/authorize/return?response_code=abc",
        "http://id.example/op/authorize/return?response_code=abc",
        "tessera://op/authorize/return?response_code=abc",
        "javascript:alert(1)",
        "",
    ] {
        world.server.memory.lock().unwrap().leads_back = Some(link.into());
        let (_, session) = world.scan("https://id.example/op");
        assert_eq!(block_on(session.approve(accept_email())).unwrap().return_uri, None, "{link}");
    }
    world.server.memory.lock().unwrap().leads_back = None;
    let (_, session) = world.scan("https://id.example/op");
    assert_eq!(block_on(session.approve(accept_email())).unwrap().return_uri, None);
}

#[test]
fn an_approved_login_is_reported_once_from_its_activity_entry() {
    let (world, _) = World::bound();
    let (_, session) = world.scan(server::ORIGIN);
    block_on(session.approve(accept_email())).unwrap();
    let entry = world.wallet.activity().unwrap().into_iter().find(|e| e.kind == ActivityKind::LoginApproved).unwrap();
    world.phone.keys.prompts.lock().unwrap().clear();
    let report = || block_on(world.wallet.report_login(entry.id.clone(), Some(DenialReason::Suspicious)));
    report().unwrap();
    assert_eq!(world.server.memory.lock().unwrap().reported, [Some(DenyReason::Suspicious)]);
    assert_eq!(world.phone.keys.prompts.lock().unwrap()[0].purpose, SigningPurpose::ReportLogin);
    assert!(world.did(ActivityKind::LoginReported));
    assert_eq!(code(report()), Some(ErrorCode::InvalidInput));
    let unknown = block_on(world.wallet.report_login("nothing".into(), None));
    assert_eq!(code(unknown), Some(ErrorCode::InvalidInput));
    // What a report would name goes with the log.
    let (_, session) = world.scan(server::ORIGIN);
    block_on(session.approve(accept_email())).unwrap();
    let entries = world.wallet.activity().unwrap();
    let entry = entries.into_iter().find(|e| e.kind == ActivityKind::LoginApproved && e.id != entry.id).unwrap();
    world.wallet.clear_activity().unwrap();
    assert_eq!(code(block_on(world.wallet.report_login(entry.id, None))), Some(ErrorCode::InvalidInput));
}

#[test]
fn esignet_takes_no_reports() {
    let world = World::new();
    world.bind(esignet()).unwrap();
    let (_, session) = world.scan(server::ESIGNET);
    block_on(session.approve(accept_email())).unwrap();
    let entry = world.wallet.activity().unwrap().into_iter().find(|e| e.kind == ActivityKind::LoginApproved).unwrap();
    assert_eq!(code(block_on(world.wallet.report_login(entry.id, None))), Some(ErrorCode::InvalidInput));
}
