//! Cases C1 to C4 and C7 to C10: what access tokens open, who may look into tokens and end them, keys, and logging out, at every
//! issuer.

use outside::issuers::{ISSUERS, Issuers, replaced, request};
use outside::relying_party::RelyingParty;
use outside::server::Database;
use outside::{Answer, http, now};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::authorize::Asked;

/// Where access tokens open something at an issuer.
fn resources(stand: &Issuers, party: &RelyingParty) -> Vec<String> {
    let mut urls = vec![party.userinfo_url.clone()];
    if party.mount == "/bankid" {
        urls.extend(["/profile", "/api/v1/banks"].map(|path| format!("{}/bankid{path}", stand.server().origin)));
    }
    urls
}

async fn get(url: &str, token: &str) -> reqwest::Response {
    http().build().unwrap().get(url).bearer_auth(token).send().await.unwrap()
}

/// C1, C2, C3: access tokens of this issuer, in the header, and nothing else. That a token has ended is told at Bank iD's, by
/// another status (docs/bankid.md).
#[tokio::test(flavor = "multi_thread")]
async fn c1_c2_c3_access_tokens_of_this_issuer_alone() {
    let stand = Issuers::start(Database::Sqlite, "lifetimes.access_token = 30").await;
    let mut of_each = Vec::new();
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (code, begun) = stand.code(&party).await;
        let tokens = party.redeem(&code, &begun).await;
        of_each.push((party, tokens));
    }
    for (party, tokens) in &of_each {
        let mount = party.mount;
        let (code, begun) = stand.code(party).await;
        let fresh = party.redeem(&code, &begun).await;
        let access = fresh["access_token"].as_str().unwrap();
        let id_token = tokens["id_token"].as_str().unwrap().to_owned();
        // A token of somebody else's making that names our key.
        let [header, claims, _] = id_token.split('.').collect::<Vec<_>>()[..] else { panic!("{id_token}") };
        let foreign = format!("{header}.{claims}.{}", "A".repeat(86));
        let assertion = party.sign(&party.assertion_claims());
        let altered = format!("{}{}", if access.starts_with('A') { "B" } else { "A" }, &access[1..]);
        for url in resources(&stand, party) {
            assert_eq!(get(&url, access).await.status(), StatusCode::OK, "{mount} {url}");
            for (what, bad) in [
                ("ID token", id_token.as_str()),
                ("foreign token", &foreign),
                ("assertion", &assertion),
                ("code", &code),
                ("altered", &altered),
                ("x", "x"),
            ] {
                let answer = get(&url, bad).await;
                assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{mount} {url}: {what}");
                let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
                assert!(challenge.starts_with("Bearer"), "{mount} {what}: {challenge}");
                if mount == "/bankid" {
                    let body: Value = answer.json().await.unwrap();
                    assert_eq!(body["error"], "UNAUTHORIZED", "{what}");
                } else {
                    assert!(challenge.contains(r#"error="invalid_token""#), "{mount} {what}: {challenge}");
                }
            }
            let query = format!("{url}?access_token={access}");
            let answer = http().build().unwrap().get(query).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{mount}: in the query");
        }
        // Another issuer's.
        for (other, _) in of_each.iter().filter(|(other, _)| other.mount != mount) {
            let answer = get(&other.userinfo_url, access).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "a token of {mount} at {}", other.mount);
        }
    }
    // Expired: waited for, with a limit.
    for (party, tokens) in &of_each {
        let mount = party.mount;
        let access = tokens["access_token"].as_str().unwrap();
        let ended = if mount == "/bankid" { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
        let began = now();
        loop {
            let status = get(&party.userinfo_url, access).await.status();
            if status == ended {
                break;
            }
            assert!(status == StatusCode::OK && now() - began < 120, "{mount}: {status}");
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }
}

/// C2: a refresh token opens nothing.
#[tokio::test(flavor = "multi_thread")]
async fn c2_refresh_tokens_open_nothing() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ["/op", "/bankid"] {
        let party = stand.refreshing_party(mount).await;
        let (code, begun) = stand.offline_code(&party).await;
        let tokens = party.redeem(&code, &begun).await;
        for url in resources(&stand, &party) {
            let answer = get(&url, tokens["refresh_token"].as_str().unwrap()).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{url}");
        }
    }
}

/// C4: a token that is of no login with `openid`. Bank iD's issues none: it has no other grant, and no login without it.
#[tokio::test(flavor = "multi_thread")]
async fn c4_a_token_without_openid_tells_nothing() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for (mount, name) in [("", "govstack"), ("/v1/esignet", "esignet"), ("/op", "op")] {
        let (id, key) = (format!("machine-{name}"), RelyingParty::new_key(mount));
        let file = stand.server().path(&format!("{id}.jwk"));
        std::fs::write(&file, key.to_public_key().unwrap().to_string()).unwrap();
        let line =
            ["client", "add", &id, "--mount", name, "--grant", "client_credentials", "--scope", "add_oidc_client"];
        stand.server().command(&[&line[..], &["--jwk", file.to_str().unwrap()]].concat());
        let party = RelyingParty { client_id: id, key, ..stand.party(mount).await };
        let form = [
            ("grant_type", "client_credentials".to_owned()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
            ("client_assertion", party.sign(&party.assertion_claims())),
        ];
        let tokens = party.post_token(&form).await;
        let answer = get(&party.userinfo_url, tokens.body["access_token"].as_str().unwrap()).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{mount}");
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.contains("insufficient_scope"), "{mount}: {challenge}");
    }
    let party = stand.party("/bankid").await;
    let (query, _) = request(&party);
    let query = replaced(&query, "scope", Some("profile.name"));
    let asked = crate::authorize::ask(stand.server(), "/bankid", &query).await;
    assert_eq!(crate::authorize::told_error(&party, &query, &asked, "no openid"), "invalid_scope");
    let form = crate::token::with(party.token_form("x", &request(&party).1), "grant_type", Some("client_credentials"));
    assert_eq!(party.post_token(&form).await.body["error"], "unsupported_grant_type");
}

