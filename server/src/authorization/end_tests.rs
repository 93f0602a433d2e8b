//! What a login yields, and the functions behind the pages of `GET /authorize`.

use serde_json::{Value, json};

use super::authorize::{self, Start};
use super::model_tests::client;
use super::page_tests_kit::{PIN, Page, UIN, anna, register};
use super::response::Delivery;
use crate::acr::Acr;
use crate::dialect::Mount;
use crate::grants::{self, Presented};
use crate::http::csrf::{Browser, arrive};
use crate::registry;
use crate::risk::Origin;
use crate::testkit::Kit;

async fn kit() -> Kit {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let mut clinic = client(mount);
        clinic.registration.acrs = vec![Acr::GeneratedCode, Acr::StaticCode];
        register(&kit, &clinic).await;
    }
    kit
}

/// Where a browser is sent.
fn redirect(delivery: Delivery) -> String {
    let Delivery::Redirect(url) = delivery else { panic!("a form") };
    url
}

async fn start(kit: &Kit, mount: Mount, query: &str, browser: &Browser) -> Start {
    let headers = axum::http::HeaderMap::new();
    authorize::start(&kit.state, mount, query, browser, &headers, Origin::default()).await.unwrap()
}

async fn approved(kit: &Kit, mount: Mount, code: &str) -> grants::Approval {
    let presented = Presented {
        mount,
        client_id: "clinic",
        code,
        redirect_uri: Some("https://rp.test/cb"),
        code_verifier: None,
        code_seconds: None,
        refreshable: false,
        public: false,
    };
    grants::redeem(&kit.state, presented, grants::Shown::default()).await.unwrap().approval
}

/// GS-VAP-07, GS-VAP-08, A21: the code stands for what was agreed to, and for the class really reached.
#[tokio::test]
async fn gs_vap_07_the_code_yields_what_was_agreed_to_and_no_more() {
    let kit = kit().await;
    let person = anna(&kit).await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        let claims = json!({
            "userinfo": { "name": { "essential": true }, "email": null, "gender": { "essential": true } },
            "id_token": { "email": null }
        });
        let asked = "idbb:acr:static-code mosip:idp:acr:generated-code";
        page.begin(json!({ "claims": claims, "acrValues": asked, "scope": "openid Manage-VID Manage-Identity-Data" }))
            .await;
        page.log_in().await;
        let request = page.agree(&["name"], &["Manage-VID"]);
        let answer = page.post("auth-code", request).await.json();
        let approval = approved(&kit, mount, answer["response"]["code"].as_str().unwrap()).await;
        assert_eq!(approval.person, person);
        assert_eq!(approval.userinfo_claims, ["name"]);
        assert_eq!(approval.id_token_claims, Vec::<String>::new());
        assert_eq!(approval.permitted_scopes, ["Manage-VID"]);
        assert_eq!(approval.acr, "mosip:idp:acr:generated-code");
        assert_eq!(approval.amr, ["otp"]);
        assert_eq!(approval.nonce.as_deref(), Some("their nonce"));
    }
}

/// GS-VAP-04: fifty requests for one code, and one gets it.
#[tokio::test]
async fn gs_vap_04_fifty_requests_of_one_login_yield_one_code() {
    let kit = kit().await;
    anna(&kit).await;
    let mut page = Page::arrive(&kit, Mount::Op).await;
    page.begin(json!({})).await;
    page.log_in().await;
    let headers = page.headers();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let request = page.agree(&["name"], &[]);
    let calls = (0..50).map(|_| kit.post("/op/authorization/auth-code", request.clone(), &headers));
    let answers = futures::future::join_all(calls).await;
    let codes = answers.iter().filter(|answer| answer.json()["response"]["code"].is_string()).count();
    assert_eq!(codes, 1);
    // On a machine that is busy with other tests some may be told to come back.
    let lost = |code: &str| matches!(code, "" | "invalid_transaction" | "temporarily_unavailable");
    assert!(answers.iter().all(|answer| lost(&answer.code())));
}

/// What was agreed to is not asked again, unless the relying party wants it or asks for something else.
#[tokio::test]
async fn consent_is_remembered_until_it_ends() {
    let kit = Kit::new().await;
    anna(&kit).await;
    let mut clinic = client(Mount::Op);
    clinic.registration.additional.consent_expire_in_mins = Some(60);
    register(&kit, &clinic).await;
    let action = async |changes: Value, agree: bool| {
        let mut page = Page::arrive(&kit, Mount::Op).await;
        page.begin(changes).await;
        let answer = page.log_in().await;
        let action = answer.json()["response"]["consentAction"].as_str().unwrap().to_owned();
        if agree {
            let claims: &[&str] = if action == "CAPTURE" { &["name"] } else { &[] };
            let request = page.agree(claims, &[]);
            let answer = page.post("auth-code", request).await;
            assert_eq!(answer.code(), "", "{}", answer.text);
        }
        action
    };
    assert_eq!(action(json!({}), false).await, "CAPTURE");
    assert_eq!(action(json!({}), true).await, "CAPTURE", "a login that was not finished agreed to nothing");
    assert_eq!(action(json!({}), true).await, "NOCAPTURE");
    assert_eq!(action(json!({ "prompt": "consent" }), false).await, "CAPTURE");
    let other = json!({ "claims": { "userinfo": { "name": null } } });
    assert_eq!(action(other, false).await, "CAPTURE");
    kit.clock.advance_seconds(3600);
    assert_eq!(action(json!({}), false).await, "CAPTURE", "ended");
    let nothing = json!({ "scope": "openid", "claims": null });
    assert_eq!(action(nothing, true).await, "NOCAPTURE", "nothing is asked for");
}

