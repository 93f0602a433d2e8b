//! Who takes part in the load: people with a wallet each, and a relying party, their keys parsed once.

use std::fmt::Write;
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jws::{ES256, JwsSigner, RS256};
use outside::relying_party::RelyingParty;
use outside::server::Server;
use outside::wallet::Wallet;
use outside::{now, random};
use protocol::jws::{Algorithm, SigningInput};
use protocol::{consent, wla};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

/// A private key and the algorithm it signs with.
pub struct Key {
    signer: Box<dyn JwsSigner>,
    alg: &'static str,
    kid: String,
}

impl Key {
    /// A relying party's.
    pub fn of(jwk: &josekit::jwk::Jwk) -> Self {
        let kid = jwk.key_id().unwrap().to_owned();
        if jwk.algorithm() == Some("RS256") {
            Self { signer: Box::new(RS256.signer_from_jwk(jwk).unwrap()), alg: "RS256", kid }
        } else {
            Self { signer: Box::new(ES256.signer_from_jwk(jwk).unwrap()), alg: "ES256", kid }
        }
    }

    /// A compact JWS.
    pub fn sign(&self, claims: &Value) -> String {
        let header = format!(r#"{{"alg":"{}","typ":"JWT","kid":"{}"}}"#, self.alg, self.kid);
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.signer.sign(token.as_bytes()).unwrap();
        token.push('.');
        token.push_str(&URL_SAFE_NO_PAD.encode(signature));
        token
    }
}

/// A relying party.
pub struct Party {
    /// Its id.
    pub client_id: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// Whom its assertions are for.
    pub audience: String,
    /// Its key.
    pub key: Key,
    /// Path of the token endpoint.
    pub token: String,
    /// Path of the userinfo endpoint.
    pub userinfo: String,
}

impl Party {
    /// One that is registered.
    pub fn of(known: &RelyingParty) -> Self {
        let path = |url: &str| url::Url::parse(url).unwrap().path().to_owned();
        Self {
            client_id: known.client_id.clone(),
            redirect_uri: known.redirect_uri.clone(),
            audience: known.issuer.clone(),
            key: Key::of(&known.key),
            token: path(&known.token_url),
            userinfo: path(&known.userinfo_url),
        }
    }

    /// A token request's body, with a fresh assertion (RFC 7523).
    pub fn form(&self, more: &[(&str, &str)]) -> String {
        let assertion = self.key.sign(&json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.audience,
            "iat": now(), "exp": now() + 60, "jti": random()
        }));
        Serializer::new(String::new())
            .extend_pairs(more)
            .append_pair("client_id", &self.client_id)
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", &assertion)
            .finish()
    }
}

/// A phone with a bound key.
pub struct Phone {
    /// The person's identifier.
    pub individual_id: String,
    thumbprint: String,
    x5t: String,
    signer: Box<dyn JwsSigner>,
}

impl Phone {
    fn of(wallet: &Wallet) -> Self {
        let mut jwk: Value = serde_json::from_str(&wallet.jwk().canonical()).unwrap();
        jwk["d"] = URL_SAFE_NO_PAD.encode(wallet.key.to_bytes()).into();
        let jwk = josekit::jwk::Jwk::from_bytes(jwk.to_string()).unwrap();
        Self {
            individual_id: wallet.individual_id.clone(),
            thumbprint: wallet.jwk().thumbprint(),
            x5t: wallet.x5t.clone(),
            signer: Box::new(ES256.signer_from_jwk(&jwk).unwrap()),
        }
    }

    fn signature(&self, input: &SigningInput) -> Vec<u8> {
        self.signer.sign(input.bytes()).unwrap()
    }

    /// What `link-transaction` is told of the wallet.
    pub fn hint(&self) -> Value {
        json!({ "caps": [wla::CAPABILITY], "key": self.thumbprint })
    }

    /// The token that proves who is there.
    pub fn wla(&self, linked: &str, config: &Value) -> String {
        let text = |name: &str| config[name].as_str().unwrap_or_default().to_owned();
        let claims = wla::NativeClaims {
            iss: self.thumbprint.clone(),
            sub: self.individual_id.clone(),
            aud: text("iss"),
            nonce: text("nonce"),
            txn: linked.into(),
            jti: random(),
            iat: now(),
            exp: now() + 60,
            match_number: None,
        };
        let input = wla::native_signing_input(Algorithm::Es256, Some(&self.x5t), &claims).unwrap();
        input.attach(&self.signature(&input))
    }

    /// eSignet's two-part signature over a choice.
    pub fn consent(&self, claims: &[String]) -> String {
        let input = consent::detached_signing_input(Algorithm::Es256, &self.x5t, claims, &[]).unwrap();
        input.attach_detached(&self.signature(&input))
    }
}

/// The identifier of a person of the load.
pub fn identifier(number: usize) -> String {
    format!("9{number:09}")
}

/// The mail address of a person of the load.
pub fn mail(number: usize) -> String {
    format!("p{}@load.test", identifier(number))
}

/// Adds people, those with numbers from `first` on, in files of ten thousand.
pub fn import(server: &Server, first: usize, count: usize) {
    const AT_ONCE: usize = 10_000;
    let file = server.path("load.json");
    let mut next = first;
    while next < first + count {
        let end = (next + AT_ONCE).min(first + count);
        let mut text = String::from("[");
        for number in next..end {
            let comma = if number == next { "" } else { "," };
            let (id, mail) = (identifier(number), mail(number));
            write!(
                text,
                r#"{comma}{{"identifiers":[{{"kind":"uin","value":"{id}"}}],"attributes":{{"name":"Person {id}","email":"{mail}","birthdate":"1990-01-01","phone_number":"+15550100000"}}}}"#
            )
            .unwrap();
        }
        text.push(']');
        std::fs::write(&file, text).unwrap();
        server.command(&["person", "import", file.to_str().unwrap()]);
        next = end;
    }
}

/// Binds a wallet for each of these people, who are registered.
pub async fn bind(server: &Server, numbers: impl IntoIterator<Item = usize>) -> Vec<Phone> {
    let mut phones = Vec::new();
    for number in numbers {
        let id = identifier(number);
        let mut wallet = Wallet::new(server, &id);
        wallet.bind(server, &mail(number)).await.good();
        phones.push(Phone::of(&wallet));
    }
    phones
}

/// Where a server listens.
pub fn address(server: &Server) -> SocketAddr {
    let port = server.origin.rsplit(':').next().unwrap();
    format!("127.0.0.1:{port}").parse().unwrap()
}
