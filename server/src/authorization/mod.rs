//! The login transaction: what a relying party asks for, who answers, what they agree to.
//!
//! `model` is its state machine, `request` what was asked and found good, `store` its rows; `linked/` moves the same
//! transaction when a wallet answers instead of the browser.

mod model;
mod request;
pub mod store;

pub use model::{Authenticated, Decision, Denial, DeniedBy, Link, Stage, StageError, Transaction};
pub use request::{Claim, Claims, Display, Prompt, Request};

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod store_tests;
