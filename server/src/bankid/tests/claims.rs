//! What the two claim endpoints tell.

use axum::http::{StatusCode, header};
use serde_json::{Map, Value, json};

use super::{approval, ask, config, every_scope, jan, jans_attributes, party, tokens};
use crate::bankid::banks::BankList;
use crate::config::{Bank, BankId, BankService, Config};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::registry::{self, Change};
use crate::testkit::{Kit, START};

/// BID-113-01, BID-CLM-02, 03, 05, 06, 07, BID-TXN-01, BID-END-04, BID-END-05, BID-124-03, BID-117-02: one request per scope
/// returns exactly its claims, beside `sub` and `txn`.
#[tokio::test]
async fn bid_113_01_each_scope_gives_its_claims_and_no_others() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
        let mut known = jans_attributes();
        known["age"] = json!(55);
        known["majority"] = json!(true);
        known["updated_at"] = json!(START / 1000);
        let sub = registry::subject(&kit.state, person, "party of shop");
        let alone = vec!["openid".to_owned()];
        let with =
            Mount::BankId.dialect().claim_scopes.iter().map(|scope| vec!["openid".to_owned(), scope.name.to_owned()]);
        for scopes in [alone].into_iter().chain(with) {
            let approval = approval(&kit, &shop, person, &scopes);
            let (token, _) = tokens(&kit, &shop, &approval).await;
            let asks = scopes.get(1).and_then(|scope| Mount::BankId.dialect().claim_scope(scope));
            for (path, names) in [
                ("/userinfo", asks.map_or(&[][..], |scope| scope.userinfo)),
                ("/profile", asks.map_or(&[][..], |scope| scope.profile)),
            ] {
                let answer = ask(&kit, path, &token).await;
                assert_eq!(answer.status, StatusCode::OK, "{path} {scopes:?}: {}", answer.text);
                assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
                let login = kit.state.audit.login_name(approval.login.unwrap());
                let mut expected: Map<String, Value> =
                    names.iter().filter_map(|name| Some(((*name).to_owned(), known.get(*name)?.clone()))).collect();
                expected.insert("sub".into(), sub.clone().into());
                expected.insert("txn".into(), format!("{login}:{}", scopes.join(":")).into());
                assert_eq!(answer.json(), Value::Object(expected), "{path} {scopes:?}");
            }
        }
    }
}

/// BID-CLM-04: what is not known is left out, in both answers, at every depth.
#[tokio::test]
async fn bid_clm_04_nothing_is_null_or_empty() {
    fn empty(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(all) => all.is_empty() || all.iter().any(empty),
            Value::Object(all) => all.values().any(empty),
            Value::Bool(_) | Value::Number(_) => false,
        }
    }
    let kit = Kit::with(config()).await;
    let (poor, shop) = (kit.person("100").await, party(&kit, "shop").await);
    for person in [poor, jan(&kit).await] {
        let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
        for path in ["/userinfo", "/profile"] {
            let told = ask(&kit, path, &token).await.json();
            assert!(told["sub"].is_string() && !empty(&told), "{told}");
            assert!(told.get("date_of_death").is_none());
        }
    }
    let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, poor, &every_scope())).await;
    assert!(ask(&kit, "/profile", &token).await.json().get("maritalstatus").is_none());
}

/// BID-LNK-11, BID-200-03, BID-200-07, BID-CLM-05.
#[tokio::test]
async fn bid_lnk_11_the_id_token_says_who_and_how_and_nothing_else() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let (token, id_token) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
    let claims = protocol::jws::Jws::parse(&id_token).unwrap().claims::<Value>().unwrap();
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    for needed in ["iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sub"] {
        assert!(names.contains(&needed), "{needed}");
    }
    for absent in ["sid", "outdated_subs", "name", "txn", "email"] {
        assert!(!names.contains(&absent), "{absent}");
    }
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("loa3"), &json!(["hwk", "mca"])));
    for path in ["/userinfo", "/profile"] {
        assert_eq!(ask(&kit, path, &token).await.json()["sub"], claims["sub"]);
    }
}

/// A key that nobody attested is told as software, for `pop` is not among the document's methods.
#[tokio::test]
async fn a_key_without_attestation_is_told_as_software() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let approval = Approval { amr: vec!["pin".into(), "pop".into()], ..approval(&kit, &shop, person, &every_scope()) };
    let (_, id_token) = tokens(&kit, &shop, &approval).await;
    let claims = protocol::jws::Jws::parse(&id_token).unwrap().claims::<Value>().unwrap();
    assert_eq!(claims["amr"], json!(["pin", "swk"]));
}

