//! The QR login from the scan to the code, through the whole app.

use std::sync::Arc;

use serde_json::{Value, json};

use super::test_kit::{MOUNTS, OTHER_UIN, PIN, Phone, Tab, UIN, person, told, wallet};
use crate::dialect::Mount;
use crate::testkit::Kit;

/// A server with Anna and her phone.
async fn kit() -> (Kit, Phone) {
    let kit = Kit::new().await;
    person(&kit, UIN).await;
    let phone = Phone::bind(&kit, UIN).await;
    (kit, phone)
}

/// GS-WAL-03, GS-WAL-05, GS-WAL-06: the whole way, on every mount; the code is the same however often the browser asks.
#[tokio::test]
async fn gs_wal_03_a_wallet_logs_a_browser_in() {
    let (kit, phone) = kit().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        let answer = phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.json();
        let linked = &scanned.linked;
        let expected =
            json!({ "linkedTransactionId": linked, "linkTransactionId": linked, "consentAction": "CAPTURE" });
        assert_eq!(answer["response"], expected, "{answer}");
        let answer = wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["email", "name"])).await.json();
        assert_eq!(answer["response"]["linkedTransactionId"], json!(linked), "{answer}");
        assert_eq!(answer["response"]["consentId"].as_str().unwrap().len(), 22, "{answer}");
        let ask = json!({ "transactionId": id, "linkedCode": code });
        let first = tab.post(&kit, mount, "link-auth-code", ask.clone()).await.json();
        let response = &first["response"];
        assert_eq!(response["code"].as_str().unwrap().len(), 64);
        assert_eq!(response["redirectUri"], "https://rp.test/cb");
        assert_eq!(response["state"], "theirs");
        assert_eq!(response["nonce"], "once");
        let again = tab.post(&kit, mount, "link-auth-code", ask.clone()).await.json();
        assert_eq!(again["response"], first["response"]);
        // The wallet has nothing more to do with it, and the browser hears it no longer than the code lives.
        let late = phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await;
        assert_eq!(late.code(), told(mount, "invalid_transaction"));
        kit.clock.advance_seconds(60);
        let answer = tab.post(&kit, mount, "link-auth-code", ask).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
    }
}

/// The browser's poll is open while the citizen consents, and is answered by it.
#[tokio::test(flavor = "multi_thread")]
async fn on_both_gs_wal_03_a_consent_answers_the_open_poll_at_once() {
    for kit in Kit::both().await {
        person(&kit, UIN).await;
        let (kit, mount) = (Arc::new(kit), Mount::Op);
        let phone = Phone::bind(&kit, UIN).await;
        let tab = Arc::new(Tab::new(&kit));
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        // Two tabs of one browser, or one that asks twice: both hear the same code.
        let polls: Vec<_> = (0..2)
            .map(|_| {
                let (kit, tab) = (kit.clone(), tab.clone());
                let ask = json!({ "transactionId": id, "linkedCode": code });
                tokio::spawn(async move { tab.post(&kit, mount, "link-auth-code", ask).await.json() })
            })
            .collect();
        while kit.state.waits.waiting() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.code(), "");
        assert_eq!(wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["name"])).await.code(), "");
        let mut codes = std::collections::HashSet::new();
        for poll in polls {
            let answer = poll.await.unwrap();
            codes.insert(answer["response"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned());
        }
        assert_eq!(codes.len(), 1);
    }
}

