//! Cases T1 to T7, T9 to T14, T16, T17, T21 and T22 at every issuer, with its own codes (T2, T12, T13 and T18 to T20 as races are in
//! `races`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{ES256, HS256, JwsHeader};
use josekit::jwt::{self, JwtPayload};
use outside::issuers::{ISSUERS, Issuers, replaced, request};
use outside::relying_party::RelyingParty;
use outside::server::Database;
use outside::{Answer, http, now, random};
use serde_json::{Value, json};

/// The same form with another value for one of its fields; `None` leaves it out.
pub fn with(
    mut form: Vec<(&'static str, String)>,
    name: &'static str,
    value: Option<&str>,
) -> Vec<(&'static str, String)> {
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

/// What each mount answers to a client that did not prove who it is.
fn assert_no_client(mount: &str, answer: &Answer, what: &str) {
    let expected = match mount {
        "" => (400, "invalid_assertion"),
        "/v1/esignet" => (400, "invalid_client"),
        _ => (401, "invalid_client"),
    };
    let error = answer.body["error"].as_str().unwrap_or_default();
    assert_eq!((answer.status, error), expected, "{mount} {what}: {}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn t1_a_code_a_second_time_kills_the_tokens_of_the_first() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (code, begun) = stand.code(&party).await;
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
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let (party, thief) = (stand.party(mount).await, stand.party(mount).await);
        let (stolen, begun) = stand.code(&party).await;
        let answer = thief.post_token(&thief.token_form(&stolen, &begun)).await;
        assert_no_grant(mount, &answer, &["invalid_grant", "invalid_transaction"], "T3");
        let (one, begun) = stand.code(&party).await;
        let (other, _) = stand.code(&party).await;
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
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        for (name, value) in [
            ("code_verifier", None),
            ("code_verifier", Some("a-verifier-that-was-never-announced-0123456789")),
            ("redirect_uri", None),
            ("redirect_uri", Some("https://rp.test/other")),
        ] {
            let (code, begun) = stand.code(&party).await;
            let answer = party.post_token(&with(party.token_form(&code, &begun), name, value)).await;
            let allowed = ["invalid_grant", "invalid_redirect_uri", "invalid_input", "invalid_transaction"];
            assert_no_grant(mount, &answer, &allowed, &format!("{name} {value:?}"));
        }
        // T6: a verifier though there was no challenge.
        let (query, begun) = request(&party);
        let query = replaced(&replaced(&query, "code_challenge", None), "code_challenge_method", None);
        let browser = http().cookie_store(true).build().unwrap();
        let code = stand.logged_in(&browser, &party, &query, &[]).await["code"].clone();
        let answer = party.post_token(&party.token_form(&code, &begun)).await;
        assert_no_grant(mount, &answer, &["invalid_grant", "invalid_input", "invalid_transaction"], "T6");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_t14_assertions_that_are_not_of_this_client_for_this_server_now() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let (party, other) = (stand.party(mount).await, stand.party(mount).await);
        let (code, begun) = stand.code(&party).await;
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
        change("aud with another", "aud", Some(json!([party.issuer, "https://other.test"])));
        change("aud with a slash", "aud", Some(json!(format!("{}/", party.issuer))));
        change("aud of userinfo", "aud", Some(json!(party.userinfo_url)));
        for (what, claims) in &bad {
            let form = with(party.token_form(&code, &begun), "client_assertion", Some(&party.sign(claims)));
            assert_no_client(mount, &party.post_token(&form).await, what);
        }
        party.redeem(&code, &begun).await;
    }
}

/// A server of the attacker's: its address; how many came to it is counted.
async fn listen(count: Arc<AtomicUsize>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    url
}

fn unsigned(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(header), part(claims), URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn t16_signatures_that_are_none() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let fetched = Arc::new(AtomicUsize::new(0));
        let listener = listen(fetched.clone()).await;
        let party = stand.party(mount).await;
        let (code, begun) = stand.code(&party).await;
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
            ("jku", sign_with(json!({ "jku": format!("{listener}/jku") }))),
            ("x5u", sign_with(json!({ "x5u": format!("{listener}/x5u") }))),
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
        assert_eq!(fetched.load(Ordering::SeqCst), 0, "{mount}: something was fetched");
        party.redeem(&code, &begun).await;
    }
}

/// Registers a client without a key, and what the command tells.
async fn keyless(stand: &Issuers, mount: &'static str, id: &str, method: &str) -> (RelyingParty, String) {
    let line = ["client", "add", id, "--mount", &mount[1..], "--redirect-uri", "https://rp.test/cb", "--claim", "name"];
    let more = ["--logo", "https://rp.test/logo.png", "--acr", "linked-wallet", "--auth-method", method];
    let policy = ["--login-policy", r#"{"number_matching":"off","rotation":"off"}"#];
    let told = stand.server().command(&[&line[..], &more, &policy].concat());
    (RelyingParty { client_id: id.into(), ..stand.party(mount).await }, told)
}

/// A form without what proves who sends it.
fn unproven(form: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    form.iter().filter(|(name, _)| !name.starts_with("client_assertion")).cloned().collect()
}

/// T23: id and secret are form-encoded, then joined by a colon (RFC 6749 §2.3.1). No other issuer takes them so (T10).
#[tokio::test(flavor = "multi_thread")]
async fn t23_basic_credentials_are_form_encoded_first() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let id = "shop:one+1%";
    let (party, told) = keyless(&stand, "/op", id, "client_secret_basic").await;
    let secret = told.lines().find_map(|line| line.strip_prefix("client secret: ")).unwrap();
    let (code, begun) = stand.code(&party).await;
    let form = unproven(&party.token_form(&code, &begun));
    let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    for (sent, status) in [(id, 401), ("shop%3Aone+1%25", 401), (encoded.as_str(), 200)] {
        let call = party.http.post(&party.token_url).basic_auth(sent, Some(secret)).form(&form);
        assert_eq!(call.send().await.unwrap().status(), status, "{sent}");
    }
}

/// T9, T10: one way of proving it, and the registered one.
#[tokio::test(flavor = "multi_thread")]
async fn t9_t10_exactly_one_method_and_the_registered_one() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (code, begun) = stand.code(&party).await;
        let good = party.token_form(&code, &begun);
        // T10: registered for private_key_jwt.
        let plain = unproven(&good);
        assert_no_client(mount, &party.post_token(&with(plain.clone(), "client_secret", Some("x"))).await, "a secret");
        let basic = async |form: &[(&'static str, String)]| {
            let call = party.http.post(&party.token_url).basic_auth(&party.client_id, Some("x")).form(form);
            Answer::of(call.send().await.unwrap()).await
        };
        assert_no_client(mount, &basic(&plain).await, "a secret in the header");
        // T9: two at once.
        for answer in [party.post_token(&with(good.clone(), "client_secret", Some("x"))).await, basic(&good).await] {
            let told = (answer.status, &answer.body["error"]);
            assert_eq!(told, (400, &json!("invalid_request")), "{mount}: {}", answer.text);
        }
        // Nobody says who he is, or says two names.
        let nobody = party.post_token(&plain).await;
        let expected = match mount {
            "" => (400, "invalid_input"),
            "/v1/esignet" => (400, "invalid_client"),
            _ => (401, "invalid_client"),
        };
        assert_eq!((nobody.status, nobody.body["error"].as_str().unwrap()), expected, "{mount}");
        assert_no_client(mount, &party.post_token(&with(good, "client_id", Some("nobody"))).await, "another client_id");
        party.redeem(&code, &begun).await;
    }
    // Registered for none: whoever shows something is somebody else.
    for mount in ["/op", "/bankid"] {
        let (party, _) = keyless(&stand, mount, &format!("public-{}", &mount[1..]), "none").await;
        let (code, begun) = stand.code(&party).await;
        let form = party.token_form(&code, &begun);
        let plain = unproven(&form);
        assert_no_client(mount, &party.post_token(&with(plain.clone(), "client_secret", Some("x"))).await, "a secret");
        assert_no_client(mount, &party.post_token(&form).await, "an assertion");
        assert_eq!(party.post_token(&plain).await.status, 200, "{mount}");
    }
}

