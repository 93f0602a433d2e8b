//! The activity log: what this wallet did for whom. Names of claims, never their values.

use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::store::{Change, StoreError, table};
use serde::{Deserialize, Serialize};

/// Most entries kept, whatever their age.
const MAX_ENTRIES: usize = 2_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ActivityKind {
    /// This phone was bound to a server.
    Bound,
    /// The binding was renewed.
    Renewed,
    /// The binding was removed from this phone.
    Unbound,
    /// Another phone's binding was revoked.
    DeviceRevoked,
    /// A login was approved.
    LoginApproved,
    /// A login was denied.
    LoginDenied,
    /// A login was approved but not completed.
    LoginFailed,
    /// A consent was withdrawn.
    ConsentWithdrawn,
    /// A relying party's question was answered; a yes has a receipt.
    QuestionAnswered,
    /// A login that had been approved was reported.
    LoginReported,
    /// A credential was added; `server` is its issuer.
    CredentialAdded,
    /// A credential was deleted; `server` is its issuer.
    CredentialDeleted,
    /// A backup was made.
    BackupExported,
    /// A backup was brought back.
    BackupRestored,
}

/// One entry of the activity log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct ActivityEntry {
    /// Names the entry.
    pub id: String,
    /// When, in milliseconds since 1970, by the device's clock.
    pub at_ms: i64,
    /// What was done.
    pub kind: ActivityKind,
    /// The server (its origin), or its base URL for eSignet 1.x; with a credential its issuer; empty where there is none.
    pub server: String,
    /// The relying party's name as shown.
    pub relying_party: Option<String>,
    /// The relying party's domain as shown.
    pub domain: Option<String>,
    /// Names of the claims released.
    pub claims: Vec<String>,
    /// Scopes permitted.
    pub scopes: Vec<String>,
    /// Why it did not succeed.
    pub error: Option<ErrorCode>,
    /// The consent receipt that belongs to it.
    pub receipt_id: Option<String>,
}

crate::redact::redacted_debug!(ActivityEntry);

impl ActivityEntry {
    /// An entry without the parts that only logins have.
    pub(crate) fn plain(parts: &Parts, kind: ActivityKind, server: &str) -> Result<Self, WalletError> {
        Ok(Self {
            id: parts.random_id()?,
            at_ms: parts.exchange.clock.device_ms(),
            kind,
            server: server.to_owned(),
            relying_party: None,
            domain: None,
            claims: Vec::new(),
            scopes: Vec::new(),
            error: None,
            receipt_id: None,
        })
    }

    /// The change that writes it.
    pub(crate) fn put(&self) -> Result<Change, StoreError> {
        Change::put(table::ACTIVITY, &self.id, self)
    }
}

/// All entries, newest first.
pub(crate) fn list(parts: &Parts) -> Result<Vec<ActivityEntry>, WalletError> {
    let mut entries: Vec<ActivityEntry> =
        parts.store.all(table::ACTIVITY)?.into_iter().map(|(_, entry)| entry).collect();
    entries.sort_by(|a, b| b.at_ms.cmp(&a.at_ms).then_with(|| b.id.cmp(&a.id)));
    Ok(entries)
}

/// Deletes what is older than the days kept, and the oldest beyond the number kept.
pub(crate) fn retain(parts: &Parts) -> Result<(), WalletError> {
    let oldest = parts.exchange.clock.device_ms().saturating_sub(i64::from(parts.config.activity_days) * DAY_MS);
    let stale: Vec<Change> = list(parts)?
        .into_iter()
        .enumerate()
        .filter(|(at, entry)| *at >= MAX_ENTRIES || entry.at_ms < oldest)
        .flat_map(|(_, entry)| gone(&entry))
        .collect();
    if stale.is_empty() { Ok(()) } else { Ok(parts.store.write(&stale)?) }
}

/// Deletes every entry.
pub(crate) fn clear(parts: &Parts) -> Result<(), WalletError> {
    let all: Vec<Change> = list(parts)?.iter().flat_map(gone).collect();
    Ok(parts.store.write(&all)?)
}

/// The changes that delete an entry, and what is kept for it.
fn gone(entry: &ActivityEntry) -> [Change; 2] {
    [Change::delete(table::ACTIVITY, &entry.id), Change::delete(table::APPROVED, &entry.id)]
}
