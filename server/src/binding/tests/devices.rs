//! `/wallet/devices/*` and the `Tessera-Wallet` header.

use protocol::wallet_request;

use super::*;
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::sessions::{self, NewSession};
use crate::store::StoreError;

const LIST: &str = "/wallet/devices/list";

fn names(answer: &Answer) -> Vec<(String, bool, bool)> {
    let devices = answer.json()["response"]["devices"].as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone();
    let of = |device: &Value| {
        let flag = |name: &str| device[name].as_bool().unwrap();
        (device["name"].as_str().unwrap().to_owned(), flag("current"), flag("revoked"))
    };
    devices.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_person_sees_renames_renews_and_revokes_his_own_phones_only() {
    for kit in Kit::both().await {
        people(&kit).await;
        let (first, second, bens) = (Phone::es256(), Phone::ed25519(), Phone::es256());
        let id = member(&bind(&kit, ANNA, &first).await, "deviceId");
        bind(&kit, ANNA, &second).await;
        let foreign = member(&bind(&kit, BEN, &bens).await, "deviceId");
        let call = async |phone: &Phone, what: &str, request: Value, jti: &str| {
            phone.call(&kit, &format!("/wallet/devices/{what}"), request, jti).await
        };
        let renamed = call(&second, "rename", json!({ "deviceId": id, "name": " Tablet " }), "1").await;
        assert_eq!(member(&renamed, "deviceId"), id);
        let listed = call(&second, "list", json!({}), "2").await;
        let phone = "Anna's phone".to_owned();
        assert_eq!(names(&listed), [("Tablet".into(), false, false), (phone.clone(), true, false)]);
        assert_eq!(listed.json()["response"]["devices"][1]["alg"], "EdDSA");
        assert_eq!(listed.json()["response"]["devices"][0]["profile"], "native");
        for (n, bad) in ["", "x", foreign.as_str()].into_iter().enumerate() {
            let rename = call(&second, "rename", json!({ "deviceId": bad, "name": "x" }), &format!("3{n}")).await;
            let revoke = call(&second, "revoke", json!({ "deviceId": bad }), &format!("4{n}")).await;
            assert_eq!((rename.code(), revoke.code()), ("invalid_device_id".into(), "invalid_device_id".into()));
        }
        let nameless = call(&second, "rename", json!({ "deviceId": id, "name": "" }), "5").await;
        assert_eq!(nameless.code(), "invalid_device_name");
        kit.clock.advance_seconds(86_400);
        let renewal = call(&second, "renew", json!({}), "6").await;
        assert_eq!(member(&renewal, "expireDateTime"), "2027-01-06T10:00:00.000Z");
        assert_eq!(member(&call(&second, "revoke", json!({ "deviceId": id }), "7").await, "deviceId"), id);
        for what in ["list", "renew"] {
            let late = call(&first, what, json!({}), &format!("8{what}")).await;
            assert_eq!(late.code(), "binding_ended", "{what}");
        }
        let listed = call(&second, "list", json!({}), "9").await;
        assert_eq!(names(&listed), [("Tablet".into(), false, true), (phone, true, false)]);
        assert_eq!(names(&call(&bens, "list", json!({}), "10").await).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_the_header_serves_for_one_request() {
    for kit in Kit::both().await {
        people(&kit).await;
        let (phone, unbound) = (Phone::es256(), Phone::es256());
        bind(&kit, ANNA, &phone).await;
        let now = kit.state.clock.now() / 1000;
        let time = crate::http::envelope::format_time(kit.state.clock.now());
        let body = json!({ "requestTime": time, "request": {} }).to_string();
        let url = format!("http://localhost:8080{LIST}");
        let header = |by: &Phone, url: &str, body: &str, jti: &str, at: i64| {
            let claims = wallet_request::claims(url, body.as_bytes(), jti, at);
            by.token(&wallet_request::signing_input(by.alg, &by.jwk.thumbprint(), &claims).unwrap())
        };
        let good = header(&phone, &url, &body, "a", now);
        let sent = async |header: &str| phone.send(&kit, LIST, body.clone(), header).await.code();
        assert_eq!(sent(&good).await, "");
        let bad = [
            good.clone(),
            String::new(),
            "a.b.c".into(),
            header(&phone, "http://localhost:8080/wallet/devices/revoke", &body, "b", now),
            header(&phone, &url, "{}", "c", now),
            header(&phone, &url, &body, "", now),
            header(&phone, &url, &body, "d", now - 90),
            header(&phone, &url, &body, "e", now + 31),
            header(&unbound, &url, &body, "f", now),
        ];
        for (n, header) in bad.iter().enumerate() {
            assert_eq!(sent(header).await, "invalid_wallet_token", "{n}");
        }
        assert_eq!(kit.post(LIST, json!({}), &[]).await.code(), "invalid_wallet_token");
        let at_once = header(&phone, &url, &body, "once", now);
        let answers = futures::future::join_all((0..10).map(|_| sent(&at_once))).await;
        assert_eq!(answers.iter().filter(|code| code.is_empty()).count(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn on_both_challenges_and_tokens_are_deleted_when_they_have_ended() {
    for kit in Kit::both().await {
        people(&kit).await;
        let phone = Phone::es256();
        bind(&kit, ANNA, &phone).await;
        phone.call(&kit, LIST, json!({}), "a").await;
        assert_eq!(crate::binding::expire(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(600);
        assert_eq!(crate::binding::expire(&kit.state).await.unwrap(), 2);
    }
}

/// Who has lost a phone is logged out where the phone had logged them in, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_a_revoked_phone_ends_the_sessions_that_it_began() {
    for kit in Kit::both().await {
        people(&kit).await;
        let (lost, kept) = (Phone::es256(), Phone::es256());
        let lost_id = member(&bind(&kit, ANNA, &lost).await, "deviceId");
        let kept_id = member(&bind(&kit, ANNA, &kept).await, "deviceId");
        let row = |name: &str| kit.state.ids.named(Kind::Device, name).unwrap();
        let person = registry::find(&kit.state, ANNA).await.unwrap().unwrap();
        let begin = async |key: Option<i64>, replaces: Option<i64>| {
            let (state, auth_time) = (kit.state.clone(), kit.state.clock.now());
            let acr = "mosip:idp:acr:linked-wallet".to_owned();
            let (mount, amr) = (Mount::Op, vec!["pop".to_owned()]);
            let new = NewSession { mount, person, auth_time, acr, amr, only_for: None, replaces, key };
            let begun: Result<sessions::Begun, registry::Fault> =
                kit.state.store.write(move |tx| Box::pin(async move { sessions::begin(&state, tx, new).await })).await;
            begun.unwrap().row
        };
        let opened = begin(Some(row(&lost_id)), None).await;
        let elsewhere = [begin(Some(row(&kept_id)), None).await, begin(None, None).await];
        // The same browser proved who is there by another factor since.
        let renewed = begin(Some(row(&lost_id)), None).await;
        assert_eq!(begin(None, Some(renewed)).await, renewed);
        let stands = async |session: i64| {
            let state = kit.state.clone();
            let found: Result<bool, StoreError> = kit
                .state
                .store
                .read(move |tx| Box::pin(async move { sessions::stands(&state, tx, session).await }))
                .await;
            found.unwrap()
        };
        let revoked = kept.call(&kit, "/wallet/devices/revoke", json!({ "deviceId": lost_id }), "1").await;
        assert_eq!(member(&revoked, "deviceId"), lost_id);
        assert!(!stands(opened).await);
        for session in elsewhere.into_iter().chain([renewed]) {
            assert!(stands(session).await);
        }
    }
}
