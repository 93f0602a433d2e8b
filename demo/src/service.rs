//! A service that acts for itself, with a token of its own scopes: here the civil registry, which enrolls people, and the
//! clinic, which asks whether what it was told is right.

use std::time::Duration;

use josekit::jwk::Jwk;
use reqwest::Method;
use serde_json::Value;

use crate::relying_party::{LoginError, assertion, random};

/// The civil registry of the demonstration.
pub const REGISTRY: &str = "civil-registry";
/// What it may do.
pub const REGISTRY_SCOPES: [&str; 4] = ["enroll.write", "enroll.read", "pr.person.write", "notif.sub.write"];

/// A registered service.
pub struct Service {
    client_id: &'static str,
    key: Jwk,
    server: String,
    http: reqwest::Client,
}

impl Service {
    /// A service with a key of its own.
    ///
    /// # Errors
    /// [`LoginError::Server`] where HTTP cannot be set up.
    pub fn new(client_id: &'static str, key: Jwk, server: &str) -> Result<Self, LoginError> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?;
        Ok(Self { client_id, key, server: server.to_owned(), http })
    }

    /// The same with a new key.
    ///
    /// # Errors
    /// [`LoginError::Server`] where no key can be made.
    pub fn with_new_key(client_id: &'static str, server: &str) -> Result<Self, LoginError> {
        let key = Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256);
        let mut key = key.map_err(|error| LoginError::Server(error.to_string()))?;
        key.set_key_id(random());
        key.set_algorithm("ES256");
        key.set_key_use("sig");
        Self::new(client_id, key, server)
    }

    /// Its `client_id`.
    #[must_use]
    pub fn client_id(&self) -> &'static str {
        self.client_id
    }

    /// Its public key, for registration.
    ///
    /// # Errors
    /// [`LoginError::Server`] where the key has no public part, which no key made here lacks.
    pub fn public_key(&self) -> Result<Value, LoginError> {
        let key = self.key.to_public_key().map_err(|error| LoginError::Server(error.to_string()))?;
        Ok(Value::Object(key.into()))
    }

    async fn token(&self) -> Result<String, LoginError> {
        let issuer = format!("{}/op", self.server);
        let assertion = assertion(&self.key, "ES256", self.client_id, &issuer)?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        let answer = self.http.post(format!("{issuer}/token")).form(&form).send().await?.error_for_status()?;
        let answer: Value = answer.json().await?;
        let token = answer["access_token"].as_str();
        token.map(str::to_owned).ok_or_else(|| LoginError::Server("no token".into()))
    }

    /// Calls an operation: its answer, `Null` where it has no body.
    ///
    /// # Errors
    /// [`LoginError::Refused`] with the status where it is refused.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, LoginError> {
        let request = self.http.request(method, format!("{}{path}", self.server)).bearer_auth(self.token().await?);
        let request = if let Some(body) = body { request.json(body) } else { request };
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if status.is_success() {
            Ok(serde_json::from_str(&text).unwrap_or_default())
        } else {
            Err(LoginError::Refused(format!("{path}: {status} {text}")))
        }
    }
}
