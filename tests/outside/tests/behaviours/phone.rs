//! A phone with software keys, whose network, clock and keys can fail.

use std::future::pending;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;
use wallet_core::ports::{
    Clock, ClockError, DeviceKeys, HttpRequest, HttpResponse, KeyAttestation, KeyError, KeyInfo, KeyOptions,
    KeySecurityLevel, SecurityLevelRule, SigningPrompt, SystemClock, Transport, TransportError, UserAuthentication,
};
use wallet_core::{
    Binding, BindingFactor, BindingRequest, BindingServer, BindingSession, LoginChoices, OtpChannel, Wallet,
    WalletConfig, WalletPorts,
};
use wallet_host::{FileDataKey, HttpTransport, SoftwareKeys, TransportOptions};

use crate::stand::{Person, Stand};

pub struct Phone {
    folder: tempfile::TempDir,
    pub stand: Stand,
    pub person: Person,
    pub network: Arc<Network>,
    pub clock: Arc<OffClock>,
    pub keys: Arc<Fragile>,
}

impl Phone {
    /// A new phone of a new person.
    pub async fn new() -> Self {
        let stand = Stand::new();
        let person = stand.person().await;
        Self::of(stand, person)
    }

    /// Another phone of the same person.
    pub fn beside(&self) -> Self {
        Self::of(Stand::new(), self.person.clone())
    }

    fn of(stand: Stand, person: Person) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = TransportOptions { loopback_http: true, ..TransportOptions::default() };
        let network = Network {
            real: HttpTransport::new(options).unwrap(),
            offline: AtomicBool::new(false),
            silent_after: Mutex::default(),
            reached: Notify::new(),
            sent: AtomicUsize::new(0),
        };
        let keys = Fragile {
            real: SoftwareKeys::in_folder(folder.path().join("keys")).unwrap(),
            invalidated: AtomicBool::new(false),
            prompts: AtomicUsize::new(0),
        };
        let clock = Arc::new(OffClock(AtomicI64::new(0)));
        Self { folder, stand, person, network: Arc::new(network), clock, keys: Arc::new(keys) }
    }

    /// A new phone, bound.
    pub async fn bound() -> (Self, Arc<Wallet>) {
        let phone = Self::new().await;
        let wallet = phone.open().await;
        phone.bind(&wallet).await;
        (phone, wallet)
    }

    /// Starts the app; an earlier one must be over.
    pub async fn open(&self) -> Arc<Wallet> {
        let store = self.folder.path().join("wallet.redb");
        let config = WalletConfig { allow_loopback_http: true, ..WalletConfig::at(store.to_str().unwrap()) };
        let ports = WalletPorts {
            keys: self.keys.clone(),
            transport: self.network.clone(),
            data_key: Arc::new(FileDataKey::at(self.folder.path().join("data.key")).unwrap()),
            log: None,
            clock: Some(self.clock.clone()),
        };
        Wallet::open(config, ports).await.unwrap()
    }

    /// Begins to bind and has a one-time password sent, which is given too.
    pub async fn begin_binding(&self, wallet: &Arc<Wallet>) -> (Arc<BindingSession>, String) {
        let request = BindingRequest {
            server: BindingServer::Tessera { origin: self.stand.server().await },
            individual_id: self.person.id.clone(),
            device_name: "Rust test".into(),
            label: "Me".into(),
            security_level: SecurityLevelRule::Prefer { level: KeySecurityLevel::SecureElement },
            user_authentication: UserAuthentication::None,
            attest: false,
        };
        let session = wallet.begin_binding(request).unwrap();
        session.request_otp(vec![OtpChannel::Email]).await.unwrap();
        let otp = self.stand.otp(&self.person).await;
        (session, otp)
    }

    pub async fn bind(&self, wallet: &Arc<Wallet>) -> Binding {
        let (session, otp) = self.begin_binding(wallet).await;
        session.bind(vec![BindingFactor::Otp { code: otp }]).await.unwrap()
    }

    /// A whole login that must go well: the relying party learns this person's name.
    pub async fn logs_in(&self, wallet: &Arc<Wallet>) {
        let login = self.stand.begin("").await;
        let session = wallet.begin_login(login.link.clone(), None).await.unwrap();
        session.approve(LoginChoices::default()).await.unwrap();
        assert_eq!(self.stand.end(&login).await.as_ref(), Ok(&self.person.name));
    }

    /// Files of keys in the device.
    pub fn key_files(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("keys")).unwrap().count()
    }
}

