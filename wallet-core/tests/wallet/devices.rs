use crate::{World, accept_email, code, esignet, native, server};
use futures::executor::block_on;
use wallet_core::{ActivityKind, BindingProfile, ErrorCode, LoginStage, Retry};

#[test]
fn phones_are_listed_renamed_and_renewed() {
    let (world, binding) = World::bound();
    let legacy = world.bind(esignet()).unwrap();
    let devices = block_on(world.wallet.devices(binding.id.clone())).unwrap();
    assert_eq!(devices.len(), 2);
    assert!(devices[0].current && !devices[1].current);
    assert_eq!(devices[1].profile, BindingProfile::Esignet);

    let own = devices[0].device_id.clone();
    block_on(world.wallet.rename_device(binding.id.clone(), own.clone(), "  Red phone ".into())).unwrap();
    assert_eq!(world.server.memory.lock().unwrap().phones[0].name, "Red phone");
    // Both were bound in the same moment of the played clock, so their order says nothing.
    let bindings = world.wallet.bindings().unwrap();
    let renamed = bindings.iter().find(|bound| bound.id == binding.id).unwrap();
    assert_eq!(renamed.device_name, "Red phone");
    let blank = block_on(world.wallet.rename_device(binding.id.clone(), own, " ".into()));
    assert_eq!(code(blank), Some(ErrorCode::InvalidInput));

    let renewed = block_on(world.wallet.renew_binding(binding.id.clone())).unwrap();
    assert!(renewed.expires_at_ms > binding.expires_at_ms);
    assert_eq!(code(block_on(world.wallet.devices(legacy.id))), Some(ErrorCode::InvalidInput));
    assert_eq!(code(block_on(world.wallet.devices("none".into()))), Some(ErrorCode::NotBound));
}

#[test]
fn a_wrong_clock_spoils_no_signed_call() {
    let (mut world, binding) = World::bound();
    world.phone.clock.shift(7 * 3_600_000);
    world.restart();
    assert_eq!(block_on(world.wallet.devices(binding.id)).unwrap().len(), 1);
}

#[test]
fn revoking_this_phone_removes_binding_and_key() {
    let (world, binding) = World::bound();
    block_on(world.wallet.revoke_device(binding.id.clone(), "device-0".into())).unwrap();
    assert!(world.wallet.bindings().unwrap().is_empty());
    assert!(world.phone.keys.aliases().is_empty());
    assert!(world.did(ActivityKind::Unbound));
}

#[test]
fn a_phone_revoked_elsewhere_is_told_to_bind_again() {
    let (world, binding) = World::bound();
    world.server.memory.lock().unwrap().phones[0].revoked = true;
    assert_eq!(code(block_on(world.wallet.devices(binding.id))), Some(ErrorCode::BindingEnded));
    // The login that it had begun is over: no try of this phone will do better.
    let (_, session) = world.scan(server::ORIGIN);
    let refused = block_on(session.approve(accept_email())).unwrap_err();
    assert_eq!((refused.code(), refused.retry()), (ErrorCode::BindingEnded, Retry::Never));
    assert_eq!(refused.details().server_code.as_deref(), Some("binding_ended"));
    assert!(matches!(session.stage().unwrap(), LoginStage::Failed { code: ErrorCode::BindingEnded }));
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
    // Not the first of the log: entries of one moment have no order.
    assert!(world.wallet.activity().unwrap().iter().any(|entry| entry.error == Some(ErrorCode::BindingEnded)));
}

#[test]
fn revoking_another_phone_leaves_this_one() {
    let (world, binding) = World::bound();
    world.bind(esignet()).unwrap();
    block_on(world.wallet.revoke_device(binding.id, "device-1".into())).unwrap();
    assert_eq!(world.wallet.bindings().unwrap().len(), 2);
    assert!(world.did(ActivityKind::DeviceRevoked));
}

#[test]
fn erasing_leaves_nothing() {
    let (mut world, binding) = World::bound();
    world.wallet.begin_binding(native()).unwrap();
    block_on(world.wallet.forget_binding(binding.id)).unwrap();
    world.bind(native()).unwrap();
    block_on(world.wallet.erase()).unwrap();
    world.restart();
    assert!(world.wallet.bindings().unwrap().is_empty());
    assert!(world.wallet.activity().unwrap().is_empty());
    assert!(world.wallet.unfinished_sessions().unwrap().is_empty());
    assert!(world.phone.keys.aliases().is_empty());
}
