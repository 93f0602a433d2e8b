//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037) and their thumbprints (RFC 7638).
//!
//! Only what the project takes: EC P-256, P-384 and P-521, OKP Ed25519 and RSA. A JWK here is always public: one that carries a private
//! member is refused, because a private key that was sent is a private key that leaked.

mod parse;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::base64url;

/// Longest JWK text taken, in bytes. An RSA key of 4096 bits needs about 800.
pub const MAX_JWK_BYTES: usize = 8 * 1024;
/// Shortest RSA modulus taken, in bits.
pub const MIN_RSA_BITS: usize = 2048;
/// Longest RSA modulus taken, in bits: beyond it checking a signature is a way to keep a server busy.
pub const MAX_RSA_BITS: usize = 8192;

/// Why a JWK is refused. Holds names of members at most, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Longer than [`MAX_JWK_BYTES`].
    #[error("key text too long")]
    TooLong,
    /// Not a JSON object, a member given twice, or a member of the wrong JSON type.
    #[error("not a JSON object of a key")]
    Malformed,
    /// A member that only private or symmetric keys have.
    #[error("private member in a public key")]
    PrivateMember,
    /// `kty`, `crv` or their combination is not one of the kinds taken.
    #[error("kind of key not supported")]
    UnsupportedKind,
    /// A required member is missing.
    #[error("missing member {0}")]
    Missing(&'static str),
    /// A member is not canonical base64url or of the wrong length.
    #[error("malformed member {0}")]
    MalformedMember(&'static str),
    /// The coordinates are not a point of the curve, or a point of small order.
    #[error("not a point of the curve")]
    NotOnCurve,
    /// RSA modulus shorter than 2048 bits, longer than 8192, or even; or an exponent that is even, below 65537 or
    /// longer than 8 bytes (FIPS 186-5 §5.1 demands more than 2^16).
    #[error("RSA key too weak or malformed")]
    WeakRsa,
}

/// The key itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyMaterial {
    /// EC P-256: the affine coordinates, checked to be on the curve.
    P256 {
        /// Big-endian x.
        x: [u8; 32],
        /// Big-endian y.
        y: [u8; 32],
    },
    /// EC P-384, which only servers check signatures of: whether the point is on the curve is for their library to say.
    P384 {
        /// Big-endian x.
        x: [u8; 48],
        /// Big-endian y.
        y: [u8; 48],
    },
    /// EC P-521, as P-384.
    P521 {
        /// Big-endian x.
        x: [u8; 66],
        /// Big-endian y.
        y: [u8; 66],
    },
    /// Ed25519: the encoded point, checked to decode and not to have small order.
    Ed25519 {
        /// The 32 bytes of RFC 8032 §5.1.5.
        x: [u8; 32],
    },
    /// RSA, 2048 to 8192 bits.
    Rsa {
        /// Modulus, big-endian without leading zeros.
        n: Vec<u8>,
        /// Public exponent, big-endian without leading zeros.
        e: Vec<u8>,
    },
}

/// A public key with what its JWK says about its use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "serde_json::Map<String, Value>"))]
pub struct Jwk {
    key: KeyMaterial,
    kid: Option<String>,
    alg: Option<String>,
    public_key_use: Option<String>,
    key_ops: Option<Vec<String>>,
}

impl Jwk {
    /// Reads a JWK from JSON text.
    ///
    /// # Errors
    /// A [`JwkError`] for anything that is not a well-formed public key of a supported kind.
    pub fn from_json(text: &str) -> Result<Self, JwkError> {
        if text.len() > MAX_JWK_BYTES {
            return Err(JwkError::TooLong);
        }
        let Members(members) = serde_json::from_str(text).map_err(|_| JwkError::Malformed)?;
        parse::jwk(&members)
    }

