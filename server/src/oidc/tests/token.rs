//! GS-OIDC-03, GS-OIDC-04, T1–T8 through the token endpoints.

use axum::http::{StatusCode, header};
use protocol::base64url;
use protocol::jws::{Algorithm, Jws};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{checked, told};
use crate::clients::{GrantType, UserinfoType};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::registry;
use crate::testkit::{Kit, Pair, RelyingParty};

/// What a bad code, a bad redirect URI are called on each mount.
fn names(mount: Mount) -> (&'static str, &'static str) {
    match mount {
        Mount::GovStack => ("invalid_transaction", "invalid_redirect_uri"),
        _ => ("invalid_grant", "invalid_grant"),
    }
}

#[tokio::test]
async fn gs_oidc_03_a_code_gives_an_id_token_and_an_access_token() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let approval = Approval { id_token_claims: vec!["birthdate".into()], ..party.approval(&kit, person) };
        let code = kit.code(&approval).await;
        let answer = party.redeem(&kit, &code).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers[header::PRAGMA], "no-cache");
        let body = answer.json();
        assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
        assert_eq!(body["scope"], "openid profile");
        let access_token = body["access_token"].as_str().unwrap();
        assert_eq!(access_token.len(), 64);
        let claims = checked(&kit, mount, body["id_token"].as_str().unwrap()).await;
        let now = kit.state.clock.now() / 1000;
        let sub = registry::subject(&kit.state, person, "party of clinic");
        let at_hash = base64url::encode(&Sha256::digest(access_token)[..16]);
        assert_eq!(
            claims,
            json!({
                "iss": kit.state.issuer(mount), "sub": sub, "aud": "clinic", "exp": now + 3600, "iat": now,
                "auth_time": now - 5, "nonce": "their nonce", "acr": "mosip:idp:acr:generated-code", "amr": ["OTP"],
                "at_hash": at_hash, "birthdate": "1990-02-03"
            })
        );
    }
}

/// A client of the eSignet or the standard mount may have RS256, as eSignet signed before 1.8; others see no difference.
#[tokio::test]
async fn a_client_that_registered_rs256_gets_rs256_in_id_token_and_userinfo() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for (mount, default) in [(Mount::ESignet, Algorithm::Ps256), (Mount::Op, Algorithm::Es256)] {
        for (id, registered) in [("older", Some(Algorithm::Rs256)), ("newer", None)] {
            let party = RelyingParty::with(&kit, mount, id, Pair::new(Algorithm::Es256), |registration| {
                registration.id_token_alg = registered;
                registration.additional.userinfo_response_type = UserinfoType::Jws;
            });
            let party = party.await;
            let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
            let userinfo = format!("{}{}", mount.prefix(), mount.dialect().userinfo_path);
            let userinfo = kit.get(&userinfo, body["access_token"].as_str()).await.text;
            for token in [body["id_token"].as_str().unwrap(), &userinfo] {
                assert_eq!(checked(&kit, mount, token).await["aud"], id);
                assert_eq!(Jws::parse(token).unwrap().header().alg, registered.unwrap_or(default));
            }
        }
        let metadata = kit.get(&format!("{}/.well-known/openid-configuration", mount.prefix()), None).await.json();
        let signing: Vec<&str> = mount.dialect().signing.iter().map(|alg| alg.name()).collect();
        assert_eq!(signing[..2], [default.name(), "RS256"]);
        assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(signing));
        assert_eq!(metadata["userinfo_signing_alg_values_supported"], json!(signing));
    }
}

