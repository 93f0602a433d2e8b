//! Clients that register themselves, named by route (RFC 7591, RFC 7592, OpenID Connect Registration).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clients::{self, AuthMethod};
use crate::config::{Config, Mode, Opening, Registration};
use crate::dialect::Mount;
use crate::registry;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const TOKEN: &str = "the operator's initial access token";

fn config(opening: Opening) -> Config {
    let hash = Sha256::digest(TOKEN).iter().map(|byte| format!("{byte:02x}")).collect();
    let registration = Registration { opening, initial_access_tokens: vec![hash], ..Registration::default() };
    let public_url = "https://id.test".parse().unwrap();
    Config { registration, public_url, mode: Mode::Production, ..Config::default() }
}

async fn call(kit: &Kit, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    kit.send(request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()).await
}

async fn register(kit: &Kit, sent: &Value) -> Answer {
    call(kit, "POST", "/op/register", None, Some(sent)).await
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn text(answer: &Answer, member: &str) -> String {
    answer.json()[member].as_str().unwrap_or_default().to_owned()
}

/// Whether the token endpoint believes a client's secret: the code is unknown, but the client is not.
async fn believes(kit: &Kit, id: &str, secret: &str) -> bool {
    let form = "grant_type=authorization_code&code=x&redirect_uri=x";
    let request = Request::post("/op/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
    let answer = kit.send(request.body(Body::from(form)).unwrap()).await;
    match told(&answer) {
        (400, error) if error == "invalid_grant" => true,
        (401, error) if error == "invalid_client" => false,
        other => panic!("{other:?} {}", answer.text),
    }
}

#[tokio::test]
async fn on_both_a_client_registers_reads_replaces_and_removes_itself() {
    for kit in Kit::both_with(&config(Opening::Open)).await {
        let made = register(&kit, &json!({ "redirect_uris": ["https://shop.test/cb"], "colour": "red" })).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(made.headers[header::CACHE_CONTROL], "no-store");
        let body = made.json();
        // OpenID Connect Registration §2: the defaults, told as registered. What is not known is not repeated.
        for (member, value) in [
            ("redirect_uris", json!(["https://shop.test/cb"])),
            ("response_types", json!(["code"])),
            ("grant_types", json!(["authorization_code"])),
            ("application_type", json!("web")),
            ("token_endpoint_auth_method", json!("client_secret_basic")),
            ("id_token_signed_response_alg", json!("RS256")),
            ("subject_type", json!("pairwise")),
            ("require_auth_time", json!(false)),
            ("client_secret_expires_at", json!(0)),
            ("client_name", json!("shop.test")),
            ("client_id_issued_at", json!(kit.state.clock.now() / 1000)),
            ("colour", Value::Null),
            ("profile", Value::Null),
        ] {
            assert_eq!(body[member], value, "{member}");
        }
        let (id, secret, token) =
            (text(&made, "client_id"), text(&made, "client_secret"), text(&made, "registration_access_token"));
        assert_eq!(text(&made, "registration_client_uri"), format!("https://id.test/op/register/{id}"));
        assert!(believes(&kit, &id, &secret).await);
        let path = format!("/op/register/{id}");
        let read = call(&kit, "GET", &path, Some(&token), None).await;
        assert_eq!((read.status, read.json()), (StatusCode::OK, body));

        // RFC 7592 §2.2: what is not repeated has its default again; the secret stays.
        let change = json!({ "client_id": id, "client_secret": secret, "redirect_uris": ["https://shop.test/other"],
            "client_name": "Shop", "client_name#fr": "Boutique", "subject_type": "public" });
        let put = call(&kit, "PUT", &path, Some(&token), Some(&change)).await;
        assert_eq!(put.status, StatusCode::OK, "{}", put.text);
        assert_eq!(put.json()["redirect_uris"], json!(["https://shop.test/other"]));
        assert_eq!((text(&put, "client_name"), text(&put, "client_secret")), ("Shop".into(), secret.clone()));
        let client = clients::find_any(&kit.state, Mount::Op, &id).await.unwrap().unwrap();
        assert_eq!((client.name_in("fr"), client.sector()), ("Boutique", ""));
        // One that needs no secret has none, and the old one opens nothing.
        let public = json!({ "client_id": id, "redirect_uris": ["https://shop.test/cb"],
            "token_endpoint_auth_method": "none" });
        let put = call(&kit, "PUT", &path, Some(&token), Some(&public)).await;
        assert_eq!((put.status, text(&put, "client_secret")), (StatusCode::OK, String::new()));
        assert!(!believes(&kit, &id, &secret).await);
        let again = json!({ "client_id": id, "redirect_uris": ["https://shop.test/cb"] });
        let put = call(&kit, "PUT", &path, Some(&token), Some(&again)).await;
        assert_ne!(text(&put, "client_secret"), secret);
        let secret = text(&put, "client_secret");
        assert!(believes(&kit, &id, &secret).await);

        assert_eq!(call(&kit, "DELETE", &path, Some(&token), None).await.status, StatusCode::NO_CONTENT);
        for method in ["GET", "DELETE"] {
            assert_eq!(told(&call(&kit, method, &path, Some(&token), None).await), (401, "invalid_token".into()));
        }
        assert!(!believes(&kit, &id, &secret).await);
    }
}

#[tokio::test]
async fn a_client_manages_itself_and_nobody_else() {
    let kit = Kit::with(config(Opening::Open)).await;
    let sent = json!({ "redirect_uris": ["https://shop.test/cb"] });
    let (one, other) = (register(&kit, &sent).await, register(&kit, &sent).await);
    let (id, token) = (text(&one, "client_id"), text(&one, "registration_access_token"));
    assert_ne!(id, text(&other, "client_id"));
    let path = format!("/op/register/{id}");
    let foreign = text(&other, "registration_access_token");
    let (rest, last) = token.split_at(token.len() - 1);
    let altered = format!("{rest}{}", if last == "A" { "B" } else { "A" });
    for wrong in [None, Some(""), Some("x"), Some(foreign.as_str()), Some(altered.as_str()), Some(TOKEN)] {
        for method in ["GET", "DELETE"] {
            let answer = call(&kit, method, &path, wrong, None).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {wrong:?}");
        }
    }
    let put = json!({ "client_id": id, "redirect_uris": ["https://evil.test/cb"] });
    assert_eq!(told(&call(&kit, "PUT", &path, Some(&foreign), Some(&put)).await), (401, "invalid_token".into()));
    // An operator's client has no such token, and nobody becomes another by naming its id.
    RelyingParty::new(&kit, Mount::Op, "clinic").await;
    assert_eq!(call(&kit, "GET", "/op/register/clinic", Some(&token), None).await.status, StatusCode::UNAUTHORIZED);
    let unlike = json!({ "client_id": "clinic", "redirect_uris": ["https://shop.test/cb"] });
    let path = format!("/op/register/{}", text(&other, "client_id"));
    for bad in [
        unlike,
        json!({ "redirect_uris": ["https://shop.test/cb"] }),
        json!({ "client_id": text(&other, "client_id"), "client_secret": "mine", "redirect_uris": ["https://a.test/"] }),
        json!({ "client_id": text(&other, "client_id"), "registration_access_token": foreign,
            "redirect_uris": ["https://a.test/"] }),
    ] {
        let answer = call(&kit, "PUT", &path, Some(&foreign), Some(&bad)).await;
        assert_eq!(told(&answer), (400, "invalid_client_metadata".into()), "{bad}");
    }
    let read = call(&kit, "GET", &path, Some(&foreign), None).await.json();
    assert_eq!(read["redirect_uris"], sent["redirect_uris"]);
}

#[tokio::test]
async fn who_may_register_is_the_operators_to_say() {
    let sent = json!({ "redirect_uris": ["https://shop.test/cb"] });
    let with =
        async |kit: &Kit, token: Option<&str>| call(kit, "POST", "/op/register", token, Some(&sent)).await.status;
    let endpoint = async |kit: &Kit, mount: Mount| {
        let path = format!("{}/.well-known/openid-configuration", mount.prefix());
        kit.get(&path, None).await.json()["registration_endpoint"].clone()
    };
    let off = Kit::with(Config { registration: Registration::default(), ..config(Opening::Off) }).await;
    assert_eq!(with(&off, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(with(&off, Some(TOKEN)).await, StatusCode::FORBIDDEN);
    assert_eq!(endpoint(&off, Mount::Op).await, Value::Null);
    let token = Kit::with(config(Opening::Token)).await;
    for (given, status) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("other"), StatusCode::UNAUTHORIZED),
        (Some(TOKEN), StatusCode::CREATED),
    ] {
        assert_eq!(with(&token, given).await, status);
    }
    let open = Kit::with(config(Opening::Open)).await;
    for (given, status) in
        [(None, StatusCode::CREATED), (Some("other"), StatusCode::UNAUTHORIZED), (Some(TOKEN), StatusCode::CREATED)]
    {
        assert_eq!(with(&open, given).await, status);
    }
    assert_eq!(endpoint(&open, Mount::Op).await, "https://id.test/op/register");
    let metadata = open.get("/op/.well-known/openid-configuration", None).await.json();
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in AuthMethod::ALL {
        assert_eq!(methods.iter().filter(|told| **told == method.name()).count(), 1, "{method:?}");
    }
    let algs = metadata["token_endpoint_auth_signing_alg_values_supported"].as_array().unwrap();
    assert!(["ES512", "PS384", "EdDSA", "HS256"].iter().all(|alg| algs.contains(&json!(alg))));
    assert_eq!(metadata["subject_types_supported"], json!(["pairwise", "public"]));
    // The other mounts go on refusing everybody.
    for mount in [Mount::GovStack, Mount::ESignet] {
        let path = format!("{}/oidc/register", mount.prefix());
        assert_eq!(endpoint(&open, mount).await, format!("https://id.test{path}"));
        assert_eq!(call(&open, "POST", &path, Some(TOKEN), Some(&sent)).await.status, StatusCode::FORBIDDEN);
    }
}

/// RFC 7591 §3.2.2: every refusal by its code, and nothing is registered.
#[tokio::test]
async fn what_is_wrong_is_told_by_the_codes_of_the_standard() {
    let kit = Kit::with(config(Opening::Open)).await;
    let one = json!(["https://shop.test/cb"]);
    let with = |member: &str, value: Value| {
        let mut sent = json!({ "redirect_uris": one });
        sent[member] = value;
        sent
    };
    let redirects = [
        json!(null),
        json!([]),
        json!("https://shop.test/cb"),
        json!([1]),
        json!(["https://shop.test/cb#f"]),
        json!(["http://shop.test/cb"]),
        json!(["http://127.0.0.1/cb"]),
        json!(["org.shop.app:/cb"]),
        json!(["javascript:alert(1)"]),
        json!(["https://*.shop.test/cb"]),
        json!(["/cb"]),
        json!(vec!["https://shop.test/cb"; 21]),
    ];
    for uris in redirects {
        let answer = register(&kit, &with("redirect_uris", uris.clone())).await;
        assert_eq!(told(&answer), (400, "invalid_redirect_uri".into()), "{uris}");
    }
    let native = |uris: Value| json!({ "application_type": "native", "redirect_uris": uris });
    for (uri, good) in [
        ("org.shop.app:/cb", true),
        ("http://127.0.0.1/cb", true),
        ("http://[::1]:3000/cb", true),
        ("https://shop.test/cb", true),
        ("http://shop.test/cb", false),
        ("http://localhost/cb", false),
        ("data:text/html,x", false),
    ] {
        let answer = register(&kit, &native(json!([uri]))).await;
        assert_eq!(answer.status == StatusCode::CREATED, good, "{uri} {}", answer.text);
        assert!(good || told(&answer).1 == "invalid_redirect_uri", "{uri}");
    }
    let (p256, private) = (Pair::new(Algorithm::Es256), json!({ "kty": "oct", "k": "AQAB" }));
    let public = serde_json::to_value(&p256.public).unwrap();
    let mut leaked = public.clone();
    leaked["d"] = json!("AQ");
    for (member, value) in [
        ("application_type", json!("desktop")),
        ("response_types", json!(["token"])),
        ("response_types", json!(["code", "code id_token"])),
        ("response_types", json!("code")),
        ("grant_types", json!(["implicit"])),
        ("grant_types", json!(["refresh_token"])),
        ("grant_types", json!(["client_credentials"])),
        ("grant_types", json!(["authorization_code", "client_credentials"])),
        ("grant_types", json!([])),
        ("token_endpoint_auth_method", json!("tls_client_auth")),
        ("token_endpoint_auth_method", json!("private_key_jwt")),
        ("token_endpoint_auth_signing_alg", json!("RS256")),
        ("token_endpoint_auth_signing_alg", json!("none")),
        ("subject_type", json!("anonymous")),
        ("id_token_signed_response_alg", json!("none")),
        ("id_token_signed_response_alg", json!("HS256")),
        ("userinfo_signed_response_alg", json!("none")),
        ("id_token_encrypted_response_alg", json!("RSA1_5")),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP-256")),
        ("id_token_encrypted_response_enc", json!("A256GCM")),
        ("request_object_signing_alg", json!("HS256")),
        ("default_max_age", json!(-1)),
        ("default_max_age", json!("60")),
        ("default_acr_values", json!(["urn:unknown"])),
        ("require_auth_time", json!("yes")),
        ("jwks", json!({ "keys": [] })),
        ("jwks", json!({ "keys": [leaked] })),
        ("jwks", json!({ "keys": [private] })),
        ("jwks", json!([public])),
        ("jwks_uri", json!("http://shop.test/jwks")),
        ("initiate_login_uri", json!("http://shop.test/login")),
        ("logo_uri", json!("javascript:alert(1)")),
        ("policy_uri", json!("data:text/html,x")),
        ("tos_uri", json!(1)),
        ("client_name", json!("")),
        ("client_name", json!("a\u{7}b")),
        ("contacts", json!("me@shop.test")),
        ("post_logout_redirect_uris", json!(["https://shop.test/bye#f"])),
        ("backchannel_logout_session_required", json!(true)),
        ("tls_client_certificate_bound_access_tokens", json!(true)),
    ] {
        let answer = register(&kit, &with(member, value.clone())).await;
        assert_eq!(told(&answer), (400, "invalid_client_metadata".into()), "{member} {value}: {}", answer.text);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
    let set = json!({ "keys": [public] });
    let mut two = with("jwks", set);
    two["jwks_uri"] = json!("https://shop.test/jwks");
    assert_eq!(told(&register(&kit, &two).await), (400, "invalid_client_metadata".into()));
    // Not JSON, not an object, not said to be JSON.
    for (kind, body, status) in
        [("application/json", "{", 400), ("application/json", "[]", 400), ("text/plain", "{}", 415)]
    {
        let request = Request::post("/op/register").header(header::CONTENT_TYPE, kind);
        let answer = kit.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(told(&answer), (status, "invalid_client_metadata".into()), "{kind} {body}");
    }
    assert_eq!(clients::list(&kit.state, Some(Mount::Op)).await.unwrap().len(), 4);
}

/// A15: whatever this server might be made to fetch or post to is public and https.
#[tokio::test]
async fn a15_addresses_inside_are_not_registered() {
    let kit = Kit::with(config(Opening::Open)).await;
    for uri in [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/",
        "https://127.0.0.1:8443/x",
        "https://[::1]/x",
        "https://10.0.0.1/x",
        "https://user@shop.test/x",
        "file:///etc/passwd",
        "http://shop.test/x",
        "https://shop.test/x#f",
    ] {
        for member in ["jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "request_uris"] {
            let value = if member == "request_uris" { json!([uri]) } else { json!(uri) };
            let sent = json!({ "redirect_uris": ["https://shop.test/cb"], member: value });
            let answer = register(&kit, &sent).await;
            // The fragment of a request_uri is the hash of what lies there (OpenID Connect Core §6.2).
            if member == "request_uris" && uri.ends_with("#f") {
                assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
            } else {
                assert_eq!(told(&answer), (400, "invalid_client_metadata".into()), "{member} {uri}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_registered_is_honoured_and_told_again() {
    let kit = Kit::with(config(Opening::Open)).await;
    let (signs, receives) = (Pair::new(Algorithm::Es384), Pair::new(Algorithm::Rs256));
    let mut encryption = serde_json::to_value(&receives.public).unwrap();
    encryption["use"] = json!("enc");
    let sent = json!({
        "redirect_uris": ["https://shop.test/cb"], "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES384",
        "jwks": { "keys": [signs.public, encryption, { "kty": "OKP", "crv": "X25519", "x": "AQ" }] },
        "id_token_encrypted_response_alg": "RSA-OAEP-256", "userinfo_encrypted_response_alg": "RSA-OAEP",
        "userinfo_encrypted_response_enc": "A256GCM", "request_object_signing_alg": "none",
        "default_max_age": 60, "require_auth_time": true, "initiate_login_uri": "https://shop.test/login",
        "post_logout_redirect_uris": ["https://shop.test/bye"], "backchannel_logout_uri": "https://shop.test/logout",
        "backchannel_logout_session_required": true, "request_uris": ["https://shop.test/r#hash"],
        "dpop_bound_access_tokens": true, "require_pushed_authorization_requests": true,
        "client_name": "Shop", "logo_uri": "https://shop.test/logo.png", "policy_uri": "https://shop.test/policy",
        "tos_uri": "https://shop.test/tos", "client_uri": "https://shop.test/", "contacts": ["me@shop.test"],
        "software_id": "shop", "software_version": "1"
    });
    let made = register(&kit, &sent).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let body = made.json();
    for (member, value) in sent.as_object().unwrap() {
        if member != "jwks" {
            assert_eq!(body[member], *value, "{member}");
        }
    }
    assert_eq!(body["id_token_encrypted_response_enc"], "A128CBC-HS256");
    assert_eq!(body["jwks"]["keys"].as_array().unwrap().len(), 2);
    assert_eq!(body["client_secret"], Value::Null);
    let id = text(&made, "client_id");
    let client = clients::find_any(&kit.state, Mount::Op, &id).await.unwrap().unwrap();
    let key = clients::encryption_key(&kit.state, &client, client.id_token_encryption.unwrap()).await.unwrap();
    assert_eq!(key.map(|key| key.thumbprint()), Some(receives.public.thumbprint()));
    let party = RelyingParty { mount: Mount::Op, id, pair: signs };
    let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")];
    // It is proven, and its tokens are bound to a key.
    assert_eq!(told(&party.ask(&kit, &form).await), (400, "invalid_dpop_proof".into()));
}

/// A relying party's server: a list of redirect URIs, and a key set that changes when it is told to.
#[derive(Default)]
struct Site {
    kid: AtomicUsize,
    keys: std::sync::Mutex<Vec<Value>>,
}

async fn site() -> (String, Arc<Site>) {
    let site = Arc::new(Site::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let published = site.clone();
    let jwks = move || {
        let key = published.keys.lock().unwrap()[published.kid.load(Ordering::SeqCst)].clone();
        async move { json!({ "keys": [key] }).to_string() }
    };
    use axum::routing::get;
    let router = axum::Router::new()
        .route("/uris", get(|| async { json!(["https://a.test/cb", "https://b.test/cb"]).to_string() }))
        .route("/object", get(|| async { "{}" }))
        .route("/huge", get(|| async { format!("[\"{}\"]", "x".repeat(100_000)) }))
        .route("/away", get(|| async { axum::response::Redirect::to("/uris") }))
        .route("/jwks", get(jwks));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, site)
}

/// OpenID Connect Core §8.1: the list must hold every redirect URI, and its host is whom persons are known to.
#[tokio::test]
async fn sector_identifier_uris_are_fetched_and_checked() {
    let (address, _) = site().await;
    let kit = Kit::with(Config { fetch_allow: vec![address.clone()], ..config(Opening::Open) }).await;
    let with = |uris: Value, path: &str| {
        json!({ "redirect_uris": uris, "subject_type": "pairwise",
            "sector_identifier_uri": format!("http://{address}{path}") })
    };
    for (uris, path) in [
        (json!(["https://c.test/cb"]), "/uris"),
        (json!(["https://a.test/cb", "https://c.test/cb"]), "/uris"),
        (json!(["https://a.test/cb"]), "/object"),
        (json!(["https://a.test/cb"]), "/huge"),
        (json!(["https://a.test/cb"]), "/away"),
        (json!(["https://a.test/cb"]), "/nothing"),
    ] {
        let answer = register(&kit, &with(uris.clone(), path)).await;
        assert_eq!(told(&answer), (400, "invalid_client_metadata".into()), "{uris} {path}");
    }
    let hosts = json!(["https://a.test/cb", "https://b.test/cb"]);
    let asked = json!({ "redirect_uris": hosts, "subject_type": "pairwise" });
    assert_eq!(told(&register(&kit, &asked).await), (400, "invalid_client_metadata".into()));
    // Who does not ask shares what it knows persons by with nobody.
    let not_asked = register(&kit, &json!({ "redirect_uris": hosts })).await;
    assert_eq!(not_asked.status, StatusCode::CREATED, "{}", not_asked.text);
    let alone = clients::find_any(&kit.state, Mount::Op, &text(&not_asked, "client_id")).await.unwrap().unwrap();
    assert_eq!(alone.sector(), format!("client:{}", alone.id));

    let person = kit.person("1").await;
    let subject = async |sent: &Value| {
        let made = register(&kit, sent).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let client = clients::find_any(&kit.state, Mount::Op, &text(&made, "client_id")).await.unwrap().unwrap();
        registry::subject_for(&kit.state, person, client.sector()).await.unwrap()
    };
    let both = subject(&with(json!(["https://a.test/cb", "https://b.test/cb"]), "/uris")).await;
    assert_eq!(subject(&with(json!(["https://b.test/cb"]), "/uris")).await, both);
    let alone = subject(&json!({ "redirect_uris": ["https://a.test/cb"] })).await;
    assert_ne!(alone, both);
    assert_eq!(subject(&json!({ "redirect_uris": ["https://a.test/other"] })).await, alone);
    // What has no host of its own shares with nobody; what is public shares with all.
    let native = json!({ "application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"] });
    assert_ne!(subject(&native).await, subject(&native).await);
    let public = |host: &str| json!({ "subject_type": "public", "redirect_uris": [format!("https://{host}/cb")] });
    let known = subject(&public("a.test")).await;
    assert_eq!(subject(&public("c.test")).await, known);
    assert_ne!(known, alone);
}

/// T15: a client rolls over by publishing a new key: a new `kid` is fetched at once, an old one ends with the cache.
#[tokio::test]
async fn t15_published_keys_roll_over() {
    let (address, site) = site().await;
    let kit = Kit::with(Config { fetch_allow: vec![address.clone()], ..config(Opening::Open) }).await;
    let pairs = [Pair::new(Algorithm::Es256), Pair::new(Algorithm::Rs256)];
    for (kid, pair) in pairs.iter().enumerate() {
        let mut key = serde_json::to_value(&pair.public).unwrap();
        key["kid"] = json!(kid.to_string());
        site.keys.lock().unwrap().push(key);
    }
    let sent = json!({ "redirect_uris": ["https://a.test/cb"], "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": format!("http://{address}/jwks") });
    let made = register(&kit, &sent).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let party = RelyingParty { mount: Mount::Op, id: text(&made, "client_id"), pair: pairs[0].again() };
    let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")];
    let ask = async |which: usize| {
        let heading = json!({ "alg": pairs[which].alg.name(), "kid": which.to_string() });
        let assertion = pairs[which].token(&heading, &party.claims(&kit));
        told(&party.ask_with(&kit, &assertion, &form).await).0
    };
    assert_eq!((ask(0).await, ask(1).await), (400, 401));
    site.kid.store(1, Ordering::SeqCst);
    kit.clock.advance_seconds(30);
    assert_eq!((ask(1).await, ask(0).await), (400, 401));
    kit.clock.advance_seconds(300);
    assert_eq!((ask(1).await, ask(0).await), (400, 401));
}

/// The Fetch standard: pages of other origins may call what the mount shares, and nothing else.
#[tokio::test]
async fn pages_of_other_origins_may_call_what_op_shares() {
    let kit = Kit::with(config(Opening::Open)).await;
    let preflight = async |path: &str| {
        let request = Request::builder().method("OPTIONS").uri(path);
        let request = request.header(header::ORIGIN, "https://spa.test");
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
        use tower::ServiceExt;
        crate::routes::app(&kit.state).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    for path in ["/op/token", "/op/userinfo", "/op/jwks.json", "/op/.well-known/openid-configuration", "/op/register"] {
        let answer = preflight(path).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        let sent = answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(["Authorization", "Content-Type", "DPoP"].iter().all(|name| sent.contains(name)));
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
    }
    for path in ["/op/authorize", "/oauth/token", "/v1/esignet/oauth/v2/token", "/op/client-mgmt/client"] {
        let answer = preflight(path).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }
    // Errors can be read too.
    let refused = kit.get("/op/userinfo", None).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().count(), 1);
    let shown = refused.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
    assert!(shown.contains("WWW-Authenticate") && shown.contains("DPoP-Nonce"));
    let keys = kit.get("/op/jwks.json", None).await;
    assert_eq!(keys.headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().count(), 1);
}
