//! Tables `imported_subject` and `told_subject`.

use super::super::model::PersonId;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_optional};

/// `false` where the person has one at this relying party, or another person has this one.
pub(in crate::registry) async fn insert(
    tx: &mut Tx,
    relying_party_id: &str,
    person: PersonId,
    subject: &str,
) -> Result<bool, StoreError> {
    let added = execute!(
        tx,
        "INSERT INTO imported_subject (relying_party_id, person, subject) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        relying_party_id,
        person.0,
        subject
    )?;
    Ok(added == 1)
}

/// Whether there are any.
pub(in crate::registry) async fn any(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(fetch_optional!(tx, (i64,), "SELECT person FROM imported_subject LIMIT 1")?.is_some())
}

pub(in crate::registry) async fn find(
    tx: &mut Tx,
    relying_party_id: &str,
    person: PersonId,
) -> Result<Option<String>, StoreError> {
    let sql = "SELECT subject FROM imported_subject WHERE relying_party_id = $1 AND person = $2";
    Ok(fetch_optional!(tx, (String,), sql, relying_party_id, person.0)?.map(|(subject,)| subject))
}

/// Subjects after one of a relying party and a person, in the order of both.
pub(in crate::registry) async fn after(
    tx: &mut Tx,
    relying_party_id: &str,
    person: PersonId,
    most: i64,
) -> Result<Vec<(String, PersonId, String)>, StoreError> {
    let rows = crate::fetch_all!(
        tx,
        (String, i64, String),
        "SELECT relying_party_id, person, subject FROM imported_subject
         WHERE relying_party_id > $1 OR (relying_party_id = $1 AND person > $2)
         ORDER BY relying_party_id, person LIMIT $3",
        relying_party_id,
        person.0,
        most
    )?;
    Ok(rows.into_iter().map(|(party, person, subject)| (party, PersonId(person), subject)).collect())
}

/// Whose an imported subject is.
pub(in crate::registry) async fn imported_as(
    tx: &mut Tx,
    relying_party_id: &str,
    subject: &str,
) -> Result<Option<PersonId>, StoreError> {
    let sql = "SELECT person FROM imported_subject WHERE relying_party_id = $1 AND subject = $2";
    Ok(fetch_optional!(tx, (i64,), sql, relying_party_id, subject)?.map(|(person,)| PersonId(person)))
}

/// Keeps that a subject was told; once is enough.
pub(in crate::registry) async fn insert_told(tx: &mut Tx, lookup: &[u8], person: PersonId) -> Result<(), StoreError> {
    let sql = "INSERT INTO told_subject (lookup, person) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    execute!(tx, sql, lookup, person.0)?;
    Ok(())
}

/// Whose a subject is that was told.
pub(in crate::registry) async fn told_as(tx: &mut Tx, lookup: &[u8]) -> Result<Option<PersonId>, StoreError> {
    let found = fetch_optional!(tx, (i64,), "SELECT person FROM told_subject WHERE lookup = $1", lookup)?;
    Ok(found.map(|(person,)| PersonId(person)))
}

/// Look-ups of told subjects above one, in their order, each with whose it is.
pub(in crate::registry) async fn told_after(
    tx: &mut Tx,
    after: &[u8],
    most: i64,
) -> Result<Vec<(Vec<u8>, PersonId)>, StoreError> {
    let sql = "SELECT lookup, person FROM told_subject WHERE lookup > $1 ORDER BY lookup LIMIT $2";
    let rows = crate::fetch_all!(tx, (Vec<u8>, i64), sql, after, most)?;
    Ok(rows.into_iter().map(|(lookup, person)| (lookup, PersonId(person))).collect())
}
