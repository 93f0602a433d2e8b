//! GS-OIDC-05, C1–C5 at every mount.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use protocol::jws::Algorithm;
use serde_json::json;

use super::checked;
use crate::clients::UserinfoType;
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::registry;
use crate::testkit::{Kit, Pair, RelyingParty};

fn path(mount: Mount) -> String {
    format!("{}{}", mount.prefix(), mount.dialect().userinfo_path)
}

async fn token(kit: &Kit, party: &RelyingParty, approval: &Approval) -> String {
    let answer = party.redeem(kit, &kit.code(approval).await).await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

#[tokio::test]
async fn gs_oidc_05_only_what_was_consented_to_as_the_mount_or_the_client_has_it() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let receiver = Pair::new(Algorithm::Rs256);
    for mount in Mount::ISSUERS {
        for form in [UserinfoType::Unset, UserinfoType::Jws, UserinfoType::Jwe] {
            let (id, pair) = (format!("{form:?}"), Pair::new(Algorithm::Es256));
            let party = RelyingParty::with(&kit, mount, &id, pair, |registration| {
                registration.additional.userinfo_response_type = form;
                registration.enc_jwk = Some(receiver.public.clone());
            });
            let party = party.await;
            let access_token = token(&kit, &party, &party.approval(&kit, person)).await;
            let answer = kit.get(&path(mount), Some(&access_token)).await;
            assert_eq!(answer.status, StatusCode::OK, "{mount:?} {form:?}");
            assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
            let sub = registry::subject(&kit.state, person, &format!("party of {form:?}"));
            let mut expected = json!({ "sub": sub, "name": "Asha Rao", "birthdate": "1990-02-03" });
            let media = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
            if mount == Mount::Op && form == UserinfoType::Unset {
                assert_eq!((media, answer.json()), ("application/json", expected));
                continue;
            }
            assert_eq!(media, "application/jwt");
            let signed = if form == UserinfoType::Jwe {
                let decrypter = RsaOaep256.decrypter_from_jwk(&receiver.private).unwrap();
                let (content, outer) = josekit::jwe::deserialize_compact(&answer.text, &decrypter).unwrap();
                assert_eq!(outer.claim("cty"), Some(&json!("JWT")));
                String::from_utf8(content).unwrap()
            } else {
                answer.text.clone()
            };
            let issuer = kit.state.issuer(mount);
            expected["iss"] = json!(issuer);
            expected["aud"] = json!(party.id);
            expected["iat"] = json!(kit.state.clock.now() / 1000);
            assert_eq!(checked(&kit, mount, &signed).await, expected, "{mount:?} {form:?}");
        }
    }
}

