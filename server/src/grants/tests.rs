use futures::future::join_all;
use protocol::base64url;

use super::*;
use crate::dialect::Mount;
use crate::registry::{Fault, PersonId};
use crate::testkit::Kit;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636, appendix B.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(super) fn approval(challenge: Option<&str>) -> Approval {
    Approval {
        mount: Mount::Op,
        client_id: "clinic".into(),
        person: PersonId(42),
        redirect_uri: "https://rp.test/cb".into(),
        nonce: Some("their nonce".into()),
        code_challenge: challenge.map(str::to_owned),
        scopes: vec!["openid".into()],
        permitted_scopes: Vec::new(),
        userinfo_claims: vec!["name".into()],
        id_token_claims: Vec::new(),
        verified_claims: Vec::new(),
        locales: Vec::new(),
        acr: "mosip:idp:acr:generated-code".into(),
        amr: vec!["OTP".into()],
        auth_time: 0,
        consent_expires: None,
        key: None,
        receipt: None,
        login: None,
        linked: None,
        claims: ClaimsRequest::default(),
        auth_time_asked: false,
        session: None,
        sid: None,
        dpop_jkt: None,
        offline: false,
    }
}

fn presented<'a>(code: &'a str, verifier: Option<&'a str>) -> Presented<'a> {
    Presented {
        mount: Mount::Op,
        client_id: "clinic",
        code,
        redirect_uri: Some("https://rp.test/cb"),
        code_verifier: verifier,
        code_seconds: None,
        refreshable: true,
        public: false,
    }
}

