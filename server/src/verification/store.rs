//! Table `verification_guess`.

use crate::clock::Millis;
use crate::execute;
use crate::store::{StoreError, Tx};

/// An answer about a person, to a client.
pub(super) struct Told<'a> {
    pub(super) person: i64,
    pub(super) mount: &'static str,
    pub(super) client_id: &'a str,
    /// 1 where something was wrong.
    pub(super) wrong: i64,
    pub(super) now: Millis,
    /// The end of the time in which it counts, where it is the first.
    pub(super) until: Millis,
}

/// Counts an answer; `false` where `most` were wrong already. One statement decides, so that answers given side by side
/// wait for each other.
pub(super) async fn count(tx: &mut Tx, told: &Told<'_>, most: i64) -> Result<bool, StoreError> {
    let counted = execute!(
        tx,
        "INSERT INTO verification_guess (person, client_mount, client_id, wrong, until) VALUES ($1, $2, $3, $4, $6)
         ON CONFLICT (person, client_mount, client_id) DO UPDATE SET
           wrong = CASE WHEN verification_guess.until > $5 THEN verification_guess.wrong + $4 ELSE $4 END,
           until = CASE WHEN verification_guess.until > $5 THEN verification_guess.until ELSE $6 END
         WHERE verification_guess.until <= $5 OR verification_guess.wrong < $7",
        told.person,
        told.mount,
        told.client_id,
        told.wrong,
        told.now,
        told.until,
        most
    )?;
    Ok(counted == 1)
}

pub(super) async fn forget(tx: &mut Tx, now: Millis, most: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM verification_guess WHERE (person, client_mount, client_id) IN
            (SELECT person, client_mount, client_id FROM verification_guess WHERE until <= $1 ORDER BY until LIMIT $2)",
        now,
        most
    )
}
