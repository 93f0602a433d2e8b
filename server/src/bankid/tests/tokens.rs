//! The token endpoint of the mount.

use axum::http::{StatusCode, header};

use protocol::jws::Algorithm;

use super::{approval, ask, config, every_scope, jan, party, party_with, tokens as granted};
use crate::clients::{AuthMethod, ClientSecret};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

fn told(answer: &Answer) -> (u16, String) {
    let error = answer.json()["error"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), error)
}

/// BID-LNK-03, BID-LNK-05, BID-REF-06: once, not to be kept by anybody, and a second use ends what the first one got.
#[tokio::test]
async fn bid_lnk_03_a_code_is_good_once_and_its_tokens_end_with_a_second_use() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
        let code = kit.code(&approval(&kit, &shop, person, &every_scope())).await;
        let first = shop.redeem(&kit, &code).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.text);
        assert_eq!(
            (&first.headers[header::CACHE_CONTROL], &first.headers[header::PRAGMA]),
            (&"no-store".parse().unwrap(), &"no-cache".parse().unwrap())
        );
        let body = first.json();
        assert_eq!(body["token_type"], "Bearer");
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(ask(&kit, "/profile", token).await.status, StatusCode::OK);
        assert_eq!(told(&shop.redeem(&kit, &code).await), (400, "invalid_grant".into()));
        assert_eq!(ask(&kit, "/profile", token).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// T8: after its life a code is worth nothing, though nobody used it.
#[tokio::test]
async fn t8_a_code_ends_by_itself() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let late = kit.code(&approval(&kit, &shop, person, &every_scope())).await;
    kit.clock.advance_seconds(61);
    assert_eq!(told(&shop.redeem(&kit, &late).await), (400, "invalid_grant".into()));
}

/// BID-REF-05: RFC 7636, appendix B.
#[tokio::test]
async fn bid_ref_05_a_challenge_wants_its_verifier() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
    let whole = Approval { code_challenge: challenge, ..approval(&kit, &shop, person, &every_scope()) };
    let code = kit.code(&whole).await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://rp.test/cb")];
    let wrong = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXX");
    let right = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(told(&shop.ask(&kit, &form).await), (400, "invalid_grant".into()));
    assert_eq!(told(&shop.ask(&kit, &[&form[..], &[wrong]].concat()).await), (400, "invalid_grant".into()));
    assert_eq!(shop.ask(&kit, &[&form[..], &[right]].concat()).await.status, StatusCode::OK);
}

/// BID-129-05, and the other names of RFC 6749.
#[tokio::test]
async fn bid_129_05_who_does_not_prove_who_it_is_gets_401() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let other = party(&kit, "other").await;
    let code = kit.code(&approval(&kit, &shop, person, &every_scope())).await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://rp.test/cb")];
    let mut claims = shop.claims(&kit);
    claims["aud"] = "https://elsewhere.test".into();
    assert_eq!(told(&shop.ask_with(&kit, &shop.assertion(&claims), &form).await), (401, "invalid_client".into()));
    assert_eq!(told(&shop.send(&kit, &form).await), (401, "invalid_client".into()));
    assert_eq!(told(&other.redeem(&kit, &code).await), (400, "invalid_grant".into()));
    assert_eq!(told(&shop.ask(&kit, &[("grant_type", "password")]).await), (400, "unsupported_grant_type".into()));
    let (token, _) = granted(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
    assert_eq!(token.len(), 64);
}

/// BID-LNK-06: ES512 and PS512, and what else the document names; no algorithm beside those.
#[tokio::test]
async fn bid_lnk_06_assertions_are_signed_with_the_documents_algorithms() {
    let kit = Kit::with(config()).await;
    let person = jan(&kit).await;
    for (alg, is_named) in [
        (Algorithm::Es512, true),
        (Algorithm::Ps512, true),
        (Algorithm::Rs512, true),
        (Algorithm::Es256, false),
        (Algorithm::EdDsa, false),
    ] {
        let shop = RelyingParty::with(&kit, Mount::BankId, alg.name(), Pair::new(alg), |_| ()).await;
        let code = kit.code(&approval(&kit, &shop, person, &["openid".to_owned()])).await;
        let answer = shop.redeem(&kit, &code).await;
        let expected = if is_named { (200, String::new()) } else { (401, "invalid_client".to_owned()) };
        assert_eq!(told(&answer), expected, "{}", alg.name());
    }
}

/// BID-LNK-06, BID-129-05: a secret in the form; a wrong one, and one in a header, are refused.
#[tokio::test]
async fn bid_lnk_06_a_secret_goes_in_the_form() {
    let kit = Kit::with(config()).await;
    let person = jan(&kit).await;
    let (kept, secret) = ClientSecret::make(&kit.state, Mount::BankId, "shop").unwrap();
    let shop = party_with(&kit, "shop", |registration| {
        registration.auth_methods = vec![AuthMethod::ClientSecretPost];
        registration.secret = Some(kept);
    });
    let shop = shop.await;
    let code = kit.code(&approval(&kit, &shop, person, &["openid".to_owned()])).await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://rp.test/cb"),
        ("client_id", "shop"),
    ];
    let with = |secret: &'static str| [&form[..], &[("client_secret", secret)]].concat();
    assert_eq!(told(&shop.send(&kit, &with("wrong")).await), (401, "invalid_client".into()));
    assert_eq!(told(&shop.redeem(&kit, &code).await).0, 401);
    let good = [&form[..], &[("client_secret", secret.as_str())]].concat();
    assert_eq!(shop.send(&kit, &good).await.status, StatusCode::OK);
}
