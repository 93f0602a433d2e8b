//! Two relying parties of the demonstration: ordinary OpenID Connect clients with `private_key_jwt`, PKCE, `state` and
//! `nonce`. They know nothing of the server but its discovery document.

mod pages;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, JwsHeader, RS256};
use josekit::jwt::{self, JwtPayload};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::Url;

pub use pages::{page, routes};

use crate::service::Service;

/// What is fixed about a relying party.
pub struct Profile {
    /// Path of its pages.
    pub path: &'static str,
    /// Its `client_id`.
    pub client_id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// One line about it.
    pub motto: &'static str,
    /// The issuer it uses: path on the server.
    pub mount: &'static str,
    /// How it signs: the standard mount takes ES256, GovStack's wants RSA.
    pub alg: &'static str,
    /// Claims it cannot do without.
    pub essential: &'static [&'static str],
    /// Claims it would like.
    pub voluntary: &'static [&'static str],
    /// What it may do for itself.
    pub scopes: &'static [&'static str],
}

/// The two of the demonstration.
pub const PROFILES: [Profile; 2] = [
    Profile {
        path: "clinic",
        client_id: "lakeside-clinic",
        name: "Lakeside Clinic",
        motto: "See your appointments and results",
        mount: "/op",
        alg: "ES256",
        essential: &["name", "birthdate"],
        voluntary: &["email", "phone_number"],
        scopes: &["id.verify"],
    },
    Profile {
        path: "bank",
        client_id: "rivermark-bank",
        name: "Rivermark Bank",
        motto: "Open an account in five minutes",
        mount: "",
        alg: "RS256",
        essential: &["name"],
        voluntary: &["address", "email"],
        scopes: &[],
    },
];

/// What the demonstration says when a login does not come to a good end.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The server did not answer, or not as its discovery document promises.
    #[error("the login server did not answer as expected: {0}")]
    Server(String),
    /// The answer belongs to no login that this browser began.
    #[error("this answer belongs to no login begun here")]
    Foreign,
    /// The server says no: an OAuth error code.
    #[error("{0}")]
    Refused(String),
    /// A token does not hold what it must.
    #[error("the ID token is not good: {0}")]
    Token(&'static str),
}

impl From<reqwest::Error> for LoginError {
    fn from(error: reqwest::Error) -> Self {
        Self::Server(error.without_url().to_string())
    }
}

#[derive(Clone, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: String,
}

/// A login that was begun and not yet answered.
struct Begun {
    nonce: String,
    verifier: String,
}

/// What a login ended in.
#[derive(Clone, Debug)]
pub struct Citizen {
    /// Claims of the ID token.
    pub id_token: Map<String, Value>,
    /// Claims of userinfo.
    pub userinfo: Map<String, Value>,
}

/// One relying party.
pub struct RelyingParty {
    /// What is fixed about it.
    pub profile: &'static Profile,
    key: Jwk,
    redirect_uri: String,
    server: String,
    http: reqwest::Client,
    begun: Mutex<HashMap<String, Begun>>,
}

/// Random text of 43 characters.
#[must_use]
pub fn random() -> String {
    let mut bytes = [0u8; 32];
    // Fails on no system that this demonstration runs on; zeros would only fail the login's own checks.
    #[expect(
        clippy::disallowed_methods,
        reason = "the demonstration's relying party is a program of its own, without the server's Rng"
    )]
    let _ = getrandom::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the demonstration's relying party is a program of its own, without the server's Clock"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// What proves a client (RFC 7523 §2.2).
