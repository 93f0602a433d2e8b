//! What goes wrong on a phone: no network, a clock that is off, keys taken away, an app that is killed.

use std::sync::Arc;

use wallet_core::{ErrorCode, LoginChoices, LoginStage, Retry, SessionKind, Wallet};

use crate::phone::Phone;

#[tokio::test]
async fn offline_and_back() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("").await;
    phone.network.set_offline(true);
    let away = wallet.begin_login(login.link.clone(), None).await.unwrap_err();
    assert_eq!((away.code(), away.retry()), (ErrorCode::Offline, Retry::Now));
    assert_eq!(wallet.bindings().unwrap().len(), 1, "what the phone knows it shows");
    phone.network.set_offline(false);
    let session = wallet.begin_login(login.link.clone(), None).await.unwrap();

    phone.network.set_offline(true);
    let away = session.approve(LoginChoices::default()).await.unwrap_err();
    assert_eq!(away.code(), ErrorCode::Offline);
    assert!(matches!(session.stage().unwrap(), LoginStage::Unfinished { .. }), "the citizen need not decide again");
    assert!(session.finish().await.is_err());
    phone.network.set_offline(false);
    session.finish().await.unwrap();
    assert_eq!(phone.stand.end(&login).await.as_ref(), Ok(&phone.person.name));
}

#[tokio::test]
async fn wrong_clock() {
    for minutes in [5, -5] {
        let phone = Phone::new().await;
        phone.clock.set_minutes(minutes);
        let wallet = phone.open().await;
        phone.bind(&wallet).await;
        phone.logs_in(&wallet).await;
        wallet.devices(wallet.bindings().unwrap().remove(0).id).await.unwrap();
        // What was learned of the server's clock is not needed to begin: a wallet that was just started scans first.
        drop(wallet);
        phone.clock.set_minutes(-minutes);
        let wallet = phone.open().await;
        phone.logs_in(&wallet).await;
    }
}

#[tokio::test]
async fn key_invalidated() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("").await;
    let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
    phone.keys.invalidate(true);
    let gone = session.approve(LoginChoices::default()).await.unwrap_err();
    assert_eq!((gone.code(), gone.retry()), (ErrorCode::KeyInvalidated, Retry::Never));
    assert!(matches!(session.stage().unwrap(), LoginStage::Review { .. }), "nothing was approved");
    // Bound again by a new key, in the place of the old binding, the same code still logs in.
    phone.keys.invalidate(false);
    session.cancel().unwrap();
    phone.bind(&wallet).await;
    assert_eq!(wallet.bindings().unwrap().len(), 1);
    phone.logs_in(&wallet).await;
}

/// The server has the request, the app is killed before the answer: the next app finishes what the citizen approved.
#[tokio::test]
async fn killed_between_approve_and_answer() {
    for kept in ["/authenticate", "/consent"] {
        // A person each: a consent that is remembered is not asked for.
        let (phone, wallet) = Phone::bound().await;
        let login = phone.stand.begin("").await;
        let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
        let id = session.id();
        phone.network.keep_answers_of(Some(kept));
        let approval = tokio::spawn(async move { session.approve(LoginChoices::default()).await });
        phone.network.answered().await;
        approval.abort();
        assert!(approval.await.unwrap_err().is_cancelled());
        assert_eq!(Arc::strong_count(&wallet), 1);
        drop(wallet);
        phone.network.keep_answers_of(None);

        let wallet = phone.open().await;
        let unfinished = wallet.unfinished_sessions().unwrap();
        assert_eq!((unfinished.len(), unfinished[0].kind, &unfinished[0].id), (1, SessionKind::Login, &id));
        let ended = finish(&wallet, id).await;
        assert_eq!(phone.stand.end(&login).await.as_ref(), Ok(&phone.person.name), "{kept}");
        match kept {
            "/authenticate" => assert_eq!(ended, Ok(())),
            // The login is over on the server: the wallet cannot know how, and says so.
            _ => assert!(matches!(ended, Ok(()) | Err(ErrorCode::OutcomeUnknown)), "{ended:?}"),
        }
        assert!(wallet.unfinished_sessions().unwrap().is_empty());
    }
}

async fn finish(wallet: &Arc<Wallet>, id: String) -> Result<(), ErrorCode> {
    let session = wallet.resume_login(id).unwrap();
    assert!(matches!(session.stage().unwrap(), LoginStage::Unfinished { .. }));
    session.finish().await.map(|_| ()).map_err(|error| error.code())
}
