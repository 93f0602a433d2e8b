//! What a login leaves behind (GS-PRI, GS-SEC): with markers for everything that is personal or secret, whole logins, failed
//! ones and errors are driven; then nothing of it may stand in the log at its most verbose, in the metrics, in an error, or
//! in clear in the database: not as it is, nor in base64, in hex or escaped for URLs.

use outside::browser::{Browser, Transaction};
use outside::markers::{Markers, contents};
use outside::metrics::Metrics;
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{Database, Server};
use outside::wallet::Wallet;
use outside::{Answer, random};
use protocol::wla::NativeClaims;
use serde_json::json;

use crate::MOUNTS;

const ID: &str = "8315529047";
const EMAIL: &str = "zephyrine.quill@box.test";
const PIN: &str = "604817";
const BROWSER: &str = "Quillbrowser/7.31 (Zephyr 11)";
const DEVICE: &str = "Zephyrine's quillphone";
/// What nobody but the person and those she tells may know.
const PERSONAL: [(&str, &str); 8] = [
    ("name", "Zephyrine Ørsted-Quillfeather"),
    ("identifier", ID),
    ("mail address", EMAIL),
    ("phone", "+15550987123"),
    ("birthdate", "1987-11-23"),
    ("PIN", PIN),
    ("device name", DEVICE),
    ("browser", BROWSER),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_login_is_left_in_logs_metrics_errors_or_the_database() {
    for database in Database::all() {
        let (settings, metrics) = Metrics::listening(
            "log = \"trace\"\notp.digits = 10\nlimits.attempts = 1000000\n\
             limits.attempts_per_transaction = 1000\nlimits.otps_per_person = 1000",
        );
        let server = Server::start(database, &settings).await;
        add_person(&server);
        let mut markers = Markers::default();
        PERSONAL.iter().for_each(|(what, value)| markers.add(what, *value));
        for mount in MOUNTS {
            by_wallet(&server, mount, &mut markers).await;
            in_browser(&server, mount, &mut markers).await;
            refused(&server, mount, &mut markers).await;
        }
        for error in &markers.errors {
            markers.assert_absent("an error", error.as_bytes());
        }
        let text = metrics.text().await;
        assert!(text.contains("tessera_http_requests"), "{text}");
        markers.assert_absent("the metrics", text.as_bytes());
        let log = server.log();
        assert!(log.contains("TRACE") || log.contains("DEBUG"), "the log is as verbose as it can be");
        markers.assert_absent("the log", log.as_bytes());
        for (place, bytes) in contents(&server, database).await {
            markers.assert_absent(&place, &bytes);
        }
    }
}

fn add_person(server: &Server) {
    let of = |what: &str| PERSONAL.iter().find(|(name, _)| *name == what).unwrap().1;
    let person = json!([{
        "identifiers": [{ "kind": "uin", "value": ID }],
        "attributes": {
            "name": of("name"), "email": EMAIL, "phone_number": of("phone"), "birthdate": of("birthdate")
        },
        "pin": PIN
    }]);
    let file = server.path("zephyrine.json");
    std::fs::write(&file, person.to_string()).unwrap();
    server.command(&["person", "import", file.to_str().unwrap()]);
}

async fn browser(server: &Server, mount: &'static str, markers: &mut Markers) -> Browser {
    let browser = Browser::with(outside::http().user_agent(BROWSER), &server.origin, mount).await.unwrap();
    for cookie in browser.cookies().split("; ") {
        markers.add("cookie", cookie.split_once('=').unwrap().1);
    }
    markers.add("CSRF token", browser.csrf());
    browser
}

async fn begin(party: &RelyingParty, browser: &Browser, markers: &mut Markers) -> (Transaction, Begun) {
    let (mut request, begun) = party.begin();
    request["loginHint"] = json!(ID);
    let transaction = browser.start(request).await;
    markers.add("transaction id", &transaction.id);
    markers.add("PKCE verifier", &begun.verifier);
    (transaction, begun)
}

/// Redeems a code, and reads userinfo.
async fn redeem(party: &RelyingParty, code: &str, begun: &Begun, markers: &mut Markers) {
    markers.add("authorization code", code);
    let form = party.token_form(code, begun);
    let assertion = form.iter().find(|(name, _)| *name == "client_assertion").unwrap().1.clone();
    markers.add("client assertion", assertion);
    let tokens = party.post_token(&form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    for name in ["access_token", "id_token"] {
        markers.add(name, tokens.body[name].as_str().unwrap());
    }
    let (status, claims) = party.userinfo(tokens.body["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 200);
    assert_eq!(claims["name"], PERSONAL[0].1);
    // A second use, refused.
    markers.refused(&party.post_token(&party.token_form(code, begun)).await);
    markers.refused(&party.post_token(&form).await);
}

/// Binding, a login that is approved and one that is denied.
async fn by_wallet(server: &Server, mount: &'static str, markers: &mut Markers) {
    let party = server.relying_party(mount).await;
    let mut wallet = Wallet::new(server, ID);
    let seen = server.gateway.count(EMAIL);
    wallet.binding_otp().await.good();
    let otp = server.gateway.next(EMAIL, seen).await;
    markers.add("one-time password", &otp);
    let mut request = wallet.binding_request(&otp).await;
    request["deviceName"] = json!(DEVICE);
    markers.add("proof", request["proof"].as_str().unwrap());
    let bound = wallet.post("/wallet/binding", request.clone()).await;
    wallet.x5t = outside::wallet::x5t(&bound.text_of("certificate"));
    markers.refused(&wallet.post("/wallet/binding", request).await);

    let browser = browser(server, mount, markers).await;
    let (transaction, begun) = begin(&party, &browser, markers).await;
    let code = browser.link_code(&transaction).await;
    markers.add("link code", &code);
    let linked = wallet.linked(mount, &code).await;
    markers.add("linked transaction id", &linked.id);
    markers.add("nonce of the wallet's token", &linked.nonce);
    let wrong = wallet.wla(&NativeClaims { aud: "https://other.test".into(), ..wallet.wla_claims(&linked) });
    markers.add("wallet's token", &wrong);
    markers.refused(&wallet.authenticate(mount, &linked, &wrong).await);
    let token = wallet.wla(&wallet.wla_claims(&linked));
    markers.add("wallet's token", &token);
    let authenticated = wallet.authenticate(mount, &linked, &token).await;
    if authenticated.good()["consentAction"] == "CAPTURE" {
        wallet.consent(mount, &linked, &["name"]).await.good();
    }
    let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
    redeem(&party, &code, &begun, markers).await;

    let (transaction, _) = begin(&party, &browser, markers).await;
    let code = browser.link_code(&transaction).await;
    markers.add("link code", &code);
    let linked = wallet.linked(mount, &code).await;
    markers.add("linked transaction id", &linked.id);
    wallet.post("/wallet/deny", json!({ "linkedTransactionId": linked.id, "reason": "not_me" })).await.good();
    markers.refused(&browser.link_auth_code(&transaction, &code).await);
    // Somebody else has heard of the code.
    markers.refused(&Wallet::new(server, "nobody").link(mount, &code).await);
}

/// Logins in the browser, by one-time password and by PIN.
async fn in_browser(server: &Server, mount: &'static str, markers: &mut Markers) {
    let party = server.relying_party(mount).await;
    let browser = browser(server, mount, markers).await;
    let (transaction, begun) = begin(&party, &browser, markers).await;
    let seen = server.gateway.count(EMAIL);
    let request = json!({ "transactionId": transaction.id, "individualId": ID, "otpChannels": ["email"] });
    browser.post_with("/authorization/send-otp", request, &Browser::proof(&transaction)).await.good();
    let otp = server.gateway.next(EMAIL, seen).await;
    markers.add("one-time password", &otp);
    let request = |otp: &str| {
        json!({
            "transactionId": transaction.id, "individualId": ID,
            "challengeList": [{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }]
        })
    };
    let wrong = format!("{:010}", (otp.parse::<u64>().unwrap() + 1) % 10_000_000_000);
    let path = "/authorization/v2/authenticate";
    markers.refused(&browser.post_with(path, request(&wrong), &Browser::proof(&transaction)).await);
    browser.post_with(path, request(&otp), &Browser::proof(&transaction)).await.good();
    let code = browser.auth_code(&transaction, &["name"]).await.text_of("code");
    redeem(&party, &code, &begun, markers).await;

    let (transaction, begun) = begin(&party, &browser, markers).await;
    markers.refused(&browser.authenticate_by_pin(&transaction, ID, "111222").await);
    browser.authenticate_by_pin(&transaction, ID, PIN).await.good();
    let code = browser.auth_code(&transaction, &["name"]).await.text_of("code");
    redeem(&party, &code, &begun, markers).await;
}

/// What is refused: the page, tokens and calls of strangers, with markers where a stranger might put them.
async fn refused(server: &Server, mount: &'static str, markers: &mut Markers) {
    let party = server.relying_party(mount).await;
    let browser = browser(server, mount, markers).await;
    let (transaction, _) = begin(&party, &browser, markers).await;
    for id in [ID, "nobody-at-all", EMAIL] {
        markers.refused(&browser.authenticate_by_pin(&transaction, id, "999888").await);
    }
    let stranger = self::browser(server, mount, markers).await;
    markers.refused(&stranger.authenticate_by_pin(&transaction, ID, PIN).await);
    let token = format!("stolen-{}", random());
    markers.add("bearer token", &token);
    assert_eq!(party.userinfo(&token).await.0, 401);
    let management = format!("{}{mount}/client-mgmt/oidc-client", server.origin);
    let call = browser.http.post(management).bearer_auth(&token).json(&outside::envelope(json!({ "clientId": EMAIL })));
    markers.refused(&Answer::of(call.send().await.unwrap()).await);
    // Markers where no parameter is expected: in a path, in a query, in broken JSON, in the login page's address.
    for path in [format!("/nowhere/{EMAIL}"), format!("/health?{EMAIL}"), format!("{mount}/authorize?login_hint={ID}")]
    {
        let answer = browser.http.get(format!("{}{path}", server.origin)).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        if status >= 400 {
            markers.errors.push(text);
        }
    }
    let broken = browser.http.post(format!("{}/wallet/binding", server.origin));
    let broken = broken.header("content-type", "application/json").body(format!("{{\"request\":{{\"{EMAIL}\":{ID}"));
    markers.refused(&Answer::of(broken.send().await.unwrap()).await);
    let mistyped = json!({ "individualId": { EMAIL: ID }, "otpChannels": [PIN] });
    markers.refused(&Wallet::new(server, ID).post("/wallet/binding-otp", mistyped).await);
}
