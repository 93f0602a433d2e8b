//! Questions of relying parties: pulled, answered, and the receipt of a yes.

use crate::server::{Fault, ORIGIN, question};
use crate::{World, code};
use futures::executor::block_on;
use wallet_core::ports::SigningPurpose;
use wallet_core::{ActivityKind, ConsentQuestion, ErrorCode, ReceiptState, Retry};

fn pulled(world: &World, binding: &str) -> Vec<ConsentQuestion> {
    block_on(world.wallet.questions(binding.to_owned())).unwrap()
}

fn asked(world: &World) {
    world.server.memory.lock().unwrap().questions.push(question("q1", ORIGIN));
}

/// GS-SEC-04: a yes is a receipt like any other: it verifies offline, and is withdrawn.
#[test]
fn gs_sec_04_a_yes_is_a_receipt() {
    let (world, binding) = World::bound();
    assert!(pulled(&world, &binding.id).is_empty());
    asked(&world);
    let question = pulled(&world, &binding.id).remove(0);
    assert_eq!((question.claims.len(), question.issuer.as_str()), (2, ORIGIN));
    assert!(!format!("{question:?}").contains("MARKER"));

    world.phone.keys.prompts.lock().unwrap().clear();
    let receipt = block_on(world.wallet.answer_question(question.clone(), vec!["email".into()])).unwrap().unwrap();
    let prompts = world.phone.keys.prompts.lock().unwrap().clone();
    assert_eq!(prompts.len(), 1, "one prompt for statement and call");
    assert_eq!(prompts[0].purpose, SigningPurpose::ManageConsents);
    assert_eq!(prompts[0].audience.as_deref(), Some("MARKER-Clinic"));
    assert_eq!((receipt.claims.clone(), receipt.state), (vec!["email".to_owned()], ReceiptState::Given));
    assert!(world.wallet.verify_receipt(receipt.id.clone()).unwrap());
    assert!(world.did(ActivityKind::QuestionAnswered));
    assert!(pulled(&world, &binding.id).is_empty());
    // The server's list and the phone's are the same one.
    assert_eq!(block_on(world.wallet.refresh_receipts(binding.id.clone())).unwrap().len(), 1);
    let ended = block_on(world.wallet.withdraw_consent(receipt.id)).unwrap();
    assert_eq!(ended.state, ReceiptState::Withdrawn);
    let again = block_on(world.wallet.answer_question(question, vec!["email".into()])).unwrap_err();
    assert_eq!(again.code(), ErrorCode::ServerRefused);
}

/// A no is told, leaves no receipt, and is in the log.
#[test]
fn a_no_leaves_no_receipt() {
    let (world, binding) = World::bound();
    asked(&world);
    let question = pulled(&world, &binding.id).remove(0);
    assert!(block_on(world.wallet.answer_question(question, Vec::new())).unwrap().is_none());
    assert!(world.wallet.receipts().unwrap().is_empty() && pulled(&world, &binding.id).is_empty());
    assert!(world.did(ActivityKind::QuestionAnswered));
}

/// Offline nothing changes, and the same call works later; what was not asked for is not sent.
#[test]
fn an_answer_that_does_not_arrive_changes_nothing() {
    let (world, binding) = World::bound();
    asked(&world);
    let question = pulled(&world, &binding.id).remove(0);
    world.server.fail_next("/wallet/inbox/answer", Fault::RequestLost);
    let failed = block_on(world.wallet.answer_question(question.clone(), vec!["name".into()])).unwrap_err();
    assert_eq!((failed.code(), failed.retry()), (ErrorCode::Offline, Retry::Now));
    assert!(world.wallet.receipts().unwrap().is_empty() && !world.did(ActivityKind::QuestionAnswered));
    let more = block_on(world.wallet.answer_question(question.clone(), vec!["address".into()]));
    assert_eq!(code(more), Some(ErrorCode::InvalidInput));
    assert!(block_on(world.wallet.answer_question(question, vec!["name".into()])).unwrap().is_some());
}

/// A phone whose clock was set meanwhile says yes all the same, and asks once more.
#[test]
fn a_wrong_clock_spoils_no_yes() {
    let (world, binding) = World::bound();
    asked(&world);
    let question = pulled(&world, &binding.id).remove(0);
    world.phone.clock.shift(7 * 3_600_000);
    world.phone.keys.prompts.lock().unwrap().clear();
    let receipt = block_on(world.wallet.answer_question(question, vec!["email".into()])).unwrap().unwrap();
    assert!(world.wallet.verify_receipt(receipt.id).unwrap());
    assert_eq!(world.phone.keys.prompts.lock().unwrap().len(), 2);
}

/// A phone that was revoked elsewhere says neither.
#[test]
fn a_revoked_phone_answers_nothing() {
    let (world, binding) = World::bound();
    asked(&world);
    let question = pulled(&world, &binding.id).remove(0);
    world.server.memory.lock().unwrap().phones[0].revoked = true;
    for claims in [vec!["email".into()], Vec::new()] {
        let refused = block_on(world.wallet.answer_question(question.clone(), claims));
        assert_eq!(code(refused), Some(ErrorCode::BindingEnded));
    }
    assert!(world.wallet.receipts().unwrap().is_empty() && !world.did(ActivityKind::QuestionAnswered));
}

/// A server cannot put a question into the mouth of another's issuer.
#[test]
fn a_question_of_a_foreign_issuer_is_not_shown() {
    let (world, binding) = World::bound();
    world.server.memory.lock().unwrap().questions.push(question("q1", "https://other.example"));
    assert_eq!(code(block_on(world.wallet.questions(binding.id))), Some(ErrorCode::UnexpectedAnswer));
}
