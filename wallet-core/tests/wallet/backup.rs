//! Backup on one phone, restore on another: what comes back, and what must be bound again.

use crate::credentials::Office;
use crate::phone::Phone;
use crate::server::{NOW_MS, ORIGIN, UIN};
use crate::{World, code, native};
use futures::executor::block_on;
use std::fmt::Write;
use wallet_core::{
    ActivityKind, BindingProfile, CredentialVerification, ErrorCode, LoginChoices, ReceiptState, Retry, inspect_backup,
};

const PASSPHRASE: &str = "MARKER correct horse battery";

/// Another phone that reaches the same server.
fn new_phone(world: &World) -> World {
    let phone = Phone::new(world.server.clone());
    *phone.issuers.lock().unwrap() = world.phone.issuers.lock().unwrap().clone();
    let wallet = phone.open().unwrap();
    World { phone, server: world.server.clone(), wallet }
}

fn log_in(world: &World) -> String {
    let (_, session) = world.scan(ORIGIN);
    block_on(session.approve(LoginChoices::default())).unwrap().receipt_id.unwrap()
}

#[test]
fn a_new_phone_gets_what_can_be_moved_and_is_guided_to_the_rest() {
    let office = Office::new(1);
    let old = World::trusting(&office);
    let binding = old.bind(native()).unwrap();
    let receipt = log_in(&old);
    let credential = old.wallet.add_credential(office.issue("MARKER-NAME")).unwrap();
    let file = old.wallet.export_backup(PASSPHRASE.into()).unwrap();
    assert!(old.did(ActivityKind::BackupExported));
    let header = inspect_backup(file.clone()).unwrap();
    assert_eq!((header.memory_kib, header.passes, header.lanes), (65_536, 3, 4));

    let new = new_phone(&old);
    let wrong = new.wallet.restore_backup(file.clone(), "MARKER wrong passphrase".into()).unwrap_err();
    assert_eq!((wrong.code(), wrong.retry()), (ErrorCode::BackupPassphraseWrong, Retry::Now));
    assert!(new.wallet.activity().unwrap().is_empty());
    let restored = new.wallet.restore_backup(file.clone(), PASSPHRASE.into()).unwrap();
    assert_eq!((restored.credentials, restored.receipts), (1, 1));
    assert_eq!(restored.activity, 3, "bound, approved, added; the backup itself was after them");
    assert_eq!(restored.settings.languages, ["deu"]);
    assert_eq!(restored.created_at_ms, NOW_MS);
    let shown = new.wallet.credential(credential.id).unwrap();
    assert_eq!(shown.credential.verification, CredentialVerification::Verified);
    assert!(new.wallet.verify_receipt(receipt.clone()).unwrap(), "the statement proves itself");
    assert!(new.did(ActivityKind::BackupRestored));

    // Keys are not moved: nothing can be approved or withdrawn before this phone is bound.
    assert!(new.wallet.bindings().unwrap().is_empty());
    assert_eq!(code(block_on(new.wallet.withdraw_consent(receipt.clone()))), Some(ErrorCode::NotBound));
    let [awaited] = restored.bind_again.as_slice() else { panic!("one binding") };
    assert_eq!((awaited.server.as_str(), awaited.individual_id.as_str()), (ORIGIN, UIN));
    assert_eq!((awaited.label.as_str(), awaited.device_name.as_str()), ("Me", "Blue phone"));
    assert_eq!(awaited.profile, BindingProfile::Native);
    assert_eq!(new.wallet.bind_again().unwrap(), restored.bind_again);

    // Bound again, the binding takes the place of the old one, and its receipts go with it.
    let again = new.bind(native()).unwrap();
    assert_eq!(again.id, binding.id);
    assert!(new.wallet.bind_again().unwrap().is_empty());
    let ended = block_on(new.wallet.withdraw_consent(receipt)).unwrap();
    assert_eq!(ended.state, ReceiptState::Withdrawn);

    // A second time nothing is there twice, and nothing is undone.
    let twice = new.wallet.restore_backup(file, PASSPHRASE.into()).unwrap();
    assert_eq!((twice.credentials, twice.receipts, twice.activity), (0, 0, 0));
    assert!(twice.bind_again.is_empty());
    assert_eq!(new.wallet.receipts().unwrap()[0].state, ReceiptState::Withdrawn);
}

#[test]
fn what_is_not_wanted_again_is_taken_off_the_list() {
    let (old, _) = World::bound();
    let file = old.wallet.export_backup(PASSPHRASE.into()).unwrap();
    let new = new_phone(&old);
    let restored = new.wallet.restore_backup(file, PASSPHRASE.into()).unwrap();
    // What is open goes into the next backup, too.
    let next = new.wallet.export_backup(PASSPHRASE.into()).unwrap();
    assert_eq!(code(new.wallet.skip_bind_again("nothing".into())), Some(ErrorCode::InvalidInput));
    new.wallet.skip_bind_again(restored.bind_again[0].id.clone()).unwrap();
    assert!(new.wallet.bind_again().unwrap().is_empty());
    let third = new_phone(&old);
    let restored_next = third.wallet.restore_backup(next, PASSPHRASE.into()).unwrap();
    assert_eq!(restored_next.bind_again, restored.bind_again);
    block_on(third.wallet.erase()).unwrap();
    assert!(third.wallet.bind_again().unwrap().is_empty(), "erased with the rest");
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let world = World::new();
    for short in ["", "eleven char"] {
        assert_eq!(code(world.wallet.export_backup(short.into())), Some(ErrorCode::InvalidInput));
    }
    let file = world.wallet.export_backup(PASSPHRASE.into()).unwrap();
    let mut damaged = file.clone();
    damaged[60] ^= 1;
    let mut newer = file.clone();
    newer[17] = 9;
    for (bytes, why) in [
        (Vec::new(), ErrorCode::BackupDamaged),
        (b"PK\x03\x04 something else".to_vec(), ErrorCode::BackupDamaged),
        (damaged, ErrorCode::BackupDamaged),
        (newer, ErrorCode::BackupTooNew),
    ] {
        assert_eq!(code(inspect_backup(bytes.clone())), Some(why));
        assert_eq!(code(world.wallet.restore_backup(bytes, PASSPHRASE.into())), Some(why));
    }
}

/// Nothing of a person in the file, in `Debug`, errors and the log.
#[test]
fn nothing_personal_is_said_of_backups() {
    let office = Office::new(1);
    let old = World::trusting(&office);
    old.bind(native()).unwrap();
    old.wallet.add_credential(office.issue("MARKER-NAME")).unwrap();
    let file = old.wallet.export_backup(PASSPHRASE.into()).unwrap();
    assert!(!String::from_utf8_lossy(&file).contains("MARKER"));
    let new = new_phone(&old);
    let mut said = String::new();
    let failed = new.wallet.restore_backup(file.clone(), "MARKER wrong passphrase".into()).unwrap_err();
    write!(said, "{failed} {failed:?} {:?}", inspect_backup(file.clone())).unwrap();
    let restored = new.wallet.restore_backup(file, PASSPHRASE.into()).unwrap();
    write!(said, "{restored:?} {:?}", restored.bind_again).unwrap();
    for phone in [&old.phone, &new.phone] {
        write!(said, "{:?}", phone.log.0.lock().unwrap()).unwrap();
    }
    for word in ["MARKER", "Blue phone", "horse", ORIGIN] {
        assert!(!said.contains(word), "{word} in {said}");
    }
}