#[tokio::test]
async fn gs_oidc_04_t1_t3_t4_t7_t8_refusals_have_the_mounts_names() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in Mount::ISSUERS {
        let (bad_code, bad_uri) = names(mount);
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let other = RelyingParty::new(&kit, mount, "other").await;
        let code = kit.code(&party.approval(&kit, person)).await;
        let grant = ("grant_type", "authorization_code");
        // T3, T4, T7: none of these uses it up.
        assert_eq!(told(&other.redeem(&kit, &code).await), (400, bad_code.into()));
        assert_eq!(told(&party.redeem(&kit, &code[1..]).await), (400, bad_code.into()));
        for uri in ["https://rp.test/CB", "https://rp.test/cb/", "https://evil.test/cb"] {
            let answer = party.ask(&kit, &[grant, ("code", &code), ("redirect_uri", uri)]).await;
            assert_eq!(told(&answer), (400, bad_uri.into()), "{uri}");
        }
        assert_eq!(told(&party.ask(&kit, &[grant, ("code", &code)]).await), (400, bad_uri.into()));
        let missing = if mount == Mount::GovStack { "invalid_input" } else { "invalid_request" };
        assert_eq!(told(&party.ask(&kit, &[grant]).await), (400, missing.into()));
        // T1: once, and then what it gave is dead.
        let access_token = party.redeem(&kit, &code).await.json()["access_token"].as_str().unwrap().to_owned();
        let userinfo = format!("{}{}", mount.prefix(), mount.dialect().userinfo_path);
        assert_eq!(kit.get(&userinfo, Some(&access_token)).await.status, StatusCode::OK);
        assert_eq!(told(&party.redeem(&kit, &code).await), (400, bad_code.into()));
        assert_eq!(kit.get(&userinfo, Some(&access_token)).await.status, StatusCode::UNAUTHORIZED);
        // T8
        let late = kit.code(&party.approval(&kit, person)).await;
        kit.clock.advance_seconds(61);
        assert_eq!(told(&party.redeem(&kit, &late).await), (400, bad_code.into()));
    }
}

/// T5, T6: RFC 7636, appendix B.
#[tokio::test]
async fn t5_t6_a_code_challenge_can_neither_be_left_out_nor_be_added() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let verifier = ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let plain = party.approval(&kit, person);
        let challenge = Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into());
        let with = kit.code(&Approval { code_challenge: challenge, ..plain.clone() }).await;
        let without = kit.code(&plain).await;
        let form =
            |code| [("grant_type", "authorization_code"), ("redirect_uri", "https://rp.test/cb"), ("code", code)];
        let ask = async |code, extra: &[(&str, &str)]| party.ask(&kit, &[&form(code), extra].concat()).await;
        let refused = (400, names(mount).0.to_owned());
        assert_eq!(told(&ask(&with, &[]).await), refused);
        assert_eq!(told(&ask(&with, &[("code_verifier", "")]).await), refused);
        assert_eq!(told(&ask(&without, &[verifier]).await), refused);
        assert_eq!(ask(&with, &[verifier]).await.status, StatusCode::OK);
        assert_eq!(ask(&without, &[]).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn without_openid_there_is_no_id_token_and_without_the_grant_there_is_nothing() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let approval =
        Approval { scopes: Vec::new(), permitted_scopes: vec!["Manage-VID".into()], ..party.approval(&kit, person) };
    let body = party.redeem(&kit, &kit.code(&approval).await).await.json();
    assert_eq!((body.get("id_token"), body["scope"].as_str()), (None, Some("Manage-VID")));
    for (mount, error) in
        [(Mount::GovStack, "invalid_request"), (Mount::ESignet, "invalid_request"), (Mount::Op, "unauthorized_client")]
    {
        let pair = Pair::new(Algorithm::Es256);
        let machine = RelyingParty::with(&kit, mount, "machine", pair, |registration| {
            registration.grant_types = vec![GrantType::ClientCredentials];
        });
        let machine = machine.await;
        let code = kit.code(&machine.approval(&kit, person)).await;
        assert_eq!(told(&machine.redeem(&kit, &code).await), (400, error.into()));
    }
}

/// The ID token ends with the consent; nothing is given for one who is disabled meanwhile.
#[tokio::test]
async fn an_ended_consent_or_a_disabled_person_ends_tokens() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let ends = kit.state.clock.now() + 120_000;
    let approval = Approval { consent_expires: Some(ends), ..party.approval(&kit, person) };
    let body = party.redeem(&kit, &kit.code(&approval).await).await.json();
    assert_eq!(body["expires_in"], 120);
    assert_eq!(checked(&kit, Mount::Op, body["id_token"].as_str().unwrap()).await["exp"], ends / 1000);
    let code = kit.code(&party.approval(&kit, person)).await;
    registry::set_status(&kit.state, person, registry::Status::Disabled).await.unwrap();
    assert_eq!(told(&party.redeem(&kit, &code).await), (400, "invalid_grant".into()));
    let userinfo = kit.get("/op/userinfo", body["access_token"].as_str()).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
}