/// C1, C2, C3: what is no living access token of this mount.
#[tokio::test]
async fn c1_c2_c3_other_tokens_and_other_places_are_refused() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let code = kit.code(&party.approval(&kit, person)).await;
        let body = party.redeem(&kit, &code).await.json();
        let good = body["access_token"].as_str().unwrap();
        let mut altered = good.to_owned();
        altered.replace_range(30..31, if good.as_bytes()[30] == b'A' { "B" } else { "A" });
        let unused = kit.code(&party.approval(&kit, person)).await;
        let assertion = party.assertion(&party.claims(&kit));
        for bad in [altered.as_str(), "x", body["id_token"].as_str().unwrap(), &assertion, &unused] {
            let answer = kit.get(&path(mount), Some(bad)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
            assert!(challenge.starts_with("Bearer ") && challenge.contains(r#"error="invalid_token""#), "{challenge}");
            assert_eq!(answer.text, "");
        }
        // Another issuer's token.
        for other in Mount::ISSUERS.into_iter().filter(|other| *other != mount) {
            assert_eq!(kit.get(&path(other), Some(good)).await.status, StatusCode::UNAUTHORIZED);
        }
        // C3: nowhere but in the header, and at the standard mount in a form.
        let query = format!("{}?access_token={good}", path(mount));
        let answer = kit.get(&query, None).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let challenge = answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap();
        let expected = match mount {
            Mount::GovStack => r#"Bearer error="invalid_token""#,
            Mount::ESignet => r#"Bearer error="missing_header""#,
            _ => "Bearer",
        };
        assert_eq!(challenge, expected);
        let form = Request::post(path(mount)).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = kit.send(form.body(Body::from(format!("access_token={good}"))).unwrap()).await;
        let expected = if mount == Mount::Op { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(answer.status, expected, "{mount:?}");
        let basic = Request::get(path(mount)).header(header::AUTHORIZATION, format!("Basic {good}"));
        assert_eq!(kit.send(basic.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED);
        // Expired.
        assert_eq!(kit.get(&path(mount), Some(good)).await.status, StatusCode::OK);
        kit.clock.advance_seconds(3600);
        assert_eq!(kit.get(&path(mount), Some(good)).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// C4, and C2 for a client's own token.
#[tokio::test]
async fn c4_a_token_without_openid_is_forbidden() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for mount in Mount::ISSUERS {
        let party = RelyingParty::new(&kit, mount, "clinic").await;
        let approval = Approval { scopes: vec!["profile".into()], ..party.approval(&kit, person) };
        let login = token(&kit, &party, &approval).await;
        let own = party.ask(&kit, &[("grant_type", "client_credentials")]).await.json();
        for token in [login.as_str(), own["access_token"].as_str().unwrap()] {
            let answer = kit.get(&path(mount), Some(token)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            assert!(answer.headers[header::WWW_AUTHENTICATE].to_str().unwrap().contains("insufficient_scope"));
        }
    }
}

/// GS-PRI: a JWE that cannot be made is not replaced by something readable.
#[tokio::test]
async fn what_must_be_encrypted_never_leaves_in_clear() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::with(&kit, Mount::ESignet, "clinic", Pair::new(Algorithm::Es256), |registration| {
        registration.additional.userinfo_response_type = UserinfoType::Jwe;
    });
    let party = party.await;
    let access_token = token(&kit, &party, &party.approval(&kit, person)).await;
    let answer = kit.get(&path(Mount::ESignet), Some(&access_token)).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::SERVICE_UNAVAILABLE, ""));
}

/// RFC 6750 §2.2, at the standard mount: one token, in the header or in the form of a POST.
#[tokio::test]
async fn c3_a_token_may_come_in_a_form() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let party = RelyingParty::new(&kit, Mount::Op, "clinic").await;
    let good = token(&kit, &party, &party.approval(&kit, person)).await;
    let own = party.ask(&kit, &[("grant_type", "client_credentials")]).await.json();
    let own = own["access_token"].as_str().unwrap().to_owned();
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    for (media, body, header_too, expected) in [
        (form, format!("access_token={good}"), false, 200),
        (form, String::new(), true, 200),
        (form, "theirs=1".to_owned(), true, 200),
        ("application/json", "{}".to_owned(), true, 200),
        (form, format!("access_token={good}"), true, 400),
        (form, format!("access_token={good}&access_token={good}"), false, 400),
        (form, String::new(), false, 401),
        (form, "access_token=x".to_owned(), false, 401),
        ("application/json", format!("access_token={good}"), false, 401),
        (form, format!("access_token={own}"), false, 403),
    ] {
        let mut request = Request::post("/op/userinfo").header(header::CONTENT_TYPE, media);
        if header_too {
            request = request.header(header::AUTHORIZATION, format!("Bearer {good}"));
        }
        let answer = kit.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status.as_u16(), expected, "{media} {body}");
        if expected == 200 {
            assert_eq!(answer.json()["name"], "Asha Rao");
        } else {
            assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE) && answer.text.is_empty());
        }
    }
    // A GET has no form.
    let get = Request::get("/op/userinfo").header(header::CONTENT_TYPE, form);
    let answer = kit.send(get.body(Body::from(format!("access_token={good}"))).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}