/// T17: what is far too large costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn t17_large_requests_are_refused_and_memory_stays_flat() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let mut parties = Vec::new();
    for mount in ISSUERS {
        parties.push(stand.party(mount).await);
    }
    let body = "a".repeat(20 << 20);
    let mut before = 0;
    for round in 0..6 {
        for party in &parties {
            let mount = party.mount;
            for size in [100_000, 1 << 20] {
                let form = [
                    ("grant_type", "authorization_code".to_owned()),
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()),
                    ("client_assertion", format!("e30.{}.e30", "A".repeat(size))),
                ];
                let answer = party.post_token(&form).await;
                assert!([400, 401, 413].contains(&answer.status), "{mount} {size}: {}", answer.status);
            }
            let many: Vec<(String, &str)> = (0..10_000).map(|number| (format!("p{number}"), "x")).collect();
            let answer = party.http.post(&party.token_url).form(&many).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{mount}");
            // The server may end the connection before it has read everything.
            let call = party.http.post(&party.token_url).header("content-type", "application/x-www-form-urlencoded");
            if let Ok(answer) = call.body(body.clone()).send().await {
                assert_eq!(answer.status(), 413, "{mount}");
            }
        }
        // The first rounds are for what is made once.
        if round == 1 {
            before = stand.server().memory();
        }
    }
    let after = stand.server().memory();
    assert!(after < before + 65_536, "{before} kB before, {after} kB after");
}

