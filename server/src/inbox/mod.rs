//! Questions of relying parties to persons: may you be told these claims, by calls of your own? The wallet pulls them; nobody is
//! ever pushed. A yes is a receipt as of any consent, a no keeps the relying party from asking again for a while.
//!
//! ```text
//! POST /inbox/requests ─▶ open ─ wallet: yes ─▶ agreed (a receipt)
//!                              ─ wallet: no ──▶ declined
//!                              ─ DELETE ──────▶ taken back
//!                              ─ time ────────▶ expired
//! ```

mod ask;
mod carried;
pub mod cli;
mod model;
pub mod requests;
mod store;
#[cfg(test)]
mod tests;
pub mod wallet;

pub use carried::{Carried, CarriedAsked, carry, settle};

use crate::clock::Millis;
use crate::registry::{Fault, PersonId};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx};
use model::{Content, Open, Outcome};

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

const HOUR: Millis = 3600 * 1000;

/// A person's questions are found by this, and by nobody who has only the database.
fn holder(state: &AppState, person: PersonId) -> Vec<u8> {
    state.secrets.mac(Purpose::Lookup, &[b"inbox", &person.0.to_be_bytes()])
}

fn context(id: i64) -> Vec<u8> {
    format!("consent_question/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "consent_question",
    key: &[Key::Number("id")],
    column: "content",
    purpose: Purpose::Consents,
    context: |key| context(number(key, 0)),
}];

/// What a row says.
fn read(state: &AppState, row: &store::Row) -> Result<Open, Fault> {
    let clear = state.secrets.open(Purpose::Consents, &context(row.id), &row.content)?;
    let content: Content = serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "question" })?;
    Open::of(row, content).ok_or_else(|| StoreError::Corrupt { what: "question" }.into())
}

/// Ends every question that a person could still answer, in the caller's transaction; gives how many. For those whose consents
/// are erased: nobody's yes comes after it by an older question.
///
/// # Errors
/// [`StoreError`].
pub async fn end_all(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<u64, StoreError> {
    store::end_all(tx, &holder(state, person), state.clock.now()).await
}

/// Deletes a batch of questions that ended, or could have been answered, more than `inbox.kept_days` ago; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let until = state.clock.now() - Millis::from(state.config.inbox.kept_days) * 24 * HOUR;
    let before = state.ids.first_at(until);
    state.store.write(move |tx| Box::pin(store::delete_before(tx, before, BATCH))).await
}
