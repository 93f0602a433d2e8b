//! The file of a backup: what it looks like, and how it is sealed. `docs/backup-format.md` says the same for others.
//!
//! ```text
//! offset  bytes  content, numbers big-endian
//!      0     16  "TESSERA-BACKUP\r\n"
//!     16      2  version: 1
//!     18      4  Argon2id: memory in KiB
//!     22      4  Argon2id: passes
//!     26      4  Argon2id: lanes
//!     30     16  salt
//!     46     12  nonce
//!     58      n  AES-256-GCM over the content, with its tag at the end; bytes 0 to 57 are authenticated too
//!   58+n     32  SHA-256 of all before
//! ```
//!
//! The hash at the end protects nothing: it tells a damaged file from a wrong passphrase.

use crate::errors::{ErrorCode, WalletError};
use crate::ports::Rng;
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const MAGIC: &[u8; 16] = b"TESSERA-BACKUP\r\n";
const VERSION: u16 = 1;
const SALT: usize = 16;
const NONCE: usize = 12;
const HEADER: usize = 58;
const TAG: usize = 16;
const DIGEST: usize = 32;
/// Largest file taken, in bytes.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// What a file may ask of the phone that reads it: a quarter of a gigabyte, and some seconds.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;
const MAX_LANES: u32 = 16;

/// How much work it is to try one passphrase. Written into each file, so that a later version may ask for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// The second recommended option of RFC 9106 §4, for where 2 GiB cannot be had; more than OWASP asks for.
    pub(super) const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };

    fn params(self) -> Option<Params> {
        let within = self.memory_kib <= MAX_MEMORY_KIB && self.passes <= MAX_PASSES && self.lanes <= MAX_LANES;
        if within { Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok() } else { None }
    }
}

/// A file taken apart. Nothing of it has been decrypted.
pub(super) struct Sealed<'a> {
    header: &'a [u8],
    pub(super) cost: Cost,
    salt: &'a [u8],
    nonce: [u8; NONCE],
    ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Errors: `BackupTooNew`, `BackupDamaged`.
    pub(super) fn parse(file: &'a [u8]) -> Result<Self, WalletError> {
        let rest = file.strip_prefix(MAGIC.as_slice()).ok_or(ErrorCode::BackupDamaged)?;
        match rest.first_chunk::<2>().map(|version| u16::from_be_bytes(*version)) {
            Some(VERSION) => {}
            Some(version) if version > VERSION => return Err(ErrorCode::BackupTooNew.into()),
            _ => return Err(ErrorCode::BackupDamaged.into()),
        }
        Self::of_this_version(file).ok_or_else(|| ErrorCode::BackupDamaged.into())
    }

    fn of_this_version(file: &'a [u8]) -> Option<Self> {
        if file.len() > MAX_BYTES {
            return None;
        }
        let (content, digest) = file.split_last_chunk::<DIGEST>()?;
        if Sha256::digest(content).as_slice() != digest {
            return None;
        }
        let (header, ciphertext) = content.split_at_checked(HEADER)?;
        if ciphertext.len() < TAG {
            return None;
        }
        let number = |at: usize| Some(u32::from_be_bytes(*header.get(at..)?.first_chunk()?));
        let cost = Cost { memory_kib: number(18)?, passes: number(22)?, lanes: number(26)? };
        cost.params()?;
        Some(Self { header, cost, salt: header.get(30..46)?, nonce: *header.get(46..)?.first_chunk()?, ciphertext })
    }

    /// The content. Errors: `BackupPassphraseWrong`, `Internal` where there is no memory for the key derivation.
    pub(super) fn open(&self, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, WalletError> {
        let cipher = cipher(passphrase, self.salt, self.cost)?;
        let payload = Payload { msg: self.ciphertext, aad: self.header };
        let plain = cipher.decrypt(&Nonce::from(self.nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| ErrorCode::BackupPassphraseWrong.into())
    }
}

/// The file of a content. Errors: `NoRandomness`, `Internal` where there is no memory for the key derivation.
pub(super) fn seal(plain: &[u8], passphrase: &str, cost: Cost, rng: &dyn Rng) -> Result<Vec<u8>, WalletError> {
    let (mut salt, mut nonce) = ([0u8; SALT], [0u8; NONCE]);
    rng.fill(&mut salt)?;
    rng.fill(&mut nonce)?;
    let mut file = MAGIC.to_vec();
    file.extend(VERSION.to_be_bytes());
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        file.extend(number.to_be_bytes());
    }
    file.extend(salt);
    file.extend(nonce);
    let cipher = cipher(passphrase, &salt, cost)?;
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: &file })
        .map_err(|_| WalletError::from(ErrorCode::Internal))?;
    file.extend(sealed);
    let digest = Sha256::digest(&file);
    file.extend(digest);
    Ok(file)
}

