//! Who is calling: clients that prove it with an assertion, bearers of tokens.

mod assertion;
mod bearer;
mod client;
mod form;
#[cfg(test)]
mod tests;

pub use bearer::{Caller, bearer, demand, require_scope};
pub use client::{ASSERTION_TYPE, Proven, client, used_before};
pub use form::Form;
