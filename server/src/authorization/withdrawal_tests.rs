//! What a withdrawal ends, and what it meets on its way: on both databases.

use futures::future::join_all;

use super::consent::{Agreed, Consent, asked_hash, remember, use_remembered, write_down};
use super::withdrawal::{erase, take_back, withdraw};
use super::{Authenticated, Channel, Claim, Claims, Decision, Link, Request, Stage, Transaction, TransactionError};
use crate::clock::Millis;
use crate::consents::{self, Signed};
use crate::dialect::Mount;
use crate::grants::{self, Approval, ClaimsRequest, NotRedeemed, Presented, RedeemError};
use crate::registry::{Fault, PersonId};
use crate::store::StoreError;
use crate::testkit::Kit;

const ANNA: PersonId = PersonId(1);

fn login(kit: &Kit) -> Transaction {
    let claim = Claim { name: "name".into(), ..Claim::default() };
    Transaction {
        id: kit.state.next_id(),
        mount: Mount::Op,
        client_id: "clinic".into(),
        browser: Vec::new(),
        session: None,
        details_hash: String::new(),
        request: Request { claims: Claims { userinfo: vec![claim], ..Claims::default() }, ..Request::default() },
        stage: Stage::Started,
        created_at: 0,
        expires_at: Millis::MAX,
        version: 0,
    }
}

fn name_only() -> Decision {
    Decision { accepted_claims: vec!["name".into()], ..Decision::default() }
}

/// A login in which the citizen was asked, agreed, and is remembered.
async fn agree(kit: &Kit) -> Decision {
    let (state, login) = (kit.state.clone(), login(kit));
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let decision = name_only();
            let agreed = Agreed { transaction: &login, person: ANNA, decision: &decision, signed: Signed::default() };
            let decision = write_down(&state, tx, agreed).await?;
            let consent = Consent {
                asked_hash: asked_hash(&login.request),
                decision: decision.clone(),
                signature: None,
                statement: None,
                key: None,
                given_at: 0,
            };
            remember(&state, tx, Mount::Op, "clinic", ANNA, &consent, 1).await?;
            Ok::<_, TransactionError>(decision)
        })
    });
    work.await.unwrap()
}

/// A later login that nothing is asked in.
async fn again(kit: &Kit, remembered: Decision) -> Result<Option<Decision>, TransactionError> {
    let (state, login) = (kit.state.clone(), login(kit));
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let agreed = Agreed { transaction: &login, person: ANNA, decision: &remembered, signed: Signed::default() };
            use_remembered(&state, tx, agreed).await
        })
    });
    work.await
}

async fn code(kit: &Kit, decision: &Decision) -> String {
    let approval = Approval {
        mount: Mount::Op,
        client_id: "clinic".into(),
        person: ANNA,
        redirect_uri: "https://rp.test/cb".into(),
        nonce: None,
        code_challenge: None,
        scopes: vec!["openid".into()],
        permitted_scopes: Vec::new(),
        userinfo_claims: vec!["name".into()],
        id_token_claims: Vec::new(),
        verified_claims: Vec::new(),
        locales: Vec::new(),
        acr: String::new(),
        amr: Vec::new(),
        auth_time: 0,
        consent_expires: None,
        key: None,
        receipt: decision.receipt,
        login: None,
        linked: None,
        claims: ClaimsRequest::default(),
        auth_time_asked: false,
        session: None,
        sid: None,
        dpop_jkt: None,
        offline: false,
    };
    kit.code(&approval).await
}

