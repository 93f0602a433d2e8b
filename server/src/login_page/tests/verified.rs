//! Verified claims as the conformance suite's plan for OpenID Identity Assurance asks for them: by the `claims` parameter, in
//! ID token and userinfo, agreed to on the page.

use serde_json::Value;

use super::*;
use crate::config::{Assurance, Config};
use crate::registry::{self, Identifier, IdentifierKind, NewPerson};
use crate::testkit::{Pair, RelyingParty};

/// Somebody whose given name and date of birth were verified, and a relying party that may ask for more.
async fn stage() -> (Kit, RelyingParty) {
    let assurance = Assurance {
        trust_frameworks: vec!["national_id".into()],
        evidence: vec!["document".into()],
        documents: vec!["idcard".into()],
        ..Assurance::default()
    };
    let kit = Kit::with(Config { assurance, ..Config::default() }).await;
    let verifications = json!([{
        "trust_framework": "national_id", "time": "2025-12-01T10:00:00Z", "claims": ["given_name", "birthdate"],
        "evidence": [
            { "type": "document", "document_details": { "type": "idcard", "document_number": "AB1" } }
        ]
    }]);
    let attributes = json!({ "given_name": "Amina", "birthdate": "1990-02-28", "email": "amina@example.org" });
    let person = NewPerson {
        identifiers: vec![Identifier { kind: IdentifierKind::Uin, value: UIN.into() }],
        attributes: attributes.as_object().unwrap().clone(),
        verifications: serde_json::from_value(verifications).unwrap(),
        ..NewPerson::default()
    };
    let person = registry::add(&kit.state, person).await.unwrap();
    crate::factors::set_pin(&kit.state, person, PIN).await.unwrap();
    let shop = RelyingParty::with(&kit, Mount::Op, "shop", Pair::new(protocol::jws::Algorithm::Es256), |shop| {
        shop.user_claims = ["given_name", "birthdate", "email"].map(String::from).to_vec();
    })
    .await;
    (kit, shop)
}

/// Logs in with this `claims` parameter and agrees to all of it; what the ID token and userinfo say.
async fn told_of(kit: &Kit, shop: &RelyingParty, claims: &Value, agreed: &[&str]) -> (Value, Value) {
    let mut visitor = Visitor::new(kit, Mount::Op);
    visitor.authorize(&[("client_id", "shop"), ("claims", &claims.to_string())]).await;
    let mut answer = visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
    if answer.status == StatusCode::OK {
        let agreed: Vec<(&str, &str)> = agreed.iter().map(|name| ("claim", *name)).collect();
        answer = visitor.submit("consent", &agreed).await;
    }
    let tokens = shop.redeem(kit, &told(&answer)["code"]).await.json();
    let id_token = tokens["id_token"].as_str().unwrap_or_else(|| panic!("{tokens}"));
    let id_token = protocol::base64url::decode(id_token.split('.').nth(1).unwrap()).unwrap();
    let userinfo = kit.get("/op/userinfo", tokens["access_token"].as_str()).await.json();
    (serde_json::from_slice(&id_token).unwrap(), userinfo)
}

fn asked(claims: &Value) -> Value {
    json!({ "verification": { "trust_framework": null }, "claims": claims })
}

#[tokio::test]
async fn what_was_verified_is_told_where_it_was_asked_for() {
    let (kit, shop) = stage().await;
    let verified = json!({ "verification": { "trust_framework": "national_id" }, "claims": { "given_name": "Amina" } });
    for any in [Value::Null, json!({}), json!({ "essential": false })] {
        let one = asked(&json!({ "given_name": any, "claim%1/a&,.b": null, "theirs": { "essential": true } }));
        let both =
            json!({ "id_token": { "verified_claims": one }, "userinfo": { "verified_claims": one, "email": null } });
        let (id_token, userinfo) = told_of(&kit, &shop, &both, &["given_name", "email"]).await;
        assert_eq!((&id_token["verified_claims"], &userinfo["verified_claims"]), (&verified, &verified));
        assert_eq!(userinfo["email"], "amina@example.org");
        assert!(userinfo.get("given_name").is_none(), "what was asked for as verified is told as nothing else");
    }
    let only = json!({ "id_token": { "verified_claims": asked(&json!({ "given_name": null })) } });
    let (id_token, userinfo) = told_of(&kit, &shop, &only, &["given_name"]).await;
    assert_eq!((&id_token["verified_claims"], userinfo.get("verified_claims")), (&verified, None));
}

#[tokio::test]
async fn what_was_not_verified_not_agreed_to_or_is_of_no_use_is_not_told() {
    let (kit, shop) = stage().await;
    for (claims, agreed) in [
        (json!({ "given_name": { "value": "47f0" } }), &["given_name"][..]),
        (json!({ "email": null }), &["email"]),
        (json!({ "given_name": null }), &[]),
    ] {
        let request = json!({ "userinfo": { "verified_claims": asked(&claims) } });
        let (_, userinfo) = told_of(&kit, &shop, &request, agreed).await;
        assert!(userinfo.get("verified_claims").is_none() && userinfo["sub"].is_string(), "{userinfo}");
    }
}

#[tokio::test]
async fn evidence_is_told_where_it_is_asked_for() {
    let (kit, shop) = stage().await;
    let request = json!({ "userinfo": { "verified_claims": {
        "verification": {
            "trust_framework": { "value": "national_id" },
            "time": { "max_age": 100_000_000 },
            "evidence": [{ "type": { "value": "document" }, "document_details": { "type": null } }]
        },
        "claims": { "birthdate": { "essential": true, "purpose": "to know <b>your</b> age" } }
    } } });
    let (_, userinfo) = told_of(&kit, &shop, &request, &[]).await;
    let verification = &userinfo["verified_claims"]["verification"];
    assert_eq!(verification["time"], "2025-12-01T10:00:00Z");
    assert_eq!(verification["evidence"], json!([{ "type": "document", "document_details": { "type": "idcard" } }]));
    assert_eq!(userinfo["verified_claims"]["claims"], json!({ "birthdate": "1990-02-28" }));
}

#[tokio::test]
async fn requests_that_the_standard_does_not_know_are_refused() {
    let (kit, _) = stage().await;
    for bad in [
        json!({}),
        json!([]),
        json!({ "verification": { "trust_framework": null }, "claims": {} }),
        json!({ "verification": {}, "claims": { "given_name": null } }),
        json!({ "verification": { "trust_framework": null }, "claims": { "given_name": { "purpose": "ab" } } }),
    ] {
        let claims = json!({ "userinfo": { "verified_claims": bad } }).to_string();
        let back = told(&Visitor::new(&kit, Mount::Op).authorize(&[("client_id", "shop"), ("claims", &claims)]).await);
        assert_eq!(back["error"], "invalid_request", "{bad}");
    }
    let document = kit.get("/op/.well-known/openid-configuration", None).await.json();
    assert_eq!(document["verified_claims_supported"], true);
    assert_eq!(document["trust_frameworks_supported"], json!(["national_id"]));
}
