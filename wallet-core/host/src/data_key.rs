//! The key around the store's data key, in a file.

use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce};
use async_trait::async_trait;
use wallet_core::ports::{DataKeyWrap, KeyError, Rng as _, SystemRng};
use zeroize::Zeroizing;

use crate::private_file;

/// Says what the wrapped bytes are, so that no other ciphertext under this key passes for them.
const CONTEXT: &[u8] = b"tessera wallet data key v1";
const NONCE_BYTES: usize = 12;

/// AES-256-GCM under a key in a file that only its owner may read. Whoever has the file and the store reads the store.
pub struct FileDataKey {
    path: PathBuf,
}

impl FileDataKey {
    /// The key at `path`; made at the first wrap where it is not there.
    ///
    /// # Errors
    /// Those of the file system, in making its folder.
    pub fn at(path: impl AsRef<Path>) -> std::io::Result<Self> {
        let path = path.as_ref().to_owned();
        if let Some(folder) = path.parent() {
            private_file::make_folder(folder)?;
        }
        Ok(Self { path })
    }

    fn existing(&self) -> Result<Option<Zeroizing<Vec<u8>>>, KeyError> {
        private_file::read(&self.path).map_err(failed)
    }

    fn existing_or_new(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        if let Some(key) = self.existing()? {
            return Ok(key);
        }
        let key = Zeroizing::new(random::<32>()?.to_vec());
        private_file::write_new(&self.path, &key).map_err(failed)?;
        Ok(key)
    }
}

#[async_trait]
impl DataKeyWrap for FileDataKey {
    async fn wrap_key(&self, plain: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        let plain = Zeroizing::new(plain);
        let nonce = random::<NONCE_BYTES>()?;
        let sealed = cipher(&self.existing_or_new()?)?
            .encrypt(&Nonce::from(nonce), Payload { msg: &plain, aad: CONTEXT })
            .map_err(failed)?;
        Ok([&nonce[..], &sealed].concat())
    }

    async fn unwrap_key(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        // No file, or another one than wrapped it: that key does not come back.
        let key = self.existing()?.ok_or(KeyError::Invalidated)?;
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>().ok_or(KeyError::Invalidated)?;
        cipher(&key)?
            .decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: CONTEXT })
            .map_err(|_| KeyError::Invalidated)
    }
}

fn cipher(key: &[u8]) -> Result<Aes256Gcm, KeyError> {
    let key: &[u8; 32] = key.try_into().map_err(|_| KeyError::Invalidated)?;
    Ok(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
}

fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    SystemRng.fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn failed(error: impl std::fmt::Display) -> KeyError {
    KeyError::Failed { detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn comes_back_under_the_same_file_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w/data.key");
        let wrap = FileDataKey::at(&path).unwrap();
        assert_eq!(wrap.unwrap_key(vec![0; 60]).await, Err(KeyError::Invalidated));
        let wrapped = wrap.wrap_key(vec![7; 32]).await.unwrap();
        assert_ne!(wrapped, wrap.wrap_key(vec![7; 32]).await.unwrap());
        let again = FileDataKey::at(&path).unwrap();
        assert_eq!(again.unwrap_key(wrapped.clone()).await.unwrap(), vec![7; 32]);
        let mut bent = wrapped.clone();
        bent[20] ^= 1;
        assert_eq!(again.unwrap_key(bent).await, Err(KeyError::Invalidated));
        assert_eq!(again.unwrap_key(vec![]).await, Err(KeyError::Invalidated));
        let other = FileDataKey::at(folder.path().join("other.key")).unwrap();
        other.wrap_key(vec![1]).await.unwrap();
        assert_eq!(other.unwrap_key(wrapped).await, Err(KeyError::Invalidated));
    }
}
