//! A phone for tests: a software key of each kind, and what a wallet signs with it.

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private, Public};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use protocol::binding::{ProofClaims, proof_signing_input};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, SigningInput, es256_raw_from_der};
use protocol::wallet_request;
use protocol::wla::{LegacyClaims, NativeClaims, legacy_signing_input, native_signing_input};
use serde_json::{Value, json};

use super::certificate;
use crate::clock::System;
use crate::http::envelope::format_time;
use crate::testkit::{Answer, Kit};

/// A key and its algorithm.
pub(crate) struct Phone {
    key: PKey<Private>,
    pub(crate) jwk: Jwk,
    pub(crate) alg: Algorithm,
}

impl Phone {
    /// P-256.
    pub(crate) fn es256() -> Self {
        let key = certificate::generate(&System).unwrap();
        let spki = key.public_key_to_der().unwrap();
        let jwk = Jwk::p256_from_uncompressed(&spki[spki.len() - 65..]).unwrap();
        Self { key, jwk, alg: Algorithm::Es256 }
    }

    /// Ed25519.
    pub(crate) fn ed25519() -> Self {
        let key = PKey::generate_ed25519().unwrap();
        let raw = key.raw_public_key().unwrap();
        Self { key, jwk: Jwk::ed25519(raw.try_into().unwrap()).unwrap(), alg: Algorithm::EdDsa }
    }

    /// RSA of 2048 bits, as for servers of eSignet 1.x.
    pub(crate) fn rs256() -> Self {
        let rsa = Rsa::generate(2048).unwrap();
        let jwk = Jwk::rsa(&rsa.n().to_vec(), &rsa.e().to_vec()).unwrap();
        Self { key: PKey::from_rsa(rsa).unwrap(), jwk, alg: Algorithm::Rs256 }
    }

    /// The public key, for what is said about it.
    pub(crate) fn public(&self) -> PKey<Public> {
        PKey::public_key_from_der(&self.key.public_key_to_der().unwrap()).unwrap()
    }

    /// The private key, for what is encrypted to it.
    pub(crate) fn private_pem(&self) -> Vec<u8> {
        self.key.private_key_to_pem_pkcs8().unwrap()
    }

    pub(crate) fn jwk_json(&self) -> Value {
        serde_json::to_value(&self.jwk).unwrap()
    }

    /// A signature in the form of JWS.
    pub(crate) fn sign(&self, input: &[u8]) -> Vec<u8> {
        match self.alg {
            Algorithm::EdDsa => Signer::new_without_digest(&self.key).unwrap().sign_oneshot_to_vec(input).unwrap(),
            _ => {
                let mut signer = Signer::new(MessageDigest::sha256(), &self.key).unwrap();
                signer.update(input).unwrap();
                let signature = signer.sign_to_vec().unwrap();
                match self.alg {
                    Algorithm::Es256 => es256_raw_from_der(&signature).unwrap().to_vec(),
                    _ => signature,
                }
            }
        }
    }

    pub(crate) fn token(&self, input: &SigningInput) -> String {
        input.attach(&self.sign(input.bytes()))
    }

    /// A proof of this key.
    pub(crate) fn proof(&self, claims: &ProofClaims) -> String {
        self.token(&proof_signing_input(self.alg, &self.jwk, claims).unwrap())
    }

    /// A native token.
    pub(crate) fn native(&self, claims: &NativeClaims) -> String {
        self.token(&native_signing_input(self.alg, None, claims).unwrap())
    }

    /// A legacy token.
    pub(crate) fn legacy(&self, x5t: &str, claims: &LegacyClaims) -> String {
        self.token(&legacy_signing_input(self.alg, x5t, claims).unwrap())
    }

    /// Posts an envelope with the `Tessera-Wallet` header.
    pub(crate) async fn call(&self, kit: &Kit, path: &str, request: Value, jti: &str) -> Answer {
        let now = kit.state.clock.now();
        let body = json!({ "requestTime": format_time(now), "request": request }).to_string();
        let url = format!("{}{path}", kit.state.config.origin());
        let claims = wallet_request::claims(&url, body.as_bytes(), jti, now / 1000);
        let header = wallet_request::signing_input(self.alg, &self.jwk.thumbprint(), &claims).unwrap();
        self.send(kit, path, body, &self.token(&header)).await
    }

    /// Posts a body with any header.
    pub(crate) async fn send(&self, kit: &Kit, path: &str, body: String, header: &str) -> Answer {
        let request = axum::http::Request::post(path)
            .header("content-type", "application/json")
            .header(wallet_request::HEADER_NAME, header)
            .body(body.into())
            .unwrap();
        kit.send(request).await
    }
}
