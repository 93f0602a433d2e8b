//! The end-session endpoint as relying parties and browsers use it.

use axum::http::{Request, StatusCode, header};
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::dialect::Mount;
use crate::registry::{self, PersonId};
use crate::sessions::{self, NewSession, cookie};
use crate::testkit::{Answer, Kit, Pair, RelyingParty};

const BYE: &str = "https://rp.test/bye?x=1";

/// A person who is logged in at `/op` in a browser, with a client.
struct Desk {
    kit: Kit,
    anna: PersonId,
    row: i64,
    sid: String,
    /// What the browser shows.
    cookie: String,
}

impl Desk {
    async fn new() -> Self {
        let kit = Kit::new().await;
        for id in ["shop", "bank"] {
            RelyingParty::with(&kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
                registration.post_logout_redirect_uris = vec![BYE.into(), "https://rp.test/other".into()];
            })
            .await;
        }
        let anna = kit.person("1000000001").await;
        let (row, cookie, sid) = begin(&kit, anna).await;
        Self { kit, anna, row, sid, cookie }
    }

    async fn hint(&self, with: Value) -> String {
        let sub = registry::subject_for(&self.kit.state, self.anna, "party of shop").await.unwrap();
        let now = self.kit.state.clock.now() / 1000;
        let mut claims = json!({
            "iss": self.kit.state.issuer(Mount::Op), "aud": "shop", "sub": sub, "iat": now, "exp": now + 60,
            "sid": self.sid,
        });
        for (name, value) in with.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.kit.state.keys.sign_jwt(Algorithm::Es256, "JWT", &claims).unwrap()
    }

    async fn get(&self, parameters: &[(&str, &str)]) -> Answer {
        let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = Request::get(format!("/op/logout?{query}")).header(header::COOKIE, &self.cookie);
        self.kit.send(request.body("".into()).unwrap()).await
    }

    async fn post(&self, path: &str, cookies: &str, parameters: &[(&str, &str)]) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(parameters).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, cookies);
        self.kit.send(request.body(body.into()).unwrap()).await
    }

    async fn is_logged_in(&self) -> bool {
        let (state, row) = (self.kit.state.clone(), self.row);
        let stands =
            self.kit.state.store.read(move |tx| Box::pin(async move { sessions::stands(&state, tx, row).await }));
        stands.await.unwrap()
    }
}

async fn begin(kit: &Kit, person: PersonId) -> (i64, String, String) {
    let state = kit.state.clone();
    let new = NewSession::by_otp(kit, person);
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let begun = sessions::begin(&state, tx, new).await?;
            let sid = sessions::touch_client(&state, tx, begun.row, "shop").await?.unwrap();
            Ok::<_, registry::Fault>((begun, sid))
        })
    });
    let (begun, sid) = work.await.unwrap();
    let set = cookie::set(&kit.state, Mount::Op, &begun.cookie).unwrap();
    let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
    (begun.row, pair, sid)
}

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    answer.headers[header::LOCATION].to_str().unwrap()
}

fn takes_the_cookie_away(answer: &Answer) -> bool {
    let set = answer.headers.get_all(header::SET_COOKIE);
    set.iter().any(|set| {
        set.to_str().unwrap().starts_with("tessera-login-op=; ") && set.to_str().unwrap().contains("Max-Age=0")
    })
}

/// What a form of the page sends, and the cookies that go with it.
fn form(desk: &Desk, page: &Answer) -> (Vec<(String, String)>, String) {
    let fields = page.text.split("<input type=\"hidden\" name=\"").skip(1).map(|input| {
        let (name, rest) = input.split_once("\" value=\"").unwrap();
        (name.to_owned(), rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&"))
    });
    let set =
        page.headers.get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap().split(';').next().unwrap());
    let cookies = std::iter::once(desk.cookie.as_str()).chain(set).collect::<Vec<_>>().join("; ");
    (fields.collect(), cookies)
}

async fn answer(desk: &Desk, page: &Answer, choice: &str) -> Answer {
    let (mut fields, cookies) = form(desk, page);
    fields.push(("logout".into(), choice.into()));
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    desk.post("/op/logout/confirm", &cookies, &fields).await
}

