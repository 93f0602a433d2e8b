//! SQL of wallet keys as another instance had them.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};

/// A wallet key as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::binding) struct Row {
    pub(in crate::binding) id: i64,
    pub(in crate::binding) person: i64,
    pub(in crate::binding) thumbprint: String,
    pub(in crate::binding) jwk: String,
    pub(in crate::binding) alg: String,
    pub(in crate::binding) profile: String,
    pub(in crate::binding) mount: String,
    pub(in crate::binding) proven: i64,
    pub(in crate::binding) key_security: Option<String>,
    pub(in crate::binding) name: Vec<u8>,
    pub(in crate::binding) certificate: String,
    pub(in crate::binding) x5t: String,
    pub(in crate::binding) created_at: Millis,
    pub(in crate::binding) expires_at: Millis,
    pub(in crate::binding) used_at: Option<Millis>,
    pub(in crate::binding) revoked_at: Option<Millis>,
}

/// Keys above a row, at most `most`; revoked and expired ones too.
pub(in crate::binding) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    crate::fetch_all!(
        tx,
        Row,
        "SELECT id, person, thumbprint, jwk, alg, profile, mount, proven, key_security, name, certificate, x5t,
            created_at, expires_at, used_at, revoked_at
         FROM wallet_key WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

/// Writes a key as it was; `false` where it is bound already.
pub(in crate::binding) async fn insert(tx: &mut Tx, row: &Row) -> Result<bool, StoreError> {
    let inserted = crate::execute!(
        tx,
        "INSERT INTO wallet_key (id, person, thumbprint, jwk, alg, profile, mount, proven, key_security, name,
            certificate, x5t, created_at, expires_at, used_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT DO NOTHING",
        row.id,
        row.person,
        &row.thumbprint,
        &row.jwk,
        &row.alg,
        &row.profile,
        &row.mount,
        row.proven,
        &row.key_security,
        &row.name,
        &row.certificate,
        &row.x5t,
        row.created_at,
        row.expires_at,
        row.used_at,
        row.revoked_at
    )?;
    Ok(inserted == 1)
}