///
/// # Errors
/// [`LoginError::Server`] where the key does not sign.
pub fn assertion(key: &Jwk, alg: &str, client_id: &str, audience: &str) -> Result<String, LoginError> {
    let mut payload = JwtPayload::new();
    payload.set_issuer(client_id);
    payload.set_subject(client_id);
    payload.set_audience(vec![audience]);
    payload.set_jwt_id(random());
    payload.set_issued_at(&now());
    payload.set_expires_at(&(now() + Duration::from_secs(60)));
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    if let Some(kid) = key.key_id() {
        header.set_key_id(kid);
    }
    let signed = match alg {
        "RS256" => RS256.signer_from_jwk(key).and_then(|signer| jwt::encode_with_signer(&payload, &header, &signer)),
        _ => ES256.signer_from_jwk(key).and_then(|signer| jwt::encode_with_signer(&payload, &header, &signer)),
    };
    signed.map_err(|error| LoginError::Server(error.to_string()))
}

impl RelyingParty {
    /// A relying party with a new key, whose pages stand at `origin`.
    ///
    /// # Errors
    /// [`LoginError::Server`] where no key can be made.
    pub fn new(profile: &'static Profile, server: &str, origin: &str) -> Result<Arc<Self>, LoginError> {
        let key = match profile.alg {
            "RS256" => Jwk::generate_rsa_key(2048),
            _ => Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256),
        };
        let mut key = key.map_err(|error| LoginError::Server(error.to_string()))?;
        key.set_key_id(random());
        key.set_algorithm(profile.alg);
        key.set_key_use("sig");
        Ok(Arc::new(Self {
            profile,
            key,
            redirect_uri: format!("{origin}/{}/callback", profile.path),
            server: server.to_owned(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(60)).build()?,
            begun: Mutex::new(HashMap::new()),
        }))
    }

    /// Its public key, for registration.
    ///
    /// # Errors
    /// [`LoginError::Server`] where the key has no public part, which no key made here lacks.
    pub fn public_key(&self) -> Result<Value, LoginError> {
        let key = self.key.to_public_key().map_err(|error| LoginError::Server(error.to_string()))?;
        Ok(Value::Object(key.into()))
    }

    /// The same client, acting for itself.
    ///
    /// # Errors
    /// [`LoginError::Server`] where HTTP cannot be set up.
    pub fn service(&self, server: &str) -> Result<Service, LoginError> {
        Service::new(self.profile.client_id, self.key.clone(), server)
    }

    /// Where it wants browsers to come back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Where its logo is.
    #[must_use]
    pub fn logo_uri(&self) -> String {
        self.redirect_uri.replace("/callback", "/logo.svg")
    }

    async fn discover(&self) -> Result<Discovery, LoginError> {
        let url = format!("{}{}/.well-known/openid-configuration", self.server, self.profile.mount);
        let found: Discovery = self.http.get(url).send().await?.error_for_status()?.json().await?;
        if found.issuer == format!("{}{}", self.server, self.profile.mount) {
            Ok(found)
        } else {
            Err(LoginError::Server("another issuer answered".into()))
        }
    }

    /// Begins a login: where the browser is sent.
    ///
    /// # Errors
    /// [`LoginError::Server`] where discovery fails.
    pub async fn begin(&self, language: &str) -> Result<Url, LoginError> {
        let discovery = self.discover().await?;
        let (state, nonce, verifier) = (random(), random(), random());
        let wish = |names: &[&str], essential: bool| {
            names
                .iter()
                .map(|name| ((*name).to_owned(), serde_json::json!({ "essential": essential })))
                .collect::<Map<_, _>>()
        };
        let mut userinfo = wish(self.profile.essential, true);
        userinfo.extend(wish(self.profile.voluntary, false));
        let claims = serde_json::json!({ "userinfo": userinfo }).to_string();
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        let mut url = discovery.authorization_endpoint;
        url.query_pairs_mut()
            .append_pair("client_id", self.profile.client_id)
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("claims", &claims)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("ui_locales", language);
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(state, Begun { nonce, verifier });
        Ok(url)
    }

    /// Ends a login with what the browser brought back.
    ///
    /// # Errors
    /// [`LoginError`]: refused, foreign, or tokens that are not good.
    pub async fn end(&self, answer: &HashMap<String, String>) -> Result<Citizen, LoginError> {
        let state = answer.get("state").ok_or(LoginError::Foreign)?;
        let begun =
            self.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(state).ok_or(LoginError::Foreign)?;
        let discovery = self.discover().await?;
        // RFC 9207: an answer of another server is not taken.
        if answer.get("iss").is_some_and(|issuer| *issuer != discovery.issuer) {
            return Err(LoginError::Foreign);
        }
        if let Some(error) = answer.get("error") {
            return Err(LoginError::Refused(error.clone()));
        }
        let code = answer.get("code").ok_or(LoginError::Foreign)?;
        let assertion = assertion(&self.key, self.profile.alg, self.profile.client_id, &discovery.issuer)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("client_id", self.profile.client_id),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
            ("code_verifier", &begun.verifier),
        ];
        let response = self.http.post(discovery.token_endpoint.clone()).form(&form).send().await?;
        if !response.status().is_success() {
            let body: Value = response.json().await.unwrap_or_default();
            return Err(LoginError::Refused(body["error"].as_str().unwrap_or("token refused").to_owned()));
        }
        let tokens: Tokens = response.json().await?;
        let id_token = self.verify(&discovery, &tokens.id_token).await?;
        let end = id_token.get("exp").and_then(Value::as_u64).ok_or(LoginError::Token("exp"))?;
        if SystemTime::UNIX_EPOCH + Duration::from_secs(end) < now() {
            return Err(LoginError::Token("expired"));
        }
        let good = |name: &str, wanted: &str| id_token.get(name).and_then(Value::as_str) == Some(wanted);
        if !good("iss", &discovery.issuer) {
            return Err(LoginError::Token("issuer"));
        }
        if !good("nonce", &begun.nonce) {
            return Err(LoginError::Token("nonce"));
        }
        let userinfo = self.userinfo(&discovery, &tokens.access_token).await?;
        if userinfo.get("sub") != id_token.get("sub") {
            return Err(LoginError::Token("subject of userinfo"));
        }
        Ok(Citizen { id_token, userinfo })
    }

    /// Verifies a token by the server's published keys, and that it is meant for this client.
    async fn verify(&self, discovery: &Discovery, token: &str) -> Result<Map<String, Value>, LoginError> {
        let jwks = self.http.get(discovery.jwks_uri.clone()).send().await?.error_for_status()?.bytes().await?;
        let jwks = josekit::jwk::JwkSet::from_bytes(&jwks).map_err(|error| LoginError::Server(error.to_string()))?;
        let header = jwt::decode_header(token).map_err(|_| LoginError::Token("header"))?;
        let kid = header.claim("kid").and_then(Value::as_str).ok_or(LoginError::Token("kid"))?;
        let key = *jwks.get(kid).first().ok_or(LoginError::Token("unknown key"))?;
        let verified = match header.claim("alg").and_then(Value::as_str) {
            Some("RS256") => {
                RS256.verifier_from_jwk(key).and_then(|verifier| jwt::decode_with_verifier(token, &verifier))
            }
            Some("ES256") => {
                ES256.verifier_from_jwk(key).and_then(|verifier| jwt::decode_with_verifier(token, &verifier))
            }
            _ => return Err(LoginError::Token("algorithm")),
        };
        let (payload, _) = verified.map_err(|_| LoginError::Token("signature"))?;
        if !payload.audience().is_some_and(|audience| audience.contains(&self.profile.client_id)) {
            return Err(LoginError::Token("audience"));
        }
        Ok(payload.claims_set().clone())
    }

    /// JSON, or a JWT where this client is registered for one.
    async fn userinfo(&self, discovery: &Discovery, token: &str) -> Result<Map<String, Value>, LoginError> {
        let response =
            self.http.get(discovery.userinfo_endpoint.clone()).bearer_auth(token).send().await?.error_for_status()?;
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("application/jwt") {
            let token = response.text().await?;
            return self.verify(discovery, &token).await;
        }
        Ok(response.json().await?)
    }
}
