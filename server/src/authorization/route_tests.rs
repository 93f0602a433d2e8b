//! `authorization/*` through the whole app, on every mount.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::model_tests::client;
use super::page_tests_kit::{MAIL, PIN, Page, UIN, anna, register};
use crate::acr::Acr;
use crate::dialect::Mount;
use crate::error::Code;
use crate::factors;
use crate::testkit::Kit;

/// A server with Anna, and the clinic on every mount.
async fn kit() -> Kit {
    let kit = Kit::new().await;
    anna(&kit).await;
    for mount in Mount::ISSUERS {
        let mut client = client(mount);
        client.registration.acrs = vec![Acr::GeneratedCode, Acr::StaticCode, Acr::LinkedWallet];
        register(&kit, &client).await;
    }
    kit
}

fn named(mount: Mount, code: Code) -> &'static str {
    mount.dialect().code(code)
}

/// GS-OIDC-01, GS-VAP-03, GS-VAP-07: the whole way of a custom login page.
#[tokio::test]
async fn gs_oidc_01_oauth_details_send_otp_authenticate_and_auth_code_yield_a_code() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        let begun = page.begin(json!({ "state": "s\"t" })).await.json();
        let response = &begun["response"];
        assert_eq!(response["essentialClaims"], json!(["name"]));
        assert_eq!(response["voluntaryClaims"], json!(["email"]));
        assert_eq!(response["clientName"]["@none"], "Clinic");
        assert_eq!(response["redirectUri"], "https://rp.test/cb");
        assert_eq!(response["credentialScopes"], json!([]));
        assert_eq!(response["authFactors"][2][0]["type"], mount.dialect().wallet_factor);
        assert_eq!(response["configs"]["clientAdditionalConfig"], json!(client(mount).registration.additional));
        assert_eq!(response["configs"]["linked-transaction-expire-in-secs"], 420);
        let link = response["configs"]["wallet.config"][0]["wallet.deep-link-uri"].as_str().unwrap();
        assert!(link.contains("LINK_CODE") && !link.contains("ISSUER") && link.contains("iss=http%3A%2F%2F"), "{link}");

        let answer = page.log_in().await;
        assert_eq!(answer.json()["response"]["consentAction"], "CAPTURE", "{}", answer.text);
        let request = page.agree(&["name"], &[]);
        let answer = page.post("auth-code", request).await;
        let response = &answer.json()["response"];
        assert_eq!(response["state"], "s\"t");
        assert_eq!(response["nonce"], "their nonce");
        assert_eq!(response["redirectUri"], "https://rp.test/cb");
        assert_eq!(response["code"].as_str().unwrap().len(), 64, "{}", answer.text);
    }
}

/// GS-VAP-03: a PIN logs in as well, and v1 tells no consentAction.
#[tokio::test]
async fn gs_vap_03_authenticate_takes_a_pin() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let request = json!({
            "transactionId": page.transaction,
            "individualId": UIN,
            "challengeList": [{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }]
        });
        let answer = page.post("authenticate", request).await;
        assert_eq!(answer.json()["response"], json!({ "transactionId": page.transaction }), "{}", answer.text);
        let request = page.agree(&["name", "email"], &[]);
        let answer = page.post("auth-code", request).await;
        assert_eq!(answer.code(), "", "{}", answer.text);
    }
}

#[tokio::test]
async fn oauth_details_v1_has_a_plain_name_and_v3_is_v2() {
    let kit = kit().await;
    let mut page = Page::arrive(&kit, Mount::ESignet).await;
    let answer = page.post("oauth-details", Page::details(&json!({}))).await;
    assert_eq!(answer.json()["response"]["clientName"], "Clinic", "{}", answer.text);
    assert_eq!(answer.json()["response"].get("credentialScopes"), None);
    let answer = page.post("v3/oauth-details", Page::details(&json!({ "nonce": "another" }))).await;
    assert_eq!(answer.json()["response"]["clientName"]["fra"], "Clinique", "{}", answer.text);
    let answer = page.post("v3/oauth-details", Page::details(&json!({ "nonce": "x", "idTokenHint": "y" }))).await;
    assert_eq!(answer.code(), "invalid_id_token_hint");
}

