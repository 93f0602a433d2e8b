//! Cases A1 to A5: nothing leaves towards an address that is not registered, byte for byte.

use outside::browser::Browser;
use outside::issuers::{ISSUERS, authorization_path, replaced, request, told};
use outside::relying_party::RelyingParty;
use outside::server::{Database, Server};
use reqwest::header::{CONTENT_TYPE, LOCATION};

/// What came of an authorization request.
pub struct Asked {
    /// HTTP status.
    pub status: u16,
    /// Where the browser is sent.
    pub location: Option<String>,
    /// Whether there is a page.
    pub html: bool,
    /// What there is.
    pub text: String,
}

impl Asked {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
        Self {
            status: response.status().as_u16(),
            location: header(LOCATION),
            html: header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")),
            text: response.text().await.unwrap(),
        }
    }
}

/// The address of an authorization endpoint.
pub fn endpoint(server: &Server, mount: &str) -> String {
    format!("{}{mount}{}", server.origin, authorization_path(mount))
}

pub async fn ask(server: &Server, mount: &str, query: &[(&'static str, String)]) -> Asked {
    let http = outside::http().build().unwrap();
    Asked::of(http.get(endpoint(server, mount)).query(query)).await
}

/// Refused before the redirect URI is proven: a page with 400, and no `Location`. Bank iD's interface file has a word in a body
/// for it.
async fn refused(server: &Server, mount: &str, query: &[(&'static str, String)], what: &str) {
    let asked = ask(server, mount, query).await;
    assert_eq!((asked.status, asked.location), (400, None), "{mount}: {what}");
    if mount == "/bankid" {
        let body: serde_json::Value = serde_json::from_str(&asked.text).unwrap();
        let error = body["error"].as_str().unwrap();
        assert!(["invalid_redirect_uri", "invalid_client_metadata"].contains(&error), "{what}: {error}");
    } else {
        assert!(asked.html, "{mount}: {what}");
    }
}

async fn all_issuers() -> Server {
    Server::start(Database::Sqlite, "mounts.bankid = true").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a1_a2_a3_only_the_registered_redirect_uri_byte_for_byte() {
    let server = all_issuers().await;
    for mount in ISSUERS {
        let party = server.relying_party(mount).await;
        let (good, _) = request(&party);
        assert_eq!(ask(&server, mount, &good).await.status, 200, "{mount}");
        for asked in [
            "https://other.test/cb",
            "https://rp.test/CB",
            "https://rp.test/cb/",
            "https://rp.test/cb?x=1",
            "https://rp.test/cb#f",
            "https://rp.test:8443/cb",
            "https://rp.test:443/cb",
            "http://rp.test/cb",
            "https://RP.test/cb",
            "https://rp.test@evil.test/cb",
            "https://rp.test.evil.test/cb",
            "https://rp.test/cb/../x",
            "https://rp.test/%2e%2e%2fcb",
            "https://rp.test\\@evil.test/cb",
            "https://rp.test/cb\t",
            "https://rp.test/cb\r\nLocation: https://evil.test",
            "",
        ] {
            refused(&server, mount, &replaced(&good, "redirect_uri", Some(asked)), asked).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a4_a_native_client_may_choose_its_port_and_nothing_else() {
    let server = all_issuers().await;
    let loopback = ["--redirect-uri", "http://127.0.0.1/cb"];
    for mount in ISSUERS {
        let party = server.relying_party_with(mount, &loopback).await;
        let (good, _) = request(&party);
        for asked in ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"] {
            let status = ask(&server, mount, &replaced(&good, "redirect_uri", Some(asked))).await.status;
            assert_eq!(status, 200, "{mount} {asked}");
        }
        for asked in [
            "http://127.0.0.1:49152/other",
            "http://localhost:49152/cb",
            "http://[::1]:49152/cb",
            "https://127.0.0.1/cb",
        ] {
            refused(&server, mount, &replaced(&good, "redirect_uri", Some(asked)), asked).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_no_parameter_twice_and_no_unknown_client() {
    let server = all_issuers().await;
    for mount in ISSUERS {
        let party = server.relying_party(mount).await;
        let (good, _) = request(&party);
        for name in ["redirect_uri", "client_id", "scope"] {
            let mut twice = good.clone();
            let same = good.iter().find(|(n, _)| *n == name).unwrap().clone();
            twice.push(same);
            let asked = ask(&server, mount, &twice).await;
            assert_eq!((asked.status, asked.location), (400, None), "{mount}: {name} twice");
        }
        refused(&server, mount, &replaced(&good, "client_id", Some("nobody")), "unknown client").await;
        refused(&server, mount, &replaced(&good, "client_id", None), "no client").await;
        refused(&server, mount, &replaced(&good, "redirect_uri", None), "no redirect_uri").await;
    }
}

/// A client of one mount is nobody on another.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_belongs_to_one_mount() {
    let server = all_issuers().await;
    for home in ISSUERS {
        let party = server.relying_party(home).await;
        for mount in ISSUERS.into_iter().filter(|mount| *mount != home) {
            refused(&server, mount, &request(&party).0, "a client of another mount").await;
            if mount == "/bankid" {
                continue;
            }
            let browser = Browser::new(&server, mount).await;
            let answer = browser.post("/authorization/v2/oauth-details", party.begin().0).await;
            assert_eq!(answer.code(), "invalid_client_id", "{mount}");
        }
    }
}

/// The error that the client is told, at its registered address, with its `state` and the issuer.
pub fn told_error(party: &RelyingParty, query: &[(&'static str, String)], asked: &Asked, what: &str) -> String {
    let mount = party.mount;
    let location =
        asked.location.as_deref().unwrap_or_else(|| panic!("{mount}: {what} is not redirected: {}", asked.text));
    assert!(location.starts_with("https://rp.test/cb?"), "{mount} {what}: {location}");
    let told = told(location);
    assert_eq!(told["iss"], party.issuer, "{mount} {what}");
    let state = query.iter().find(|(name, _)| *name == "state").map(|(_, state)| state);
    assert_eq!(told.get("state"), state, "{mount} {what}");
    assert!(!told.contains_key("code"), "{mount} {what}");
    told["error"].clone()
}

/// GS-OIDC-02: once the redirect URI is proven, errors go there, with `state` and `iss`.
#[tokio::test(flavor = "multi_thread")]
async fn errors_are_told_to_the_client_at_its_registered_address() {
    let server = all_issuers().await;
    for mount in ISSUERS {
        let party = server.relying_party(mount).await;
        let (good, _) = request(&party);
        for (name, value, error) in [
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code token", "unsupported_response_type"),
            ("scope", "nonsense", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
        ] {
            let query = replaced(&good, name, Some(value));
            let asked = ask(&server, mount, &query).await;
            assert_eq!(
                told_error(&party, &query, &asked, &format!("{name}={value}")),
                error,
                "{mount}: {name}={value}"
            );
        }
    }
}
