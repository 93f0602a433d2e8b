//! Cases A6 to A14 and A16 to A21: what an authorization request may say, and what is made of it, at every issuer.

use josekit::jwe::{JweHeader, RSA_OAEP_256};
use josekit::jws::{ES256, HS256, JwsHeader};
use josekit::jwt::{self, JwtPayload};
use outside::issuers::{ISSUERS, Issuers, hidden, replaced, request, says, told};
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Database, JONAS, PIN};
use outside::wallet::Wallet;
use outside::{http, now};
use serde_json::{Value, json};

use crate::authorize::{Asked, ask, endpoint, told_error};

/// A state that breaks out of every page and every URL that does not escape it.
const STATE: &str = "\"><script>alert(1)</script>&x=1#'\u{20ac}";

async fn error(stand: &Issuers, party: &RelyingParty, query: &[(&'static str, String)], what: &str) -> String {
    told_error(party, query, &ask(stand.server(), party.mount, query).await, what)
}

/// A6, A7: the code flow alone, in the modes that discovery names.
#[tokio::test(flavor = "multi_thread")]
async fn a6_a7_other_response_types_and_modes_are_told_to_the_client() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (good, _) = request(&party);
        for (name, value, expected) in [
            ("response_type", Some("token"), "unsupported_response_type"),
            ("response_type", Some("id_token"), "unsupported_response_type"),
            ("response_type", Some("code token"), "unsupported_response_type"),
            ("response_type", None, "invalid_request"),
            ("response_mode", Some("fragment"), "invalid_request"),
            ("response_mode", Some("web_message"), "invalid_request"),
            ("response_mode", Some("theirs"), "invalid_request"),
        ] {
            let query = replaced(&good, name, value);
            assert_eq!(
                error(&stand, &party, &query, &format!("{name}={value:?}")).await,
                expected,
                "{mount} {value:?}"
            );
        }
        // What one issuer has, another does not take.
        for mode in ["form_post", "jwt", "query.jwt", "form_post.jwt"] {
            let query = replaced(&good, "response_mode", Some(mode));
            let asked = ask(stand.server(), mount, &query).await;
            if mount == "/op" {
                assert_eq!((asked.status, asked.html), (200, true), "{mode}");
            } else {
                assert_eq!(told_error(&party, &query, &asked, mode), "invalid_request", "{mount} {mode}");
            }
        }
    }
}

/// A8: `state` comes back byte for byte; on a page it is text, and the page runs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a8_state_comes_back_byte_for_byte() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let query = replaced(&request(&party).0, "state", Some(STATE));
        let browser = http().cookie_store(true).build().unwrap();
        assert_eq!(stand.logged_in(&browser, &party, &query, &[]).await["state"], STATE, "{mount}");
        assert_eq!(error(&stand, &party, &replaced(&query, "prompt", Some("xyz")), "state").await, "invalid_request");
    }
    let party = stand.party("/op").await;
    let query = replaced(&request(&party).0, "state", Some(STATE));
    let query = replaced(&replaced(&query, "response_mode", Some("form_post")), "prompt", Some("none"));
    let response = http().build().unwrap().get(endpoint(stand.server(), "/op")).query(&query).send().await.unwrap();
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(!page.contains("<script>alert") && page.contains("login_required"), "{page}");
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"), "{page}");
}

/// A9: what later requests of the same login say changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a9_the_first_request_stays_in_force() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (query, begun) = request(&party);
        let browser = http().cookie_store(true).build().unwrap();
        let page =
            browser.get(endpoint(stand.server(), mount)).query(&query).send().await.unwrap().text().await.unwrap();
        stand.wallet.approve(mount, &says(&page, "data-code=\""), &["name"]).await;
        let mut form = hidden(&page);
        form.extend([
            ("response_type", "token".into()),
            ("redirect_uri", "https://evil.test/".into()),
            ("claims", "{\"userinfo\":{\"email\":null}}".into()),
            ("state", "other".into()),
        ]);
        let url = format!("{}{mount}/authorize/continue", stand.server().origin);
        let back = browser.post(&url).query(&[("redirect_uri", "https://evil.test/")]).form(&form);
        let back = Asked::of(back).await.location.unwrap();
        assert!(back.starts_with("https://rp.test/cb?"), "{mount}: {back}");
        assert_eq!(told(&back)["state"], begun.state, "{mount}");
        let tokens = party.redeem(&told(&back)["code"], &begun).await;
        let (_, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
        assert!(claims.contains_key("name") && !claims.contains_key("email"), "{mount}: {:?}", claims.keys());
    }
}

