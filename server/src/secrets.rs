//! The deployment's master secrets, and the keys derived from them, each for one purpose only.
//!
//! What is sealed can be sealed anew, so the secret behind it may be replaced: several may be in use, of which the newest seals
//! and all open. What a keyed hash, a pseudonym or an opaque id was derived from cannot be replaced without losing what it
//! finds: these are derived from one secret that stays (`file`).

mod column;
mod file;

use std::sync::{Arc, OnceLock};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

pub use column::{Column, Key, number};

use crate::clock::{Rng, random};

/// What a derived key is for. A key of one purpose opens nothing of another.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// The AES block of opaque tokens.
    Ids,
    /// Signing keys at rest.
    SigningKeys,
    /// Names, dates, addresses of persons at rest.
    Biographics,
    /// Photos and other biometrics at rest.
    Biometrics,
    /// Identifiers of persons at rest.
    Identifiers,
    /// Look-up of persons by identifier.
    Lookup,
    /// OTPs at rest.
    Otp,
    /// The pepper of PINs.
    Pins,
    /// CSRF tokens.
    Csrf,
    /// Pairwise subjects (OpenID Connect Core §8.1).
    Subject,
    /// State of transactions at rest.
    Transactions,
    /// Persons in audit events.
    Audit,
    /// Receipts of consents at rest.
    Consents,
    /// Sessions on the citizen's page, and what its sign-in is bound with.
    Account,
    /// Changing link codes and their frames.
    Frames,
    /// Secrets of clients at rest, and what they are compared by.
    ClientSecrets,
    /// Who is logged in at issuers, at rest.
    Sessions,
    /// Notifications of changed claims, at rest.
    Notifications,
    /// What services are told of, at rest.
    Events,
    /// Where services are told of it, at rest, and the tokens by which they agree.
    Subscriptions,
    /// Secrets of refresh tokens.
    RefreshTokens,
    /// Nonces for proofs of possession (RFC 9449 §8).
    ProofNonces,
    /// By what persons who may be the same are found.
    Uniqueness,
    /// Enrollments on their way to identities, at rest.
    Identities,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Ids => b"tessera/1/ids",
            Self::SigningKeys => b"tessera/1/signing-keys",
            Self::Biographics => b"tessera/1/biographics",
            Self::Biometrics => b"tessera/1/biometrics",
            Self::Identifiers => b"tessera/1/identifiers",
            Self::Lookup => b"tessera/1/lookup",
            Self::Otp => b"tessera/1/otp",
            Self::Pins => b"tessera/1/pins",
            Self::Csrf => b"tessera/1/csrf",
            Self::Subject => b"tessera/1/subject",
            Self::Transactions => b"tessera/1/transactions",
            Self::Audit => b"tessera/1/audit",
            Self::Consents => b"tessera/1/consents",
            Self::Account => b"tessera/1/account",
            Self::Frames => b"tessera/1/frames",
            Self::ClientSecrets => b"tessera/1/client-secrets",
            Self::Sessions => b"tessera/1/sessions",
            Self::Notifications => b"tessera/1/notifications",
            Self::Events => b"tessera/1/events",
            Self::Subscriptions => b"tessera/1/subscriptions",
            Self::RefreshTokens => b"tessera/1/refresh-tokens",
            Self::ProofNonces => b"tessera/1/proof-nonces",
            Self::Uniqueness => b"tessera/1/uniqueness",
            Self::Identities => b"tessera/1/identities",
        }
    }
}

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

/// One master secret.
struct Root {
    master: Zeroizing<[u8; 32]>,
    /// Begins every value that this secret sealed.
    id: [u8; ID],
    /// By purpose, expanded when first used: deriving a key costs more than sealing a row with it.
    expanded: [OnceLock<Expanded>; PURPOSES],
}

/// Bytes of a secret's name in a sealed value. They tell nothing: found by chance in another, they cost one attempt.
const ID: usize = 4;
/// Room for every [`Purpose`]; one beyond is expanded each time.
const PURPOSES: usize = 64;

/// The key of one purpose, ready for use.
struct Expanded {
    cipher: Aes256Gcm,
    mac: Hmac<Sha256>,
}

impl Expanded {
    fn of(key: &[u8; 32]) -> Self {
        // RFC 2104: a key shorter than the hash's block of 64 bytes is filled with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key);
        Self { cipher: Aes256Gcm::new(key.into()), mac: <Hmac<Sha256> as hmac::KeyInit>::new((&*block).into()) }
    }
}

