//! Tests of client management below HTTP: rules, uniqueness, the copy in memory; the commands in `commands`.

mod commands;
mod unused;

use protocol::jws::Algorithm;
use serde_json::{Value, json};

use commands::command;

use super::requests::{Change, Create, Keys};
use super::*;
use crate::audit::Actor;
use crate::error::{ApiError, Code};
use crate::testkit::Kit;

/// Three P-256 keys: RFC 7517 A.1 and two whose private part is 1 and 2.
const KEYS: [(&str, &str); 3] = [
    ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"),
    ("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"),
    ("fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg", "B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E"),
];

pub(super) fn key(place: usize) -> Value {
    let (x, y) = KEYS[place];
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
}

/// GovStack's own example, with the members of GS-CLI-01.
pub(super) fn request(id: &str, place: usize) -> Value {
    json!({
        "clientId": id,
        "clientName": "Health Service",
        "relyingPartyId": "bharath-gov",
        "logoUri": "http://example.com",
        "redirectUris": ["https://example.com/login-success"],
        "authContextRefs": ["idbb:acr:generated-code"],
        "publicKey": key(place),
        "userClaims": ["name"],
        "grantTypes": ["authorization_code"],
        "clientAuthMethods": ["private_key_jwt"]
    })
}

fn with(mut request: Value, member: &str, value: Value) -> Value {
    request[member] = value;
    request
}

fn without(mut request: Value, member: &str) -> Value {
    request.as_object_mut().unwrap().remove(member);
    request
}

async fn add(kit: &Kit, mount: Mount, request: Value) -> Result<Client, ManagementError> {
    let request: Create = serde_json::from_value(request).unwrap();
    create(&kit.state, &Actor::command(), mount, &request).await
}

async fn alter(kit: &Kit, mount: Mount, id: &str, request: Value, whole: bool) -> Result<Client, ManagementError> {
    let request: Change = serde_json::from_value(request).unwrap();
    change(&kit.state, &Actor::command(), mount, id, request, whole).await
}

