//! The login transaction: what a relying party asks for, who answers, what they agree to.
//!
//! `model` is its state machine, `checks` what a request must pass, `request` what was found good, `store` the rows;
//! `linked/` moves the same transaction when a wallet answers instead of the browser.

pub mod approval;
mod asked;
pub mod auth_factors;
pub mod authorize;
mod begin;
pub mod bodies;
pub mod checks;
pub mod cli;
mod configs;
pub mod consent;
pub mod guard;
pub mod login;
mod model;
mod request;
pub mod routes;
pub mod scopes;
pub mod store;
pub mod withdrawal;

pub use asked::{Asked, ClaimsAsked};
pub use configs::configs;
pub use model::{Authenticated, Decision, Denial, DeniedBy, Link, Stage, StageError, Transaction};
pub use request::{Claim, Claims, Display, Prompt, Request};
pub use store::TransactionError;

use crate::state::AppState;
use crate::store::StoreError;

/// Rows of one kind deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Deletes a batch of transactions, nonces and consents that are over; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::sweep(tx, now, BATCH))).await
}

#[cfg(test)]
mod consent_tests;
#[cfg(test)]
mod end_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod page_tests_kit;
#[cfg(test)]
mod route_tests;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod withdrawal_tests;
