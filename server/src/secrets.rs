//! The deployment's master secrets, and the keys derived from them, each for one purpose only.
//!
//! What is sealed can be sealed anew, and the keyed hashes that rows are found by can be made anew of what is sealed beside
//! them, so the secret behind both may be replaced: two may be in use, of which the newest seals and hashes, and both open
//! and find. What is only derived (pseudonyms, hashes of PINs, tokens that others hold) cannot be replaced without losing
//! what it is good for: its keys stay, and nothing else of the secret that they came from (`file`).

mod column;
mod file;
mod hash;
mod purpose;
mod root;

use std::sync::Arc;

use zeroize::Zeroizing;

pub use column::{Column, Hashed, Key, Seen, number};
pub use hash::Hash;
pub use purpose::Purpose;
use root::{ID, Root};

use crate::clock::{Rng, random};

/// Why a secret file or a sealed value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("the secret file cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// The file does not hold secrets of 32 bytes in base64.
    #[error("the secret file must hold 32 bytes in base64 on each line; `tessera keys secret` makes one")]
    Malformed,
    /// The step of a replacement that was asked for is not the next one; says which is.
    #[error("{0}")]
    Step(&'static str),
    /// A sealed value is damaged, or was sealed under another master secret.
    #[error("a sealed value does not open: damaged, or sealed under another secret file")]
    Sealed,
}

/// The master secrets. Their `Debug` shows nothing.
pub struct Secrets {
    /// What pseudonyms, ids and tokens are derived from.
    kept: Arc<Root>,
    /// What seals: newest first. The first seals, all open.
    sealing: Vec<Arc<Root>>,
    /// What rows are found by is hashed with.
    hashing: Arc<Root>,
    /// What it may be hashed with still, where that is another.
    hashed_before: Option<Arc<Root>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// From 32 bytes, which are for everything.
    #[must_use]
    pub fn new(master: [u8; 32]) -> Self {
        let root = Arc::new(Root::new(master));
        Self { kept: root.clone(), sealing: vec![root.clone()], hashing: root, hashed_before: None }
    }

    /// From several: `newest` seals and hashes, `older` (one at most while hashes are made anew) opens and finds too; what
    /// stays is derived from `kept`.
    #[must_use]
    pub fn several(newest: [u8; 32], older: &[[u8; 32]], kept: [u8; 32]) -> Self {
        let hashing = Arc::new(Root::new(newest));
        let older: Vec<Arc<Root>> = older.iter().map(|master| Arc::new(Root::new(*master))).collect();
        let (hashed_before, kept) = (older.first().cloned(), Arc::new(Root::new(kept)));
        Self { kept, sealing: std::iter::once(hashing.clone()).chain(older).collect(), hashing, hashed_before }
    }

