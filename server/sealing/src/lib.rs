//! AES-256-GCM (NIST SP 800-38D) under one key, for what lies in the database.
//!
//! A crate of its own for the sake of builds for development: the cipher is generic code, which is compiled in the crate that
//! uses it, and where that is not optimised a megabyte takes a third of a second.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroizing;

/// A key, ready for use. Its bytes are erased with it.
pub struct Cipher(Aes256Gcm);

impl Cipher {
    /// Of a key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts: as many bytes as `clear` has, then 16 that hold them and `context` together. A nonce serves once under a key.
    /// `None` only for more than 64 GiB.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; 12], context: &[u8], clear: &[u8]) -> Option<Vec<u8>> {
        self.0.encrypt(&(*nonce).into(), Payload { msg: clear, aad: context }).ok()
    }

    /// Decrypts what [`Cipher::seal`] made with the same nonce and context; `None` where it was something else.
    #[must_use]
    pub fn open(&self, nonce: &[u8; 12], context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: context }).ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NIST's test case 16 of AES-256 (McGrew and Viega, The Galois/Counter Mode of Operation, appendix B).
    #[test]
    fn a_known_answer() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        let key = bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308").try_into().unwrap();
        let nonce = bytes("cafebabefacedbaddecaf888").try_into().unwrap();
        let context = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let clear = bytes(concat!(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
        ));
        let sealed = bytes(concat!(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b"
        ));
        let cipher = Cipher::new(&key);
        assert_eq!(cipher.seal(&nonce, &context, &clear), Some(sealed.clone()));
        assert_eq!(cipher.open(&nonce, &context, &sealed).as_deref(), Some(&clear));
        assert!(cipher.open(&nonce, b"", &sealed).is_none());
        assert!(cipher.open(&nonce, &context, &sealed[1..]).is_none());
        assert!(cipher.open(&nonce, &context, b"short").is_none());
    }
}
