//! What an approval yields: authorization codes, access tokens and refresh tokens, their one use, their end; and the one
//! use of what a client shows when it asks.
//!
//! Codes and tokens are opaque (`ids`); the database holds hashes of their secrets, and who they are about only sealed.

mod access_token;
mod assertion;
mod claims_request;
mod code;
mod model;
mod refresh;
#[cfg(test)]
mod refresh_tests;
mod revoke;
mod store;
#[cfg(test)]
mod tests;

pub use access_token::{NotIssued, access_token, has_ended, issue_to_client};
pub use assertion::{Assertion, HeldKey, Shown, expire_assertions};
pub use claims_request::{ClaimRequest, ClaimsRequest, Place};
pub use code::{issue_code, redeem, report};
pub use model::{AccessToken, Approval, Grant, Issued, NotRedeemed, Presented, RedeemError, RefreshToken, Reported};
pub use refresh::{NotRefreshed, RefreshError, Refreshed, Refreshing, Scopes, refresh, refresh_token};
pub use revoke::{Revoked, revoke};

use crate::clock::Millis;
use crate::registry::Fault;
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::StoreError;

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// Deletes a batch of codes and tokens that are of no more use; gives how many. Used codes stay as long as what they got
/// may live, so that their second use is noticed.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let lifetimes = &state.config.lifetimes;
    let now = state.clock.now();
    let seconds = i64::from(lifetimes.code) + i64::from(lifetimes.access_token) + 60;
    let before = state.ids.first_at(now - seconds * 1000);
    // Access tokens read of their family who they are about, and whether it was revoked.
    let families_before = now - (i64::from(lifetimes.access_token) + 60) * 1000;
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let rows = store::delete_before(tx, before, BATCH).await?;
                Ok(rows + store::family::delete_ended(tx, families_before, BATCH).await?)
            })
        })
        .await
}

fn after(state: &AppState, seconds: u32) -> Millis {
    state.clock.now() + Millis::from(seconds) * 1000
}

fn context(code_id: i64) -> String {
    format!("approval/{code_id}")
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "authorization_code",
        key: &[Key::Number("id")],
        column: "approval",
        purpose: Purpose::Transactions,
        context: |key| context(number(key, 0)).into_bytes(),
    },
    Column {
        table: "access_token",
        key: &[Key::Number("id"), Key::Number("code_id")],
        column: "approval",
        purpose: Purpose::Transactions,
        context: |key| context(number(key, 1)).into_bytes(),
    },
    Column {
        table: "token_family",
        key: &[Key::Number("id")],
        column: "approval",
        purpose: Purpose::Transactions,
        context: |key| context(number(key, 0)).into_bytes(),
    },
];

fn seal(state: &AppState, code_id: i64, approval: &Approval) -> Result<Vec<u8>, StoreError> {
    let unwritable = StoreError::Corrupt { what: "approval" };
    let Ok(clear) = serde_json::to_vec(approval) else { return Err(unwritable) };
    let sealed = state.secrets.seal(Purpose::Transactions, context(code_id).as_bytes(), &clear, &*state.rng);
    sealed.map_err(|_| unwritable)
}

fn open(state: &AppState, code_id: i64, sealed: &[u8]) -> Result<Approval, Fault> {
    let clear = state.secrets.open(Purpose::Transactions, context(code_id).as_bytes(), sealed)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "approval" })?)
}
