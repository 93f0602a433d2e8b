//! `POST /token-info`: what a token is good for.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::refresh::{offline, refreshable};
use super::{config, jan, party, party_with};
use crate::access::ASSERTION_TYPE;
use crate::clients::{AuthMethod, ClientSecret};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, RelyingParty};

async fn post(kit: &Kit, media: &str, accept: Option<&str>, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::post("/bankid/token-info").header(header::CONTENT_TYPE, media);
    if let Some(accept) = accept {
        request = request.header(header::ACCEPT, accept);
    }
    kit.send(request.body(Body::from(body)).unwrap()).await
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn look(kit: &Kit, party: &RelyingParty, token: &str, accept: Option<&str>) -> Answer {
    let assertion = party.assertion(&party.claims(kit));
    let form = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str()), ("token", token)];
    post(kit, FORM, accept, &form).await
}

/// BID-REF-08, BID-END-03: the eight members of a token that is good, and nothing about one that is not.
#[tokio::test]
async fn bid_ref_08_a_good_token_has_all_members_and_another_has_one() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party_with(&kit, "shop", refreshable).await);
        let body = shop.redeem(&kit, &kit.code(&offline(&kit, &shop, person)).await).await.json();
        let sub = crate::registry::subject(&kit.state, person, "party of shop");
        for kind in ["access_token", "refresh_token"] {
            let answer = look(&kit, &shop, body[kind].as_str().unwrap(), None).await;
            assert_eq!((answer.status, answer.headers["traceid"].len()), (StatusCode::OK, 16));
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
            let told = answer.json();
            let mut names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
            let mut expected = ["active", "scope", "client_id", "token_type", "exp", "iat", "sub", "iss"];
            expected.sort_unstable();
            names.sort_unstable();
            assert_eq!(names, expected);
            assert_eq!((&told["active"], &told["token_type"], &told["sub"]), (&json!(true), &json!(kind), &json!(sub)));
            assert_eq!(told["scope"], "openid profile.name profile.email offline_access");
            assert_eq!((&told["client_id"], &told["iss"]), (&json!("shop"), &json!(kit.state.issuer(Mount::BankId))));
            assert!(told["exp"].as_i64() > told["iat"].as_i64());
        }
        let other = party(&kit, "other").await;
        let inactive = json!({ "active": false });
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(look(&kit, &other, token, None).await.json(), inactive);
        assert_eq!(look(&kit, &shop, "x", None).await.json(), inactive);
        kit.clock.advance_seconds(3600);
        assert_eq!(look(&kit, &shop, token, None).await.json(), inactive);
    }
}

/// BID-133-01, BID-133-02: an assertion, or id and secret in the form, and nothing else.
#[tokio::test]
async fn bid_133_01_who_asks_says_who_he_is() {
    let kit = Kit::with(config()).await;
    let (kept, secret) = ClientSecret::make(&kit.state, Mount::BankId, "shop").unwrap();
    party_with(&kit, "shop", |registration| {
        registration.auth_methods = vec![AuthMethod::ClientSecretPost];
        registration.secret = Some(kept);
    })
    .await;
    let named = [("token", "x"), ("client_id", "shop")];
    let proved = [&named[..], &[("client_secret", secret.as_str())]].concat();
    assert_eq!(post(&kit, FORM, None, &proved).await.json(), json!({ "active": false }));
    for form in [&named[..1], &named[..], &[&named[..], &[("client_secret", "wrong")]].concat()] {
        let answer = post(&kit, FORM, None, form).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (401, &json!("invalid_client")));
    }
    for media in ["text/plain", "application/jwt", "application/json"] {
        let answer = post(&kit, media, None, &proved).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (415, &json!("invalid_content_type")), "{media}");
    }
}

/// The answer as a JWT: what it says lies one level down, so that it is no ID token.
#[tokio::test]
async fn an_answer_as_a_jwt_is_not_to_be_taken_for_an_id_token() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party_with(&kit, "shop", refreshable).await);
    let body = shop.redeem(&kit, &kit.code(&offline(&kit, &shop, person)).await).await.json();
    for media in ["application/jwt", "application/token-introspection+jwt"] {
        let answer = look(&kit, &shop, body["access_token"].as_str().unwrap(), Some(media)).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], media);
        let jws = kit.state.keys.verify_own(&answer.text).unwrap();
        assert_eq!(jws.header().alg, protocol::jws::Algorithm::Es512);
        assert_eq!(jws.header().typ.as_deref(), Some("token-introspection+jwt"));
        let claims: Value = jws.claims().unwrap();
        assert_eq!((&claims["aud"], &claims["token_introspection"]["active"]), (&json!("shop"), &json!(true)));
        assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
    }
}