/// The device's clock, off by so many milliseconds.
pub struct OffClock(AtomicI64);

impl OffClock {
    pub fn set_minutes(&self, ahead: i64) {
        self.0.store(ahead * 60_000, Ordering::SeqCst);
    }
}

impl Clock for OffClock {
    fn now_ms(&self) -> Result<i64, ClockError> {
        Ok(SystemClock.epoch_ms() + self.0.load(Ordering::SeqCst))
    }
}

/// The network, which may be away, or lose the app between a request and its answer.
pub struct Network {
    real: HttpTransport,
    offline: AtomicBool,
    /// Answers of addresses that end so never come.
    silent_after: Mutex<Option<&'static str>>,
    reached: Notify,
    sent: AtomicUsize,
}

impl Network {
    pub fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Ordering::SeqCst);
    }

    /// From now on the server gets the requests of this address, and nobody gets its answers.
    pub fn keep_answers_of(&self, path: Option<&'static str>) {
        *self.silent_after.lock().unwrap() = path;
    }

    /// Waits until the server has answered a request whose answer is kept.
    pub async fn answered(&self) {
        self.reached.notified().await;
    }

    /// How many requests were sent.
    pub fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if self.offline.load(Ordering::SeqCst) {
            return Err(TransportError::Offline);
        }
        self.sent.fetch_add(1, Ordering::SeqCst);
        let kept = self.silent_after.lock().unwrap().is_some_and(|path| request.url.ends_with(path));
        let answer = self.real.send(request).await;
        if kept {
            self.reached.notify_one();
            pending::<()>().await;
        }
        answer
    }
}

/// Keys in files, which the device may take away.
pub struct Fragile {
    real: SoftwareKeys,
    invalidated: AtomicBool,
    prompts: AtomicUsize,
}

impl Fragile {
    /// A new fingerprint: what was made before signs no more. New keys do.
    pub fn invalidate(&self, invalidated: bool) {
        self.invalidated.store(invalidated, Ordering::SeqCst);
    }

    /// How often the citizen would have been asked, by keys that ask at every use.
    pub fn prompts(&self) -> usize {
        self.prompts.load(Ordering::SeqCst)
    }

    fn check(&self) -> Result<(), KeyError> {
        if self.invalidated.load(Ordering::SeqCst) { Err(KeyError::Invalidated) } else { Ok(()) }
    }
}

#[async_trait]
impl DeviceKeys for Fragile {
    async fn create(&self, alias: String, options: KeyOptions) -> Result<KeyInfo, KeyError> {
        self.real.create(alias, options).await
    }

    async fn info(&self, alias: String) -> Result<KeyInfo, KeyError> {
        self.check()?;
        self.real.info(alias).await
    }

    async fn attest(&self, alias: String, client_data_hash: Vec<u8>) -> Result<KeyAttestation, KeyError> {
        self.real.attest(alias, client_data_hash).await
    }

    async fn sign(&self, alias: String, message: Vec<u8>, prompt: SigningPrompt) -> Result<Vec<u8>, KeyError> {
        self.check()?;
        self.prompts.fetch_add(1, Ordering::SeqCst);
        self.real.sign(alias, message, prompt).await
    }

    async fn sign_batch(
        &self,
        alias: String,
        messages: Vec<Vec<u8>>,
        prompt: SigningPrompt,
    ) -> Result<Vec<Vec<u8>>, KeyError> {
        self.check()?;
        self.prompts.fetch_add(1, Ordering::SeqCst);
        self.real.sign_batch(alias, messages, prompt).await
    }

    async fn delete(&self, alias: String) -> Result<(), KeyError> {
        self.real.delete(alias).await
    }
}
