//! Keys: what this server signs with, what others encrypt for it with, and how signatures of others are checked.
//!
//! One key of each kind signs at a time: P-256, P-384, P-521, Ed25519, RSA. Which ones follows from their times alone, so that all nodes agree without
//! talking: a next key is published days before it signs, an old one stays published until all it signed is out of use.
//! Private keys are sealed at rest and parsed once.

mod carried;
mod certificate;
pub mod cli;
mod cms;
mod decryption;
mod encryption;
mod jose;
mod jwe;
mod model;
mod ring;
mod rotation;
mod store;
#[cfg(test)]
mod tests;
mod verify;

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::{self, Algorithm, Jws, JwsError};
use serde::Serialize;

pub use carried::Carried;
pub use cms::{notices_change, signed as signed_cms};
pub use decryption::EncryptionKey;
pub use encryption::{ContentEncryption, Encryption, KeyManagement};
pub use jwe::{ENCRYPTION_ALGS, ENCRYPTION_ENC, encrypt, encrypt_with};
pub use model::{Family, KeyError, KeyInfo, Phase, Schedule};
pub use ring::SEALED;
pub use rotation::{READY_IN, Rotation};
pub use verify::UNDERSTOOD;

use crate::clock::{Clock, Rng};
use crate::config::Signing;
use crate::dialect::Mount;
use crate::secrets::Secrets;
use crate::store::Store;
use ring::Ring;
use verify::Verifiers;

/// Whether OpenSSL takes a public key: its point is on its curve, which `protocol` does not compute for P-384 and P-521.
#[must_use]
pub fn is_sound(key: &Jwk) -> bool {
    let alg = Algorithm::ALL.into_iter().find(|alg| jws::fits(*alg, key.key()));
    alg.is_some_and(|alg| jose::Verifier::of(alg, key).is_ok())
}

/// Signing keys and parsed keys of others; one for the whole server.
pub struct Keys {
    store: Store,
    secrets: Arc<Secrets>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    schedule: Schedule,
    signing: Signing,
    ring: RwLock<Arc<Ring>>,
    verifiers: Verifiers,
}

impl Keys {
    fn ring(&self) -> Arc<Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A compact JWS over `claims` by the current key, with `kid` and `typ` in the header (RFC 7515 §4.1). `typ` must
    /// need no escaping in JSON.
    ///
    /// # Errors
    /// [`KeyError`] where there is no key or the claims cannot be written.
    pub fn sign_jwt<C: Serialize>(&self, alg: Algorithm, typ: &str, claims: &C) -> Result<String, KeyError> {
        let ring = self.ring();
        let key = ring.current(Family::of(alg), self.clock.now()).ok_or(KeyError::Missing(alg))?;
        let claims = serde_json::to_vec(claims).map_err(|_| KeyError::Crypto("writing claims"))?;
        let header = format!(r#"{{"alg":"{}","typ":"{typ}","kid":"{}"}}"#, alg.name(), key.kid);
        let mut token = base64url::encode(header);
        token.push('.');
        token.push_str(&base64url::encode(claims));
        let signature = key.sign(alg, token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url::encode(signature));
        Ok(token)
    }

    /// A JWS with detached content (RFC 7515 Appendix F) over `content` by the current key. `header`: members beside `alg`
    /// and `kid`, as a JSON object.
    ///
    /// # Errors
    /// [`KeyError`] where there is no key.
    pub fn sign_detached(
        &self,
        alg: Algorithm,
        mut header: serde_json::Map<String, serde_json::Value>,
        content: &[u8],
    ) -> Result<String, KeyError> {
        let ring = self.ring();
        let key = ring.current(Family::of(alg), self.clock.now()).ok_or(KeyError::Missing(alg))?;
        header.insert("alg".into(), alg.name().into());
        header.insert("kid".into(), key.kid.as_str().into());
        let header = base64url::encode(serde_json::Value::Object(header).to_string());
        let signature = key.sign(alg, format!("{header}.{}", base64url::encode(content)).as_bytes())?;
        Ok(format!("{header}..{}", base64url::encode(signature)))
    }

    /// The public key set of a mount (RFC 7517): the same bytes until the keys change.
    #[must_use]
    pub fn jwks(&self, mount: Mount) -> Bytes {
        self.ring().published(mount)
    }

    /// Keys as an operator sees them, by family, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<KeyInfo> {
        self.ring().list(self.clock.now())
    }

    /// Reads a compact JWS of somebody else and checks its signature with one of `keys`: the one its `kid` names, or
    /// those that fit. Refuses every algorithm but those `allowed`, a key inside the header, critical extensions and
    /// unencoded payloads; fetches nothing (RFC 8725 §3).
    ///
    /// # Errors
    /// [`JwsError`], which never holds content.
    pub fn verify(&self, keys: &[Jwk], allowed: &[Algorithm], token: &str) -> Result<Jws, JwsError> {
        let jws = Jws::parse(token)?;
        self.verifiers.verify(keys, allowed, &jws)?;
        Ok(jws)
    }

    /// As [`Keys::verify`], for a token that was parsed before, to find out whose keys to take. Nothing of it may be
    /// believed until this agrees.
    ///
    /// # Errors
    /// [`JwsError`], which never holds content.
    pub fn verify_parsed(&self, keys: &[Jwk], allowed: &[Algorithm], jws: &Jws) -> Result<(), JwsError> {
        self.verifiers.verify(keys, allowed, jws)
    }

    /// Spends as much time as a check would, where there is no key to check with: how long an answer takes does not tell
    /// whether a client exists (T26).
    pub fn spend_a_check(&self, jws: &Jws) {
        let ring = self.ring();
        if let Some(key) = ring.newest(Family::of(jws.header().alg)) {
            // The outcome means nothing: the key is our own.
            let _ = self.verifiers.check(jws, &key.public);
        }
    }

    /// Reads a compact JWS of this server itself, and checks its signature with the key that its `kid` names, while that is
    /// published. What kind of token it is, for whom, and whether it is over, is the caller's to judge.
    ///
    /// # Errors
    /// [`JwsError`], which never holds content.
    pub fn verify_own(&self, token: &str) -> Result<Jws, JwsError> {
        let jws = Jws::parse(token)?;
        let ring = self.ring();
        let key = jws.header().kid.as_deref().and_then(|kid| ring.named(kid)).ok_or(JwsError::WrongKey)?;
        self.verifiers.check(&jws, &key.public)?;
        Ok(jws)
    }

    /// As [`Keys::verify`], with the one key it must be.
    ///
    /// # Errors
    /// [`JwsError`], which never holds content.
    pub fn verify_with(&self, key: &Jwk, allowed: &[Algorithm], token: &str) -> Result<Jws, JwsError> {
        self.verify(std::slice::from_ref(key), allowed, token)
    }

    /// Checks the signature of a token that `protocol` has parsed and whose header the caller has judged; for every
    /// algorithm.
    ///
    /// # Errors
    /// [`JwsError::WrongKey`] or [`JwsError::BadSignature`].
    pub fn check(&self, jws: &Jws, key: &Jwk) -> Result<(), JwsError> {
        self.verifiers.check(jws, key)
    }
}
