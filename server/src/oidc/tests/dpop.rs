//! T24, T25: proofs of possession at the token endpoint and at userinfo (RFC 9449).

use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures::future::join_all;
use protocol::base64url;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{offline, text, told};
use crate::access::ASSERTION_TYPE;
use crate::clients::{GrantType, Profile};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

static COUNT: AtomicU64 = AtomicU64::new(0);

const TOKEN: &str = "/op/token";
const USERINFO: &str = "/op/userinfo";

/// A client that must bind its tokens.
async fn bank(kit: &Kit) -> RelyingParty {
    RelyingParty::with(kit, Mount::Op, "bank", Pair::new(Algorithm::Es256), |registration| {
        registration.profile = Profile::Fapi2;
        registration.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    })
    .await
}

fn heading(pair: &Pair) -> Value {
    json!({ "typ": "dpop+jwt", "alg": pair.alg.name(), "jwk": pair.public })
}

/// Claims of a good proof, never the same.
fn claims(kit: &Kit, method: &str, path: &str) -> Value {
    let jti = format!("proof-{}", COUNT.fetch_add(1, Ordering::SeqCst));
    let url = format!("{}{path}", kit.state.config.origin());
    json!({ "jti": jti, "htm": method, "htu": url, "iat": kit.state.clock.now() / 1000 })
}

fn hash(token: &str) -> String {
    base64url::encode(Sha256::digest(token))
}

/// Posts to the token endpoint with a good assertion and these proofs.
async fn ask(kit: &Kit, party: &RelyingParty, proofs: &[String], fields: &[(&str, &str)]) -> Answer {
    let assertion = party.assertion(&party.claims(kit));
    ask_with(kit, &assertion, proofs, fields).await
}

async fn ask_with(kit: &Kit, assertion: &str, proofs: &[String], fields: &[(&str, &str)]) -> Answer {
    let mut form = vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion)];
    form.extend(fields);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut request = Request::post(TOKEN).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    kit.send(request.body(Body::from(body)).unwrap()).await
}

/// The nonce of this minute, asked for as a client does.
async fn nonce(kit: &Kit, party: &RelyingParty) -> String {
    let pair = Pair::new(Algorithm::Es256);
    let proof = pair.token(&heading(&pair), &claims(kit, "POST", TOKEN));
    let answer = ask(kit, party, &[proof], &[("grant_type", "refresh_token"), ("refresh_token", "x")]).await;
    assert_eq!(told(&answer), (400, "use_dpop_nonce".into()));
    answer.headers["dpop-nonce"].to_str().unwrap().to_owned()
}

