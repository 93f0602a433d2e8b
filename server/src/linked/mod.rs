//! Login by QR code: the browser shows a link code, a wallet claims it, proves who is there, and consents or denies.
//!
//! One file per call of `linked-authorization/*`, and `/wallet/deny`. The state is the transaction's own
//! (`authorization::Stage`); here are the two capabilities that lead to it: the link code, which gives one wallet the
//! right to take part, and the linked transaction id, which is that right.

mod access;
mod admission;
mod approved;
pub mod auth_code;
pub mod authenticate;
pub mod browser_kind;
pub mod code;
pub mod consent;
pub(crate) mod deep_link;
pub mod deny;
mod ended;
pub mod events;
mod frame;
mod poll;
pub mod report;
pub(crate) mod returned;
pub(crate) mod same_device;
pub mod send_otp;
mod signatures;
mod slots;
pub mod status;
mod store;
pub mod transaction;

pub use auth_code::SEALED;
pub use slots::Slots;

use crate::authorization::Transaction;
use crate::error::ApiError;
use crate::state::AppState;
use crate::store::StoreError;

/// Rows deleted by one call of [`expire`], of each kind.
const BATCH: i64 = 500;

/// Deletes what no living transaction can need, a few hundred rows at a time; tells how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let (now, lifetimes) = (state.clock.now(), state.config.lifetimes.clone());
    state.store.write(move |tx| Box::pin(async move { store::sweep(tx, now, BATCH, &lifetimes).await })).await
}

/// Whether a second wallet tried to claim the code of a login.
///
/// # Errors
/// [`ApiError::Unavailable`] where the database does not answer.
pub(crate) async fn scanned_twice(state: &AppState, transaction: &Transaction) -> Result<bool, ApiError> {
    let id = transaction.id;
    Ok(state.store.read(move |tx| Box::pin(store::was_rescanned(tx, id))).await?)
}

#[cfg(test)]
mod events_tests;
#[cfg(test)]
mod interleaving_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod rotation_tests;
#[cfg(test)]
pub(crate) mod test_kit;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wallet_tests;
