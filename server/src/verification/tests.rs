//! Verifying and reading attributes, as relying parties do it.

use axum::http::{Request, StatusCode, header};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::proof;
use super::test_kit::{UIN, VID, agree, anna, asker, post, token, withdraw};
use crate::audit::{EventKind, Filter};
use crate::config::{AttributeSet, Config};
use crate::dialect::Mount;
use crate::keys::encrypt;
use crate::registry;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const CLAIMS: &[&str] = &["given_name", "family_name", "birthdate", "gender", "email", "address", "age_over_18"];

fn path(identifier: &str, more: &str) -> String {
    format!("/v1/verify/{identifier}?transactionId=T1{more}")
}

/// Code and message of a verification.
fn result(answer: &Answer) -> (i64, String) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let json = answer.json();
    (json["verificationCode"].as_i64().unwrap(), json["verificationMessage"].as_str().unwrap().to_owned())
}

/// How a refusal looks, and that it tells nothing of a person.
fn refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!((answer.json()["code"].as_u64(), answer.json().as_object().unwrap().len()), (Some(status.into()), 2));
    for value in ["Anna", "Nov", "1990", "Brno", UIN] {
        assert!(!answer.text.contains(value), "{}", answer.text);
    }
}

async fn events(kit: &Kit, kind: EventKind) -> Vec<(Option<String>, Option<String>)> {
    let (audit, filter) = (kit.state.audit.clone(), Filter { kind: Some(kind), limit: 100, ..Filter::default() });
    let page = kit.state.store.read(move |tx| Box::pin(async move { audit.events(tx, &filter).await })).await;
    let page = page.map_err(|error: crate::store::StoreError| error).unwrap();
    page.events.into_iter().map(|event| (event.client_id, event.reason)).collect()
}

/// OSIA-IDU-01, GS-VAP-02, GS-VER-02: one result over all attributes, strictly; by any identifier.
#[tokio::test]
async fn on_both_osia_idu_01_gs_vap_02_all_attributes_make_one_result() {
    for kit in Kit::both().await {
        let person = anna(&kit).await;
        let token = asker(&kit, "clinic", &["id.verify"], CLAIMS).await;
        agree(&kit, person, "clinic", CLAIMS).await;
        let all = json!({
            "biographicData": {
                "firstName": "Anna", "lastName": "Nováková", "dateOfBirth": "1990-02-03", "gender": "F",
                "address": { "city": "Brno" }
            },
            "contactData": { "email": "anna@example.test" }
        });
        for (identifier, kind) in [(UIN, ""), (UIN, "uin"), (VID, "token"), ("ID-77", "credentialNumber")] {
            let kind = if kind.is_empty() { String::new() } else { format!("&identifierType={kind}") };
            let answer = post(&kit, &path(identifier, &kind), &token, &all).await;
            assert_eq!(result(&answer), (0, "match".into()), "{kind}");
        }
        for (identifier, kind) in [("1", "uin"), (VID, "uin"), (UIN, "token"), (UIN, "credentialNumber")] {
            let answer = post(&kit, &path(identifier, &format!("&identifierType={kind}")), &token, &all).await;
            refused(&answer, 404);
        }
        // In either language; but not in another case.
        let french = json!({ "biographicData": { "firstName": "Anne" } });
        assert_eq!(result(&post(&kit, &path(UIN, ""), &token, &french).await).0, 0);
        for (member, name, wrong) in [
            ("biographicData", "firstName", json!("anna")),
            ("biographicData", "dateOfBirth", json!("1990-02-04")),
            ("biographicData", "gender", json!("M")),
            ("biographicData", "gender", json!(1)),
            ("biographicData", "address", json!({ "city": "Praha" })),
            ("contactData", "email", json!("other@example.test")),
        ] {
            let mut other = all.clone();
            other[member][name] = wrong;
            let answer = post(&kit, &path(UIN, "&verificationProofRequired=false"), &token, &other).await;
            assert_eq!(result(&answer), (1, "no match".into()), "{name}");
            assert_eq!(answer.json().as_object().unwrap().len(), 2, "which one is not told: {}", answer.text);
        }
        let reasons = events(&kit, EventKind::AttributesVerified).await;
        assert_eq!(reasons.iter().filter(|(_, reason)| reason.as_deref() == Some("match")).count(), 5);
        assert_eq!(reasons.iter().filter(|(_, reason)| reason.as_deref() == Some("no_match")).count(), 6);
        assert!(reasons.iter().all(|(client, _)| client.as_deref() == Some("clinic")));
    }
}

