//! A wallet, written from the wire up: it does what it is told, also what no honest wallet would.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, SigningInput};
use protocol::{binding, consent, wallet_request, wla};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::Server;
use crate::{Answer, envelope, now, random};

/// SHA-256 of the first certificate of a PEM text (RFC 7515 §4.1.8).
pub fn x5t(pem: &str) -> String {
    let body: String = pem.lines().skip(1).take_while(|line| !line.starts_with("-----")).collect();
    URL_SAFE_NO_PAD.encode(Sha256::digest(STANDARD.decode(body).unwrap()))
}

/// A key, and the person it is meant for.
#[derive(Clone)]
pub struct Wallet {
    /// The person's identifier.
    pub individual_id: String,
    /// The key.
    pub key: SigningKey,
    /// `x5t#S256` of the certificate received at binding; empty before.
    pub x5t: String,
    /// What it says it can do.
    pub caps: Vec<&'static str>,
    /// For calls of every other kind.
    pub http: reqwest::Client,
    /// Where its server is.
    pub origin: String,
}

/// A login that this wallet has claimed.
#[derive(Clone, Debug)]
pub struct Linked {
    /// `linkTransactionId`.
    pub id: String,
    /// The issuer, `configs.tessera.iss`.
    pub issuer: String,
    /// `configs.tessera.nonce`.
    pub nonce: String,
    /// The whole answer.
    pub response: Value,
}

impl Linked {
    /// From a good answer of `link-transaction`.
    pub fn of(answer: &Answer) -> Self {
        let response = answer.good().clone();
        let config = &response["configs"]["tessera"];
        Self {
            id: answer.text_of("linkTransactionId"),
            issuer: config["iss"].as_str().unwrap().into(),
            nonce: config["nonce"].as_str().unwrap().into(),
            response: response.clone(),
        }
    }
}

