//! Keys in software: P-256 for native servers, RSA-2048 for eSignet 1.x.

mod secret;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use secret::Secret;
use sha2::{Digest as _, Sha256};
use wallet_core::ports::{
    DeviceKeys, KeyAlgorithm, KeyAttestation, KeyError, KeyInfo, KeyOptions, KeySecurityLevel, Rng, SecurityLevelRule,
    SigningPrompt, SystemRng, UserAuthentication,
};
use zeroize::Zeroizing;

use crate::private_file;

/// Keys in files of a folder, or in memory.
///
/// A file per key (PKCS #8, PEM), readable by its owner only and **not encrypted**: the security level is
/// [`KeySecurityLevel::Software`] and a key made with a higher one required is refused. There is nobody to prompt, so
/// [`KeyInfo::user_authentication`] is always [`UserAuthentication::None`], whatever was asked for.
pub struct SoftwareKeys {
    place: Place,
    rng: Arc<dyn Rng>,
}

enum Place {
    Folder(PathBuf),
    Memory(Mutex<BTreeMap<String, Zeroizing<Vec<u8>>>>),
}

impl SoftwareKeys {
    /// Keys in a folder, which is made where it is not there.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn in_folder(folder: impl AsRef<Path>) -> std::io::Result<Self> {
        private_file::make_folder(folder.as_ref())?;
        Ok(Self { place: Place::Folder(folder.as_ref().to_owned()), rng: Arc::new(SystemRng) })
    }

    /// Keys that end with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { place: Place::Memory(Mutex::default()), rng: Arc::new(SystemRng) }
    }

    /// The same with another source of randomness, for P-256 keys; RSA keys are made with OpenSSL's own.
    #[must_use]
    pub fn with_rng(self, rng: Arc<dyn Rng>) -> Self {
        Self { rng, ..self }
    }

    fn load(&self, alias: &str) -> Result<Option<Secret>, KeyError> {
        let name = file_name(alias);
        let pem = match &self.place {
            Place::Folder(folder) => private_file::read(&folder.join(name)).map_err(failed)?,
            Place::Memory(keys) => keys.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned(),
        };
        pem.map(|pem| Secret::from_pem(&pem)).transpose()
    }

    fn save(&self, alias: &str, secret: &Secret) -> Result<(), KeyError> {
        let (name, pem) = (file_name(alias), secret.to_pem()?);
        match &self.place {
            Place::Folder(folder) => private_file::write_new(&folder.join(name), &pem).map_err(|error| {
                if error.kind() == std::io::ErrorKind::AlreadyExists { KeyError::AlreadyExists } else { failed(error) }
            }),
            Place::Memory(keys) => {
                let mut keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                if keys.contains_key(&name) {
                    return Err(KeyError::AlreadyExists);
                }
                keys.insert(name, pem);
                Ok(())
            }
        }
    }

    fn existing(&self, alias: &str) -> Result<Secret, KeyError> {
        self.load(alias)?.ok_or(KeyError::NotFound)
    }
}

/// An alias may hold any character; a hash of it is a file name everywhere.
fn file_name(alias: &str) -> String {
    let digest = Sha256::digest(alias.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex}.pem")
}

fn failed(error: impl std::fmt::Display) -> KeyError {
    KeyError::Failed { detail: error.to_string() }
}

fn info(alias: String, secret: &Secret) -> Result<KeyInfo, KeyError> {
    Ok(KeyInfo {
        alias,
        algorithm: secret.algorithm(),
        public_key: secret.public_key()?,
        security_level: KeySecurityLevel::Software,
        user_authentication: UserAuthentication::None,
    })
}

#[async_trait]
impl DeviceKeys for SoftwareKeys {
    async fn create(&self, alias: String, options: KeyOptions) -> Result<KeyInfo, KeyError> {
        if let SecurityLevelRule::Require { level } = options.security_level
            && level > KeySecurityLevel::Software
        {
            return Err(KeyError::Unsupported);
        }
        if self.load(&alias)?.is_some() {
            return Err(KeyError::AlreadyExists);
        }
        let secret = match options.algorithm {
            KeyAlgorithm::Es256 => Secret::new_p256(self.rng.as_ref())?,
            KeyAlgorithm::Rs256 => Secret::new_rsa()?,
        };
        self.save(&alias, &secret)?;
        info(alias, &secret)
    }

    async fn info(&self, alias: String) -> Result<KeyInfo, KeyError> {
        let secret = self.existing(&alias)?;
        info(alias, &secret)
    }

    async fn attest(&self, alias: String, _client_data_hash: Vec<u8>) -> Result<KeyAttestation, KeyError> {
        self.existing(&alias)?;
        Err(KeyError::Unsupported)
    }

    async fn sign(&self, alias: String, message: Vec<u8>, _prompt: SigningPrompt) -> Result<Vec<u8>, KeyError> {
        self.existing(&alias)?.sign(&message)
    }

    async fn sign_batch(
        &self,
        alias: String,
        messages: Vec<Vec<u8>>,
        _prompt: SigningPrompt,
    ) -> Result<Vec<Vec<u8>>, KeyError> {
        let secret = self.existing(&alias)?;
        messages.iter().map(|message| secret.sign(message)).collect()
    }

    async fn delete(&self, alias: String) -> Result<(), KeyError> {
        let name = file_name(&alias);
        match &self.place {
            Place::Folder(folder) => private_file::delete(&folder.join(name)).map_err(failed),
            Place::Memory(keys) => {
                keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests;
