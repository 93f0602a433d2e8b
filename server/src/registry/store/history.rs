//! SQL of the history of persons.

use crate::clock::Millis;
use crate::registry::model::PersonId;
use crate::store::{StoreError, Tx};

/// An entry as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::registry) struct Row {
    pub(in crate::registry) id: i64,
    pub(in crate::registry) at: Millis,
    pub(in crate::registry) sealed: Vec<u8>,
}

pub(in crate::registry) async fn insert(
    tx: &mut Tx,
    id: i64,
    person: PersonId,
    at: Millis,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_history (id, person, at, sealed) VALUES ($1, $2, $3, $4)";
    crate::execute!(tx, sql, id, person.0, at, sealed)?;
    Ok(())
}

pub(in crate::registry) async fn insert_evidence(
    tx: &mut Tx,
    id: i64,
    person: PersonId,
    history: i64,
    sealed: &[u8],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_evidence (id, person, history, sealed) VALUES ($1, $2, $3, $4)";
    crate::execute!(tx, sql, id, person.0, history, sealed)?;
    Ok(())
}

/// A person's entries after `after`, oldest first.
pub(in crate::registry) async fn of(
    tx: &mut Tx,
    person: PersonId,
    after: i64,
    most: i64,
) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, at, sealed FROM person_history WHERE person = $1 AND id > $2 ORDER BY id LIMIT $3";
    crate::fetch_all!(tx, Row, sql, person.0, after, most)
}

/// A piece of evidence, with whose it is.
pub(in crate::registry) async fn evidence(tx: &mut Tx, id: i64) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    crate::fetch_optional!(tx, (i64, Vec<u8>), "SELECT person, sealed FROM person_evidence WHERE id = $1", id)
}
