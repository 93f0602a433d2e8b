//! The citizen's own view: what was agreed to, with whom, and by which wallets; and its end. On a page (`/account`), and
//! for the wallet (`/wallet/consents/*`).
//!
//! The page has no password and no login of its own: it is a relying party of our own issuer, in this process, so that
//! QR code, one-time password and PIN all lead to it.
//!
//! ```text
//! /account ─▶ sign-in ─▶ /op/authorize ─▶ … ─▶ callback ─▶ /account ─ withdraw, revoke ─▶ /account ─▶ sign-out
//! ```

mod answer;
pub mod fields;
pub mod forms;
#[cfg(test)]
mod logout_tests;
pub mod page;
mod session;
pub mod sign_in;
mod store;
#[cfg(test)]
mod tests;
pub mod wallet;

pub use session::SEALED;

use crate::state::AppState;
use crate::store::StoreError;

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Deletes a batch of sessions that are over; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let before = state.ids.first_at(state.clock.now() - i64::from(state.config.lifetimes.account) * 1000);
    state.store.write(move |tx| Box::pin(store::delete_before(tx, before, BATCH))).await
}
