//! What the server fetches of a client that registers itself: the list of its redirect URIs, its keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::{config, register, text, told};
use crate::clients;
use crate::config::{Config, Opening};
use crate::dialect::Mount;
use crate::registry;
use crate::testkit::{Kit, Pair, RelyingParty};

/// A relying party's server: a list of redirect URIs, and a key set that changes when it is told to.
#[derive(Default)]
struct Site {
    kid: AtomicUsize,
    keys: std::sync::Mutex<Vec<Value>>,
}

async fn site() -> (String, Arc<Site>) {
    let site = Arc::new(Site::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let published = site.clone();
    let jwks = move || {
        let key = published.keys.lock().unwrap()[published.kid.load(Ordering::SeqCst)].clone();
        async move { json!({ "keys": [key] }).to_string() }
    };
    use axum::routing::get;
    let router = axum::Router::new()
        .route("/uris", get(|| async { json!(["https://a.test/cb", "https://b.test/cb"]).to_string() }))
        .route("/object", get(|| async { "{}" }))
        .route("/huge", get(|| async { format!("[\"{}\"]", "x".repeat(100_000)) }))
        .route("/away", get(|| async { axum::response::Redirect::to("/uris") }))
        .route("/jwks", get(jwks));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, site)
}

/// OpenID Connect Core §8.1: the list must hold every redirect URI, and its host is whom persons are known to.
#[tokio::test]
async fn sector_identifier_uris_are_fetched_and_checked() {
    let (address, _) = site().await;
    let kit = Kit::with(Config { fetch_allow: vec![address.clone()], ..config(Opening::Open) }).await;
    let with = |uris: Value, path: &str| {
        json!({ "redirect_uris": uris, "subject_type": "pairwise",
            "sector_identifier_uri": format!("http://{address}{path}") })
    };
    for (uris, path) in [
        (json!(["https://c.test/cb"]), "/uris"),
        (json!(["https://a.test/cb", "https://c.test/cb"]), "/uris"),
        (json!(["https://a.test/cb"]), "/object"),
        (json!(["https://a.test/cb"]), "/huge"),
        (json!(["https://a.test/cb"]), "/away"),
        (json!(["https://a.test/cb"]), "/nothing"),
    ] {
        let answer = register(&kit, &with(uris.clone(), path)).await;
        assert_eq!(told(&answer), (400, "invalid_client_metadata".into()), "{uris} {path}");
    }
    let hosts = json!(["https://a.test/cb", "https://b.test/cb"]);
    let asked = json!({ "redirect_uris": hosts, "subject_type": "pairwise" });
    assert_eq!(told(&register(&kit, &asked).await), (400, "invalid_client_metadata".into()));
    // Who does not ask shares what it knows persons by with nobody.
    let not_asked = register(&kit, &json!({ "redirect_uris": hosts })).await;
    assert_eq!(not_asked.status, StatusCode::CREATED, "{}", not_asked.text);
    let alone = clients::find_any(&kit.state, Mount::Op, &text(&not_asked, "client_id")).await.unwrap().unwrap();
    assert_eq!(alone.sector(), format!("client:{}", alone.id));

    let person = kit.person("1").await;
    let subject = async |sent: &Value| {
        let made = register(&kit, sent).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let client = clients::find_any(&kit.state, Mount::Op, &text(&made, "client_id")).await.unwrap().unwrap();
        registry::subject_for(&kit.state, person, client.sector()).await.unwrap()
    };
    let both = subject(&with(json!(["https://a.test/cb", "https://b.test/cb"]), "/uris")).await;
    assert_eq!(subject(&with(json!(["https://b.test/cb"]), "/uris")).await, both);
    let alone = subject(&json!({ "redirect_uris": ["https://a.test/cb"] })).await;
    assert_ne!(alone, both);
    assert_eq!(subject(&json!({ "redirect_uris": ["https://a.test/other"] })).await, alone);
    // What has no host of its own shares with nobody; what is public shares with all.
    let native = json!({ "application_type": "native", "redirect_uris": ["http://127.0.0.1/cb"] });
    assert_ne!(subject(&native).await, subject(&native).await);
    let public = |host: &str| json!({ "subject_type": "public", "redirect_uris": [format!("https://{host}/cb")] });
    let known = subject(&public("a.test")).await;
    assert_eq!(subject(&public("c.test")).await, known);
    assert_ne!(known, alone);
}

/// T15: a client rolls over by publishing a new key: a new `kid` is fetched at once, an old one ends with the cache.
#[tokio::test]
async fn t15_published_keys_roll_over() {
    let (address, site) = site().await;
    let kit = Kit::with(Config { fetch_allow: vec![address.clone()], ..config(Opening::Open) }).await;
    let pairs = [Pair::new(Algorithm::Es256), Pair::new(Algorithm::Rs256)];
    for (kid, pair) in pairs.iter().enumerate() {
        let mut key = serde_json::to_value(&pair.public).unwrap();
        key["kid"] = json!(kid.to_string());
        site.keys.lock().unwrap().push(key);
    }
    let sent = json!({ "redirect_uris": ["https://a.test/cb"], "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": format!("http://{address}/jwks") });
    let made = register(&kit, &sent).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let party = RelyingParty { mount: Mount::Op, id: text(&made, "client_id"), pair: pairs[0].again() };
    let form = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", "x")];
    let ask = async |which: usize| {
        let heading = json!({ "alg": pairs[which].alg.name(), "kid": which.to_string() });
        let assertion = pairs[which].token(&heading, &party.claims(&kit));
        told(&party.ask_with(&kit, &assertion, &form).await).0
    };
    assert_eq!((ask(0).await, ask(1).await), (400, 401));
    site.kid.store(1, Ordering::SeqCst);
    kit.clock.advance_seconds(30);
    assert_eq!((ask(1).await, ask(0).await), (400, 401));
    kit.clock.advance_seconds(300);
    assert_eq!((ask(1).await, ask(0).await), (400, 401));
}
