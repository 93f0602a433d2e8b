//! Faces that callers supply, compared one to one by an ABIS.

use std::time::Duration;

use serde_json::{Value, json};

use super::test_kit::{UIN, agree, anna, asker, post, withdraw};
use crate::ids::Kind;
use crate::testkit::abis::{AbisDouble, TOKEN};
use crate::testkit::{Kit, with_abis};

fn face(image: &str) -> Value {
    json!([{ "biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": image }])
}

/// GS-VER-02, GS-VAP-02: a face is right where the ABIS says so, and only with consent to the face.
#[tokio::test]
async fn gs_ver_02_a_face_is_compared_with_consent_to_the_picture() {
    let double = AbisDouble::start().await;
    let mut config = with_abis(&double);
    config.identity.abis.as_mut().unwrap().threshold = None;
    let kit = Kit::with(config).await;
    let person = anna(&kit).await;
    let token = asker(&kit, "clinic", &["id.verify"], &["given_name", "picture"]).await;
    agree(&kit, person, "clinic", &["given_name"]).await;
    let path = format!("/v1/verify/{UIN}?transactionId=T1");
    let verify = async |body: Value| {
        let answer = post(&kit, &path, &token, &body).await;
        (answer.status.as_u16(), answer.json()["verificationCode"].as_i64())
    };
    let with =
        |image: &str, name: &str| json!({ "biographicData": { "firstName": name }, "biometricData": face(image) });
    assert_eq!(verify(with("RkFDRQ==", "Anna")).await, (403, None), "GS-SEC-04: nobody agreed to it");
    agree(&kit, person, "clinic", &["given_name", "picture"]).await;
    assert_eq!(verify(with("RkFDRQ==", "Anna")).await, (200, Some(1)), "the ABIS knows no face of hers");
    let name = kit.state.ids.name(Kind::Person, person.0);
    let url = format!("{}v1/persons/{name}/encounters/1?transactionId=T", double.url()).parse().unwrap();
    let encounter = json!({
        "encounterId": "1", "status": "ACTIVE", "encounterType": "ENROLLMENT", "galleries": ["PERSONS"],
        "biometricData": face("RkFDRQ==")
    });
    let bounds = (4096, Duration::from_secs(60));
    let put = kit.state.fetch.exchange(reqwest::Method::POST, &url, Some(TOKEN), Some(&encounter), bounds).await;
    assert_eq!(put.unwrap().0, 200);
    assert_eq!(verify(with("RkFDRQ==", "Anna")).await, (200, Some(0)));
    assert_eq!(verify(json!({ "biometricData": face("RkFDRQ==") })).await, (200, Some(0)), "a face alone");
    assert_eq!(verify(with("T1RIRVI=", "Anna")).await, (200, Some(1)));
    assert_eq!(verify(with("RkFDRQ==", "Eva")).await, (200, Some(1)));
    for bad in [
        json!([{ "biometricType": "FINGER", "image": "RkFDRQ==" }]),
        json!([{ "biometricType": "FACE" }]),
        json!([{ "biometricType": "FACE", "image": "RkFDRQ==", "colour": "red" }]),
        json!([{ "image": "RkFDRQ==" }]),
    ] {
        assert_eq!(verify(json!({ "biometricData": bad })).await, (400, None));
    }
    for out_of_order in [AbisDouble::set_broken, AbisDouble::set_later] {
        out_of_order(&double, true);
        assert_eq!(verify(with("RkFDRQ==", "Anna")).await, (503, None));
        out_of_order(&double, false);
    }
    withdraw(&kit, person, "clinic").await;
    assert_eq!(verify(with("RkFDRQ==", "Anna")).await, (403, None));
}
