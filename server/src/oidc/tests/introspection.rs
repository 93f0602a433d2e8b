//! C8: what introspection tells, to whom, and in which form (RFC 7662, RFC 9701).

use axum::body::Body;
use axum::http::{Request, header};
use protocol::base64url;
use protocol::jws::{Algorithm, Jws};
use serde_json::{Value, json};

use super::{checked, offline, refreshable, text, told};
use crate::access::ASSERTION_TYPE;
use crate::clients::{AuthMethod, INTROSPECT};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

async fn look(kit: &Kit, party: &RelyingParty, token: &str, accept: Option<&str>) -> Answer {
    let assertion = party.assertion(&party.claims(kit));
    let form = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str()), ("token", token)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::post("/op/introspect").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(accept) = accept {
        request = request.header(header::ACCEPT, accept);
    }
    kit.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn c8_tokens_are_told_to_their_client_and_to_resource_servers_and_to_nobody_else() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::with(&kit, Mount::Op, "clinic", Pair::new(Algorithm::Es256), refreshable).await;
    let other = RelyingParty::new(&kit, Mount::Op, "other").await;
    let server = RelyingParty::with(&kit, Mount::Op, "records", Pair::new(Algorithm::Es256), |registration| {
        registration.scopes.push(INTROSPECT.into());
    });
    let server = server.await;
    let body = party.redeem(&kit, &kit.code(&offline(&kit, &party, person)).await).await.json();
    let (access, refresh) = (text(&body, "access_token"), text(&body, "refresh_token"));
    let now = kit.state.clock.now() / 1000;
    let sub = crate::registry::subject(&kit.state, person, "party of clinic");
    let mut expected = json!({
        "active": true, "scope": "openid profile offline_access", "client_id": "clinic", "token_type": "Bearer",
        "exp": now + 3600, "iat": now, "sub": sub, "iss": kit.state.issuer(Mount::Op)
    });
    for asks in [&party, &server] {
        let answer = look(&kit, asks, &access, None).await;
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        // Tokens made in one millisecond have times that grow.
        let mut told = answer.json();
        assert!((told["iat"].as_i64().unwrap() - now).abs() <= 1);
        told["iat"] = json!(now);
        assert_eq!(told, expected);
    }
    expected.as_object_mut().unwrap().remove("token_type");
    expected["exp"] = json!(now + 30 * 86_400);
    let mut told_of_refresh = look(&kit, &server, &refresh, None).await.json();
    told_of_refresh["iat"] = json!(now);
    assert_eq!(told_of_refresh, expected);
    let own = other.ask(&kit, &[("grant_type", "client_credentials")]).await.json();
    let own = look(&kit, &other, &text(&own, "access_token"), None).await.json();
    assert_eq!((&own["active"], &own["sub"]), (&json!(true), &json!("other")));

    let inactive = json!({ "active": false });
    let elsewhere = RelyingParty::new(&kit, Mount::ESignet, "clinic").await;
    let foreign = elsewhere.redeem(&kit, &kit.code(&elsewhere.approval(&kit, person)).await).await.json();
    let code = kit.code(&party.approval(&kit, person)).await;
    let id_token = text(&body, "id_token");
    for (asks, token) in [
        (&other, access.as_str()),
        (&other, refresh.as_str()),
        (&server, foreign["access_token"].as_str().unwrap()),
        (&server, code.as_str()),
        (&server, id_token.as_str()),
        (&server, "x"),
    ] {
        assert_eq!(look(&kit, asks, token, None).await.json(), inactive);
    }
    // Expired.
    kit.clock.advance_seconds(3600);
    assert_eq!(look(&kit, &server, &access, None).await.json(), inactive);
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let newer = party.ask(&kit, &again).await.json();
    // Replaced, and after its use revoked.
    assert_eq!(look(&kit, &server, &refresh, None).await.json(), inactive);
    kit.clock.advance_seconds(5);
    assert_eq!(told(&party.ask(&kit, &again).await), (400, "invalid_grant".into()));
    for name in ["access_token", "refresh_token"] {
        assert_eq!(look(&kit, &server, &text(&newer, name), None).await.json(), inactive);
    }
}

