//! Table `used_assertion`.

use crate::clock::Millis;
use crate::execute;
use crate::store::{StoreError, Tx};

/// Remembers an assertion; `false` where it was there already: of concurrent tries one is first.
pub(super) async fn remember(tx: &mut Tx, jti_hash: Vec<u8>, expires_at: Millis) -> Result<bool, StoreError> {
    let added = execute!(
        tx,
        "INSERT INTO used_assertion (jti_hash, expires_at) VALUES ($1, $2) ON CONFLICT (jti_hash) DO NOTHING",
        jti_hash,
        expires_at
    )?;
    Ok(added == 1)
}

/// Forgets at most `batch` assertions that ended before `before`.
pub(super) async fn delete_before(tx: &mut Tx, before: Millis, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM used_assertion WHERE jti_hash IN \
         (SELECT jti_hash FROM used_assertion WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        before,
        batch
    )
}
