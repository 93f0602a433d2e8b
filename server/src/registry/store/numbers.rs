//! SQL of UINs and virtual ids.

use crate::clock::Millis;
use crate::registry::model::{IdentifierKind, PersonId};
use crate::registry::sealed::SealedIdentifier;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx};

/// An identifier as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::registry) struct Row {
    pub(in crate::registry) kind: String,
    pub(in crate::registry) sealed: Vec<u8>,
    pub(in crate::registry) made_at: Option<Millis>,
    pub(in crate::registry) ends_at: Option<Millis>,
    pub(in crate::registry) revoked_at: Option<Millis>,
}

/// Whether somebody has an identifier, or it was given out.
pub(in crate::registry) async fn is_taken(tx: &mut Tx, lookup: &Hash) -> Result<bool, StoreError> {
    let sql = "SELECT person FROM person_identifier WHERE lookup IN ($1, $2)";
    let held = crate::fetch_optional!(tx, (i64,), sql, lookup.newest(), lookup.before())?.is_some();
    Ok(held || is_issued(tx, lookup).await?)
}

/// Whether a UIN was given out.
pub(in crate::registry) async fn is_issued(tx: &mut Tx, lookup: &Hash) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM uin_issued WHERE lookup IN ($1, $2)";
    Ok(crate::fetch_optional!(tx, (i64,), sql, lookup.newest(), lookup.before())?.is_some())
}

/// `false` where the number was given out already.
pub(in crate::registry) async fn issue(
    tx: &mut Tx,
    lookup: &Hash,
    id: i64,
    sealed: &[u8],
    now: Millis,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO uin_issued (lookup, id, sealed, issued_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    Ok(crate::execute!(tx, sql, lookup.newest(), id, sealed, now)? == 1)
}

/// Numbers that were given out, above a primary key, with when: at most `most`.
pub(in crate::registry) async fn issued(
    tx: &mut Tx,
    after: i64,
    most: i64,
) -> Result<Vec<(i64, Vec<u8>, i64)>, StoreError> {
    let sql = "SELECT id, sealed, issued_at FROM uin_issued WHERE id > $1 ORDER BY id LIMIT $2";
    crate::fetch_all!(tx, (i64, Vec<u8>, i64), sql, after, most)
}

/// Gives a person one more identifier; `false` where somebody has it.
pub(in crate::registry) async fn give(
    tx: &mut Tx,
    person: PersonId,
    identifier: &SealedIdentifier,
    now: Millis,
    ends_at: Option<Millis>,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO person_identifier (lookup, person, kind, place, sealed, made_at, ends_at)
               VALUES ($1, $2, $3, (SELECT COALESCE(MAX(place), -1) + 1 FROM person_identifier WHERE person = $2),
                       $4, $5, $6)
               ON CONFLICT DO NOTHING";
    let kind = identifier.kind.name();
    Ok(crate::execute!(tx, sql, identifier.lookup.newest(), person.0, kind, &identifier.sealed, now, ends_at)? == 1)
}

/// Every identifier of a person, ended ones too.
pub(in crate::registry) async fn all(tx: &mut Tx, person: PersonId) -> Result<Vec<Row>, StoreError> {
    let sql =
        "SELECT kind, sealed, made_at, ends_at, revoked_at FROM person_identifier WHERE person = $1 ORDER BY place";
    crate::fetch_all!(tx, Row, sql, person.0)
}

/// Gives an identifier that was just written the times that it had in another instance.
pub(in crate::registry) async fn set_times(
    tx: &mut Tx,
    lookup: &Hash,
    made_at: Option<Millis>,
    ends_at: Option<Millis>,
    revoked_at: Option<Millis>,
) -> Result<(), StoreError> {
    let sql = "UPDATE person_identifier SET made_at = $1, ends_at = $2, revoked_at = $3 WHERE lookup = $4";
    crate::execute!(tx, sql, made_at, ends_at, revoked_at, lookup.newest())?;
    Ok(())
}

/// `false` where it is no virtual id of this person, or is revoked already.
pub(in crate::registry) async fn revoke(
    tx: &mut Tx,
    person: PersonId,
    lookup: &Hash,
    now: Millis,
) -> Result<bool, StoreError> {
    let sql = "UPDATE person_identifier SET revoked_at = $1
               WHERE lookup IN ($2, $3) AND person = $4 AND kind = $5 AND revoked_at IS NULL";
    let kind = IdentifierKind::Vid.name();
    Ok(crate::execute!(tx, sql, now, lookup.newest(), lookup.before(), person.0, kind)? == 1)
}
