//! Table `consent`: what is remembered of what people agreed to, one row per client and person.

use super::super::consent::Consent;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::registry::PersonId;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// A memory as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::authorization) struct ConsentRow {
    pub(in crate::authorization) asked_hash: String,
    /// Sealed.
    pub(in crate::authorization) decision: Vec<u8>,
    pub(in crate::authorization) signature: Option<String>,
    pub(in crate::authorization) statement: Option<String>,
    pub(in crate::authorization) key_id: Option<i64>,
    pub(in crate::authorization) given_at: Millis,
    pub(in crate::authorization) receipt_id: Option<i64>,
}

pub(in crate::authorization) async fn find(
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
) -> Result<Option<ConsentRow>, StoreError> {
    fetch_optional!(
        tx,
        ConsentRow,
        "SELECT asked_hash, decision, signature, statement, key_id, given_at, receipt_id FROM consent
         WHERE client_mount = $1 AND client_id = $2 AND person = $3",
        mount.name(),
        client_id,
        person.0
    )
}

/// Writes a memory in the place of the one before; `sealed` is its decision.
pub(in crate::authorization) async fn put(
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
    consent: &Consent,
    sealed: &[u8],
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO consent (client_mount, client_id, person, asked_hash, decision, signature, statement, key_id,
            given_at, expires_at, receipt_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (client_mount, client_id, person) DO UPDATE SET asked_hash = excluded.asked_hash,
            decision = excluded.decision, signature = excluded.signature, statement = excluded.statement,
            key_id = excluded.key_id, given_at = excluded.given_at, expires_at = excluded.expires_at,
            receipt_id = excluded.receipt_id",
        mount.name(),
        client_id,
        person.0,
        &consent.asked_hash,
        sealed,
        &consent.signature,
        &consent.statement,
        consent.key,
        consent.given_at,
        consent.decision.consent_expires,
        consent.decision.receipt,
    )?;
    Ok(())
}

/// Keeps the memory that stands on this receipt, and is of what is asked now, for this transaction; `false` where there is
/// no such memory any more.
pub(in crate::authorization) async fn take(
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
    receipt: i64,
    asked_hash: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let taken = execute!(
        tx,
        "UPDATE consent SET used_at = $1
         WHERE client_mount = $2 AND client_id = $3 AND person = $4 AND receipt_id = $5 AND asked_hash = $6",
        now,
        mount.name(),
        client_id,
        person.0,
        receipt,
        asked_hash,
    )?;
    Ok(taken > 0)
}

pub(in crate::authorization) async fn forget(
    tx: &mut Tx,
    mount: Mount,
    client_id: &str,
    person: PersonId,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM consent WHERE client_mount = $1 AND client_id = $2 AND person = $3",
        mount.name(),
        client_id,
        person.0
    )?;
    Ok(())
}

/// Forgets all that a person agreed to.
pub(in crate::authorization) async fn forget_all(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM consent WHERE person = $1", person.0)?;
    Ok(())
}

/// A memory as it lies, with whose it is and for which client.
#[derive(sqlx::FromRow)]
pub(in crate::authorization) struct Kept {
    pub(in crate::authorization) client_mount: String,
    pub(in crate::authorization) client_id: String,
    pub(in crate::authorization) person: i64,
    pub(in crate::authorization) asked_hash: String,
    /// Sealed.
    pub(in crate::authorization) decision: Vec<u8>,
    pub(in crate::authorization) signature: Option<String>,
    pub(in crate::authorization) statement: Option<String>,
    pub(in crate::authorization) key_id: Option<i64>,
    pub(in crate::authorization) given_at: Millis,
    pub(in crate::authorization) receipt_id: Option<i64>,
}

/// All memories of the next person above a primary key who has some.
pub(in crate::authorization) async fn of_next(tx: &mut Tx, after: i64) -> Result<Vec<Kept>, StoreError> {
    fetch_all!(
        tx,
        Kept,
        "SELECT client_mount, client_id, person, asked_hash, decision, signature, statement, key_id, given_at, receipt_id
         FROM consent WHERE person = (SELECT MIN(person) FROM consent WHERE person > $1)
         ORDER BY client_mount, client_id",
        after
    )
}