/// BID-112-01, BID-REF-07: refusals in the body, 401 and 403 as the document has them, on all three calls.
#[tokio::test]
async fn bid_112_01_refusals_have_a_body_and_an_ended_token_is_403() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
        let whole = approval(&kit, &shop, person, &every_scope());
        let (token, id_token) = tokens(&kit, &shop, &whole).await;
        let without = Approval { scopes: vec!["profile.name".into()], ..whole };
        let without =
            shop.redeem(&kit, &kit.code(&without).await).await.json()["access_token"].as_str().unwrap().to_owned();
        let told = |answer: &crate::testkit::Answer| {
            assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
            assert_eq!(answer.headers["traceid"].len(), 16);
            let body = answer.json();
            assert!(body["error_description"].is_string(), "{}", answer.text);
            (answer.status.as_u16(), body["error"].as_str().unwrap().to_owned())
        };
        let unauthorized = (401, "UNAUTHORIZED".to_owned());
        for path in ["/userinfo", "/profile", "/api/v1/banks"] {
            assert_eq!(told(&kit.get(&format!("/bankid{path}"), None).await), unauthorized, "{path}");
            for bad in ["x", &id_token, &format!("{}A", &token[..63])] {
                assert_eq!(told(&ask(&kit, path, bad).await), unauthorized, "{path}");
            }
            assert_eq!(ask(&kit, path, &token).await.status, StatusCode::OK, "{path}");
        }
        for path in ["/userinfo", "/profile"] {
            assert_eq!(told(&ask(&kit, path, &without).await), (403, "FORBIDDEN".into()), "{path}");
        }
        kit.clock.advance_seconds(3600);
        for path in ["/userinfo", "/profile", "/api/v1/banks"] {
            assert_eq!(told(&ask(&kit, path, &token).await), (403, "FORBIDDEN".into()), "{path}");
        }
        // Also once it was forgotten.
        kit.clock.advance_seconds(3600);
        while crate::grants::expire(&kit.state).await.unwrap() > 0 {}
        assert_eq!(told(&ask(&kit, "/profile", &token).await), (403, "FORBIDDEN".into()));
    }
}

/// Another issuer's token is nobody's here, and this one's nobody's there.
#[tokio::test]
async fn tokens_stay_on_their_mount() {
    let kit = Kit::with(config()).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
    assert_eq!(kit.get("/op/userinfo", Some(&token)).await.status, StatusCode::UNAUTHORIZED);
    let other = crate::testkit::RelyingParty::new(&kit, Mount::Op, "shop").await;
    let theirs = other.redeem(&kit, &kit.code(&other.approval(&kit, person)).await).await.json();
    for path in ["/userinfo", "/profile", "/api/v1/banks"] {
        assert_eq!(ask(&kit, path, theirs["access_token"].as_str().unwrap()).await.status, StatusCode::UNAUTHORIZED);
    }
}

