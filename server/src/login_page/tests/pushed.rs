//! Requests that were pushed, and request objects, as a browser brings them (A9, A11 to A16).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use protocol::jws::Algorithm;
use serde_json::Value;

use super::*;
use crate::access::ASSERTION_TYPE;
use crate::clients::{Profile, Registration};
use crate::config::Config;
use crate::testkit::{Pair, RelyingParty};

const MOUNT: Mount = Mount::Op;
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

async fn shop(kit: &Kit, change: impl FnOnce(&mut Registration)) -> RelyingParty {
    RelyingParty::with(kit, MOUNT, "shop", Pair::new(Algorithm::Es256), change).await
}

/// What the shop pushes, with other parameters in the place of its own.
async fn push(kit: &Kit, shop: &RelyingParty, changes: &[(&str, &str)]) -> Answer {
    let assertion = shop.assertion(&shop.claims(kit));
    push_with(kit, &assertion, changes).await
}

async fn push_with(kit: &Kit, assertion: &str, changes: &[(&str, &str)]) -> Answer {
    push_proving(kit, assertion, None, changes).await
}

async fn push_proving(kit: &Kit, assertion: &str, proof: Option<&str>, changes: &[(&str, &str)]) -> Answer {
    let own = [
        ("redirect_uri", "https://rp.test/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "theirs"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion),
    ];
    let mut form = Serializer::new(String::new());
    form.extend_pairs(own.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name)));
    form.extend_pairs(changes.iter().filter(|(_, value)| *value != "-"));
    let mut request = Request::post("/op/par").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(proof) = proof {
        request = request.header("DPoP", proof);
    }
    kit.send(request.body(form.finish().into()).unwrap()).await
}

fn uri(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(
        (answer.json()["expires_in"].as_i64(), &answer.headers[header::CACHE_CONTROL]),
        (Some(90), &"no-store".parse().unwrap())
    );
    answer.json()["request_uri"].as_str().unwrap().to_owned()
}

impl Visitor<'_> {
    /// Comes with a reference, and nothing else that counts.
    async fn bring(&mut self, client: &str, uri: &str) -> Answer {
        let query =
            Serializer::new(String::new()).append_pair("client_id", client).append_pair("request_uri", uri).finish();
        self.send(Request::get(format!("/op/authorize?{query}")), String::new()).await
    }

    async fn pin(&mut self) -> Answer {
        let answer = self.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
        if answer.text.contains("id=\"allow-button\"") { self.submit("consent", &[]).await } else { answer }
    }
}

/// Refused with a page: 400, the error's name, and one fixed sentence.
fn refused(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    assert!(answer.headers.get(header::LOCATION).is_none());
    answer.text.split_once("id=\"error-code\" dir=\"ltr\">").unwrap().1.split('<').next().unwrap().to_owned()
}

/// A16, FAPI 2.0 Security Profile §5.3.2.2: good for one login, whatever pages are loaded before it ends; for its client;
/// for a short time.
#[tokio::test]
async fn a16_a_pushed_request_is_its_clients_and_good_once() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        add_client(&kit, MOUNT).await;
        let shop = shop(&kit, |_| ()).await;
        let uri = uri(&push(&kit, &shop, &[]).await);
        assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
        let (mut first, mut second) = (Visitor::new(&kit, MOUNT), Visitor::new(&kit, MOUNT));
        assert_eq!(refused(&first.bring("clinic", &uri).await), "invalid_request_uri");
        first.bring("shop", &uri).await;
        second.bring("shop", &uri).await;
        second.bring("shop", &uri).await;
        let back = told(&second.pin().await);
        assert_eq!((back["state"].as_str(), back["code"].len()), ("theirs", 64));
        // Whoever has the page still gets nothing, and nobody a page.
        assert_eq!(first.pin().await.status, StatusCode::BAD_REQUEST);
        assert_eq!(refused(&first.bring("shop", &uri).await), "invalid_request_uri");
        let altered = format!("{}A", &uri[..uri.len() - 1]);
        for bad in [altered.as_str(), "urn:ietf:params:oauth:request_uri:x", "urn:ietf:params:oauth:request_uri:"] {
            assert_eq!(refused(&first.bring("shop", bad).await), "invalid_request_uri");
        }
        let late = self::uri(&push(&kit, &shop, &[]).await);
        kit.clock.advance_seconds(90);
        assert_eq!(refused(&first.bring("shop", &late).await), "invalid_request_uri");
        // A citizen's no ends it as well.
        let denied = self::uri(&push(&kit, &shop, &[("prompt", "login")]).await);
        second.bring("shop", &denied).await;
        assert_eq!(told(&second.submit("deny", &[]).await)["error"], "access_denied");
        assert_eq!(refused(&second.bring("shop", &denied).await), "invalid_request_uri");
    }
}

