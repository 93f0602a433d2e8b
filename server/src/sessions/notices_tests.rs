//! A relying party that is told of logouts, as it sees them: logout tokens in forms, at an address of its own.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::RsaOaep256;
use protocol::jws::{Algorithm, Jws};
use serde_json::Value;

use super::notices::deliver;
use super::tests::{ended, started, touched};
use super::*;
use crate::config::Config;
use crate::deliveries::{Outcome, Sent};
use crate::keys::{ContentEncryption, Encryption, KeyManagement};
use crate::testkit::{Kit, Pair, RelyingParty};

/// What came, and what is to be answered: 200 once the list is used up.
#[derive(Clone, Default)]
struct Ear {
    heard: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

async fn hear(State(ear): State<Ear>, headers: HeaderMap, body: String) -> StatusCode {
    ear.heard.lock().unwrap().push((headers, body));
    let status = ear.answers.lock().unwrap().pop_front().unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}

/// Claims as they lie in a token.
struct Token {
    typ: String,
    alg: Algorithm,
    claims: Value,
}

impl Ear {
    /// Listens; the URL is its own.
    async fn listen(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().route("/bye", post(hear)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}/bye")
    }

    fn tokens(&self, kit: &Kit) -> Vec<Token> {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .map(|(headers, body)| {
                assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
                let fields: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
                let [(name, token)] = fields.as_slice() else { panic!("{} fields", fields.len()) };
                assert_eq!(name, "logout_token");
                let jws: Jws = kit.state.keys.verify_own(token).unwrap();
                Token {
                    typ: jws.header().typ.clone().unwrap_or_default(),
                    alg: jws.header().alg,
                    claims: jws.claims().unwrap(),
                }
            })
            .collect()
    }
}

/// A kit on each database whose server may reach `url`, and a client there.
async fn kits(url: &str) -> Vec<Kit> {
    let host = url::Url::parse(url).unwrap();
    let allowed = format!("{}:{}", host.host_str().unwrap(), host.port().unwrap());
    let kits = Kit::both_with(&Config { fetch_allow: vec![allowed], ..Config::default() }).await;
    for kit in &kits {
        register(kit, "shop", url, false).await;
    }
    kits
}

async fn register(kit: &Kit, id: &str, url: &str, session_required: bool) -> RelyingParty {
    RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
        registration.backchannel_logout_uri = Some(url::Url::parse(url).unwrap());
        registration.backchannel_logout_session_required = session_required;
    })
    .await
}

