//! How odd a login from another device looks, and what its client's policy makes of that.
//!
//! The browser that began and the wallet that scanned are compared: their networks, and countries where the operator has
//! a file that tells them (`near`, `places`); whether this person has used this browser before (`known_browser`); whether
//! the code was scanned twice; whether very many logins come from one network (`sources`). [`admit`] and [`limits`] decide
//! from that, as plain functions of what was found. All of it raises an attacker's cost, no more.

mod decide;
mod known_browser;
mod network;
mod number;
mod origin;
mod places;
mod sources;
mod store;
mod terms;
#[cfg(test)]
mod tests;

pub use decide::{Findings, Refusal, admit, limits};
pub use known_browser::{Visitor, cookie, knows, remember};
pub use network::near;
pub use number::{is_number, number};
pub use origin::Origin;
pub use places::{Place, PlacesError, load, place};
pub use terms::{Number, Terms};

use crate::state::AppState;
use crate::store::StoreError;

/// Rows deleted by one call of [`expire`].
const BATCH: i64 = 500;

/// Deletes a batch of browsers that are known no longer; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::expire(tx, now, BATCH))).await
}
