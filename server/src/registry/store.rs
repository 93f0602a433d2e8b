//! The registry's SQL.

pub(super) mod history;
pub(super) mod numbers;
pub(super) mod subjects;
pub(super) mod uniqueness;

use super::model::{IdentifierKind, PersonId, Status};
use super::sealed::SealedIdentifier;
use crate::clock::Millis;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx, take_turn};

/// A person ready to be written.
pub(super) struct Rows {
    pub(super) id: PersonId,
    pub(super) biographics: Vec<u8>,
    pub(super) identifiers: Vec<SealedIdentifier>,
    pub(super) photo: Option<Vec<u8>>,
    pub(super) verifications: Option<Vec<u8>>,
}

/// What claims are made of.
#[derive(sqlx::FromRow)]
pub(super) struct Biographics {
    pub(super) biographics: Vec<u8>,
    pub(super) updated_at: Millis,
}

/// A person in a list.
pub(super) struct Listed {
    pub(super) id: PersonId,
    pub(super) status: Status,
    pub(super) created_at: Millis,
}

/// Writes a person. `Err` with the kind of the first identifier that is taken.
pub(super) async fn insert(tx: &mut Tx, person: &Rows, now: Millis) -> Result<Result<(), IdentifierKind>, StoreError> {
    crate::execute!(
        tx,
        "INSERT INTO person (id, status, biographics, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)",
        person.id.0,
        Status::Active.name(),
        &person.biographics,
        now
    )?;
    for (place, identifier) in (0i64..).zip(&person.identifiers) {
        if identifier.lookup.is_double() {
            take_turn(tx).await?;
            if kind_of(tx, &identifier.lookup).await?.is_some() {
                return Ok(Err(identifier.kind));
            }
        }
        let inserted = crate::execute!(
            tx,
            "INSERT INTO person_identifier (lookup, person, kind, place, sealed) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
            identifier.lookup.newest(),
            person.id.0,
            identifier.kind.name(),
            place,
            &identifier.sealed
        )?;
        if inserted == 0 {
            return Ok(Err(identifier.kind));
        }
    }
    if let Some(photo) = &person.photo {
        crate::execute!(tx, "INSERT INTO person_photo (person, sealed) VALUES ($1, $2)", person.id.0, photo)?;
    }
    if let Some(verifications) = &person.verifications {
        set_verifications(tx, person.id, verifications).await?;
    }
    touch(tx, person.id).await?;
    Ok(Ok(()))
}

/// Notes that a person's attributes are others than before.
async fn touch(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_touched (person) VALUES ($1) ON CONFLICT DO NOTHING";
    crate::execute!(tx, sql, person.0)?;
    Ok(())
}

/// Persons whose attributes changed since somebody looked, at most `most`.
pub(super) async fn touched(tx: &mut Tx, most: i64) -> Result<Vec<PersonId>, StoreError> {
    let rows = crate::fetch_all!(tx, (i64,), "SELECT person FROM person_touched ORDER BY person LIMIT $1", most)?;
    Ok(rows.into_iter().map(|(person,)| PersonId(person)).collect())
}

pub(super) async fn is_touched(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    let sql = "SELECT person FROM person_touched WHERE person = $1";
    Ok(crate::fetch_optional!(tx, (i64,), sql, person.0)?.is_some())
}

/// Takes a note that a person's attributes changed; `false` where another did.
pub(super) async fn take_touched(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    Ok(crate::execute!(tx, "DELETE FROM person_touched WHERE person = $1", person.0)? == 1)
}

/// Whether there is no person.
pub(super) async fn is_empty(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(crate::fetch_optional!(tx, (i64,), "SELECT id FROM person LIMIT 1")?.is_none())
}

/// Status and times of a person.
pub(super) async fn times(tx: &mut Tx, person: PersonId) -> Result<Option<(Status, Millis, Millis)>, StoreError> {
    let sql = "SELECT status, created_at, updated_at FROM person WHERE id = $1";
    let found = crate::fetch_optional!(tx, (String, i64, i64), sql, person.0)?;
    found.map(|(status, created, updated)| Ok((read_status(&status)?, created, updated))).transpose()
}