/// GS-OIDC-02, A1, A2, A6, A10: each fault has its code, in the mount's dialect.
#[tokio::test]
async fn gs_oidc_02_oauth_details_names_each_fault() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        for (changes, code) in [
            (json!({ "clientId": "nobody" }), Code::InvalidClientId),
            (json!({ "clientId": "no\u{0}body" }), Code::InvalidClientId),
            (json!({ "clientId": null }), Code::InvalidClientId),
            (json!({ "redirectUri": "https://rp.test/CB" }), Code::InvalidRedirectUri),
            (json!({ "redirectUri": "https://evil.test/cb" }), Code::InvalidRedirectUri),
            (json!({ "responseType": "token" }), Code::InvalidResponseType),
            (json!({ "responseType": null }), Code::InvalidResponseType),
            (json!({ "scope": "profile" }), Code::InvalidScope),
            (json!({ "display": "tv" }), Code::InvalidDisplay),
            (json!({ "prompt": "xyz" }), Code::InvalidPrompt),
            (json!({ "prompt": "none" }), Code::InvalidPrompt),
            (json!({ "maxAge": -1 }), Code::InvalidRequest),
            (json!({ "dpopJkt": "x" }), Code::InvalidRequest),
            (json!({ "codeChallenge": "short", "codeChallengeMethod": "S256" }), Code::InvalidPkceChallenge),
            (
                json!({ "codeChallenge": "a".repeat(43), "codeChallengeMethod": "plain" }),
                Code::UnsupportedPkceChallengeMethod,
            ),
            (json!({ "claims": { "userinfo": { "name": 1 } } }), Code::InvalidClaim),
            (json!({ "claims": { "userinfo": { "verified_claims": 1 } } }), Code::InvalidVerifiedClaims),
        ] {
            let answer = page.begin(changes.clone()).await;
            assert_eq!(answer.code(), named(mount, code), "{mount:?} {changes}");
        }
    }
}

#[tokio::test]
async fn a_nonce_is_good_once_where_the_dialect_says_so() {
    let kit = kit().await;
    for (mount, second) in [(Mount::ESignet, "invalid_request"), (Mount::GovStack, ""), (Mount::Op, "")] {
        let mut page = Page::arrive(&kit, mount).await;
        assert_eq!(page.begin(json!({})).await.code(), "");
        assert_eq!(page.begin(json!({})).await.code(), second, "{mount:?}");
    }
}

#[tokio::test]
async fn what_is_not_built_is_refused() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let id = page.transaction.clone();
        for (call, request, code) in [
            ("par-oauth-details", json!({ "clientId": "clinic", "requestUri": "urn:x" }), Code::InvalidRequest),
            ("par-oauth-details", json!({ "requestUri": "urn:x" }), Code::InvalidClientId),
            (
                "prepare-signup-redirect",
                json!({ "transactionId": id, "pathFragment": "/x" }),
                Code::InvalidPathFragment,
            ),
            ("complete-signup-redirect", json!({ "transactionId": id }), Code::VerificationIncomplete),
            (
                "send-otp",
                json!({ "transactionId": id, "individualId": UIN, "otpChannels": ["email"], "captchaToken": "x" }),
                Code::InvalidCaptcha,
            ),
        ] {
            assert_eq!(page.post(call, request).await.code(), named(mount, code), "{mount:?} {call}");
        }
    }
}

/// E3.
#[tokio::test]
async fn e3_an_otp_of_one_transaction_is_good_only_there() {
    let kit = kit().await;
    let mut first = Page::arrive(&kit, Mount::Op).await;
    first.begin(json!({})).await;
    let otp = first.otp().await;
    let mut second = Page::arrive(&kit, Mount::Op).await;
    second.begin(json!({})).await;
    let request = second.by_otp(&otp);
    assert_eq!(second.post("v2/authenticate", request).await.code(), "auth_failed");

    kit.clock.advance_seconds(181);
    let request = first.by_otp(&otp);
    assert_eq!(first.post("v2/authenticate", request).await.code(), "auth_failed");
}

