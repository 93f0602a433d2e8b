//! Client management through the whole app, named by route.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::tests::{key, request};
use super::*;
use crate::clients::requests::{Create, Keys};
use crate::testkit::{Answer, Kit};

/// A token of a machine client of the mount, with these scopes.
async fn bearer(kit: &Kit, mount: Mount, scopes: &[&str]) -> String {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let jwks = json!({ "keys": [key(2)] });
    let keys = Keys { jwks: jwks.as_object().cloned(), ..Keys::default() };
    let mut office =
        Create { client_id: Some("office".into()), relying_party_id: Some("office".into()), keys, ..Create::default() };
    office.fields.client_name = Some("Office".into());
    // The second call of a test finds it there.
    let _ = create_machine(&kit.state, &crate::audit::Actor::command(), mount, &office, scopes.clone()).await;
    let token = crate::grants::issue_to_client(&kit.state, mount, "office", &scopes, crate::grants::Shown::default())
        .await
        .unwrap()
        .unwrap();
    format!("Bearer {token}")
}

async fn call(kit: &Kit, method: &str, path: &str, body: Option<Value>, token: &str) -> Answer {
    let time = crate::http::envelope::format_time(kit.state.clock.now());
    let body = body.map(|request| json!({ "requestTime": time, "request": request }).to_string());
    let builder = Request::builder().method(method).uri(path);
    let builder = builder.header("content-type", "application/json").header("authorization", token);
    kit.send(builder.body(body.map_or_else(Body::empty, Body::from)).unwrap()).await
}

#[tokio::test]
async fn post_client_mgmt_gs_cli_01_registers_at_every_path_of_every_mount() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let token = bearer(&kit, mount, &["add_oidc_client"]).await;
        for (place, name) in ["oidc-client", "oauth-client", "client"].iter().enumerate() {
            // One key serves several clients where the mount allows it; here each has its own anyway.
            let mut sent = request(&format!("{}-{name}", mount.name()), place.min(1));
            if place == 2 {
                sent["publicKey"] = json!({ "kty": "RSA", "n": protocol::base64url::encode([0xff; 256]), "e": "AQAB" });
            }
            let path = format!("{}/client-mgmt/{name}", mount.prefix());
            let answer = call(&kit, "POST", &path, Some(sent.clone()), &token).await;
            let status = if mount == Mount::GovStack { "active" } else { "ACTIVE" };
            assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.text);
            assert_eq!(answer.json()["response"], json!({ "clientId": sent["clientId"], "status": status }));
            assert_eq!(answer.json()["errors"], json!([]));
            // GS-CLI-02.
            let again = call(&kit, "POST", &path, Some(sent), &token).await;
            assert_eq!(again.code(), "duplicate_client_id");
        }
    }
}

#[tokio::test]
async fn post_client_mgmt_gs_cli_02_errors_speak_the_mounts_dialect() {
    let kit = Kit::new().await;
    let mut bad = request("c", 0);
    bad["authContextRefs"] = json!(["idbb:acr:knowledge"]);
    bad["grantTypes"] = json!(["implicit"]);
    let token = bearer(&kit, Mount::GovStack, &["add_oidc_client"]).await;
    let answer = call(&kit, "POST", "/client-mgmt/oidc-client", Some(bad.clone()), &token).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!((answer.code().as_str(), answer.json()["errors"].as_array().unwrap().len()), ("invalid_acr", 1));
    assert!(answer.json().get("response").is_none());
    bad["authContextRefs"] = json!(["idbb:acr:static-code"]);
    let answer = call(&kit, "POST", "/client-mgmt/oidc-client", Some(bad.clone()), &token).await;
    assert_eq!(answer.code(), "invalid_grant_type");

    bad["logoUri"] = json!("no");
    let token = bearer(&kit, Mount::ESignet, &["add_oidc_client"]).await;
    let answer = call(&kit, "POST", "/v1/esignet/client-mgmt/client", Some(bad.clone()), &token).await;
    let codes: Vec<Value> =
        answer.json()["errors"].as_array().unwrap().iter().map(|error| error["errorCode"].clone()).collect();
    assert_eq!(codes, ["invalid_uri", "unsupported_grant_type"]);
    assert_eq!((answer.status, &answer.json()["response"]), (StatusCode::OK, &Value::Null));
    let token = bearer(&kit, Mount::Op, &["add_oidc_client"]).await;
    let answer = call(&kit, "POST", "/op/client-mgmt/client", Some(bad), &token).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    // A requestTime that is off, and what is no envelope.
    let late = json!({ "requestTime": "2020-01-01T00:00:00.000Z", "request": request("c", 0) }).to_string();
    let token = bearer(&kit, Mount::GovStack, &["add_oidc_client"]).await;
    let sent = Request::post("/client-mgmt/oidc-client").header("authorization", &token);
    let sent = sent.header("content-type", "application/json").body(late.into()).unwrap();
    assert_eq!(kit.send(sent).await.code(), "invalid_request");
}

