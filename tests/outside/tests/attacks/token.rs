//! Cases T1 to T7, T11 to T13 and T16 (T2, T12 and T13 as races are in `races`).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{ES256, HS256, JwsHeader};
use josekit::jwt::{self, JwtPayload};
use outside::browser::Browser;
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{AMARA, Database, PIN, Server};
use outside::{Answer, now, random};
use serde_json::{Value, json};

use crate::MOUNTS;

async fn code(server: &Server, party: &RelyingParty) -> (String, Begun) {
    let browser = Browser::new(server, party.mount).await;
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
    (browser.auth_code(&transaction, &["name"]).await.text_of("code"), begun)
}

fn with(mut form: Vec<(&'static str, String)>, name: &'static str, value: Option<&str>) -> Vec<(&'static str, String)> {
    form.retain(|(known, _)| *known != name);
    form.extend(value.map(|value| (name, value.to_owned())));
    form
}

/// What each mount answers to a grant that is not good.
fn assert_no_grant(mount: &str, answer: &Answer, allowed: &[&str], what: &str) {
    let error = answer.body["error"].as_str().unwrap_or_default();
    assert_eq!(answer.status, 400, "{mount} {what}: {}", answer.text);
    let own: &[&str] = if mount.is_empty() { allowed } else { &["invalid_grant"] };
    assert!(own.contains(&error), "{mount} {what}: {error}");
}

fn assert_no_client(mount: &str, answer: &Answer, what: &str) {
    let error = answer.body["error"].as_str().unwrap_or_default();
    let (statuses, errors): (&[u16], &[&str]) = match mount {
        "" => (&[400, 401], &["invalid_client", "invalid_assertion"]),
        "/op" => (&[401], &["invalid_client"]),
        _ => (&[400, 401], &["invalid_client"]),
    };
    assert!(
        statuses.contains(&answer.status) && errors.contains(&error),
        "{mount} {what}: {} {}",
        answer.status,
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn t1_a_code_a_second_time_kills_the_tokens_of_the_first() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (code, begun) = code(&server, &party).await;
        let tokens = party.redeem(&code, &begun).await;
        let token = tokens["access_token"].as_str().unwrap();
        assert_eq!(party.userinfo(token).await.0, 200);
        let again = party.post_token(&party.token_form(&code, &begun)).await;
        assert_no_grant(mount, &again, &["invalid_transaction", "invalid_grant"], "T1");
        assert_eq!(party.userinfo(token).await.0, 401, "{mount}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t3_t4_a_code_of_another_client_or_altered() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let (party, thief) = (server.relying_party(mount).await, server.relying_party(mount).await);
        let (stolen, begun) = code(&server, &party).await;
        let answer = thief.post_token(&thief.token_form(&stolen, &begun)).await;
        assert_no_grant(mount, &answer, &["invalid_grant", "invalid_transaction"], "T3");
        let (one, begun) = code(&server, &party).await;
        let (other, _) = code(&server, &party).await;
        for place in [0, 20, 21, 40, one.len() - 2] {
            let mut altered = one.clone().into_bytes();
            altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            let answer = party.post_token(&party.token_form(&altered, &begun)).await;
            assert_no_grant(mount, &answer, &["invalid_grant", "invalid_transaction"], "T4 altered");
        }
        let joined = format!("{}{}", &one[..32], &other[32..]);
        let answer = party.post_token(&party.token_form(&joined, &begun)).await;
        assert_no_grant(mount, &answer, &["invalid_grant", "invalid_transaction"], "T4 joined");
        party.redeem(&one, &begun).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t5_t6_t7_verifier_and_redirect_uri_must_be_those_of_the_request() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        for (name, value) in [
            ("code_verifier", None),
            ("code_verifier", Some("a-verifier-that-was-never-announced-0123456789")),
            ("redirect_uri", None),
            ("redirect_uri", Some("https://rp.test/other")),
        ] {
            let (code, begun) = code(&server, &party).await;
            let answer = party.post_token(&with(party.token_form(&code, &begun), name, value)).await;
            let allowed = ["invalid_grant", "invalid_redirect_uri", "invalid_input", "invalid_transaction"];
            assert_no_grant(mount, &answer, &allowed, &format!("{name} {value:?}"));
        }
        // T6: a verifier though there was no challenge.
        let browser = Browser::new(&server, mount).await;
        let (mut request, begun) = party.begin();
        request.as_object_mut().unwrap().retain(|name, _| !name.starts_with("codeChallenge"));
        let answer = browser.post("/authorization/v2/oauth-details", request.clone()).await;
        if answer.code().is_empty() {
            let transaction = browser.start(party_again(request)).await;
            browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
            let code = browser.auth_code(&transaction, &["name"]).await.text_of("code");
            let answer = party.post_token(&party.token_form(&code, &begun)).await;
            assert_no_grant(mount, &answer, &["invalid_grant", "invalid_input", "invalid_transaction"], "T6");
        }
    }
}

/// The same request with a nonce that was not used yet.
fn party_again(mut request: Value) -> Value {
    request["nonce"] = random().into();
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_t14_assertions_that_are_not_of_this_client_for_this_server_now() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let (party, other) = (server.relying_party(mount).await, server.relying_party(mount).await);
        let (code, begun) = code(&server, &party).await;
        let good = party.assertion_claims();
        let mut bad: BTreeMap<&str, Value> = BTreeMap::new();
        let mut change = |what: &'static str, name: &str, value: Option<Value>| {
            let mut claims = good.clone();
            claims["jti"] = random().into();
            match value {
                Some(value) => claims[name] = value,
                None => {
                    claims.as_object_mut().unwrap().remove(name);
                }
            }
            bad.insert(what, claims);
        };
        change("no exp", "exp", None);
        change("exp past", "exp", Some(json!(now() - 60)));
        change("exp in ten years", "exp", Some(json!(now() + 315_360_000)));
        change("nbf ahead", "nbf", Some(json!(now() + 300)));
        change("no jti", "jti", None);
        change("no sub", "sub", None);
        change("iss is not sub", "iss", Some(json!("somebody")));
        change("sub of another", "sub", Some(json!(other.client_id)));
        change("aud of another server", "aud", Some(json!("https://other.test")));
        change("no aud", "aud", None);
        for (what, claims) in &bad {
            let form = with(party.token_form(&code, &begun), "client_assertion", Some(&party.sign(claims)));
            assert_no_client(mount, &party.post_token(&form).await, what);
        }
        party.redeem(&code, &begun).await;
    }
}

