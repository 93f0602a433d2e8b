//! Metadata, keys, paths, and what every answer carries.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use super::{config, party};
use crate::dialect::Mount;
use crate::testkit::Kit;

/// BID-REF-01, BID-114-01, BID-200-01, BID-VFC-08, BID-128-02: what is promised works here, and signing is not promised.
#[tokio::test]
async fn bid_ref_01_discovery_promises_what_is_served() {
    let kit = Kit::with(config()).await;
    let metadata = kit.get("/bankid/.well-known/openid-configuration", None).await.json();
    let issuer = kit.state.issuer(Mount::BankId);
    assert_eq!(metadata["issuer"], issuer);
    for (member, path) in [
        ("authorization_endpoint", "/auth"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("profile_endpoint", "/profile"),
        ("jwks_uri", "/.well-known/jwks"),
        ("end_session_endpoint", "/logout"),
        ("introspection_endpoint", "/token-info"),
    ] {
        assert_eq!(metadata[member], format!("{issuer}{path}"), "{member}");
    }
    assert_eq!(metadata["acr_values_supported"], json!(["loa3"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["display_values_supported"], json!(["page", "popup", "touch"]));
    assert_eq!(metadata["claims_parameter_supported"], json!(false));
    assert_eq!(
        metadata["token_endpoint_auth_methods_supported"],
        json!(["private_key_jwt", "client_secret_post", "client_secret_jwt", "none"])
    );
    let algs = metadata["token_endpoint_auth_signing_alg_values_supported"].as_array().unwrap();
    assert!(algs.contains(&json!("ES512")) && algs.contains(&json!("PS512")) && algs.contains(&json!("HS256")));
    assert!(!algs.contains(&json!("none")) && !algs.contains(&json!("ES256")));
    assert_eq!(metadata["backchannel_logout_supported"], json!(true));
    assert_eq!(metadata["backchannel_logout_session_supported"], json!(false));
    assert_eq!(metadata["profile_signing_alg_values_supported"], metadata["userinfo_signing_alg_values_supported"]);
    for absent in ["ros_endpoint", "authorize_endpoint", "verification_endpoint", "check_session_iframe"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    assert!(scopes.contains(&json!("offline_access")));
    assert_eq!(metadata["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    assert!(scopes.contains(&json!("profile.idcards")) && scopes.contains(&json!("notification.claims_updated")));
    assert!(!scopes.iter().any(|scope| scope.as_str().unwrap().starts_with("sign.")));
}

/// BID-REF-09: keys at the one path there is, with what the document demands of each.
#[tokio::test]
async fn bid_ref_09_keys_are_at_the_mandatory_path() {
    let kit = Kit::with(config()).await;
    let keys = kit.get("/bankid/.well-known/jwks", None).await.json();
    let keys = keys["keys"].as_array().unwrap();
    assert!(!keys.is_empty());
    for key in keys {
        assert!(key["kid"].is_string() && key["use"] == "sig", "{key}");
        assert!(key["kty"] == "RSA" || key["kty"] == "EC", "{key}");
    }
}

/// BID-201-01, BID-200-04: what was removed, and what is not built, is not there.
#[tokio::test]
async fn bid_201_01_bid_200_04_removed_and_unbuilt_paths_are_404() {
    let kit = Kit::with(config()).await;
    for path in
        ["/verification", "/session-iframe", "/ros", "/authorize", "/sign/status", "/sign/audit", "/client-mgmt/client"]
    {
        for method in ["GET", "POST"] {
            let request = Request::builder().method(method).uri(format!("/bankid{path}"));
            let answer = kit.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(answer.headers["traceid"].len(), 16);
        }
    }
}

/// BID-120-04: on every answer, good or bad, another each time.
#[tokio::test]
async fn bid_120_04_every_answer_has_a_trace_id() {
    let kit = Kit::with(config()).await;
    let mut seen = std::collections::BTreeSet::new();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/jwks",
        "/auth",
        "/auth?client_id=nobody",
        "/userinfo",
        "/profile",
        "/api/v1/banks",
        "/token",
        "/nowhere",
    ] {
        let answer = kit.get(&format!("/bankid{path}"), None).await;
        let trace_id = answer.headers["traceid"].to_str().unwrap().to_owned();
        assert!(trace_id.len() == 16 && trace_id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{trace_id}");
        assert!(seen.insert(trace_id), "{path}");
    }
    assert!(!kit.get("/op/jwks.json", None).await.headers.contains_key("traceid"));
}

/// BID-133-02: each form, sent as something else.
#[tokio::test]
async fn bid_133_02_foreign_media_types_are_415() {
    let kit = Kit::with(config()).await;
    for path in ["/auth", "/token", "/token-info", "/logout"] {
        for kind in [Some("text/plain"), Some("application/json"), None] {
            let mut request = Request::post(format!("/bankid{path}"));
            if let Some(kind) = kind {
                request = request.header(header::CONTENT_TYPE, kind);
            }
            let answer = kit.send(request.body(Body::from("client_id=shop")).unwrap()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {kind:?}");
            let body = answer.json();
            assert_eq!(body["error"], "invalid_content_type");
            assert!(body["error_description"].is_string());
            assert_eq!(answer.headers["traceid"].len(), 16);
        }
    }
}

/// BID-LNK-02: nothing is redirected that cannot be trusted; the body says what is wrong.
#[tokio::test]
async fn bid_lnk_02_a_foreign_redirect_uri_is_told_in_a_body() {
    let kit = Kit::with(config()).await;
    party(&kit, "shop").await;
    let good = "response_type=code&scope=openid&state=s&nonce=n";
    for (query, error) in [
        (format!("client_id=shop&redirect_uri=https://rp.test/cb/&{good}"), "invalid_redirect_uri"),
        (format!("client_id=shop&redirect_uri=https://evil.test/cb&{good}"), "invalid_redirect_uri"),
        (format!("client_id=shop&{good}"), "invalid_redirect_uri"),
        (format!("client_id=nobody&redirect_uri=https://rp.test/cb&{good}"), "invalid_client_metadata"),
        (format!("redirect_uri=https://rp.test/cb&{good}"), "invalid_client_metadata"),
    ] {
        let get = kit.get(&format!("/bankid/auth?{query}"), None).await;
        let post = Request::post("/bankid/auth").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let post = kit.send(post.body(Body::from(query.clone())).unwrap()).await;
        for answer in [get, post] {
            assert_eq!(
                (answer.status, answer.json()["error"].as_str()),
                (StatusCode::BAD_REQUEST, Some(error)),
                "{query}"
            );
            assert!(!answer.headers.contains_key(header::LOCATION));
            assert!(!answer.text.contains("evil"));
        }
    }
}

/// BID-131-03, BID-200-01, BID-LNK-04, BID-END-01: faults that may be redirected, and the page where there is none.
#[tokio::test]
async fn bid_131_03_bid_200_01_faults_are_redirected() {
    let kit = Kit::with(config()).await;
    party(&kit, "shop").await;
    let base = [
        ("client_id", "shop"),
        ("redirect_uri", "https://rp.test/cb"),
        ("response_type", "code"),
        ("scope", "openid profile.name"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let query = |name: &str, value: Option<&str>| {
        let kept = base.iter().filter(|(known, _)| *known != name).copied();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.chain(value.map(|value| (name, value))))
            .finish();
        format!("/bankid/auth?{query}")
    };
    for (name, value, error) in [
        ("state", None, "invalid_request"),
        ("acr_values", Some("loa2"), "invalid_request"),
        ("prompt", Some("none login"), "invalid_request"),
        ("prompt", Some("select_account"), "invalid_request"),
        ("prompt", Some("none"), "login_required"),
        ("response_type", Some("token"), "unsupported_response_type"),
        ("scope", Some("profile.name"), "invalid_scope"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
    ] {
        let answer = kit.get(&query(name, value), None).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{name} {value:?}: {}", answer.text);
        let location = answer.headers[header::LOCATION].to_str().unwrap();
        assert!(location.starts_with("https://rp.test/cb?"), "{location}");
        assert!(location.contains(&format!("error={error}&")), "{name} {value:?}: {location}");
    }
    for (name, value) in [
        ("acr_values", "loa3"),
        ("acr_values", "loa3 loa2"),
        ("prompt", "login consent"),
        ("display", "touch"),
        ("bank_id", "1441860F-61D9-4A40-B634-EF741ADCB0A7"),
        ("trace_id", "26f6ea6095205ebc26f6ea6095205ebc"),
        ("scope", "openid profile.name sign.qualified theirs"),
        // BID-200-05, BID-VFC-03: without effect, whatever it says.
        ("claims", "{\"userinfo\":{\"verified_claims\":{\"theirs\":1}}}"),
        ("claims", "["),
    ] {
        let answer = kit.get(&query(name, Some(value)), None).await;
        assert_eq!(answer.status, StatusCode::OK, "{name} {value}: {}", answer.text);
    }
}

/// BID-LNK-09, BID-END-06, BID-132-01: an ID token says whose session ends; without one, or with a foreign one, nothing does.
#[tokio::test]
async fn bid_lnk_09_logout_needs_an_id_token_and_a_registered_address() {
    let kit = Kit::with(config()).await;
    let shop = super::party_with(&kit, "shop", |registration| {
        registration.post_logout_redirect_uris = vec!["https://rp.test/bye".into()];
    });
    let (shop, person) = (shop.await, super::jan(&kit).await);
    let (_, id_token) = super::tokens(&kit, &shop, &super::approval(&kit, &shop, person, &super::every_scope())).await;
    let leave = async |query: String| {
        let post = Request::post("/bankid/logout").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let post = kit.send(post.body(Body::from(query.clone())).unwrap()).await;
        [kit.get(&format!("/bankid/logout?{query}"), None).await, post]
    };
    let back = "post_logout_redirect_uri=https://rp.test/bye";
    for refused in [
        String::new(),
        back.to_owned(),
        format!("client_id=shop&{back}"),
        format!("id_token_hint=x&{back}"),
        format!("id_token_hint={id_token}&post_logout_redirect_uri=https://rp.test/bye/"),
        format!("id_token_hint={id_token}&post_logout_redirect_uri=https://evil.test/"),
    ] {
        for answer in leave(refused.clone()).await {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{refused}");
            assert!(!answer.headers.contains_key(header::LOCATION));
        }
    }
    let [get, _] = leave(format!("id_token_hint={id_token}&{back}")).await;
    assert_eq!(
        (get.status, &get.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"https://rp.test/bye".parse().unwrap())
    );
    for answer in leave(format!("id_token_hint={id_token}")).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
}
