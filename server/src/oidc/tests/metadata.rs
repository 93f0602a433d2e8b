//! GS-OIDC-06, GS-OIDC-07, C9, A20.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::{checked, published};
use crate::config::{Config, Mounts};
use crate::dialect::Mount;
use crate::testkit::{Kit, RelyingParty};

async fn metadata(kit: &Kit, mount: Mount) -> Value {
    let answer = kit.get(&format!("{}/.well-known/openid-configuration", mount.prefix()), None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    answer.json()
}

#[tokio::test]
async fn gs_oidc_07_every_endpoint_that_is_promised_answers() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let document = metadata(&kit, mount).await;
        assert_eq!(document["issuer"], kit.state.issuer(mount));
        for (name, value) in document.as_object().unwrap() {
            let Some(path) = value.as_str().and_then(|url| url.strip_prefix(kit.state.config.origin())) else {
                continue;
            };
            // The page at authorization_endpoint has tests of its own.
            if name == "issuer" || name == "authorization_endpoint" {
                continue;
            }
            let answer = kit.get(path, None).await;
            assert_ne!(answer.status, StatusCode::NOT_FOUND, "{mount:?} {name}");
        }
        let required =
            ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "scopes_supported"];
        assert!(required.iter().all(|name| document.get(*name).is_some()));
        assert_eq!(document["response_types_supported"], json!(["code"]));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
        let more = mount.dialect().client_metadata;
        let subjects = if more { json!(["pairwise", "public"]) } else { json!(["pairwise"]) };
        assert_eq!(document["subject_types_supported"], subjects);
    }
}

/// GovStack's document lists what each member may hold.
#[tokio::test]
async fn gs_oidc_07_govstack_stays_inside_its_enumerations() {
    let kit = Kit::new().await;
    let document = metadata(&kit, Mount::GovStack).await;
    for (name, allowed) in [
        ("scopes_supported", json!(["openid"])),
        ("response_modes_supported", json!(["query"])),
        ("id_token_signing_alg_values_supported", json!(["RS256"])),
        ("token_endpoint_auth_methods_supported", json!(["private_key_jwt"])),
        ("token_endpoint_auth_signing_alg_values_supported", json!(["RS256"])),
        ("claim_types_supported", json!(["normal"])),
    ] {
        assert_eq!(document[name], allowed, "{name}");
    }
    let endpoint = document["registration_endpoint"].as_str().unwrap();
    let path = endpoint.strip_prefix(kit.state.config.origin()).unwrap();
    let none = kit.send(Request::post(path).body(Body::empty()).unwrap()).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert!(none.headers.contains_key(header::WWW_AUTHENTICATE));
    let any = Request::post(path).header(header::AUTHORIZATION, "Bearer x").body(Body::empty());
    assert_eq!(kit.send(any.unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn gs_oidc_06_c9_keys_are_public_named_once_and_the_same_for_every_query() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let keys = published(&kit, mount).await;
        let kids: std::collections::HashSet<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
        assert_eq!(kids.len(), keys.len());
        for key in &keys {
            for private in ["d", "p", "q", "k"] {
                assert!(key.get(private).is_none());
            }
            if mount != Mount::Op {
                for member in ["kid", "use", "kty", "e", "n", "x5t#S256", "x5c", "exp"] {
                    assert!(key.get(member).is_some(), "{member}");
                }
            }
        }
        for path in mount.dialect().jwks_paths {
            let path = format!("{}{path}", mount.prefix());
            let plain = kit.get(&path, None).await;
            assert!(plain.headers[header::CACHE_CONTROL].to_str().unwrap().contains("max-age"));
            assert_eq!(plain.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
            assert_eq!(kit.get(&format!("{path}?kid=x&d=1"), None).await.text, plain.text);
        }
    }
}

/// RFC 8414 §3.1 puts the well-known part between host and path; OpenID Connect appends it.
#[tokio::test]
async fn metadata_is_found_by_either_rule_and_does_not_believe_the_host_header() {
    let kit = Kit::new().await;
    for (path, mount) in [
        ("/.well-known/oauth-authorization-server", Mount::GovStack),
        ("/.well-known/oauth-authorization-server/v1/esignet", Mount::ESignet),
        ("/.well-known/oauth-authorization-server/op", Mount::Op),
        ("/v1/esignet/oidc/.well-known/openid-configuration", Mount::ESignet),
        ("/v1/esignet/oauth/.well-known/oauth-authorization-server", Mount::ESignet),
        ("/op/.well-known/oauth-authorization-server", Mount::Op),
    ] {
        assert_eq!(kit.get(path, None).await.json(), metadata(&kit, mount).await, "{path}");
    }
    // A20
    let evil = Request::get("/op/.well-known/openid-configuration")
        .header(header::HOST, "evil.test")
        .header("x-forwarded-host", "evil.test");
    let answer = kit.send(evil.body(Body::empty()).unwrap()).await;
    assert!(!answer.text.contains("evil"));
}

#[tokio::test]
async fn a_mount_that_is_off_has_no_metadata() {
    let mounts = Mounts { govstack: true, esignet: false, op: false, bankid: false };
    let kit = Kit::with(Config { mounts, ..Config::default() }).await;
    for path in [
        "/op/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server/op",
        "/.well-known/oauth-authorization-server/v1/esignet",
    ] {
        assert_eq!(kit.get(path, None).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// An installation that eSignet had to itself: its issuer is the bare host, and relying parties go on naming its token
/// endpoint as eSignet did.
#[tokio::test]
async fn esignet_alone_has_the_bare_host_as_issuer() {
    let mounts = Mounts { govstack: false, esignet: true, op: true, bankid: false };
    let kit = Kit::with(Config { mounts, ..Config::default() }).await;
    let origin = kit.state.config.origin().to_owned();
    let document = metadata(&kit, Mount::ESignet).await;
    assert_eq!(document["issuer"], origin);
    assert_eq!(kit.get("/.well-known/openid-configuration", None).await.json(), document);
    for member in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let path = document[member].as_str().unwrap().strip_prefix(&origin).unwrap();
        assert_ne!(kit.get(path, None).await.status, StatusCode::NOT_FOUND, "{member}");
    }
    let party = RelyingParty::new(&kit, Mount::ESignet, "clinic").await;
    for aud in ["", "/oauth/v2/token", "/v1/esignet/oauth/v2/token", "/v1/esignet/oauth/token"] {
        let mut claims = party.claims(&kit);
        claims["aud"] = format!("{origin}{aud}").into();
        let own = [("grant_type", "client_credentials")];
        let answer = party.ask_with(&kit, &party.assertion(&claims), &own).await;
        assert_eq!(answer.status, StatusCode::OK, "{aud}: {}", answer.text);
    }
    let person = kit.person("100").await;
    let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
    let claims = checked(&kit, Mount::ESignet, body["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["iss"], origin);
    assert_eq!(kit.state.issuer(Mount::Op), format!("{origin}/op"));
}