/// GS-WAL-05: what is malformed, what is wrong, and an unknown person, who is answered like a wrong PIN.
#[tokio::test]
async fn gs_wal_05_authenticate_refuses_with_the_right_code() {
    let (kit, _) = kit().await;
    let pin = |value: &str| json!([{ "authFactorType": "PIN", "challenge": value, "format": "number" }]);
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let linked = async || {
            let id = tab.begin(&kit, mount).await;
            let code = tab.code(&kit, mount, &id).await;
            let answer = wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.json();
            answer["response"]["linkTransactionId"].as_str().unwrap().to_owned()
        };
        let id = linked().await;
        let otp_and_pin = json!([
            { "authFactorType": "PIN", "challenge": PIN, "format": "number" },
            { "authFactorType": "OTP", "challenge": "123456", "format": "alpha-numeric" },
        ]);
        for (id, person, challenges, code) in [
            ("", UIN, pin(PIN), "invalid_transaction_id"),
            ("x", UIN, pin(PIN), told(mount, "invalid_transaction")),
            (&id, " ", pin(PIN), "invalid_identifier"),
            (&id, UIN, json!([]), "invalid_no_of_challenges"),
            (
                &id,
                UIN,
                json!([{ "authFactorType": "BIO", "challenge": "x", "format": "encoded-json" }]),
                "invalid_auth_factor_type",
            ),
            (&id, UIN, otp_and_pin, "auth_factor_mismatch"),
            (&id, UIN, pin("113355"), "auth_failed"),
            (&id, "4000000000", pin(PIN), "auth_failed"),
        ] {
            let request = json!({ "linkedTransactionId": id, "individualId": person, "challengeList": challenges });
            assert_eq!(wallet(&kit, mount, "authenticate", request).await.code(), code);
        }
        let request = json!({ "linkedTransactionId": id, "individualId": UIN, "challengeList": pin(PIN) });
        let answer = wallet(&kit, mount, "authenticate", request.clone()).await.json();
        assert_eq!(answer["response"], json!({ "linkedTransactionId": id, "linkTransactionId": id }), "{answer}");
        // A second time, and at another mount.
        assert_eq!(wallet(&kit, mount, "authenticate", request).await.code(), told(mount, "invalid_transaction"));
        let id = linked().await;
        let elsewhere = if mount == Mount::Op { Mount::ESignet } else { Mount::Op };
        let request = json!({ "linkedTransactionId": id, "individualId": UIN, "challengeList": pin(PIN) });
        assert_eq!(
            wallet(&kit, elsewhere, "authenticate", request).await.code(),
            told(elsewhere, "invalid_transaction")
        );
    }
}

/// GS-WAL-06, E7: claims and scopes beyond what was asked, an essential one missing, consent before its time.
#[tokio::test]
async fn gs_wal_06_consent_gives_what_was_asked_and_nothing_else() {
    let (kit, phone) = kit().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, false).await;
        let of = |claims: Value, scopes: Value| json!({ "linkedTransactionId": scanned.linked, "acceptedClaims": claims, "permittedAuthorizeScopes": scopes });
        let early = wallet(&kit, mount, "consent", of(json!(["name"]), json!([]))).await;
        assert_eq!(early.code(), told(mount, "invalid_transaction"));
        assert_eq!(phone.authenticate(&kit, mount, "authenticate", &scanned).await.code(), "");
        for (claims, scopes, code) in [
            (json!(["name", "birthdate"]), json!([]), "invalid_accepted_claim"),
            (json!(["email"]), json!([]), "invalid_accepted_claim"),
            (json!(["name"]), json!(["Manage-Everything"]), "invalid_permitted_scope"),
        ] {
            assert_eq!(wallet(&kit, mount, "consent", of(claims, scopes)).await.code(), code);
        }
        // Version 2 wants a signature of two parts.
        for signature in [Value::Null, json!(""), json!("abc"), json!("a.b.c")] {
            let mut request = of(json!(["name"]), json!([]));
            request["signature"] = signature;
            assert_eq!(wallet(&kit, mount, "v2/consent", request).await.code(), "invalid_signature_format");
        }
        assert_eq!(wallet(&kit, mount, "consent", of(json!(["name"]), json!([]))).await.code(), "");
        let again = wallet(&kit, mount, "consent", of(json!(["name"]), json!([]))).await;
        assert_eq!(again.code(), told(mount, "invalid_transaction"));
    }
}

/// L6: where the wallet named its key, no other key and no other factor goes on; where it did not, the first proof fixes
/// person and key, and a consent signed by another is refused.
#[tokio::test]
async fn l6_only_the_wallet_that_linked_goes_on() {
    let (kit, phone) = kit().await;
    person(&kit, OTHER_UIN).await;
    let (same_person, other) = (Phone::bind(&kit, UIN).await, Phone::bind(&kit, OTHER_UIN).await);
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        for thief in [&other, &same_person] {
            let answer = thief.authenticate(&kit, mount, "v2/authenticate", &scanned).await;
            assert_eq!(answer.code(), "auth_failed");
        }
        let pin = json!([{ "authFactorType": "PIN", "challenge": PIN, "format": "number" }]);
        let request = json!({ "linkedTransactionId": scanned.linked, "individualId": UIN, "challengeList": pin });
        assert_eq!(wallet(&kit, mount, "authenticate", request).await.code(), "auth_factor_mismatch");
        assert_eq!(phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.code(), "");
        for thief in [&other, &same_person] {
            let answer = wallet(&kit, mount, "v2/consent", thief.consent(&kit, &scanned, &["name"])).await;
            assert_eq!(answer.code(), "invalid_signature_format");
        }
        let bare = json!({ "linkedTransactionId": scanned.linked, "acceptedClaims": ["name"] });
        assert_eq!(wallet(&kit, mount, "consent", bare).await.code(), "invalid_signature_format");
        assert_eq!(wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["name"])).await.code(), "");

        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, false).await;
        assert_eq!(phone.authenticate(&kit, mount, "authenticate", &scanned).await.code(), "");
        let answer = other.authenticate(&kit, mount, "authenticate", &scanned).await;
        assert_eq!(answer.code(), told(mount, "invalid_transaction"));
        // This wallet's limit of attempts of the person must not carry over to the next mount.
        kit.clock.advance_seconds(601);
    }
}