fn unsigned(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_signatures_that_are_none() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (code, begun) = code(&server, &party).await;
        let claims = || {
            let mut claims = party.assertion_claims();
            claims["jti"] = random().into();
            claims
        };
        let kid = party.key.key_id().unwrap();
        let attacker = RelyingParty { key: RelyingParty::new_key("/op"), ..party.clone() };
        let own = attacker.key.to_public_key().unwrap();
        let payload = JwtPayload::from_map(claims().as_object().unwrap().clone()).unwrap();
        let public = party.key.to_public_key().unwrap().to_string();
        let hs256 =
            jwt::encode_with_signer(&payload, &JwsHeader::new(), &HS256.signer_from_bytes(public.as_bytes()).unwrap())
                .unwrap();
        let sign_with = |members: Value| {
            let mut header = JwsHeader::new();
            for (name, value) in members.as_object().unwrap() {
                header.set_claim(name, Some(value.clone())).unwrap();
            }
            let payload = JwtPayload::from_map(claims().as_object().unwrap().clone()).unwrap();
            jwt::encode_with_signer(&payload, &header, &ES256.signer_from_jwk(&attacker.key).unwrap()).unwrap()
        };
        let tokens = [
            ("alg none", unsigned(&json!({ "alg": "none" }), &claims(), b"")),
            ("alg None", unsigned(&json!({ "alg": "None" }), &claims(), b"")),
            ("HS256 with the public key", hs256),
            ("ES256 of zeros", unsigned(&json!({ "alg": "ES256", "kid": kid }), &claims(), &[0; 64])),
            ("RS256 of zeros", unsigned(&json!({ "alg": "RS256", "kid": kid }), &claims(), &[0; 256])),
            ("own key in jwk", sign_with(json!({ "jwk": Value::Object(own.clone().into()) }))),
            ("jku", sign_with(json!({ "jku": format!("{}/jku", server.gateway.url) }))),
            ("x5u", sign_with(json!({ "x5u": format!("{}/x5u", server.gateway.url) }))),
            ("kid as path", sign_with(json!({ "kid": "../../dev/null" }))),
            ("kid as SQL", sign_with(json!({ "kid": "' or 1=1--" }))),
            ("right kid, other key", sign_with(json!({ "kid": kid }))),
            ("crit", sign_with(json!({ "crit": ["x"], "x": true }))),
            ("three dots", "a.b.c.d".into()),
            ("nothing", String::new()),
        ];
        for (what, token) in tokens {
            let form = with(party.token_form(&code, &begun), "client_assertion", Some(&token));
            let answer = party.post_token(&form).await;
            let error = answer.body["error"].as_str().unwrap_or_default();
            assert!([400, 401].contains(&answer.status), "{mount} {what}: {}", answer.text);
            assert!(
                ["invalid_client", "invalid_assertion", "invalid_request", "invalid_input"].contains(&error),
                "{mount} {what}: {error}"
            );
        }
        let b64 = unsigned(&json!({ "alg": "ES256", "b64": false, "crit": ["b64"] }), &claims(), &[1; 64]);
        assert_no_client(
            mount,
            &party.post_token(&with(party.token_form(&code, &begun), "client_assertion", Some(&b64))).await,
            "b64",
        );
        party.redeem(&code, &begun).await;
    }
}

/// C1, C2: what is no access token opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn c1_c2_userinfo_takes_access_tokens_only() {
    let server = Server::start(Database::Sqlite, "lifetimes.access_token = 4").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let (code, begun) = code(&server, &party).await;
        let tokens = party.redeem(&code, &begun).await;
        let access = tokens["access_token"].as_str().unwrap();
        let assertion = party.sign(&party.assertion_claims());
        for (what, token) in [
            ("ID token", tokens["id_token"].as_str().unwrap()),
            ("assertion", &assertion),
            ("code", &code),
            ("altered", &format!("A{}", &access[1..])),
            ("nothing", ""),
        ] {
            assert_eq!(party.userinfo(token).await.0, 401, "{mount} {what}");
        }
        assert_eq!(party.userinfo(access).await.0, 200, "{mount}");
        tokio::time::sleep(std::time::Duration::from_millis(4100)).await;
        assert_eq!(party.userinfo(access).await.0, 401, "{mount} expired");
    }
}
