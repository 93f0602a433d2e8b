//! Who is calling: clients that prove it by the method they registered, bearers of tokens.

mod assertion;
mod bearer;
mod client;
pub mod dpop;
mod form;
#[cfg(test)]
mod methods_tests;
mod offered;
mod secret_jwt;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unproven_tests;

pub use bearer::{Caller, Credential, bearer, credential, demand, require_scope};
pub use client::{ASSERTION_TYPE, Proof, Proven, client, used_before};
pub use form::Form;