/// A relying party that names the subject it wants gets no other (OpenID Connect Core §5.5.1).
#[tokio::test]
async fn another_subject_than_the_one_asked_for_fails() {
    let kit = kit().await;
    let person = anna(&kit).await;
    let right = registry::subject(&kit.state, person, "health");
    for (subject, code) in [(right.as_str(), ""), ("somebody", "auth_failed")] {
        let mut page = Page::arrive(&kit, Mount::Op).await;
        page.begin(json!({ "claims": { "id_token": { "sub": { "value": subject } } } })).await;
        assert_eq!(page.log_in().await.code(), code);
    }
}

fn query(changes: &str) -> String {
    format!("client_id=clinic&response_type=code&scope=openid+profile&redirect_uri=https%3A%2F%2Frp.test%2Fcb{changes}")
}

async fn begin(kit: &Kit, mount: Mount, browser: &Browser) -> String {
    match start(kit, mount, &query("&state=s%26t"), browser).await {
        Start::Page(begun) => begun.transaction_id,
        _ => panic!("no login page"),
    }
}

/// GS-OIDC-01: begin, log in, consent, back with code, state and issuer (RFC 9207).
#[tokio::test]
async fn gs_oidc_01_authorize_leads_back_with_code_state_and_iss() {
    let kit = kit().await;
    anna(&kit).await;
    for mount in Mount::ISSUERS {
        let browser = arrive(&kit.state, &axum::http::HeaderMap::new()).browser;
        let id = begin(&kit, mount, &browser).await;
        let transaction = authorize::resume(&kit.state, mount, &browser, &id).await.unwrap();
        let pin = protocol::linked::Challenge {
            auth_factor_type: "PIN".into(),
            challenge: PIN.into(),
            format: "number".into(),
        };
        let done = authorize::log_in(&kit.state, &browser, transaction, UIN, &[pin]).await.unwrap();
        assert!(authorize::resume(&kit.state, mount, &browser, &id).await.is_err(), "E9: the old session is of no use");
        let finished = authorize::consent(&kit.state, done.transaction, &["name".into()], &[]).await.unwrap();
        let back = authorize::back_with_code(&kit.state, mount, &finished).await.unwrap();
        let url = url::Url::parse(&redirect(back)).unwrap();
        let parameter = |name: &str| url.query_pairs().find(|(known, _)| known == name).unwrap().1.into_owned();
        assert!(url.as_str().starts_with("https://rp.test/cb?"));
        assert_eq!(parameter("state"), "s&t");
        assert_eq!(parameter("iss"), kit.state.issuer(mount));
        assert_eq!(approved(&kit, mount, &parameter("code")).await.userinfo_claims, ["name"]);
    }
}

/// GS-OIDC-02, A1, A5, A6.
#[tokio::test]
async fn gs_oidc_02_authorize_redirects_only_behind_a_proven_redirect_uri() {
    let kit = kit().await;
    let browser = arrive(&kit.state, &axum::http::HeaderMap::new()).browser;
    for mount in Mount::ISSUERS {
        for bad in [
            query("&redirect_uri=https%3A%2F%2Frp.test%2Fcb"),
            query("&client_id=clinic"),
            query("&scope=openid"),
            query("").replace("clinic", "nobody"),
            query("").replace("rp.test", "evil.test"),
            "x".repeat(40_000),
            String::new(),
        ] {
            let start = start(&kit, mount, &bad, &browser).await;
            assert!(matches!(start, Start::Error(_)), "{}", &bad[..bad.len().min(80)]);
        }
        let token = query("&state=s").replace("response_type=code", "response_type=token");
        let Start::Back(back) = start(&kit, mount, &token, &browser).await else { panic!("not redirected") };
        let url = redirect(back);
        assert!(url.starts_with("https://rp.test/cb?error=unsupported_response_type&"), "{url}");
        assert!(url.contains("&state=s&iss=http"), "{url}");
    }
}

#[tokio::test]
async fn a_denial_leads_back_with_access_denied_and_ends_the_login() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let browser = arrive(&kit.state, &axum::http::HeaderMap::new()).browser;
        let id = begin(&kit, mount, &browser).await;
        let transaction = authorize::resume(&kit.state, mount, &browser, &id).await.unwrap();
        let url = redirect(authorize::deny(&kit.state, transaction).await.unwrap());
        assert!(url.starts_with("https://rp.test/cb?error=access_denied&"), "{url}");
        assert!(url.contains("&state=s%26t&iss="), "{url}");
        let over = authorize::resume(&kit.state, mount, &browser, &id).await.unwrap();
        assert!(authorize::deny(&kit.state, over).await.is_err());
    }
}