/// L9: what was signed is what counts; other claims under the old signature or statement are refused.
#[tokio::test]
async fn l9_altered_claims_under_the_old_signature_are_refused() {
    let (kit, phone) = kit().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        assert_eq!(phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.code(), "");
        let mut more = phone.consent(&kit, &scanned, &["name"]);
        more["acceptedClaims"] = json!(["email", "name"]);
        let mut signature_only = more.clone();
        signature_only["consentStatement"] = Value::Null;
        let mut statement = phone.consent(&kit, &scanned, &["email", "name"]);
        statement["consentStatement"] = more["consentStatement"].clone();
        for altered in [more, signature_only, statement] {
            assert_eq!(wallet(&kit, mount, "v2/consent", altered).await.code(), "invalid_signature_format");
        }
        assert_eq!(wallet(&kit, mount, "v2/consent", phone.consent(&kit, &scanned, &["name"])).await.code(), "");
    }
}

/// A phone that was revoked is told so on the standard mount, where it proves itself with all else right; GovStack and eSignet
/// have no word for it. Nobody else hears it, and nobody is logged in.
#[tokio::test]
async fn a_revoked_phone_hears_that_its_binding_has_ended() {
    let (kit, phone) = kit().await;
    let lost = Phone::bind(&kit, UIN).await;
    let listed = phone.call(&kit, "/wallet/devices/list", json!({})).await.json();
    let devices = listed["response"]["devices"].as_array().unwrap();
    let other = devices.iter().find(|device| device["current"] == json!(false)).unwrap();
    let revoke = json!({ "deviceId": other["deviceId"] });
    assert_eq!(phone.call(&kit, "/wallet/devices/revoke", revoke).await.code(), "");
    for (mount, code) in
        [(Mount::GovStack, "auth_failed"), (Mount::ESignet, "auth_failed"), (Mount::Op, "binding_ended")]
    {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let scanned = lost.scan(&kit, mount, &tab.code(&kit, mount, &id).await, true).await;
        assert_eq!(lost.authenticate(&kit, mount, "v2/authenticate", &scanned).await.code(), code);
        // A token for another login is no proof, and tells nothing.
        let other = tab.begin(&kit, mount).await;
        let other = lost.scan(&kit, mount, &tab.code(&kit, mount, &other).await, true).await;
        let token = lost.token(&kit, &scanned);
        let challenge = json!([{ "authFactorType": "WLA", "format": "jwt", "challenge": token }]);
        let request = json!({ "linkedTransactionId": other.linked, "individualId": UIN, "challengeList": challenge });
        assert_eq!(wallet(&kit, mount, "v2/authenticate", request).await.code(), "auth_failed");
        let consent = lost.consent(&kit, &scanned, &["name"]);
        assert_eq!(wallet(&kit, mount, "v2/consent", consent).await.code(), told(mount, "invalid_transaction"));
        // This phone's guesses count; they must not carry over to the next mount.
        kit.clock.advance_seconds(601);
    }
    assert_eq!(lost.call(&kit, "/wallet/devices/list", json!({})).await.code(), "binding_ended");
}

/// A consent signed in version 2 is remembered: the next login of the same relying party asks nothing and is approved at
/// once. One given in version 1 is not.
#[tokio::test]
async fn a_signed_consent_is_remembered() {
    let (kit, phone) = kit().await;
    let mount = Mount::ESignet;
    let tab = Tab::new(&kit);
    for (call, expected) in [("consent", "CAPTURE"), ("v2/consent", "CAPTURE"), ("", "NOCAPTURE")] {
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let scanned = phone.scan(&kit, mount, &code, true).await;
        let answer = phone.authenticate(&kit, mount, "v2/authenticate", &scanned).await.json();
        assert_eq!(answer["response"]["consentAction"], expected);
        if !call.is_empty() {
            assert_eq!(wallet(&kit, mount, call, phone.consent(&kit, &scanned, &["name"])).await.code(), "");
        }
        let ask = json!({ "transactionId": id, "linkedCode": code });
        assert_eq!(tab.post(&kit, mount, "link-auth-code", ask).await.code(), "");
    }
}

