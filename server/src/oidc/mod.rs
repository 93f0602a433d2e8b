//! OpenID Connect towards relying parties: tokens, claims, keys, metadata. The authorization endpoint is a page's.

pub mod discovery;
mod id_token;
pub mod jwks;
pub mod registration;
pub mod token;
pub mod userinfo;

#[cfg(test)]
mod tests;
