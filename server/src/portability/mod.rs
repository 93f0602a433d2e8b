//! Everything that this server holds about persons, to be taken elsewhere (GS-GEN-11): persons with identifiers, attributes,
//! face, verifications and history, their identities in the population registry, what they agreed to, what relying
//! parties know them by, and the audit trail. `tessera export` writes it, `tessera restore` reads it into an empty
//! instance.
//!
//! A file has one JSON object in each line; its first line says what it is, its last one how much of everything there is,
//! so that one that was cut off is known. Encrypted, each line is a compact JWE (RFC 7516) to one key.

pub mod cli;
mod envelope;
mod export;
mod import;
mod line;
#[cfg(test)]
mod tests;

pub use envelope::{Envelope, EnvelopeError, Opener};
pub use export::export;
pub use import::{ImportError, import};
pub use line::{Counts, Head, Line, Subject};
