//! The server seen from outside: a process with its public ports, on either database, and the people around it:
//! a browser, a wallet, a relying party, each as plain as an attacker would write it.
//!
//! Nothing here uses the server's code. `TESSERA_TEST_BIN` names the program, `TESSERA_TEST_POSTGRES` a server on which
//! databases may be made.

pub mod abis;
pub mod browser;
pub mod certificate;
mod configuration;
mod database;
pub mod gateway;
pub mod issuers;
pub mod logins;
pub mod mail_relay;
pub mod markers;
pub mod metrics;
mod people;
pub mod phone_maker;
pub mod place_file;
pub mod port;
pub mod process;
mod program;
pub mod proxy;
pub mod receiver;
pub mod relying_party;
pub mod server;
pub mod service;
pub mod wallet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

/// HTTP without redirects and, unless the caller adds it, without TLS: thousands of clients must cost nothing to make.
pub fn http() -> reqwest::ClientBuilder {
    static NO_TLS: std::sync::LazyLock<rustls::ClientConfig> = std::sync::LazyLock::new(|| {
        // Reqwest takes the provider of the process; all but the first installation are refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let nobody = rustls::RootCertStore::empty();
        rustls::ClientConfig::builder().with_root_certificates(nobody).with_no_client_auth()
    });
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.tls_backend_preconfigured(NO_TLS.clone())
}

/// HTTP that comes from this address, where the server takes us for a proxy (`trusted_proxies`).
pub fn http_from(address: &str) -> reqwest::ClientBuilder {
    let headers = [(HeaderName::from_static("x-forwarded-for"), address.parse().unwrap())];
    http().default_headers(HeaderMap::from_iter(headers))
}

/// Random text of 43 characters.
pub fn random() -> String {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).unwrap();
    URL_SAFE_NO_PAD.encode(bytes)
}

tokio::task_local! {
    /// Seconds by which the clock of everybody in the task is ahead, for servers whose clock was set (F6).
    pub static CLOCK_AHEAD: i64;
}

fn moment() -> OffsetDateTime {
    let ahead = CLOCK_AHEAD.try_with(|ahead| *ahead).unwrap_or_default();
    OffsetDateTime::now_utc() + time::Duration::seconds(ahead)
}

/// Seconds since 1970.
pub fn now() -> i64 {
    moment().unix_timestamp()
}

/// An envelope around a request, of this moment.
pub fn envelope(request: Value) -> Value {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    json!({ "requestTime": moment().format(&format).unwrap(), "request": request })
}

/// An answer of the JSON API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; `Null` where it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// Reads a whole response.
    pub async fn of(response: reqwest::Response) -> Self {
        Self::try_of(response).await.unwrap()
    }

    /// Reads a whole response.
    ///
    /// # Errors
    /// Where the connection ended before its end: then nobody has seen the answer.
    pub async fn try_of(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok(Self { status, body: serde_json::from_str(&text).unwrap_or_default(), text })
    }

    /// `response`, of an answer without errors.
    pub fn good(&self) -> &Value {
        assert_eq!((self.status, self.code()), (200, ""), "{}", self.text);
        &self.body["response"]
    }

    /// `errors[0].errorCode`; empty where there is none.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["errorCode"].as_str().unwrap_or_default()
    }

    /// A member of `response` as text.
    pub fn text_of(&self, member: &str) -> String {
        self.good()[member].as_str().unwrap_or_else(|| panic!("{member} in {}", self.text)).to_owned()
    }
}
