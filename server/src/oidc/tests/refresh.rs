//! T18 to T21 through the token endpoint, and revocation (C6, C7) through its own.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;

use super::{checked, offline, refreshable, text, told};
use crate::access::ASSERTION_TYPE;
use crate::clients::{GrantType, Profile};
use crate::dialect::Mount;
use crate::registry::{self, Status};
use crate::testkit::{Answer, Kit, Pair, RelyingParty};
use protocol::jws::Algorithm;

const USERINFO: &str = "/op/userinfo";

async fn party(kit: &Kit, id: &str) -> RelyingParty {
    RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), refreshable).await
}

async fn login(kit: &Kit, party: &RelyingParty) -> Value {
    let person = match registry::find(&kit.state, "100").await.unwrap() {
        Some(person) => person,
        None => kit.person("100").await,
    };
    let answer = party.redeem(kit, &kit.code(&offline(kit, party, person)).await).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    answer.json()
}

async fn refresh(kit: &Kit, party: &RelyingParty, token: &str) -> Answer {
    party.ask(kit, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn revoke(kit: &Kit, party: &RelyingParty, fields: &[(&str, &str)]) -> Answer {
    let assertion = party.assertion(&party.claims(kit));
    let mut form = vec![("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.as_str())];
    form.extend(fields);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post("/op/revoke").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    kit.send(request.body(Body::from(body)).unwrap()).await
}

/// OpenID Connect Core §12.2: the new ID token speaks of the same authentication, and repeats no nonce.
#[tokio::test]
async fn t18_a_refresh_gives_new_tokens_and_the_old_refresh_token_ends_them_all() {
    let kit = Kit::new().await;
    let party = party(&kit, "clinic").await;
    let first = login(&kit, &party).await;
    assert_eq!(first["scope"], "openid profile offline_access");
    let before = checked(&kit, Mount::Op, &text(&first, "id_token")).await;
    kit.clock.advance_seconds(100);
    let answer = refresh(&kit, &party, &text(&first, "refresh_token")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let second = answer.json();
    let after = checked(&kit, Mount::Op, &text(&second, "id_token")).await;
    for same in ["iss", "sub", "aud", "auth_time", "acr", "amr"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert_eq!((before["nonce"].as_str(), after.get("nonce")), (Some("their nonce"), None));
    assert_ne!((&before["iat"], &before["at_hash"]), (&after["iat"], &after["at_hash"]));
    for name in ["access_token", "refresh_token"] {
        assert_ne!(first[name], second[name]);
    }
    assert_eq!(kit.get(USERINFO, Some(&text(&second, "access_token"))).await.status, StatusCode::OK);

    // Long enough that it is no answer that was lost.
    kit.clock.advance_seconds(5);
    let replayed = refresh(&kit, &party, &text(&first, "refresh_token")).await;
    assert_eq!(told(&replayed), (400, "invalid_grant".into()));
    let newest = refresh(&kit, &party, &text(&second, "refresh_token")).await;
    assert_eq!(told(&newest), (400, "invalid_grant".into()));
    for body in [&first, &second] {
        let dead = kit.get(USERINFO, Some(&text(body, "access_token"))).await;
        assert_eq!(dead.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn t21_refresh_tokens_are_refused_to_others_for_more_and_without_the_grant() {
    let kit = Kit::new().await;
    let (party, other) = (party(&kit, "clinic").await, party(&kit, "other").await);
    let without = RelyingParty::new(&kit, Mount::Op, "without").await;
    let token = text(&login(&kit, &party).await, "refresh_token");
    assert_eq!(told(&refresh(&kit, &other, &token).await), (400, "invalid_grant".into()));
    assert_eq!(told(&refresh(&kit, &without, &token).await), (400, "unauthorized_client".into()));
    assert_eq!(told(&refresh(&kit, &party, "x").await), (400, "invalid_grant".into()));
    let missing = party.ask(&kit, &[("grant_type", "refresh_token")]).await;
    assert_eq!(told(&missing), (400, "invalid_request".into()));
    let asks = |scope| [("grant_type", "refresh_token"), ("refresh_token", token.as_str()), ("scope", scope)];
    assert_eq!(told(&party.ask(&kit, &asks("openid email")).await), (400, "invalid_scope".into()));
    let narrow = party.ask(&kit, &asks("profile")).await.json();
    assert_eq!((narrow["scope"].as_str(), narrow.get("id_token")), (Some("profile"), None));
    // Without openid it is none for userinfo (C4).
    let userinfo = kit.get(USERINFO, Some(&text(&narrow, "access_token"))).await;
    assert_eq!(userinfo.status, StatusCode::FORBIDDEN);
    // A login without access while away has none to give, nor one of a client that may not have it.
    let person = registry::find(&kit.state, "100").await.unwrap().unwrap();
    let online = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
    let unable = without.redeem(&kit, &kit.code(&offline(&kit, &without, person)).await).await.json();
    assert!(online.get("refresh_token").is_none() && unable.get("refresh_token").is_none());
    assert!(online.get("access_token").is_some() && unable.get("access_token").is_some());
}

#[tokio::test]
async fn a_disabled_persons_refresh_token_gives_nothing() {
    let kit = Kit::new().await;
    let party = party(&kit, "clinic").await;
    let token = text(&login(&kit, &party).await, "refresh_token");
    let person = registry::find(&kit.state, "100").await.unwrap().unwrap();
    registry::set_status(&kit.state, person, Status::Disabled).await.unwrap();
    assert_eq!(told(&refresh(&kit, &party, &token).await), (400, "invalid_grant".into()));
}

/// The compatible mounts know no refresh: neither the grant nor the endpoints.
#[tokio::test]
async fn the_other_mounts_stay_as_they_were() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in [Mount::GovStack, Mount::ESignet] {
        let party = RelyingParty::with(&kit, mount, "clinic", Pair::new(Algorithm::Es256), refreshable).await;
        let body = party.redeem(&kit, &kit.code(&offline(&kit, &party, person)).await).await.json();
        assert!(body.get("refresh_token").is_none() && body.get("access_token").is_some(), "{mount:?} {body}");
        let unknown = if mount == Mount::GovStack { "invalid_request" } else { "unsupported_grant_type" };
        assert_eq!(told(&refresh(&kit, &party, "x").await), (400, unknown.into()));
        let metadata = kit.get(&format!("{}/.well-known/openid-configuration", mount.prefix()), None).await.json();
        for name in ["introspection_endpoint", "revocation_endpoint", "dpop_signing_alg_values_supported"] {
            assert!(metadata.get(name).is_none(), "{mount:?} {name}");
        }
        assert_eq!(metadata["grant_types_supported"], serde_json::json!(["authorization_code", "client_credentials"]));
    }
}

#[tokio::test]
async fn t20_c7_revocation_ends_what_is_the_clients_own_and_says_so_of_anything() {
    let kit = Kit::new().await;
    let (party, other) = (party(&kit, "clinic").await, party(&kit, "other").await);
    let body = login(&kit, &party).await;
    let (access, token) = (text(&body, "access_token"), text(&body, "refresh_token"));
    // C7: another client's, unknown ones.
    for foreign in [&access, &token, "x", &"A".repeat(64)] {
        assert_eq!(revoke(&kit, &other, &[("token", foreign)]).await.status, StatusCode::OK);
    }
    assert_eq!(kit.get(USERINFO, Some(&access)).await.status, StatusCode::OK);
    // An access token alone. The hint is a hint.
    let hint = [("token", access.as_str()), ("token_type_hint", "refresh_token")];
    let answer = revoke(&kit, &party, &hint).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "{}"));
    assert_eq!(kit.get(USERINFO, Some(&access)).await.status, StatusCode::UNAUTHORIZED);
    let newer = refresh(&kit, &party, &token).await.json();
    // A refresh token with all that came of it.
    let newest = text(&newer, "refresh_token");
    assert_eq!(revoke(&kit, &party, &[("token", &newest)]).await.status, StatusCode::OK);
    let dead = kit.get(USERINFO, Some(&text(&newer, "access_token"))).await;
    assert_eq!(dead.status, StatusCode::UNAUTHORIZED);
    assert_eq!(told(&refresh(&kit, &party, &newest).await), (400, "invalid_grant".into()));
    assert_eq!(revoke(&kit, &party, &[("token", &newest)]).await.status, StatusCode::OK);
    assert_eq!(told(&revoke(&kit, &party, &[]).await), (400, "invalid_request".into()));
    // Nobody revokes without saying who he is, or twice with one assertion (T12).
    let request = Request::post("/op/revoke").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = kit.send(request.body(Body::from(format!("token={access}"))).unwrap()).await;
    assert_eq!(told(&answer), (401, "invalid_client".into()));
}

/// C6: what is not known to be revoked is not said to be.
#[tokio::test]
async fn on_both_c6_a_broken_store_is_told_and_nothing_is_claimed() {
    for kit in Kit::both().await {
        let party = party(&kit, "clinic").await;
        let token = text(&login(&kit, &party).await, "refresh_token");
        let broken = kit
            .state
            .store
            .write(|tx| Box::pin(async move { crate::execute!(tx, "ALTER TABLE token_family RENAME TO gone") }));
        broken.await.unwrap();
        for answer in [revoke(&kit, &party, &[("token", &token)]).await, refresh(&kit, &party, &token).await] {
            assert_eq!(told(&answer), (503, "temporarily_unavailable".into()));
            assert!(answer.headers.contains_key(header::RETRY_AFTER));
        }
        let mended = kit
            .state
            .store
            .write(|tx| Box::pin(async move { crate::execute!(tx, "ALTER TABLE gone RENAME TO token_family") }));
        mended.await.unwrap();
        assert_eq!(refresh(&kit, &party, &token).await.status, StatusCode::OK);
    }
}

/// FAPI 2.0 §5.3.2.1: bound tokens, and refresh tokens that are not replaced. Without a proof nothing is given.
#[tokio::test]
async fn a_fapi2_client_gets_nothing_without_a_key() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::with(&kit, Mount::Op, "bank", Pair::new(Algorithm::Es256), |registration| {
        registration.profile = Profile::Fapi2;
        registration.grant_types = vec![GrantType::AuthorizationCode, GrantType::RefreshToken];
    });
    let party = party.await;
    let code = kit.code(&offline(&kit, &party, person)).await;
    assert_eq!(told(&party.redeem(&kit, &code).await), (400, "invalid_dpop_proof".into()));
}
