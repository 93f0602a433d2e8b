//! Compact JWS (RFC 7515 §7.1), with the caution of RFC 8725.
//!
//! Nothing here signs: a phone's key store does. [`SigningInput`] is what goes to the signer, and
//! [`SigningInput::attach`] takes what comes back. A received token is parsed into a [`Jws`], its header held against a
//! [`Profile`] (which `typ`, which algorithms, whether a key inside is expected), its signature checked against a key
//! that the caller chose, and only then its claims read.

mod header;
mod signature;

pub use header::{Algorithm, Header};
pub use signature::{es256_raw_from_der, fits, verify};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base64url;

/// Longest compact JWS taken, in bytes, unless the caller gives another limit.
pub const MAX_JWS_BYTES: usize = 16 * 1024;
/// Longest header taken, in bytes of its base64url text.
pub const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Why a JWS is refused. Never holds any of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// Longer than the limit.
    #[error("token too long")]
    TooLong,
    /// Not three base64url parts, or the header is not a JSON object of the expected members, or one is given twice.
    #[error("malformed token")]
    Malformed,
    /// `alg` is `none`, symmetric, unknown, or not in the caller's allow-list.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// The header names `crit`: an extension that must be understood, and none is (RFC 7515 §4.1.11).
    #[error("critical extension")]
    CriticalExtension,
    /// The header names `b64`: the payload may not be encoded (RFC 7797), which is refused whatever its value.
    #[error("unencoded payload")]
    UnencodedPayload,
    /// `typ` is not the one this kind of token has, so a token of another kind is being passed off (RFC 8725 §3.11).
    #[error("wrong type of token")]
    WrongType,
    /// A key in the header where none is expected. Such a key proves nothing (RFC 8725 §3.10).
    #[error("key inside the token")]
    EmbeddedKey,
    /// The header has no key where it must name one.
    #[error("no key in the token")]
    NoKey,
    /// The key's kind, `alg`, `use` or `key_ops` does not go with the token's algorithm.
    #[error("key does not fit the algorithm")]
    WrongKey,
    /// Signatures by RSA, P-384 and P-521 are checked elsewhere: with [`Jws::signing_input`] and [`Jws::signature`].
    #[error("algorithm is checked elsewhere")]
    CheckedElsewhere,
    /// The signature does not hold.
    #[error("signature does not hold")]
    BadSignature,
    /// The payload is not JSON of the expected claims, or one is given twice.
    #[error("malformed claims")]
    MalformedClaims,
}

/// Whether a token of some kind carries its key in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddedKey {
    /// A `jwk` in the header is refused.
    Refused,
    /// A `jwk` in the header is demanded: the token proves possession of a key sent beside it, nothing more.
    Required,
}

/// What a kind of token looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// The media type in `typ`; `None` where the kind is older than typing and `typ` is ignored.
    pub typ: Option<&'static str>,
    /// The algorithms taken.
    pub algorithms: &'static [Algorithm],
    /// Whether the header carries a key.
    pub embedded_key: EmbeddedKey,
}

/// A compact JWS taken apart. **Unchecked** until [`Jws::verify`] (or, for RSA, another verifier) has agreed.
#[derive(Clone)]
pub struct Jws {
    header: Header,
    signing_input: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

crate::redact::redacted_debug!(Jws, SigningInput);

impl Jws {
    /// Takes a compact JWS apart, up to [`MAX_JWS_BYTES`].
    ///
    /// # Errors
    /// A [`JwsError`] for what is malformed, names an unknown algorithm, or asks for an extension.
    pub fn parse(token: &str) -> Result<Self, JwsError> {
        Self::parse_within(token, MAX_JWS_BYTES)
    }

    /// Takes a compact JWS of at most `limit` bytes apart.
    ///
    /// # Errors
    /// As [`Jws::parse`].
    pub fn parse_within(token: &str, limit: usize) -> Result<Self, JwsError> {
        if token.len() > limit {
            return Err(JwsError::TooLong);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(JwsError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(JwsError::Malformed)?;
        // A fourth dot would stand in the payload, and base64url has none.
        let payload = base64url::decode(payload).map_err(|_| JwsError::Malformed)?;
        Ok(Self {
            header: Header::decode(header)?,
            signing_input: signing_input.to_owned(),
            payload,
            signature: base64url::decode(signature).map_err(|_| JwsError::Malformed)?,
        })
    }

    /// The header. What it says about keys is a hint for look-up, never a reason to trust.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was signed: `base64url(header).base64url(payload)`.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        &self.signing_input
    }

    /// The bytes of the payload, unchecked.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The bytes of the signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Holds the header against the kind of token expected.
    ///
    /// # Errors
    /// [`JwsError::AlgorithmNotAllowed`], [`JwsError::WrongType`], [`JwsError::EmbeddedKey`] or [`JwsError::NoKey`].
    pub fn require(&self, profile: &Profile) -> Result<(), JwsError> {
        if !profile.algorithms.contains(&self.header.alg) {
            return Err(JwsError::AlgorithmNotAllowed);
        }
        if profile.typ.is_some() && self.header.typ.as_deref() != profile.typ {
            return Err(JwsError::WrongType);
        }
        match (profile.embedded_key, &self.header.jwk) {
            (EmbeddedKey::Refused, Some(_)) => Err(JwsError::EmbeddedKey),
            (EmbeddedKey::Required, None) => Err(JwsError::NoKey),
            _ => Ok(()),
        }
    }

    /// Checks the signature against `key`, for ES256 and EdDSA.
    ///
    /// # Errors
    /// [`JwsError::WrongKey`], [`JwsError::BadSignature`], or [`JwsError::CheckedElsewhere`] for RSA, P-384 and P-521.
    pub fn verify(&self, key: &crate::jwk::Jwk) -> Result<(), JwsError> {
        signature::verify(self.header.alg, self.signing_input.as_bytes(), &self.signature, key)
    }

    /// Reads the payload as claims. Call it after the signature was checked.
    ///
    /// # Errors
    /// [`JwsError::MalformedClaims`].
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, JwsError> {
        serde_json::from_slice(&self.payload).map_err(|_| JwsError::MalformedClaims)
    }
}

/// What a signer signs: `base64url(header).base64url(payload)` in ASCII.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningInput(String);

impl SigningInput {
    /// Builds the signing input over claims.
    ///
    /// # Errors
    /// [`JwsError::MalformedClaims`] where the claims cannot be written as JSON.
    pub fn new<T: Serialize>(header: &Header, claims: &T) -> Result<Self, JwsError> {
        let payload = serde_json::to_vec(claims).map_err(|_| JwsError::MalformedClaims)?;
        Self::over_bytes(header, &payload)
    }

    /// Builds the signing input over any bytes.
    ///
    /// # Errors
    /// [`JwsError::Malformed`] where the header cannot be written as JSON.
    pub fn over_bytes(header: &Header, payload: &[u8]) -> Result<Self, JwsError> {
        Ok(Self(format!("{}.{}", header.encode()?, base64url::encode(payload))))
    }

    /// The bytes to sign.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The same as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The finished token. For ES256 the signature is `r || s` (see [`es256_raw_from_der`]).
    #[must_use]
    pub fn attach(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.0, base64url::encode(signature))
    }

    /// The finished token with its payload removed: `base64url(header).base64url(signature)`, eSignet's two-part form.
    #[must_use]
    pub fn attach_detached(&self, signature: &[u8]) -> String {
        let header = self.0.split_once('.').map_or(self.0.as_str(), |(header, _)| header);
        format!("{header}.{}", base64url::encode(signature))
    }
}

#[cfg(test)]
mod tests;
