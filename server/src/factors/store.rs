//! The room's SQL: counters, one-time passwords, PINs.

pub(super) mod carried;

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// How long a counter is kept after it ended, so that a guesser who waits meets a longer lock-out each time.
const MEMORY: Millis = 7 * 24 * 3_600_000;

/// A counter of wrong guesses in a row: at most `limit`, forgotten `lockout` after the last one.
pub(super) struct Guesses {
    pub(super) limit: i64,
    pub(super) lockout: Millis,
}

/// Counts one guess before it is looked at; `false` where there is none left. One statement decides, so that guesses in
/// parallel cannot be more than the limit (case E2). Every further lock-out lasts one `lockout` longer.
pub(super) async fn count_guess(tx: &mut Tx, subject: &str, now: Millis, allow: &Guesses) -> Result<bool, StoreError> {
    let counted = fetch_optional!(
        tx,
        (i64,),
        "INSERT INTO attempt (subject, used, locks, ends_at, keep_until) VALUES ($1, 1, 0, $2 + $3, $2 + $3 + $5)
         ON CONFLICT (subject) DO UPDATE SET
           used = CASE WHEN attempt.ends_at > $2 THEN attempt.used + 1 ELSE 1 END,
           locks = CASE WHEN attempt.ends_at > $2 OR attempt.used < $4 THEN attempt.locks ELSE attempt.locks + 1 END,
           ends_at = $2 + $3 * (1 + CASE WHEN attempt.ends_at > $2 OR attempt.used < $4 THEN attempt.locks ELSE attempt.locks + 1 END),
           keep_until = $2 + $5 + $3 * (1 + CASE WHEN attempt.ends_at > $2 OR attempt.used < $4 THEN attempt.locks ELSE attempt.locks + 1 END)
         WHERE attempt.ends_at <= $2 OR attempt.used < $4
         RETURNING used",
        subject,
        now,
        allow.lockout,
        allow.limit,
        MEMORY
    )?;
    Ok(counted.is_some())
}

/// Whether a subject has no guess left; counts nothing.
pub(super) async fn is_locked(tx: &mut Tx, subject: &str, now: Millis, limit: i64) -> Result<bool, StoreError> {
    let locked = fetch_optional!(
        tx,
        (i64,),
        "SELECT used FROM attempt WHERE subject = $1 AND ends_at > $2 AND used >= $3",
        subject,
        now,
        limit
    )?;
    Ok(locked.is_some())
}

/// Forgets the wrong guesses of a subject, after a right one.
pub(super) async fn forget(tx: &mut Tx, subject: &str) -> Result<bool, StoreError> {
    Ok(execute!(tx, "DELETE FROM attempt WHERE subject = $1", subject)? == 1)
}

/// Counts one OTP to be sent; `false` where `limit` were sent since the window began.
pub(super) async fn count_sent(
    tx: &mut Tx,
    subject: &str,
    now: Millis,
    window: Millis,
    limit: i64,
) -> Result<bool, StoreError> {
    let counted = fetch_optional!(
        tx,
        (i64,),
        "INSERT INTO attempt (subject, used, locks, ends_at, keep_until) VALUES ($1, 1, 0, $2 + $3, $2 + $3)
         ON CONFLICT (subject) DO UPDATE SET
           used = CASE WHEN attempt.ends_at > $2 THEN attempt.used + 1 ELSE 1 END,
           ends_at = CASE WHEN attempt.ends_at > $2 THEN attempt.ends_at ELSE $2 + $3 END,
           keep_until = CASE WHEN attempt.ends_at > $2 THEN attempt.keep_until ELSE $2 + $3 END
         WHERE attempt.ends_at <= $2 OR attempt.used < $4
         RETURNING used",
        subject,
        now,
        window,
        limit
    )?;
    Ok(counted.is_some())
}

/// A one-time password as stored.
pub(super) struct StoredOtp {
    pub(super) purpose: String,
    pub(super) person: i64,
    pub(super) mac: Vec<u8>,
    pub(super) expires_at: Millis,
}

/// Stores a one-time password; an earlier one for the same purpose and person is dead from now on.
pub(super) async fn put_otp(tx: &mut Tx, otp: StoredOtp) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO otp (purpose, person, mac, expires_at, tries, used_at) VALUES ($1, $2, $3, $4, 0, NULL)
         ON CONFLICT (purpose, person) DO UPDATE SET
           mac = excluded.mac, expires_at = excluded.expires_at, tries = 0, used_at = NULL",
        otp.purpose,
        otp.person,
        otp.mac,
        otp.expires_at
    )?;
    Ok(())
}

/// Counts one guess at a one-time password, before it is looked at.
pub(super) async fn count_otp_try(tx: &mut Tx, purpose: &str, person: i64) -> Result<(), StoreError> {
    execute!(tx, "UPDATE otp SET tries = tries + 1 WHERE purpose = $1 AND person = $2", purpose, person)?;
    Ok(())
}

/// Takes a one-time password, once; `false` where it is another, expired, used or guessed at too often.
pub(super) async fn take_otp(
    tx: &mut Tx,
    purpose: &str,
    person: i64,
    mac: &[u8],
    now: Millis,
    tries: i64,
) -> Result<bool, StoreError> {
    let taken = fetch_optional!(
        tx,
        (i64,),
        "UPDATE otp SET used_at = $4
         WHERE purpose = $1 AND person = $2 AND mac = $3 AND used_at IS NULL AND expires_at > $4 AND tries <= $5
         RETURNING person",
        purpose,
        person,
        mac,
        now,
        tries
    )?;
    Ok(taken.is_some())
}

/// A PIN as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct PinRow {
    /// PHC string.
    pub(super) hash: String,
    /// What it was hashed with beside itself, sealed, where that is not this instance's own.
    pub(super) pepper: Option<Vec<u8>>,
}

/// The PIN of a person.
pub(super) async fn pin(tx: &mut Tx, person: i64) -> Result<Option<PinRow>, StoreError> {
    fetch_optional!(tx, PinRow, "SELECT hash, pepper FROM pin WHERE person = $1", person)
}

/// Sets the PIN of a person.
pub(super) async fn put_pin(tx: &mut Tx, person: i64, hash: String, now: Millis) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO pin (person, hash, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at, pepper = NULL",
        person,
        hash,
        now
    )?;
    Ok(())
}

/// Deletes the PIN of a person, and every password that waits to be typed.
pub(super) async fn erase(tx: &mut Tx, person: i64) -> Result<(), StoreError> {
    for sql in ["DELETE FROM pin WHERE person = $1", "DELETE FROM otp WHERE person = $1"] {
        execute!(tx, sql, person)?;
    }
    Ok(())
}

/// Removes what has ended, at most `most` rows of each kind; tells how many.
pub(super) async fn expire(tx: &mut Tx, now: Millis, most: i64) -> Result<u64, StoreError> {
    let counters = execute!(
        tx,
        "DELETE FROM attempt WHERE subject IN (SELECT subject FROM attempt WHERE keep_until <= $1 LIMIT $2)",
        now,
        most
    )?;
    let passwords = execute!(
        tx,
        "DELETE FROM otp WHERE expires_at <= $1 AND (purpose, person) IN
         (SELECT purpose, person FROM otp WHERE expires_at <= $1 LIMIT $2)",
        now,
        most
    )?;
    Ok(counters + passwords)
}
