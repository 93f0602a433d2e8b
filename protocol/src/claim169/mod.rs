//! Claim 169: an identity in a QR code, readable without a network (MOSIP QR code specification 1.2, IANA CWT claim 169).
//!
//! The text is Base45 of zlib of a COSE_Sign1 (RFC 9052 §4.2) over CWT claims (RFC 8392), among them 169: a map of the
//! person's attributes by number. [`read`] takes it apart and vouches for nothing; [`Unverified::check`] holds it against
//! issuers that were pinned before and gives every reason why it does not stand. [`Draft`] writes what it reads.

mod cbor;
mod certificates;
mod check;
mod cwt;
mod identity;
mod write;

pub use certificates::{NotARoot, Root};
pub use check::{Claim169, Doubt, PinnedIssuer};
pub use cwt::Unverified;
pub use identity::{Biometric, Gender, Identity, ImageFormat, MaritalStatus, Photo};
pub use write::{Draft, WriteError};

use std::io::Read as _;

use crate::base45;

/// Longest text taken, in bytes: no QR code holds more than 4,296 characters of Base45's alphabet (ISO/IEC 18004).
pub const MAX_TEXT_BYTES: usize = 4_296;
/// Most bytes taken after inflation.
pub const MAX_CBOR_BYTES: usize = 64 * 1024;

/// Why a text is no Claim 169 credential. Holds nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Longer than [`MAX_TEXT_BYTES`].
    #[error("longer than a QR code")]
    TooLong,
    /// Not Base45.
    #[error("not Base45 text")]
    NotBase45,
    /// Not one whole zlib stream, or one that inflates beyond [`MAX_CBOR_BYTES`].
    #[error("not a zlib stream of acceptable size")]
    NotZlib,
    /// Not a COSE_Sign1.
    #[error("not a COSE_Sign1")]
    NotCose,
    /// A COSE_Encrypt0 or COSE_Encrypt: readable only with a key that wallets do not have.
    #[error("encrypted for somebody else")]
    Encrypted,
    /// A critical header that is not known here (RFC 9052 §3.1).
    #[error("a critical header that is not known")]
    UnknownCritical,
    /// The payload is no map of CWT claims, or a claim is of the wrong type.
    #[error("not CWT claims")]
    NotCwt,
    /// There is no claim 169, or it is no map with whole numbers as keys.
    #[error("no claim 169")]
    NoClaim169,
    /// A member of claim 169 has the wrong type or a value outside its list.
    #[error("member {0} of claim 169 is malformed")]
    MalformedMember(i64),
}

/// Takes the text of a QR code apart.
///
/// # Errors
/// [`ReadError`].
pub fn read(text: &str) -> Result<Unverified, ReadError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ReadError::TooLong);
    }
    let packed = base45::decode(text).map_err(|_| ReadError::NotBase45)?;
    Unverified::parse(&inflate(&packed)?)
}

/// All of one zlib stream and nothing after it.
fn inflate(packed: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut stream = flate2::bufread::ZlibDecoder::new(packed);
    let mut plain = Vec::new();
    let read = stream.by_ref().take(MAX_CBOR_BYTES as u64 + 1).read_to_end(&mut plain);
    let whole = read.is_ok() && plain.len() <= MAX_CBOR_BYTES && stream.into_inner().is_empty();
    if whole { Ok(plain) } else { Err(ReadError::NotZlib) }
}