/// GS-VAP-04, GS-VAP-09: the proof is the server's, over caller, transaction, pseudonym, names and result.
#[tokio::test]
async fn gs_vap_04_a_proof_binds_the_result_to_transaction_and_caller() {
    let kit = Kit::new().await;
    let person = anna(&kit).await;
    let token = asker(&kit, "clinic", &["id.verify"], CLAIMS).await;
    agree(&kit, person, "clinic", CLAIMS).await;
    let wrong = json!({ "biographicData": { "firstName": "Anna", "dateOfBirth": "1991-01-01" } });
    let answer = post(&kit, &path(UIN, "&verificationProofRequired=true"), &token, &wrong).await;
    let json = answer.json();
    let proof = kit.state.keys.verify_own(json["verificationProof"].as_str().unwrap()).unwrap();
    assert_eq!(proof.header().typ.as_deref(), Some(proof::TYP));
    let claims: Value = proof.claims().unwrap();
    let subject = registry::subject_for(&kit.state, person, "party of clinic").await.unwrap();
    assert_eq!(claims["iss"], kit.state.issuer(Mount::Op));
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!("clinic"), &json!(subject)));
    assert_eq!((&claims["transactionId"], &claims["result"]), (&json!("T1"), &json!(false)));
    assert_eq!(claims["attributes"], json!(["firstName", "dateOfBirth"]));
    assert!(!claims.to_string().contains("1990") && !claims.to_string().contains(UIN));

    // The pseudonym names the person to this caller, and to nobody else.
    let by_token = path(&subject, "&identifierType=token");
    let right = json!({ "biographicData": { "firstName": "Anna" } });
    assert_eq!(result(&post(&kit, &by_token, &token, &right).await).0, 0);
    let other = asker(&kit, "bank", &["id.verify"], CLAIMS).await;
    agree(&kit, person, "bank", CLAIMS).await;
    refused(&post(&kit, &by_token, &other, &right).await, 404);
    registry::set_status(&kit.state, person, registry::Status::Disabled).await.unwrap();
    refused(&post(&kit, &by_token, &token, &right).await, 404);
    refused(&post(&kit, &path(UIN, ""), &token, &right).await, 404);
}

/// GS-VER-03b, GS-SEC-04, GS-VAP-07: without consent, with it, after its end and after its withdrawal.
#[tokio::test]
async fn on_both_gs_ver_03b_consent_is_needed_to_verify_and_to_read() {
    for kit in Kit::both().await {
        let person = anna(&kit).await;
        let token = asker(&kit, "clinic", &["id.verify", "id.read"], CLAIMS).await;
        let verify = json!({ "biographicData": { "firstName": "Anna" } });
        let read = json!({ "outputBiographicData": ["firstName", "lastName"] });
        let reading = format!("/v1/attributes/{UIN}?transactionId=T1");
        let both = async |status: u16| {
            for (path, body) in [(path(UIN, ""), &verify), (reading.clone(), &read)] {
                let answer = post(&kit, &path, &token, body).await;
                assert_eq!(answer.status, status, "{}", answer.text);
                if status != 200 {
                    refused(&answer, status);
                }
            }
        };
        both(403).await;
        agree(&kit, person, "bank", &["given_name"]).await;
        both(403).await;
        agree(&kit, person, "clinic", &["given_name"]).await;
        both(200).await;
        kit.clock.advance_seconds(600);
        both(403).await;
        // Another consent, and its withdrawal.
        agree(&kit, person, "clinic", &["given_name"]).await;
        both(200).await;
        withdraw(&kit, person, "clinic").await;
        both(403).await;
        let reasons = events(&kit, EventKind::AttributesRefused).await;
        assert!(reasons.len() == 8 && reasons.iter().all(|(_, reason)| reason.as_deref() == Some("consent")));
    }
}

