//! What is not registered (RFC 7591 §3.2.2).

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::{config, register, told};
use crate::clients;
use crate::config::Opening;
use crate::dialect::Mount;
use crate::testkit::{Kit, Pair};

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
