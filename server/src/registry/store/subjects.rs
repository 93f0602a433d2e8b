//! Table `imported_subject`.

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
