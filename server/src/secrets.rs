//! The deployment's one master secret, and the keys derived from it, each for one purpose only.

use std::path::Path;
use std::sync::OnceLock;

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

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
        }
    }
}

/// Why a secret file or a sealed value cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("the secret file cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// The file does not hold 32 bytes in base64.
    #[error("the secret file must hold 32 bytes in base64; `tessera keys secret` makes one")]
    Malformed,
    /// A sealed value is damaged, or was sealed under another master secret.
    #[error("a sealed value does not open: damaged, or sealed under another secret file")]
    Sealed,
}

/// The master secret. Its `Debug` shows nothing.
pub struct Secrets {
    master: Zeroizing<[u8; 32]>,
    /// By purpose, expanded when first used: deriving a key costs more than sealing a row with it.
    expanded: [OnceLock<Expanded>; PURPOSES],
}

/// Room for every [`Purpose`]; one beyond is expanded each time.
const PURPOSES: usize = 32;

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

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// From 32 bytes.
    #[must_use]
    pub fn new(master: [u8; 32]) -> Self {
        Self { master: Zeroizing::new(master), expanded: [const { OnceLock::new() }; PURPOSES] }
    }

    /// Reads the file that `tessera keys secret` made.
    ///
    /// # Errors
    /// [`SecretError`] where the file is missing or not 32 bytes in base64.
    pub fn read(path: &Path) -> Result<Self, SecretError> {
        let text = Zeroizing::new(std::fs::read_to_string(path)?);
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| SecretError::Malformed)?);
        Ok(Self::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| SecretError::Malformed)?))
    }

    /// Makes a new file, readable by its owner only; refuses to overwrite one. Nobody ever sees it half written: it gets
    /// its name when it is whole.
    ///
    /// # Errors
    /// [`SecretError::File`] where it exists (`AlreadyExists`) or cannot be written.
    pub fn create(path: &Path, rng: &dyn Rng) -> Result<Self, SecretError> {
        use std::io::Write;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let master = random(rng);
        let mut unnamed = path.as_os_str().to_owned();
        unnamed.push(format!(".{}", URL_SAFE_NO_PAD.encode(random::<6>(rng))));
        let written = options.open(&unnamed).and_then(|mut file| {
            writeln!(file, "{}", STANDARD.encode(master))?;
            file.sync_all()?;
            std::fs::hard_link(&unnamed, path)
        });
        // Whether it went well or not, the name it has is `path`.
        let _ = std::fs::remove_file(&unnamed);
        written?;
        Ok(Self::new(master))
    }

    /// The key for one purpose.
    #[must_use]
    pub fn key(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // Fails only for outputs longer than 8,160 bytes.
        let expanded = Hkdf::<Sha256>::new(None, self.master.as_slice()).expand(purpose.label(), key.as_mut_slice());
        debug_assert!(expanded.is_ok());
        key
    }

    fn with<T>(&self, purpose: Purpose, work: impl FnOnce(&Expanded) -> T) -> T {
        match self.expanded.get(purpose as usize) {
            Some(slot) => work(slot.get_or_init(|| Expanded::of(&self.key(purpose)))),
            None => work(&Expanded::of(&self.key(purpose))),
        }
    }

    /// HMAC-SHA-256 under the purpose's key, over the parts, each preceded by its length.
    #[must_use]
    pub fn mac(&self, purpose: Purpose, parts: &[&[u8]]) -> Vec<u8> {
        let mut mac = self.with(purpose, |expanded| expanded.mac.clone());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// Encrypts for rest: nonce, then AES-256-GCM. `context` (table and row) must be given again to open it.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] only for values of more than 64 GiB.
    pub fn seal(&self, purpose: Purpose, context: &[u8], clear: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, SecretError> {
        let nonce: [u8; 12] = random(rng);
        let payload = Payload { msg: clear, aad: context };
        let sealed = self.with(purpose, |expanded| expanded.cipher.encrypt(&nonce.into(), payload));
        let sealed = sealed.map_err(|_| SecretError::Sealed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Secrets::seal`] made with the same purpose and context.
    ///
    /// # Errors
    /// [`SecretError::Sealed`] where it is damaged or belongs elsewhere.
    pub fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let (nonce, body) = sealed.split_at_checked(12).ok_or(SecretError::Sealed)?;
        let nonce = <[u8; 12]>::try_from(nonce).map_err(|_| SecretError::Sealed)?;
        let payload = Payload { msg: body, aad: context };
        let clear = self.with(purpose, |expanded| expanded.cipher.decrypt(&nonce.into(), payload));
        clear.map(Zeroizing::new).map_err(|_| SecretError::Sealed)
    }
}
