//! What a login leaves behind (GS-PRI, GS-SEC): with markers for everything that is personal or secret, whole logins, failed
//! ones and errors are driven; then nothing of it may stand in the log at its most verbose, in the metrics, in an error, or
//! in clear in the database: not as it is, nor in base64, in hex or escaped for URLs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use futures::TryStreamExt;
use outside::browser::{Browser, Transaction};
use outside::relying_party::{Begun, RelyingParty};
use outside::server::{Database, Server};
use outside::wallet::Wallet;
use outside::{Answer, random};
use protocol::wla::NativeClaims;
use serde_json::json;
use sqlx::AssertSqlSafe;

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

/// Everything that is looked for.
#[derive(Default)]
struct Markers {
    all: Vec<(&'static str, String)>,
    errors: Vec<String>,
}

impl Markers {
    fn add(&mut self, what: &'static str, value: impl Into<String>) {
        let value = value.into();
        assert!(value.len() >= 6, "{what} is too short to be looked for: {value}");
        self.all.push((what, value));
    }

    /// Keeps an error for later.
    fn refused(&mut self, answer: &Answer) {
        assert!(answer.status != 200 || !answer.code().is_empty(), "not refused: {}", answer.text);
        self.errors.push(answer.text.clone());
    }

    /// Fails where a text holds one of them in any form.
    fn assert_absent(&self, place: &str, text: &[u8]) {
        for (what, value) in &self.all {
            for (form, needle) in forms(value) {
                assert!(!holds(text, &needle), "{place} holds the {what} {form}: {value}\n{}", around(text, &needle));
            }
        }
    }
}

/// The ways in which a value may be written.
fn forms(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let escaped: String = url::form_urlencoded::byte_serialize(bytes).collect();
    let mut all = vec![
        ("in clear", bytes.to_vec()),
        ("in hex", hex.clone().into_bytes()),
        ("in hex", hex.to_uppercase().into_bytes()),
        ("escaped", escaped.replace('+', "%20").into_bytes()),
        ("escaped", escaped.into_bytes()),
    ];
    // Within a longer text, base64 depends on where the value begins: what is left of each of the three beginnings after
    // the letters that its neighbours share.
    for before in 0..3 {
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let padded = [vec![0; before], bytes.to_vec()].concat();
            let text = engine.encode(&padded);
            let (from, to) = ([0, 2, 3][before], padded.len() * 8 / 6);
            if to - from >= 8 {
                all.push(("in base64", text.as_bytes()[from..to].to_vec()));
            }
        }
    }
    all.push(("in base64", STANDARD.encode(bytes).into_bytes()));
    all
}

/// Whether a text holds a value; a short one must stand by itself, for six digits are found in any long number.
fn holds(text: &[u8], needle: &[u8]) -> bool {
    let alone = needle.len() < 9;
    let neighbour = |at: Option<&u8>| alone && at.is_some_and(u8::is_ascii_alphanumeric);
    let mut from = 0;
    while let Some(at) = find(&text[from..], needle) {
        let at = from + at;
        if !neighbour(at.checked_sub(1).and_then(|before| text.get(before))) && !neighbour(text.get(at + needle.len()))
        {
            return true;
        }
        from = at + 1;
    }
    false
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == first) {
        if text[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn around(text: &[u8], needle: &[u8]) -> String {
    let at = find(text, needle).unwrap_or_default();
    let part = &text[at.saturating_sub(300)..(at + needle.len() + 100).min(text.len())];
    String::from_utf8_lossy(part).into_owned()
}

#[test]
fn every_form_of_a_value_is_found() {
    let value = "Zephyrine Ørsted-Quillfeather";
    for before in ["", "x", "xy", "xyz"] {
        let text = format!("{before}{value} and more");
        let written = [
            text.clone(),
            STANDARD.encode(&text),
            URL_SAFE_NO_PAD.encode(&text),
            text.bytes().map(|byte| format!("{byte:02x}")).collect(),
            url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        ];
        for text in written {
            assert!(forms(value).iter().any(|(_, needle)| holds(text.as_bytes(), needle)), "{text}");
            assert!(!forms("Zephyrine Ørsted-Quillfeder").iter().any(|(_, needle)| holds(text.as_bytes(), needle)));
        }
    }
    assert!(holds(b"pin=604817;", b"604817") && !holds(b"16048171", b"604817"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_login_is_left_in_logs_metrics_errors_or_the_database() {
    for database in Database::all() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let metrics = listener.local_addr().unwrap();
        drop(listener);
        let settings = format!(
            "log = \"trace\"\nmetrics_listen = \"{metrics}\"\notp.digits = 10\nlimits.attempts = 1000000\n\
             limits.attempts_per_transaction = 1000\nlimits.otps_per_person = 1000"
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
        let text = reqwest::get(format!("http://{metrics}/metrics")).await.unwrap().text().await.unwrap();
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

/// All that is stored: the bytes of the files, or each row as text.
async fn contents(server: &Server, database: Database) -> Vec<(String, Vec<u8>)> {
    match database {
        Database::Sqlite => {
            let files = server.database_files();
            assert!(files.len() >= 2, "the file and its log: {files:?}");
            files.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
        }
        Database::Postgres => {
            let pool = sqlx::PgPool::connect(&server.database_url()).await.unwrap();
            let tables: Vec<(String,)> =
                sqlx::query_as("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'")
                    .fetch_all(&pool)
                    .await
                    .unwrap();
            assert!(tables.len() > 8, "{tables:?}");
            let mut all = Vec::new();
            for (table,) in tables {
                let text = format!("SELECT r::text FROM \"{table}\" r");
                let rows: Vec<(String,)> =
                    sqlx::query_as(AssertSqlSafe(text)).fetch(&pool).try_collect().await.unwrap();
                let text: Vec<String> = rows.into_iter().map(|(row,)| row).collect();
                all.push((format!("table {table}"), text.join("\n").into_bytes()));
            }
            all
        }
    }
}