/// Gives a person that was just written the status and times of another instance.
pub(super) async fn set_times(
    tx: &mut Tx,
    person: PersonId,
    (status, created, updated): (Status, Millis, Millis),
) -> Result<(), StoreError> {
    let sql = "UPDATE person SET status = $1, created_at = $2, updated_at = $3 WHERE id = $4";
    crate::execute!(tx, sql, status.name(), created, updated, person.0)?;
    Ok(())
}

/// Deletes what a person is found by and known by. The row stays, disabled: others refer to it.
pub(super) async fn erase(tx: &mut Tx, person: PersonId, nothing: &[u8], now: Millis) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM person_identifier WHERE person = $1",
        "DELETE FROM person_photo WHERE person = $1",
        "DELETE FROM person_verification WHERE person = $1",
        "DELETE FROM person_change WHERE person = $1",
        "DELETE FROM person_touched WHERE person = $1",
        "DELETE FROM imported_subject WHERE person = $1",
        "DELETE FROM person_evidence WHERE person = $1",
        "DELETE FROM person_history WHERE person = $1",
        "DELETE FROM person_block WHERE person = $1",
    ] {
        crate::execute!(tx, sql, person.0)?;
    }
    let sql = "UPDATE person SET status = $1, biographics = $2, updated_at = $3 WHERE id = $4";
    crate::execute!(tx, sql, Status::Disabled.name(), nothing, now, person.0)?;
    Ok(())
}

/// Who has this identifier, whatever the person's status. One that ended or was revoked is nobody's.
pub(super) async fn find(tx: &mut Tx, lookup: &Hash, now: Millis) -> Result<Option<(PersonId, Status)>, StoreError> {
    let found = crate::fetch_optional!(
        tx,
        (i64, String),
        "SELECT p.id, p.status FROM person_identifier i JOIN person p ON p.id = i.person
         WHERE i.lookup IN ($1, $2) AND i.revoked_at IS NULL AND (i.ends_at IS NULL OR i.ends_at > $3)",
        lookup.newest(),
        lookup.before(),
        now
    )?;
    found.map(|(id, status)| Ok((PersonId(id), read_status(&status)?))).transpose()
}

/// Of which kind an identifier is; `None` where nobody has it.
pub(super) async fn kind_of(tx: &mut Tx, lookup: &Hash) -> Result<Option<IdentifierKind>, StoreError> {
    let sql = "SELECT kind FROM person_identifier WHERE lookup IN ($1, $2)";
    let found = crate::fetch_optional!(tx, (String,), sql, lookup.newest(), lookup.before())?;
    let read = |(kind,): (String,)| IdentifierKind::named(&kind).ok_or(StoreError::Corrupt { what: "identifier kind" });
    found.map(read).transpose()
}

fn read_status(name: &str) -> Result<Status, StoreError> {
    Status::named(name).ok_or(StoreError::Corrupt { what: "person status" })
}

pub(super) async fn status(tx: &mut Tx, person: PersonId) -> Result<Option<Status>, StoreError> {
    let found = crate::fetch_optional!(tx, (String,), "SELECT status FROM person WHERE id = $1", person.0)?;
    found.map(|(status,)| read_status(&status)).transpose()
}

/// `false` where there is no such person.
pub(super) async fn set_status(tx: &mut Tx, person: PersonId, status: Status, now: Millis) -> Result<bool, StoreError> {
    let changed = crate::execute!(
        tx,
        "UPDATE person SET status = $1, updated_at = $2 WHERE id = $3",
        status.name(),
        now,
        person.0
    )?;
    Ok(changed == 1)
}

pub(super) async fn biographics(tx: &mut Tx, person: PersonId) -> Result<Option<Biographics>, StoreError> {
    crate::fetch_optional!(tx, Biographics, "SELECT biographics, updated_at FROM person WHERE id = $1", person.0)
}

pub(super) async fn photo(tx: &mut Tx, person: PersonId) -> Result<Option<Vec<u8>>, StoreError> {
    let found = crate::fetch_optional!(tx, (Vec<u8>,), "SELECT sealed FROM person_photo WHERE person = $1", person.0)?;
    Ok(found.map(|(sealed,)| sealed))
}

