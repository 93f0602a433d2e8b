//! Each client by the one method that it registered, through the token endpoint of the standard mount.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::base64url;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::*;
use crate::clients::{AuthMethod, ClientSecret, GrantType, KeySource, Profile, Registration};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const OWN: (&str, &str) = ("grant_type", "client_credentials");

/// A client with its secret.
async fn with_secret(kit: &Kit, mount: Mount, id: &str, method: AuthMethod) -> (RelyingParty, String) {
    let (secret, text) = ClientSecret::make(&kit.state, mount, id).unwrap();
    let change = |registration: &mut Registration| {
        registration.auth_methods = vec![method];
        registration.secret = Some(secret);
    };
    (RelyingParty::with(kit, mount, id, Pair::new(Algorithm::Es256), change).await, text.to_string())
}

/// Posts a form, with `Authorization: Basic` where a pair is given.
async fn post(kit: &Kit, mount: Mount, basic: Option<(&str, &str)>, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = format!("{}{}", mount.prefix(), mount.dialect().token_paths[0]);
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some((id, secret)) = basic {
        let pair = STANDARD.encode(format!("{id}:{secret}"));
        request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
    }
    kit.send(request.body(Body::from(body)).unwrap()).await
}

/// An assertion signed by a secret.
fn signed(alg: &str, secret: &[u8], claims: &Value) -> String {
    let digest = match alg {
        "HS384" => openssl::hash::MessageDigest::sha384(),
        "HS512" => openssl::hash::MessageDigest::sha512(),
        _ => openssl::hash::MessageDigest::sha256(),
    };
    let header = json!({ "alg": alg, "typ": "JWT" });
    let input = format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(claims.to_string()));
    let key = openssl::pkey::PKey::hmac(secret).unwrap();
    let mut signer = openssl::sign::Signer::new(digest, &key).unwrap();
    signer.update(input.as_bytes()).unwrap();
    format!("{input}.{}", base64url::encode(signer.sign_to_vec().unwrap()))
}

