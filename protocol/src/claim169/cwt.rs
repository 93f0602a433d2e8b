//! The envelope: COSE_Sign1 over CWT claims.

use ciborium::Value;
use coset::iana::{self, EnumI64 as _};
use coset::{AsCborValue as _, CoseSign1, Label, RegisteredLabelWithPrivate};

use super::ReadError;
use super::cbor;
use super::identity::Identity;

/// CBOR tags: COSE_Sign1, COSE_Encrypt0, COSE_Encrypt (RFC 9052 §2), and the one of a CWT, which may stand around the
/// others (RFC 8392 §6).
pub(super) const SIGN1_TAG: u64 = 18;
const ENCRYPT0_TAG: u64 = 16;
const ENCRYPT_TAG: u64 = 96;
const CWT_TAG: u64 = 61;
/// The CWT claim.
pub(super) const CLAIM_169: i64 = 169;
/// Header parameter `x5chain` (RFC 9360 §2).
pub(super) const X5CHAIN: i64 = 33;

/// What a QR code holds. Nobody has vouched for it yet.
#[derive(Clone)]
pub struct Unverified {
    pub(super) envelope: CoseSign1,
    pub(super) claims: Claims,
    pub(super) identity: Identity,
}

crate::redact::redacted_debug!(Unverified);

/// The claims around claim 169 (RFC 8392 §3.1). Times in seconds since the epoch.
#[derive(Clone, Default)]
pub(super) struct Claims {
    pub(super) issuer: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) expires_at: Option<i64>,
    pub(super) not_before: Option<i64>,
    pub(super) issued_at: Option<i64>,
}

impl Unverified {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut value = cbor::read(bytes).ok_or(ReadError::NotCose)?;
        loop {
            value = match value {
                Value::Tag(CWT_TAG | SIGN1_TAG, inner) => *inner,
                Value::Tag(ENCRYPT0_TAG | ENCRYPT_TAG, _) => return Err(ReadError::Encrypted),
                other => break Self::open(other),
            }
        }
    }

    fn open(value: Value) -> Result<Self, ReadError> {
        // coset reads the protected header with limits of its own: hold it to ours first.
        let protected = value.as_array().and_then(|parts| parts.first()?.as_bytes()).ok_or(ReadError::NotCose)?;
        if !protected.is_empty() && cbor::read(protected).is_none() {
            return Err(ReadError::NotCose);
        }
        let envelope = CoseSign1::from_cbor_value(value).map_err(|_| ReadError::NotCose)?;
        if !envelope.protected.header.crit.is_empty() {
            return Err(ReadError::UnknownCritical);
        }
        let payload = envelope.payload.as_deref().ok_or(ReadError::NotCose)?;
        let (claims, identity) = claims(payload)?;
        Ok(Self { envelope, claims, identity })
    }

    /// The algorithm that the protected header names, as its COSE number.
    pub(super) fn algorithm(&self) -> Option<i64> {
        match self.envelope.protected.header.alg.as_ref()? {
            RegisteredLabelWithPrivate::Assigned(alg) => Some(iana::Algorithm::to_i64(alg)),
            RegisteredLabelWithPrivate::PrivateUse(number) => Some(*number),
            RegisteredLabelWithPrivate::Text(_) => None,
        }
    }

    /// The key's name, from the protected header or else the other one; `None` where there is none.
    pub(super) fn key_id(&self) -> Option<&[u8]> {
        self.headers().into_iter().map(|header| header.key_id.as_slice()).find(|id| !id.is_empty())
    }

    /// The certificates beside the signature, DER, the signer's first; empty where there are none. They prove nothing
    /// until they lead to a root that was pinned, so that either header may hold them.
    pub(super) fn certificates(&self) -> Vec<&[u8]> {
        let chain = self.headers().into_iter().find_map(|header| {
            header.rest.iter().find(|(label, _)| *label == Label::Int(X5CHAIN)).map(|(_, value)| value)
        });
        match chain {
            Some(Value::Bytes(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(|one| one.as_bytes().map(Vec::as_slice)).collect(),
            _ => Vec::new(),
        }
    }

    fn headers(&self) -> [&coset::Header; 2] {
        [&self.envelope.protected.header, &self.envelope.unprotected]
    }
}

fn claims(payload: &[u8]) -> Result<(Claims, Identity), ReadError> {
    let entries = cbor::read(payload).ok_or(ReadError::NotCwt)?.into_map().map_err(|_| ReadError::NotCwt)?;
    let (mut claims, mut identity) = (Claims::default(), None);
    for (name, value) in entries {
        // Claims with text as name are others' and private.
        let Some(number) = cbor::whole(&name) else { continue };
        let text = |value: Value| value.into_text().map(cbor::present).map_err(|_| ReadError::NotCwt);
        match number {
            1 => claims.issuer = text(value)?,
            2 => claims.subject = text(value)?,
            4 => claims.expires_at = Some(time(&value)?),
            5 => claims.not_before = Some(time(&value)?),
            6 => claims.issued_at = Some(time(&value)?),
            CLAIM_169 => identity = Some(Identity::read(value)?),
            _ => {}
        }
    }
    Ok((claims, identity.ok_or(ReadError::NoClaim169)?))
}

/// Seconds since the epoch, whole or not (RFC 8392 §2, NumericDate).
fn time(value: &Value) -> Result<i64, ReadError> {
    let fraction = || value.as_float().filter(|seconds| seconds.abs() < 1e15).map(|seconds| seconds.floor() as i64);
    cbor::whole(value).or_else(fraction).ok_or(ReadError::NotCwt)
}
