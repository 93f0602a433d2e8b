//! The header `Digest` (RFC 3230, RFC 5843): hashes of a body, in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::sha::{Sha1, Sha256, Sha512};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::osia::Refusal;

/// Name of the header.
pub const DIGEST: &str = "digest";

/// Hashes of a buffer, made while it passes by.
pub struct Hashing {
    sha: Sha1,
    sha_256: Sha256,
    sha_512: Sha512,
}

/// Hashes of a whole buffer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    sha: Vec<u8>,
    sha_256: Vec<u8>,
    sha_512: Vec<u8>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { sha: Sha1::new(), sha_256: Sha256::new(), sha_512: Sha512::new() }
    }
}

impl Hashing {
    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.sha.update(piece);
        self.sha_256.update(piece);
        self.sha_512.update(piece);
    }

    /// All three hashes.
    #[must_use]
    pub fn finish(self) -> Digests {
        Digests {
            sha: self.sha.finish().to_vec(),
            sha_256: self.sha_256.finish().to_vec(),
            sha_512: self.sha_512.finish().to_vec(),
        }
    }
}

impl Digests {
    /// The header's value: all three algorithms, the strongest that most know first.
    #[must_use]
    pub fn header(&self) -> String {
        let [sha, sha_256, sha_512] = [&self.sha, &self.sha_256, &self.sha_512].map(|hash| STANDARD.encode(hash));
        format!("SHA-256={sha_256},SHA-512={sha_512},SHA={sha}")
    }

    /// Reads [`Digests::header`]; `None` where one of the three is missing.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let Claimed(claimed) = Claimed::read(std::iter::once(header)).ok()?;
        let of = |wanted| claimed.iter().find(|(algorithm, _)| *algorithm == wanted).map(|(_, hash)| hash.clone());
        Some(Self { sha: of(Algorithm::Sha)?, sha_256: of(Algorithm::Sha256)?, sha_512: of(Algorithm::Sha512)? })
    }

    fn of(&self, algorithm: Algorithm) -> &[u8] {
        match algorithm {
            Algorithm::Sha => &self.sha,
            Algorithm::Sha256 => &self.sha_256,
            Algorithm::Sha512 => &self.sha_512,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha,
    Sha256,
    Sha512,
}

impl Algorithm {
    /// By its registered name, in whatever case.
    fn named(name: &str) -> Option<(Self, usize)> {
        [("SHA", Self::Sha, 20), ("SHA-256", Self::Sha256, 32), ("SHA-512", Self::Sha512, 64)]
            .into_iter()
            .find_map(|(known, algorithm, bytes)| known.eq_ignore_ascii_case(name).then_some((algorithm, bytes)))
    }
}

/// What a client says of its buffer.
pub struct Claimed(Vec<(Algorithm, Vec<u8>)>);

impl Claimed {
    /// Reads the values of the header; no header claims nothing. Algorithms that are not known are passed over, where one
    /// that is stands beside them.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where it is malformed, or has no algorithm that is known.
    pub fn read<'h>(values: impl Iterator<Item = &'h str>) -> Result<Self, Refusal> {
        let mut claimed = Vec::new();
        let mut any = false;
        for instance in values.flat_map(|value| value.split(',')) {
            any = true;
            let malformed = || Refusal::bad("Digest: must be ALGORITHM=BASE64, several with commas between (RFC 3230)");
            let (name, value) = instance.split_once('=').ok_or_else(malformed)?;
            let Some((algorithm, bytes)) = Algorithm::named(name.trim()) else { continue };
            let hash = STANDARD.decode(value.trim()).map_err(|_| malformed())?;
            if hash.len() != bytes {
                return Err(malformed());
            }
            claimed.push((algorithm, hash));
        }
        if any && claimed.is_empty() {
            return Err(Refusal::bad("Digest: use SHA-256, SHA-512 or SHA (RFC 3230, RFC 5843)"));
        }
        Ok(Self(claimed))
    }

    /// Holds the claims against what came.
    ///
    /// # Errors
    /// [`Refusal::Bad`] where one of them is wrong.
    pub fn check(&self, digests: &Digests) -> Result<(), Refusal> {
        let right = self.0.iter().all(|(algorithm, hash)| bool::from(digests.of(*algorithm).ct_eq(hash)));
        if right { Ok(()) } else { Err(Refusal::bad("Digest: is not that of the body: send it again")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digests(bytes: &[u8]) -> Digests {
        let mut hashing = Hashing::default();
        for piece in bytes.chunks(3) {
            hashing.update(piece);
        }
        hashing.finish()
    }

    fn check(header: &[&str]) -> Result<(), Refusal> {
        Claimed::read(header.iter().copied())?.check(&digests(b"4\r\nwiki"))
    }

    #[test]
    fn what_is_written_of_digests_is_read_again() {
        let given = digests(b"4\r\nwiki");
        assert!(Digests::read(&given.header()).unwrap() == given);
        assert!(Digests::read("SHA=qZk+NkcGgWq6PiVxeFDCbJzQ2J0=").is_none());
    }

    /// OSIA-BUF-01c, OSIA-BUF-02b.
    #[test]
    fn osia_buf_01c_what_is_given_back_is_what_is_taken() {
        let given = digests(b"4\r\nwiki").header();
        check(&[&given]).unwrap();
        check(&[given.to_lowercase().replace("sha-256=", "x=").split(',').next().unwrap(), "md5=aa==", &given])
            .unwrap();
        check(&[]).unwrap();
        // SHA-1 and SHA-256 of "abc" (FIPS 180-4).
        let abc = digests(b"abc");
        let sha = "SHA=qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
        let sha_256 = "sha-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        Claimed::read([sha, sha_256].into_iter()).unwrap().check(&abc).unwrap();
        Claimed::read([format!("{sha} , {sha_256}").as_str()].into_iter()).unwrap().check(&abc).unwrap();
    }

    #[test]
    fn osia_buf_01c_a_wrong_or_unreadable_digest_is_refused() {
        let hex = "SHA=a9993e364706816aba3e25717850c26c9cd0d89d";
        let other = "SHA=qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
        let right = digests(b"4\r\nwiki").header();
        for bad in [hex, other, "SHA", "", "MD5=abcd", "SHA-256=", "SHA-256=!!", "SHA-256=qZk+NkcGgWq6PiVxeFDCbJzQ2J0="]
        {
            assert!(matches!(check(&[bad]), Err(Refusal::Bad(_))), "{bad}");
        }
        assert!(check(&[&right, other]).is_err());
    }
}
