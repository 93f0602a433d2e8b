//! Access while the person is away (`offline_access`), as far as the profile has rules of its own for it.

use axum::http::StatusCode;
use serde_json::Value;

use super::{approval, ask, config, jan, party_with};
use crate::clients::{GrantType, Registration};
use crate::grants::Approval;
use crate::registry::PersonId;
use crate::testkit::{Answer, Kit, RelyingParty};

pub(super) fn refreshable(registration: &mut Registration) {
    registration.grant_types.push(GrantType::RefreshToken);
}

/// What a person agreed to who permitted access while away.
pub(super) fn offline(kit: &Kit, party: &RelyingParty, person: PersonId) -> Approval {
    let scopes = ["openid", "profile.name", "profile.email", "offline_access"].map(str::to_owned);
    Approval { offline: true, ..approval(kit, party, person, &scopes) }
}

fn claims(body: &Value) -> Value {
    protocol::jws::Jws::parse(body["id_token"].as_str().unwrap()).unwrap().claims().unwrap()
}

async fn refresh(kit: &Kit, party: &RelyingParty, fields: &[(&str, &str)]) -> Answer {
    party.ask(kit, &[&[("grant_type", "refresh_token")], fields].concat()).await
}

/// BID-END-02, BID-131-01, BID-LNK-11: no redirect URI is needed, the scope may be left out and not widened, and the new ID
/// token has all that one must have.
#[tokio::test]
async fn bid_end_02_bid_131_01_a_refresh_token_gives_new_tokens() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party_with(&kit, "shop", refreshable).await);
        let first = shop.redeem(&kit, &kit.code(&offline(&kit, &shop, person)).await).await.json();
        assert_eq!(first["scope"], "openid profile.name profile.email offline_access");
        let sent = |body: &Value| body["refresh_token"].as_str().unwrap().to_owned();
        let answer = refresh(&kit, &shop, &[("refresh_token", &sent(&first))]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let second = answer.json();
        for member in ["access_token", "token_type", "refresh_token", "expires_in", "id_token"] {
            assert!(second.get(member).is_some(), "{member}");
        }
        let (before, after) = (claims(&first), claims(&second));
        for same in ["iss", "sub", "aud", "auth_time", "acr", "amr", "nonce"] {
            assert!(before[same] == after[same] && !before[same].is_null(), "{same}");
        }
        let told = ask(&kit, "/userinfo", second["access_token"].as_str().unwrap()).await.json();
        assert_eq!((&told["given_name"], &told["sub"]), (&"Jan".into(), &after["sub"]));
        let wide = [("refresh_token", sent(&second)), ("scope", "openid profile.addresses".to_owned())];
        let wide = refresh(&kit, &shop, &wide.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        assert_eq!((wide.status, &wide.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_scope".into()));
        let narrow = [("refresh_token", sent(&second)), ("scope", "openid profile.name".to_owned())];
        let narrow = refresh(&kit, &shop, &narrow.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
        let third = narrow.json();
        assert_eq!(third["scope"], "openid profile.name");
        let told = ask(&kit, "/userinfo", third["access_token"].as_str().unwrap()).await.json();
        assert!(told.get("given_name").is_some() && told.get("email").is_none(), "{told}");
        // RFC 9700 §4.14.2, as everywhere: who comes with a replaced one ends them all.
        let again = refresh(&kit, &shop, &[("refresh_token", &sent(&first))]).await;
        assert_eq!((again.status, &again.json()["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));
        let ended = ask(&kit, "/userinfo", third["access_token"].as_str().unwrap()).await;
        assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    }
}

/// Contradiction 1 of docs/bankid.md: a refresh token is for whoever asked for it, may have it and was permitted it.
#[tokio::test]
async fn no_refresh_token_without_the_scope_or_the_grant() {
    let kit = Kit::with(config()).await;
    let person = jan(&kit).await;
    let shop = party_with(&kit, "shop", refreshable).await;
    let online = Approval { offline: false, ..offline(&kit, &shop, person) };
    let other = party_with(&kit, "other", |_| ()).await;
    for (party, approval) in [(&shop, online), (&other, offline(&kit, &other, person))] {
        let body = party.redeem(&kit, &kit.code(&approval).await).await.json();
        assert!(body.get("refresh_token").is_none() && body["access_token"].is_string());
    }
}
