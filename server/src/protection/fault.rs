//! Why a document's protection does not hold: in words for whoever made it, naming places and never values.

use crate::keys::KeyError;
use crate::osia::Refusal;

/// What is wrong, and where.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct Fault {
    /// The block or member: `documentData[0].integrity[1]`.
    pub place: String,
    /// What is wrong with it.
    #[source]
    pub reason: Reason,
}

/// What is wrong.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// Not the members that the schema has.
    #[error("not a block as OSIA defines it")]
    Block,
    /// Not a whitespace-separated list of JSON paths, or a costlier one than is taken.
    #[error("the scope is not a list of JSON paths (RFC 9535) that this server takes")]
    Scope,
    /// More than a scope is followed through.
    #[error(
        "the document has more members than a scope with `*`, `..`, `?`, `:` or lists is followed through: name each"
    )]
    Crowded,
    /// An integer that the canonical form cannot tell from its neighbours.
    #[error("an integer in scope is beyond 2^53, where RFC 8785 cannot tell it from its neighbours: send it as text")]
    Number,
    /// A path that finds nothing.
    #[error("the scope finds nothing in this document")]
    Empty,
    /// Another hash algorithm.
    #[error("alg must be SHA256, SHA384 or SHA512")]
    Algorithm,
    /// The hash is another.
    #[error("the hash is not that of the data in scope")]
    Hash,
    /// `JWS` or `PKCS7` without one.
    #[error("this type needs a signature or a signatureRef")]
    Unsigned,
    /// The signature does not hold.
    #[error("the signature is not one over the hash by a key that is registered for this client")]
    Signature,
    /// The client's keys are published by it and cannot be had now.
    #[error("the client's keys cannot be fetched")]
    NoKeys,
    /// Nothing that a key of this server opens.
    #[error("what is in scope is not encrypted for a key of this server")]
    Encrypted,
    /// What is encrypted as CMS EnvelopedData does not open, or nothing shows that it is what its maker encrypted. One refusal
    /// for both and for a hash that does not hold: who could tell them apart would learn what is encrypted, bit by bit.
    #[error(
        "what is encrypted as PKCS7 does not open, or no integrity block over it, in the clear, holds: AES-CBC notices no \
         change, so add such a block, or use JWE"
    )]
    Envelope,
    /// What was encrypted is no JSON.
    #[error("what was encrypted is not JSON")]
    NotJson,
    /// A reference to something else than a buffer of this document.
    #[error("a reference must be the URL of a buffer that was uploaded here")]
    Reference,
    /// More than is opened in memory.
    #[error("this buffer is too large to be encrypted as a whole, or the blocks of this document hash too much")]
    TooLarge,
    /// The client's policy asks for a member that is missing.
    #[error("this client's policy requires this member")]
    Required,
    /// The client's policy asks for an integrity block over this.
    #[error("this client's policy requires an integrity block with this in its scope")]
    Uncovered,
    /// The same, signed.
    #[error("this client's policy requires a signed integrity block with this in its scope")]
    Unproven,
    /// The client's policy asks for encryption of this.
    #[error("this client's policy requires that this is encrypted")]
    InClear,
    /// The server's keys or store failed; nothing is known about the document.
    #[error("temporarily unavailable")]
    Unavailable,
}

impl Reason {
    /// At a place.
    #[must_use]
    pub fn at(self, place: impl Into<String>) -> Fault {
        Fault { place: place.into(), reason: self }
    }
}

impl From<KeyError> for Reason {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::NotForUs => Self::Encrypted,
            error => {
                tracing::error!(%error, "a key to open an upload with could not be had");
                Self::Unavailable
            }
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault.reason {
            Reason::Unavailable | Reason::NoKeys => Self::Unavailable,
            Reason::TooLarge => Self::TooLarge,
            _ => Self::bad(fault.to_string()),
        }
    }
}
