//! The pages as a browser without script uses them, through the whole app, on every mount.

mod cases;
mod offline;
mod pushed;
mod response_modes;
mod same_device;
mod silent;
mod verified;

use axum::http::{Request, StatusCode, header};
use serde_json::json;
use url::form_urlencoded::Serializer;

use crate::dialect::Mount;
use crate::http::csrf;
use crate::linked::test_kit::{MOUNTS, PIN, Phone, UIN, add_client, person, wallet};
use crate::testkit::{Answer, Kit};

async fn kit() -> Kit {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    for mount in MOUNTS {
        add_client(&kit, mount).await;
    }
    kit
}

/// A browser: its cookies, and the page it shows.
struct Visitor<'k> {
    kit: &'k Kit,
    mount: Mount,
    cookies: Vec<(String, String)>,
    language: &'static str,
    page: String,
}

/// The request that the clinic makes, with other parameters in the place of its own.
fn query(changes: &[(&str, &str)]) -> String {
    let own = [
        ("client_id", "clinic"),
        ("redirect_uri", "https://rp.test/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s\"><script>&t"),
        ("nonce", "n"),
        ("claims", r#"{"userinfo":{"name":{"essential":true},"email":null}}"#),
    ];
    let mut query = Serializer::new(String::new());
    for (name, value) in own.into_iter().filter(|(name, _)| !changes.iter().any(|(other, _)| other == name)) {
        query.append_pair(name, value);
    }
    query.extend_pairs(changes.iter().filter(|(_, value)| *value != "-")).finish()
}

impl<'k> Visitor<'k> {
    fn new(kit: &'k Kit, mount: Mount) -> Self {
        Self { kit, mount, cookies: Vec::new(), language: "en", page: String::new() }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let jar: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, jar.join("; ")).header(header::ACCEPT_LANGUAGE, self.language);
        let answer = self.kit.send(request.body(body.into()).unwrap()).await;
        for cookie in answer.headers.get_all(header::SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.into(), value.into()));
        }
        self.page = answer.text.clone();
        answer
    }

    async fn authorize(&mut self, changes: &[(&str, &str)]) -> Answer {
        let path = format!("{}/authorize?{}", self.mount.prefix(), query(changes));
        self.send(Request::get(path), String::new()).await
    }

    /// What an attribute of the page says, unescaped.
    fn says(&self, before: &str) -> String {
        let rest = self.page.split_once(before).unwrap_or_else(|| panic!("{before} in {}", self.page)).1;
        rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
    }

    /// Sends a form of the page, with its hidden fields.
    async fn submit(&mut self, call: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.says("name=\"_csrf\" value=\"");
        let id = self.says("name=\"transactionId\" value=\"");
        let body = Serializer::new(String::new())
            .append_pair(csrf::FIELD, &token)
            .append_pair("transactionId", &id)
            .extend_pairs(fields)
            .finish();
        self.post(call, body).await
    }

    async fn post(&mut self, call: &str, body: String) -> Answer {
        let path = format!("{}/authorize/{call}", self.mount.prefix());
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await
    }
}

/// Where a 303 leads: what the relying party is told.
fn told(answer: &Answer) -> std::collections::HashMap<String, String> {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let location = answer.headers[header::LOCATION].to_str().unwrap();
    let (uri, query) = location.split_once('?').unwrap();
    assert_eq!(uri, "https://rp.test/cb");
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// GS-OIDC-01, GS-VAP-07, E9: PIN, consent with one voluntary claim off, back with code, state and issuer.
#[tokio::test]
async fn gs_oidc_01_a_citizen_logs_in_by_pin_without_script() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        let answer = visitor.authorize(&[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src https://rp.test; \
             form-action 'self' https:; frame-ancestors 'none'; base-uri 'none'"
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        assert!(answer.text.contains("<svg") && answer.text.contains("<bdi id=\"party-name\">Clinic</bdi>"));
        let before = visitor.cookies.clone();
        let answer = visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
        assert!(answer.text.contains("<li id=\"claim-name\">"), "{}", answer.text);
        let session =
            |cookies: &[(String, String)]| cookies.iter().find(|(name, _)| name == "tessera").unwrap().1.clone();
        assert_ne!(session(&before), session(&visitor.cookies));
        let told = told(&visitor.submit("consent", &[]).await);
        assert_eq!(told["code"].len(), 64);
        assert_eq!(told["state"], "s\"><script>&t");
        assert_eq!(told["iss"], kit.state.issuer(mount));
        // The next login of the same person asks nothing.
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[]).await;
        let told = self::told(&visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await);
        assert_eq!(told["code"].len(), 64);
    }
}