/// BID-END-11, BID-1117-01, BID-125-02.
#[tokio::test]
async fn bid_end_11_the_list_of_banks_is_the_configurations() {
    let bank = |id: &str, clients: &[&str]| Bank {
        id: id.into(),
        title: format!("Bank {id}"),
        description: None,
        available_logo_images: Vec::new(),
        available_services: vec![BankService::Authentication, BankService::Notification],
        clients: clients.iter().map(|client| (*client).to_owned()).collect(),
    };
    let banks = vec![bank("1", &[]), bank("2", &["shop"]), bank("3", &["other"])];
    let kit = Kit::with(Config { bankid: BankId { banks }, ..config() }).await;
    let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
    let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &["openid".to_owned()])).await;
    let ids = async |path: &str| -> Vec<String> {
        let list = ask(&kit, path, &token).await.json();
        list["items"].as_array().unwrap().iter().map(|bank| bank["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("/api/v1/banks").await, ["1", "2", "3"]);
    assert_eq!(ids("/api/v1/banks?client_id=shop").await, ["1", "2"]);
    assert_eq!(ids("/api/v1/banks?client_id=").await, ["1", "2", "3"]);
    let first = ask(&kit, "/api/v1/banks", &token).await.json()["items"][0].clone();
    let services = json!(["AUTHENTICATION", "NOTIFICATION"]);
    assert_eq!(
        first,
        json!({ "id": "1", "title": "Bank 1", "available_logo_images": [], "available_services": services })
    );
    let schema = schemars::schema_for!(BankList);
    assert!(schema.to_value()["properties"]["items"].is_object());
}

/// A change is seen at once; what is refused changes nothing.
#[tokio::test]
async fn a_changed_person_is_told_as_changed() {
    for kit in Kit::both_with(&config()).await {
        let (person, shop) = (jan(&kit).await, party(&kit, "shop").await);
        let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
        let set = |name: &str, value: Value| Change {
            set: [(name.to_owned(), value)].into_iter().collect(),
            ..Change::default()
        };
        kit.clock.advance_seconds(10);
        let changed = registry::change(&kit.state, person, set("maritalstatus", json!("SEPARATED"))).await.unwrap();
        assert_eq!(changed, ["maritalstatus"]);
        let told = ask(&kit, "/profile", &token).await.json();
        assert_eq!((&told["maritalstatus"], &told["updated_at"]), (&json!("SEPARATED"), &json!(START / 1000 + 10)));
        assert!(registry::change(&kit.state, person, set("maritalstatus", json!("HAPPY"))).await.is_err());
        let without = Change { unset: vec!["birthnumber".into()], ..Change::default() };
        assert!(registry::change(&kit.state, person, without).await.is_err());
        assert_eq!(ask(&kit, "/profile", &token).await.json(), told);
        assert!(
            registry::change(&kit.state, person, set("maritalstatus", json!("SEPARATED"))).await.unwrap().is_empty()
        );
        let note = registry::oldest_change(&kit.state).await.unwrap().unwrap();
        assert_eq!((note.person, note.claims, note.at), (person, vec!["maritalstatus".to_owned()], START + 10_000));
        let nobody = registry::PersonId(1);
        let error = registry::change(&kit.state, nobody, set("email", json!("a@b.cz"))).await.unwrap_err();
        assert!(matches!(error, registry::ChangeError::Unknown));
    }
}

/// BID-VFC-01, 02, 04, 05, 06, 07, BID-118-01, BID-128-02: what was verified by the law is told once more in its container,
/// with who verified it, at `/profile` alone, and no longer once it changed.
#[tokio::test]
async fn bid_vfc_01_verified_claims_are_what_was_verified_and_granted() {
    for kit in Kit::both_with(&config()).await {
        let shop = party(&kit, "shop").await;
        let verification = json!({
            "trust_framework": "cz_aml", "time": "2015-04-05T14:31:22+02:00", "verification_process": "45244782",
            "claims": ["given_name", "family_name", "birthdate", "birthcountry", "birthnumber"]
        });
        let other = json!({ "trust_framework": "de_aml", "claims": ["email"] });
        let person = json!({
            "identifiers": [{ "kind": "uin", "value": "7008010147" }], "attributes": jans_attributes(),
            "verifications": [other, verification]
        });
        let read = registry::person_file::read(&person.to_string()).unwrap();
        let person = registry::add(&kit.state, read.into_iter().next().unwrap().person).await.unwrap();
        let scopes = [
            "openid",
            "profile.name",
            "profile.birthdate",
            "profile.birthplaceNationality",
            "profile.email",
            "profile.verification",
        ];
        let scopes = scopes.map(str::to_owned);
        let (token, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &scopes)).await;
        let told = ask(&kit, "/profile", &token).await.json();
        let by = json!({
            "trust_framework": "cz_aml", "time": "2015-04-05T14:31:22+02:00", "verification_process": "45244782"
        });
        let claims = json!({
            "given_name": "Jan", "family_name": "Novák", "birthdate": "1970-08-01", "age": 55, "birthcountry": "CZ"
        });
        assert_eq!(told["verified_claims"], json!({ "verification": by, "claims": claims }));
        assert_eq!((&told["email"], &told["given_name"]), (&json!("j.novak@example.org"), &json!("Jan")));
        assert!(ask(&kit, "/userinfo", &token).await.json().get("verified_claims").is_none());
        let (unasked, _) = tokens(&kit, &shop, &approval(&kit, &shop, person, &scopes[..5])).await;
        assert!(ask(&kit, "/profile", &unasked).await.json().get("verified_claims").is_none());
        // A new name is nobody's word but the registry's.
        let set = [("family_name".to_owned(), json!("Nováková"))].into_iter().collect();
        registry::change(&kit.state, person, Change { set, ..Change::default() }).await.unwrap();
        let told = ask(&kit, "/profile", &token).await.json();
        assert_eq!(told["family_name"], "Nováková");
        let verified = told["verified_claims"]["claims"].as_object().unwrap();
        assert!(!verified.contains_key("family_name") && verified.contains_key("given_name"));
    }
}
