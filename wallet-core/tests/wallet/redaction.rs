//! No personal data, code, key or token in logs, errors and `Debug`.

use crate::server::{self, Fault};
use crate::{World, accept_email, native};
use futures::executor::block_on;
use std::fmt::Write;
use wallet_core::{BindingFactor, OtpChannel};

#[test]
fn markers_appear_nowhere_but_in_the_api() {
    let world = World::new();
    let mut said = String::new();
    let request = native();
    write!(said, "{request:?}").unwrap();
    let binding_session = world.wallet.begin_binding(request).unwrap();
    block_on(async {
        let delivery = binding_session.request_otp(vec![OtpChannel::Email]).await.unwrap();
        write!(said, "{delivery:?} {:?}", binding_session.stage()).unwrap();
        let wrong = binding_session.bind(vec![BindingFactor::Otp { code: "MARKER-OTP".into() }]).await;
        write!(said, "{wrong:?}").unwrap();
    });
    let factor = BindingFactor::Otp { code: server::OTP.into() };
    write!(said, "{factor:?}").unwrap();
    let binding = world.bind(native()).unwrap();
    write!(said, "{binding:?} {:?}", world.wallet).unwrap();
    let (login, session) = world.scan(server::ORIGIN);
    write!(said, "{session:?} {:?} {:?} {:?}", session.stage(), session.review(), accept_email()).unwrap();
    world.server.fail_next("/linked-authorization/v2/authenticate", Fault::Overloaded);
    let failed = block_on(session.approve(accept_email())).unwrap_err();
    write!(said, "{failed:?} {failed}").unwrap();
    let outcome = block_on(session.finish()).unwrap();
    write!(said, "{outcome:?} {:?}", session.stage()).unwrap();
    write!(said, "{:?} {:?}", world.wallet.activity(), world.wallet.receipts()).unwrap();
    write!(said, "{:?}", block_on(world.wallet.devices(binding.id))).unwrap();
    let lines = world.phone.log.0.lock().unwrap().clone();
    assert!(!lines.is_empty());
    write!(said, "{lines:?}").unwrap();
    let receipts = world.wallet.receipts().unwrap();
    let tokens = receipts.iter().flat_map(|receipt| [receipt.statement.clone(), receipt.signature.clone()]);
    let mut forbidden = vec!["MARKER".to_owned(), server::UIN.into(), server::OTP.into(), login, "Blue phone".into()];
    forbidden.extend(tokens.flatten());
    forbidden.extend(world.phone.keys.aliases());
    for word in forbidden {
        assert!(!said.contains(&word), "{word} in {said}");
    }
}
