//! Who somebody unknown is, sought on a watch list (OSIA-IDU-04, OSIA-IDU-05, GS-VER-04). For services that look for persons
//! by law: only among those that the operator entered, off unless the configuration names the list, every call written down
//! with its actor.

mod carried;
pub mod cli;
mod entry;
mod routes;
mod store;
mod task;
#[cfg(test)]
mod tests;

pub use carried::{Carried, carry, settle};
pub use routes::{IdentifyQuery, IdentifyRequest, TaskId, post, result};
pub use task::tend;

use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;
use crate::store::StoreError;

/// Rows deleted at once, so that no request waits long behind it.
const BATCH: i64 = 500;

/// What watch lists and their searches keep sealed, to be sealed anew.
pub const SEALED: &[Column] = &[
    Column {
        table: "watch_entry",
        key: &[Key::Number("id")],
        column: "content",
        purpose: Purpose::Biographics,
        context: |key| entry::context(number(key, 0)),
    },
    Column {
        table: "identify_task",
        key: &[Key::Number("id")],
        column: "content",
        purpose: Purpose::Biographics,
        context: |key| task::context(number(key, 0), "search"),
    },
    Column {
        table: "identify_task",
        key: &[Key::Number("id")],
        column: "result",
        purpose: Purpose::Biographics,
        context: |key| task::context(number(key, 0), "result"),
    },
];

/// Deletes a batch of tasks whose result is kept no longer; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::delete_expired(tx, now, BATCH))).await
}
