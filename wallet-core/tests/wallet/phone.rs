//! A phone: software keys that count prompts, a clock that can be wrong, a store in a folder.

use crate::server::FakeServer;
use async_trait::async_trait;
use futures::executor::block_on;
use openssl::bn::BigNumContext;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use wallet_core::ports::{
    Clock, ClockError, DataKeyWrap, DeviceKeys, DevicePublicKey, KeyAlgorithm, KeyAttestation, KeyError, KeyInfo,
    KeyOptions, KeySecurityLevel, Log, LogEntry, LogError, SigningPrompt, SystemRng, UserAuthentication,
    ecdsa_signature_from_der,
};
use wallet_core::{CredentialIssuer, Wallet, WalletConfig, WalletError, WalletPorts};

pub(crate) struct Phone {
    folder: tempfile::TempDir,
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Arc<PhoneClock>,
    pub(crate) log: Arc<Lines>,
    /// Issuers that the app pins when it starts.
    pub(crate) issuers: Mutex<Vec<CredentialIssuer>>,
    server: Arc<FakeServer>,
}

impl Phone {
    pub(crate) fn new(server: Arc<FakeServer>) -> Self {
        let clock = Arc::new(PhoneClock(AtomicI64::new(crate::server::NOW_MS)));
        let (keys, log) = (Arc::new(Keys::default()), Arc::new(Lines::default()));
        Self { folder: tempfile::tempdir().unwrap(), keys, clock, log, issuers: Mutex::default(), server }
    }

    pub(crate) fn open(&self) -> Result<Arc<Wallet>, WalletError> {
        let path = self.folder.path().join("wallet.redb");
        let config = WalletConfig {
            languages: vec!["deu".into()],
            credential_issuers: self.issuers.lock().unwrap().clone(),
            ..WalletConfig::at(path.to_str().unwrap())
        };
        let ports = WalletPorts {
            keys: self.keys.clone(),
            transport: self.server.clone(),
            data_key: Arc::new(PlainWrap),
            log: Some(self.log.clone()),
            clock: Some(self.clock.clone()),
        };
        block_on(Wallet::open_with(config, ports, Arc::new(SystemRng)))
    }
}

pub(crate) struct PhoneClock(AtomicI64);

impl PhoneClock {
    pub(crate) fn shift(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for PhoneClock {
    fn now_ms(&self) -> Result<i64, ClockError> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

struct PlainWrap;

#[async_trait]
impl DataKeyWrap for PlainWrap {
    async fn wrap_key(&self, plain: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Ok(plain.iter().map(|byte| !byte).collect())
    }
    async fn unwrap_key(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        self.wrap_key(wrapped).await
    }
}

#[derive(Default)]
pub(crate) struct Lines(pub(crate) Mutex<Vec<LogEntry>>);

impl Log for Lines {
    fn record(&self, entry: LogEntry) -> Result<(), LogError> {
        self.0.lock().unwrap().push(entry);
        Err(LogError::Failed)
    }
}

struct Key {
    info: KeyInfo,
    private: PKey<Private>,
}

#[derive(Default)]
pub(crate) struct Keys {
    keys: Mutex<HashMap<String, Key>>,
    pub(crate) prompts: Mutex<Vec<SigningPrompt>>,
    /// What the next signature fails with.
    pub(crate) fails: Mutex<Option<KeyError>>,
}

impl Keys {
    pub(crate) fn aliases(&self) -> Vec<String> {
        self.keys.lock().unwrap().keys().cloned().collect()
    }
}

fn failed<E: std::fmt::Display>(error: E) -> KeyError {
    KeyError::Failed { detail: error.to_string() }
}

fn make(algorithm: KeyAlgorithm) -> Result<(PKey<Private>, DevicePublicKey), openssl::error::ErrorStack> {
    match algorithm {
        KeyAlgorithm::Es256 => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            let key = EcKey::generate(&group)?;
            let mut context = BigNumContext::new()?;
            let (mut x, mut y) = (openssl::bn::BigNum::new()?, openssl::bn::BigNum::new()?);
            key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context)?;
            let public = DevicePublicKey::P256 { x: x.to_vec(), y: [vec![0], y.to_vec()].concat() };
            Ok((PKey::from_ec_key(key)?, public))
        }
        KeyAlgorithm::Rs256 => {
            let key = Rsa::generate(2048)?;
            let public = DevicePublicKey::Rsa { n: [vec![0], key.n().to_vec()].concat(), e: key.e().to_vec() };
            Ok((PKey::from_rsa(key)?, public))
        }
    }
}

#[async_trait]
impl DeviceKeys for Keys {
    async fn create(&self, alias: String, options: KeyOptions) -> Result<KeyInfo, KeyError> {
        let (private, public_key) = make(options.algorithm).map_err(failed)?;
        let info = KeyInfo {
            alias: alias.clone(),
            algorithm: options.algorithm,
            public_key,
            security_level: KeySecurityLevel::Software,
            user_authentication: UserAuthentication::None,
        };
        self.keys.lock().unwrap().insert(alias, Key { info: info.clone(), private });
        Ok(info)
    }

    async fn info(&self, alias: String) -> Result<KeyInfo, KeyError> {
        self.keys.lock().unwrap().get(&alias).map(|key| key.info.clone()).ok_or(KeyError::NotFound)
    }

    async fn attest(&self, _: String, client_data_hash: Vec<u8>) -> Result<KeyAttestation, KeyError> {
        Ok(KeyAttestation { format: "test".into(), certificates: vec![vec![1, 2]], statement: Some(client_data_hash) })
    }

    async fn sign(&self, alias: String, message: Vec<u8>, prompt: SigningPrompt) -> Result<Vec<u8>, KeyError> {
        self.sign_batch(alias, vec![message], prompt).await?.pop().ok_or(KeyError::NotFound)
    }

    async fn sign_batch(
        &self,
        alias: String,
        messages: Vec<Vec<u8>>,
        prompt: SigningPrompt,
    ) -> Result<Vec<Vec<u8>>, KeyError> {
        if let Some(error) = self.fails.lock().unwrap().take() {
            return Err(error);
        }
        self.prompts.lock().unwrap().push(prompt);
        let keys = self.keys.lock().unwrap();
        let key = keys.get(&alias).ok_or(KeyError::NotFound)?;
        let sign = |message: &Vec<u8>| {
            let mut signer = Signer::new(MessageDigest::sha256(), &key.private).map_err(failed)?;
            let signature = signer.sign_oneshot_to_vec(message).map_err(failed)?;
            match key.info.algorithm {
                KeyAlgorithm::Es256 => ecdsa_signature_from_der(signature),
                KeyAlgorithm::Rs256 => Ok(signature),
            }
        };
        messages.iter().map(sign).collect()
    }

    async fn delete(&self, alias: String) -> Result<(), KeyError> {
        self.keys.lock().unwrap().remove(&alias);
        Ok(())
    }
}