/// GS-VAP-08, GS-VER-03a, OSIA-IDU-03: of what is asked for, what the system and the person allow and is known.
#[tokio::test]
async fn gs_vap_08_only_what_is_asked_allowed_agreed_and_known_is_told() {
    let kit = Kit::new().await;
    let person = anna(&kit).await;
    let token =
        asker(&kit, "clinic", &["id.read", "id.verify"], &["given_name", "birthdate", "gender", "picture"]).await;
    agree(&kit, person, "clinic", &["given_name", "email", "picture", "gender", "birthdate_matches"]).await;
    let path_ = format!("/v1/attributes/{UIN}?transactionId=T1");
    let wanted = json!({
        "outputBiographicData": ["firstName", "dateOfBirth", "sex", "identifier", "shoeSize"],
        "outputContactData": ["email"],
        "outputBiometricData": [
            { "biometricType": "FACE", "biometricSubType": "PORTRAIT", "biometricDataFields": ["image"] },
            { "biometricType": "FINGER" }
        ],
        "outputCredentialData": [{ "credentialType": "PASSPORT" }]
    });
    let answer = post(&kit, &path_, &token, &wanted).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let subject = registry::subject_for(&kit.state, person, "party of clinic").await.unwrap();
    let image = "iVBORw0KGgpmYWNl";
    let expected = json!({
        "biographicData": { "firstName": "Anna", "sex": "F", "identifier": subject },
        "biometricData": [{ "biometricType": "FACE", "image": image }]
    });
    assert_eq!(answer.json(), expected);
    // GS-PRI-01b: the date is not told, and whether it is right is.
    let birthdate = json!({ "biographicData": { "dateOfBirth": "1990-02-03" } });
    assert_eq!(result(&post(&kit, &path(UIN, ""), &token, &birthdate).await).0, 0);

    // Not registered for it, whatever the person agrees to.
    for body in [json!({ "outputContactData": ["email"] }), json!({ "outputBiographicData": ["identifier"] })] {
        refused(&post(&kit, &path_, &token, &body).await, 403);
    }
    let email = json!({ "biographicData": { "firstName": "Anna" }, "contactData": { "email": "anna@example.test" } });
    refused(&post(&kit, &path(UIN, ""), &token, &email).await, 403);
    let reasons = events(&kit, EventKind::AttributesRefused).await;
    assert!(reasons.len() == 3 && reasons.iter().all(|(_, reason)| reason.as_deref() == Some("policy")));
}

/// OSIA-IDU-02: named sets, each with a scope of its own.
#[tokio::test]
async fn osia_idu_02_a_named_set_needs_its_own_scope() {
    let mut config = Config::default();
    let tax = AttributeSet { contact: vec!["email".into()], ..AttributeSet::default() };
    config.verification.sets = [("TAX".to_owned(), tax)].into();
    let kit = Kit::with(config).await;
    let person = anna(&kit).await;
    let scopes = ["id.DEFAULT_SET_01.read", "id.TAX.read", "id.GONE.read", "id.DEFAULT_SET_EIDAS.read"];
    let token = asker(&kit, "clinic", &scopes, &[]).await;
    let path = |set: &str| format!("/v1/attributes/{set}/{UIN}?transactionId=T1");
    refused(&kit.get(&path("DEFAULT_SET_01"), Some(&token)).await, 403);
    agree(&kit, person, "clinic", &["given_name", "family_name", "birthdate", "birthplace", "email"]).await;
    let answer = kit.get(&path("DEFAULT_SET_01"), Some(&token)).await;
    let names = json!({
        "firstName": "Anna", "lastName": "Nováková", "dateOfBirth": "1990-02-03", "placeOfBirth": "Brno"
    });
    assert_eq!(answer.json(), json!({ "biographicData": names }), "{}", answer.text);
    let answer = kit.get(&path("TAX"), Some(&token)).await;
    assert_eq!(answer.json(), json!({ "contactData": { "email": "anna@example.test" } }), "{}", answer.text);
    let answer = kit.get(&path("DEFAULT_SET_EIDAS"), Some(&token)).await;
    assert!(answer.json()["biographicData"]["identifier"].is_string(), "{}", answer.text);
    assert!(answer.json()["biographicData"]["gender"].is_null(), "{}", answer.text);
    refused(&kit.get(&path("DEFAULT_SET_02"), Some(&token)).await, 403);
    refused(&kit.get(&path("GONE"), Some(&token)).await, 404);
    refused(&kit.get(&path("TAX"), None).await, 401);
    let reading = asker(&kit, "bank", &["id.read"], &["given_name"]).await;
    refused(&kit.get(&path("TAX"), Some(&reading)).await, 403);
}

