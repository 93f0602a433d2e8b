//! Everything that this server holds, to be taken elsewhere (GS-GEN-11): persons with identifiers, attributes, face,
//! verifications and history, their identities in the population registry, their PINs and wallets, what they agreed to and
//! were asked, what relying parties know them by; enrollments and their buffers, and what became of them; clients, topics,
//! subscriptions, watch lists, what was counted, and the audit trail. `tessera export` writes it, `tessera restore` reads it
//! into an empty instance.
//!
//! A file has one JSON object in each line; its first line says what it is, its last one how much of everything there is and
//! what all of it hashes to, so that one that was cut off or changed is known. Encrypted, each line is a compact JWE
//! (RFC 7516) to one key. What is larger than memory, buffers, is written in pieces.
//!
//! What a file is read into goes on where it stopped: how many lines are written is written with them.

pub mod cli;
mod envelope;
mod export;
mod import;
mod line;
mod names;
mod settle;
mod store;
#[cfg(test)]
mod tests;

pub use envelope::{Envelope, EnvelopeError, Opener};
pub use export::export;
pub use import::{ImportError, check, import, is_unfinished};
pub use line::{Chunk, Counts, Head, Line, Names, Subject};
pub use names::{SEALED, at_home};
pub use settle::settle;