/// C7, C8: tokens are ended by, and told to, their own client; of others nothing is said.
#[tokio::test(flavor = "multi_thread")]
async fn c7_c8_tokens_are_told_to_and_ended_by_their_client_alone() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let inactive = json!({ "active": false });
    let mut elsewhere = Vec::new();
    for (mount, path) in [("/op", "/op/introspect"), ("/bankid", "/bankid/token-info")] {
        let (party, other) = (stand.refreshing_party(mount).await, stand.refreshing_party(mount).await);
        let (code, begun) = stand.offline_code(&party).await;
        let tokens = party.redeem(&code, &begun).await;
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        let (access, refresh) = (token("access_token"), token("refresh_token"));
        let look = async |who: &RelyingParty, token: &str| {
            let form = [
                ("token", token.to_owned()),
                ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
                ("client_assertion", who.sign(&who.assertion_claims())),
            ];
            let url = format!("{}{path}", stand.server().origin);
            let answer = Answer::of(http().build().unwrap().post(url).form(&form).send().await.unwrap()).await;
            assert_eq!(answer.status, 200, "{mount}: {}", answer.text);
            answer.body
        };
        for token in [&access, &refresh] {
            assert_eq!(look(&party, token).await["active"], true, "{mount}");
            assert_eq!(look(&other, token).await, inactive, "{mount}");
        }
        for foreign in elsewhere.iter().chain([&"x".to_owned(), &tokens["id_token"].as_str().unwrap().to_owned()]) {
            assert_eq!(look(&party, foreign).await, inactive, "{mount}");
        }
        elsewhere.push(access.clone());
        let url = format!("{}{path}", stand.server().origin);
        let form = [("token", access.as_str())];
        let nobody = Answer::of(http().build().unwrap().post(url).form(&form).send().await.unwrap()).await;
        assert_eq!((nobody.status, &nobody.body["error"]), (401, &json!("invalid_client")), "{mount}");
        if mount == "/op" {
            for token in [access.as_str(), &refresh, "x"] {
                assert_eq!(other.revoke(token).await.status, 200, "C7");
            }
            assert_eq!(party.userinfo(&access).await.0, 200, "C7: another client ended it");
            assert_eq!(party.revoke(&access).await.status, 200);
            assert_eq!(party.userinfo(&access).await.0, 401);
        } else {
            // What came of a code ends with its second use.
            assert_eq!(party.post_token(&party.token_form(&code, &begun)).await.body["error"], "invalid_grant");
        }
        assert_eq!(look(&party, &access).await, inactive, "{mount}: after its end");
    }
    for path in ["/introspect", "/v1/esignet/introspect", "/revoke", "/v1/esignet/revoke", "/bankid/revoke"] {
        let form = [("token", "x")];
        let url = format!("{}{path}", stand.server().origin);
        let answer = http().build().unwrap().post(url).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// C9: public halves, each named once, to be kept for a while, whatever is asked beside them.
#[tokio::test(flavor = "multi_thread")]
async fn c9_published_keys_are_public_and_always_the_same() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let plain = party.http.get(&party.jwks_url).send().await.unwrap();
        assert!(plain.headers()["cache-control"].to_str().unwrap().contains("max-age"), "{mount}");
        let plain = plain.text().await.unwrap();
        let set: Value = serde_json::from_str(&plain).unwrap();
        let keys = set["keys"].as_array().unwrap();
        let kids: std::collections::HashSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert!(!keys.is_empty() && kids.len() == keys.len(), "{mount}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(keys.iter().all(|key| key.get(private).is_none()), "{mount} {private}");
        }
        for query in ["?kid=x", "?d=1&alg=none", "?"] {
            let answer = party.http.get(format!("{}{query}", party.jwks_url)).send().await.unwrap();
            assert_eq!(answer.text().await.unwrap(), plain, "{mount} {query}");
        }
    }
}

