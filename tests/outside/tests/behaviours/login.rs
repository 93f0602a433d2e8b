//! Logins by code as they go, and codes that lead nowhere.

use wallet_core::{ActivityKind, DenialReason, ErrorCode, LoginChoices, LoginStage, ReceiptState, RequestedClaim};

use crate::phone::Phone;

#[tokio::test]
async fn approve() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("").await;
    let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
    let review = session.review().unwrap();
    assert!(review.claims.contains(&RequestedClaim { name: "name".into(), essential: true }));
    let voluntary = review.claims.iter().filter(|claim| !claim.essential).map(|claim| claim.name.clone()).collect();
    let choices = LoginChoices { accepted_voluntary_claims: voluntary, ..LoginChoices::default() };
    let outcome = session.approve(choices).await.unwrap();
    assert!(matches!(session.stage().unwrap(), LoginStage::Completed { .. }));
    assert_eq!(phone.stand.end(&login).await.as_ref(), Ok(&phone.person.name));
    let receipt = wallet.receipts().unwrap().remove(0);
    assert_eq!(Some(&receipt.id), outcome.receipt_id.as_ref());
    assert_eq!(receipt.claims, ["email", "name"]);
    assert!(wallet.verify_receipt(receipt.id).unwrap());
    assert_eq!(wallet.activity().unwrap()[0].kind, ActivityKind::LoginApproved);
    let again = wallet.begin_login(login.link, None).await.unwrap_err();
    assert!(matches!(again.code(), ErrorCode::LinkCodeRefused | ErrorCode::LinkExpired), "{again:?}");
}

#[tokio::test]
async fn deny() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("").await;
    let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
    session.deny(Some(DenialReason::NotMe)).await.unwrap();
    assert!(matches!(session.stage().unwrap(), LoginStage::Denied));
    assert!(phone.stand.end(&login).await.is_err(), "the browser is told, and not logged in");
    assert_eq!(wallet.activity().unwrap()[0].kind, ActivityKind::LoginDenied);
    assert!(wallet.receipts().unwrap().is_empty());
    let late = session.approve(LoginChoices::default()).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::WrongState);
}

#[tokio::test]
async fn expired_code() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("/expired").await;
    let late = wallet.begin_login(login.link, None).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::LinkExpired);
    assert!(wallet.unfinished_sessions().unwrap().is_empty());
    // The next code that the page shows is good.
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn unknown_server() {
    let (phone, wallet) = Phone::bound().await;
    let elsewhere = phone.stand.begin("/elsewhere").await;
    let sent = phone.network.sent();
    assert!(wallet.bindings_for(elsewhere.link.clone()).unwrap().is_empty());
    let refused = wallet.begin_login(elsewhere.link, None).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::UnknownServer);
    // To a wallet that is bound nowhere every server is unknown.
    let stranger = phone.beside();
    let unbound = stranger.open().await;
    let login = phone.stand.begin("").await;
    assert_eq!(unbound.begin_login(login.link, None).await.unwrap_err().code(), ErrorCode::UnknownServer);
    assert_eq!((phone.network.sent(), stranger.network.sent()), (sent, 0), "nothing was sent");
}

#[tokio::test]
async fn withdraw_consent() {
    let (phone, wallet) = Phone::bound().await;
    let login = phone.stand.begin("").await;
    let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
    let receipt = session.approve(LoginChoices::default()).await.unwrap().receipt_id.unwrap();
    assert_eq!(phone.stand.end(&login).await.as_ref(), Ok(&phone.person.name));
    assert_eq!(phone.stand.name(&login).await.as_ref(), Ok(&phone.person.name));
    let withdrawn = wallet.withdraw_consent(receipt.clone()).await.unwrap();
    assert_eq!((withdrawn.id, withdrawn.state), (receipt, ReceiptState::Withdrawn));
    assert!(phone.stand.name(&login).await.is_err(), "the token is good no more");
    let binding = wallet.bindings().unwrap().remove(0);
    let receipts = wallet.refresh_receipts(binding.id).await.unwrap();
    assert!(receipts.iter().all(|receipt| receipt.state == ReceiptState::Withdrawn));
    // Asked again, the citizen may agree again.
    phone.logs_in(&wallet).await;
}

#[tokio::test]
async fn answer_question() {
    let (phone, wallet) = Phone::bound().await;
    let binding = wallet.bindings().unwrap().remove(0).id;
    assert!(wallet.questions(binding.clone()).await.unwrap().is_empty());
    let asked = phone.stand.ask(&phone.person).await;
    assert_eq!(phone.stand.standing(&asked).await, "OPEN");
    let question = wallet.questions(binding.clone()).await.unwrap().remove(0);
    assert_eq!((&question.id, question.purpose.as_str()), (&asked, "Your file"));
    let before = phone.keys.prompts();
    let receipt = wallet.answer_question(question, vec!["name".into()]).await.unwrap().unwrap();
    assert_eq!(phone.keys.prompts() - before, 1, "a key that asks at every use asks once");
    assert_eq!(phone.stand.standing(&asked).await, "AGREED name");
    assert!(wallet.verify_receipt(receipt.id.clone()).unwrap());
    assert_eq!(wallet.activity().unwrap()[0].kind, ActivityKind::QuestionAnswered);
    wallet.withdraw_consent(receipt.id).await.unwrap();
    assert_eq!(phone.stand.standing(&asked).await, "WITHDRAWN");
    let asked = phone.stand.ask(&phone.person).await;
    let question = wallet.questions(binding).await.unwrap().remove(0);
    assert!(wallet.answer_question(question, Vec::new()).await.unwrap().is_none());
    assert_eq!(phone.stand.standing(&asked).await, "DECLINED");
}
