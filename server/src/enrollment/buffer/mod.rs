//! Buffers: files beside an enrollment, in chunks that are sealed one by one, so that neither sending nor reading one needs
//! room for all of it (OSIA-BUF).
//!
//! A buffer may be sent before its enrollment is made, as OSIA's functional chapter has it and one-step enrollments need;
//! it waits for that `[enrollment] buffer_seconds`. One that is not whole is nobody's, and is cleared away.

mod carried;
mod create;
pub mod digest;
mod read;
mod reference;

use serde::{Deserialize, Serialize};

pub use carried::{Carried, Next, carry, carry_chunk, settle, settle_chunk};
pub use create::{BufferId, post};
pub use read::get;
pub use reference::{Piece, piece};

use super::store::buffers;
use crate::state::AppState;
use crate::store::StoreError;
use digest::Digests;

/// Bytes of a chunk.
const CHUNK: usize = 256 * 1024;

/// What is known of a whole buffer.
#[derive(Serialize, Deserialize)]
struct About {
    media_type: String,
    size: u64,
    digests: Digests,
}

/// Clears one buffer away that was never completed, or whose enrollment never came; gives how many there were.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let config = &state.config.enrollment;
    let now = state.clock.now();
    // Twice as long as one may take, so that none is cleared away under whoever sends it.
    let begun = now - i64::try_from(config.transfer_seconds).unwrap_or(i64::MAX / 4000).saturating_mul(2000);
    let stored = now - i64::from(config.buffer_seconds) * 1000;
    state.store.write(move |tx| Box::pin(async move { buffers::expire(tx, begun, stored).await })).await
}