#[tokio::test]
async fn authenticate_names_each_fault() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({ "acrValues": "mosip:idp:acr:generated-code" })).await;
        let with = |person: &str, list: Value| json!({ "transactionId": page.transaction, "individualId": person, "challengeList": list });
        let pin = json!([{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }]);
        let otp = json!([{ "authFactorType": "OTP", "challenge": "123456", "format": "alpha-numeric" }]);
        let wallet = json!([{ "authFactorType": "WLA", "challenge": "a".repeat(300), "format": "jwt" }]);
        let face = json!([{ "authFactorType": "BIO", "challenge": "x", "format": "encoded-json" }]);
        for (request, code) in [
            (with("", otp.clone()), Code::InvalidIdentifier),
            (with(UIN, json!([])), Code::InvalidNoOfChallenges),
            (with(UIN, face), Code::InvalidAuthFactorType),
            (with(UIN, pin), Code::AuthFactorMismatch),
            (with(UIN, wallet), Code::AuthFactorMismatch),
            (with(UIN, otp.clone()), Code::AuthFailed),
            // E4: nobody answers like somebody with a wrong factor.
            (with("nobody", otp), Code::AuthFailed),
        ] {
            let answer = page.post("v2/authenticate", request.clone()).await;
            assert_eq!(answer.code(), named(mount, code), "{mount:?} {request}");
        }
    }
}

/// E1: after the limit the right one is refused too.
#[tokio::test]
async fn e1_attempts_of_a_transaction_end() {
    let kit = kit().await;
    let mut page = Page::arrive(&kit, Mount::Op).await;
    page.begin(json!({})).await;
    let otp = page.otp().await;
    for _ in 0..3 {
        let request = page.by_otp("000000");
        assert_eq!(page.post("v2/authenticate", request).await.code(), "auth_failed");
    }
    let request = page.by_otp(&otp);
    assert_eq!(page.post("v2/authenticate", request).await.code(), "no_attempts_left");
}

/// E5.
#[tokio::test]
async fn e5_calls_without_the_browsers_own_token_are_forbidden() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let mine = page.token.clone();
        let other = Page::arrive(&kit, mount).await;
        for token in ["", "X-XSRF-TOKEN", &mine[1..], other.token.as_str()] {
            page.token = token.into();
            for call in
                ["oauth-details", "v2/oauth-details", "send-otp", "authenticate", "v2/authenticate", "auth-code"]
            {
                let answer = page.post(call, json!({ "transactionId": page.transaction })).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{mount:?} {call} {token}");
            }
        }
        // A token of our own making, without the cookie.
        page.token = mine;
        page.cookies.clear();
        let answer = page.post("auth-code", json!({ "transactionId": page.transaction })).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(page.get("/authorization/claim-details").await.status, StatusCode::FORBIDDEN);
    }
}

/// E6, GS-VAP-04.
#[tokio::test]
async fn e6_calls_out_of_order_or_from_elsewhere_find_no_transaction() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let gone = named(mount, Code::InvalidTransaction);
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let agree = page.agree(&["name"], &[]);
        assert_eq!(page.post("auth-code", agree.clone()).await.code(), gone, "before authenticate");
        page.log_in().await;
        let again = page.by_otp("123456");
        assert_eq!(page.post("v2/authenticate", again.clone()).await.code(), gone, "authenticated twice");

        let mut thief = Page::arrive(&kit, mount).await;
        (thief.transaction, thief.hash) = (page.transaction.clone(), page.hash.clone());
        assert_eq!(thief.post("auth-code", agree.clone()).await.code(), gone, "another browser");
        // E9: somebody who knew all cookies before the login does not know them after it.
        let session = kit_session(&page);
        page.cookies.retain(|(name, _)| name != "tessera");
        assert_eq!(page.post("auth-code", agree.clone()).await.code(), gone, "without the new session");
        page.cookies.push(("tessera".into(), session));

        let other = Mount::ISSUERS.into_iter().find(|other| *other != mount).unwrap();
        let (cookie, token) = (format!("XSRF-TOKEN={}", page.token), page.token.clone());
        let headers = [("cookie", cookie.as_str()), ("x-xsrf-token", &token)];
        let path = format!("{}/authorization/auth-code", other.prefix());
        assert_eq!(kit.post(&path, agree.clone(), &headers).await.code(), named(other, Code::InvalidTransaction));

        assert_eq!(page.post("auth-code", agree.clone()).await.code(), "");
        assert_eq!(page.post("auth-code", agree).await.code(), gone, "after the end");
        assert_eq!(page.post("v2/authenticate", again).await.code(), gone, "after the end");
        assert_eq!(page.post("auth-code", json!({})).await.code(), "invalid_transaction_id");
    }
}

