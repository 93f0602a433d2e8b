//! Plumbing only: envelopes, headers, limits. Nothing here knows what the server is for.

pub mod envelope;
pub mod fetch;
pub mod openapi;
