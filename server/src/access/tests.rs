//! Client authentication, through the token endpoint of every mount (GS-OIDC-03, GS-OIDC-04).

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use futures::future::join_all;
use protocol::base64url;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::clients::KeySource;
use crate::dialect::Mount;
use crate::error::ApiError;
use crate::grants::expire_assertions;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const OWN: [(&str, &str); 1] = [("grant_type", "client_credentials")];

/// What a client that is not proven is told on each mount.
fn unproven(mount: Mount) -> (u16, &'static str) {
    match mount {
        Mount::GovStack => (400, "invalid_assertion"),
        Mount::ESignet => (400, "invalid_client"),
        _ => (401, "invalid_client"),
    }
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

#[track_caller]
fn assert_unproven(mount: Mount, answer: &Answer, case: &str) {
    let (status, error) = unproven(mount);
    assert_eq!(told(answer), (status, error.to_owned()), "{mount:?} {case}: {}", answer.text);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn every_algorithm_and_every_audience_of_the_mount_is_good() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256] {
            let party = RelyingParty::with(&kit, mount, alg.name(), Pair::new(alg), |_| ()).await;
            let answer = party.ask(&kit, &OWN).await;
            assert_eq!(answer.status, StatusCode::OK, "{mount:?} {alg:?} {}", answer.text);
            assert_eq!(answer.json()["scope"], "add_oidc_client update_oidc_client");
        }
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let issuer = kit.state.issuer(mount);
        for path in mount.dialect().token_paths {
            for audience in [json!(format!("{issuer}{path}")), json!([issuer]), json!(issuer)] {
                let mut claims = party.claims(&kit);
                claims["aud"] = audience;
                let answer = party.ask_with(&kit, &party.assertion(&claims), &OWN).await;
                assert_eq!(answer.status, StatusCode::OK, "{mount:?} {}", claims["aud"]);
            }
        }
    }
}

/// T11, T14: the claims.
#[tokio::test]
async fn t11_t14_assertions_with_a_wrong_claim_are_refused() {
    let kit = Kit::new().await;
    let now = kit.state.clock.now() / 1000;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        RelyingParty::new(&kit, mount, "other").await;
        let issuer = kit.state.issuer(mount);
        let elsewhere = Mount::ISSUERS.into_iter().find(|other| *other != mount).unwrap();
        let cases = [
            ("exp", Value::Null),
            ("exp", json!(now - 60)),
            ("exp", json!(now + 10 * 365 * 86_400)),
            ("exp", json!(1e300)),
            ("exp", json!("soon")),
            ("nbf", json!(now + 300)),
            ("iat", json!(now + 300)),
            ("jti", Value::Null),
            ("jti", json!("")),
            ("jti", json!("x".repeat(1000))),
            ("sub", Value::Null),
            ("iss", Value::Null),
            ("iss", json!("other")),
            ("sub", json!("other")),
            ("sub", json!("nobody")),
            ("aud", Value::Null),
            ("aud", json!("https://other.test")),
            ("aud", json!([issuer, "https://other.test"])),
            ("aud", json!([])),
            ("aud", json!(format!("{issuer}/"))),
            ("aud", json!(format!("{}/authorize", issuer))),
            ("aud", json!(kit.state.issuer(elsewhere))),
        ];
        for (name, value) in cases {
            let mut claims = party.claims(&kit);
            claims[name] = value.clone();
            claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            let answer = party.ask_with(&kit, &party.assertion(&claims), &OWN).await;
            assert_unproven(mount, &answer, &format!("{name} = {value}"));
        }
        // Another client's id in both claims, under one's own signature.
        let mut claims = party.claims(&kit);
        (claims["iss"], claims["sub"]) = (json!("other"), json!("other"));
        assert_unproven(mount, &party.ask_with(&kit, &party.assertion(&claims), &OWN).await, "other's id");
        // A client of another mount is unknown here.
        let stranger = RelyingParty::new(&kit, elsewhere, &format!("stranger to {mount:?}")).await;
        let mut claims = stranger.claims(&kit);
        claims["aud"] = json!(issuer);
        assert_unproven(mount, &party.ask_with(&kit, &stranger.assertion(&claims), &OWN).await, "another mount's");
    }
}