/// A10: S256 or nothing, and never nothing from a client that keeps no secret.
#[tokio::test(flavor = "multi_thread")]
async fn a10_pkce_is_s256_and_public_clients_need_it() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let (short, long, padded) = ("a".repeat(42), "a".repeat(129), format!("{}=", "a".repeat(43)));
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (good, _) = request(&party);
        for (name, value) in [
            ("code_challenge_method", Some("plain")),
            ("code_challenge_method", None),
            ("code_challenge", Some(short.as_str())),
            ("code_challenge", Some(long.as_str())),
            ("code_challenge", Some(padded.as_str())),
            ("code_challenge", None),
        ] {
            let query = replaced(&good, name, value);
            assert_eq!(error(&stand, &party, &query, &format!("{name}={value:?}")).await, "invalid_request", "{mount}");
        }
    }
    for (mount, name) in [("/op", "op"), ("/bankid", "bankid")] {
        let id = format!("public-{name}");
        let line = ["client", "add", &id, "--mount", name, "--redirect-uri", "https://rp.test/cb", "--claim", "name"];
        let more = ["--logo", "https://rp.test/logo.png", "--acr", "linked-wallet", "--auth-method", "none"];
        stand.server().command(&[&line[..], &more].concat());
        let party = RelyingParty { client_id: id, ..stand.party(mount).await };
        let (good, _) = request(&party);
        assert_eq!(ask(stand.server(), mount, &good).await.status, 200, "{mount}");
        let query = replaced(&replaced(&good, "code_challenge", None), "code_challenge_method", None);
        assert_eq!(error(&stand, &party, &query, "no challenge").await, "invalid_request", "{mount}");
    }
}