#[tokio::test]
async fn client_mgmt_gs_sec_01_without_the_scope_of_this_mount_nothing_is_done() {
    let kit = Kit::new().await;
    let adds = bearer(&kit, Mount::GovStack, &["add_oidc_client"]).await;
    let elsewhere = bearer(&kit, Mount::ESignet, &["add_oidc_client", "update_oidc_client"]).await;
    assert_eq!(call(&kit, "POST", "/client-mgmt/oidc-client", Some(request("c", 0)), &adds).await.code(), "");
    let mut change = request("c", 0);
    change["status"] = json!("inactive");
    for (method, path, body) in [
        ("PUT", "/client-mgmt/oidc-client", Some(change.clone())),
        ("PUT", "/client-mgmt/oidc-client/c", Some(change.clone())),
        ("PUT", "/client-mgmt/client/c", Some(change.clone())),
        ("PATCH", "/client-mgmt/client/c", Some(change.clone())),
        ("GET", "/client-mgmt/client/c", None),
        ("DELETE", "/client-mgmt/client/c", None),
    ] {
        for (token, status) in [
            (adds.as_str(), StatusCode::FORBIDDEN),
            (elsewhere.as_str(), StatusCode::UNAUTHORIZED),
            ("Bearer x", StatusCode::UNAUTHORIZED),
            ("", StatusCode::UNAUTHORIZED),
        ] {
            assert_eq!(call(&kit, method, path, body.clone(), token).await.status, status, "{method} {path} {token}");
        }
    }
    let nobody = call(&kit, "POST", "/client-mgmt/oidc-client", Some(request("d", 1)), &elsewhere).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    assert!(find(&kit.state, Mount::GovStack, "c").await.unwrap().is_some());
    assert!(find(&kit.state, Mount::GovStack, "d").await.unwrap().is_none());
}

#[tokio::test]
async fn put_client_mgmt_gs_cli_03_takes_the_id_in_the_path_or_in_the_body() {
    let kit = Kit::new().await;
    let token = bearer(&kit, Mount::GovStack, &["add_oidc_client", "update_oidc_client"]).await;
    call(&kit, "POST", "/client-mgmt/oidc-client", Some(request("c", 0)), &token).await;
    let mut change = request("c", 0);
    change["status"] = json!("inactive");
    let answer = call(&kit, "PUT", "/client-mgmt/oidc-client", Some(change.clone()), &token).await;
    assert_eq!(answer.json()["response"], json!({ "clientId": "c", "status": "inactive" }));
    assert!(find(&kit.state, Mount::GovStack, "c").await.unwrap().is_none());
    change["status"] = json!("ACTIVE");
    change.as_object_mut().unwrap().remove("clientId");
    let answer = call(&kit, "PUT", "/client-mgmt/oidc-client/c", Some(change.clone()), &token).await;
    assert_eq!(answer.json()["response"], json!({ "clientId": "c", "status": "active" }));
    assert!(find(&kit.state, Mount::GovStack, "c").await.unwrap().is_some());
    for path in ["/client-mgmt/oidc-client", "/client-mgmt/oidc-client/unknown"] {
        assert_eq!(call(&kit, "PUT", path, Some(change.clone()), &token).await.code(), "invalid_client_id");
    }
    change["publicKey"] = key(1);
    let answer = call(&kit, "PUT", "/client-mgmt/oidc-client/c", Some(change), &token).await;
    assert_eq!(answer.code(), "invalid_request");
}