async fn assert_with(kit: &Kit, mount: Mount, assertion: &str) -> Answer {
    let form = [OWN, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    post(kit, mount, None, &form).await
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn refused() -> (u16, String) {
    (401, "invalid_client".to_owned())
}

/// What a client whose tokens are bound to a key is told once it is proven, where it shows none.
fn no_key() -> (u16, String) {
    (400, "invalid_dpop_proof".into())
}

/// T10: of five ways the one that is registered is good, and no other.
#[tokio::test]
async fn on_both_t10_a_client_is_known_by_its_registered_method_alone() {
    for kit in Kit::both().await {
        for registered in AuthMethod::ALL {
            let id = registered.name();
            let (party, secret) = with_secret(&kit, Mount::Op, id, registered).await;
            for offered in AuthMethod::ALL {
                let answer = match offered {
                    AuthMethod::PrivateKeyJwt => party.ask(&kit, &[OWN]).await,
                    AuthMethod::ClientSecretBasic => post(&kit, Mount::Op, Some((id, secret.as_str())), &[OWN]).await,
                    AuthMethod::ClientSecretPost => {
                        post(&kit, Mount::Op, None, &[OWN, ("client_id", id), ("client_secret", &secret)]).await
                    }
                    AuthMethod::ClientSecretJwt => {
                        let assertion = signed("HS256", secret.as_bytes(), &party.claims(&kit));
                        assert_with(&kit, Mount::Op, &assertion).await
                    }
                    AuthMethod::None => post(&kit, Mount::Op, None, &[OWN, ("client_id", id)]).await,
                };
                let expected = match (registered == offered, offered) {
                    // RFC 6749 §4.4: whoever proves nothing has no token of his own.
                    (true, AuthMethod::None) => (400, "unauthorized_client".to_owned()),
                    (true, _) => (200, String::new()),
                    (false, _) => refused(),
                };
                assert_eq!(told(&answer), expected, "{registered:?} by {offered:?}: {}", answer.text);
                // RFC 6749 §5.2: the scheme that was tried is told, and to nobody else, for browsers would ask people.
                let basic = offered == AuthMethod::ClientSecretBasic && answer.status == StatusCode::UNAUTHORIZED;
                assert_eq!(answer.headers.contains_key(header::WWW_AUTHENTICATE), basic);
            }
        }
    }
}

/// T9, T10: no two at once, no other's, nothing altered; nothing of it is in the answer.
#[tokio::test]
async fn t9_t10_secrets_are_whole_alone_and_their_clients_own() {
    let kit = Kit::new().await;
    let (basic, secret) = with_secret(&kit, Mount::Op, "basic", AuthMethod::ClientSecretBasic).await;
    let (_, posted) = with_secret(&kit, Mount::Op, "post", AuthMethod::ClientSecretPost).await;
    let shorter = &secret[1..];
    for (id, wrong) in [
        ("basic", ""),
        ("basic", shorter),
        ("basic", posted.as_str()),
        ("post", secret.as_str()),
        ("nobody", secret.as_str()),
        ("", secret.as_str()),
    ] {
        let answer = post(&kit, Mount::Op, Some((id, wrong)), &[OWN]).await;
        assert_eq!(told(&answer), refused(), "{id}");
        assert!(!answer.text.contains(&secret) && !answer.text.contains(&posted));
    }
    let both = post(&kit, Mount::Op, Some(("basic", secret.as_str())), &[OWN, ("client_secret", &secret)]).await;
    assert_eq!(told(&both), (400, "invalid_request".into()));
    let assertion = basic.assertion(&basic.claims(&kit));
    for form in [
        vec![OWN, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())],
        vec![OWN, ("client_assertion", assertion.as_str())],
    ] {
        let answer = post(&kit, Mount::Op, Some(("basic", secret.as_str())), &form).await;
        assert_eq!(told(&answer), (400, "invalid_request".into()));
    }
    let other = post(&kit, Mount::Op, Some(("basic", secret.as_str())), &[OWN, ("client_id", "post")]).await;
    assert_eq!(told(&other), refused());
    let own = post(&kit, Mount::Op, Some(("basic", secret.as_str())), &[OWN, ("client_id", "basic")]).await;
    assert_eq!(own.status, StatusCode::OK);
    // Without an id nobody is meant.
    assert_eq!(told(&post(&kit, Mount::Op, None, &[OWN, ("client_secret", &posted)]).await), refused());
}

/// The mounts that know signatures only go on knowing nothing else, whatever stands in a registration.
#[tokio::test]
async fn a_secret_opens_nothing_on_the_compatibility_mounts() {
    let kit = Kit::new().await;
    for mount in [Mount::GovStack, Mount::ESignet] {
        let (party, secret) = with_secret(&kit, mount, "shop", AuthMethod::ClientSecretBasic).await;
        let jwt = signed("HS256", secret.as_bytes(), &party.claims(&kit));
        for answer in [
            post(&kit, mount, Some(("shop", secret.as_str())), &[OWN]).await,
            post(&kit, mount, None, &[OWN, ("client_id", "shop"), ("client_secret", &secret)]).await,
            post(&kit, mount, None, &[OWN, ("client_id", "shop")]).await,
            assert_with(&kit, mount, &jwt).await,
        ] {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{mount:?} {}", answer.text);
        }
    }
}

/// T12, T13: an assertion by a secret is good once, also after a restart.
#[tokio::test]
async fn on_both_t12_t13_a_secrets_assertion_is_good_once() {
    for kit in Kit::both().await {
        let (party, secret) = with_secret(&kit, Mount::Op, "shop", AuthMethod::ClientSecretJwt).await;
        let assertion = signed("HS256", secret.as_bytes(), &party.claims(&kit));
        assert_eq!(assert_with(&kit, Mount::Op, &assertion).await.status, StatusCode::OK);
        assert_eq!(told(&assert_with(&kit, Mount::Op, &assertion).await), refused());
        let restarted = kit.restarted().await;
        assert_eq!(told(&assert_with(&restarted, Mount::Op, &assertion).await), refused());
        let assertion = signed("HS512", secret.as_bytes(), &party.claims(&kit));
        let uses = futures::future::join_all((0..20).map(|_| assert_with(&kit, Mount::Op, &assertion))).await;
        assert_eq!(uses.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
    }
}

/// T11, T14, T16 for assertions by a secret.
#[tokio::test]
async fn t11_t14_t16_forged_assertions_by_a_secret_are_refused() {
    let kit = Kit::new().await;
    let (party, secret) = with_secret(&kit, Mount::Op, "shop", AuthMethod::ClientSecretJwt).await;
    let signer = RelyingParty::new(&kit, Mount::Op, "signer").await;
    let public = serde_json::to_string(&signer.pair.public).unwrap();
    let now = kit.state.clock.now() / 1000;
    for (name, value) in [
        ("exp", json!(now - 60)),
        ("exp", Value::Null),
        ("jti", Value::Null),
        ("iss", json!("other")),
        ("sub", json!("other")),
        ("sub", json!("nobody")),
        ("aud", json!("https://other.test")),
        ("aud", json!([kit.state.issuer(Mount::Op), "https://other.test"])),
    ] {
        let mut claims = party.claims(&kit);
        claims[name] = value;
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let answer = assert_with(&kit, Mount::Op, &signed("HS256", secret.as_bytes(), &claims)).await;
        assert_eq!(told(&answer), refused(), "{name}");
    }
    let as_signer = signer.claims(&kit);
    for (key, claims) in [
        (&secret.as_bytes()[1..], party.claims(&kit)),
        // The public key of a client that signs, as the secret of a MAC.
        (public.as_bytes(), as_signer.clone()),
        (signer.pair.public.canonical().as_bytes(), as_signer),
    ] {
        assert_eq!(told(&assert_with(&kit, Mount::Op, &signed("HS256", key, &claims)).await), refused());
    }
    let unsigned =
        format!("{}.{}.", base64url::encode(r#"{"alg":"none"}"#), base64url::encode(party.claims(&kit).to_string()));
    assert_eq!(told(&assert_with(&kit, Mount::Op, &unsigned).await), refused());
    assert_eq!(told(&post(&kit, Mount::Op, None, &[OWN, ("client_id", "other")]).await), refused());
}

/// The algorithm that a client registered is the only one, and its policy names all there are.
#[tokio::test]
async fn t16_only_algorithms_of_registration_and_policy_are_taken() {
    let kit = Kit::new().await;
    for alg in Algorithm::ALL {
        let pair = Pair::new(alg);
        let free = RelyingParty::with(&kit, Mount::Op, &format!("free {}", alg.name()), pair.again(), |_| ()).await;
        assert_eq!(free.ask(&kit, &[OWN]).await.status, StatusCode::OK, "{alg:?}");
        let change = |registration: &mut Registration| {
            registration.token_endpoint_auth_signing_alg = Some(Algorithm::Ps256);
        };
        let bound = RelyingParty::with(&kit, Mount::Op, &format!("bound {}", alg.name()), pair.again(), change).await;
        assert_eq!(bound.ask(&kit, &[OWN]).await.status == StatusCode::OK, alg == Algorithm::Ps256, "{alg:?}");
        let change = |registration: &mut Registration| registration.profile = Profile::Fapi2;
        let bank = RelyingParty::with(&kit, Mount::Op, &format!("bank {}", alg.name()), pair.again(), change).await;
        let known = [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa].contains(&alg);
        // Who is proven is asked for a key next.
        let expected = if known { no_key() } else { refused() };
        assert_eq!(told(&bank.ask(&kit, &[OWN]).await), expected, "{alg:?}");
        // GovStack and eSignet know four, as ever.
        let old = RelyingParty::with(&kit, Mount::ESignet, &format!("old {}", alg.name()), pair, |_| ()).await;
        let known = crate::keys::UNDERSTOOD.contains(&alg);
        assert_eq!(old.ask(&kit, &[OWN]).await.status == StatusCode::OK, known, "{alg:?}");
    }
    // A key of one curve is none of another's algorithm.
    let pair = Pair::new(Algorithm::Es384);
    let party = RelyingParty::with(&kit, Mount::Op, "odd", pair, |_| ()).await;
    let forged = party.pair.token(&json!({ "alg": "ES256", "typ": "JWT" }), &party.claims(&kit));
    assert_eq!(told(&assert_with(&kit, Mount::Op, &forged).await), refused());
    let (mac, secret) = with_secret(&kit, Mount::Op, "mac", AuthMethod::ClientSecretJwt).await;
    let change = |registration: &mut Registration| {
        (registration.auth_methods, registration.grant_types) =
            (vec![AuthMethod::PrivateKeyJwt], vec![GrantType::ClientCredentials]);
        registration.keys = KeySource::Keys(Vec::new());
    };
    let bare = RelyingParty::with(&kit, Mount::Op, "bare", Pair::new(Algorithm::Es256), change).await;
    assert_eq!(told(&bare.ask(&kit, &[OWN]).await), refused());
    for alg in ["HS256", "HS384", "HS512"] {
        let assertion = signed(alg, secret.as_bytes(), &mac.claims(&kit));
        assert_eq!(assert_with(&kit, Mount::Op, &assertion).await.status, StatusCode::OK, "{alg}");
    }
}

/// T14: FAPI 2.0 takes the issuer as a string and nothing else.
#[tokio::test]
async fn t14_a_fapi2_client_addresses_the_issuer() {
    let kit = Kit::new().await;
    let change = |registration: &mut Registration| registration.profile = Profile::Fapi2;
    let party = RelyingParty::with(&kit, Mount::Op, "bank", Pair::new(Algorithm::Es256), change).await;
    let issuer = kit.state.issuer(Mount::Op);
    for (aud, good) in [
        (json!(issuer), true),
        (json!([issuer]), false),
        (json!(format!("{issuer}/token")), false),
        (json!(format!("{issuer}/")), false),
        (json!("https://other.test"), false),
    ] {
        let mut claims = party.claims(&kit);
        claims["aud"] = aud.clone();
        let answer = assert_with(&kit, Mount::Op, &party.assertion(&claims)).await;
        assert_eq!(told(&answer), if good { no_key() } else { refused() }, "{aud}");
    }
    // A profile without secrets takes none, whatever else the registration says.
    let (secret, text) = ClientSecret::make(&kit.state, Mount::Op, "soft").unwrap();
    let change = |registration: &mut Registration| {
        (registration.profile, registration.secret) = (Profile::Fapi2, Some(secret));
        registration.auth_methods = vec![AuthMethod::ClientSecretBasic];
    };
    RelyingParty::with(&kit, Mount::Op, "soft", Pair::new(Algorithm::Es256), change).await;
    assert_eq!(told(&post(&kit, Mount::Op, Some(("soft", text.as_str())), &[OWN]).await), refused());
}

/// T3: whoever proves by nothing that he is a client may still not have the code of another one.
#[tokio::test]
async fn t1_t3_a_public_client_has_its_own_codes_once() {
    let kit = Kit::new().await;
    let public = |registration: &mut Registration| registration.auth_methods = vec![AuthMethod::None];
    let app = RelyingParty::with(&kit, Mount::Op, "app", Pair::new(Algorithm::Es256), public).await;
    RelyingParty::with(&kit, Mount::Op, "thief", Pair::new(Algorithm::Es256), public).await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let mut approval = app.approval(&kit, kit.person("1").await);
    approval.code_challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into());
    let code = kit.code(&approval).await;
    let redeem = |id: &'static str, verifier: Option<&'static str>| {
        let (kit, code) = (&kit, code.clone());
        async move {
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("client_id", id),
                ("code", code.as_str()),
                ("redirect_uri", "https://rp.test/cb"),
            ];
            form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
            post(kit, Mount::Op, None, &form).await
        }
    };
    assert_eq!(told(&redeem("thief", Some(verifier)).await), (400, "invalid_grant".into()));
    assert_eq!(told(&redeem("app", None).await), (400, "invalid_grant".into()));
    let token = redeem("app", Some(verifier)).await;
    assert_eq!(token.status, StatusCode::OK, "{}", token.text);
    assert_eq!(told(&redeem("app", Some(verifier)).await), (400, "invalid_grant".into()));
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(kit.get("/op/userinfo", Some(&token)).await.status, StatusCode::UNAUTHORIZED);
}
