//! A service of OSIA's: an enrollment office, a ministry, a subscriber. It acts for itself, with a token of its own scopes.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::relying_party::RelyingParty;
use crate::server::Server;

/// How often a busy server is asked again, and how long between.
const TRIES: u32 = 240;
const BETWEEN: Duration = Duration::from_millis(250);

/// An answer of OSIA's interfaces: no envelope, and bytes where they are no JSON.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Reply {
    /// Sends a request and reads the whole answer.
    pub async fn of(request: RequestBuilder) -> Self {
        Self::try_of(request).await.unwrap()
    }

    /// The same, of a server that may go away.
    ///
    /// # Errors
    /// Where no whole answer was seen.
    pub async fn try_of(request: RequestBuilder) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, bytes: response.bytes().await?.to_vec() })
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails where the status is another.
    pub fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The JSON of a good answer.
    pub fn json(&self) -> Value {
        self.is(200);
        self.parsed()
    }

    /// The body as JSON, whatever the status.
    pub fn parsed(&self) -> Value {
        assert_eq!(self.header("content-type").split(';').next(), Some("application/json"), "OSIA-COM-02");
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// Refused with this status, and, where there is a body, with OSIA's Error and nothing else (OSIA-ERR-01, 03). 400 must
    /// have one (OSIA-ERR-02). Gives the message.
    pub fn refused(&self, status: u16) -> String {
        self.is(status);
        if self.bytes.is_empty() && status != 400 {
            return String::new();
        }
        let error = self.parsed();
        let members = error.as_object().unwrap_or_else(|| panic!("no object: {error}"));
        assert_eq!(members.len(), 2, "OSIA-ERR-03: {error}");
        assert!(error["code"].as_i64().is_some_and(|code| i32::try_from(code).is_ok()), "OSIA-ERR-01: {error}");
        error["message"].as_str().unwrap_or_else(|| panic!("OSIA-ERR-01: {error}")).to_owned()
    }
}

/// A registered service and its token.
#[derive(Clone)]
pub struct Service {
    /// Its registration: id, key, endpoints.
    pub party: RelyingParty,
    /// Where it calls.
    pub origin: String,
    /// Its bearer token.
    pub token: String,
}

impl Service {
    /// Registers a service with these scopes and gets it a token of all of them.
    pub async fn register(server: &Server, scopes: &[&str]) -> Self {
        Self::register_with(server, scopes, &[]).await
    }

    /// The same, with more arguments to `tessera client add`.
    pub async fn register_with(server: &Server, scopes: &[&str], more: &[&str]) -> Self {
        let mut line = vec!["--grant", "client_credentials"];
        for scope in scopes {
            line.extend(["--scope", scope]);
        }
        line.extend(more);
        let party = server.relying_party_with("/op", &line).await;
        let token = token(&party, scopes).await;
        Self { party, origin: server.origin.clone(), token }
    }

    /// The same service with a token of fewer scopes.
    pub async fn with_scopes(&self, scopes: &[&str]) -> Self {
        Self { token: token(&self.party, scopes).await, ..self.clone() }
    }

    /// The same service at another node.
    #[must_use]
    pub fn at(&self, server: &Server) -> Self {
        Self { origin: server.origin.clone(), ..self.clone() }
    }

    /// A request with its token.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap();
        self.party.http.request(method, format!("{}{path}", self.origin)).bearer_auth(&self.token)
    }

    /// Sends a request, with JSON where there is some; again where the server says that it is too busy, as a patient client
    /// does.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let request = || {
            let request = self.request(method, path);
            if let Some(body) = body { request.json(body) } else { request }
        };
        patiently(request).await
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Some(body)).await
    }

    /// Puts JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, Some(body)).await
    }

    /// Patches with JSON.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.send("PATCH", path, Some(body)).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }

    /// Posts bytes of a media type.
    pub async fn upload(&self, path: &str, media: &str, bytes: &[u8]) -> Reply {
        patiently(|| self.request("POST", path).header("content-type", media).body(bytes.to_vec())).await
    }
}

/// Sends a request, again where the answer is 503, for as long as a test may wait.
async fn patiently(request: impl Fn() -> RequestBuilder) -> Reply {
    for _ in 0..TRIES {
        let reply = Reply::of(request()).await;
        if reply.status != 503 {
            return reply;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Reply::of(request()).await
}

/// A token of the client's own (`client_credentials`).
pub async fn token(party: &RelyingParty, scopes: &[&str]) -> String {
    let form = [
        ("grant_type", "client_credentials".into()),
        ("scope", scopes.join(" ")),
        ("client_id", party.client_id.clone()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
        ("client_assertion", party.sign(&party.assertion_claims())),
    ];
    let answer = party.post_token(&form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["access_token"].as_str().unwrap().to_owned()
}