/// T22: forms that are posted, of the grants that discovery names.
#[tokio::test(flavor = "multi_thread")]
async fn t22_only_posted_forms_of_known_grants_are_read() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (code, begun) = stand.code(&party).await;
        let form = || party.token_form(&code, &begun);
        let unknown = if mount.is_empty() { "invalid_request" } else { "unsupported_grant_type" };
        let missing = if mount.is_empty() { "invalid_input" } else { "invalid_request" };
        for (grant, error) in
            [(Some("password"), unknown), (Some("implicit"), unknown), (Some("x"), unknown), (None, missing)]
        {
            let answer = party.post_token(&with(form(), "grant_type", grant)).await;
            let told = (answer.status, &answer.body["error"]);
            assert_eq!(told, (400, &json!(error)), "{mount} {grant:?}: {}", answer.text);
        }
        let body: serde_json::Map<String, Value> =
            form().into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let answer = Answer::of(party.http.post(&party.token_url).json(&body).send().await.unwrap()).await;
        let error = if mount == "/bankid" { "invalid_content_type" } else { "invalid_request" };
        assert_eq!((answer.status, &answer.body["error"]), (415, &json!(error)), "{mount}");
        let answer = party.http.get(&party.token_url).query(&form()).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"), "{mount}");
        // Parameters in the query count for nothing.
        let empty: [(&str, &str); 0] = [];
        let call = party.http.post(&party.token_url).query(&form()).form(&empty);
        let answer = Answer::of(call.send().await.unwrap()).await;
        assert!([400, 401].contains(&answer.status), "{mount}: {}", answer.text);
        party.redeem(&code, &begun).await;
    }
}

/// T21: a refresh token is its client's, and asks for no more than was permitted.
#[tokio::test(flavor = "multi_thread")]
async fn t21_a_refresh_token_is_its_clients_and_no_wider() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ["/op", "/bankid"] {
        let (party, thief) = (stand.refreshing_party(mount).await, stand.refreshing_party(mount).await);
        let (code, begun) = stand.offline_code(&party).await;
        let tokens = party.redeem(&code, &begun).await;
        let token = tokens["refresh_token"].as_str().unwrap_or_else(|| panic!("{mount}: no refresh token"));
        let stolen = thief.post_token(&thief.refresh_form(token)).await;
        assert_eq!((stolen.status, &stolen.body["error"]), (400, &json!("invalid_grant")), "{mount}");
        let wider = with(party.refresh_form(token), "scope", Some("openid phone profile.phonenumber"));
        let wider = party.post_token(&wider).await;
        assert_eq!((wider.status, &wider.body["error"]), (400, &json!("invalid_scope")), "{mount}");
        assert_eq!(party.post_token(&party.refresh_form(token)).await.status, 200, "{mount}");
    }
    for mount in ["", "/v1/esignet"] {
        let party = stand.party(mount).await;
        let answer = party.post_token(&party.refresh_form("x")).await;
        let unknown = if mount.is_empty() { "invalid_request" } else { "unsupported_grant_type" };
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!(unknown)), "{mount}");
    }
}