async fn waiting(kit: &Kit) -> i64 {
    let count: Result<(i64,), StoreError> = kit
        .state
        .store
        .read(|tx| Box::pin(async move { crate::fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM logout_notice") }))
        .await;
    count.unwrap().0
}

/// Back-Channel Logout 1.0 §2.4, BID-REF-04: what the token says, and what it must not say.
#[tokio::test]
async fn on_both_a_client_is_told_by_a_logout_token() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    for kit in kits(&url).await {
        ear.heard.lock().unwrap().clear();
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        let sid = touched(&kit, begun.row, "shop").await.unwrap();
        assert_eq!(deliver(&kit.state).await.unwrap(), 0);
        ended(&kit, begun.row).await;
        assert_eq!(deliver(&kit.state).await.unwrap(), 1);
        assert_eq!(deliver(&kit.state).await.unwrap(), 0, "once");
        assert_eq!(waiting(&kit).await, 0);

        let tokens = ear.tokens(&kit);
        let [Token { typ, alg, claims }] = tokens.as_slice() else { panic!("{} tokens", tokens.len()) };
        assert_eq!((typ.as_str(), *alg), ("logout+jwt", Algorithm::Es256));
        assert_eq!(claims["iss"], kit.state.issuer(Mount::Op));
        assert_eq!((&claims["aud"], &claims["sid"]), (&"shop".into(), &sid.into()));
        let sub = registry::subject_for(&kit.state, anna, "party of shop").await.unwrap();
        assert_eq!(claims["sub"], sub);
        let now = kit.state.clock.now() / 1000;
        assert_eq!((claims["iat"].as_i64(), claims["exp"].as_i64()), (Some(now), Some(now + 120)));
        assert_eq!(claims["events"].to_string(), r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#);
        assert!(claims["jti"].as_str().unwrap().len() > 16);
        assert!(claims.get("nonce").is_none());
    }
}

/// A logout token is signed with what the client's ID tokens are signed with.
#[tokio::test]
async fn a_logout_token_has_the_algorithm_of_the_clients_id_tokens() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    let kit = kits(&url).await.remove(0);
    RelyingParty::with(&kit, Mount::Op, "old", Pair::new(Algorithm::Es256), |registration| {
        registration.backchannel_logout_uri = Some(url::Url::parse(&url).unwrap());
        registration.id_token_alg = Some(Algorithm::Rs256);
    })
    .await;
    let anna = kit.person("1000000001").await;
    let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
    touched(&kit, begun.row, "old").await.unwrap();
    ended(&kit, begun.row).await;
    deliver(&kit.state).await.unwrap();
    assert_eq!(ear.tokens(&kit)[0].alg, Algorithm::Rs256);
}

/// A client that is away is told later, with another token each time, and given up in the end.
#[tokio::test]
async fn on_both_a_client_that_does_not_take_it_is_told_again_and_given_up() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    for kit in kits(&url).await {
        ear.heard.lock().unwrap().clear();
        ear.answers.lock().unwrap().extend([500, 400]);
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "shop").await.unwrap();
        ended(&kit, begun.row).await;
        assert_eq!(deliver(&kit.state).await.unwrap(), 1);
        assert_eq!(deliver(&kit.state).await.unwrap(), 0, "not at once");
        kit.clock.advance_seconds(10);
        assert_eq!(deliver(&kit.state).await.unwrap(), 1);
        kit.clock.advance_seconds(59);
        assert_eq!(deliver(&kit.state).await.unwrap(), 0);
        kit.clock.advance_seconds(1);
        assert_eq!(deliver(&kit.state).await.unwrap(), 1);
        assert_eq!(waiting(&kit).await, 0);
        let tokens = ear.tokens(&kit);
        assert_eq!(tokens.len(), 3);
        assert_ne!(tokens[0].claims["jti"], tokens[1].claims["jti"]);

        ear.answers.lock().unwrap().extend([503; 7]);
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "shop").await.unwrap();
        ended(&kit, begun.row).await;
        for _ in 0..7 {
            assert_eq!(deliver(&kit.state).await.unwrap(), 1);
            kit.clock.advance_seconds(5 * 3600);
        }
        assert_eq!((deliver(&kit.state).await.unwrap(), waiting(&kit).await), (0, 0), "given up");
        let kinds: Result<Vec<(String,)>, StoreError> = kit
            .state
            .store
            .read(|tx| {
                Box::pin(async move {
                    crate::fetch_all!(tx, (String,), "SELECT kind FROM audit_event WHERE kind = 'logout_not_delivered'")
                })
            })
            .await;
        assert_eq!(kinds.unwrap().len(), 1);
        let counted = [Outcome::Delivered, Outcome::Refused, Outcome::Dead]
            .map(|outcome| kit.state.deliveries.so_far(Sent::Logout, outcome));
        assert_eq!(counted, [1, 8, 1]);
    }
}

/// Two nodes deliver at the same time: each notice is taken by one.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_two_nodes_tell_a_client_once() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    for kit in kits(&url).await {
        ear.heard.lock().unwrap().clear();
        let anna = kit.person("1000000001").await;
        for _ in 0..20 {
            let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
            touched(&kit, begun.row, "shop").await.unwrap();
            ended(&kit, begun.row).await;
        }
        let drain = async || {
            let mut all = 0;
            loop {
                match deliver(&kit.state).await.unwrap() {
                    0 => return all,
                    taken => all += taken,
                }
            }
        };
        let (one, other) = futures::join!(drain(), drain());
        assert_eq!((one + other, ear.heard.lock().unwrap().len()), (20, 20));
        assert_eq!(waiting(&kit).await, 0);
    }
}

