//! The room's SQL: browsers known to persons.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// Whether the browser is bound to the person behind `bound`.
pub(super) async fn knows(tx: &mut Tx, browser: i64, bound: &[u8], now: Millis) -> Result<bool, StoreError> {
    let row = crate::fetch_optional!(
        tx,
        (i64,),
        "SELECT browser FROM known_browser WHERE browser = $1 AND bound = $2 AND expires_at > $3",
        browser,
        bound,
        now
    )?;
    Ok(row.is_some())
}

/// Binds a browser to a person until `until`.
pub(super) async fn remember(tx: &mut Tx, browser: i64, bound: &[u8], until: Millis) -> Result<(), StoreError> {
    crate::execute!(
        tx,
        "INSERT INTO known_browser (browser, bound, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (browser, bound) DO UPDATE SET expires_at = $3",
        browser,
        bound,
        until
    )?;
    Ok(())
}

/// Deletes a batch of what has ended.
pub(super) async fn expire(tx: &mut Tx, now: Millis, batch: i64) -> Result<u64, StoreError> {
    crate::execute!(
        tx,
        "DELETE FROM known_browser WHERE (browser, bound) IN
            (SELECT browser, bound FROM known_browser WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        now,
        batch
    )
}