fn codes(result: Result<Client, ManagementError>) -> Vec<Code> {
    match result.map_err(ApiError::from) {
        Ok(_) => Vec::new(),
        Err(ApiError::Refused(refusals)) => refusals.into_iter().map(|(code, _)| code).collect(),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn gs_cli_02_every_member_has_its_own_code() {
    let kit = Kit::new().await;
    let text = |length: usize| Value::from("x".repeat(length));
    let many = |length: usize| Value::from(vec!["name"; length]);
    for (member, value, code) in [
        ("clientId", json!(null), Code::InvalidClientId),
        ("clientId", json!(""), Code::InvalidClientId),
        ("clientId", json!("a b"), Code::InvalidClientId),
        ("clientId", text(101), Code::InvalidClientId),
        ("clientName", json!(" "), Code::InvalidClientName),
        ("clientName", text(257), Code::InvalidClientName),
        ("clientNameLangMap", json!({ "fr": "Santé" }), Code::InvalidLanguageCode),
        ("clientNameLangMap", json!({ "@none": "Santé" }), Code::InvalidLanguageCode),
        ("clientNameLangMap", json!({ "fra": " " }), Code::InvalidClientNameValue),
        ("clientNameLangMap", json!({ "fra": text(51) }), Code::InvalidClientNameLength),
        ("publicKey", json!({}), Code::InvalidPublicKey),
        ("publicKey", json!(null), Code::InvalidPublicKey),
        ("jwks", json!({ "keys": [key(0)] }), Code::InvalidPublicKey),
        ("relyingPartyId", json!(" "), Code::InvalidRpId),
        ("relyingPartyId", text(101), Code::InvalidRpId),
        ("userClaims", json!(null), Code::InvalidClaim),
        ("userClaims", json!(["shoe_size"]), Code::InvalidClaim),
        ("userClaims", many(31), Code::InvalidClaim),
        ("authContextRefs", json!([]), Code::InvalidAcr),
        ("authContextRefs", json!(["idbb:acr:biometrics"]), Code::InvalidAcr),
        ("logoUri", json!("example.com"), Code::InvalidUri),
        ("logoUri", json!("javascript:alert(1)"), Code::InvalidUri),
        ("redirectUris", json!([]), Code::InvalidRedirectUri),
        ("redirectUris", json!(["https://example.com/*"]), Code::InvalidRedirectUri),
        ("redirectUris", json!(vec!["https://example.com/"; 6]), Code::InvalidRedirectUri),
        ("grantTypes", json!([]), Code::UnsupportedGrantType),
        ("grantTypes", json!(["client_credentials"]), Code::UnsupportedGrantType),
        ("clientAuthMethods", json!(["tls_client_auth"]), Code::InvalidClientAuth),
        ("additionalConfig", json!({ "dpop_bound_access_tokens": true }), Code::InvalidAdditionalConfig),
        ("additionalConfig", json!({ "userinfo_response_type": "JWE" }), Code::InvalidAdditionalConfig),
        ("loginPolicy", json!({ "rotation": "sometimes" }), Code::InvalidLoginPolicy),
        ("loginPolicy", json!({ "rotation": "strict", "unknown": 1 }), Code::InvalidLoginPolicy),
        ("encPublicKey", key(1), Code::InvalidPublicKey),
        ("idTokenSignedResponseAlg", json!("none"), Code::InvalidAlgorithm),
        ("idTokenSignedResponseAlg", json!("RS384"), Code::InvalidAlgorithm),
    ] {
        for mount in Mount::ISSUERS {
            let refused = codes(add(&kit, mount, with(request("c", 0), member, value.clone())).await);
            assert_eq!(refused, [code], "{} {member} {value}", mount.name());
        }
    }
    assert_eq!(codes(add(&kit, Mount::GovStack, json!({})).await).len(), 10);
    assert!(codes(add(&kit, Mount::GovStack, request("c", 0)).await).is_empty());
}

#[tokio::test]
async fn optional_members_are_optional_and_lists_are_sets() {
    let kit = Kit::new().await;
    let sent = with(request("c", 0), "userClaims", json!([]));
    let sent = with(sent, "authContextRefs", json!(["idbb:acr:static-code", "mosip:idp:acr:static-code"]));
    let sent = with(sent, "additionalConfig", json!({ "require_pkce": true }));
    let client = add(&kit, Mount::GovStack, sent).await.unwrap();
    assert!(client.additional.require_pkce && client.user_claims.is_empty());
    assert_eq!(client.acrs, [crate::acr::Acr::StaticCode]);
    // GovStack's enumeration has no individual_id; eSignet's list has.
    let wants_id = with(request("d", 1), "userClaims", json!(["individual_id"]));
    assert_eq!(codes(add(&kit, Mount::GovStack, wants_id.clone()).await), [Code::InvalidClaim]);
    assert!(add(&kit, Mount::ESignet, wants_id).await.is_ok());
    // GS-VAP-01: what OSIA's interfaces carry, documents among it, belongs to the standard mount.
    let wants_documents = with(request("e", 2), "userClaims", json!(["birthplace", "idcards"]));
    assert_eq!(codes(add(&kit, Mount::GovStack, wants_documents.clone()).await), [Code::InvalidClaim]);
    assert!(add(&kit, Mount::Op, wants_documents).await.is_ok());
}

#[tokio::test]
async fn plain_http_redirects_are_for_development_and_loopback() {
    use crate::config::{Config, Mode};
    let sent = with(request("c", 0), "redirectUris", json!(["http://example.com/cb"]));
    let kit = Kit::new().await;
    assert!(add(&kit, Mount::GovStack, sent.clone()).await.is_ok());
    let kit = Kit::with(Config { mode: Mode::Production, ..Config::default() }).await;
    assert_eq!(codes(add(&kit, Mount::GovStack, sent).await), [Code::InvalidRedirectUri]);
    let native = with(request("c", 0), "redirectUris", json!(["http://127.0.0.1/cb"]));
    assert!(add(&kit, Mount::GovStack, native).await.is_ok());
}

#[tokio::test]
async fn on_both_ids_are_unique_per_mount_and_keys_where_the_mount_says_so() {
    for kit in Kit::both().await {
        for mount in Mount::ISSUERS {
            assert!(add(&kit, mount, request("one", 0)).await.is_ok(), "{}", mount.name());
            assert_eq!(codes(add(&kit, mount, request("one", 1)).await), [Code::DuplicateClientId]);
        }
        // GovStack's harness registers five clients with one key; eSignet refuses the second. GS-CLI-04: one relying
        // party, several clients.
        assert!(add(&kit, Mount::GovStack, request("two", 0)).await.is_ok());
        assert!(add(&kit, Mount::Op, request("two", 0)).await.is_ok());
        assert_eq!(codes(add(&kit, Mount::ESignet, request("two", 0)).await), [Code::DuplicatePublicKey]);
        let one = find(&kit.state, Mount::GovStack, "one").await.unwrap().unwrap();
        let two = find(&kit.state, Mount::GovStack, "two").await.unwrap().unwrap();
        assert_eq!(one.relying_party_id, two.relying_party_id);
        // What was refused left nothing behind.
        assert!(find_any(&kit.state, Mount::ESignet, "two").await.unwrap().is_none());
        assert_eq!(list(&kit.state, None).await.unwrap().len(), 5);
        assert_eq!(list(&kit.state, Some(Mount::ESignet)).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_many_who_register_one_id_at_once_one_wins() {
    for kit in Kit::both().await {
        let tries = (0..20).map(|_| add(&kit, Mount::ESignet, request("c", 0)));
        let won = futures::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(won, 1);
        let tries = (0..20).map(|place| add(&kit, Mount::ESignet, request(&format!("other-{place}"), 1)));
        let won = futures::future::join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(won, 1, "one key, one client");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_of_changes_at_once_none_is_lost() {
    for kit in Kit::both().await {
        add(&kit, Mount::Op, request("c", 0)).await.unwrap();
        let name = alter(&kit, Mount::Op, "c", json!({ "clientName": "New" }), false);
        let claims = alter(&kit, Mount::Op, "c", json!({ "userClaims": ["email"] }), false);
        let (name, claims) = futures::future::join(name, claims).await;
        assert!(name.is_ok() && claims.is_ok());
        let client = find_any(&kit.state, Mount::Op, "c").await.unwrap().unwrap();
        assert_eq!((client.name_in("en"), client.user_claims.as_slice()), ("New", ["email".to_owned()].as_slice()));
    }
}

#[tokio::test]
async fn on_both_gs_cli_03_a_put_changes_what_may_change_and_nothing_else() {
    for kit in Kit::both().await {
        let add_all = json!({ "fra": "Santé" });
        let sent = with(request("c", 0), "clientNameLangMap", add_all);
        let before = add(&kit, Mount::GovStack, sent).await.unwrap();
        assert_eq!((before.name_in("fr-CA"), before.name_in("de")), ("Santé", "Health Service"));
        let whole = with(request("c", 0), "status", json!("inactive"));
        let whole = with(whole, "clientName", json!("Clinic"));
        let after = alter(&kit, Mount::GovStack, "c", whole.clone(), true).await.unwrap();
        assert_eq!((after.status, after.name_in("de"), after.name_in("fr")), (Status::Inactive, "Clinic", "Santé"));
        assert_eq!(after.keys, before.keys);
        // An inactive client is as good as unknown, at once.
        assert!(find(&kit.state, Mount::GovStack, "c").await.unwrap().is_none());
        for (request, code) in [
            (with(whole.clone(), "publicKey", key(1)), Code::InvalidRequest),
            (with(whole.clone(), "relyingPartyId", json!("other")), Code::InvalidRequest),
            (with(whole.clone(), "clientId", json!("other")), Code::InvalidClientId),
            (with(whole.clone(), "status", json!("deleted")), Code::InvalidStatus),
            (without(whole.clone(), "status"), Code::InvalidStatus),
            (without(whole.clone(), "redirectUris"), Code::InvalidRedirectUri),
        ] {
            assert_eq!(codes(alter(&kit, Mount::GovStack, "c", request, true).await), [code]);
        }
        assert_eq!(codes(alter(&kit, Mount::GovStack, "unknown", whole.clone(), true).await), [Code::InvalidClientId]);
        assert_eq!(codes(alter(&kit, Mount::ESignet, "c", whole.clone(), true).await), [Code::InvalidClientId]);
        let again = with(without(without(whole, "publicKey"), "clientId"), "status", json!("ACTIVE"));
        assert!(alter(&kit, Mount::GovStack, "c", again, true).await.is_ok());
        assert!(find(&kit.state, Mount::GovStack, "c").await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let kit = Kit::new().await;
    let before = add(&kit, Mount::ESignet, request("c", 0)).await.unwrap();
    let after = alter(&kit, Mount::ESignet, "c", json!({}), false).await.unwrap();
    assert_eq!(before, after);
    let rsa = json!({ "kty": "RSA", "n": protocol::base64url::encode([0xff; 256]), "e": "AQAB", "use": "enc" });
    let jwe = json!({ "userinfo_response_type": "JWE" });
    let both = json!({ "encPublicKey": rsa, "additionalConfig": jwe });
    let after = alter(&kit, Mount::ESignet, "c", both, false).await.unwrap();
    assert_eq!(after.additional.userinfo_response_type, UserinfoType::Jwe);
    assert!(after.enc_jwk.is_some());
    // Whoever wants encrypted userinfo has a key for it at all times.
    let gone = alter(&kit, Mount::ESignet, "c", json!({ "encPublicKey": null }), false).await;
    assert_eq!(codes(gone), [Code::InvalidAdditionalConfig]);
    let both = json!({ "encPublicKey": null, "additionalConfig": {} });
    assert!(alter(&kit, Mount::ESignet, "c", both, false).await.unwrap().enc_jwk.is_none());
}

#[tokio::test]
async fn on_both_a_login_policy_is_set_shown_and_given_back_to_the_mount() {
    for kit in Kit::both().await {
        let strict = json!({ "rotation": "strict" });
        let sent = with(request("c", 0), "loginPolicy", strict.clone());
        let client = add(&kit, Mount::GovStack, sent.clone()).await.unwrap();
        let own = LoginPolicy { rotation: Rotation::Strict, ..LoginPolicy::default() };
        assert_eq!(client.login_policy(), own);
        assert_eq!(json!(requests::Details::of(&client))["loginPolicy"]["rotation"], "strict");
        // A PUT that does not name it leaves it; one with what is none changes nothing.
        let whole = with(without(sent, "loginPolicy"), "status", json!("active"));
        assert_eq!(alter(&kit, Mount::GovStack, "c", whole.clone(), true).await.unwrap().login_policy(), own);
        let bad = with(whole, "loginPolicy", json!({ "rotation": "off", "cross_device": "far" }));
        assert_eq!(codes(alter(&kit, Mount::GovStack, "c", bad, true).await), [Code::InvalidLoginPolicy]);
        for back in [json!({}), json!(null)] {
            let set = alter(&kit, Mount::GovStack, "c", json!({ "loginPolicy": strict }), false).await.unwrap();
            assert_eq!(set.login_policy(), own);
            let given_back = alter(&kit, Mount::GovStack, "c", json!({ "loginPolicy": back }), false).await.unwrap();
            assert_eq!(given_back.registration.login_policy, None);
        }
        let told = command(&kit, r#"policy c --mount govstack {"cross_device":"near"}"#).await.unwrap();
        assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["cross_device"], "near");
        let found = find(&kit.state, Mount::GovStack, "c").await.unwrap().unwrap();
        assert_eq!(found.login_policy().cross_device, CrossDevice::Near);
        assert_eq!(command(&kit, "policy c --mount govstack").await.unwrap(), told);
        let refused = command(&kit, r#"policy c --mount govstack {"colour":"red"}"#).await.unwrap_err();
        assert!(refused.contains("colour is unknown"), "{refused}");
        assert!(command(&kit, "policy c --mount govstack strict").await.is_err());
        assert!(command(&kit, "policy d --mount govstack {}").await.is_err());
    }
}

#[tokio::test]
async fn on_both_keys_roll_over_where_the_mount_allows_it() {
    for kit in Kit::both().await {
        add(&kit, Mount::ESignet, request("c", 0)).await.unwrap();
        add(&kit, Mount::ESignet, request("d", 1)).await.unwrap();
        let set = |keys: Value| serde_json::from_value::<Keys>(json!({ "jwks": { "keys": keys } })).unwrap();
        let both =
            set_keys(&kit.state, &Actor::command(), Mount::ESignet, "c", &set(json!([key(0), key(2)]))).await.unwrap();
        assert_eq!(signature_keys(&kit.state, &both, None).await.unwrap().len(), 2);
        let new = set_keys(&kit.state, &Actor::command(), Mount::ESignet, "c", &set(json!([key(2)]))).await.unwrap();
        assert_eq!(signature_keys(&kit.state, &new, None).await.unwrap().len(), 1);
        // A key that was given up may be another's; one in use may not.
        let given_up = set_keys(&kit.state, &Actor::command(), Mount::ESignet, "d", &set(json!([key(0)]))).await;
        assert!(given_up.is_ok());
        let in_use = set_keys(&kit.state, &Actor::command(), Mount::ESignet, "d", &set(json!([key(2)]))).await;
        assert_eq!(codes(in_use), [Code::DuplicatePublicKey]);
        add(&kit, Mount::GovStack, request("c", 0)).await.unwrap();
        let fixed = set_keys(&kit.state, &Actor::command(), Mount::GovStack, "c", &set(json!([key(2)]))).await;
        assert!(matches!(fixed, Err(ManagementError::KeysAreFixed)));
    }
}

#[tokio::test]
async fn a15_keys_are_published_on_public_addresses_only() {
    let kit = Kit::new().await;
    for uri in [
        "http://rp.test/jwks",
        "https://169.254.169.254/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://user@rp.test/jwks",
        "",
    ] {
        let sent = with(without(request("c", 0), "publicKey"), "jwksUri", json!(uri));
        assert_eq!(codes(add(&kit, Mount::Op, sent).await), [Code::InvalidUri], "{uri}");
    }
    let sent = with(without(request("c", 0), "publicKey"), "jwksUri", json!("https://rp.test/jwks"));
    assert_eq!(codes(add(&kit, Mount::GovStack, sent.clone()).await), [Code::InvalidPublicKey]);
    assert!(add(&kit, Mount::Op, sent).await.is_ok());
}

#[tokio::test]
async fn on_both_a_removed_client_leaves_its_id_behind() {
    for kit in Kit::both().await {
        add(&kit, Mount::ESignet, request("c", 0)).await.unwrap();
        assert!(find(&kit.state, Mount::ESignet, "c").await.unwrap().is_some());
        remove(&kit.state, &Actor::command(), Mount::ESignet, "c").await.unwrap();
        assert!(find(&kit.state, Mount::ESignet, "c").await.unwrap().is_none());
        assert!(find_any(&kit.state, Mount::ESignet, "c").await.unwrap().is_none());
        assert!(matches!(
            remove(&kit.state, &Actor::command(), Mount::ESignet, "c").await,
            Err(ManagementError::Unknown)
        ));
        assert_eq!(codes(add(&kit, Mount::ESignet, request("c", 0)).await), [Code::DuplicateClientId]);
        assert!(add(&kit, Mount::ESignet, request("d", 0)).await.is_ok());
        assert_eq!(list(&kit.state, None).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_copy_in_memory_lives_five_seconds_and_sees_this_nodes_changes_at_once() {
    let kit = Kit::new().await;
    add(&kit, Mount::Op, request("c", 0)).await.unwrap();
    find(&kit.state, Mount::Op, "c").await.unwrap().unwrap();
    // As another node does it.
    let behind = |status: &'static str| {
        kit.state.store.write(move |tx| {
            Box::pin(async move {
                crate::execute!(tx, "UPDATE client SET status = $1", status)?;
                Ok::<_, StoreError>(())
            })
        })
    };
    behind("inactive").await.unwrap();
    assert!(find(&kit.state, Mount::Op, "c").await.unwrap().is_some());
    kit.clock.advance_seconds(5);
    assert!(find(&kit.state, Mount::Op, "c").await.unwrap().is_none());
    behind("active").await.unwrap();
    assert!(find(&kit.state, Mount::Op, "c").await.unwrap().is_some());
    alter(&kit, Mount::Op, "c", json!({ "clientName": "New" }), false).await.unwrap();
    assert_eq!(find(&kit.state, Mount::Op, "c").await.unwrap().unwrap().name_in("en"), "New");
}
