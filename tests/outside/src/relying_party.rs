//! A relying party: it begins logins and redeems codes, honestly or not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{ES256, JwsHeader, RS256};
use josekit::jwt::{self, JwtPayload};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::server::Server;
use crate::{Answer, now, random};

/// SHA-256 in base64url.
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

/// A registered client with its key.
#[derive(Clone)]
pub struct RelyingParty {
    /// Its `client_id`.
    pub client_id: String,
    /// Its registered redirect URI.
    pub redirect_uri: String,
    /// Its private key.
    pub key: Jwk,
    /// Where its mount stands.
    pub mount: &'static str,
    /// The token endpoint.
    pub token_url: String,
    /// The issuer.
    pub issuer: String,
    /// The userinfo endpoint.
    pub userinfo_url: String,
    /// The key set of the server.
    pub jwks_url: String,
    /// For calls of every other kind.
    pub http: reqwest::Client,
}

/// What must be kept between beginning and end of a login.
#[derive(Clone, Debug)]
pub struct Begun {
    /// PKCE.
    pub verifier: String,
    /// Nonce.
    pub nonce: String,
    /// State.
    pub state: String,
}

impl RelyingParty {
    /// A key of the kind that a mount takes: RSA for GovStack's and Bank iD's, P-256 elsewhere.
    pub fn new_key(mount: &str) -> Jwk {
        let (mut key, alg) = if matches!(mount, "" | "/bankid") {
            (Jwk::generate_rsa_key(2048).unwrap(), "RS256")
        } else {
            (Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap(), "ES256")
        };
        key.set_key_id(random());
        key.set_algorithm(alg);
        key.set_key_use("sig");
        key
    }

    /// A client that is registered already; endpoints come from discovery.
    pub async fn discover(server: &Server, mount: &'static str, client_id: &str, redirect_uri: &str, key: Jwk) -> Self {
        let http = server.http.clone();
        let path = if mount == "/v1/esignet" { "/v1/esignet/oidc" } else { mount };
        let url = format!("{}{path}/.well-known/openid-configuration", server.origin);
        let found: Value = http.get(url).send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let text = |name: &str| found[name].as_str().unwrap_or_else(|| panic!("{name} in discovery")).to_owned();
        Self {
            client_id: client_id.into(),
            redirect_uri: redirect_uri.into(),
            key,
            mount,
            token_url: text("token_endpoint"),
            issuer: text("issuer"),
            userinfo_url: text("userinfo_endpoint"),
            jwks_url: text("jwks_uri"),
            http,
        }
    }

    /// The request of `oauth-details` for a new login, asking for the name, and for the mail address if it may be.
    pub fn begin(&self) -> (Value, Begun) {
        let begun = Begun { verifier: random(), nonce: random(), state: random() };
        let request = json!({
            "clientId": self.client_id,
            "scope": "openid",
            "responseType": "code",
            "redirectUri": self.redirect_uri,
            "state": begun.state,
            "nonce": begun.nonce,
            "claims": { "userinfo": { "name": { "essential": true }, "email": { "essential": false } }, "id_token": {} },
            "codeChallenge": sha256(&begun.verifier),
            "codeChallengeMethod": "S256",
        });
        (request, begun)
    }

    /// Signs claims as an assertion.
    pub fn sign(&self, claims: &Value) -> String {
        let payload = JwtPayload::from_map(claims.as_object().unwrap().clone()).unwrap();
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        header.set_key_id(self.key.key_id().unwrap());
        if self.key.algorithm() == Some("RS256") {
            jwt::encode_with_signer(&payload, &header, &RS256.signer_from_jwk(&self.key).unwrap()).unwrap()
        } else {
            jwt::encode_with_signer(&payload, &header, &ES256.signer_from_jwk(&self.key).unwrap()).unwrap()
        }
    }

    /// The claims of a good assertion.
    pub fn assertion_claims(&self) -> Value {
        json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer,
            "iat": now(), "exp": now() + 60, "jti": random()
        })
    }

    /// A good token request.
    pub fn token_form(&self, code: &str, begun: &Begun) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "authorization_code".into()),
            ("code", code.into()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("client_id", self.client_id.clone()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
            ("client_assertion", self.sign(&self.assertion_claims())),
            ("code_verifier", begun.verifier.clone()),
        ]
    }

    /// A good request to refresh.
    pub fn refresh_form(&self, refresh_token: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "refresh_token".into()),
            ("refresh_token", refresh_token.into()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
            ("client_assertion", self.sign(&self.assertion_claims())),
        ]
    }

    /// Asks for a token to be revoked (RFC 7009).
    pub async fn revoke(&self, token: &str) -> Answer {
        let form = [
            ("token", token.to_owned()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".into()),
            ("client_assertion", self.sign(&self.assertion_claims())),
        ];
        let url = self.token_url.replace("/token", "/revoke");
        Answer::try_of(self.http.post(url).form(&form).send().await.unwrap()).await.unwrap()
    }

    /// Posts a form to the token endpoint.
    pub async fn post_token(&self, form: &[(&'static str, String)]) -> Answer {
        self.try_post_token(form).await.unwrap()
    }

    /// The same, to a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_post_token(&self, form: &[(&'static str, String)]) -> Result<Answer, reqwest::Error> {
        Answer::try_of(self.http.post(&self.token_url).form(form).send().await?).await
    }

    /// Redeems a code; the tokens.
    pub async fn redeem(&self, code: &str, begun: &Begun) -> Value {
        let answer = self.post_token(&self.token_form(code, begun)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    /// Asks for userinfo: status and, where it was given, the claims.
    pub async fn userinfo(&self, access_token: &str) -> (u16, Map<String, Value>) {
        let response = self.http.get(&self.userinfo_url).bearer_auth(access_token).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        if status != 200 {
            return (status, Map::new());
        }
        let claims =
            if text.starts_with('{') { serde_json::from_str(&text).unwrap() } else { self.verify(&text).await };
        (status, claims)
    }

    /// Verifies a token of the server by its published keys; its claims.
    pub async fn verify(&self, token: &str) -> Map<String, Value> {
        let jwks = self.http.get(&self.jwks_url).send().await.unwrap().bytes().await.unwrap();
        let jwks = josekit::jwk::JwkSet::from_bytes(&jwks).unwrap();
        let header = jwt::decode_header(token).unwrap();
        let kid = header.claim("kid").unwrap().as_str().unwrap();
        let key = jwks.get(kid)[0];
        let (payload, _) = match header.claim("alg").unwrap().as_str().unwrap() {
            "RS256" => jwt::decode_with_verifier(token, &RS256.verifier_from_jwk(key).unwrap()).unwrap(),
            "PS256" => jwt::decode_with_verifier(token, &josekit::jws::PS256.verifier_from_jwk(key).unwrap()).unwrap(),
            "ES512" => jwt::decode_with_verifier(token, &josekit::jws::ES512.verifier_from_jwk(key).unwrap()).unwrap(),
            "ES256" => jwt::decode_with_verifier(token, &ES256.verifier_from_jwk(key).unwrap()).unwrap(),
            other => panic!("algorithm {other}"),
        };
        payload.claims_set().clone()
    }
}
