//! Plumbing only: envelopes, headers, limits. Nothing here knows what the server is for.

pub mod client_address;
pub mod cors;
pub mod csrf;
pub mod envelope;
pub mod fetch;
pub mod first_bytes;
pub mod headers;
pub mod limits;
pub mod mail;
pub mod openapi;
pub mod session;
