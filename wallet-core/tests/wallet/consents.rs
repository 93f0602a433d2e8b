//! Consents in the wallet: receipts, what the server says of them, withdrawal.

use crate::server::{Fault, ORIGIN};
use crate::server_linked::given;
use crate::{World, code};
use futures::executor::block_on;
use wallet_core::ports::SigningPurpose;
use wallet_core::{ActivityKind, ErrorCode, LoginChoices, ReceiptState, Retry};

fn log_in(world: &World) -> String {
    let (_, session) = world.scan(ORIGIN);
    block_on(session.approve(LoginChoices::default())).unwrap().receipt_id.unwrap()
}

/// A receipt proves what was agreed to by itself: with the wallet's own public key, and no server.
#[test]
fn gs_sec_04_a_receipt_verifies_without_any_server() {
    let (world, _) = World::bound();
    let id = log_in(&world);
    let asked = world.server.memory.lock().unwrap().requests.len();
    assert!(world.wallet.verify_receipt(id.clone()).unwrap());
    assert_eq!(world.server.memory.lock().unwrap().requests.len(), asked, "nothing was sent");
    let receipt = world.wallet.receipts().unwrap().remove(0);
    let statement = protocol::jws::Jws::parse(receipt.statement.as_deref().unwrap()).unwrap();
    let key = protocol::jwk::Jwk::from_json(receipt.public_key.as_deref().unwrap()).unwrap();
    statement.verify(&key).unwrap();
    assert_eq!(key, world.server.memory.lock().unwrap().phones[0].key);
    assert_eq!(code(world.wallet.verify_receipt("nothing".into())), Some(ErrorCode::InvalidInput));
}

/// The server first, then the receipts: of one relying party all of them.
#[test]
fn a_withdrawal_is_told_to_the_server_and_marks_the_receipts() {
    let (world, binding) = World::bound();
    let (first, second) = (log_in(&world), log_in(&world));
    assert!(world.wallet.receipts().unwrap().iter().all(|receipt| receipt.state == ReceiptState::Given));

    world.server.fail_next("/wallet/consents/withdraw", Fault::RequestLost);
    let failed = block_on(world.wallet.withdraw_consent(first.clone())).unwrap_err();
    assert_eq!((failed.code(), failed.retry()), (ErrorCode::Offline, Retry::Now));
    assert!(world.wallet.receipts().unwrap().iter().all(|receipt| receipt.state == ReceiptState::Given));

    let ended = block_on(world.wallet.withdraw_consent(first.clone())).unwrap();
    assert_eq!((ended.id, ended.state), (first, ReceiptState::Withdrawn));
    let receipts = world.wallet.receipts().unwrap();
    assert!(
        receipts.iter().all(|receipt| receipt.state == ReceiptState::Withdrawn && receipt.withdrawn_at_ms.is_some())
    );
    assert!(receipts.iter().any(|receipt| receipt.id == second));
    assert!(world.did(ActivityKind::ConsentWithdrawn));
    assert_eq!(code(block_on(world.wallet.withdraw_consent("nothing".into()))), Some(ErrorCode::InvalidInput));
    let refreshed = block_on(world.wallet.refresh_receipts(binding.id)).unwrap();
    assert_eq!(refreshed.len(), receipts.len());
    assert!(refreshed.iter().all(|receipt| receipt.state == ReceiptState::Withdrawn));
}

/// What was agreed to or withdrawn elsewhere is there after a refresh, and can be withdrawn here.
#[test]
fn a_refresh_learns_what_happened_elsewhere() {
    let (world, binding) = World::bound();
    let own = log_in(&world);
    world.server.memory.lock().unwrap().consents.push(given("consent-elsewhere", ORIGIN, &["email".into()]));
    let receipts = block_on(world.wallet.refresh_receipts(binding.id.clone())).unwrap();
    assert_eq!(receipts.len(), 2);
    let elsewhere = receipts.iter().find(|receipt| receipt.id != own).unwrap();
    assert_eq!((elsewhere.statement.as_ref(), elsewhere.signature.as_ref()), (None, None));
    assert_eq!(elsewhere.claims, ["email"]);
    assert_eq!(code(world.wallet.verify_receipt(elsewhere.id.clone())), Some(ErrorCode::InvalidInput));
    // Once more, and nothing is there twice.
    assert_eq!(block_on(world.wallet.refresh_receipts(binding.id.clone())).unwrap(), receipts);

    block_on(world.wallet.withdraw_consent(elsewhere.id.clone())).unwrap();
    let receipts = block_on(world.wallet.refresh_receipts(binding.id)).unwrap();
    assert!(receipts.iter().all(|receipt| receipt.state == ReceiptState::Withdrawn));
    let prompts = world.phone.keys.prompts.lock().unwrap();
    assert!(prompts.iter().any(|prompt| prompt.purpose == SigningPurpose::ManageConsents));
}
