//! How often a client may be told that something is wrong of a person: verifying again and again is a way of guessing.

use super::store::{self, Told};
use crate::clock::Millis;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A client may be wrong so often in this time.
const HOUR: Millis = 3_600_000;
/// Seconds after which one that may not ask now should come back.
pub(super) const COME_BACK: u32 = 3600;
/// What one is told that may not.
pub(super) const OFTEN: &str = "too often in an hour something was wrong of this person: ask the person for what is right, and \
                                verify once the seconds of the header retry-after are over";
/// Counters deleted at once.
const BATCH: i64 = 500;

/// Counts an answer that is about to be given, in the caller's transaction; `false` where the client was told often enough
/// for a while, and is to be told nothing. Right answers count for nothing, and are held back all the same: of guesses made side by
/// side, none is answered beyond the limit.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn may_tell(
    state: &AppState,
    tx: &mut Tx,
    (mount, client_id): (&'static str, &str),
    person: PersonId,
    right: bool,
) -> Result<bool, StoreError> {
    let most = i64::from(state.config.verification.misses_per_hour);
    if most == 0 {
        return Ok(true);
    }
    let now = state.clock.now();
    let told = Told { person: person.0, mount, client_id, wrong: i64::from(!right), now, until: now + HOUR };
    store::count(tx, &told, most).await
}

/// Forgets a batch of counters whose hour is over; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::forget(tx, now, BATCH))).await
}
