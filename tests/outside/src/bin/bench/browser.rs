//! A browser that logs in by pages and forms: a connection and cookies.

use std::collections::BTreeMap;

use url::Url;

use crate::wire::{Reply, Wire, request};

/// One that has been nowhere yet.
pub struct Browser<'w> {
    wire: &'w mut Wire,
    /// Paths are not looked at: one browser visits one server.
    cookies: BTreeMap<String, String>,
}

impl<'w> Browser<'w> {
    /// With no cookies.
    pub fn new(wire: &'w mut Wire) -> Self {
        Self { wire, cookies: BTreeMap::new() }
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.go("GET", path, "").await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, form: &str) -> Reply {
        self.go("POST", path, form).await
    }

    async fn go(&mut self, method: &str, path: &str, form: &str) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [("cookie", cookies.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        let headers = if method == "GET" { &headers[..1] } else { &headers };
        let reply = self.wire.ask(&request(method, path, headers, form)).await;
        assert!(reply.status < 400, "{path}: {}{}", reply.head, String::from_utf8_lossy(&reply.body));
        for cookie in reply.headers("set-cookie") {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.cookies.insert(name.into(), value.into());
            }
        }
        reply
    }
}

/// Where an answer sends the browser.
pub fn location(reply: &Reply) -> Url {
    let to = reply.headers("location").next().unwrap_or_else(|| panic!("no redirect: {}", reply.head));
    Url::parse("http://localhost/").unwrap().join(to).unwrap()
}

/// A URL of the server as a request names it.
pub fn local(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// A parameter of the URL that a login ends at.
pub fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(found, _)| found == name);
    found.unwrap_or_else(|| panic!("no {name} in the redirect")).1.into_owned()
}