impl Root {
    fn new(master: [u8; 32]) -> Self {
        let mut root =
            Self { master: Zeroizing::new(master), id: [0; ID], expanded: [const { OnceLock::new() }; PURPOSES] };
        let name = root.derived(b"tessera/1/name-of-secret");
        root.id.copy_from_slice(&name[..ID]);
        root
    }

    fn derived(&self, label: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // Fails only for outputs longer than 8,160 bytes.
        let expanded = Hkdf::<Sha256>::new(None, self.master.as_slice()).expand(label, key.as_mut_slice());
        debug_assert!(expanded.is_ok());
        key
    }

    fn with<T>(&self, purpose: Purpose, work: impl FnOnce(&Expanded) -> T) -> T {
        match self.expanded.get(purpose as usize) {
            Some(slot) => work(slot.get_or_init(|| Expanded::of(&self.derived(purpose.label())))),
            None => work(&Expanded::of(&self.derived(purpose.label()))),
        }
    }

    /// Opens nonce and body.
    fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, body) = sealed.split_at_checked(12)?;
        let nonce = <[u8; 12]>::try_from(nonce).ok()?;
        let payload = Payload { msg: body, aad: context };
        let clear = self.with(purpose, |expanded| expanded.cipher.decrypt(&nonce.into(), payload));
        clear.ok().map(Zeroizing::new)
    }
}

/// The master secrets. Their `Debug` shows nothing.
pub struct Secrets {
    /// What hashes, pseudonyms and ids are derived from.
    hashes: Arc<Root>,
    /// What seals: newest first. The first seals, all open.
    sealing: Vec<Arc<Root>>,
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
        Self { hashes: root.clone(), sealing: vec![root] }
    }

    /// From several: `newest` seals, `older` open too, hashes are derived from `hashes`.
    #[must_use]
    pub fn several(newest: [u8; 32], older: &[[u8; 32]], hashes: [u8; 32]) -> Self {
        let sealing = std::iter::once(&newest).chain(older).map(|master| Arc::new(Root::new(*master)));
        Self { hashes: Arc::new(Root::new(hashes)), sealing: sealing.collect() }
    }

    /// The key for one purpose, for what is derived and not sealed. It is the same whatever seals.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        self.hashes.derived(purpose.label())
    }

    /// HMAC-SHA-256 under the purpose's key, over the parts, each preceded by its length.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        let mut mac = self.hashes.with(purpose, |expanded| expanded.mac.clone());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// What every value begins with that is sealed under the newest secret.
    #[must_use]
    pub fn newest(&self) -> Vec<u8> {
        self.sealing.first().map(|root| root.id.to_vec()).unwrap_or_default()
    }

    /// Whether there are values to be expected that the newest secret did not seal.
    #[must_use]
    pub fn are_several(&self) -> bool {
        self.sealing.len() > 1
    }

    /// Encrypts for rest under the newest secret: its name, a nonce, then AES-256-GCM. `context` (table and row) must be given
    /// again to open it.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] only for values of more than 64 GiB.
    pub fn seal(&self, purpose: Purpose, context: &[u8], clear: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, SecretError> {
        let newest = self.sealing.first().ok_or(SecretError::Sealed)?;
        let nonce: [u8; 12] = random(rng);
        let payload = Payload { msg: clear, aad: context };
        let sealed = newest.with(purpose, |expanded| expanded.cipher.encrypt(&nonce.into(), payload));
        let sealed = sealed.map_err(|_| SecretError::Sealed)?;
        Ok([newest.id.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens what [`Secrets::seal`] made with the same purpose and context, under any of the secrets; also what was sealed
    /// before values named their secret.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] where it is damaged, belongs elsewhere, or its secret is gone.
    pub fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        // The one that stays for the hashes opens too, last of all: what nobody sealed anew is not lost.
        let roots = || self.sealing.iter().chain([&self.hashes]);
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
    fn what_was_sealed_before_values_named_their_secret_opens() {
        let secrets = Secrets::several([2; 32], &[[1; 32]], [1; 32]);
        let named = Secrets::new([1; 32]).seal(Purpose::Identifiers, b"row", CLEAR, &System).unwrap();
        assert_eq!(&**secrets.open(Purpose::Identifiers, b"row", &named[ID..]).unwrap(), CLEAR);
    }
}