fn cipher(passphrase: &str, salt: &[u8], cost: Cost) -> Result<Aes256Gcm, WalletError> {
    let failed = || WalletError::from(ErrorCode::Internal);
    let params = cost.params().ok_or_else(failed)?;
    let mut memory: Vec<Block> = Vec::new();
    // A phone that has not so much memory says so; it does not kill the app.
    memory.try_reserve_exact(params.block_count()).map_err(|_| failed())?;
    memory.resize(params.block_count(), Block::default());
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase.as_bytes(), salt, key.as_mut(), &mut memory)
        .map_err(|_| failed())?;
    Ok(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::SystemRng;
    use proptest::prelude::*;

    const QUICK: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn sealed() -> Vec<u8> {
        seal(b"MARKER-CONTENT", "correct horse battery", QUICK, &SystemRng).unwrap()
    }

    fn open(file: &[u8], passphrase: &str) -> Result<Vec<u8>, ErrorCode> {
        let sealed = Sealed::parse(file).map_err(|error| error.code())?;
        sealed.open(passphrase).map(|plain| plain.to_vec()).map_err(|error| error.code())
    }

    /// The same file with its closing hash made to fit, as somebody would who wants to be taken for undamaged.
    fn hashed(mut file: Vec<u8>) -> Vec<u8> {
        file.truncate(file.len() - DIGEST);
        let digest = Sha256::digest(&file);
        file.extend(digest);
        file
    }

    #[test]
    fn only_the_passphrase_opens_it_and_the_file_tells_nothing() {
        let file = sealed();
        assert_eq!(open(&file, "correct horse battery").unwrap(), b"MARKER-CONTENT");
        assert_eq!(open(&file, "correct horse batterY"), Err(ErrorCode::BackupPassphraseWrong));
        assert_eq!(open(&file, ""), Err(ErrorCode::BackupPassphraseWrong));
        assert!(!file.windows(6).any(|window| window == b"MARKER"));
        assert_ne!(sealed()[HEADER..], file[HEADER..], "salt and nonce are new each time");
    }

    #[test]
    fn every_flipped_bit_is_damage_and_none_is_a_wrong_passphrase() {
        let file = sealed();
        for at in 0..file.len() {
            let mut damaged = file.clone();
            damaged[at] ^= 1;
            let said = open(&damaged, "correct horse battery");
            // The version's first byte makes it a newer file.
            assert!(matches!(said, Err(ErrorCode::BackupDamaged | ErrorCode::BackupTooNew)), "{at} {said:?}");
            assert!(said != Err(ErrorCode::BackupTooNew) || (16..18).contains(&at), "{at}");
            assert_eq!(open(&file[..at], "correct horse battery"), Err(ErrorCode::BackupDamaged), "cut at {at}");
        }
    }

    #[test]
    fn what_was_tampered_with_does_not_open() {
        let file = sealed();
        for at in 30..file.len() - DIGEST {
            let mut other = file.clone();
            other[at] ^= 1;
            assert_eq!(open(&hashed(other), "correct horse battery"), Err(ErrorCode::BackupPassphraseWrong), "{at}");
        }
    }

    #[test]
    fn a_file_cannot_ask_for_all_memory_or_all_time() {
        for (at, number) in [(18, MAX_MEMORY_KIB + 1), (18, u32::MAX), (18, 0), (22, 17), (22, 0), (26, 17), (26, 0)] {
            let mut greedy = sealed();
            greedy[at..at + 4].copy_from_slice(&number.to_be_bytes());
            assert_eq!(open(&hashed(greedy), "x"), Err(ErrorCode::BackupDamaged), "{at} {number}");
        }
    }

    #[test]
    fn a_newer_file_says_so() {
        let mut newer = sealed();
        newer[17] = 2;
        assert_eq!(open(&newer, "x"), Err(ErrorCode::BackupTooNew));
        assert_eq!(open(&newer[..18], "x"), Err(ErrorCode::BackupTooNew));
    }

    /// RFC 9106 §4: a file of these bytes stays readable in every later version.
    #[test]
    fn the_recommended_cost_is_what_the_rfc_recommends() {
        assert_eq!(Cost::RECOMMENDED, Cost { memory_kib: 65_536, passes: 3, lanes: 4 });
        assert!(Cost::RECOMMENDED.params().is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_sealed_comes_back(plain: Vec<u8>, passphrase: String) {
            let file = seal(&plain, &passphrase, QUICK, &SystemRng).unwrap();
            prop_assert_eq!(open(&file, &passphrase).unwrap(), plain);
        }

        #[test]
        fn no_bytes_panic(tail: Vec<u8>) {
            let _ = open(&tail, "x");
            let _ = open(&[MAGIC.as_slice(), &[0, 1], &tail].concat(), "x");
        }
    }
}