impl Wallet {
    /// A wallet with a new key, not bound yet.
    pub fn new(server: &Server, individual_id: &str) -> Self {
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).unwrap();
        Self {
            individual_id: individual_id.into(),
            key: SigningKey::from_slice(&seed).unwrap(),
            x5t: String::new(),
            caps: vec![wla::CAPABILITY, wla::MATCH_CAPABILITY],
            http: server.http.clone(),
            origin: server.origin.clone(),
        }
    }

    /// The public key.
    pub fn jwk(&self) -> Jwk {
        Jwk::p256_from_uncompressed(self.key.verifying_key().to_sec1_point(false).as_bytes()).unwrap()
    }

    /// A signature as a JWS has it.
    pub fn sign(&self, input: &SigningInput) -> String {
        let signature: Signature = self.key.sign(input.bytes());
        input.attach(&signature.to_bytes())
    }

    /// The same wallet somewhere else: at this address, as a proxy tells it.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self { http: crate::http_from(address).build().unwrap(), ..self.clone() }
    }

    /// Posts an envelope to a path of the server.
    pub async fn post(&self, path: &str, request: Value) -> Answer {
        self.try_post(path, request).await.unwrap()
    }

    /// The same, to a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_post(&self, path: &str, request: Value) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{path}", self.origin);
        Answer::try_of(self.http.post(url).json(&envelope(request)).send().await?).await
    }

    /// The request of `POST /wallet/binding`, with a good proof over a fresh challenge.
    pub async fn binding_request(&self, otp: &str) -> Value {
        let challenge = self.post("/wallet/binding-challenge", json!({})).await;
        let issuer = challenge.text_of("issuer");
        let claims =
            binding::ProofClaims { aud: issuer, nonce: challenge.text_of("challenge"), iat: now(), exp: now() + 60 };
        let proof = self.sign(&binding::proof_signing_input(Algorithm::Es256, &self.jwk(), &claims).unwrap());
        json!({
            "individualId": self.individual_id,
            "challengeList": [{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }],
            "publicKey": serde_json::from_str::<Value>(&self.jwk().canonical()).unwrap(),
            "proof": proof,
            "deviceName": "test",
        })
    }

    /// Asks for a one-time password for binding.
    pub async fn binding_otp(&self) -> Answer {
        let request = json!({ "individualId": self.individual_id, "otpChannels": ["email"] });
        self.post("/wallet/binding-otp", request).await
    }

    /// Binds natively, with the one-time password from the gateway.
    pub async fn bind(&mut self, server: &Server, address: &str) -> Answer {
        let seen = server.gateway.count(address);
        let sent = self.binding_otp().await;
        if !sent.code().is_empty() || sent.status != 200 {
            return sent;
        }
        let otp = server.gateway.next(address, seen).await;
        let request = self.binding_request(&otp).await;
        let answer = self.post("/wallet/binding", request).await;
        if let Some(certificate) = answer.body["response"]["certificate"].as_str() {
            self.x5t = x5t(certificate);
        }
        answer
    }

    /// Claims a link code on a mount.
    pub async fn link(&self, mount: &str, code: &str) -> Answer {
        self.try_link(mount, code).await.unwrap()
    }

    /// The same, at a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_link(&self, mount: &str, code: &str) -> Result<Answer, reqwest::Error> {
        let request = json!({
            "linkCode": code,
            "wallet": { "caps": self.caps, "key": self.jwk().thumbprint() }
        });
        self.try_post(&format!("{mount}/linked-authorization/v2/link-transaction"), request).await
    }

    /// Claims a link code and expects it to go well.
    pub async fn linked(&self, mount: &str, code: &str) -> Linked {
        Linked::of(&self.link(mount, code).await)
    }

    /// The claims of an honest token for a login.
    pub fn wla_claims(&self, linked: &Linked) -> wla::NativeClaims {
        wla::NativeClaims {
            iss: self.jwk().thumbprint(),
            sub: self.individual_id.clone(),
            aud: linked.issuer.clone(),
            nonce: linked.nonce.clone(),
            txn: linked.id.clone(),
            jti: random(),
            iat: now(),
            exp: now() + 60,
            match_number: None,
        }
    }

    /// A token with these claims, signed by this wallet's key.
    pub fn wla(&self, claims: &wla::NativeClaims) -> String {
        self.sign(&wla::native_signing_input(Algorithm::Es256, Some(&self.x5t), claims).unwrap())
    }

    /// Authenticates with a token.
    pub async fn authenticate(&self, mount: &str, linked: &Linked, token: &str) -> Answer {
        self.try_authenticate(mount, linked, token).await.unwrap()
    }

    /// The same, at a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_authenticate(&self, mount: &str, linked: &Linked, token: &str) -> Result<Answer, reqwest::Error> {
        let request = json!({
            "linkedTransactionId": linked.id,
            "individualId": self.individual_id,
            "challengeList": [{ "authFactorType": "WLA", "challenge": token, "format": "jwt" }]
        });
        self.try_post(&format!("{mount}/linked-authorization/v2/authenticate"), request).await
    }

    /// eSignet's two-part signature over a choice.
    pub fn consent_signature(&self, claims: &[String]) -> String {
        self.consent_signature_with(claims, &[])
    }

    /// The same, permitting scopes too.
    pub fn consent_signature_with(&self, claims: &[String], scopes: &[String]) -> String {
        let input = consent::detached_signing_input(Algorithm::Es256, &self.x5t, claims, scopes).unwrap();
        let signature: Signature = self.key.sign(input.bytes());
        input.attach_detached(&signature.to_bytes())
    }

    /// The claims of an honest statement for a login, over a choice.
    pub fn statement(&self, linked: &Linked, claims: &[&str]) -> consent::Statement {
        let claims: Vec<String> = claims.iter().map(ToString::to_string).collect();
        let name = &linked.response["clientName"];
        let name = name.as_str().or_else(|| name["@none"].as_str()).unwrap();
        consent::Statement {
            iss: self.jwk().thumbprint(),
            aud: linked.issuer.clone(),
            txn: linked.id.clone(),
            client_id: None,
            client_name: name.to_owned(),
            claims: consent::sorted(&claims),
            scopes: Vec::new(),
            iat: now(),
            jti: random(),
        }
    }

    /// Consents to claims with a statement, which may say anything.
    pub async fn consent_stated(
        &self,
        mount: &str,
        linked: &Linked,
        claims: &[&str],
        statement: &consent::Statement,
    ) -> Answer {
        let claims: Vec<String> = claims.iter().map(ToString::to_string).collect();
        let request = json!({
            "linkedTransactionId": linked.id,
            "acceptedClaims": claims,
            "permittedAuthorizeScopes": [],
            "signature": self.consent_signature(&claims),
            "consentStatement": self.sign(&consent::statement_signing_input(Algorithm::Es256, statement).unwrap()),
        });
        self.post(&format!("{mount}/linked-authorization/v2/consent"), request).await
    }

    /// The `Tessera-Wallet` header for a body sent to a path.
    pub fn header(&self, path: &str, body: &str) -> String {
        let claims = wallet_request::claims(&format!("{}{path}", self.origin), body.as_bytes(), &random(), now());
        self.sign(&wallet_request::signing_input(Algorithm::Es256, &self.jwk().thumbprint(), &claims).unwrap())
    }

    /// Posts a body with a `Tessera-Wallet` header of the caller's choice.
    pub async fn send_signed(&self, path: &str, body: &str, header: &str) -> Answer {
        let url = format!("{}{path}", self.origin);
        let call = self.http.post(url).header("content-type", "application/json");
        Answer::of(call.header(wallet_request::HEADER_NAME, header).body(body.to_owned()).send().await.unwrap()).await
    }

    /// A call of its own, signed by its key.
    pub async fn signed(&self, path: &str, request: Value) -> Answer {
        let body = envelope(request).to_string();
        self.send_signed(path, &body, &self.header(path, &body)).await
    }

    /// Consents to claims.
    pub async fn consent(&self, mount: &str, linked: &Linked, claims: &[&str]) -> Answer {
        self.try_consent(mount, linked, claims).await.unwrap()
    }

    /// The same, at a server that may go away.
    ///
    /// # Errors
    /// Where no answer was seen.
    pub async fn try_consent(&self, mount: &str, linked: &Linked, claims: &[&str]) -> Result<Answer, reqwest::Error> {
        self.try_consent_with(mount, linked, claims, &[]).await
    }

    async fn try_consent_with(
        &self,
        mount: &str,
        linked: &Linked,
        claims: &[&str],
        scopes: &[&str],
    ) -> Result<Answer, reqwest::Error> {
        let owned = |texts: &[&str]| -> Vec<String> { texts.iter().map(ToString::to_string).collect() };
        let (claims, scopes) = (owned(claims), owned(scopes));
        let request = json!({
            "linkedTransactionId": linked.id,
            "acceptedClaims": claims,
            "permittedAuthorizeScopes": scopes,
            "signature": self.consent_signature_with(&claims, &scopes),
        });
        self.try_post(&format!("{mount}/linked-authorization/v2/consent"), request).await
    }

    /// The whole of a wallet's part in a login, all of it honest.
    pub async fn approve(&self, mount: &str, code: &str, claims: &[&str]) -> Linked {
        self.approve_with(mount, code, claims, &[]).await
    }

    /// The same, permitting scopes too.
    pub async fn approve_with(&self, mount: &str, code: &str, claims: &[&str], scopes: &[&str]) -> Linked {
        let linked = self.linked(mount, code).await;
        let token = self.wla(&self.wla_claims(&linked));
        let authenticated = self.authenticate(mount, &linked, &token).await;
        if authenticated.good()["consentAction"] == "CAPTURE" {
            self.try_consent_with(mount, &linked, claims, scopes).await.unwrap().good();
        }
        linked
    }
}
