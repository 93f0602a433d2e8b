//! What a client may want answers encrypted with, or encrypt its requests with (RFC 7518 §4.1, §5.1).
//!
//! RSA1_5 is not among them: whoever tells why a decryption failed decrypts for strangers (RFC 8725 §3.2).

use protocol::jwk::KeyMaterial;
use serde::{Deserialize, Serialize};

/// How the key of the content gets to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSA with OAEP and SHA-1.
    #[serde(rename = "RSA-OAEP")]
    RsaOaep,
    /// RSA with OAEP and SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// The agreed key encrypts the content itself.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// The agreed key wraps one of 128 bits.
    #[serde(rename = "ECDH-ES+A128KW")]
    EcdhEsA128Kw,
    /// The agreed key wraps one of 256 bits.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::RsaOaep, Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];

    /// `alg` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// Reads [`KeyManagement::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }

    /// Whether keys of this kind can receive what is encrypted so.
    #[must_use]
    pub fn fits(self, key: &KeyMaterial) -> bool {
        match key {
            KeyMaterial::Rsa { .. } => matches!(self, Self::RsaOaep | Self::RsaOaep256),
            KeyMaterial::P256 { .. } | KeyMaterial::P384 { .. } | KeyMaterial::P521 { .. } => {
                matches!(self, Self::EcdhEs | Self::EcdhEsA128Kw | Self::EcdhEsA256Kw)
            }
            KeyMaterial::Ed25519 { .. } => false,
        }
    }
}

/// How the content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-128 in CBC with HMAC-SHA-256.
    #[serde(rename = "A128CBC-HS256")]
    A128CbcHs256,
    /// AES-256 in CBC with HMAC-SHA-512.
    #[serde(rename = "A256CBC-HS512")]
    A256CbcHs512,
    /// AES-128 in GCM.
    #[serde(rename = "A128GCM")]
    A128Gcm,
    /// AES-256 in GCM.
    #[serde(rename = "A256GCM")]
    A256Gcm,
}

impl ContentEncryption {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::A128CbcHs256, Self::A256CbcHs512, Self::A128Gcm, Self::A256Gcm];

    /// `enc` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads [`ContentEncryption::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|enc| enc.name() == name)
    }
}

/// Both, as a client registers them: `…_encrypted_response_alg` and `…_encrypted_response_enc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Encryption {
    /// How the key gets to its reader.
    pub alg: KeyManagement,
    /// How the content is encrypted.
    pub enc: ContentEncryption,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_nothing_else_is() {
        for alg in KeyManagement::ALL {
            assert_eq!(KeyManagement::named(alg.name()), Some(alg));
            assert_eq!(serde_json::to_value(alg).unwrap(), alg.name());
        }
        for enc in ContentEncryption::ALL {
            assert_eq!(ContentEncryption::named(enc.name()), Some(enc));
            assert_eq!(serde_json::to_value(enc).unwrap(), enc.name());
        }
        for name in ["RSA1_5", "dir", "A128KW", "PBES2-HS256+A128KW", "rsa-oaep", ""] {
            assert_eq!(KeyManagement::named(name), None, "{name}");
            assert_eq!(ContentEncryption::named(name), None, "{name}");
        }
    }
}