    /// The key for one purpose, for what is derived and not sealed. It is the same whatever seals.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        debug_assert!(Purpose::KEPT.contains(&purpose), "its key would not stay");
        self.kept.derived(purpose)
    }

    /// HMAC-SHA-256 under the purpose's key, over the parts, each preceded by its length. It is the same whatever seals: for
    /// what cannot be made anew. What rows are found by is a [`Secrets::hash`] wherever its clear value lies sealed.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        debug_assert!(Purpose::KEPT.contains(&purpose), "its key would not stay");
        self.kept.mac(purpose, parts)
    }

    /// The same, under the newest secret and the one before while that is being replaced: for what rows are found by.
    #[must_use]
    pub fn hash(&self, purpose: Purpose, parts: &[&[u8]]) -> Hash {
        let before = self.hashed_before.as_ref().map(|root| root.mac(purpose, parts));
        Hash::new(self.hashing.mac(purpose, parts), before)
    }

    /// What tells apart the hashes that are made now from those of another secret, in a few letters.
    #[must_use]
    pub fn hashed_with(&self) -> String {
        self.hashing.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What every value begins with that is sealed under the newest secret.
    #[must_use]
    pub fn newest(&self) -> Vec<u8> {
        self.sealing.first().map(|root| root.id.to_vec()).unwrap_or_default()
    }

    /// Whether there are values to be expected that the newest secret did not seal or hash.
    #[must_use]
    pub fn are_several(&self) -> bool {
        self.sealing.len() > 1 || self.hashed_before.is_some()
    }

    /// Encrypts for rest under the newest secret: its name, a nonce, then AES-256-GCM. `context` (table and row) must be given
    /// again to open it.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] only for values of more than 64 GiB.
    pub fn seal(&self, purpose: Purpose, context: &[u8], clear: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, SecretError> {
        let newest = self.sealing.first().ok_or(SecretError::Sealed)?;
        let nonce: [u8; 12] = random(rng);
        let sealed = newest.with(purpose, |expanded| expanded.cipher.seal(&nonce, context, clear));
        let sealed = sealed.ok_or(SecretError::Sealed)?;
        Ok([newest.id.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`Secrets::seal`] made with the same purpose and context, under any of the secrets; also what was sealed
    /// before values named their secret.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] where it is damaged, belongs elsewhere, or its secret is gone.
    pub fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        // Last of all the one that keys stay of, where it is whole: what nobody sealed anew is not lost.
        let roots = || self.sealing.iter().chain([&self.kept]);
        let named = sealed.split_at_checked(ID).and_then(|(id, rest)| {
            roots().filter(|root| root.id == id).find_map(|root| root.open(purpose, context, rest))
        });
        let unnamed = || roots().find_map(|root| root.open(purpose, context, sealed));
        named.or_else(unnamed).ok_or(SecretError::Sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::System;

    const CLEAR: &[u8] = b"a name";

    #[test]
    fn the_newest_seals_all_open_and_hashes_stay() {
        let (one, two, three) = ([1; 32], [2; 32], [3; 32]);
        let first = Secrets::new(one);
        let sealed = first.seal(Purpose::Biographics, b"row", CLEAR, &System).unwrap();
        let both = Secrets::several(two, &[one], one);
        assert_eq!(&**both.open(Purpose::Biographics, b"row", &sealed).unwrap(), CLEAR);
        assert!(!sealed.starts_with(&both.newest()));
        let again = both.seal(Purpose::Biographics, b"row", CLEAR, &System).unwrap();
        assert!(again.starts_with(&both.newest()));
        assert!(first.open(Purpose::Biographics, b"row", &again).is_err(), "the old one opens nothing new");
        let after = Secrets::several(three, &[two], one);
        assert_eq!(&**after.open(Purpose::Biographics, b"row", &again).unwrap(), CLEAR);
        for purpose in [Purpose::Lookup, Purpose::Subject, Purpose::Pins] {
            assert_eq!(first.key(purpose), after.key(purpose));
            assert_eq!(first.mac(purpose, &[CLEAR]), after.mac(purpose, &[CLEAR]));
        }
        // Neither another row nor another purpose nor a stranger opens it.
        assert!(after.open(Purpose::Biographics, b"other", &again).is_err());
        assert!(after.open(Purpose::Biometrics, b"row", &again).is_err());
        assert!(Secrets::new(three).open(Purpose::Biographics, b"row", &again).is_err());
        assert!(after.open(Purpose::Biographics, b"row", &again[..10]).is_err());
    }

    #[test]
    fn hashes_are_made_under_the_newest_and_found_under_both() {
        let (one, two) = ([1; 32], [2; 32]);
        let before = Secrets::new(one).hash(Purpose::Lookup, &[CLEAR]);
        let after = Secrets::several(two, &[], one).hash(Purpose::Lookup, &[CLEAR]);
        let during = Secrets::several(two, &[one], one).hash(Purpose::Lookup, &[CLEAR]);
        assert_eq!((during.newest(), during.before()), (after.newest(), before.newest()));
        assert!(during.is_double() && !before.is_double() && !after.is_double());
        assert_eq!(before.newest(), before.before());
        assert_eq!(
            before.newest(),
            Secrets::new(one).mac(Purpose::Lookup, &[CLEAR]),
            "as it was before there were two"
        );
        assert_ne!(Secrets::new(one).hashed_with(), Secrets::several(two, &[one], one).hashed_with());
    }

    #[test]
    fn what_was_sealed_before_values_named_their_secret_opens() {
        let secrets = Secrets::several([2; 32], &[[1; 32]], [1; 32]);
        let named = Secrets::new([1; 32]).seal(Purpose::Identifiers, b"row", CLEAR, &System).unwrap();
        assert_eq!(&**secrets.open(Purpose::Identifiers, b"row", &named[ID..]).unwrap(), CLEAR);
    }
}