async fn redeem(kit: &Kit, code: &str) -> Result<String, RedeemError> {
    let presented = Presented {
        mount: Mount::Op,
        client_id: "clinic",
        code,
        redirect_uri: Some("https://rp.test/cb"),
        code_verifier: None,
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    grants::redeem(&kit.state, presented, grants::Shown::default()).await.map(|issued| issued.access_token)
}

async fn is_live(kit: &Kit, token: &str) -> bool {
    grants::access_token(&kit.state, token).await.unwrap().is_some()
}

async fn standing(kit: &Kit) -> usize {
    let now = kit.state.clock.now();
    consents::of_person(&kit.state, ANNA).await.unwrap().iter().filter(|receipt| receipt.stands(now)).count()
}

#[tokio::test]
async fn on_both_a_withdrawal_kills_codes_and_tokens_and_the_memory_and_nothing_after_it() {
    for kit in Kit::both().await {
        let given = agree(&kit).await;
        let later = again(&kit, given.clone()).await.unwrap().unwrap();
        assert_ne!(later.receipt, given.receipt);
        let (first, second) = (code(&kit, &given).await, code(&kit, &later).await);
        let third = code(&kit, &later).await;
        let tokens = [redeem(&kit, &first).await.unwrap(), redeem(&kit, &second).await.unwrap()];
        assert!(is_live(&kit, &tokens[0]).await && is_live(&kit, &tokens[1]).await);

        // Another's receipt is not found; a receipt of a login without a question ends the consent it stands on too.
        assert_eq!(withdraw(&kit.state, PersonId(2), given.receipt.unwrap()).await.unwrap(), None);
        let ended = withdraw(&kit.state, ANNA, later.receipt.unwrap()).await.unwrap().unwrap();
        assert_eq!((ended.mount, ended.client_id.as_str()), (Mount::Op, "clinic"));
        assert!(!is_live(&kit, &tokens[0]).await && !is_live(&kit, &tokens[1]).await);
        assert!(matches!(redeem(&kit, &third).await, Err(RedeemError::Refused(NotRedeemed::Withdrawn))));
        assert_eq!(again(&kit, given.clone()).await.unwrap(), None, "asked again");

        kit.clock.advance_seconds(7);
        let twice = withdraw(&kit.state, ANNA, given.receipt.unwrap()).await.unwrap().unwrap();
        assert_eq!(twice.at, ended.at, "the first time counts");

        let anew = agree(&kit).await;
        let token = redeem(&kit, &code(&kit, &anew).await).await.unwrap();
        assert!(is_live(&kit, &token).await && !is_live(&kit, &tokens[0]).await);
    }
}

/// Fifty at once: whatever a code is redeemed for while its consent is withdrawn is never good afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_fifty_who_redeem_while_it_is_withdrawn_none_has_a_live_token_afterwards() {
    for kit in Kit::both().await {
        let given = agree(&kit).await;
        let mut codes = Vec::new();
        for _ in 0..49 {
            codes.push(code(&kit, &given).await);
        }
        let kit = &kit;
        let redeems = codes.iter().enumerate().map(|(place, code)| async move {
            if place == 24 {
                withdraw(&kit.state, ANNA, given.receipt.unwrap()).await.unwrap();
            }
            match redeem(kit, code).await {
                Ok(token) => Some(token),
                Err(RedeemError::Refused(NotRedeemed::Withdrawn)) => None,
                // On a machine that is busy with other tests some may be told to come back.
                Err(RedeemError::Fault(Fault::Store(StoreError::Busy))) => None,
                Err(error) => panic!("{error}"),
            }
        });
        let tokens: Vec<String> = join_all(redeems).await.into_iter().flatten().collect();
        for token in &tokens {
            assert!(!is_live(kit, token).await);
        }
        assert_eq!(standing(kit).await, 0);
    }
}

/// Fifty logins by memory while it is withdrawn: each is either before it, and ended by it, or after it, and asks.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_no_login_by_memory_outlives_the_withdrawal() {
    for kit in Kit::both().await {
        let given = agree(&kit).await;
        let kit = &kit;
        let logins = (0..50).map(|place| {
            let given = given.clone();
            async move {
                if place == 25 {
                    withdraw(&kit.state, ANNA, given.receipt.unwrap()).await.unwrap();
                    return;
                }
                match again(kit, given).await {
                    Ok(_) | Err(TransactionError::Store(StoreError::Busy)) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        });
        join_all(logins).await;
        assert_eq!(standing(kit).await, 0);
        assert_eq!(again(kit, given).await.unwrap(), None);
    }
}

/// A refusal after the approval takes the approval back.
#[tokio::test]
async fn on_both_an_approval_that_is_denied_leaves_no_consent() {
    for kit in Kit::both().await {
        let given = agree(&kit).await;
        let link = Link {
            linked: 1,
            key: None,
            nonce: String::new(),
            linked_at: 0,
            channel: Channel::CrossDevice,
            response: None,
            terms: crate::risk::Terms::default(),
            first: None,
        };
        let who = Authenticated {
            person: ANNA,
            acr: String::new(),
            amr: Vec::new(),
            auth_time: 0,
            key: None,
            remembered: None,
            session: None,
        };
        let approved = Transaction { stage: Stage::Approved(link, who, given.clone()), ..login(&kit) };
        let state = kit.state.clone();
        let work = kit.state.store.write(move |tx| Box::pin(async move { take_back(&state, tx, &approved).await }));
        work.await.unwrap();
        assert_eq!(standing(&kit).await, 0);
        assert_eq!(again(&kit, given).await.unwrap(), None);
    }
}

/// GS-PRI: erased, nothing of it is left, and nothing stands on it.
#[tokio::test]
async fn on_both_what_is_erased_is_gone_with_all_that_stands_on_it() {
    for kit in Kit::both().await {
        let given = agree(&kit).await;
        let token = redeem(&kit, &code(&kit, &given).await).await.unwrap();
        let state = kit.state.clone();
        let erased = kit.state.store.write(move |tx| Box::pin(async move { erase(&state, tx, ANNA).await }));
        assert_eq!(erased.await.unwrap(), 1);
        assert!(!is_live(&kit, &token).await);
        assert!(consents::of_person(&kit.state, ANNA).await.unwrap().is_empty());
        assert_eq!(again(&kit, given).await.unwrap(), None);
    }
}
