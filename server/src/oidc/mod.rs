//! OpenID Connect towards relying parties: tokens, claims, keys, metadata. The authorization endpoint is a page's.

mod aml;
mod assurance;
mod authorization_metadata;
mod claims;
pub mod discovery;
mod grant;
mod id_token;
pub mod introspection;
pub mod jwks;
mod place;
pub mod registration;
pub mod revocation;
pub mod token;
pub mod userinfo;

#[cfg(test)]
mod tests;
