//! The two blocks of OSIA: `Encryption` and `Integrity`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::fault::Reason;

/// A part of the document is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encryption {
    /// In which format.
    #[serde(rename = "type")]
    pub kind: EncryptionType,
    /// Paths to what is encrypted.
    pub scope: String,
}

/// A format of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EncryptionType {
    /// Compact JWE (RFC 7516).
    Jwe,
    /// CMS (RFC 5652).
    Pkcs7,
}

/// Hash and signature of a part of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Integrity {
    /// What paths select this block by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How the hash is signed.
    #[serde(default, rename = "type")]
    pub kind: SignatureType,
    /// Paths to what is hashed.
    pub scope: String,
    /// Whether what is encrypted is hashed as it is, or in the clear.
    #[serde(default)]
    pub encrypted: bool,
    /// Whether referenced buffers are hashed, or their URLs.
    #[serde(default)]
    pub follow_ref: bool,
    /// `SHA256`, `SHA384` or `SHA512`.
    pub alg: String,
    /// In hexadecimal.
    pub hash: String,
    /// A compact JWS, or PKCS#7 in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Where the signature is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_ref: Option<String>,
}

/// How a hash is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignatureType {
    /// Not at all.
    #[default]
    None,
    /// RFC 7515.
    Jws,
    /// RFC 5652.
    Pkcs7,
}

/// The encryption block of an object, if it has one.
pub(super) fn encryption_of(holder: &Value) -> Result<Option<Encryption>, Reason> {
    let block = holder.get("encryption");
    block.map(|block| serde_json::from_value(block.clone()).map_err(|_| Reason::Block)).transpose()
}

/// The integrity blocks of an object, in their order.
pub(super) fn integrity_of(holder: &Value) -> Result<Vec<Integrity>, Reason> {
    let blocks = holder.get("integrity");
    Ok(blocks
        .map(|blocks| serde_json::from_value(blocks.clone()).map_err(|_| Reason::Block))
        .transpose()?
        .unwrap_or_default())
}

/// A hash algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl HashAlgorithm {
    /// Reads `SHA256`, also with a hyphen or in lower case.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().replacen('-', "", 1).as_str() {
            "SHA256" => Some(Self::Sha256),
            "SHA384" => Some(Self::Sha384),
            "SHA512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// A hash to be fed.
    pub(super) fn start(self) -> Hash {
        match self {
            Self::Sha256 => Hash::Sha256(Sha256::new()),
            Self::Sha384 => Hash::Sha384(Sha384::new()),
            Self::Sha512 => Hash::Sha512(Sha512::new()),
        }
    }
}

/// A hash under way.
pub(super) enum Hash {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Hash {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Sha384(hash) => hash.update(bytes),
            Self::Sha512(hash) => hash.update(bytes),
        }
    }

    /// In lower-case hexadecimal.
    pub(super) fn finish(self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self {
            Self::Sha256(hash) => hex(&hash.finalize()),
            Self::Sha384(hash) => hex(&hash.finalize()),
            Self::Sha512(hash) => hex(&hash.finalize()),
        }
    }
}