fn code_form(code: &str) -> [(&str, &str); 3] {
    [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", "https://rp.test/cb")]
}

async fn login(kit: &Kit, party: &RelyingParty, key: &Pair) -> Value {
    let person = match crate::registry::find(&kit.state, "100").await.unwrap() {
        Some(person) => person,
        None => kit.person("100").await,
    };
    let code = kit.code(&offline(kit, party, person)).await;
    let mut claims = claims(kit, "POST", TOKEN);
    claims["nonce"] = json!(nonce(kit, party).await);
    let answer = ask(kit, party, &[key.token(&heading(key), &claims)], &code_form(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(answer.headers.contains_key("dpop-nonce"));
    answer.json()
}

async fn userinfo(kit: &Kit, scheme: &str, token: &str, proofs: &[String]) -> Answer {
    let mut request = Request::get(USERINFO).header(header::AUTHORIZATION, format!("{scheme} {token}"));
    for proof in proofs {
        request = request.header("DPoP", proof);
    }
    kit.send(request.body(Body::empty()).unwrap()).await
}

/// Bound tokens, refreshed with another key and without being replaced, as FAPI 2.0 §5.3.2.1 wants it.
#[tokio::test]
async fn tokens_are_bound_to_the_key_shown_and_stay_with_it() {
    let kit = Kit::new().await;
    let party = bank(&kit).await;
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Es384, Algorithm::Es512] {
        let key = Pair::new(alg);
        let body = login(&kit, &party, &key).await;
        assert_eq!(body["token_type"], "DPoP", "{alg:?}");
        let token = text(&body, "access_token");
        let mut proof = claims(&kit, "GET", USERINFO);
        proof["ath"] = json!(hash(&token));
        let answer = userinfo(&kit, "DPoP", &token, &[key.token(&heading(&key), &proof)]).await;
        assert_eq!((answer.status, answer.json()["name"].as_str()), (StatusCode::OK, Some("Asha Rao")), "{alg:?}");

        let next = Pair::new(Algorithm::Es256);
        let refresh = text(&body, "refresh_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        for _ in 0..2 {
            let mut proof = claims(&kit, "POST", TOKEN);
            proof["nonce"] = json!(nonce(&kit, &party).await);
            let answer = ask(&kit, &party, &[next.token(&heading(&next), &proof)], &form).await;
            let refreshed = answer.json();
            assert_eq!(refreshed["token_type"], "DPoP", "{}", answer.text);
            assert!(refreshed.get("refresh_token").is_none());
            // The new one is the new key's.
            let token = text(&refreshed, "access_token");
            for (pair, status) in [(&next, 200), (&key, 401)] {
                let mut proof = claims(&kit, "GET", USERINFO);
                proof["ath"] = json!(hash(&token));
                let answer = userinfo(&kit, "DPoP", &token, &[pair.token(&heading(pair), &proof)]).await;
                assert_eq!(answer.status.as_u16(), status);
            }
        }
        assert_eq!(told(&ask(&kit, &party, &[], &form).await), (400, "invalid_dpop_proof".into()));
    }
}

/// T24 at the token endpoint. What is wrong uses neither the code nor, where a nonce is all that lacks, the assertion up.
#[tokio::test]
async fn t24_proofs_that_break_a_rule_are_refused() {
    let kit = Kit::new().await;
    let party = bank(&kit).await;
    let person = kit.person("100").await;
    let code = kit.code(&offline(&kit, &party, person)).await;
    let key = Pair::new(Algorithm::Es256);
    let good_nonce = nonce(&kit, &party).await;
    let good = || {
        let mut claims = claims(&kit, "POST", TOKEN);
        claims["nonce"] = json!(good_nonce);
        claims
    };
    let refused = |case: String, proofs: Vec<String>| {
        let (kit, party, code) = (&kit, &party, code.clone());
        async move {
            let answer = ask(kit, party, &proofs, &code_form(&code)).await;
            assert_eq!(told(&answer), (400, "invalid_dpop_proof".into()), "{case}");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        }
    };
    let now = kit.state.clock.now() / 1000;
    for (name, value) in [
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(1000))),
        ("htm", Value::Null),
        ("htm", json!("GET")),
        ("htm", json!("post")),
        ("htu", Value::Null),
        ("htu", json!("https://other.test/op/token")),
        ("htu", json!(format!("{}{USERINFO}", kit.state.config.origin()))),
        ("htu", json!("/op/token")),
        ("iat", Value::Null),
        ("iat", json!(now - 3600)),
        ("iat", json!(now + 3600)),
        ("iat", json!("now")),
    ] {
        let mut claims = good();
        claims[name] = value.clone();
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        refused(format!("{name} = {value}"), vec![key.token(&heading(&key), &claims)]).await;
    }
    let rsa = Pair::new(Algorithm::Rs256);
    refused("RS256".into(), vec![rsa.token(&heading(&rsa), &good())]).await;
    let other = Pair::new(Algorithm::Es256);
    refused("another's signature".into(), vec![other.token(&heading(&key), &good())]).await;
    let mut private = serde_json::to_value(&key.public).unwrap();
    private["d"] = key.private.parameter("d").unwrap().clone();
    for (name, value) in [
        ("typ", json!("JWT")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("jwk", Value::Null),
        ("jwk", private),
    ] {
        let mut header = heading(&key);
        header[name] = value.clone();
        header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        refused(format!("{name} = {value}"), vec![key.token(&header, &good())]).await;
    }
    let two = vec![key.token(&heading(&key), &good()), key.token(&heading(&key), &good())];
    refused("two proofs".into(), two).await;
    refused("no JWT".into(), vec!["x.y".into()]).await;
    refused("none".into(), vec![]).await;
    // 10 seconds of skew, query and fragment, and a host in capitals are nothing (RFC 3986 §6.2).
    let assertion = party.assertion(&party.claims(&kit));
    let mut old = good();
    old["nonce"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    let answer = ask_with(&kit, &assertion, &[key.token(&heading(&key), &old)], &code_form(&code)).await;
    assert_eq!(told(&answer), (400, "use_dpop_nonce".into()));
    let mut skewed = good();
    skewed["iat"] = json!(now + 10);
    skewed["htu"] = json!(format!("{}{TOKEN}?x=1#y", kit.state.config.origin()));
    let proof = key.token(&heading(&key), &skewed);
    // Neither the code nor this assertion is used up.
    let answer = ask_with(&kit, &assertion, std::slice::from_ref(&proof), &code_form(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let code = kit.code(&offline(&kit, &party, person)).await;
    let again = ask(&kit, &party, &[proof], &code_form(&code)).await;
    assert_eq!(told(&again), (400, "invalid_dpop_proof".into()), "the same proof");
    // A nonce of two minutes ago.
    kit.clock.advance_seconds(30);
    let code = kit.code(&offline(&kit, &party, person)).await;
    let answer = ask(&kit, &party, &[key.token(&heading(&key), &good())], &code_form(&code)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    kit.clock.advance_seconds(120);
    let answer = ask(&kit, &party, &[key.token(&heading(&key), &good())], &code_form("x")).await;
    assert_eq!(told(&answer), (400, "use_dpop_nonce".into()));
}

/// T24: of fifty uses of one proof one is good.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_t24_a_proof_is_good_once() {
    for kit in Kit::both().await {
        let (party, key) = (bank(&kit).await, Pair::new(Algorithm::Es256));
        let token = text(&login(&kit, &party, &key).await, "access_token");
        let mut claims = claims(&kit, "GET", USERINFO);
        claims["ath"] = json!(hash(&token));
        let proof = [key.token(&heading(&key), &claims)];
        let answers = join_all((0..50).map(|_| userinfo(&kit, "DPoP", &token, &proof))).await;
        let count = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
        // Some may be told to come back where the machine is busy; none but one is let in.
        assert_eq!((count(200), count(401) + count(503)), (1, 49));
    }
}

/// T25, and T24 at a resource.
#[tokio::test]
async fn t25_a_bound_token_is_of_no_use_without_its_key() {
    let kit = Kit::new().await;
    let (party, key) = (bank(&kit).await, Pair::new(Algorithm::Es256));
    let token = text(&login(&kit, &party, &key).await, "access_token");
    let good = |token: &str| {
        let mut claims = claims(&kit, "GET", USERINFO);
        claims["ath"] = json!(hash(token));
        claims
    };
    let challenge = |answer: &Answer| answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
    // As a bearer token, with and without a proof.
    for proofs in [vec![], vec![key.token(&heading(&key), &good(&token))]] {
        let answer = userinfo(&kit, "Bearer", &token, &proofs).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(challenge(&answer).contains(r#"error="invalid_token""#));
    }
    let other = Pair::new(Algorithm::Es256);
    let answer = userinfo(&kit, "DPoP", &token, &[other.token(&heading(&other), &good(&token))]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(challenge(&answer).contains(r#"error="invalid_token""#), "another key");
    let now = kit.state.clock.now() / 1000;
    for (name, value) in [
        ("ath", Value::Null),
        ("ath", json!(hash("another"))),
        ("htm", json!("POST")),
        ("htu", json!(format!("{}{TOKEN}", kit.state.config.origin()))),
        ("iat", json!(now - 3600)),
        ("iat", json!(now + 3600)),
    ] {
        let mut claims = good(&token);
        claims[name] = value.clone();
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let answer = userinfo(&kit, "DPoP", &token, &[key.token(&heading(&key), &claims)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name} = {value}");
        let challenge = challenge(&answer);
        assert!(challenge.starts_with("DPoP ") && challenge.contains("invalid_dpop_proof"), "{challenge}");
        assert!(challenge.contains("ES256") && answer.text.is_empty());
    }
    let two = [key.token(&heading(&key), &good(&token)), key.token(&heading(&key), &good(&token))];
    for proofs in [&[][..], &two[..]] {
        assert_eq!(userinfo(&kit, "DPoP", &token, proofs).await.status, StatusCode::UNAUTHORIZED);
    }
    // A nonce may be repeated here; where it is, it must be good.
    let mut stale = good(&token);
    stale["nonce"] = json!("AAAAAAAAAAAAAAAAAAAAAA");
    let answer = userinfo(&kit, "DPoP", &token, &[key.token(&heading(&key), &stale)]).await;
    assert!(challenge(&answer).contains("use_dpop_nonce"));
    let mut fresh = good(&token);
    fresh["nonce"] = json!(answer.headers["dpop-nonce"].to_str().unwrap());
    let answer = userinfo(&kit, "dpop", &token, &[key.token(&heading(&key), &fresh)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    // A token that is bound to nothing is none to be sent so.
    let free = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let person = crate::registry::find(&kit.state, "100").await.unwrap().unwrap();
    let plain = text(&free.redeem(&kit, &kit.code(&free.approval(&kit, person)).await).await.json(), "access_token");
    let answer = userinfo(&kit, "DPoP", &plain, &[key.token(&heading(&key), &good(&plain))]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(userinfo(&kit, "Bearer", &plain, &[]).await.status, StatusCode::OK);
}

/// A client that need not bind its tokens may; the compatible mounts do not look at the header.
#[tokio::test]
async fn whoever_shows_a_key_gets_bound_tokens_at_the_standard_mount_only() {
    let kit = Kit::new().await;
    let key = Pair::new(Algorithm::Es256);
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let assertion = party.assertion(&party.claims(&kit));
        let form = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
            ("grant_type", "client_credentials"),
        ];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut proof = claims(&kit, "POST", TOKEN);
        proof["nonce"] = json!(crate::access::dpop::nonce(&kit.state));
        let request = Request::post(party.token_path())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("DPoP", key.token(&heading(&key), &proof));
        let answer = kit.send(request.body(Body::from(body)).unwrap()).await;
        let expected = if mount == Mount::Op { "DPoP" } else { "Bearer" };
        assert_eq!(answer.json()["token_type"], expected, "{mount:?} {}", answer.text);
        assert_eq!(answer.headers.contains_key("dpop-nonce"), mount == Mount::Op);
    }
}
