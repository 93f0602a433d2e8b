//! Cases A1 to A5: nothing leaves towards an address that is not registered, byte for byte.

use outside::browser::Browser;
use outside::relying_party::RelyingParty;
use outside::server::{Database, Server};
use reqwest::header::{CONTENT_TYPE, LOCATION};

use crate::MOUNTS;

/// The query of a good authorization request.
fn query(party: &RelyingParty) -> Vec<(String, String)> {
    let (request, _) = party.begin();
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    [
        ("client_id", party.client_id.clone()),
        ("response_type", "code".into()),
        ("scope", "openid".into()),
        ("redirect_uri", party.redirect_uri.clone()),
        ("state", text("state")),
        ("nonce", text("nonce")),
        ("code_challenge", text("codeChallenge")),
        ("code_challenge_method", "S256".into()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn replaced(query: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    query.iter().map(|(n, v)| (n.clone(), if n == name { value.into() } else { v.clone() })).collect()
}

struct Asked {
    status: u16,
    location: Option<String>,
    html: bool,
}

async fn ask(server: &Server, mount: &str, query: &[(String, String)]) -> Asked {
    let http = outside::http().build().unwrap();
    let response = http.get(format!("{}{mount}/authorize", server.origin)).query(query).send().await.unwrap();
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    Asked {
        status: response.status().as_u16(),
        location: header(LOCATION),
        html: header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")),
    }
}

/// Refused before the redirect URI is proven: a page with 400, and no `Location`.
async fn refused(server: &Server, mount: &str, query: &[(String, String)], what: &str) {
    let asked = ask(server, mount, query).await;
    assert_eq!((asked.status, asked.html, asked.location), (400, true, None), "{mount}: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a1_a2_a3_only_the_registered_redirect_uri_byte_for_byte() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let good = query(&party);
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
            refused(&server, mount, &replaced(&good, "redirect_uri", asked), asked).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a4_a_native_client_may_choose_its_port_and_nothing_else() {
    let server = Server::start(Database::Sqlite, "").await;
    let loopback = ["--redirect-uri", "http://127.0.0.1/cb"];
    for mount in MOUNTS {
        let party = server.relying_party_with(mount, &loopback).await;
        let good = query(&party);
        for asked in ["http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"] {
            assert_eq!(
                ask(&server, mount, &replaced(&good, "redirect_uri", asked)).await.status,
                200,
                "{mount} {asked}"
            );
        }
        for asked in [
            "http://127.0.0.1:49152/other",
            "http://localhost:49152/cb",
            "http://[::1]:49152/cb",
            "https://127.0.0.1/cb",
        ] {
            refused(&server, mount, &replaced(&good, "redirect_uri", asked), asked).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_no_parameter_twice_and_no_unknown_client() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let good = query(&party);
        for name in ["redirect_uri", "client_id", "scope"] {
            let mut twice = good.clone();
            let same = good.iter().find(|(n, _)| n == name).unwrap().clone();
            twice.push(same);
            let asked = ask(&server, mount, &twice).await;
            assert_eq!((asked.status, asked.location), (400, None), "{mount}: {name} twice");
        }
        refused(&server, mount, &replaced(&good, "client_id", "nobody"), "unknown client").await;
        let without: Vec<_> = good.iter().filter(|(name, _)| name != "redirect_uri").cloned().collect();
        refused(&server, mount, &without, "no redirect_uri").await;
    }
}

/// A client of one mount is nobody on another.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_belongs_to_one_mount() {
    let server = Server::start(Database::Sqlite, "").await;
    for home in MOUNTS {
        let party = server.relying_party(home).await;
        for mount in MOUNTS.into_iter().filter(|mount| *mount != home) {
            refused(&server, mount, &query(&party), "a client of another mount").await;
            let browser = Browser::new(&server, mount).await;
            let answer = browser.post("/authorization/v2/oauth-details", party.begin().0).await;
            assert_eq!(answer.code(), "invalid_client_id", "{mount}");
        }
    }
}

/// GS-OIDC-02: once the redirect URI is proven, errors go there, with `state` and `iss`.
#[tokio::test(flavor = "multi_thread")]
async fn errors_are_told_to_the_client_at_its_registered_address() {
    let server = Server::start(Database::Sqlite, "").await;
    for mount in MOUNTS {
        let party = server.relying_party(mount).await;
        let good = query(&party);
        for (name, value, error) in [
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code token", "unsupported_response_type"),
            ("scope", "nonsense", "invalid_scope"),
            ("code_challenge_method", "plain", "invalid_request"),
        ] {
            let asked = ask(&server, mount, &replaced(&good, name, value)).await;
            let location = asked.location.unwrap_or_else(|| panic!("{mount}: {name}={value} is not redirected"));
            let url = url::Url::parse(&location).unwrap();
            let told: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
            assert!(location.starts_with("https://rp.test/cb?"), "{location}");
            assert_eq!(told["error"], error, "{mount}: {name}={value}");
            assert_eq!(told["iss"], party.issuer);
            assert_eq!(&told["state"], &good.iter().find(|(n, _)| n == "state").unwrap().1);
        }
    }
}