/// C10: nobody is sent to an address that is not registered, or logged out by what proves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn c10_what_proves_nothing_logs_nobody_out() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let more = ["--metadata", r#"{"post_logout_redirect_uris":["https://rp.test/bye"]}"#];
    for mount in ["/op", "/bankid"] {
        let party = stand.party_with(mount, &more).await;
        let other = stand.party_with(mount, &more).await;
        let browser = http().cookie_store(true).build().unwrap();
        let (query, begun) = request(&party);
        let back = stand.logged_in(&browser, &party, &query, &[]).await;
        let tokens = party.redeem(&back["code"], &begun).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let leave = async |query: &[(&str, &str)]| {
            Asked::of(browser.get(format!("{}{mount}/logout", stand.server().origin)).query(query)).await
        };
        let is_logged_in = async || {
            let silent = replaced(&request(&party).0, "prompt", Some("none"));
            let asked = browser.get(crate::authorize::endpoint(stand.server(), mount)).query(&silent);
            Asked::of(asked).await.location.unwrap().contains("code=")
        };
        assert!(is_logged_in().await, "{mount}");
        let [_, claims, _] = hint.split('.').collect::<Vec<_>>()[..] else { panic!("{hint}") };
        let none = format!("eyJhbGciOiJub25lIn0.{claims}.");
        let foreign = party.sign(&json!({ "iss": "https://other.test", "sub": "x", "aud": party.client_id }));
        let bye = ("post_logout_redirect_uri", "https://rp.test/bye");
        for bad in [
            &[("id_token_hint", none.as_str()), bye][..],
            &[("id_token_hint", &foreign), bye],
            &[("id_token_hint", "x"), bye],
            &[("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.test/")],
            &[("id_token_hint", hint), ("post_logout_redirect_uri", "https://rp.test/bye/")],
            &[("id_token_hint", hint), ("client_id", other.client_id.as_str()), bye],
            &[bye],
        ] {
            let answer = leave(bad).await;
            assert_eq!((answer.status, answer.location), (400, None), "{mount} {bad:?}");
            assert!(is_logged_in().await, "{mount} {bad:?}");
        }
        // Without a hint the person is asked, or nothing happens.
        let answer = leave(&[]).await;
        assert_eq!((answer.status, answer.location), (if mount == "/op" { 200 } else { 400 }, None), "{mount}");
        assert!(is_logged_in().await, "{mount}");
        let answer = leave(&[("id_token_hint", hint), bye, ("state", "s")]).await;
        assert_eq!(answer.location.as_deref(), Some("https://rp.test/bye?state=s"), "{mount}: {}", answer.text);
        assert!(!is_logged_in().await, "{mount}");
    }
    for path in ["/logout", "/v1/esignet/logout"] {
        let answer = http().build().unwrap().get(format!("{}{path}", stand.server().origin)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