    /// Reads a JWK from a JSON value. Members given twice cannot be seen any more in a [`Value`].
    ///
    /// # Errors
    /// As [`Jwk::from_json`].
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let object = value.as_object().ok_or(JwkError::Malformed)?;
        parse::jwk(&object.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// An EC P-256 key from its coordinates, big-endian.
    ///
    /// # Errors
    /// [`JwkError::NotOnCurve`].
    pub fn p256(x: [u8; 32], y: [u8; 32]) -> Result<Self, JwkError> {
        Ok(Self::bare(parse::p256(x, y)?))
    }

    /// An EC P-256 key from an uncompressed point (65 bytes `04 || x || y`, SEC 1 §2.3.3), as key stores give it.
    ///
    /// # Errors
    /// [`JwkError::NotOnCurve`], also for any other encoding.
    pub fn p256_from_uncompressed(point: &[u8]) -> Result<Self, JwkError> {
        let point: &[u8; 65] = point.try_into().map_err(|_| JwkError::NotOnCurve)?;
        let (Some(x), Some(y)) = (point[1..].first_chunk::<32>(), point[1..].last_chunk::<32>()) else {
            return Err(JwkError::NotOnCurve);
        };
        if point[0] != 4 {
            return Err(JwkError::NotOnCurve);
        }
        Self::p256(*x, *y)
    }

    /// An Ed25519 key from its 32 bytes.
    ///
    /// # Errors
    /// [`JwkError::NotOnCurve`].
    pub fn ed25519(x: [u8; 32]) -> Result<Self, JwkError> {
        Ok(Self::bare(parse::ed25519(x)?))
    }

    /// An RSA key from modulus and exponent, big-endian; leading zeros are dropped.
    ///
    /// # Errors
    /// [`JwkError::WeakRsa`].
    pub fn rsa(n: &[u8], e: &[u8]) -> Result<Self, JwkError> {
        let trim = |bytes: &[u8]| bytes.iter().copied().skip_while(|b| *b == 0).collect::<Vec<u8>>();
        Ok(Self::bare(parse::rsa(trim(n), trim(e))?))
    }

    fn bare(key: KeyMaterial) -> Self {
        Self { key, kid: None, alg: None, public_key_use: None, key_ops: None }
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &KeyMaterial {
        &self.key
    }

    /// `kid` as given, if any.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `alg` as given, if any: the only algorithm this key may be used with (RFC 7517 §4.4).
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// Whether `use` and `key_ops` (RFC 7517 §4.2, §4.3) allow checking signatures; absent members allow it.
    #[must_use]
    pub fn may_verify(&self) -> bool {
        self.public_key_use.as_deref().is_none_or(|u| u == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"))
    }

    /// Whether `alg`, `use` and `key_ops` allow encrypting for this key by that key management algorithm
    /// (RFC 7518 §4.1); absent members allow it.
    #[must_use]
    pub fn may_encrypt(&self, alg: &str) -> bool {
        let agrees = |op: &String| ["encrypt", "wrapKey", "deriveKey", "deriveBits"].contains(&op.as_str());
        self.public_key_use.as_deref().is_none_or(|u| u == "enc")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(agrees))
            && self.alg.as_deref().is_none_or(|named| named == alg)
    }

    /// The RFC 7638 thumbprint with SHA-256, base64url: 43 characters. It names the key and depends on nothing but
    /// the key.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        base64url::encode(Sha256::digest(self.canonical()))
    }

    /// The text a thumbprint is made of: required members, sorted, no spaces (RFC 7638 §3.2, §3.3). The values are
    /// base64url, so nothing needs escaping.
    #[must_use]
    pub fn canonical(&self) -> String {
        let b64 = |bytes: &[u8]| base64url::encode(bytes);
        let ec = |crv: &str, x: &[u8], y: &[u8]| {
            format!(r#"{{"crv":"{crv}","kty":"EC","x":"{}","y":"{}"}}"#, b64(x), b64(y))
        };
        match &self.key {
            KeyMaterial::P256 { x, y } => ec("P-256", x, y),
            KeyMaterial::P384 { x, y } => ec("P-384", x, y),
            KeyMaterial::P521 { x, y } => ec("P-521", x, y),
            KeyMaterial::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, b64(x)),
            KeyMaterial::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64(e), b64(n)),
        }
    }
}

impl fmt::Display for Jwk {
    /// The thumbprint: what names a key to people and logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.thumbprint())
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members: BTreeMap<&str, Value> = BTreeMap::new();
        let mut put = |name, bytes: &[u8]| members.insert(name, Value::String(base64url::encode(bytes)));
        let (kty, crv) = match &self.key {
            KeyMaterial::P256 { x, y } => {
                put("x", x);
                put("y", y);
                ("EC", Some("P-256"))
            }
            KeyMaterial::P384 { x, y } => {
                put("x", x);
                put("y", y);
                ("EC", Some("P-384"))
            }
            KeyMaterial::P521 { x, y } => {
                put("x", x);
                put("y", y);
                ("EC", Some("P-521"))
            }
            KeyMaterial::Ed25519 { x } => {
                put("x", x);
                ("OKP", Some("Ed25519"))
            }
            KeyMaterial::Rsa { n, e } => {
                put("n", n);
                put("e", e);
                ("RSA", None)
            }
        };
        let texts = [
            ("kty", Some(kty)),
            ("crv", crv),
            ("kid", self.kid.as_deref()),
            ("alg", self.alg.as_deref()),
            ("use", self.public_key_use.as_deref()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                members.insert(name, Value::from(text));
            }
        }
        if let Some(ops) = &self.key_ops {
            members.insert("key_ops", Value::from(ops.clone()));
        }
        members.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Members(members) = Members::deserialize(deserializer)?;
        parse::jwk(&members).map_err(serde::de::Error::custom)
    }
}

/// The members of a JSON object, none of them given twice.
struct Members(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON Web Key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("member given twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}