/// A request object of this party: the claims of its request.
fn object(party: &RelyingParty, query: &[(&'static str, String)]) -> JwtPayload {
    let mut claims = json!({ "iss": party.client_id, "aud": party.issuer, "exp": now() + 60 });
    for (name, value) in query {
        claims[*name] = if *name == "claims" { serde_json::from_str(value).unwrap() } else { value.as_str().into() };
    }
    JwtPayload::from_map(claims.as_object().unwrap().clone()).unwrap()
}

/// A11 to A14, A16: the standard issuer takes request objects of the client's own key alone; the others take none, and say so.
#[tokio::test(flavor = "multi_thread")]
async fn a11_a12_a13_a14_a16_request_objects_are_the_clients_own_or_none() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let party = stand.party_with("/op", &["--metadata", r#"{"request_object_signing_alg":"ES256"}"#]).await;
    let other = stand.party("/op").await;
    let (good, _) = request(&party);
    let payload = object(&party, &good);
    let typed = |kid: &str| {
        let mut header = JwsHeader::new();
        header.set_token_type("oauth-authz-req+jwt");
        header.set_key_id(kid);
        header
    };
    let kid = party.key.key_id().unwrap();
    let own = ES256.signer_from_jwk(&party.key).unwrap();
    let public = party.key.to_public_key().unwrap().to_string();
    let jwks: Value = party.http.get(&party.jwks_url).send().await.unwrap().json().await.unwrap();
    let rsa = jwks["keys"].as_array().unwrap().iter().find(|key| key["kty"] == "RSA").unwrap();
    let mut receiver = josekit::jwk::Jwk::from_map(rsa.as_object().unwrap().clone()).unwrap();
    receiver.set_key_use("enc");
    receiver.set_algorithm("RSA-OAEP-256");
    let encrypter = RSA_OAEP_256.encrypter_from_jwk(&receiver).unwrap();
    let mut sealed = JweHeader::new();
    sealed.set_content_encryption("A256GCM");
    let foreign = object(&other, &request(&other).0);
    let bad = [
        ("A11 unsigned", jwt::encode_unsecured(&payload, &JwsHeader::new()).unwrap()),
        (
            "A12 another client's key",
            jwt::encode_with_signer(&payload, &typed(kid), &ES256.signer_from_jwk(&other.key).unwrap()).unwrap(),
        ),
        (
            "A12 the public key as a secret",
            jwt::encode_with_signer(&payload, &typed(kid), &HS256.signer_from_bytes(public.as_bytes()).unwrap())
                .unwrap(),
        ),
        (
            "A13 bare JSON in a JWE",
            josekit::jwe::serialize_compact(payload.to_string().as_bytes(), &sealed, &encrypter).unwrap(),
        ),
        ("A14 another client_id", jwt::encode_with_signer(&foreign, &typed(kid), &own).unwrap()),
    ];
    for (what, token) in &bad {
        let query = replaced(&good, "request", Some(token));
        let asked = ask(stand.server(), "/op", &query).await;
        assert_eq!((asked.status, asked.location), (400, None), "{what}");
        assert!(asked.text.contains("invalid_request_object"), "{what}: {}", asked.text);
    }
    // A14: of a good one everything counts, and nothing beside it.
    let token = jwt::encode_with_signer(&payload, &typed(kid), &own).unwrap();
    let query = replaced(&replaced(&good, "state", Some("beside")), "response_type", Some("token"));
    let query = replaced(&replaced(&query, "redirect_uri", Some("https://evil.test/")), "request", Some(&token));
    let browser = http().cookie_store(true).build().unwrap();
    let back = stand.logged_in(&browser, &party, &query, &[]).await;
    assert_eq!(Some(back["state"].as_str()), payload.claim("state").unwrap().as_str());

    for mount in ["", "/v1/esignet", "/bankid"] {
        let party = stand.party(mount).await;
        let (good, _) = request(&party);
        for token in [&bad[0].1, &bad[3].1] {
            let query = replaced(&good, "request", Some(token));
            assert_eq!(error(&stand, &party, &query, "request").await, "request_not_supported", "{mount}");
        }
        // A15, A16: nothing is fetched, and no reference of another issuer is known.
        for uri in ["http://127.0.0.1:22/", "urn:ietf:params:oauth:request_uri:AAAA"] {
            let query = replaced(&good, "request_uri", Some(uri));
            assert_eq!(error(&stand, &party, &query, uri).await, "request_uri_not_supported", "{mount} {uri}");
        }
    }
}

/// A16: a pushed request is its client's alone, and over when its login is.
#[tokio::test(flavor = "multi_thread")]
async fn a16_a_pushed_request_is_of_one_client_and_good_for_one_login() {
    for database in Database::all() {
        let stand = Issuers::start(database, "").await;
        let (party, other) = (stand.party("/op").await, stand.party("/op").await);
        let mut form = request(&party).0;
        form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()));
        form.push(("client_assertion", party.sign(&party.assertion_claims())));
        let pushed = party.http.post(format!("{}/op/par", stand.server().origin)).form(&form).send().await.unwrap();
        assert_eq!(pushed.status(), 201);
        let pushed: Value = pushed.json().await.unwrap();
        let uri = pushed["request_uri"].as_str().unwrap();
        let bring =
            |party: &RelyingParty| vec![("client_id", party.client_id.clone()), ("request_uri", uri.to_owned())];
        let refused = async |party: &RelyingParty| {
            let asked = ask(stand.server(), "/op", &bring(party)).await;
            assert_eq!((asked.status, asked.location), (400, None));
            assert!(asked.text.contains("invalid_request_uri"), "{}", asked.text);
        };
        refused(&other).await;
        let browser = http().cookie_store(true).build().unwrap();
        assert_eq!(stand.logged_in(&browser, &party, &bring(&party), &[]).await["code"].len(), 64, "{database:?}");
        refused(&party).await;
        refused(&other).await;
    }
}

/// A17, A19: values that nobody can read. Bank iD's knows no `claims`, and does not look at it.
#[tokio::test(flavor = "multi_thread")]
async fn a17_a19_odd_values_are_told_and_harm_nothing() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let nested = |depth: usize| format!("{{\"userinfo\":{}1{}}}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let (deep, deepest) = (nested(1_000), nested(10_000));
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (good, _) = request(&party);
        let post = async |query: &[(&'static str, String)]| {
            Asked::of(http().build().unwrap().post(endpoint(stand.server(), mount)).form(query)).await
        };
        for (name, value) in [
            ("max_age", "-1"),
            ("max_age", "1e20"),
            ("max_age", "abc"),
            ("prompt", "none login"),
            ("prompt", "xyz"),
            ("display", "tv"),
        ] {
            let query = replaced(&good, name, Some(value));
            assert_eq!(error(&stand, &party, &query, value).await, "invalid_request", "{mount} {name}={value}");
        }
        for value in [deep.as_str(), "{\"userinfo\":{\"\u{0}'\\\"\":1}}", "[", "1"] {
            let query = replaced(&good, "claims", Some(value));
            let asked = post(&query).await;
            if mount == "/bankid" {
                assert_eq!(asked.status, 200, "{mount}");
            } else {
                let what = &value[..value.len().min(20)];
                assert_eq!(told_error(&party, &query, &asked, what), "invalid_request", "{mount} {what}");
            }
        }
        for long in [deepest.as_str(), &"x".repeat(1 << 20)] {
            let asked = post(&replaced(&good, "claims", Some(long))).await;
            assert!([400, 413].contains(&asked.status) && asked.location.is_none(), "{mount}: {}", asked.status);
        }
        assert_eq!(ask(stand.server(), mount, &good).await.status, 200, "{mount}");
    }
}

/// A18: nobody is there; where sessions are kept, nobody agreed, or somebody else is meant.
#[tokio::test(flavor = "multi_thread")]
async fn a18_silent_logins_tell_why_they_fail() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    let mut jonas = Wallet::new(stand.server(), JONAS.id);
    jonas.bind(stand.server(), JONAS.email).await.good();
    for mount in ISSUERS {
        let (party, other) = (stand.party(mount).await, stand.party(mount).await);
        let silent = async |browser: &reqwest::Client, party: &RelyingParty, more: &[(&'static str, &str)]| {
            let query = replaced(&request(party).0, "prompt", Some("none"));
            let query = more.iter().fold(query, |query, (name, value)| replaced(&query, name, Some(value)));
            let asked = Asked::of(browser.get(endpoint(stand.server(), mount)).query(&query)).await;
            told(asked.location.as_deref().unwrap_or_else(|| panic!("{mount}: {}", asked.text)))
        };
        let browser = http().cookie_store(true).build().unwrap();
        assert_eq!(silent(&browser, &party, &[]).await["error"], "login_required", "{mount}");
        let id_token = async |stand: &Issuers, browser: &reqwest::Client| {
            let (query, begun) = request(&party);
            let back = stand.logged_in(browser, &party, &query, &[]).await;
            party.redeem(&back["code"], &begun).await["id_token"].as_str().unwrap().to_owned()
        };
        let own = id_token(&stand, &browser).await;
        if ["", "/v1/esignet"].contains(&mount) {
            assert_eq!(silent(&browser, &party, &[]).await["error"], "login_required", "{mount}: no sessions");
            continue;
        }
        let more = match mount {
            "/op" => ("claims", r#"{"userinfo":{"name":{"essential":true},"email":null}}"#),
            _ => ("scope", "openid profile.name profile.email"),
        };
        assert_eq!(silent(&browser, &party, &[more]).await["error"], "consent_required", "{mount}");
        // The phone showed one relying party, and what it approved serves no other.
        assert_eq!(silent(&browser, &other, &[]).await["error"], "login_required", "{mount}");
        let page = browser.get(endpoint(stand.server(), mount)).query(&request(&party).0).send().await.unwrap();
        assert_eq!(page.status(), 303, "{mount}: who is logged in and has agreed sees no page");
        assert_eq!(silent(&browser, &party, &[("id_token_hint", &own)]).await["code"].len(), 64, "{mount}");
        // The other person, in a browser of his own.
        let elsewhere = http().cookie_store(true).build().unwrap();
        let (query, begun) = request(&party);
        let back = stand.logged_in_by(&jonas, &elsewhere, &party, &query, &[]).await;
        let his = party.redeem(&back["code"], &begun).await["id_token"].as_str().unwrap().to_owned();
        assert_eq!(silent(&browser, &party, &[("id_token_hint", &his)]).await["error"], "login_required", "{mount}");
        assert_eq!(silent(&elsewhere, &party, &[("id_token_hint", &his)]).await["code"].len(), 64, "{mount}");
    }
}

/// A20: the configured issuer, whatever a request says of the host.
#[tokio::test(flavor = "multi_thread")]
async fn a20_the_host_header_names_nothing() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let party = stand.party(mount).await;
        let (good, _) = request(&party);
        let http = http().build().unwrap();
        let evil = |url: &str| http.get(url).header("host", "evil.test").header("x-forwarded-host", "evil.test");
        let discovery = format!("{}{mount}/.well-known/openid-configuration", stand.server().origin);
        let found = Asked::of(evil(&discovery)).await;
        assert!(found.status == 200 && !found.text.contains("evil"), "{mount}");
        let found: Value = serde_json::from_str(&found.text).unwrap();
        assert_eq!(found["issuer"], party.issuer);
        let url = endpoint(stand.server(), mount);
        let page = Asked::of(evil(&url).query(&good)).await;
        assert!(page.status == 200 && !page.text.contains("evil"), "{mount}");
        let query = replaced(&good, "response_type", Some("token"));
        let asked = Asked::of(evil(&url).query(&query)).await;
        assert_eq!(told_error(&party, &query, &asked, "evil"), "unsupported_response_type", "{mount}");
    }
}