pub(super) async fn set_photo(tx: &mut Tx, person: PersonId, sealed: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_photo (person, sealed) VALUES ($1, $2)
               ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed";
    crate::execute!(tx, sql, person.0, sealed)?;
    Ok(())
}

/// Gives whether there was one.
pub(super) async fn delete_photo(tx: &mut Tx, person: PersonId) -> Result<bool, StoreError> {
    Ok(crate::execute!(tx, "DELETE FROM person_photo WHERE person = $1", person.0)? == 1)
}

/// Identifiers in the order in which they were given, without those that were revoked.
pub(super) async fn identifiers(tx: &mut Tx, person: PersonId) -> Result<Vec<(IdentifierKind, Vec<u8>)>, StoreError> {
    good_identifiers(tx, person, Millis::MIN).await
}

/// The same, without those that ended by `now`.
pub(super) async fn good_identifiers(
    tx: &mut Tx,
    person: PersonId,
    now: Millis,
) -> Result<Vec<(IdentifierKind, Vec<u8>)>, StoreError> {
    let rows = crate::fetch_all!(
        tx,
        (String, Vec<u8>),
        "SELECT kind, sealed FROM person_identifier
         WHERE person = $1 AND revoked_at IS NULL AND (ends_at IS NULL OR ends_at > $2) ORDER BY place",
        person.0,
        now
    )?;
    rows.into_iter()
        .map(|(kind, sealed)| {
            let kind = IdentifierKind::named(&kind).ok_or(StoreError::Corrupt { what: "identifier kind" })?;
            Ok((kind, sealed))
        })
        .collect()
}

/// Persons after `after`, in the order in which they were added.
pub(super) async fn list(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Listed>, StoreError> {
    let rows = crate::fetch_all!(
        tx,
        (i64, String, i64),
        "SELECT id, status, created_at FROM person WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )?;
    rows.into_iter()
        .map(|(id, status, created_at)| Ok(Listed { id: PersonId(id), status: read_status(&status)?, created_at }))
        .collect()
}

/// Biographics of a person, kept for this transaction, so that of two changes none is lost.
pub(super) async fn take_biographics(tx: &mut Tx, person: PersonId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "UPDATE person SET status = status WHERE id = $1 RETURNING biographics";
    Ok(crate::fetch_optional!(tx, (Vec<u8>,), sql, person.0)?.map(|(biographics,)| biographics))
}

pub(super) async fn set_biographics(
    tx: &mut Tx,
    person: PersonId,
    biographics: &[u8],
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "UPDATE person SET biographics = $1, updated_at = $2 WHERE id = $3";
    crate::execute!(tx, sql, biographics, now, person.0)?;
    touch(tx, person).await
}

/// A note of what changed.
#[derive(sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub(super) id: i64,
    pub(super) person: i64,
    pub(super) claims: String,
    pub(super) changed_at: Millis,
}

pub(super) async fn insert_change(
    tx: &mut Tx,
    id: i64,
    person: PersonId,
    claims: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_change (id, person, claims, changed_at) VALUES ($1, $2, $3, $4)";
    crate::execute!(tx, sql, id, person.0, claims, now)?;
    Ok(())
}

pub(super) async fn oldest_change(tx: &mut Tx) -> Result<Option<ChangeRow>, StoreError> {
    let sql = "SELECT id, person, claims, changed_at FROM person_change ORDER BY id LIMIT 1";
    crate::fetch_optional!(tx, ChangeRow, sql)
}

/// `false` where it is gone.
pub(super) async fn delete_change(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    Ok(crate::execute!(tx, "DELETE FROM person_change WHERE id = $1", id)? == 1)
}

pub(super) async fn verifications(tx: &mut Tx, person: PersonId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed FROM person_verification WHERE person = $1";
    Ok(crate::fetch_optional!(tx, (Vec<u8>,), sql, person.0)?.map(|(sealed,)| sealed))
}

/// Writes what was verified of a person, in place of what was there.
pub(super) async fn set_verifications(tx: &mut Tx, person: PersonId, sealed: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO person_verification (person, sealed) VALUES ($1, $2)
               ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed";
    crate::execute!(tx, sql, person.0, sealed)?;
    Ok(())
}
