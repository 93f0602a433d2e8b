//! Integrity and encryption of what OSIA's interfaces carry (OSIA security chapter, "Confidentiality and Integrity"): parts
//! of a document are hashed, signed or encrypted by whoever made it, whatever carries them.
//!
//! A document holds blocks, at its root and in some of its objects. The paths of a block start at the object that holds it
//! (`holders`, `scope`). An integrity block's hash is over the canonical form (RFC 8785) of the nodes in its scope
//! (`canonical`), its signature is by a key that the client registered (`signature`). What is encrypted, is for a key of this
//! server (`encrypted`); it stays encrypted where it lies, and is made clear where it is checked or processed.

mod blocks;
mod buffers;
mod canonical;
mod encrypted;
mod fault;
mod holders;
mod integrity;
mod policy;
pub mod published;
mod references;
mod scope;
mod signature;
#[cfg(test)]
mod tests;
mod verify;

pub use blocks::{Encryption, EncryptionType, HashAlgorithm, Integrity, SignatureType};
pub use buffers::{Buffers, NoBuffers};
pub use canonical::{canonical, intermediate};
pub use encrypted::{Clear, buffer_in_clear};
pub use fault::{Fault, Reason};
pub use scope::{Location, Scope, Step};
pub use verify::{clear, verify, verify_enrollment};