/// A21: what was done is told, never what was asked for; a PIN reaches no class that wants a phone.
#[tokio::test(flavor = "multi_thread")]
async fn a21_acr_is_the_class_that_was_reached() {
    let stand = Issuers::start(Database::Sqlite, "").await;
    for mount in ISSUERS {
        let prefix = if mount.is_empty() { "idbb:acr:" } else { "mosip:idp:acr:" };
        let acrs = ["--acr", "static-code", "--acr", "linked-wallet-static-code"];
        let party = stand.party_with(mount, &acrs).await;
        let (query, begun) = request(&party);
        let both = match mount {
            "/bankid" => "loa3".to_owned(),
            _ => format!("{prefix}linked-wallet-static-code {prefix}linked-wallet"),
        };
        let query = replaced(&query, "acr_values", Some(&both));
        let browser = http().cookie_store(true).build().unwrap();
        let back = stand.logged_in(&browser, &party, &query, &[]).await;
        let tokens = party.redeem(&back["code"], &begun).await;
        let claims = party.verify(tokens["id_token"].as_str().unwrap()).await;
        let reached = if mount == "/bankid" { "loa3".to_owned() } else { format!("{prefix}linked-wallet") };
        assert_eq!(claims["acr"], reached, "{mount}");
        // By PIN alone: the page has no field for it, and the form does not help.
        let browser = http().cookie_store(true).build().unwrap();
        let (query, _) = request(&party);
        let asked = if mount == "/bankid" { "loa3".to_owned() } else { format!("{prefix}linked-wallet") };
        let query = replaced(&query, "acr_values", Some(&asked));
        let page =
            browser.get(endpoint(stand.server(), mount)).query(&query).send().await.unwrap().text().await.unwrap();
        assert!(!page.contains("id=\"pin-login-button\""), "{mount}");
        let mut form = hidden(&page);
        form.extend([("individualId", AMARA.id.to_owned()), ("pin", PIN.into())]);
        let url = format!("{}{mount}/authorize/login", stand.server().origin);
        let answer = Asked::of(browser.post(url).form(&form)).await;
        assert_eq!(answer.location, None, "{mount}");
        assert!(!answer.text.contains("id=\"allow-button\""), "{mount}: {}", answer.text);
    }
}