/// GS-VER-05: older than eighteen, and no date on the way.
#[tokio::test]
async fn gs_ver_05_a_characteristic_is_claimed_by_yes_or_no() {
    let kit = Kit::new().await;
    let person = anna(&kit).await;
    let token = asker(&kit, "bar", &["id.verify", "id.read"], &["age_over_18", "age_over_65"]).await;
    agree(&kit, person, "bar", &["age_over_18", "age_over_65"]).await;
    let of_age = |value: bool| json!({ "biographicData": { "age_over_18": value } });
    assert_eq!(result(&post(&kit, &path(UIN, ""), &token, &of_age(true)).await).0, 0);
    assert_eq!(result(&post(&kit, &path(UIN, ""), &token, &of_age(false)).await).0, 1);
    let wanted = json!({ "outputBiographicData": ["age_over_18", "age_over_65", "dateOfBirth"] });
    let answer = post(&kit, &format!("/v1/attributes/{UIN}?transactionId=T1"), &token, &wanted).await;
    assert_eq!(answer.json(), json!({ "biographicData": { "age_over_18": true, "age_over_65": false } }));
}

/// GS-VER-03c, OSIA-COM-01: who may not call, and what cannot be read.
#[tokio::test]
async fn gs_ver_03c_calls_that_are_refused_say_why_and_change_nothing() {
    let kit = Kit::new().await;
    let person = anna(&kit).await;
    let token = asker(&kit, "clinic", &["id.verify"], CLAIMS).await;
    agree(&kit, person, "clinic", CLAIMS).await;
    let good = json!({ "biographicData": { "firstName": "Anna" } });
    let reading = asker(&kit, "reader", &["id.read"], CLAIMS).await;
    refused(&post(&kit, &path(UIN, ""), &reading, &good).await, 403);
    refused(&post(&kit, &path(UIN, ""), "x", &good).await, 401);
    for query in [
        "",
        "?transactionId=",
        "?transactionId=a&transactionId=b",
        "?transactionId=a&identifierType=x",
        "?transactionId=a&verificationProofRequired=x",
    ] {
        refused(&post(&kit, &format!("/v1/verify/{UIN}{query}"), &token, &good).await, 400);
    }
    for body in [
        json!({}),
        json!([]),
        json!({ "biographicData": {} }),
        json!({ "biographicData": { "firstName": null } }),
        json!({ "biographicData": { "firstName": "Anna" }, "more": 1 }),
        json!({ "biographicData": "Anna" }),
        json!({ "biometricData": [{ "biometricType": "FACE", "image": "AA==" }] }),
        json!({ "credentialData": [{}] }),
        json!({ "credentialData": [{ "credentialNumber": "1", "more": 1 }] }),
        json!({ "credentialData": [{ "status": "GOOD" }] }),
    ] {
        refused(&post(&kit, &path(UIN, ""), &token, &body).await, 400);
    }
    let text = Request::post(path(UIN, "")).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let text = text.header(header::CONTENT_TYPE, "text/plain").body("{}".into()).unwrap();
    refused(&kit.send(text).await, 415);
    refused(&post(&kit, &path("%FF", ""), &token, &good).await, 400);
    refused(&post(&kit, &path(&"9".repeat(300), ""), &token, &good).await, 404);
    kit.clock.advance_seconds(7200);
    refused(&post(&kit, &path(UIN, ""), &token, &good).await, 401);
    assert!(events(&kit, EventKind::AttributesVerified).await.is_empty());
}

/// A block over one attribute, whose canonical form is easily written by hand.
fn integrity(first_name: &str) -> Value {
    let canonical = json!({ "biographicData": { "firstName": first_name } }).to_string();
    let hash: String = Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect();
    json!({ "scope": "biographicData.firstName", "alg": "SHA256", "hash": hash })
}

