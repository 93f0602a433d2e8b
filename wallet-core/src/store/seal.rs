//! How one record is encrypted and named.

use super::StoreError;
use crate::ports::Rng;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

const NONCE: usize = 12;
/// Bytes of a record's name that tell its table, so that a table can be listed.
const TABLE_PREFIX: usize = 16;
/// Length of a record's name: table prefix and record digest.
pub(super) const NAME: usize = TABLE_PREFIX + 32;

/// The two keys made of the data key: one for contents, one for names.
pub(super) struct Seal {
    content: Aes256Gcm,
    names: Zeroizing<[u8; 32]>,
}

impl Seal {
    pub(super) fn new(data_key: &[u8]) -> Result<Self, StoreError> {
        let hkdf = Hkdf::<Sha256>::new(None, data_key);
        let mut content = Zeroizing::new([0u8; 32]);
        let mut names = Zeroizing::new([0u8; 32]);
        hkdf.expand(b"tessera store: content", content.as_mut()).map_err(|_| StoreError::Corrupt)?;
        hkdf.expand(b"tessera store: names", names.as_mut()).map_err(|_| StoreError::Corrupt)?;
        let key = Key::<Aes256Gcm>::try_from(content.as_slice()).map_err(|_| StoreError::Corrupt)?;
        Ok(Self { content: Aes256Gcm::new(&key), names })
    }

    /// The first bytes of the names of all records of a table.
    pub(super) fn table_prefix(&self, table: &str) -> Result<[u8; TABLE_PREFIX], StoreError> {
        let digest = self.digest(&[b"table", table.as_bytes()])?;
        let mut prefix = [0u8; TABLE_PREFIX];
        prefix.copy_from_slice(&digest[..TABLE_PREFIX]);
        Ok(prefix)
    }

    /// The name under which a record lies in the file: a keyed hash, so that the file tells
    /// neither what a record is nor whose.
    pub(super) fn name(&self, table: &str, id: &str) -> Result<[u8; NAME], StoreError> {
        let mut name = [0u8; NAME];
        name[..TABLE_PREFIX].copy_from_slice(&self.table_prefix(table)?);
        name[TABLE_PREFIX..].copy_from_slice(&self.digest(&[b"record", table.as_bytes(), id.as_bytes()])?);
        Ok(name)
    }

    fn digest(&self, parts: &[&[u8]]) -> Result<[u8; 32], StoreError> {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(self.names.as_slice()).map_err(|_| StoreError::Corrupt)?;
        for part in parts {
            // The length in front keeps ("ab", "c") and ("a", "bc") apart.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().into())
    }

    /// Encrypts a record: random nonce, then ciphertext and tag.
    pub(super) fn close(&self, rng: &dyn Rng, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0u8; NONCE];
        rng.fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
        let aad = place.aad();
        let sealed = self
            .content
            .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &aad })
            .map_err(|_| StoreError::Corrupt)?;
        Ok([nonce.as_slice(), sealed.as_slice()].concat())
    }

    /// Decrypts a record; refuses one that lies at another place than it was made for.
    pub(super) fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE).ok_or(StoreError::Corrupt)?;
        let nonce = <[u8; NONCE]>::try_from(nonce).map_err(|_| StoreError::Corrupt)?;
        let aad = place.aad();
        self.content
            .decrypt(&Nonce::from(nonce), Payload { msg: sealed, aad: &aad })
            .map(Zeroizing::new)
            .map_err(|_| StoreError::Corrupt)
    }
}

/// Where a record lies. All of it is authenticated with the record, so that none can be moved.
pub(super) struct Place<'a> {
    pub(super) table: &'a str,
    pub(super) name: &'a [u8],
    pub(super) schema: u32,
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        let mut aad = self.schema.to_be_bytes().to_vec();
        aad.extend_from_slice(&(self.table.len() as u64).to_be_bytes());
        aad.extend_from_slice(self.table.as_bytes());
        aad.extend_from_slice(self.name);
        aad
    }
}