/// E1 in the small: a wrong PIN says so, in one sentence, and the right one still works.
#[tokio::test]
async fn a_wrong_pin_shows_the_page_again() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[]).await;
        let answer = visitor.submit("login", &[("individualId", UIN), ("pin", "113355")]).await;
        assert!(answer.text.contains("That did not work."));
        assert!(answer.text.contains(&format!("name=\"individualId\" value=\"{UIN}\"")));
        let answer = visitor.submit("login", &[("individualId", " "), ("pin", PIN)]).await;
        assert!(answer.text.contains("Please check what you entered."));
        let answer = visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
        assert!(answer.text.contains("id=\"allow-button\""));
    }
}

/// An OTP is asked for on a page of its own, without another QR code.
#[tokio::test]
async fn an_otp_is_sent_then_asked_for() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[]).await;
        let answer = visitor.submit("otp", &[("individualId", UIN), ("channel", "email")]).await;
        assert!(answer.text.contains("id=\"otp\"") && !answer.text.contains("<svg"), "{}", answer.text);
        let answer = visitor.submit("login", &[("individualId", UIN), ("otp", "000000"), ("sentTo", "a<b>")]).await;
        assert!(answer.text.contains("That did not work.") && answer.text.contains("id=\"otp\""));
        assert!(!answer.text.contains("<b>"));
        let answer = visitor.submit("start", &[]).await;
        assert!(answer.text.contains("<svg"));
    }
}

/// The citizen does not go on: on the login page, and on the consent page.
#[tokio::test]
async fn cancel_and_deny_tell_the_relying_party() {
    let kit = kit().await;
    for mount in MOUNTS {
        for logged_in in [false, true] {
            let mut visitor = Visitor::new(&kit, mount);
            visitor.authorize(&[("prompt", "consent")]).await;
            if logged_in {
                visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
            }
            let told = told(&visitor.submit("deny", &[]).await);
            assert_eq!(told["error"], "access_denied");
            assert_eq!(told["state"], "s\"><script>&t");
            assert_eq!(told["iss"], kit.state.issuer(mount));
        }
    }
}

/// The QR login as a browser without script goes through it; a second click gives the same code.
#[tokio::test]
async fn a_wallet_logs_a_browser_without_script_in() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[]).await;
        assert!(
            visitor
                .says("id=\"open-wallet\" class=\"button secondary\" href=\"")
                .starts_with("tessera://wla-auth?linkCode=")
        );
        let code = visitor.says("data-code=\"");
        let answer = visitor.submit("continue", &[]).await;
        assert!(answer.text.contains("Your wallet has not approved it yet."));
        let scanned = phone.scan(&kit, mount, &code, true).await;
        let answer = visitor.submit("continue", &[]).await;
        assert!(answer.text.contains("id=\"wallet-status\"") && !answer.text.contains("<svg"));
        phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await;
        let consent = phone.consent(&kit, &scanned, &["name"]);
        assert_eq!(wallet(&kit, mount, "v2/consent", consent).await.code(), "");
        let page = visitor.page.clone();
        let first = told(&visitor.submit("continue", &[]).await);
        assert_eq!(first["code"].len(), 64);
        visitor.page = page;
        assert_eq!(told(&visitor.submit("continue", &[]).await), first);
    }
}

/// The wallet's no reaches the relying party.
#[tokio::test]
async fn a_denial_in_the_wallet_tells_the_relying_party() {
    let kit = kit().await;
    let phone = Phone::bind(&kit, UIN).await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[]).await;
        let scanned = phone.scan(&kit, mount, &visitor.says("data-code=\""), true).await;
        kit.post("/wallet/deny", json!({ "linkedTransactionId": scanned.linked }), &[]).await;
        let told = told(&visitor.submit("continue", &[]).await);
        assert_eq!(told["error"], "access_denied");
        assert_eq!(told["iss"], kit.state.issuer(mount));
    }
}

/// A1 to A3, A5: nothing is redirected before the redirect URI is proven.
#[tokio::test]
async fn a1_a5_what_cannot_be_trusted_is_refused_with_a_page() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        let uris =
            ["https://evil.test/", "https://rp.test/CB", "https://rp.test/cb/", "https://rp.test@evil.test/cb", "-"];
        let mut queries: Vec<String> = uris.iter().map(|uri| query(&[("redirect_uri", uri)])).collect();
        queries.push(query(&[("client_id", "nobody")]));
        queries.push(query(&[("client_id", "-")]));
        queries.push(format!("{}&redirect_uri=https%3A%2F%2Frp.test%2Fcb", query(&[])));
        queries.push(format!("{}&client_id=clinic", query(&[])));
        queries.push(format!("{}&scope=openid", query(&[])));
        queries.push("x".repeat(40_000));
        for query in queries {
            let path = format!("{}/authorize", mount.prefix());
            let form = Request::post(&path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answers = [
                visitor.send(Request::get(format!("{path}?{query}")), String::new()).await,
                visitor.send(form, query).await,
            ];
            for answer in answers {
                assert_eq!(answer.status, StatusCode::BAD_REQUEST);
                assert!(answer.headers.get(header::LOCATION).is_none());
                assert!(answer.text.contains("id=\"message\""));
                assert!(!answer.text.contains("evil"));
            }
        }
    }
}