/// GS-VAP-05, GS-VAP-06, OSIA-INT, OSIA-ENC: signed and encrypted attributes are taken, and their integrity is checked.
#[tokio::test]
async fn gs_vap_05_gs_vap_06_protected_attributes_are_opened_and_checked() {
    let kit = Kit::new().await;
    let person = anna(&kit).await;
    let party = RelyingParty::with(&kit, Mount::Op, "clinic", Pair::new(Algorithm::Es256), |registration| {
        registration.scopes = vec!["id.verify".into()];
        registration.user_claims = vec!["given_name".into()];
    });
    let party = party.await;
    let token = token(&kit, &party, &["id.verify"]).await;
    agree(&kit, person, "clinic", &["given_name"]).await;
    let clear = json!({ "firstName": "Anna" });
    let verify = async |body: &Value| post(&kit, &path(UIN, ""), &token, body).await;

    let hashed = json!({ "biographicData": clear, "integrity": [integrity("Anna")] });
    assert_eq!(result(&verify(&hashed).await).0, 0);
    refused(&verify(&json!({ "biographicData": clear, "integrity": [integrity("Anne")] })).await, 400);

    let mut signed = hashed.clone();
    let hash = signed["integrity"][0]["hash"].as_str().unwrap().to_owned();
    let header = json!({ "alg": "ES256" });
    signed["integrity"][0]["type"] = "JWS".into();
    signed["integrity"][0]["signature"] = party.pair.over(&header, hash.as_bytes()).into();
    assert_eq!(result(&verify(&signed).await).0, 0);
    signed["integrity"][0]["signature"] = Pair::new(Algorithm::Es256).over(&header, hash.as_bytes()).into();
    refused(&verify(&signed).await, 400);

    let published = kit.state.keys.encryption_keys().await.unwrap();
    let key =
        published.iter().map(|key| Jwk::from_value(&key.jwk).unwrap()).find(|key| key.may_encrypt("RSA-OAEP-256"));
    let sealed = encrypt(&key.unwrap(), None, clear.to_string().as_bytes()).unwrap();
    let scope = json!({ "type": "JWE", "scope": "biographicData" });
    let sealed_set = json!({ "biographicData": sealed, "encryption": scope, "integrity": [integrity("Anna")] });
    assert_eq!(result(&verify(&sealed_set).await).0, 0);
    let (head, tail) = sealed.split_at(sealed.len() - 8);
    let tampered: String = tail.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    let tampered = json!({ "biographicData": format!("{head}{tampered}"), "encryption": scope });
    refused(&verify(&tampered).await, 400);
    refused(&verify(&json!({ "biographicData": clear, "encryption": scope })).await, 400);
}

/// Nobody guesses his way to an attribute.
#[tokio::test]
async fn on_both_who_is_often_wrong_must_wait() {
    let mut config = Config::default();
    config.verification.misses_per_hour = 2;
    config.lifetimes.access_token = 100_000;
    for kit in Kit::both_with(&config).await {
        let person = anna(&kit).await;
        let clinic = asker(&kit, "clinic", &["id.verify"], CLAIMS).await;
        let bank = asker(&kit, "bank", &["id.verify"], CLAIMS).await;
        for client in ["clinic", "bank"] {
            agree(&kit, person, client, CLAIMS).await;
        }
        let body = |name: &str| json!({ "biographicData": { "firstName": name } });
        for _ in 0..2 {
            assert_eq!(result(&post(&kit, &path(UIN, ""), &clinic, &body("Jana")).await).0, 1);
        }
        let often = post(&kit, &path(UIN, ""), &clinic, &body("Anna")).await;
        refused(&often, 429);
        assert!(often.json()["message"].as_str().unwrap().contains("retry-after"), "{}", often.text);
        assert_eq!(often.headers["retry-after"], "3600");
        assert_eq!(result(&post(&kit, &path(UIN, ""), &bank, &body("Anna")).await).0, 0);
        kit.clock.advance_seconds(3601);
        agree(&kit, person, "clinic", CLAIMS).await;
        assert_eq!(result(&post(&kit, &path(UIN, ""), &clinic, &body("Anna")).await).0, 0);
    }
}

/// Guesses made side by side are not more than those made one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_fifty_guesses_at_once_are_not_more_than_the_limit() {
    let mut config = Config::default();
    config.verification.misses_per_hour = 3;
    for kit in Kit::both_with(&config).await {
        let person = anna(&kit).await;
        let clinic = &asker(&kit, "clinic", &["id.verify"], CLAIMS).await;
        agree(&kit, person, "clinic", CLAIMS).await;
        let guess = async |n: usize| {
            let body = json!({ "biographicData": { "firstName": format!("Guess{n}") } });
            post(&kit, &path(UIN, ""), clinic, &body).await.status.as_u16()
        };
        let statuses = futures::future::join_all((0..50).map(guess)).await;
        // A database that is too busy with them tells nothing either.
        assert!(statuses.iter().all(|status| [200, 429, 503].contains(status)), "{statuses:?}");
        let told = statuses.iter().filter(|status| **status == 200).count();
        assert!(told <= 3, "{told}");
        for n in told..3 {
            assert_eq!(guess(n).await, 200);
        }
        assert_eq!(guess(3).await, 429);
        kit.clock.advance_seconds(3600);
        assert_eq!(super::expire(&kit.state).await.unwrap(), 1);
        assert_eq!(super::expire(&kit.state).await.unwrap(), 0);
    }
}