/// T16: the header.
#[tokio::test]
async fn t16_assertions_with_a_forged_header_or_signature_are_refused() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let attacker = Pair::new(Algorithm::Es256);
        let own = serde_json::to_value(&attacker.public).unwrap();
        for extra in [
            json!({}),
            json!({ "jwk": own }),
            json!({ "jku": "http://127.0.0.1:1/jwks" }),
            json!({ "x5u": "http://127.0.0.1:1/cert" }),
            json!({ "kid": "../../dev/null" }),
            json!({ "kid": "' or 1=1--" }),
            json!({ "crit": ["x"] }),
            json!({ "b64": false }),
            json!({ "alg": "none" }),
            json!({ "alg": "HS256" }),
            json!({ "alg": "ES384" }),
            json!({ "typ": "at+jwt" }),
        ] {
            let mut heading = json!({ "alg": "ES256", "typ": "JWT" });
            heading.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            let forged = attacker.token(&heading, &party.claims(&kit));
            assert_unproven(mount, &party.ask_with(&kit, &forged, &OWN).await, &heading.to_string());
            // Some are refused even under the right signature.
            if ["jwk", "crit", "b64", "alg"].iter().any(|name| extra.get(name).is_some()) || extra["typ"] == "at+jwt" {
                let signed = party.pair.token(&heading, &party.claims(&kit));
                assert_unproven(mount, &party.ask_with(&kit, &signed, &OWN).await, &heading.to_string());
            }
        }
        let good = party.assertion(&party.claims(&kit));
        let (input, _) = good.rsplit_once('.').unwrap();
        let zeros = format!("{input}.{}", base64url::encode([0; 64]));
        let unsigned = format!("{input}.");
        let endless = format!("{input}.{}", "A".repeat(200_000));
        for token in [&zeros, &unsigned, &endless, "", "x", "..", "e30.e30.", &"a.".repeat(1000)] {
            if !token.is_empty() {
                assert_unproven(mount, &party.ask_with(&kit, token, &OWN).await, &token[..token.len().min(40)]);
            }
        }
        // A key of the client that is none for signatures, and keys that cannot be had.
        let dead = RelyingParty::with(&kit, mount, "dead", Pair::new(Algorithm::Es256), |registration| {
            registration.keys = KeySource::Uri(url::Url::parse("http://127.0.0.1:1/jwks").unwrap());
        });
        let dead = dead.await;
        assert_unproven(mount, &dead.ask(&kit, &OWN).await, "unreachable jwks_uri");
    }
}

