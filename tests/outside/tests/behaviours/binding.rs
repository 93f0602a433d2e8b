//! A phone and its server: bound, beside another, refused, locked out, renewed, wiped.

use wallet_core::{
    ActivityKind, BindingFactor, BindingProfile, ErrorCode, LoginChoices, LoginStage, OtpChannel, Retry,
};

use crate::phone::Phone;

/// More wrong one-time passwords than the server takes in a row (`limits.attempts`).
const TOO_MANY: usize = 12;

fn otp(code: &str) -> Vec<BindingFactor> {
    vec![BindingFactor::Otp { code: code.into() }]
}

/// One that is not the given one.
fn wrong(otp: &str) -> String {
    otp.chars().map(|digit| if digit == '9' { '0' } else { '9' }).collect()
}

#[tokio::test]
async fn bind() {
    let phone = Phone::new().await;
    let wallet = phone.open().await;
    assert!(wallet.bindings().unwrap().is_empty());
    let binding = phone.bind(&wallet).await;
    assert_eq!(wallet.bindings().unwrap(), std::slice::from_ref(&binding));
    assert_eq!((binding.server, binding.profile), (phone.stand.server().await, BindingProfile::Native));
    assert!(binding.expires_at_ms > binding.bound_at_ms);
    let devices = wallet.devices(binding.id).await.unwrap();
    assert_eq!(devices.len(), 1);
    assert!(devices[0].current && !devices[0].revoked && devices[0].name == "Rust test");
    assert!(wallet.unfinished_sessions().unwrap().is_empty());
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn second_device() {
    let (first, old) = Phone::bound().await;
    let second = first.beside();
    let new = second.open().await;
    let binding = second.bind(&new).await;
    first.logs_in(&old).await;
    second.logs_in(&new).await;
    let devices = new.devices(binding.id.clone()).await.unwrap();
    assert_eq!(devices.len(), 2);
    let other = devices.iter().find(|device| !device.current).unwrap();
    new.revoke_device(binding.id, other.device_id.clone()).await.unwrap();
    // The phone that was lost is of no more use; the other one is.
    let login = first.stand.begin("").await;
    let session = old.begin_login(login.link.clone(), None).await.unwrap();
    let refused = session.approve(LoginChoices::default()).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), (ErrorCode::BindingEnded, Retry::Never));
    assert!(matches!(session.stage().unwrap(), LoginStage::Failed { code: ErrorCode::BindingEnded }));
    let lost = old.bindings().unwrap().remove(0);
    assert_eq!(old.devices(lost.id).await.unwrap_err().code(), ErrorCode::BindingEnded);
    second.logs_in(&new).await;
}

#[tokio::test]
async fn wrong_otp() {
    let phone = Phone::new().await;
    let wallet = phone.open().await;
    let (session, sent) = phone.begin_binding(&wallet).await;
    let refused = session.bind(otp(&wrong(&sent))).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), (ErrorCode::AuthenticationFailed, Retry::Now));
    assert!(wallet.bindings().unwrap().is_empty());
    assert_eq!(phone.key_files(), 0, "the key that was made for nothing is gone");
    session.bind(otp(&sent)).await.unwrap();
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn lock_out() {
    let phone = Phone::new().await;
    let wallet = phone.open().await;
    let (session, sent) = phone.begin_binding(&wallet).await;
    let mut tries = 0;
    let locked = loop {
        let refused = session.bind(otp(&wrong(&sent))).await.unwrap_err();
        if refused.code() != ErrorCode::AuthenticationFailed {
            break refused;
        }
        tries += 1;
        assert!(tries < TOO_MANY, "nobody is locked out");
    };
    assert_eq!((locked.code(), locked.retry()), (ErrorCode::AttemptsExceeded, Retry::Later));
    let right = session.bind(otp(&sent)).await.unwrap_err();
    assert_eq!(right.code(), ErrorCode::AttemptsExceeded, "the right one comes too late");
    let more = session.request_otp(vec![OtpChannel::Email]).await.unwrap_err();
    assert_eq!(more.code(), ErrorCode::AttemptsExceeded);
    // It is this person who is locked out, and not for ever.
    let (other, others) = Phone::bound().await;
    other.logs_in(&others).await;
    phone.stand.unlock(&phone.person).await;
    phone.bind(&wallet).await;
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn renew_certificate() {
    let (phone, wallet) = Phone::bound().await;
    let before = wallet.bindings().unwrap().remove(0);
    let after = wallet.renew_binding(before.id.clone()).await.unwrap();
    assert_eq!(after.id, before.id);
    assert!(after.expires_at_ms >= before.expires_at_ms);
    assert_eq!(wallet.bindings().unwrap(), [after]);
    assert_eq!(wallet.activity().unwrap()[0].kind, ActivityKind::Renewed);
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn wipe() {
    let (phone, wallet) = Phone::bound().await;
    phone.logs_in(&wallet).await;
    assert_eq!(phone.key_files(), 1);
    let binding = wallet.bindings().unwrap().remove(0);
    let own = wallet.devices(binding.id.clone()).await.unwrap().remove(0);
    wallet.revoke_device(binding.id, own.device_id).await.unwrap();
    wallet.erase().await.unwrap();
    drop(wallet);
    let wallet = phone.open().await;
    assert!(wallet.bindings().unwrap().is_empty());
    assert!(wallet.receipts().unwrap().is_empty());
    assert!(wallet.activity().unwrap().is_empty());
    assert!(wallet.unfinished_sessions().unwrap().is_empty());
    assert_eq!(phone.key_files(), 0);
    // Nothing stands in the way of a new beginning.
    phone.bind(&wallet).await;
    phone.logs_in(&wallet).await;
}
