//! Clients that are not proven, at every issuer: keys that were taken back (T15), and what strangers are told (T26).

use std::sync::{Arc, Mutex};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, header};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use crate::clients::{AuthMethod, ClientSecret, KeySource};
use crate::config::{Config, Mounts};
use crate::dialect::Mount;
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

type Published = Arc<Mutex<Vec<Value>>>;

fn every_issuer() -> Config {
    Config { mounts: Mounts { bankid: true, ..Mounts::default() }, ..Config::default() }
}

fn told(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

/// What a client that is not proven is told on each mount.
fn unproven(mount: Mount) -> (u16, String) {
    let (status, error) = match mount {
        Mount::GovStack => (400, "invalid_assertion"),
        Mount::ESignet => (400, "invalid_client"),
        _ => (401, "invalid_client"),
    };
    (status, error.to_owned())
}

/// A code that nobody has, so that nothing but the client matters.
const GRANT: [(&str, &str); 3] =
    [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "https://rp.test/cb")];

/// A client's own server, which publishes its keys.
async fn publish(keys: Published) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let served = |State(keys): State<Published>| async move { Json(json!({ "keys": *keys.lock().unwrap() })) };
    let site = axum::Router::new().route("/{mount}/jwks", get(served)).with_state(keys);
    tokio::spawn(async move { axum::serve(listener, site).await });
    address
}

#[tokio::test]
async fn t15_a_key_that_was_taken_back_is_refused_after_the_cache_time() {
    let keys = Published::default();
    let address = publish(keys.clone()).await;
    let kit = Kit::with(Config { fetch_allow: vec![address.clone()], ..every_issuer() }).await;
    for mount in Mount::ALL_ISSUERS {
        // The one algorithm that all issuers take.
        let pairs = ["old", "new"].map(|kid| (kid, Pair::new(Algorithm::Rs256)));
        let published = |which: usize| {
            let mut key = serde_json::to_value(&pairs[which].1.public).unwrap();
            key["kid"] = json!(pairs[which].0);
            key
        };
        *keys.lock().unwrap() = vec![published(0)];
        let uri = format!("http://{address}/{}/jwks", mount.name());
        let party = RelyingParty::with(&kit, mount, "clinic", pairs[0].1.again(), |registration| {
            registration.keys = KeySource::Uri(uri.parse().unwrap());
        });
        let party = party.await;
        let is_proven = async |which: usize| {
            let (kid, pair) = &pairs[which];
            let assertion = pair.token(&json!({ "alg": "RS256", "kid": kid }), &party.claims(&kit));
            told(&party.ask_with(&kit, &assertion, &GRANT).await) != unproven(mount)
        };
        assert!(is_proven(0).await && !is_proven(1).await, "{mount:?}");
        *keys.lock().unwrap() = vec![published(1)];
        kit.clock.advance_seconds(300);
        assert!(is_proven(1).await && !is_proven(0).await, "{mount:?}");
    }
}

/// The same status, header and body, whether a client exists or not. Each way costs a check of the same kind.
#[tokio::test]
async fn t26_an_unknown_client_is_told_what_a_wrong_proof_is() {
    let kit = Kit::with(every_issuer()).await;
    let alike = |known: &Answer, unknown: &Answer, what: &str| {
        let of = |answer: &Answer| {
            let challenge = answer.headers.get(header::WWW_AUTHENTICATE).cloned();
            (answer.status, challenge, answer.text.clone())
        };
        assert_eq!(of(known), of(unknown), "{what}");
    };
    for mount in Mount::ALL_ISSUERS {
        let party = RelyingParty::with(&kit, mount, "clinic", Pair::new(Algorithm::Rs256), |_| ()).await;
        let stranger = Pair::new(Algorithm::Rs256);
        let mut answers = Vec::new();
        for id in ["clinic", "nobody"] {
            let mut claims = party.claims(&kit);
            (claims["iss"], claims["sub"]) = (json!(id), json!(id));
            let assertion = stranger.token(&json!({ "alg": "RS256", "typ": "JWT" }), &claims);
            answers.push(party.ask_with(&kit, &assertion, &GRANT).await);
        }
        assert_eq!(told(&answers[0]), unproven(mount));
        alike(&answers[0], &answers[1], mount.name());
    }
    for (mount, method) in [
        (Mount::Op, AuthMethod::ClientSecretBasic),
        (Mount::Op, AuthMethod::ClientSecretPost),
        (Mount::BankId, AuthMethod::ClientSecretPost),
    ] {
        let id = format!("shop-{}", method.name());
        let (secret, _) = ClientSecret::make(&kit.state, mount, &id).unwrap();
        let change = |registration: &mut crate::clients::Registration| {
            registration.auth_methods = vec![method];
            registration.secret = Some(secret);
        };
        let party = RelyingParty::with(&kit, mount, &id, Pair::new(Algorithm::Rs256), change).await;
        let mut answers = Vec::new();
        for id in [id.as_str(), "nobody"] {
            let answer = if method == AuthMethod::ClientSecretBasic {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(GRANT).finish();
                let request = Request::post(party.token_path())
                    .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{id}:wrong"))));
                kit.send(request.body(Body::from(body)).unwrap()).await
            } else {
                party.send(&kit, &[&GRANT[..], &[("client_id", id), ("client_secret", "wrong")]].concat()).await
            };
            answers.push(answer);
        }
        assert_eq!(told(&answers[0]), unproven(mount));
        alike(&answers[0], &answers[1], method.name());
    }
}