#[tokio::test]
async fn t9_t10_exactly_one_method_and_the_registered_one() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let own = ("grant_type", "client_credentials");
        // A secret instead of an assertion.
        let answer = party.send(&kit, &[own, ("client_id", "clinic"), ("client_secret", "x")]).await;
        assert_unproven(mount, &answer, "secret in the body");
        // Both.
        let answer = party.ask(&kit, &[own, ("client_secret", "x")]).await;
        assert_eq!(told(&answer), (400, "invalid_request".into()));
        let assertion = party.assertion(&party.claims(&kit));
        for (form, expected) in [
            (vec![own, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)], "invalid_request"),
            (vec![own], unproven(mount).1),
        ] {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let request = Request::post(party.token_path())
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::AUTHORIZATION, "Basic Y2xpbmljOng=");
            let answer = kit.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!(told(&answer).1, expected, "{mount:?}");
        }
        // client_id of somebody else beside one's own assertion.
        assert_unproven(mount, &party.ask(&kit, &[own, ("client_id", "other")]).await, "client_id");
        // GS-OIDC-04: the type of the assertion.
        let fields = [own, ("client_assertion_type", "urn:x"), ("client_assertion", assertion.as_str())];
        let expected = match mount {
            Mount::GovStack => (400, "invalid_assertion_type".to_owned()),
            _ => (unproven(mount).0, "invalid_client".to_owned()),
        };
        assert_eq!(told(&party.send(&kit, &fields).await), expected);
        // None at all.
        let expected = if mount == Mount::GovStack { "invalid_input" } else { "invalid_client" };
        assert_eq!(told(&party.send(&kit, &[own]).await).1, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_t12_of_fifty_uses_of_one_assertion_one_is_good() {
    for kit in Kit::both().await {
        let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let assertion = party.assertion(&party.claims(&kit));
        let answers = join_all((0..50).map(|_| party.ask_with(&kit, &assertion, &OWN))).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
        // Some may be told to come back where the machine is busy; none but one is let in.
        assert_eq!((count(200), count(401) + count(503)), (1, 49));
        assert!(count(401) > 0);
    }
}

/// T13: a refused request uses its assertion up like any other, and that it was used before is told first.
#[tokio::test]
async fn on_both_t13_a_refused_request_uses_its_assertion_up() {
    for kit in Kit::both().await {
        let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let refused: [&[(&str, &str)]; 4] = [
            &[("grant_type", "client_credentials"), ("scope", "more_than_it_has")],
            &[("grant_type", "authorization_code")],
            &[("grant_type", "authorization_code"), ("code", "unknown"), ("redirect_uri", "https://rp.test/cb")],
            &[("grant_type", "authorization_code"), ("code", "unknown"), ("code_verifier", "short")],
        ];
        for form in refused {
            let assertion = party.assertion(&party.claims(&kit));
            let first = party.ask_with(&kit, &assertion, form).await;
            assert_eq!(first.status, StatusCode::BAD_REQUEST, "{form:?}");
            assert_ne!(first.json()["error"], "invalid_client", "{form:?}");
            assert_unproven(Mount::Op, &party.ask_with(&kit, &assertion, form).await, "the same again");
            assert_unproven(Mount::Op, &party.ask_with(&kit, &assertion, &OWN).await, "for something else");
        }
    }
}

/// T13: what was used before a restart was used.
#[tokio::test]
async fn on_both_t13_a_restart_forgets_no_assertion() {
    for kit in Kit::both().await {
        let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
        let assertion = party.assertion(&party.claims(&kit));
        assert_eq!(party.ask_with(&kit, &assertion, &OWN).await.status, StatusCode::OK);
        let restarted = kit.restarted().await;
        assert_unproven(Mount::Op, &party.ask_with(&restarted, &assertion, &OWN).await, "after a restart");
        // Not even when the clean-up has run.
        kit.clock.advance_seconds(69);
        expire_assertions(&kit.state).await.unwrap();
        assert_unproven(Mount::Op, &party.ask_with(&kit, &assertion, &OWN).await, "after the clean-up");
        kit.clock.advance_seconds(3600);
        assert_eq!(expire_assertions(&kit.state).await.unwrap(), 1);
        assert_unproven(Mount::Op, &party.ask_with(&kit, &assertion, &OWN).await, "long after");
    }
}

/// T17, T22: forms.
#[tokio::test]
async fn t17_t22_only_small_forms_of_known_grants_are_read() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let missing = if mount == Mount::GovStack { "invalid_input" } else { "invalid_request" };
        assert_eq!(told(&party.ask(&kit, &[]).await), (400, missing.to_owned()));
        let unknown = if mount == Mount::GovStack { "invalid_request" } else { "unsupported_grant_type" };
        for grant in ["password", "implicit", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer", "x"] {
            if (mount, grant) == (Mount::Op, "refresh_token") {
                let answer = party.ask(&kit, &[("grant_type", grant)]).await;
                assert_eq!(told(&answer), (400, "unauthorized_client".into()));
                continue;
            }
            assert_eq!(told(&party.ask(&kit, &[("grant_type", grant)]).await), (400, unknown.to_owned()), "{grant}");
        }
        let twice = party.ask(&kit, &[OWN[0], OWN[0]]).await;
        assert_eq!(told(&twice), (400, "invalid_request".into()));
        let many: Vec<(String, String)> = (0..10_000).map(|n| (format!("p{n}"), "x".to_owned())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(party.send(&kit, &many).await.status, StatusCode::BAD_REQUEST);
        let huge = "x".repeat(3 << 20);
        assert_eq!(party.send(&kit, &[("grant_type", &huge)]).await.status, StatusCode::PAYLOAD_TOO_LARGE);

        let path = party.token_path();
        let json = Request::post(&path).header(header::CONTENT_TYPE, "application/json").body(Body::from("{}"));
        assert_eq!(kit.send(json.unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        let get = kit.get(&format!("{path}?grant_type=client_credentials"), None).await;
        assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(get.headers[header::ALLOW], "POST");
        let query = Request::post(format!("{path}?grant_type=client_credentials"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        assert_eq!(told(&kit.send(query.body(Body::empty()).unwrap()).await), (400, missing.to_owned()));
    }
}

async fn ask_scope(kit: &Kit, mount: Mount, token: &str, scope: &str) -> Result<Caller, ApiError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    require_scope(&kit.state, mount, &headers, &[scope]).await
}

#[tokio::test]
async fn a_bearer_has_the_scopes_of_its_token_at_its_own_mount_while_its_client_is_active() {
    let kit = Kit::new().await;
    let party = RelyingParty::new(&kit, Mount::Op, "office").await;
    let answer = party.ask(&kit, &[OWN[0], ("scope", "add_oidc_client")]).await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let caller = Caller { mount: Mount::Op, client_id: "office".into() };
    assert_eq!(ask_scope(&kit, Mount::Op, &token, "add_oidc_client").await, Ok(caller));
    assert_eq!(ask_scope(&kit, Mount::Op, &token, "update_oidc_client").await, Err(ApiError::Forbidden));
    assert_eq!(ask_scope(&kit, Mount::ESignet, &token, "add_oidc_client").await, Err(ApiError::Unauthorized));
    assert_eq!(ask_scope(&kit, Mount::Op, &token[1..], "add_oidc_client").await, Err(ApiError::Unauthorized));
    assert_eq!(ask_scope(&kit, Mount::Op, "", "add_oidc_client").await, Err(ApiError::Unauthorized));
    // A person's token is none of a machine.
    let code = kit.code(&party.approval(&kit, kit.person("1").await)).await;
    let login = party.redeem(&kit, &code).await.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(ask_scope(&kit, Mount::Op, &login, "openid").await, Err(ApiError::Unauthorized));
    // Two headers are none.
    let mut headers = HeaderMap::new();
    for _ in 0..2 {
        headers.append(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
    }
    let refused = require_scope(&kit.state, Mount::Op, &headers, &["add_oidc_client"]).await;
    assert_eq!(refused, Err(ApiError::Unauthorized));
    // Scopes beyond the registration.
    let beyond = party.ask(&kit, &[OWN[0], ("scope", "add_oidc_client wallet_binding")]).await;
    assert_eq!(told(&beyond), (400, "invalid_scope".into()));
    // The client is switched off: seconds later its tokens are worth nothing.
    let work = kit.state.store.write(|tx| {
        Box::pin(async move { crate::execute!(tx, "UPDATE client SET status = 'inactive' WHERE client_id = 'office'") })
    });
    work.await.unwrap();
    kit.clock.advance_seconds(30);
    assert_eq!(ask_scope(&kit, Mount::Op, &token, "add_oidc_client").await, Err(ApiError::Unauthorized));
    assert_unproven(Mount::Op, &party.ask(&kit, &OWN).await, "inactive");
}
