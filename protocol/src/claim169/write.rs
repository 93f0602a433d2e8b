//! The other way: from an identity to the text of a QR code, for issuers and for tests.

use std::io::Write as _;

use ciborium::Value;
use coset::iana;
use coset::{CoseSign1Builder, HeaderBuilder, TaggedCborSerializable as _};
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::cbor;
use super::cwt::{CLAIM_169, X5CHAIN};
use super::identity::{Biometric, Gender, Identity, ImageFormat, MaritalStatus};
use super::{MAX_CBOR_BYTES, MAX_TEXT_BYTES};
use crate::base45;
use crate::jws::Algorithm;

/// What is to be signed.
#[derive(Clone, Default, PartialEq)]
pub struct Draft {
    /// Claim `iss`.
    pub issuer: Option<String>,
    /// Claim `sub`.
    pub subject: Option<String>,
    /// Claim `iat`, in seconds since the epoch.
    pub issued_at: Option<i64>,
    /// Claim `nbf`, in seconds since the epoch.
    pub not_before: Option<i64>,
    /// Claim `exp`, in seconds since the epoch.
    pub expires_at: Option<i64>,
    /// Who it is about.
    pub identity: Identity,
    /// `kid` of the key.
    pub key_id: Option<String>,
    /// The certificate of the key and those above it, DER (`x5chain`); empty where readers have the key.
    pub certificates: Vec<Vec<u8>>,
}

crate::redact::redacted_debug!(Draft);

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Claim 169 is signed with ES256 or EdDSA.
    #[error("claim 169 is signed with ES256 or EdDSA")]
    UnsupportedAlgorithm,
    /// More than a QR code holds: leave out or shrink the photo.
    #[error("more than a QR code holds")]
    TooLong,
}

impl Draft {
    /// The text of the QR code. `sign` gives the signature over the bytes it gets: for ES256 `r || s`, 64 bytes
    /// (RFC 9053 §2.1), for EdDSA the 64 bytes of Ed25519.
    ///
    /// # Errors
    /// [`WriteError`].
    pub fn to_text(&self, alg: Algorithm, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<String, WriteError> {
        let number = match alg {
            Algorithm::Es256 => iana::Algorithm::ES256,
            Algorithm::EdDsa => iana::Algorithm::EdDSA,
            _ => return Err(WriteError::UnsupportedAlgorithm),
        };
        let protected = HeaderBuilder::new().algorithm(number).build();
        let mut unprotected = HeaderBuilder::new();
        if let Some(name) = &self.key_id {
            unprotected = unprotected.key_id(name.clone().into_bytes());
        }
        if let Some(chain) = chain(&self.certificates) {
            unprotected = unprotected.value(X5CHAIN, chain);
        }
        let payload = cbor::write(&self.claims()).ok_or(WriteError::TooLong)?;
        let envelope = CoseSign1Builder::new()
            .protected(protected)
            .unprotected(unprotected.build())
            .payload(payload)
            .create_signature(b"", sign)
            .build();
        let bytes = envelope.to_tagged_vec().map_err(|_| WriteError::TooLong)?;
        let text = base45::encode(&deflate(&bytes).ok_or(WriteError::TooLong)?);
        if bytes.len() > MAX_CBOR_BYTES || text.len() > MAX_TEXT_BYTES { Err(WriteError::TooLong) } else { Ok(text) }
    }

    fn claims(&self) -> Value {
        let mut entries = Vec::new();
        put(&mut entries, 1, self.issuer.clone());
        put(&mut entries, 2, self.subject.clone());
        put(&mut entries, 4, self.expires_at);
        put(&mut entries, 5, self.not_before);
        put(&mut entries, 6, self.issued_at);
        put(&mut entries, CLAIM_169, Some(self.identity.write()));
        Value::Map(entries)
    }
}

impl Identity {
    fn write(&self) -> Value {
        let mut entries = Vec::new();
        let texts = [
            (1, &self.id),
            (2, &self.version),
            (3, &self.language),
            (4, &self.full_name),
            (5, &self.first_name),
            (6, &self.middle_name),
            (7, &self.last_name),
            (8, &self.date_of_birth),
            (10, &self.address),
            (11, &self.email),
            (12, &self.phone),
            (13, &self.nationality),
            (15, &self.guardian),
            (19, &self.secondary_full_name),
            (20, &self.secondary_language),
            (21, &self.location_code),
            (22, &self.legal_status),
            (23, &self.country_of_issuance),
        ];
        for (number, text) in texts {
            put(&mut entries, number, text.clone());
        }
        let gender = |gender| match gender {
            Gender::Male => 1,
            Gender::Female => 2,
            Gender::Other => 3,
        };
        put(&mut entries, 9, self.gender.map(gender));
        let status = |status| match status {
            MaritalStatus::Unmarried => 1,
            MaritalStatus::Married => 2,
            MaritalStatus::Divorced => 3,
        };
        put(&mut entries, 14, self.marital_status.map(status));
        let format = |format| match format {
            ImageFormat::Jpeg => 1,
            ImageFormat::Jpeg2000 => 2,
            ImageFormat::Avif => 3,
            ImageFormat::WebP => 4,
        };
        put(&mut entries, 16, self.photo.as_ref().map(|photo| Value::Bytes(photo.data.clone())));
        put(&mut entries, 17, self.photo.as_ref().and_then(|photo| photo.format).map(format));
        if !self.best_fingers.is_empty() {
            let fingers = self.best_fingers.iter().map(|finger| Value::from(*finger)).collect();
            put(&mut entries, 18, Some(Value::Array(fingers)));
        }
        let mut kinds: Vec<i64> = self.biometrics.iter().map(|sample| sample.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            let samples = self.biometrics.iter().filter(|sample| sample.kind == kind).map(Biometric::write).collect();
            put(&mut entries, kind, Some(Value::Array(samples)));
        }
        Value::Map(entries)
    }
}

impl Biometric {
    fn write(&self) -> Value {
        let mut entries = Vec::new();
        put(&mut entries, 0, Some(Value::Bytes(self.data.clone())));
        put(&mut entries, 1, self.format);
        put(&mut entries, 2, self.sub_format);
        put(&mut entries, 3, self.issuer.clone());
        Value::Map(entries)
    }
}

fn put<T: Into<Value>>(entries: &mut Vec<(Value, Value)>, number: i64, value: Option<T>) {
    if let Some(value) = value {
        entries.push((Value::from(number), value.into()));
    }
}

/// One certificate stands alone, more in a list (RFC 9360 §2).
fn chain(certificates: &[Vec<u8>]) -> Option<Value> {
    match certificates {
        [] => None,
        [one] => Some(Value::Bytes(one.clone())),
        more => Some(Value::Array(more.iter().map(|one| Value::Bytes(one.clone())).collect())),
    }
}

fn deflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::best());
    stream.write_all(bytes).ok()?;
    stream.finish().ok()
}
