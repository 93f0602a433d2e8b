//! Table `token_family`.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// A family to be stored; its id is its code's.
pub(in crate::grants) struct NewFamily {
    pub(in crate::grants) id: i64,
    pub(in crate::grants) seed: Vec<u8>,
    pub(in crate::grants) mount: &'static str,
    pub(in crate::grants) client_id: String,
    pub(in crate::grants) approval: Vec<u8>,
    pub(in crate::grants) receipt: Option<i64>,
    pub(in crate::grants) dpop_jkt: Option<String>,
    pub(in crate::grants) expires_at: Millis,
}

pub(in crate::grants) async fn insert(tx: &mut Tx, family: NewFamily) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO token_family (id, seed, generation, mount, client_id, approval, receipt_id, dpop_jkt, expires_at) \
         VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8)",
        family.id,
        family.seed,
        family.mount,
        family.client_id,
        family.approval,
        family.receipt,
        family.dpop_jkt,
        family.expires_at
    )?;
    Ok(())
}

/// A family as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::grants) struct FamilyRow {
    pub(in crate::grants) seed: Vec<u8>,
    pub(in crate::grants) generation: i64,
    pub(in crate::grants) mount: String,
    pub(in crate::grants) client_id: String,
    pub(in crate::grants) approval: Vec<u8>,
    pub(in crate::grants) receipt_id: Option<i64>,
    pub(in crate::grants) dpop_jkt: Option<String>,
    pub(in crate::grants) expires_at: Millis,
    pub(in crate::grants) used_at: Option<Millis>,
    pub(in crate::grants) used_jkt: Option<String>,
    pub(in crate::grants) revoked_at: Option<Millis>,
}

pub(in crate::grants) async fn find(tx: &mut Tx, id: i64) -> Result<Option<FamilyRow>, StoreError> {
    fetch_optional!(
        tx,
        FamilyRow,
        "SELECT seed, generation, mount, client_id, approval, receipt_id, dpop_jkt, expires_at, used_at, used_jkt, \
         revoked_at \
         FROM token_family WHERE id = $1",
        id
    )
}

/// Uses the refresh token of this generation, and makes the one of generation `next` good; `false` where another request was
/// faster, or the family was revoked. Of any number of concurrent tries, on any number of nodes, one replaces it.
pub(in crate::grants) async fn advance(
    tx: &mut Tx,
    id: i64,
    (generation, next): (i64, i64),
    jkt: Option<&str>,
    now: Millis,
) -> Result<bool, StoreError> {
    let changed = execute!(
        tx,
        "UPDATE token_family SET generation = $1, used_at = $2, used_jkt = $3 \
         WHERE id = $4 AND generation = $5 AND revoked_at IS NULL AND expires_at > $2",
        next,
        now,
        jkt,
        id,
        generation
    )?;
    Ok(changed == 1)
}

/// Revokes all that came of a code while away; `false` where there is nothing to revoke, or nothing any more.
pub(in crate::grants) async fn revoke(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    let changed =
        execute!(tx, "UPDATE token_family SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL", now, id)?;
    Ok(changed == 1)
}

/// Deletes at most `batch` families that ended before `before`.
pub(in crate::grants) async fn delete_ended(tx: &mut Tx, before: Millis, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM token_family WHERE id IN \
         (SELECT id FROM token_family WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
        before,
        batch
    )
}
