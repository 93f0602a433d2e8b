//! The wallet: opened once, asked for everything else.

use crate::activity::{self, ActivityEntry};
use crate::backup::{self, BindAgain, RestoredBackup};
use crate::bound::{self, Binding, BindingRecord};
use crate::credentials::{self, Credential, CredentialDetails};
use crate::devices::{self, Device};
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::Exchange;
use crate::exchange::address::LoopbackHttp;
use crate::exchange::server_clock::ServerClock;
use crate::inbox::{self, ConsentQuestion};
use crate::parts::{Parts, WalletConfig};
use crate::ports::{
    Clock, DataKeyWrap, DeviceKeys, Log, LogEntry, LogEvent, LogLevel, Rng, SystemClock, SystemRng, Transport,
};
use crate::receipts::{self, ConsentReceipt};
use crate::reports;
use crate::sessions::{self, BindingRequest, BindingSession, DenialReason, LoginSession, UnfinishedSession};
use crate::store::{CURRENT, Change, Store, table};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the platform gives.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WalletPorts {
    /// Keys of the device.
    pub keys: Arc<dyn DeviceKeys>,
    /// HTTP.
    pub transport: Arc<dyn Transport>,
    /// The key around the store's data key.
    pub data_key: Arc<dyn DataKeyWrap>,
    /// Where the log goes, if anywhere.
    pub log: Option<Arc<dyn Log>>,
    /// The time, for tests that must be somewhen else; nothing: the device's clock.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub clock: Option<Arc<dyn Clock>>,
}

/// A citizen's wallet. One store, any number of servers and persons.
///
/// May be used from several threads. A file is opened once per process; an app extension needs a
/// store of its own.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Wallet {
    parts: Arc<Parts>,
}

crate::redact::redacted_debug!(Wallet, WalletPorts);

