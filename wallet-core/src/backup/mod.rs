//! Backup: what can be moved to another phone, in a file that a passphrase opens, and the list of what cannot.
//!
//! Keys never leave the device, so bindings are not moved: the file says at which servers, for whom and under which label
//! the wallet was bound. The new phone binds there again; a binding made so takes the place of the old one, and the
//! receipts that came with the backup belong to it.

mod file;

use crate::activity::{self, ActivityEntry, ActivityKind};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::credentials::CredentialRecord;
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::receipts::{self, ConsentReceipt};
use crate::store::{Change, table};
use file::{Cost, Sealed};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Fewest characters of a passphrase. Whoever finds the file may guess without limit.
const MIN_PASSPHRASE_CHARS: usize = 12;

/// Settings of the app that made a backup, for the app that brings it back to take over or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BackupSettings {
    /// [`crate::WalletConfig::languages`].
    pub languages: Vec<String>,
    /// [`crate::WalletConfig::activity_days`].
    pub activity_days: u32,
}

/// A binding of the old phone that this one has not yet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct BindAgain {
    /// Names it in [`crate::Wallet::skip_bind_again`]. A binding made in its place gets this id.
    pub id: String,
    /// How the key was bound. Servers of eSignet 1.x want the partner's secrets too, which are in no backup.
    pub profile: BindingProfile,
    /// The server: its origin, or its base URL for eSignet 1.x.
    pub server: String,
    /// The person's identifier there, for [`crate::BindingRequest::individual_id`].
    pub individual_id: String,
    /// What the app or the citizen called this person.
    pub label: String,
    /// What the citizen called the old phone.
    pub device_name: String,
}

/// What came back with a backup.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct RestoredBackup {
    /// When the backup was made, in milliseconds since 1970, by the old phone's clock.
    pub created_at_ms: i64,
    /// How many credentials came back that this wallet had not.
    pub credentials: u32,
    /// How many receipts came back that this wallet had not.
    pub receipts: u32,
    /// How many entries of the activity log came back that this wallet had not.
    pub activity: u32,
    /// Settings of the old app.
    pub settings: BackupSettings,
    /// Where this phone must be bound before it can log in there: all that is open, also of earlier backups.
    pub bind_again: Vec<BindAgain>,
}

/// What a file tells without its passphrase.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct BackupHeader {
    /// Memory that opening takes, in KiB.
    pub memory_kib: u32,
    /// Argon2id's passes over this memory.
    pub passes: u32,
    /// Argon2id's lanes.
    pub lanes: u32,
}

/// What is in the file, once it is open.
#[derive(Serialize, Deserialize)]
struct Content {
    created_at_ms: i64,
    settings: BackupSettings,
    credentials: Vec<CredentialRecord>,
    receipts: Vec<ConsentReceipt>,
    activity: Vec<ActivityEntry>,
    bind_again: Vec<BindAgain>,
}

crate::redact::redacted_debug!(BindAgain, RestoredBackup, Content);

/// Looks at a backup before a passphrase is asked for.
///
/// Errors: `BackupDamaged` (also where the file is none), `BackupTooNew`.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn inspect_backup(bytes: Vec<u8>) -> Result<BackupHeader, WalletError> {
    let Cost { memory_kib, passes, lanes } = Sealed::parse(&bytes)?.cost;
    Ok(BackupHeader { memory_kib, passes, lanes })
}

/// Errors: `InvalidInput` for a short passphrase, `NoRandomness`, `Internal`, and those of the store.
pub(crate) fn export(parts: &Parts, passphrase: &str) -> Result<Vec<u8>, WalletError> {
    export_at(parts, passphrase, Cost::RECOMMENDED)
}

fn export_at(parts: &Parts, passphrase: &str, cost: Cost) -> Result<Vec<u8>, WalletError> {
    if passphrase.chars().count() < MIN_PASSPHRASE_CHARS {
        return Err(ErrorCode::InvalidInput.into());
    }
    let mut open = open(parts)?;
    open.extend(bound::list(parts)?.iter().map(BindAgain::of));
    let content = Content {
        created_at_ms: parts.exchange.clock.device_ms(),
        settings: BackupSettings {
            languages: parts.config.languages.clone(),
            activity_days: parts.config.activity_days,
        },
        credentials: parts.store.all(table::CREDENTIALS)?.into_iter().map(|(_, record)| record).collect(),
        receipts: receipts::list(parts)?,
        activity: activity::list(parts)?,
        bind_again: open,
    };
    let plain = serde_json::to_vec(&content).map(Zeroizing::new).map_err(|_| ErrorCode::Internal)?;
    let file = file::seal(&plain, passphrase, cost, parts.rng.as_ref())?;
    let entry = ActivityEntry::plain(parts, ActivityKind::BackupExported, "")?;
    parts.store.write(&[entry.put()?])?;
    Ok(file)
}

