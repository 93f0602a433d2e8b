//! Lost requests, lost answers, killed apps: in every order.

use crate::server::{self, Fault, Progress};
use crate::{World, accept_email, code};
use futures::executor::block_on;
use proptest::prelude::*;
use wallet_core::{ErrorCode, LoginStage};

const AUTHENTICATE: &str = "/linked-authorization/v2/authenticate";
const CONSENT: &str = "/linked-authorization/v2/consent";

#[test]
fn what_was_approved_is_finished_after_a_lost_answer() {
    for (path, fault) in [
        (AUTHENTICATE, Fault::RequestLost),
        (AUTHENTICATE, Fault::AnswerLost),
        (AUTHENTICATE, Fault::Overloaded),
        (CONSENT, Fault::RequestLost),
        (CONSENT, Fault::Overloaded),
    ] {
        let (mut world, _) = World::bound();
        let (login, id) = {
            let (login, session) = world.scan(server::ORIGIN);
            world.server.fail_next(path, fault);
            assert!(block_on(session.approve(accept_email())).is_err());
            assert!(matches!(session.stage().unwrap(), LoginStage::Unfinished { .. }), "{path} {fault:?}");
            assert_eq!(code(block_on(session.approve(accept_email()))), Some(ErrorCode::WrongState));
            (login, session.id())
        };
        world.restart();
        let session = world.wallet.resume_login(id).unwrap();
        block_on(session.finish()).unwrap();
        assert_eq!(world.server.progress(&login), Progress::Completed, "{path} {fault:?}");
        assert_eq!(world.wallet.receipts().unwrap().len(), 1);
    }
}

#[test]
fn a_lost_answer_to_the_consent_is_told_honestly() {
    let (world, _) = World::bound();
    let (login, session) = world.scan(server::ORIGIN);
    world.server.fail_next(CONSENT, Fault::AnswerLost);
    assert_eq!(code(block_on(session.approve(accept_email()))), Some(ErrorCode::Timeout));
    assert_eq!(world.server.progress(&login), Progress::Completed);
    assert_eq!(code(block_on(session.finish())), Some(ErrorCode::OutcomeUnknown));
    assert!(matches!(session.stage().unwrap(), LoginStage::Failed { code: ErrorCode::OutcomeUnknown }));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Approve,
    Finish,
    Deny,
    Cancel,
    Restart,
    Fault(bool, Fault),
}

fn step() -> impl Strategy<Value = Step> {
    let fault = prop_oneof![Just(Fault::RequestLost), Just(Fault::AnswerLost), Just(Fault::Overloaded)];
    prop_oneof![
        4 => Just(Step::Approve),
        4 => Just(Step::Finish),
        1 => Just(Step::Deny),
        1 => Just(Step::Cancel),
        2 => Just(Step::Restart),
        3 => (any::<bool>(), fault).prop_map(|(first, fault)| Step::Fault(first, fault)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever the app does and the network loses: nothing is approved that the citizen did not
    /// approve, a denial is the last word, and a finished session leaves the store.
    #[test]
    fn no_order_of_steps_and_faults_breaks_a_login(steps in prop::collection::vec(step(), 1..12)) {
        let (mut world, _) = World::bound();
        let (login, mut session) = world.scan(server::ORIGIN);
        let id = session.id();
        let mut approved = false;
        for step in steps {
            let open = matches!(session.stage().unwrap(), LoginStage::Review { .. } | LoginStage::Unfinished { .. });
            match step {
                Step::Approve => {
                    approved |= open;
                    let _ = block_on(session.approve(accept_email()));
                }
                Step::Finish => { let _ = block_on(session.finish()); }
                Step::Deny => {
                    if block_on(session.deny(None)).is_ok() {
                        prop_assert!(matches!(session.stage().unwrap(), LoginStage::Denied));
                    }
                }
                Step::Cancel => session.cancel().unwrap(),
                Step::Fault(first, fault) => world.server.fail_next(if first { AUTHENTICATE } else { CONSENT }, fault),
                Step::Restart if open => {
                    // The old session holds the file; the wallet it came from is gone with it.
                    drop(session);
                    world.restart();
                    session = world.wallet.resume_login(id.clone()).unwrap();
                }
                Step::Restart => {}
            }
            let progress = world.server.progress(&login);
            let stage = session.stage().unwrap();
            if matches!(progress, Progress::Authenticated | Progress::Completed) {
                prop_assert!(approved);
            }
            match stage {
                LoginStage::Completed { .. } => prop_assert_eq!(progress, Progress::Completed),
                LoginStage::Review { .. } => prop_assert!(matches!(progress, Progress::Linked)),
                _ => {}
            }
            let open = matches!(stage, LoginStage::Review { .. } | LoginStage::Unfinished { .. });
            prop_assert_eq!(open, world.wallet.unfinished_sessions().unwrap().len() == 1);
        }
    }
}
