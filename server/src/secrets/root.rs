//! One master secret, and the keys derived from it.

use std::sync::OnceLock;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sealing::Cipher;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::purpose::Purpose;

/// One master secret.
pub(super) struct Root {
    master: Zeroizing<[u8; 32]>,
    /// Keys that are not derived from it, by purpose.
    given: Vec<(Purpose, Zeroizing<[u8; 32]>)>,
    /// Begins every value that this secret sealed.
    pub(super) id: [u8; ID],
    /// By purpose, expanded when first used: deriving a key costs more than sealing a row with it.
    expanded: [OnceLock<Expanded>; PURPOSES],
}

/// Bytes of a secret's name in a sealed value. They tell nothing: found by chance in another, they cost one attempt.
pub(super) const ID: usize = 4;
/// Room for every [`Purpose`]; one beyond is expanded each time.
const PURPOSES: usize = 64;

/// The key of one purpose, ready for use.
pub(super) struct Expanded {
    pub(super) cipher: Cipher,
    pub(super) mac: Hmac<Sha256>,
}

impl Expanded {
    fn of(key: &[u8; 32]) -> Self {
        // RFC 2104: a key shorter than the hash's block of 64 bytes is filled with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key);
        Self { cipher: Cipher::new(key), mac: <Hmac<Sha256> as hmac::KeyInit>::new((&*block).into()) }
    }
}

impl Root {
    pub(super) fn new(master: [u8; 32]) -> Self {
        Self::given(master, Vec::new())
    }

    /// One that has some keys of another secret, which is not there any more.
    pub(super) fn given(master: [u8; 32], given: Vec<(Purpose, Zeroizing<[u8; 32]>)>) -> Self {
        let expanded = [const { OnceLock::new() }; PURPOSES];
        let mut root = Self { master: Zeroizing::new(master), given, id: [0; ID], expanded };
        let name = root.expand(b"tessera/1/name-of-secret");
        root.id.copy_from_slice(&name[..ID]);
        root
    }

    /// The key that stands in for this secret where a purpose is none of [`Purpose::KEPT`].
    pub(super) fn rest(&self) -> Zeroizing<[u8; 32]> {
        self.expand(b"tessera/1/rest")
    }

    /// The key of a purpose.
    pub(super) fn derived(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let given = self.given.iter().find(|(known, _)| *known == purpose);
        given.map_or_else(|| self.expand(purpose.label()), |(_, key)| key.clone())
    }

    fn expand(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // Fails only for outputs longer than 8,160 bytes.
        let expanded = Hkdf::<Sha256>::new(None, self.master.as_slice()).expand(label, key.as_mut_slice());
        debug_assert!(expanded.is_ok());
        key
    }

    pub(super) fn with<T>(&self, purpose: Purpose, work: impl FnOnce(&Expanded) -> T) -> T {
        match self.expanded.get(purpose as usize) {
            Some(slot) => work(slot.get_or_init(|| Expanded::of(&self.derived(purpose)))),
            None => work(&Expanded::of(&self.derived(purpose))),
        }
    }

    /// HMAC-SHA-256 over the parts, each preceded by its length.
    pub(super) fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        let mut mac = self.with(purpose, |expanded| expanded.mac.clone());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// Opens nonce and body.
    pub(super) fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(12)?;
        let nonce = <[u8; 12]>::try_from(nonce).ok()?;
        self.with(purpose, |expanded| expanded.cipher.open(&nonce, context, body))
    }
}
