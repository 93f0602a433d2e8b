//! Credentials: what somebody vouched for, kept in the phone and shown without a network.
//!
//! What was scanned is kept as it was, and read and checked again each time it is shown: an issuer that is pinned later
//! makes it stand, and a day that passes makes it expire.

mod claim169;
mod issuers;
mod view;

pub use issuers::CredentialIssuer;
pub(crate) use issuers::{Pinned, pin};
pub use view::{
    Credential, CredentialClaim, CredentialDetails, CredentialDoubt, CredentialImage, CredentialType,
    CredentialVerification,
};

use crate::activity::{ActivityEntry, ActivityKind};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::store::{Change, StoreError, table};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest text looked at, in bytes.
const MAX_TEXT_BYTES: usize = 16 * 1024;
/// Most credentials kept.
const MAX_CREDENTIALS: usize = 500;

/// A credential as it lies in the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CredentialRecord {
    pub(crate) credential_type: CredentialType,
    /// What was scanned.
    pub(crate) text: String,
    pub(crate) added_at_ms: i64,
}

crate::redact::redacted_debug!(CredentialRecord);

impl CredentialRecord {
    /// Names it by what it is, so that one that is scanned again is the same.
    pub(crate) fn id(&self) -> String {
        protocol::base64url::encode(Sha256::digest(&self.text))
    }

    pub(crate) fn put(&self) -> Result<Change, StoreError> {
        Change::put(table::CREDENTIALS, &self.id(), self)
    }

    pub(crate) fn read(&self, parts: &Parts) -> Result<CredentialDetails, WalletError> {
        match self.credential_type {
            CredentialType::Claim169 => claim169::details(parts, self),
        }
    }
}

/// Keeps what a QR code held. Errors: `InvalidCredential`, `CredentialEncrypted`, `InvalidInput`.
pub(crate) fn add(parts: &Parts, text: &str) -> Result<Credential, WalletError> {
    let record = recognised(parts, text)?;
    let found = record.read(parts)?;
    let known: Option<CredentialRecord> = parts.store.get(table::CREDENTIALS, &record.id())?;
    if let Some(known) = known {
        return Ok(known.read(parts)?.credential);
    }
    if parts.store.all::<CredentialRecord>(table::CREDENTIALS)?.len() >= MAX_CREDENTIALS {
        return Err(ErrorCode::InvalidInput.into());
    }
    let entry = entry(parts, ActivityKind::CredentialAdded, &found.credential)?;
    parts.store.write(&[record.put()?, entry.put()?])?;
    Ok(found.credential)
}

/// The record that a text is worth, whatever its type.
fn recognised(parts: &Parts, text: &str) -> Result<CredentialRecord, WalletError> {
    let text = text.trim_matches(['\r', '\n', '\t']);
    if text.is_empty() || text.len() > MAX_TEXT_BYTES {
        return Err(ErrorCode::InvalidCredential.into());
    }
    claim169::recognise(text)?;
    let added_at_ms = parts.exchange.clock.device_ms();
    Ok(CredentialRecord { credential_type: CredentialType::Claim169, text: text.to_owned(), added_at_ms })
}

/// All credentials, the newest first.
pub(crate) fn list(parts: &Parts) -> Result<Vec<Credential>, WalletError> {
    let mut all = Vec::new();
    for (_, record) in parts.store.all::<CredentialRecord>(table::CREDENTIALS)? {
        all.push(record.read(parts)?.credential);
    }
    all.sort_by(|a, b| b.added_at_ms.cmp(&a.added_at_ms).then_with(|| a.id.cmp(&b.id)));
    Ok(all)
}

/// One credential with all that it says. Errors: `InvalidInput` where there is none.
pub(crate) fn show(parts: &Parts, id: &str) -> Result<CredentialDetails, WalletError> {
    find(parts, id)?.read(parts)
}

/// Deletes one credential. Errors: `InvalidInput` where there is none.
pub(crate) fn delete(parts: &Parts, id: &str) -> Result<(), WalletError> {
    let credential = find(parts, id)?.read(parts)?.credential;
    let entry = entry(parts, ActivityKind::CredentialDeleted, &credential)?;
    Ok(parts.store.write(&[Change::delete(table::CREDENTIALS, id), entry.put()?])?)
}

fn find(parts: &Parts, id: &str) -> Result<CredentialRecord, WalletError> {
    parts.store.get(table::CREDENTIALS, id)?.ok_or_else(|| ErrorCode::InvalidInput.into())
}

/// The log names the issuer and nothing of the person.
fn entry(parts: &Parts, kind: ActivityKind, credential: &Credential) -> Result<ActivityEntry, WalletError> {
    ActivityEntry::plain(parts, kind, credential.issuer.as_deref().unwrap_or_default())
}