fn kit_session(page: &Page<'_>) -> String {
    page.cookie("tessera").to_owned()
}

/// E7, GS-VAP-07.
#[tokio::test]
async fn e7_nothing_beyond_what_was_asked_can_be_agreed_to() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({ "scope": "openid Manage-VID" })).await;
        page.log_in().await;
        for (request, code) in [
            (page.agree(&["name", "gender"], &[]), Code::InvalidAcceptedClaim),
            (page.agree(&["email"], &[]), Code::InvalidAcceptedClaim),
            (page.agree(&[], &[]), Code::InvalidAcceptedClaim),
            (page.agree(&["name"], &["Manage-Identity-Data"]), Code::InvalidPermittedScope),
        ] {
            assert_eq!(page.post("auth-code", request).await.code(), named(mount, code));
        }
        let request = page.agree(&["name"], &["Manage-VID"]);
        assert_eq!(page.post("auth-code", request).await.code(), "");
    }
}

/// E8.
#[tokio::test]
async fn e8_changed_oauth_details_headers_are_refused() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let (good_id, good_hash) = (page.transaction.clone(), page.hash.clone());
        let request = json!({ "transactionId": good_id, "individualId": UIN, "otpChannels": ["email"] });
        for call in [
            "send-otp",
            "authenticate",
            "v2/authenticate",
            "v3/authenticate",
            "auth-code",
            "prepare-signup-redirect",
            "complete-signup-redirect",
        ] {
            page.hash = good_hash.replace(&good_hash[..1], if good_hash.starts_with('A') { "B" } else { "A" });
            assert_eq!(page.post(call, request.clone()).await.code(), "invalid_request", "{mount:?} {call}");
            page.hash.clear();
            assert_eq!(page.post(call, request.clone()).await.code(), "invalid_request", "{mount:?} {call}");
            page.hash = good_hash.clone();
            page.transaction = "A".repeat(64);
            assert_eq!(page.post(call, request.clone()).await.code(), named(mount, Code::InvalidTransaction));
            page.transaction = good_id.clone();
        }
        assert_eq!(page.post("send-otp", request).await.code(), "");
    }
    assert!(!factors::captured::otps(&kit.state, MAIL).is_empty());
}

/// E9.
#[tokio::test]
async fn e9_the_session_cookie_changes_at_login() {
    let kit = kit().await;
    let mut page = Page::arrive(&kit, Mount::Op).await;
    let before = page.cookie("tessera").to_owned();
    page.begin(json!({})).await;
    assert_eq!(page.cookie("tessera"), before);
    let answer = page.log_in().await;
    assert_ne!(page.cookie("tessera"), before);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");

    let public_url = "https://id.test".parse().unwrap();
    let config = crate::config::Config { public_url, ..crate::config::Config::default() };
    let secure = Kit::with(config).await;
    let answer = Page::arrive(&secure, Mount::Op).await.get("/csrf/token").await;
    assert!(answer.headers.get("set-cookie").is_none(), "known cookies are kept");
    let page = Page::arrive(&secure, Mount::Op).await;
    assert_eq!(page.cookie("__Host-tessera").len(), 64);
}

#[tokio::test]
async fn claim_details_tells_what_there_is_once() {
    let kit = kit().await;
    for mount in Mount::ISSUERS {
        let mut page = Page::arrive(&kit, mount).await;
        page.begin(json!({})).await;
        let answer = page.get("/authorization/claim-details").await;
        assert_eq!(answer.code(), named(mount, Code::InvalidTransaction), "before authenticate");
        page.log_in().await;
        let answer = page.get("/authorization/claim-details").await.json();
        assert_eq!(
            answer["response"],
            json!({
                "transactionId": page.transaction,
                "consentAction": "CAPTURE",
                "profileUpdateRequired": false,
                "claimStatus": [
                    { "claim": "name", "verified": false, "available": true },
                    { "claim": "email", "verified": false, "available": true }
                ]
            })
        );
        assert_eq!(page.get("/authorization/claim-details").await.code(), "no_attempts_left");
    }
}