/// GS-OIDC-02: a fault behind a proven redirect URI is told by redirect.
#[tokio::test]
async fn gs_oidc_02_other_faults_are_told_by_redirect() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        for (change, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("response_mode", "fragment"), "invalid_request"),
            (("prompt", "none"), "login_required"),
            (("prompt", "xyz"), "invalid_request"),
            (("code_challenge", "abc"), "invalid_request"),
        ] {
            let told = told(&visitor.authorize(&[change]).await);
            assert_eq!(told["error"], error, "{change:?}");
            assert_eq!(told["iss"], kit.state.issuer(mount));
        }
    }
}

/// E5, E6: no token, a foreign token, another browser's transaction.
#[tokio::test]
async fn e5_forms_are_taken_from_the_browser_they_were_shown_to() {
    let kit = kit().await;
    for mount in MOUNTS {
        let (mut visitor, mut other) = (Visitor::new(&kit, mount), Visitor::new(&kit, mount));
        visitor.authorize(&[]).await;
        other.authorize(&[]).await;
        let id = visitor.says("name=\"transactionId\" value=\"");
        let (own, foreign) = (visitor.says("name=\"_csrf\" value=\""), other.says("name=\"_csrf\" value=\""));
        for call in ["start", "otp", "login", "consent", "continue", "deny"] {
            for token in ["", "a.b", &foreign] {
                let answer = visitor.post(call, format!("_csrf={token}&transactionId={id}")).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{call}");
            }
            let answer = other.post(call, format!("_csrf={foreign}&transactionId={id}")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{call}");
            assert!(answer.headers.get(header::LOCATION).is_none());
        }
        let answer = visitor.post("deny", format!("_csrf={own}&transactionId={id}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        // It is over: nothing goes on.
        let answer =
            visitor.post("login", format!("_csrf={own}&transactionId={id}&individualId={UIN}&pin={PIN}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

/// E7: a form cannot accept what was not asked for.
#[tokio::test]
async fn e7_a_form_cannot_accept_more_than_was_asked() {
    let kit = kit().await;
    for mount in MOUNTS {
        let mut visitor = Visitor::new(&kit, mount);
        visitor.authorize(&[("prompt", "consent")]).await;
        visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
        let answer = visitor.submit("consent", &[("claim", "birthdate")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

/// The page is in the language asked for; the relying party's wish comes before the browser's.
#[tokio::test]
async fn pages_are_in_the_readers_language() {
    let kit = kit().await;
    let mut visitor = Visitor { language: "fr-CA, en;q=0.5", ..Visitor::new(&kit, Mount::Op) };
    let answer = visitor.authorize(&[]).await;
    assert!(answer.text.contains("<html lang=\"fr\" dir=\"ltr\">") && answer.text.contains("Clinique"));
    let answer = visitor.authorize(&[("ui_locales", "ar")]).await;
    assert!(answer.text.contains("<html lang=\"ar\" dir=\"rtl\">"));
    let answer = visitor.submit("login", &[("individualId", UIN), ("pin", PIN)]).await;
    assert!(answer.text.contains("<html lang=\"ar\" dir=\"rtl\">"));
}

/// Style and script come under an address of their own content, and nothing else does.
#[tokio::test]
async fn style_and_script_are_served_for_long() {
    let kit = kit().await;
    let mut visitor = Visitor::new(&kit, Mount::Op);
    let page = visitor.authorize(&[]).await.text;
    for (before, kind) in
        [("href=\"/static/", "text/css; charset=utf-8"), ("src=\"/static/", "text/javascript; charset=utf-8")]
    {
        let path = page.split_once(before).unwrap().1.split('"').next().unwrap();
        let answer = kit.send(Request::get(format!("/static/{path}")).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.headers[header::CONTENT_TYPE], kind);
        assert!(answer.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    }
    for path in ["/static/old/page.css", "/static/x/../../Cargo.toml"] {
        let answer = kit.send(Request::get(path).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}