/// Who is not told: clients without an address, removed ones, and those that need a `sid` where there is none. And none at
/// an address inside (A15).
#[tokio::test]
async fn on_both_nobody_is_told_who_did_not_ask_or_cannot_be_reached() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    for kit in kits(&url).await {
        ear.heard.lock().unwrap().clear();
        RelyingParty::new(&kit, Mount::Op, "quiet").await;
        register(&kit, "strict", &url, true).await;
        register(&kit, "inside", "https://127.0.0.1:1/bye", false).await;
        let anna = kit.person("1000000001").await;
        let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
        touched(&kit, begun.row, "quiet").await.unwrap();
        touched(&kit, begun.row, "gone").await.unwrap();
        touched(&kit, begun.row, "inside").await.unwrap();
        ended(&kit, begun.row).await;
        let state = kit.state.clone();
        let left = kit
            .state
            .store
            .write(move |tx| Box::pin(async move { leave(&state, tx, anna, Mount::Op, "strict").await }));
        left.await.unwrap();
        assert_eq!(deliver(&kit.state).await.unwrap(), 4);
        assert_eq!(waiting(&kit).await, 1, "the one inside, to be tried again");
        assert!(ear.heard.lock().unwrap().is_empty());
    }
}

/// Whoever waits for notices is woken by the write that puts one down.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_delivered_at_once() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    let kit = kits(&url).await.remove(0);
    let anna = kit.person("1000000001").await;
    let begun = started(&kit, NewSession::by_otp(&kit, anna)).await;
    touched(&kit, begun.row, "shop").await.unwrap();
    let work = tokio::spawn(notices::run(kit.state.clone()));
    ended(&kit, begun.row).await;
    let told = async {
        while ear.heard.lock().unwrap().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), told).await.unwrap();
    kit.state.waits.close();
    work.await.unwrap();
}

/// BID-REF-04, BID-200-03: at Bank iD's mount a logout token names the person and no session, and is encrypted for a client
/// whose ID tokens are.
#[tokio::test]
async fn bid_ref_04_bank_ids_clients_are_told_by_sub_and_encrypted_where_they_want_it() {
    let ear = Ear::default();
    let url = ear.clone().listen().await;
    let receiver = Pair::new(Algorithm::Rs256);
    for kit in kits(&url).await {
        let anna = kit.person("1000000001").await;
        for (id, encrypted) in [("plain", false), ("sealed", true)] {
            ear.heard.lock().unwrap().clear();
            RelyingParty::with(&kit, Mount::BankId, id, Pair::new(Algorithm::Es256), |registration| {
                registration.backchannel_logout_uri = Some(url::Url::parse(&url).unwrap());
                registration.enc_jwk = Some(receiver.public.clone());
                registration.id_token_encryption =
                    encrypted.then_some(Encryption { alg: KeyManagement::RsaOaep256, enc: ContentEncryption::A256Gcm });
            })
            .await;
            let begun = started(&kit, NewSession { mount: Mount::BankId, ..NewSession::by_otp(&kit, anna) }).await;
            touched(&kit, begun.row, id).await.unwrap();
            ended(&kit, begun.row).await;
            assert_eq!(deliver(&kit.state).await.unwrap(), 1);
            let body = ear.heard.lock().unwrap()[0].1.clone();
            let mut token = body.strip_prefix("logout_token=").unwrap().to_owned();
            if encrypted {
                let decrypter = RsaOaep256.decrypter_from_jwk(&receiver.private).unwrap();
                let (content, outer) = josekit::jwe::deserialize_compact(&token, &decrypter).unwrap();
                assert_eq!(outer.claim("cty"), Some(&"JWT".into()));
                token = String::from_utf8(content).unwrap();
            }
            let jws: Jws = kit.state.keys.verify_own(&token).unwrap();
            assert_eq!((jws.header().alg, jws.header().typ.as_deref()), (Algorithm::Es512, Some("logout+jwt")));
            let claims: Value = jws.claims().unwrap();
            assert_eq!((&claims["iss"], &claims["aud"]), (&kit.state.issuer(Mount::BankId).into(), &id.into()));
            let sub = registry::subject_for(&kit.state, anna, &format!("party of {id}")).await.unwrap();
            assert_eq!((&claims["sub"], claims.get("sid"), claims.get("nonce")), (&sub.into(), None, None));
        }
    }
}