#[tokio::test]
async fn c8_nobody_asks_without_saying_who_he_is() {
    let kit = Kit::new().await;
    let public = RelyingParty::with(&kit, Mount::Op, "app", Pair::new(Algorithm::Es256), |registration| {
        registration.auth_methods = vec![AuthMethod::None];
    });
    let public = public.await;
    for form in ["token=x".to_owned(), format!("token=x&client_id={}", public.id)] {
        let request = Request::post("/op/introspect").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = kit.send(request.body(Body::from(form)).unwrap()).await;
        assert_eq!(told(&answer), (401, "invalid_client".into()));
    }
    let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let assertion = party.assertion(&party.claims(&kit));
    for expected in [(400, "invalid_request"), (401, "invalid_client")] {
        let form = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post("/op/introspect").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = kit.send(request.body(Body::from(body)).unwrap()).await;
        // T12: the assertion is used up by whatever was asked with it.
        assert_eq!(told(&answer), (expected.0, expected.1.to_owned()));
    }
}

/// RFC 9701: signed where it is asked for, or where the client registered an algorithm for it.
#[tokio::test]
async fn an_answer_can_be_signed() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for (id, registered, accept) in [
        ("asks", None, Some("application/token-introspection+jwt")),
        ("registered", Some(Algorithm::Ps256), None),
        ("both", Some(Algorithm::EdDsa), Some("text/html, application/token-introspection+jwt;q=0.5")),
    ] {
        let party = RelyingParty::with(&kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
            registration.introspection_signed_response_alg = registered;
        });
        let party = party.await;
        let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
        for (token, active) in [(text(&body, "access_token"), true), ("x".to_owned(), false)] {
            let answer = look(&kit, &party, &token, accept).await;
            assert_eq!(answer.headers[header::CONTENT_TYPE], "application/token-introspection+jwt");
            let jws = Jws::parse(&answer.text).unwrap();
            assert_eq!(jws.header().alg, registered.unwrap_or(Algorithm::Es256));
            assert_eq!(jws.header().typ.as_deref(), Some("token-introspection+jwt"));
            let claims = checked(&kit, Mount::Op, &answer.text).await;
            assert_eq!((&claims["aud"], &claims["iss"]), (&json!(id), &json!(kit.state.issuer(Mount::Op))));
            assert_eq!(claims["token_introspection"]["active"], active);
            assert!(claims.get("sub").is_none() && claims.get("exp").is_none(), "RFC 9701 §5");
        }
    }
}

/// RFC 9449 §6.2: a resource server learns which key to ask for.
#[tokio::test]
async fn the_key_that_a_token_is_bound_to_is_told() {
    let kit = Kit::new().await;
    let (party, key) = (RelyingParty::new(&kit, Mount::Op, "clinic").await, Pair::new(Algorithm::Es256));
    let nonce = crate::access::dpop::nonce(&kit.state);
    let url = format!("{}/op/token", kit.state.config.origin());
    let claims = json!({ "jti": "1", "htm": "POST", "htu": url, "iat": kit.state.clock.now() / 1000, "nonce": nonce });
    let proof = key.token(&json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.public }), &claims);
    let assertion = party.assertion(&party.claims(&kit));
    let form = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
        ("grant_type", "client_credentials"),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post("/op/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("DPoP", proof);
    let body: Value = kit.send(request.body(Body::from(body)).unwrap()).await.json();
    let told = look(&kit, &party, &text(&body, "access_token"), None).await.json();
    assert_eq!((&told["token_type"], &told["cnf"]), (&json!("DPoP"), &json!({ "jkt": key.public.thumbprint() })));
    assert_eq!(base64url::decode(key.public.thumbprint()).unwrap().len(), 32);
}