/// Brings back what this wallet has not; what it has stays as it is. All of it or nothing.
///
/// Errors: `BackupPassphraseWrong`, `BackupDamaged`, `BackupTooNew`, `Internal`, and those of the store.
pub(crate) fn restore(parts: &Parts, file: &[u8], passphrase: &str) -> Result<RestoredBackup, WalletError> {
    let plain = Sealed::parse(file)?.open(passphrase)?;
    let content: Content = serde_json::from_slice(&plain).map_err(|_| ErrorCode::BackupDamaged)?;
    let mut changes = Vec::new();
    let mut came = [0u32; 3];
    for record in content.credentials {
        // A credential that cannot be read would stand in the way of the whole list.
        let known: Option<CredentialRecord> = parts.store.get(table::CREDENTIALS, &record.id())?;
        if known.is_none() && record.read(parts).is_ok() {
            changes.push(record.put()?);
            came[0] = came[0].saturating_add(1);
        }
    }
    for receipt in content.receipts {
        if parts.store.get::<ConsentReceipt>(table::RECEIPTS, &receipt.id)?.is_none() {
            changes.push(receipt.put()?);
            came[1] = came[1].saturating_add(1);
        }
    }
    for entry in content.activity {
        if parts.store.get::<ActivityEntry>(table::ACTIVITY, &entry.id)?.is_none() {
            changes.push(entry.put()?);
            came[2] = came[2].saturating_add(1);
        }
    }
    let bound = bound::list(parts)?;
    for awaited in content.bind_again {
        if !bound.iter().any(|record| awaited.is_for(record) || awaited.id == record.id) {
            changes.push(Change::put(table::TO_BIND, &awaited.id, &awaited)?);
        }
    }
    changes.push(ActivityEntry::plain(parts, ActivityKind::BackupRestored, "")?.put()?);
    parts.store.write(&changes)?;
    activity::retain(parts)?;
    let [credentials, receipts, activity] = came;
    Ok(RestoredBackup {
        created_at_ms: content.created_at_ms,
        credentials,
        receipts,
        activity,
        settings: content.settings,
        bind_again: open(parts)?,
    })
}

/// What is still to be bound, by server and label.
pub(crate) fn open(parts: &Parts) -> Result<Vec<BindAgain>, WalletError> {
    let mut open: Vec<BindAgain> = parts.store.all(table::TO_BIND)?.into_iter().map(|(_, one)| one).collect();
    open.sort_by(|a, b| (&a.server, &a.label, &a.id).cmp(&(&b.server, &b.label, &b.id)));
    Ok(open)
}

/// Takes one off the list. Errors: `InvalidInput` where there is none.
pub(crate) fn skip(parts: &Parts, id: &str) -> Result<(), WalletError> {
    if parts.store.get::<BindAgain>(table::TO_BIND, id)?.is_none() {
        return Err(ErrorCode::InvalidInput.into());
    }
    Ok(parts.store.write(&[Change::delete(table::TO_BIND, id)])?)
}

/// Lets a new binding take the place of the one that a backup told of: with its id, under which the receipts that came
/// with it are kept. Gives the changes that go with it.
pub(crate) fn take_place(parts: &Parts, record: &mut BindingRecord) -> Result<Vec<Change>, WalletError> {
    let awaited: Vec<BindAgain> = open(parts)?.into_iter().filter(|one| one.is_for(record)).collect();
    if let Some(first) = awaited.first() {
        record.id.clone_from(&first.id);
    }
    Ok(awaited.iter().map(|one| Change::delete(table::TO_BIND, &one.id)).collect())
}

impl BindAgain {
    fn of(record: &BindingRecord) -> Self {
        Self {
            id: record.id.clone(),
            profile: record.profile,
            server: record.server.clone(),
            individual_id: record.individual_id.clone(),
            label: record.label.clone(),
            device_name: record.device_name.clone(),
        }
    }

    fn is_for(&self, record: &BindingRecord) -> bool {
        self.profile == record.profile && self.server == record.server && self.individual_id == record.individual_id
    }
}
