//! The protected header (RFC 7515 §4).

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::{JwsError, MAX_HEADER_BYTES};
use crate::base64url;
use crate::jwk::Jwk;

/// Signature algorithms the project knows (RFC 7518 §3.1, RFC 8037 §3.1). `none` and the symmetric ones are not among
/// them, so they cannot be asked for. Here only ES256 and `EdDSA` are checked; the server checks the others too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384. Checked elsewhere.
    #[serde(rename = "ES384")]
    Es384,
    /// ECDSA with P-521 and SHA-512. Checked elsewhere.
    #[serde(rename = "ES512")]
    Es512,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256. Built by legacy wallets; checked elsewhere.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384. Checked elsewhere.
    #[serde(rename = "RS384")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512. Checked elsewhere.
    #[serde(rename = "RS512")]
    Rs512,
    /// RSASSA-PSS with SHA-256. Checked elsewhere.
    #[serde(rename = "PS256")]
    Ps256,
    /// RSASSA-PSS with SHA-384. Checked elsewhere.
    #[serde(rename = "PS384")]
    Ps384,
    /// RSASSA-PSS with SHA-512. Checked elsewhere.
    #[serde(rename = "PS512")]
    Ps512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// A protected header. `jku`, `x5u` and `x5c` are not read: nothing in a token decides where its key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The algorithm of the signature.
    pub alg: Algorithm,
    /// The kind of token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
    /// Names the key: for our own tokens its RFC 7638 thumbprint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// base64url SHA-256 of the DER certificate of the key (RFC 7515 §4.1.8).
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
    /// The key whose possession the token proves. Only binding proofs have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwk: Option<Jwk>,
}

impl Header {
    /// A header with an algorithm and nothing else.
    #[must_use]
    pub fn new(alg: Algorithm) -> Self {
        Self { alg, typ: None, kid: None, x5t_s256: None, jwk: None }
    }

    /// The same with `typ`.
    #[must_use]
    pub fn with_typ(self, typ: &str) -> Self {
        Self { typ: Some(typ.to_owned()), ..self }
    }

    /// The same with `kid`.
    #[must_use]
    pub fn with_kid(self, kid: &str) -> Self {
        Self { kid: Some(kid.to_owned()), ..self }
    }

    /// The same with `x5t#S256`.
    #[must_use]
    pub fn with_x5t_s256(self, thumbprint: &str) -> Self {
        Self { x5t_s256: Some(thumbprint.to_owned()), ..self }
    }

    /// The same with `jwk`.
    #[must_use]
    pub fn with_jwk(self, key: &Jwk) -> Self {
        Self { jwk: Some(key.clone()), ..self }
    }

    /// base64url of the header's JSON.
    pub(super) fn encode(&self) -> Result<String, JwsError> {
        Ok(base64url::encode(serde_json::to_vec(self).map_err(|_| JwsError::Malformed)?))
    }

    /// Reads a header from its base64url text.
    pub(crate) fn decode(text: &str) -> Result<Self, JwsError> {
        if text.len() > MAX_HEADER_BYTES {
            return Err(JwsError::TooLong);
        }
        let json = base64url::decode(text).map_err(|_| JwsError::Malformed)?;
        let raw: RawHeader = serde_json::from_slice(&json).map_err(|_| JwsError::Malformed)?;
        if raw.crit {
            return Err(JwsError::CriticalExtension);
        }
        if raw.b64 {
            return Err(JwsError::UnencodedPayload);
        }
        let alg = Algorithm::from_name(&raw.alg).ok_or(JwsError::AlgorithmNotAllowed)?;
        Ok(Self { alg, typ: raw.typ, kid: raw.kid, x5t_s256: raw.x5t_s256, jwk: raw.jwk })
    }
}

/// The header as received. A derived `Deserialize` refuses a known member given twice.
#[derive(Deserialize)]
struct RawHeader {
    alg: String,
    #[serde(default, deserialize_with = "given")]
    typ: Option<String>,
    #[serde(default, deserialize_with = "given")]
    kid: Option<String>,
    #[serde(rename = "x5t#S256", default, deserialize_with = "given")]
    x5t_s256: Option<String>,
    #[serde(default, deserialize_with = "given")]
    jwk: Option<Jwk>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
    #[serde(default, deserialize_with = "present")]
    b64: bool,
}

/// A member that, when there, is not `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A member that counts by being there, whatever its value.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}
