//! What the wallet keeps of a server it is bound to, and how the bound key signs.

use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{DevicePublicKey, KeyAlgorithm, KeySecurityLevel, SigningPrompt};
use crate::store::{Change, StoreError, table};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, SigningInput};
use serde::{Deserialize, Serialize};

/// How a key was bound. It decides what the key signs: a native key never signs the legacy form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum BindingProfile {
    /// By our own server's calls, with proof of possession.
    Native,
    /// By the calls of eSignet 1.x.
    Esignet,
}

/// A server this wallet is bound to, as the app sees it.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Binding {
    /// Names the binding in other calls.
    pub id: String,
    /// How the key was bound.
    pub profile: BindingProfile,
    /// The server: its origin, or its base URL for eSignet 1.x.
    pub server: String,
    /// What the app or the citizen called this person, kept in this phone only.
    pub label: String,
    /// What the citizen called this phone.
    pub device_name: String,
    /// The algorithm of the key.
    pub algorithm: KeyAlgorithm,
    /// Where the key lives.
    pub security_level: KeySecurityLevel,
    /// When it was bound, in milliseconds since 1970.
    pub bound_at_ms: i64,
    /// When the certificate ends, in milliseconds since 1970. Native bindings can be renewed before.
    pub expires_at_ms: i64,
}

/// The same as kept in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct BindingRecord {
    pub(crate) id: String,
    pub(crate) profile: BindingProfile,
    pub(crate) server: String,
    /// The issuers it may name in links; all of the server's own origin.
    pub(crate) issuers: Vec<String>,
    pub(crate) individual_id: String,
    pub(crate) wallet_user_id: String,
    pub(crate) device_id: Option<String>,
    pub(crate) label: String,
    pub(crate) device_name: String,
    pub(crate) key_alias: String,
    pub(crate) key_thumbprint: String,
    pub(crate) algorithm: KeyAlgorithm,
    pub(crate) security_level: KeySecurityLevel,
    pub(crate) certificate: String,
    /// base64url SHA-256 of the DER certificate, `x5t#S256`.
    pub(crate) certificate_thumbprint: String,
    pub(crate) bound_at_ms: i64,
    pub(crate) expires_at_ms: i64,
    /// Audience of the legacy token; only with eSignet 1.x.
    pub(crate) legacy_audience: Option<String>,
}

crate::redact::redacted_debug!(Binding, BindingRecord);

impl BindingRecord {
    pub(crate) fn public(&self) -> Binding {
        Binding {
            id: self.id.clone(),
            profile: self.profile,
            server: self.server.clone(),
            label: self.label.clone(),
            device_name: self.device_name.clone(),
            algorithm: self.algorithm,
            security_level: self.security_level,
            bound_at_ms: self.bound_at_ms,
            expires_at_ms: self.expires_at_ms,
        }
    }

    pub(crate) fn put(&self) -> Result<Change, StoreError> {
        Change::put(table::BINDINGS, &self.id, self)
    }

    pub(crate) fn jws_algorithm(&self) -> Algorithm {
        jws_algorithm(self.algorithm)
    }

    /// Signs several inputs under one prompt.
    pub(crate) async fn sign(
        &self,
        parts: &Parts,
        inputs: &[&SigningInput],
        prompt: SigningPrompt,
    ) -> Result<Vec<Vec<u8>>, WalletError> {
        let messages = inputs.iter().map(|input| input.bytes().to_vec()).collect();
        let signatures = parts.keys.sign_batch(self.key_alias.clone(), messages, prompt).await?;
        if signatures.len() == inputs.len() { Ok(signatures) } else { Err(ErrorCode::KeyStoreFailed.into()) }
    }
}

/// All bindings, oldest first.
pub(crate) fn list(parts: &Parts) -> Result<Vec<BindingRecord>, WalletError> {
    let mut records: Vec<BindingRecord> = parts.store.all(table::BINDINGS)?.into_iter().map(|(_, r)| r).collect();
    records.sort_by(|a, b| a.bound_at_ms.cmp(&b.bound_at_ms).then_with(|| a.id.cmp(&b.id)));
    Ok(records)
}

/// One binding. Errors: `NotBound`.
pub(crate) fn find(parts: &Parts, id: &str) -> Result<BindingRecord, WalletError> {
    parts.store.get(table::BINDINGS, id)?.ok_or_else(|| ErrorCode::NotBound.into())
}

/// The algorithm's name in a JWS.
pub(crate) fn jws_algorithm(algorithm: KeyAlgorithm) -> Algorithm {
    match algorithm {
        KeyAlgorithm::Es256 => Algorithm::Es256,
        KeyAlgorithm::Rs256 => Algorithm::Rs256,
    }
}

/// The public key of a device as a JWK. Errors: `KeyStoreFailed` where it is none.
pub(crate) fn jwk_of(key: &DevicePublicKey) -> Result<Jwk, WalletError> {
    let jwk = match key {
        DevicePublicKey::P256 { x, y } => match (coordinate(x), coordinate(y)) {
            (Some(x), Some(y)) => Jwk::p256(x, y),
            _ => return Err(ErrorCode::KeyStoreFailed.into()),
        },
        DevicePublicKey::Rsa { n, e } => Jwk::rsa(n, e),
    };
    jwk.map_err(|_| ErrorCode::KeyStoreFailed.into())
}

/// 32 bytes big-endian of a number written with more or fewer leading zeros.
fn coordinate(bytes: &[u8]) -> Option<[u8; 32]> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let number = bytes.get(first..)?;
    let mut fixed = [0u8; 32];
    fixed.get_mut(32usize.checked_sub(number.len())?..)?.copy_from_slice(number);
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read() {
        assert_eq!(coordinate(&[1]).unwrap()[31], 1);
        assert_eq!(coordinate(&[&[0u8][..], &[7u8; 32]].concat()).unwrap(), [7; 32]);
        assert_eq!(coordinate(&[7; 33]), None);
        assert_eq!(coordinate(&[]), Some([0; 32]));
    }
}
