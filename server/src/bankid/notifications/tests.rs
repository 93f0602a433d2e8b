//! BID-1111-03: who permitted it, and no other, is told that something changed; never what it is now.

use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode, header};
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::EcdhEs;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use protocol::jws::{Algorithm, Jws};
use serde_json::{Value, json};

use super::work;
use crate::bankid::tests::{config, jan, party_with};
use crate::clients::KeySource;
use crate::config::Config;
use crate::consents::{self, NewReceipt, Signed};
use crate::deliveries::{Outcome, Sent};
use crate::dialect::Mount;
use crate::keys::{ContentEncryption, Encryption, KeyManagement};
use crate::registry::{self, Change, PersonId};
use crate::testkit::{Kit, Pair, START};

type Received = Arc<Mutex<Vec<(String, String)>>>;

/// A relying party's own server: what it was sent, and what it answers.
struct Receiver {
    uri: url::Url,
    received: Received,
    answer: Arc<Mutex<StatusCode>>,
}

impl Receiver {
    async fn listen() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/notify", listener.local_addr().unwrap()).parse().unwrap();
        let (received, answer) = (Received::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let (kept, told) = (received.clone(), answer.clone());
        let notify = move |headers: HeaderMap, body: String| async move {
            let media = headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            kept.lock().unwrap().push((media, body));
            *told.lock().unwrap()
        };
        let app = axum::Router::new().fallback(notify);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { uri, received, answer }
    }

    fn config(&self) -> Config {
        let host = format!("127.0.0.1:{}", self.uri.port().unwrap());
        Config { fetch_allow: vec![host], ..config() }
    }

    fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn agree(kit: &Kit, client_id: &str, person: PersonId, claims: &[&str], scopes: &[&str]) -> i64 {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let receipt = NewReceipt {
        mount: Mount::BankId,
        client_id: client_id.into(),
        person,
        transaction: kit.state.next_id(),
        claims: owned(claims),
        scopes: owned(scopes),
        signed: Signed::default(),
        rests_on: None,
        expires_at: None,
    };
    let state = kit.state.clone();
    let written: Result<i64, registry::Fault> =
        kit.state.store.write(move |tx| Box::pin(async move { consents::record(&state, tx, receipt).await })).await;
    written.unwrap()
}

async fn set(kit: &Kit, person: PersonId, name: &str, value: Value) {
    let change = Change { set: [(name.to_owned(), value)].into_iter().collect(), ..Change::default() };
    assert!(!registry::change(&kit.state, person, change).await.unwrap().is_empty());
}

/// Until there is nothing left to do now.
async fn settle(kit: &Kit) {
    while work(&kit.state).await.unwrap() > 0 {}
}

const WANTED: &str = "notification.claims_updated";

#[tokio::test]
async fn bid_1111_03_who_permitted_it_is_told_which_claims_changed() {
    let receiver = Receiver::listen().await;
    for kit in Kit::both_with(&receiver.config()).await {
        let person = jan(&kit).await;
        for id in ["shop", "other", "quiet", "gone"] {
            party_with(&kit, id, |registration| registration.notification_uri = Some(receiver.uri.clone())).await;
        }
        agree(&kit, "shop", person, &["email", "phone_number", "updated_at"], &[WANTED]).await;
        agree(&kit, "other", person, &["addresses"], &[WANTED]).await;
        agree(&kit, "quiet", person, &["email"], &[]).await;
        let withdrawn = agree(&kit, "gone", person, &["email"], &[WANTED]).await;
        let state = kit.state.clone();
        let ended: Result<(), crate::store::StoreError> = kit
            .state
            .store
            .write(move |tx| Box::pin(async move { consents::withdraw_one(&state, tx, withdrawn).await }))
            .await;
        ended.unwrap();
        set(&kit, person, "email", json!("new@example.org")).await;
        settle(&kit).await;
        let received = receiver.take();
        assert_eq!(received.len(), 1);
        let (media, token) = &received[0];
        assert_eq!(media, "application/jwt");
        let claims = Jws::parse(token).unwrap().claims::<Value>().unwrap();
        assert_eq!(claims["iss"], kit.state.issuer(Mount::BankId));
        assert!(claims["jti"].is_string() && claims["iat"] == START / 1000);
        let event = json!({
            "type": "claims_updated", "original_event_at": "2026-01-05T10:00:00Z",
            "sub": registry::subject(&kit.state, person, "party of shop"), "affected_client_ids": ["shop"],
            "affected_claims": ["email", "updated_at"]
        });
        assert_eq!(claims["events"], json!([event]));
        assert!(!claims.to_string().contains("new@example.org"));
        // Nothing is sent twice, and a change that nobody may know is told to nobody.
        set(&kit, person, "maritalstatus", json!("DIVORCED")).await;
        settle(&kit).await;
        assert!(receiver.take().is_empty());
        // What is computed from a changed claim has changed.
        agree(&kit, "other", person, &["age", "majority"], &[WANTED]).await;
        set(&kit, person, "birthdate", json!("1971-08-01")).await;
        settle(&kit).await;
        let token = receiver.take().pop().unwrap().1;
        let claims = Jws::parse(&token).unwrap().claims::<Value>().unwrap();
        assert_eq!(claims["events"][0]["affected_claims"], json!(["age", "majority"]));
    }
}

/// One that is not taken comes again with the same name, later each time, and ends some day.
#[tokio::test]
async fn what_is_not_taken_comes_again_under_the_same_name() {
    let receiver = Receiver::listen().await;
    for kit in Kit::both_with(&receiver.config()).await {
        let person = jan(&kit).await;
        party_with(&kit, "shop", |registration| registration.notification_uri = Some(receiver.uri.clone())).await;
        agree(&kit, "shop", person, &["email"], &[WANTED]).await;
        *receiver.answer.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
        set(&kit, person, "email", json!("new@example.org")).await;
        settle(&kit).await;
        let name = |token: &str| Jws::parse(token).unwrap().claims::<Value>().unwrap()["jti"].clone();
        let first = receiver.take();
        assert_eq!(first.len(), 1);
        settle(&kit).await;
        assert!(receiver.take().is_empty());
        kit.clock.advance_seconds(10);
        settle(&kit).await;
        let second = receiver.take();
        assert_eq!(second.len(), 1);
        assert_eq!(name(&second[0].1), name(&first[0].1));
        *receiver.answer.lock().unwrap() = StatusCode::OK;
        kit.clock.advance_seconds(60);
        settle(&kit).await;
        assert_eq!(receiver.take().len(), 1);
        kit.clock.advance_seconds(24 * 3600);
        settle(&kit).await;
        assert!(receiver.take().is_empty());
        // Never taken: given up after nine attempts.
        *receiver.answer.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
        set(&kit, person, "email", json!("newer@example.org")).await;
        for _ in 0..20 {
            settle(&kit).await;
            kit.clock.advance_seconds(24 * 3600);
        }
        assert_eq!(receiver.take().len(), 9);
        let counted = [Outcome::Delivered, Outcome::Refused, Outcome::Dead]
            .map(|outcome| kit.state.deliveries.so_far(Sent::Claims, outcome));
        assert_eq!(counted, [1, 10, 1]);
        *receiver.answer.lock().unwrap() = StatusCode::OK;
    }
}

/// Encrypted for whoever has registered a key for it.
#[tokio::test]
async fn a_client_with_an_encryption_key_gets_a_nested_token() {
    let receiver = Receiver::listen().await;
    let kit = Kit::with(receiver.config()).await;
    let (person, key) = (jan(&kit).await, Pair::new(Algorithm::Rs256));
    party_with(&kit, "shop", |registration| {
        registration.notification_uri = Some(receiver.uri.clone());
        registration.enc_jwk = Some(key.public.clone());
    })
    .await;
    agree(&kit, "shop", person, &["email"], &[WANTED]).await;
    set(&kit, person, "email", json!("new@example.org")).await;
    settle(&kit).await;
    let (media, token) = receiver.take().pop().unwrap();
    assert_eq!(media, "application/jwe");
    let decrypter = RsaOaep256.decrypter_from_jwk(&key.private).unwrap();
    let (content, outer) = josekit::jwe::deserialize_compact(&token, &decrypter).unwrap();
    assert_eq!(outer.claim("cty"), Some(&json!("JWT")));
    let claims = Jws::parse(std::str::from_utf8(&content).unwrap()).unwrap().claims::<Value>().unwrap();
    assert_eq!(claims["events"][0]["affected_claims"], json!(["email"]));
}

/// Where a client's claims are encrypted, so is what tells it that they changed, in the same way.
#[tokio::test]
async fn a_client_with_encrypted_claims_gets_a_token_encrypted_alike() {
    let receiver = Receiver::listen().await;
    let kit = Kit::with(receiver.config()).await;
    let (person, key) = (jan(&kit).await, Pair::new(Algorithm::Es256));
    let encrypting = key.public.clone();
    party_with(&kit, "shop", |registration| {
        registration.notification_uri = Some(receiver.uri.clone());
        registration.userinfo_encryption =
            Some(Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256Gcm });
        if let KeySource::Keys(keys) = &mut registration.keys {
            // Among the client's own keys, not in a place for this alone.
            keys.push(encrypting);
        }
    })
    .await;
    agree(&kit, "shop", person, &["email"], &[WANTED]).await;
    set(&kit, person, "email", json!("new@example.org")).await;
    settle(&kit).await;
    let (media, token) = receiver.take().pop().unwrap();
    assert_eq!(media, "application/jwe");
    let (content, outer) =
        josekit::jwe::deserialize_compact(&token, &EcdhEs.decrypter_from_jwk(&key.private).unwrap()).unwrap();
    assert_eq!((outer.claim("alg"), outer.claim("cty")), (Some(&json!("ECDH-ES")), Some(&json!("JWT"))));
    let jws = kit.state.keys.verify_own(std::str::from_utf8(&content).unwrap()).unwrap();
    assert_eq!(jws.header().alg, Algorithm::Es512);
    assert_eq!(jws.claims::<Value>().unwrap()["events"][0]["affected_claims"], json!(["email"]));
}
