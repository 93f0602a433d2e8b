//! What a wallet and a server must agree on to the byte: keys and signatures (RFC 7515, 7517, 7638), the link a QR
//! code carries, the tokens a wallet signs, and the JSON bodies of the linked-authorization API and of the wallet's
//! own calls.
//!
//! Pure functions: no I/O, no async, no randomness, no clock. Whoever checks a time gives the time: **seconds** since
//! the epoch for the claims of signed tokens (`iat`, `exp`), **milliseconds** for the JSON envelope. Identifiers and
//! nonces are given by the caller too.
//!
//! Types that carry a secret or personal data (codes, transaction ids, OTPs, the identifier of a person) have a
//! `Debug` that prints the type's name and nothing else.

mod redact;

pub mod base45;
pub mod base64url;
pub mod binding;
pub mod claim169;
pub mod claim_time;
pub mod consent;
pub mod consents;
pub mod devices;
pub mod envelope;
pub mod error_code;
pub mod inbox;
pub mod jwk;
pub mod jws;
pub mod lenient;
pub mod link;
pub mod linked;
pub mod timestamp;
pub mod wallet_request;
pub mod wla;
