//! What browsers, relying parties and operators send, without a database behind.

use std::net::IpAddr;
use std::sync::OnceLock;

use axum::body::Body;
use axum::extract::FromRequest;
use axum::http::{Extensions, HeaderMap, HeaderValue, Request, header};
use protocol::jwk::Jwk;
use serde_json::{Map, Value};
use server::access::Form;
use server::acr::Acr;
use server::authorization::checks;
use server::authorization::{Asked, Door};
use server::clients::requests::{Change, Create};
use server::clients::{
    AdditionalConfig, AuthMethod, Client, GrantType, LoginPolicy, Registration, Status, redirect_uri_matches,
};
use server::dialect::Mount;
use server::http::client_address::client_address;
use server::linked::browser_kind::browser_kind;
use server::pages::Language;
use server::registry::person_file;

use crate::choice;

/// Where the client of these requests is sent back.
const CALLBACK: &str = "https://rp.test/cb";

fn client(mount: Mount) -> Client {
    Client {
        row: 1,
        id: "clinic".into(),
        mount,
        relying_party_id: "health".into(),
        status: Status::Active,
        registration: Registration {
            name: [("@none".into(), "Clinic".into())].into(),
            logo_uri: None,
            redirect_uris: vec![CALLBACK.into(), "http://127.0.0.1/cb".into()],
            user_claims: vec!["name".into(), "email".into(), "birthdate".into()],
            acrs: vec![Acr::GeneratedCode, Acr::LinkedWallet],
            grant_types: vec![GrantType::AuthorizationCode],
            auth_methods: vec![AuthMethod::PrivateKeyJwt],
            ..Registration::default()
        },
    }
}

/// The query of an authorization request, the `claims` parameter in it.
pub fn authorize(data: &[u8]) {
    static CLIENTS: OnceLock<Vec<Client>> = OnceLock::new();
    let clients = CLIENTS.get_or_init(|| Mount::ISSUERS.into_iter().map(client).collect());
    let Some((at, rest)) = choice(data, clients.len()) else { return };
    let (Ok(query), client) = (std::str::from_utf8(rest), &clients[at]) else { return };
    // The same bytes as a query, and as what a request object holds.
    let members = serde_json::from_str::<Map<String, Value>>(query).ok();
    let asked = [Asked::from_query(query), members.and_then(|members| Asked::from_object(&members))];
    asked.iter().flatten().for_each(|asked| is_checked(asked, client));
}

fn is_checked(asked: &Asked, client: &Client) {
    match checks::check(asked, client, client.mount, Door::Plain) {
        Ok(request) => {
            assert!(
                client.redirect_uris.iter().any(|registered| redirect_uri_matches(registered, &request.redirect_uri))
            );
            assert!(request.scopes.iter().any(|scope| scope == "openid") || !request.acrs.is_empty());
        }
        // RFC 9700 §4.11: nobody is sent to an address that was not proven.
        Err(refused) => {
            assert!(!refused.faults.is_empty());
            if let Some(to) = refused.return_to {
                assert!(
                    client.redirect_uris.iter().any(|registered| redirect_uri_matches(registered, &to.redirect_uri))
                );
            }
        }
    }
}

/// A form, as the token endpoint takes it.
pub fn form(data: &[u8]) {
    let request = Request::post("/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(data.to_vec()))
        .expect("a request");
    if let Ok(form) = futures::executor::block_on(Form::from_request(request, &())) {
        for name in ["grant_type", "code", "client_assertion", "redirect_uri", "code_verifier"] {
            assert!(form.get(name).is_none_or(|value| !value.is_empty()));
        }
    }
}

/// What client management reads, and redirect URIs: the registered one, then the asked one.
pub fn clients(data: &[u8]) {
    let Some((at, rest)) = choice(data, 5) else { return };
    match at {
        0 => drop(serde_json::from_slice::<Create>(rest)),
        1 => drop(serde_json::from_slice::<Change>(rest)),
        2 => {
            let Ok(object) = serde_json::from_slice::<Map<String, Value>>(rest) else { return };
            let _ = AdditionalConfig::read(&object);
            for mount in Mount::ISSUERS {
                let _ = LoginPolicy::read(mount, &object);
            }
        }
        3 => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            // A2: to the letter, but for the port of a loopback address.
            if redirect_uri_matches(CALLBACK, text) {
                assert_eq!(text, CALLBACK);
            }
            let _ = redirect_uri_matches("http://127.0.0.1/cb", text);
        }
        _ => {
            if let Ok(keys) = serde_json::from_slice::<Vec<Value>>(rest) {
                let _: Vec<_> = keys.iter().map(Jwk::from_value).collect();
            }
        }
    }
}

/// A person file.
pub fn persons(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = person_file::read(text);
    }
}

/// Headers: addresses behind proxies, languages, the kind of browser. Lines of `name: value`.
pub fn headers(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let at = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let name = match line.get(..at) {
            Some(b"f") => header::HeaderName::from_static("x-forwarded-for"),
            Some(b"l") => header::ACCEPT_LANGUAGE,
            Some(b"u") => header::USER_AGENT,
            _ => continue,
        };
        if let Some(Ok(value)) = line.get(at + 1..).map(HeaderValue::from_bytes) {
            headers.append(name, value);
        }
    }
    let proxies = [IpAddr::from([127, 0, 0, 1])];
    let mut extensions = Extensions::new();
    extensions.insert(axum::extract::ConnectInfo(std::net::SocketAddr::from((proxies[0], 1))));
    let _ = client_address(&extensions, &headers, &proxies);
    let _ = browser_kind(&headers);
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let offered = ["en".to_owned(), "ar".to_owned()];
    assert_ne!(Language::choose(&offered, &[], accepted), Language::French);
}