/// Fifty browsers with one reference finish at once: one of them has a code.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_one_pushed_request_yields_one_code() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let shop = shop(&kit, |_| ()).await;
        let uri = uri(&push(&kit, &shop, &[]).await);
        let mut pages = Vec::new();
        for _ in 0..50 {
            let mut visitor = Visitor::new(&kit, MOUNT);
            visitor.bring("shop", &uri).await;
            pages.push(visitor);
        }
        let ends = pages.into_iter().map(|mut visitor| async move { visitor.pin().await.status });
        let ends = futures::future::join_all(ends).await;
        assert_eq!(ends.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1, "{ends:?}");
    }
}

/// RFC 9126 §2.1, §2.3: who pushes proves who it is, and hears of faults at once.
#[tokio::test]
async fn what_is_pushed_is_held_against_the_client_at_once() {
    let kit = kit().await;
    let shop = shop(&kit, |registration| registration.profile = Profile::Fapi2).await;
    for (change, error) in [
        (("redirect_uri", "https://rp.test/other"), "invalid_request"),
        (("redirect_uri", "-"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "theirs"), "invalid_scope"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request", "e30.e30."), "invalid_request_object"),
        (("prompt", "none login"), "invalid_request"),
        (("client_id", "clinic"), "invalid_client"),
        (("client_assertion", "-"), "invalid_client"),
    ] {
        let answer = push(&kit, &shop, &[change]).await;
        assert_eq!(answer.json()["error"], error, "{change:?} {}", answer.text);
        assert!(matches!(answer.status.as_u16(), 400 | 401));
    }
    let assertion = shop.assertion(&shop.claims(&kit));
    uri(&push_with(&kit, &assertion, &[]).await);
    assert_eq!(push_with(&kit, &assertion, &[]).await.json()["error"], "invalid_client", "T12");
    let put = Request::put("/op/par").body("".into()).unwrap();
    assert_eq!(kit.send(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
    // Without a pushed request such a client logs nobody in; the fault is told to it.
    let mut visitor = Visitor::new(&kit, MOUNT);
    let plain = [("client_id", "shop"), ("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
    assert_eq!(told(&visitor.authorize(&plain).await)["error"], "invalid_request");
    // The other issuers have no such endpoint.
    for mount in [Mount::GovStack, Mount::ESignet] {
        let path = format!("{}/par", mount.prefix());
        let answer = kit.send(Request::post(path).body("".into()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

/// RFC 9449 §10.1: the key that is proven when a request is pushed is the one that its code is bound to.
#[tokio::test]
async fn a_proof_beside_a_pushed_request_binds_the_code() {
    let kit = kit().await;
    let shop = shop(&kit, |_| ()).await;
    let key = Pair::new(Algorithm::Es256);
    let proof = |jti: &str, path: &str| {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.public });
        let url = format!("{}{path}", kit.state.config.origin());
        let now = kit.state.clock.now() / 1000;
        key.token(&header, &json!({ "jti": jti, "htm": "POST", "htu": url, "iat": now }))
    };
    let push = async |proof: &str, more: &[(&str, &str)]| {
        let assertion = shop.assertion(&shop.claims(&kit));
        push_proving(&kit, &assertion, Some(proof), more).await
    };
    let answer = push(&proof("1", "/op/par"), &[]).await;
    assert!(answer.headers.contains_key("dpop-nonce"));
    let uri = uri(&answer);
    let mut visitor = Visitor::new(&kit, MOUNT);
    visitor.bring("shop", &uri).await;
    let code = told(&visitor.pin().await)["code"].clone();
    // Nobody redeems it without that key.
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://rp.test/cb"),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
    ];
    assert_eq!(shop.ask(&kit, &form).await.json()["error"], "invalid_grant");
    let thumbprint = key.public.thumbprint();
    self::uri(&push(&proof("2", "/op/par"), &[("dpop_jkt", &thumbprint)]).await);
    for (proof, more, error) in [
        (proof("1", "/op/par"), None, "invalid_dpop_proof"),
        (proof("3", "/op/token"), None, "invalid_dpop_proof"),
        ("x".to_owned(), None, "invalid_dpop_proof"),
        (proof("4", "/op/par"), Some(("dpop_jkt", "A".repeat(43))), "invalid_request"),
    ] {
        let more: Vec<(&str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = push(&proof, &more).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &json!(error)), "{more:?}");
    }
}

/// A9: what came first stays in force, whatever the browser adds.
#[tokio::test]
async fn a9_nothing_beside_the_reference_counts() {
    let kit = kit().await;
    let shop = shop(&kit, |_| ()).await;
    let uri = uri(&push(&kit, &shop, &[]).await);
    let mut visitor = Visitor::new(&kit, MOUNT);
    let more = [
        ("client_id", "shop"),
        ("request_uri", uri.as_str()),
        ("redirect_uri", "https://evil.test/"),
        ("state", "other"),
        ("response_type", "token"),
    ];
    visitor.authorize(&more).await;
    let id = visitor.says("name=\"transactionId\" value=\"");
    let token = visitor.says("name=\"_csrf\" value=\"");
    let login = format!(
        "_csrf={token}&transactionId={id}&individualId={UIN}&pin={PIN}&redirect_uri=https://evil.test/&scope=openid+email&response_type=token&claims={{}}"
    );
    let back = told(&visitor.post("login", login).await);
    assert_eq!((back["state"].as_str(), back["code"].len()), ("theirs", 64));
}

fn object(kit: &Kit, changes: &Value) -> Value {
    let mut claims = json!({
        "iss": "shop", "aud": kit.state.issuer(MOUNT), "client_id": "shop", "response_type": "code",
        "redirect_uri": "https://rp.test/cb", "scope": "openid", "state": "inside", "nonce": "n"
    });
    claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    claims
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| protocol::base64url::encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
}

/// A11, A12, A14: a good one is the whole request; a bad one is told on a page.
#[tokio::test]
async fn a14_a_request_object_is_the_whole_request() {
    let kit = kit().await;
    let shop = shop(&kit, |_| ()).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    let es256 = json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt" });
    for token in [shop.pair.token(&es256, &object(&kit, &json!({}))), unsigned(&object(&kit, &json!({})))] {
        let beside = [
            ("client_id", "shop"),
            ("request", token.as_str()),
            ("redirect_uri", "https://rp.test/other"),
            ("prompt", "none"),
        ];
        visitor.cookies.clear();
        visitor.authorize(&beside).await;
        let back = told(&visitor.pin().await);
        assert_eq!((back["state"].as_str(), back["code"].len()), ("inside", 64));
    }
    let other = Pair::new(Algorithm::Es256);
    for bad in [
        other.token(&es256, &object(&kit, &json!({}))),
        shop.pair.token(&es256, &object(&kit, &json!({ "client_id": "clinic" }))),
        shop.pair.token(&es256, &object(&kit, &json!({ "exp": 1 }))),
        "a.b.c".into(),
    ] {
        let answer = visitor.authorize(&[("client_id", "shop"), ("request", &bad)]).await;
        assert_eq!(refused(&answer), "invalid_request_object");
        assert!(answer.text.contains("made a signed request that cannot be accepted"), "{}", answer.text);
    }
    let no_uri = shop.pair.token(&es256, &object(&kit, &json!({ "redirect_uri": null })));
    let answer = visitor.authorize(&[("client_id", "shop"), ("request", &no_uri)]).await;
    assert_eq!(refused(&answer), "invalid_request");
    assert!(answer.text.contains("named an address to return to that is not its own"), "{}", answer.text);
    let both = [("client_id", "shop"), ("request", "x"), ("request_uri", "https://rp.test/r")];
    assert_eq!(refused(&visitor.authorize(&both).await), "invalid_request");
    // Pushed, it is the same.
    let token = shop.pair.token(&es256, &object(&kit, &json!({ "prompt": "login" })));
    let uri = uri(&push(&kit, &shop, &[("request", &token), ("state", "outside")]).await);
    visitor.bring("shop", &uri).await;
    assert_eq!(told(&visitor.pin().await)["state"], "inside");
    // Elsewhere there are none, which is told where the request says.
    for mount in [Mount::GovStack, Mount::ESignet] {
        let mut visitor = Visitor::new(&kit, mount);
        assert_eq!(told(&visitor.authorize(&[("request", "e30.e30.")]).await)["error"], "request_not_supported");
    }
}

/// A15: fetched from where the client registered, within limits, and from nowhere else.
#[tokio::test]
async fn a15_request_objects_are_fetched_only_from_registered_places() {
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kit = Kit::with(Config { fetch_allow: vec![address.to_string()], ..Config::default() }).await;
    person(&kit, UIN).await;
    let token = unsigned(&object(&kit, &json!({})));
    let count = asked.clone();
    let app = axum::Router::new()
        .route(
            "/good",
            axum::routing::get(move || async move {
                count.fetch_add(1, Ordering::SeqCst);
                token
            }),
        )
        .route("/large", axum::routing::get(|| async { "x".repeat(100_000) }))
        .route("/away", axum::routing::get(|| async { axum::response::Redirect::to("/good") }));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let at = |path: &str| format!("http://{address}{path}");
    let places = [
        at("/good#hash"),
        at("/large"),
        at("/away"),
        at("/none"),
        "http://169.254.169.254/".into(),
        "http://127.0.0.1:22/".into(),
        "http://[::1]/".into(),
        "file:///etc/passwd".into(),
        "https://localhost/".into(),
    ];
    let registered = places.to_vec();
    shop(&kit, |registration| registration.request_uris = registered).await;
    let mut visitor = Visitor::new(&kit, MOUNT);
    for bad in &places[1..] {
        assert_eq!(refused(&visitor.bring("shop", bad).await), "invalid_request_uri", "{bad}");
    }
    for other in [at("/other"), at("/good?x=1"), at("/GOOD"), "https://rp.test/r".into()] {
        assert_eq!(refused(&visitor.bring("shop", &other).await), "invalid_request_uri", "{other}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    visitor.bring("shop", &at("/good#another")).await;
    assert_eq!(told(&visitor.pin().await)["state"], "inside");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}