impl Wallet {
    /// As [`Wallet::open`], with a source of randomness: for tests.
    ///
    /// Errors: as [`Wallet::open`].
    pub async fn open_with(
        config: WalletConfig,
        ports: WalletPorts,
        rng: Arc<dyn Rng>,
    ) -> Result<Arc<Self>, WalletError> {
        let issuers = credentials::pin(&config.credential_issuers)?;
        let path = Path::new(&config.store_path);
        let (store, migrated) = Store::open(path, CURRENT, ports.data_key.as_ref(), rng.clone()).await?;
        let loopback = if config.allow_loopback_http { LoopbackHttp::Allowed } else { LoopbackHttp::Refused };
        let clock = ServerClock::new(ports.clock.unwrap_or_else(|| Arc::new(SystemClock)));
        let exchange = Exchange::new(ports.transport, clock, loopback, config.request_timeout_ms, ports.log);
        let parts = Arc::new(Parts { config, issuers, store, keys: ports.keys, exchange, rng });
        let event = if migrated { LogEvent::StoreMigrated } else { LogEvent::StoreOpened };
        parts.exchange.log(LogEntry { level: LogLevel::Info, event, code: None, duration_ms: None });
        activity::retain(&parts)?;
        delete_stray_keys(&parts).await?;
        Ok(Arc::new(Self { parts }))
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Wallet {
    /// Opens the wallet, or makes it.
    ///
    /// Errors: `InvalidInput` (a pinned issuer's key or certificate that cannot be read, or an issuer pinned twice),
    /// `StoreInUse`, `StoreTooNew`, `StoreCorrupt`, `StoreLost`, `StoreFailed`, `Locked`, `PromptDismissed`,
    /// `KeyUnsupported`, `KeyStoreFailed`.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub async fn open(config: WalletConfig, ports: WalletPorts) -> Result<Arc<Self>, WalletError> {
        Self::open_with(config, ports, Arc::new(SystemRng)).await
    }

    /// Servers this wallet is bound to, oldest first. Errors: those of the store.
    pub fn bindings(&self) -> Result<Vec<Binding>, WalletError> {
        Ok(public(bound::list(&self.parts)?))
    }

    /// The bindings that can serve a scanned link; nothing is sent. Empty: no server of this wallet.
    ///
    /// Errors: `InvalidLink`, and those of the store.
    pub fn bindings_for(&self, scanned: String) -> Result<Vec<Binding>, WalletError> {
        Ok(public(sessions::login::bindings_for(&self.parts, &scanned)?))
    }

    /// Begins to bind this phone; nothing is sent yet. Errors: `InvalidInput`, `InsecureAddress`, and those of the store.
    pub fn begin_binding(&self, request: BindingRequest) -> Result<Arc<BindingSession>, WalletError> {
        BindingSession::begin(self.parts.clone(), request)
    }

    /// Continues a binding begun before. Errors: `InvalidInput` where there is none, and those of the store.
    pub fn resume_binding(&self, session_id: String) -> Result<Arc<BindingSession>, WalletError> {
        BindingSession::resume(self.parts.clone(), &session_id)
    }

    /// Takes the code of a scanned link: from then on this wallet alone can approve that login.
    ///
    /// `binding_id` is needed where several bindings serve the link ([`Wallet::bindings_for`]).
    ///
    /// Errors: `InvalidLink`, `UnknownServer`, `BindingChoiceNeeded`, `NotBound`, `LinkExpired`,
    /// `LinkCodeRefused`, `FactorUnsupported`, `ServerRefused`, `UnexpectedAnswer`, and those of
    /// network and store.
    pub async fn begin_login(
        &self,
        scanned: String,
        binding_id: Option<String>,
    ) -> Result<Arc<LoginSession>, WalletError> {
        LoginSession::begin(self.parts.clone(), &scanned, binding_id.as_deref()).await
    }

    /// Continues a login begun before. Errors: `InvalidInput` where there is none, `NotBound` where
    /// its binding is gone, and those of the store.
    pub fn resume_login(&self, session_id: String) -> Result<Arc<LoginSession>, WalletError> {
        LoginSession::resume(self.parts.clone(), &session_id)
    }

    /// Sessions begun and not ended, oldest first. Errors: those of the store.
    pub fn unfinished_sessions(&self) -> Result<Vec<UnfinishedSession>, WalletError> {
        sessions::unfinished(&self.parts)
    }

    /// The person's phones at a native server, this one among them.
    ///
    /// Errors: `NotBound`, `InvalidInput` (an eSignet 1.x binding has no such list), `BindingEnded`,
    /// and those of key, network and server.
    pub async fn devices(&self, binding_id: String) -> Result<Vec<Device>, WalletError> {
        devices::list(&self.parts, &binding_id).await
    }

    /// Renames one of the person's phones; 1 to 64 characters. Errors: as [`Wallet::devices`].
    pub async fn rename_device(&self, binding_id: String, device_id: String, name: String) -> Result<(), WalletError> {
        devices::rename(&self.parts, &binding_id, &device_id, &name).await
    }

    /// Revokes one of the person's phones; this one too, whose binding and key are then removed.
    ///
    /// Errors: as [`Wallet::devices`].
    pub async fn revoke_device(&self, binding_id: String, device_id: String) -> Result<(), WalletError> {
        devices::revoke(&self.parts, &binding_id, &device_id).await
    }

    /// Fetches a new certificate for the bound key. Errors: as [`Wallet::devices`].
    pub async fn renew_binding(&self, binding_id: String) -> Result<Binding, WalletError> {
        Ok(devices::renew(&self.parts, &binding_id).await?.public())
    }

    /// Removes a binding and its key from this phone without telling the server: for servers that
    /// are gone. Otherwise [`Wallet::revoke_device`].
    ///
    /// Errors: `NotBound`, and those of key and store.
    pub async fn forget_binding(&self, binding_id: String) -> Result<(), WalletError> {
        devices::forget(&self.parts, &bound::find(&self.parts, &binding_id)?).await
    }

    /// Reports a login of the activity log, by the id of its entry: what it yielded is revoked at once, and somebody looks
    /// at it. Signed by the key that approved.
    ///
    /// Errors: `InvalidInput` where the entry is none of an approved login, was reported before, or its server takes no
    /// reports (eSignet 1.x); `NotBound`, `BindingEnded`, `LoginEnded` where the server knows the login no more, and
    /// those of key, network and server.
    pub async fn report_login(&self, entry_id: String, reason: Option<DenialReason>) -> Result<(), WalletError> {
        reports::report(&self.parts, &entry_id, reason).await
    }

    /// The activity log, newest first. Errors: those of the store.
    pub fn activity(&self) -> Result<Vec<ActivityEntry>, WalletError> {
        activity::list(&self.parts)
    }

    /// The activity log as JSON, for the citizen to keep. Errors: those of the store.
    pub fn export_activity(&self) -> Result<String, WalletError> {
        serde_json::to_string_pretty(&activity::list(&self.parts)?).map_err(|_| ErrorCode::StoreCorrupt.into())
    }

    /// Deletes the activity log; receipts stay. Errors: those of the store.
    pub fn clear_activity(&self) -> Result<(), WalletError> {
        activity::clear(&self.parts)
    }

    /// Consents given, newest first. Errors: those of the store.
    pub fn receipts(&self) -> Result<Vec<ConsentReceipt>, WalletError> {
        receipts::list(&self.parts)
    }

    /// Asks a native server what the citizen agreed to there, with any wallet or in a browser, and brings the receipts
    /// up to date: what was withdrawn elsewhere, and what this wallet has no receipt of. Gives all receipts, newest first.
    ///
    /// Errors: as [`Wallet::devices`].
    pub async fn refresh_receipts(&self, binding_id: String) -> Result<Vec<ConsentReceipt>, WalletError> {
        receipts::refresh(&self.parts, &binding_id).await
    }

    /// Withdraws a consent, and with it all that was agreed to with the same relying party until now: what the relying
    /// party got is of no more use to it, and its next login asks again. The receipts stay, marked. Offline nothing
    /// changes: try again.
    ///
    /// Errors: `InvalidInput` where there is no such receipt, or its server knows no withdrawal (eSignet 1.x), and as
    /// [`Wallet::devices`].
    pub async fn withdraw_consent(&self, receipt_id: String) -> Result<ConsentReceipt, WalletError> {
        receipts::withdraw(&self.parts, &receipt_id).await
    }

    /// Asks a native server for questions of relying parties that the citizen can answer, oldest first. Call it when the
    /// citizen looks: nobody is told that there are any.
    ///
    /// Errors: as [`Wallet::devices`].
    pub async fn questions(&self, binding_id: String) -> Result<Vec<ConsentQuestion>, WalletError> {
        inbox::list(&self.parts, &binding_id).await
    }

    /// Answers a question as it was shown: a yes to the claims named, whose receipt this gives, or a no where none is named.
    /// Either signs once: a key that asks at every use asks once. Offline nothing changes: try again.
    ///
    /// Errors: `InvalidInput` for a claim that is not asked for; `ServerRefused` where the question has ended; as
    /// [`Wallet::devices`].
    pub async fn answer_question(
        &self,
        question: ConsentQuestion,
        accepted_claims: Vec<String>,
    ) -> Result<Option<ConsentReceipt>, WalletError> {
        inbox::answer(&self.parts, &question, &accepted_claims).await
    }

    /// Whether a receipt's statement is what this wallet's key signed, and says what the receipt says; without any server.
    ///
    /// Errors: `InvalidInput` where there is no such receipt, or it has no statement, and those of the store.
    pub fn verify_receipt(&self, receipt_id: String) -> Result<bool, WalletError> {
        receipts::verify(&self.parts, &receipt_id)
    }

    /// Deletes one receipt. Errors: `InvalidInput` where there is none, and those of the store.
    pub fn delete_receipt(&self, receipt_id: String) -> Result<(), WalletError> {
        receipts::delete(&self.parts, &receipt_id)
    }

    /// Keeps the credential that a QR code holds (its text, as a camera or [`crate::decode_qr`] gives it) and tells
    /// what it is. Its type is recognised; the first is Claim 169. One that does not stand is kept too, with the
    /// reasons: the app may show them and delete it. The same one scanned again changes nothing.
    ///
    /// Errors: `InvalidCredential`, `CredentialEncrypted`, `InvalidInput` where 500 are kept already, and those of the
    /// store.
    pub fn add_credential(&self, text: String) -> Result<Credential, WalletError> {
        credentials::add(&self.parts, &text)
    }

    /// All credentials, the newest first, each checked again now. Nothing is sent. Errors: those of the store.
    pub fn credentials(&self) -> Result<Vec<Credential>, WalletError> {
        credentials::list(&self.parts)
    }

    /// One credential with all that it says, and its photo; checked again now. Nothing is sent.
    ///
    /// Errors: `InvalidInput` where there is none, and those of the store.
    pub fn credential(&self, id: String) -> Result<CredentialDetails, WalletError> {
        credentials::show(&self.parts, &id)
    }

    /// Deletes one credential. Errors: `InvalidInput` where there is none, and those of the store.
    pub fn delete_credential(&self, id: String) -> Result<(), WalletError> {
        credentials::delete(&self.parts, &id)
    }

    /// A backup for another phone: credentials, receipts, the activity log, settings, and where the other phone must be
    /// bound; keys never. Whoever has file and passphrase has all of it: at least 12 characters, better some words.
    /// Takes 64 MiB and about a second: call it off the main thread.
    ///
    /// Errors: `InvalidInput` for a short passphrase, `NoRandomness`, `Internal` where there is not so much memory, and
    /// those of the store.
    pub fn export_backup(&self, passphrase: String) -> Result<Vec<u8>, WalletError> {
        backup::export(&self.parts, &Zeroizing::new(passphrase))
    }

    /// Brings a backup back into this wallet, beside what it has, and says what must be bound again
    /// ([`Wallet::bind_again`]). Call it off the main thread.
    ///
    /// Errors: `BackupPassphraseWrong`, `BackupDamaged` (also where the file is none, or asks for more than 256 MiB),
    /// `BackupTooNew`, `Internal` where there is not so much memory, and those of the store.
    pub fn restore_backup(&self, bytes: Vec<u8>, passphrase: String) -> Result<RestoredBackup, WalletError> {
        backup::restore(&self.parts, &bytes, &Zeroizing::new(passphrase))
    }

    /// Where this phone must still be bound after a backup was brought back. Begin each with [`Wallet::begin_binding`]
    /// for the same server and person: the new binding takes its place here. Errors: those of the store.
    pub fn bind_again(&self) -> Result<Vec<BindAgain>, WalletError> {
        backup::open(&self.parts)
    }

    /// Takes one off the list of [`Wallet::bind_again`]: the citizen does not want it on this phone.
    ///
    /// Errors: `InvalidInput` where there is none, and those of the store.
    pub fn skip_bind_again(&self, id: String) -> Result<(), WalletError> {
        backup::skip(&self.parts, &id)
    }

    /// Deletes all this wallet made: records, and its own keys, no other of the app.
    ///
    /// Errors: those of key and store; what could not be deleted is tried again when called again.
    pub async fn erase(&self) -> Result<(), WalletError> {
        let keys: Vec<(String, ())> = self.parts.store.all(table::KEYS)?;
        let mut changes = Vec::new();
        for name in table::ALL.iter().filter(|name| **name != table::KEYS) {
            let records: Vec<(String, serde_json::Value)> = self.parts.store.all(name)?;
            changes.extend(records.iter().map(|(id, _)| Change::delete(name, id)));
        }
        self.parts.store.write(&changes)?;
        for (alias, ()) in keys {
            self.parts.delete_key(&alias).await?;
        }
        Ok(())
    }
}

fn public(records: Vec<BindingRecord>) -> Vec<Binding> {
    records.iter().map(BindingRecord::public).collect()
}

/// Deletes keys no binding uses: of an app killed while binding, or of a key store that refused
/// to delete. A key that still cannot be deleted is tried again the next time.
async fn delete_stray_keys(parts: &Parts) -> Result<(), WalletError> {
    let used: Vec<String> = bound::list(parts)?.into_iter().map(|bound| bound.key_alias).collect();
    let made: Vec<(String, ())> = parts.store.all(table::KEYS)?;
    for (alias, ()) in made {
        if !used.contains(&alias) {
            let _ = parts.delete_key(&alias).await;
        }
    }
    Ok(())
}