/// L8: a token that was used, and one for another login, prove nothing.
#[tokio::test]
async fn l8_a_token_is_good_once_and_for_one_login() {
    let (kit, phone) = kit().await;
    let mount = Mount::Op;
    let tab = Tab::new(&kit);
    let (first, second) = (tab.begin(&kit, mount).await, tab.begin(&kit, mount).await);
    let first = phone.scan(&kit, mount, &tab.code(&kit, mount, &first).await, true).await;
    let second = phone.scan(&kit, mount, &tab.code(&kit, mount, &second).await, true).await;
    let token = phone.token(&kit, &first);
    let challenge = json!([{ "authFactorType": "WLA", "format": "jwt", "challenge": token }]);
    let with = |id: &str| json!({ "linkedTransactionId": id, "individualId": UIN, "challengeList": challenge });
    assert_eq!(wallet(&kit, mount, "authenticate", with(&second.linked)).await.code(), "auth_failed");
    assert_eq!(wallet(&kit, mount, "authenticate", with(&first.linked)).await.code(), "");
    assert_eq!(wallet(&kit, mount, "authenticate", with(&second.linked)).await.code(), "auth_failed");
}

/// A refused link-auth-code is not told at once: eSignet's page repeats it without a pause.
#[tokio::test]
async fn link_auth_code_refuses_slowly_and_with_the_right_code() {
    let (kit, phone) = kit().await;
    let mount = Mount::ESignet;
    let tab = Tab::new(&kit);
    let id = tab.begin(&kit, mount).await;
    let code = tab.code(&kit, mount, &id).await;
    let ask = json!({ "transactionId": id, "linkedCode": code });
    let began = std::time::Instant::now();
    assert_eq!(tab.post(&kit, mount, "link-auth-code", ask.clone()).await.code(), "invalid_link_code");
    assert!(began.elapsed() >= std::time::Duration::from_millis(990));
    let blank = json!({ "transactionId": "", "linkedCode": code });
    assert_eq!(tab.post(&kit, mount, "link-auth-code", blank).await.code(), "invalid_transaction_id");
    let scanned = phone.scan(&kit, mount, &code, true).await;
    let deny = json!({ "linkedTransactionId": scanned.linked });
    assert_eq!(kit.post("/wallet/deny", deny, &[]).await.code(), "");
    let answer = tab.post(&kit, mount, "link-auth-code", ask).await;
    assert_eq!(answer.code(), "invalid_transaction");
    assert_eq!(answer.json()["response"]["state"], "denied");
    let late = phone.authenticate(&kit, mount, "authenticate", &scanned).await;
    assert_eq!(late.code(), "invalid_transaction");
}

/// E3: an OTP that the wallet had sent is good for this login.
#[tokio::test]
async fn send_otp_is_for_a_login_that_waits_for_a_proof() {
    let (kit, _) = kit().await;
    for mount in MOUNTS {
        let tab = Tab::new(&kit);
        let id = tab.begin(&kit, mount).await;
        let code = tab.code(&kit, mount, &id).await;
        let answer = wallet(&kit, mount, "link-transaction", json!({ "linkCode": code })).await.json();
        let linked = answer["response"]["linkTransactionId"].as_str().unwrap();
        let of =
            |id: &str, channels: Value| json!({ "transactionId": id, "individualId": UIN, "otpChannels": channels });
        let answer = wallet(&kit, mount, "send-otp", of(linked, json!(["email"]))).await.json();
        assert_eq!(answer["response"]["transactionId"], linked, "{answer}");
        assert!(answer["response"]["maskedEmail"].as_str().is_some());
        for (id, channels, code) in [
            ("", json!(["email"]), "invalid_transaction_id"),
            (&id, json!(["email"]), told(mount, "invalid_transaction")),
            (linked, json!(["pigeon"]), "invalid_otp_channel"),
        ] {
            assert_eq!(wallet(&kit, mount, "send-otp", of(id, channels)).await.code(), code);
        }
    }
}