#[tokio::test]
async fn client_mgmt_client_is_read_patched_rolled_over_and_removed() {
    let kit = Kit::new().await;
    let token = bearer(&kit, Mount::ESignet, &["add_oidc_client", "update_oidc_client"]).await;
    let (all, one) = ("/v1/esignet/client-mgmt/client", "/v1/esignet/client-mgmt/client/c");
    call(&kit, "POST", all, Some(request("c", 0)), &token).await;
    let patched = call(&kit, "PATCH", one, Some(json!({ "clientNameLangMap": { "fra": "Santé" } })), &token).await;
    assert_eq!(patched.json()["response"]["status"], "ACTIVE");
    let keys = json!({ "jwks": { "keys": [key(1)] } });
    let rolled = call(&kit, "POST", &format!("{one}/keys"), Some(keys.clone()), &token).await;
    assert_eq!(rolled.json()["response"]["thumbprints"].as_array().unwrap().len(), 1);
    let shown = call(&kit, "GET", one, None, &token).await.json()["response"].clone();
    assert_eq!(shown["jwks"]["keys"], json!([key(1)]));
    assert_eq!(shown["clientNameLangMap"], json!({ "fra": "Santé" }));
    assert_eq!(shown["authContextRefs"], json!(["mosip:idp:acr:generated-code"]));
    assert_eq!(call(&kit, "DELETE", one, None, &token).await.json()["response"], json!({ "clientId": "c" }));
    assert_eq!(call(&kit, "GET", one, None, &token).await.code(), "invalid_client_id");
    assert_eq!(call(&kit, "DELETE", one, None, &token).await.code(), "invalid_client_id");

    // GovStack: a compromised key means a new client.
    let token = bearer(&kit, Mount::GovStack, &["add_oidc_client", "update_oidc_client"]).await;
    call(&kit, "POST", "/client-mgmt/oidc-client", Some(request("c", 0)), &token).await;
    let refused = call(&kit, "POST", "/client-mgmt/client/c/keys", Some(keys), &token).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

/// GS-AUD-01: the trail says who changed a client: the client whose token it was, or the command.
#[tokio::test]
async fn gs_aud_01_events_name_who_changed_a_client() {
    for kit in Kit::both().await {
        let token = bearer(&kit, Mount::Op, &["add_oidc_client", "update_oidc_client"]).await;
        let registered = call(&kit, "POST", "/op/client-mgmt/client", Some(request("c", 0)), &token).await;
        assert_eq!(registered.code(), "", "{}", registered.text);
        let patch = json!({ "clientName": "Renamed" });
        assert_eq!(call(&kit, "PATCH", "/op/client-mgmt/client/c", Some(patch), &token).await.code(), "");
        remove(&kit.state, &crate::audit::Actor::command(), Mount::Op, "c").await.unwrap();
        let sql = "SELECT kind, actor FROM audit_event WHERE client_id = 'c' ORDER BY id";
        let rows = kit
            .state
            .store
            .read(|tx| Box::pin(async move { crate::fetch_all!(tx, (String, Option<String>), sql) }))
            .await;
        let rows: Vec<(String, Option<String>)> = rows.unwrap();
        let told: Vec<_> = rows.iter().map(|(kind, actor)| (kind.as_str(), actor.as_deref())).collect();
        let office = Some("op:office");
        let expected = [("client_created", office), ("client_changed", office), ("client_removed", Some("command"))];
        assert_eq!(told, expected);
    }
}

/// The members of the standards are taken at the standard mount, checked as those of clients that register themselves; the
/// other mounts do not look at them.
#[tokio::test]
async fn client_mgmt_takes_metadata_and_makes_secrets_at_op_alone() {
    let kit = Kit::new().await;
    let token = bearer(&kit, Mount::Op, &["add_oidc_client", "update_oidc_client"]).await;
    let mut sent = request("shop", 0);
    sent["authContextRefs"] = json!(["mosip:idp:acr:generated-code"]);
    sent["clientAuthMethods"] = json!(["client_secret_post"]);
    sent["grantTypes"] = json!(["authorization_code", "refresh_token"]);
    sent["metadata"] = json!({ "subject_type": "public", "backchannel_logout_uri": "https://shop.test/out" });
    sent.as_object_mut().unwrap().remove("publicKey");
    let path = "/op/client-mgmt/client";
    let made = call(&kit, "POST", path, Some(sent.clone()), &token).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let secret = made.json()["response"]["clientSecret"].as_str().unwrap().to_owned();
    let good = async |given: &str| {
        let client = find_any(&kit.state, Mount::Op, "shop").await.unwrap().unwrap();
        is_secret(&kit.state.secrets, Mount::Op, "shop", client.secret.as_ref(), given)
    };
    assert!(good(&secret).await);
    let shown = call(&kit, "GET", &format!("{path}/shop"), None, &token).await;
    assert_eq!(shown.json()["response"]["metadata"]["backchannel_logout_uri"], "https://shop.test/out");
    assert!(!shown.text.contains(&secret));
    let renewed = call(&kit, "POST", &format!("{path}/shop/secret"), None, &token).await;
    let renewed = renewed.json()["response"]["clientSecret"].as_str().unwrap().to_owned();
    assert!(good(&renewed).await && !good(&secret).await);

    for (metadata, code) in [
        (json!({ "subject_type": "anonymous" }), "invalid_client_metadata"),
        (json!({ "backchannel_logout_uri": "https://169.254.169.254/" }), "invalid_client_metadata"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": ["https://shop.test/cb#f"] }), "invalid_redirect_uri"),
    ] {
        let answer = call(&kit, "PATCH", &format!("{path}/shop"), Some(json!({ "metadata": metadata })), &token).await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, code), "{metadata}");
    }
    let fapi2 = call(&kit, "PATCH", &format!("{path}/shop"), Some(json!({ "profile": "fapi2" })), &token).await;
    assert_eq!(fapi2.code(), "invalid_client_metadata");
    let change = json!({ "metadata": { "default_max_age": 60 } });
    assert_eq!(call(&kit, "PATCH", &format!("{path}/shop"), Some(change), &token).await.status, StatusCode::OK);
    let client = find_any(&kit.state, Mount::Op, "shop").await.unwrap().unwrap();
    assert_eq!((client.default_max_age, client.subject_type), (Some(60), SubjectType::Public));

    for (mount, place) in [(Mount::GovStack, 0), (Mount::ESignet, 1)] {
        let token = bearer(&kit, mount, &["add_oidc_client"]).await;
        let mut old = request("shop", place);
        old["metadata"] = json!({ "subject_type": "anonymous" });
        old["profile"] = json!("fapi2");
        let answer =
            call(&kit, "POST", &format!("{}/client-mgmt/oidc-client", mount.prefix()), Some(old), &token).await;
        assert_eq!(answer.code(), "", "{mount:?} {}", answer.text);
        let client = find_any(&kit.state, mount, "shop").await.unwrap().unwrap();
        assert_eq!((client.subject_type, client.profile()), (SubjectType::Pairwise, Profile::of_mount(mount)[0]));
    }
}
