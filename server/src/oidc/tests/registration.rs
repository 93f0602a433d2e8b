//! Clients that register themselves, named by route (RFC 7591, RFC 7592, OpenID Connect Registration).

mod fetched;
mod refused;

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
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const TOKEN: &str = "the operator's initial access token";

pub(super) fn config(opening: Opening) -> Config {
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