/// RP-Initiated Logout 1.0 §2, §3: ended at once, back to the registered address with `state`.
#[tokio::test]
async fn a_hint_of_this_browsers_session_ends_it_and_leads_back() {
    let desk = Desk::new().await;
    let hint = desk.hint(json!({})).await;
    let state = "a b&c=\"<".repeat(16);
    let gone = desk.get(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", &state)]).await;
    let to = location(&gone);
    let query = to.strip_prefix(BYE).unwrap().strip_prefix('&').unwrap();
    let back: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert_eq!(back, [("state".to_owned(), state)]);
    assert!(takes_the_cookie_away(&gone));
    assert!(!desk.is_logged_in().await);
    // A second time nobody is there, and the way back is the same.
    let again = desk.get(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(location(&again), BYE);
}

/// BID-END-06: by `POST` too. A browser that another site sends with a form shows no cookie; the hint names its session.
#[tokio::test]
async fn a_form_from_another_site_ends_the_session_that_its_hint_names() {
    let desk = Desk::new().await;
    let hint = desk.hint(json!({})).await;
    let gone = desk.post("/op/logout", "", &[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(location(&gone), BYE);
    assert!(!desk.is_logged_in().await);

    let desk = Desk::new().await;
    let asks = desk.post("/op/logout", "", &[]).await;
    assert!(
        asks.text.contains("id=\"logout-button\""),
        "without a cookie nobody can be told to be gone: {}",
        asks.text
    );
    let gone = answer(&desk, &asks, "yes").await;
    assert!(gone.text.contains("You are signed out."), "{}", gone.text);
    assert!(!desk.is_logged_in().await);
}

/// An ID token that has expired is still a hint; one without `sid` is one where it is about who is there.
#[tokio::test]
async fn old_hints_and_hints_without_a_session_count() {
    let desk = Desk::new().await;
    let hint = desk.hint(json!({ "exp": 1 })).await;
    assert!(desk.get(&[("id_token_hint", &hint)]).await.text.contains("You are signed out."));
    assert!(!desk.is_logged_in().await);

    let desk = Desk::new().await;
    let hint = desk.hint(json!({ "sid": null })).await;
    assert!(desk.get(&[("id_token_hint", &hint)]).await.text.contains("You are signed out."));
    assert!(!desk.is_logged_in().await);
}

/// C10: no redirect, an error page with one fixed sentence, and everybody stays logged in.
#[tokio::test]
async fn c10_what_cannot_be_trusted_changes_nothing() {
    let desk = Desk::new().await;
    let good = desk.hint(json!({})).await;
    let none = {
        let parts: Vec<&str> = good.split('.').collect();
        let header = protocol::base64url::encode(json!({ "alg": "none", "typ": "JWT" }).to_string());
        format!("{header}.{}.", parts[1])
    };
    let foreign = Pair::new(Algorithm::Es256).token(&json!({ "alg": "ES256", "typ": "JWT" }), &json!({ "sub": "x" }));
    let other_issuer = desk.hint(json!({ "iss": "https://other.test" })).await;
    let event = desk.hint(json!({ "events": {} })).await;
    let unknown = desk.hint(json!({ "aud": "nobody" })).await;
    let typed = desk.kit.state.keys.sign_jwt(Algorithm::Es256, "logout+jwt", &json!({ "sub": "x" })).unwrap();
    let twice = format!("{BYE}&foo=bar");
    for parameters in [
        &[("id_token_hint", none.as_str()), ("post_logout_redirect_uri", BYE)][..],
        &[("id_token_hint", &foreign), ("post_logout_redirect_uri", BYE)],
        &[("id_token_hint", &other_issuer)],
        &[("id_token_hint", &event)],
        &[("id_token_hint", &unknown)],
        &[("id_token_hint", &typed)],
        &[("id_token_hint", "x")],
        &[("id_token_hint", &good), ("post_logout_redirect_uri", "https://evil.test/bye")],
        &[("id_token_hint", &good), ("post_logout_redirect_uri", &twice)],
        &[("id_token_hint", &good), ("client_id", "bank")],
        &[("post_logout_redirect_uri", BYE)],
        &[("client_id", "nobody")],
        &[("state", "a"), ("state", "b")],
    ] {
        let refused = desk.get(parameters).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{parameters:?}");
        assert!(refused.text.contains("Nothing has changed."), "{}", refused.text);
        assert!(!refused.text.contains("evil.test"));
        assert!(desk.is_logged_in().await, "{parameters:?}");
    }
    let refused = desk.kit.send(Request::post("/op/logout").body("{}".into()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

/// C10: what proves nothing asks first; nobody is logged out before the person says so, from the page itself.
#[tokio::test]
async fn c10_without_a_hint_the_person_is_asked() {
    let desk = Desk::new().await;
    for parameters in [&[][..], &[("state", "only")], &[("client_id", "shop"), ("post_logout_redirect_uri", BYE)]] {
        let asks = desk.get(parameters).await;
        assert_eq!(asks.status, StatusCode::OK);
        assert!(
            asks.text.contains("id=\"logout-button\"") && asks.text.contains("id=\"stay-button\""),
            "{}",
            asks.text
        );
        assert!(desk.is_logged_in().await);
    }
    let asks = desk.get(&[("client_id", "shop"), ("post_logout_redirect_uri", BYE), ("state", "s")]).await;
    // From another site, or without the token.
    for (cookies, csrf) in [(desk.cookie.as_str(), "x"), ("", "")] {
        let refused = desk.post("/op/logout/confirm", cookies, &[("_csrf", csrf), ("logout", "yes")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert!(desk.is_logged_in().await);
    let stays = answer(&desk, &asks, "no").await;
    assert_eq!(location(&stays), format!("{BYE}&state=s"));
    assert!(!takes_the_cookie_away(&stays) && desk.is_logged_in().await);
    let gone = answer(&desk, &asks, "yes").await;
    assert_eq!(location(&gone), format!("{BYE}&state=s"));
    assert!(takes_the_cookie_away(&gone) && !desk.is_logged_in().await);
    // Nobody is there any more: nothing to ask.
    assert!(desk.get(&[]).await.text.contains("You are signed out."));
}

/// A hint of another session, or about another person, does not end this browser's.
#[tokio::test]
async fn a_hint_of_another_session_asks() {
    let desk = Desk::new().await;
    let ben = desk.kit.person("1000000002").await;
    let (bens, _, sid) = begin(&desk.kit, ben).await;
    let sub = registry::subject_for(&desk.kit.state, ben, "party of shop").await.unwrap();
    for with in [json!({ "sub": sub, "sid": sid }), json!({ "sub": sub, "sid": null })] {
        let hint = desk.hint(with).await;
        let asks = desk.get(&[("id_token_hint", &hint)]).await;
        assert!(asks.text.contains("id=\"logout-button\""), "{}", asks.text);
        assert!(desk.is_logged_in().await);
    }
    let state = desk.kit.state.clone();
    let stands = desk.kit.state.store.read(move |tx| Box::pin(async move { sessions::stands(&state, tx, bens).await }));
    assert!(stands.await.unwrap());
}

/// Discovery names what there is, where it is.
#[tokio::test]
async fn discovery_names_logout_where_sessions_are_kept() {
    let kit = Kit::new().await;
    let document = kit.get("/op/.well-known/openid-configuration", None).await.json();
    assert_eq!(document["end_session_endpoint"], format!("{}/logout", kit.state.issuer(Mount::Op)));
    assert_eq!(document["backchannel_logout_supported"], true);
    assert_eq!(document["backchannel_logout_session_supported"], true);
    for path in ["/.well-known/openid-configuration", "/v1/esignet/.well-known/openid-configuration"] {
        let document = kit.get(path, None).await.json();
        assert!(
            document.get("end_session_endpoint").is_none() && document.get("backchannel_logout_supported").is_none()
        );
    }
}