async fn refusal(kit: &Kit, presented: Presented<'_>) -> Option<NotRedeemed> {
    match redeem(&kit.state, presented, Shown::default()).await {
        Ok(_) => None,
        Err(RedeemError::Refused(why)) => Some(why),
        Err(RedeemError::Fault(fault)) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn on_both_t1_a_second_use_gives_nothing_and_kills_what_the_first_got() {
    for kit in Kit::both().await {
        let code = kit.code(&approval(None)).await;
        let issued = redeem(&kit.state, presented(&code, None), Shown::default()).await.unwrap();
        assert_eq!(issued.approval, approval(None));
        assert_eq!(issued.expires_in, 3600);
        let token = access_token(&kit.state, &issued.access_token).await.unwrap().unwrap();
        assert_eq!((token.mount, token.client_id.as_str()), (Mount::Op, "clinic"));
        assert!(matches!(token.grant, Grant::Login(found) if *found == approval(None)));
        assert_eq!(refusal(&kit, presented(&code, None)).await, Some(NotRedeemed::Used));
        assert!(access_token(&kit.state, &issued.access_token).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_t2_of_fifty_who_redeem_one_code_one_wins() {
    for kit in Kit::both().await {
        let code = kit.code(&approval(None)).await;
        let tries = join_all((0..50).map(|_| {
            let (state, code) = (kit.state.clone(), code.clone());
            tokio::spawn(async move { redeem(&state, presented(&code, None), Shown::default()).await })
        }));
        let (mut won, mut used) = (0, 0);
        for outcome in tries.await {
            match outcome.unwrap() {
                Ok(_) => won += 1,
                Err(RedeemError::Refused(NotRedeemed::Used)) => used += 1,
                // On a machine that is busy with other tests some may be told to come back.
                Err(RedeemError::Fault(Fault::Store(StoreError::Busy))) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert!(won == 1 && used > 0, "{won} {used}");
    }
}

#[tokio::test]
async fn on_both_t3_to_t8_a_code_is_bound_to_what_it_was_issued_for() {
    for kit in Kit::both().await {
        let plain = kit.code(&approval(None)).await;
        let with_challenge = kit.code(&approval(Some(CHALLENGE))).await;
        // T3: never another client's, nor the same id's at another mount.
        let other = Presented { client_id: "other", ..presented(&plain, None) };
        assert_eq!(refusal(&kit, other).await, Some(NotRedeemed::OtherClient));
        let elsewhere = Presented { mount: Mount::GovStack, ..presented(&plain, None) };
        assert_eq!(refusal(&kit, elsewhere).await, Some(NotRedeemed::OtherClient));
        // T4: altered anywhere, or made of two.
        for place in [0, 10, 21, 22, 40, 63] {
            let mut bytes = plain.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(bytes).unwrap();
            assert_eq!(refusal(&kit, presented(&altered, None)).await, Some(NotRedeemed::Unknown), "{place}");
        }
        let joined = format!("{}{}", &plain[..32], &with_challenge[32..]);
        assert_eq!(refusal(&kit, presented(&joined, None)).await, Some(NotRedeemed::Unknown));
        // T5, T6: the verifier can neither be left out nor be added, nor be another.
        let verifier = Some(VERIFIER);
        assert_eq!(refusal(&kit, presented(&with_challenge, None)).await, Some(NotRedeemed::CodeVerifier));
        assert_eq!(refusal(&kit, presented(&plain, verifier)).await, Some(NotRedeemed::CodeVerifier));
        for wrong in [CHALLENGE, "short", &"x".repeat(129), &format!("{}=", &VERIFIER[1..])] {
            let why = refusal(&kit, presented(&with_challenge, Some(wrong))).await;
            assert_eq!(why, Some(NotRedeemed::CodeVerifier), "{wrong}");
        }
        // T7
        for redirect_uri in [None, Some("https://rp.test/CB"), Some("https://rp.test/cb/")] {
            let wrong = Presented { redirect_uri, ..presented(&plain, None) };
            assert_eq!(refusal(&kit, wrong).await, Some(NotRedeemed::RedirectUri));
        }
        // None of this used them up.
        assert_eq!(refusal(&kit, presented(&with_challenge, verifier)).await, None);
        // T8
        kit.clock.advance_seconds(60);
        assert_eq!(refusal(&kit, presented(&plain, None)).await, Some(NotRedeemed::Expired));
    }
}

#[tokio::test]
async fn tokens_end_with_the_consent_and_leave_when_nothing_depends_on_them() {
    let kit = Kit::new().await;
    let soon = kit.state.clock.now() + 600_000;
    let code = kit.code(&Approval { consent_expires: Some(soon), ..approval(None) }).await;
    let issued = redeem(&kit.state, presented(&code, None), Shown::default()).await.unwrap();
    assert_eq!((issued.expires_at, issued.expires_in), (soon, 600));
    kit.clock.advance_seconds(599);
    assert!(access_token(&kit.state, &issued.access_token).await.unwrap().is_some());
    assert_eq!(expire(&kit.state).await.unwrap(), 0);
    kit.clock.advance_seconds(1);
    assert!(access_token(&kit.state, &issued.access_token).await.unwrap().is_none());
    // The code is remembered while its token could have lived.
    assert_eq!(refusal(&kit, presented(&code, None)).await, Some(NotRedeemed::Used));
    kit.clock.advance_seconds(3700);
    assert_eq!(expire(&kit.state).await.unwrap(), 2);
    assert_eq!(refusal(&kit, presented(&code, None)).await, Some(NotRedeemed::Unknown));
}

/// GS-PRI: whoever reads the database learns neither who logged in, nor anything that can be redeemed.
#[tokio::test]
async fn what_is_stored_tells_neither_secret_nor_person() {
    let kit = Kit::new().await;
    let code = kit.code(&approval(Some(CHALLENGE))).await;
    let issued = redeem(&kit.state, presented(&code, Some(VERIFIER)), Shown::default()).await.unwrap();
    let texts = kit
        .state
        .store
        .read(|tx| {
            Box::pin(async move {
                let sql = "SELECT hex(secret_hash) || hex(approval) || mount || client_id FROM authorization_code \
                           UNION ALL SELECT hex(secret_hash) || hex(approval) || mount || client_id FROM access_token";
                crate::fetch_all!(tx, (String,), sql)
            })
        })
        .await
        .unwrap();
    assert_eq!(texts.len(), 2);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let secret = |token: &str| base64url::decode(token).unwrap()[16..].to_vec();
    for (text,) in texts {
        for clear in [b"person".to_vec(), b"name".to_vec(), secret(&code), secret(&issued.access_token)] {
            assert!(!text.contains(&hex(&clear)));
        }
    }
}

/// T8, FAPI 2.0 §5.3.2.1: where the operator lets codes live longer, they do not for such a client.
#[tokio::test]
async fn t8_a_code_lives_no_longer_than_its_client_may_have_it() {
    let mut config = crate::config::Config::default();
    config.lifetimes.code = 300;
    let kit = Kit::with(config).await;
    let (early, late) = (kit.code(&approval(None)).await, kit.code(&approval(None)).await);
    let of_a_minute = |code| Presented { code_seconds: Some(60), ..presented(code, None) };
    kit.clock.advance_seconds(59);
    assert_eq!(refusal(&kit, of_a_minute(&early)).await, None);
    kit.clock.advance_seconds(2);
    assert_eq!(refusal(&kit, of_a_minute(&late)).await, Some(NotRedeemed::Expired));
    // Too late as it is, a second use is one: what the first got is revoked.
    assert_eq!(refusal(&kit, of_a_minute(&early)).await, Some(NotRedeemed::Used));
    // It is the client's rule, not the code's.
    assert_eq!(refusal(&kit, presented(&late, None)).await, None);
}

/// RFC 9449 §10: a code that is bound to a key is of no use without it, and is not used up by whoever lacks it.
#[tokio::test]
async fn on_both_a_bound_code_needs_its_key() {
    for kit in Kit::both().await {
        let code = kit.code(&Approval { dpop_jkt: Some("thumbprint".into()), ..approval(None) }).await;
        let shows = |jkt: &str, jti: &str| {
            let proof = Assertion::of_proof(Mount::Op, jkt, jti, 2_000_000_000);
            Shown { assertion: None, key: Some(HeldKey { jkt: jkt.into(), proof }) }
        };
        for shown in [Shown::default(), shows("another", "1")] {
            let refused = redeem(&kit.state, presented(&code, None), shown).await;
            assert!(matches!(refused, Err(RedeemError::Refused(NotRedeemed::OtherKey))));
        }
        let issued = redeem(&kit.state, presented(&code, None), shows("thumbprint", "2")).await.unwrap();
        let token = access_token(&kit.state, &issued.access_token).await.unwrap().unwrap();
        assert_eq!(token.dpop_jkt.as_deref(), Some("thumbprint"));
        // The same proof once more, for something else.
        let code = kit.code(&approval(None)).await;
        let refused = redeem(&kit.state, presented(&code, None), shows("thumbprint", "2")).await;
        assert!(matches!(refused, Err(RedeemError::Refused(NotRedeemed::ProofUsed))));
    }
}

#[tokio::test]
async fn on_both_a_client_has_tokens_of_its_own() {
    for kit in Kit::both().await {
        let text = issue_to_client(&kit.state, Mount::Op, "clinic", &["a".into(), "b".into()], Shown::default())
            .await
            .unwrap()
            .unwrap();
        let token = access_token(&kit.state, &text).await.unwrap().unwrap();
        assert!(matches!(token.grant, Grant::Client { scopes } if scopes == ["a", "b"]));
        // C2: a code is no access token, and the other way round.
        let code = kit.code(&approval(None)).await;
        assert!(access_token(&kit.state, &code).await.unwrap().is_none());
        assert_eq!(refusal(&kit, presented(&text, None)).await, Some(NotRedeemed::Unknown));
    }
}
