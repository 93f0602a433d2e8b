//! Tables `population_person`, `identity_record`, `identity_attribute` and `identity_gallery`.

use std::collections::BTreeSet;

use super::model::{IdentityStatus, PhysicalStatus, RecordStatus};
use crate::clock::Millis;
use crate::registry::PersonId;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx, take_turn};
use crate::{execute, fetch_all, fetch_optional};

/// A person as the population registry knows one.
pub(super) struct PersonRow {
    pub(super) name: Vec<u8>,
    pub(super) record_status: RecordStatus,
    pub(super) physical_status: PhysicalStatus,
    pub(super) reference: Option<i64>,
}

type PersonColumns = (Vec<u8>, String, String, Option<i64>);

fn read_person((name, record, physical, reference): PersonColumns) -> Result<PersonRow, StoreError> {
    let corrupt = StoreError::Corrupt { what: "population status" };
    let (Some(record_status), Some(physical_status)) = (RecordStatus::named(&record), PhysicalStatus::named(&physical))
    else {
        return Err(corrupt);
    };
    Ok(PersonRow { name, record_status, physical_status, reference })
}

/// Writes a person, once.
pub(super) async fn insert_person(
    tx: &mut Tx,
    person: PersonId,
    name: &[u8],
    record: RecordStatus,
    physical: PhysicalStatus,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO population_person (person, name, record_status, physical_status) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        person.0,
        name,
        record.name(),
        physical.name()
    )?;
    Ok(())
}

pub(super) async fn person(tx: &mut Tx, person: PersonId) -> Result<Option<PersonRow>, StoreError> {
    let sql = "SELECT name, record_status, physical_status, reference FROM population_person WHERE person = $1";
    fetch_optional!(tx, PersonColumns, sql, person.0)?.map(read_person).transpose()
}

/// The person, kept for this transaction: whoever else changes one of its identities comes after.
pub(super) async fn take_person(tx: &mut Tx, person: PersonId) -> Result<Option<PersonRow>, StoreError> {
    let sql = "UPDATE population_person SET reference = reference WHERE person = $1
               RETURNING name, record_status, physical_status, reference";
    fetch_optional!(tx, PersonColumns, sql, person.0)?.map(read_person).transpose()
}

pub(super) async fn set_statuses(
    tx: &mut Tx,
    person: PersonId,
    record: RecordStatus,
    physical: PhysicalStatus,
) -> Result<(), StoreError> {
    let sql = "UPDATE population_person SET record_status = $1, physical_status = $2 WHERE person = $3";
    execute!(tx, sql, record.name(), physical.name(), person.0)?;
    Ok(())
}

pub(super) async fn set_reference(tx: &mut Tx, person: PersonId, record: Option<i64>) -> Result<(), StoreError> {
    execute!(tx, "UPDATE population_person SET reference = $1 WHERE person = $2", record, person.0)?;
    Ok(())
}

/// Deletes a person with all identities.
pub(super) async fn delete_person(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM identity_attribute WHERE record IN (SELECT id FROM identity_record WHERE person = $1)",
        "DELETE FROM identity_gallery WHERE record IN (SELECT id FROM identity_record WHERE person = $1)",
        "DELETE FROM identity_record WHERE person = $1",
        "DELETE FROM population_person WHERE person = $1",
    ] {
        execute!(tx, sql, person.0)?;
    }
    Ok(())
}

/// An identity as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct RecordRow {
    pub(super) id: i64,
    pub(super) name: Vec<u8>,
    pub(super) status: String,
    pub(super) content: Vec<u8>,
    pub(super) biometrics: Option<Vec<u8>>,
    pub(super) documents: Option<Vec<u8>>,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

impl RecordRow {
    pub(super) fn status(&self) -> Result<IdentityStatus, StoreError> {
        IdentityStatus::named(&self.status).ok_or(StoreError::Corrupt { what: "identity status" })
    }
}

/// What is sealed of an identity, and how it is found.
pub(super) struct Sealed {
    pub(super) content: Vec<u8>,
    pub(super) biometrics: Option<Vec<u8>>,
    pub(super) documents: Option<Vec<u8>>,
    pub(super) hashes: BTreeSet<Hash>,
    pub(super) galleries: Vec<String>,
}

/// An identity to be written.
pub(super) struct NewRecord {
    pub(super) id: i64,
    pub(super) person: PersonId,
    pub(super) name_hash: Hash,
    pub(super) name: Vec<u8>,
    pub(super) status: IdentityStatus,
    pub(super) sealed: Sealed,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

/// Writes an identity; `false` where the person has one of this name.
pub(super) async fn insert(tx: &mut Tx, record: &NewRecord) -> Result<bool, StoreError> {
    if record.name_hash.is_double() {
        take_turn(tx).await?;
        if named(tx, record.person, &record.name_hash).await?.is_some() {
            return Ok(false);
        }
    }
    let inserted = execute!(
        tx,
        "INSERT INTO identity_record
            (id, person, name_hash, name, status, content, biometrics, documents, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        record.id,
        record.person.0,
        record.name_hash.newest(),
        &record.name,
        record.status.name(),
        &record.sealed.content,
        &record.sealed.biometrics,
        &record.sealed.documents,
        record.created_at,
        record.updated_at
    )?;
    if inserted == 1 {
        index(tx, record.id, &record.sealed).await?;
    }
    Ok(inserted == 1)
}

/// Writes what an identity says, in place of what it said.
pub(super) async fn update(
    tx: &mut Tx,
    id: i64,
    status: IdentityStatus,
    sealed: &Sealed,
    now: Millis,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "UPDATE identity_record
         SET status = $1, content = $2, biometrics = $3, documents = $4, updated_at = $5 WHERE id = $6",
        status.name(),
        &sealed.content,
        &sealed.biometrics,
        &sealed.documents,
        now,
        id
    )?;
    unindex(tx, id).await?;
    index(tx, id, sealed).await
}

async fn index(tx: &mut Tx, id: i64, sealed: &Sealed) -> Result<(), StoreError> {
    insert_hashes(tx, id, &sealed.hashes).await?;
    for gallery in &sealed.galleries {
        let sql = "INSERT INTO identity_gallery (gallery, record) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        execute!(tx, sql, gallery, id)?;
    }
    Ok(())
}

async fn insert_hashes(tx: &mut Tx, id: i64, hashes: &BTreeSet<Hash>) -> Result<(), StoreError> {
    for hash in hashes {
        let sql = "INSERT INTO identity_attribute (hash, record) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        execute!(tx, sql, hash.newest(), id)?;
    }
    Ok(())
}

/// Identities above a primary key, in its order: what their hashes are made of.
pub(super) async fn contents(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT id, content FROM identity_record WHERE id > $1 ORDER BY id LIMIT $2";
    fetch_all!(tx, (i64, Vec<u8>), sql, after, most)
}

/// The same of one, which nobody changes until the end of this transaction.
pub(super) async fn take_content(tx: &mut Tx, id: i64) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "UPDATE identity_record SET status = status WHERE id = $1 RETURNING content";
    Ok(fetch_optional!(tx, (Vec<u8>,), sql, id)?.map(|(content,)| content))
}

/// What an identity is searched by now.
pub(super) async fn hashes(tx: &mut Tx, id: i64) -> Result<BTreeSet<Vec<u8>>, StoreError> {
    let rows = fetch_all!(tx, (Vec<u8>,), "SELECT hash FROM identity_attribute WHERE record = $1", id)?;
    Ok(rows.into_iter().map(|(hash,)| hash).collect())
}

/// Puts other hashes in their place.
pub(super) async fn replace_hashes(tx: &mut Tx, id: i64, hashes: &BTreeSet<Hash>) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM identity_attribute WHERE record = $1", id)?;
    insert_hashes(tx, id, hashes).await
}

async fn unindex(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM identity_attribute WHERE record = $1", id)?;
    execute!(tx, "DELETE FROM identity_gallery WHERE record = $1", id)?;
    Ok(())
}

/// `false` where the identity has another status by now.
pub(super) async fn set_status(
    tx: &mut Tx,
    id: i64,
    from: IdentityStatus,
    to: IdentityStatus,
    now: Millis,
) -> Result<bool, StoreError> {
    let sql = "UPDATE identity_record SET status = $1, updated_at = $2 WHERE id = $3 AND status = $4";
    Ok(execute!(tx, sql, to.name(), now, id, from.name())? == 1)
}

pub(super) async fn delete(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    unindex(tx, id).await?;
    execute!(tx, "DELETE FROM identity_record WHERE id = $1", id)?;
    Ok(())
}

/// A person's identities, the oldest first.
pub(super) async fn records(tx: &mut Tx, person: PersonId) -> Result<Vec<RecordRow>, StoreError> {
    fetch_all!(
        tx,
        RecordRow,
        "SELECT id, name, status, content, biometrics, documents, created_at, updated_at
         FROM identity_record WHERE person = $1 ORDER BY id",
        person.0
    )
}

/// A person's identity of this name.
pub(super) async fn named(tx: &mut Tx, person: PersonId, name_hash: &Hash) -> Result<Option<RecordRow>, StoreError> {
    fetch_optional!(
        tx,
        RecordRow,
        "SELECT id, name, status, content, biometrics, documents, created_at, updated_at
         FROM identity_record WHERE person = $1 AND name_hash IN ($2, $3)",
        person.0,
        name_hash.newest(),
        name_hash.before()
    )
}

/// A person's identity of this primary key.
pub(super) async fn record(tx: &mut Tx, person: PersonId, id: i64) -> Result<Option<RecordRow>, StoreError> {
    fetch_optional!(
        tx,
        RecordRow,
        "SELECT id, name, status, content, biometrics, documents, created_at, updated_at
         FROM identity_record WHERE person = $1 AND id = $2",
        person.0,
        id
    )
}

/// Gives one identity to another person.
pub(super) async fn give(tx: &mut Tx, id: i64, to: PersonId, now: Millis) -> Result<(), StoreError> {
    execute!(tx, "UPDATE identity_record SET person = $1, updated_at = $2 WHERE id = $3", to.0, now, id)?;
    Ok(())
}

/// Gives all identities of a person to another.
pub(super) async fn give_all(tx: &mut Tx, from: PersonId, to: PersonId) -> Result<(), StoreError> {
    execute!(tx, "UPDATE identity_record SET person = $1 WHERE person = $2", to.0, from.0)?;
    Ok(())
}

/// An identity in a search or a gallery.
#[derive(sqlx::FromRow)]
pub(super) struct Listed {
    pub(super) id: i64,
    pub(super) person: i64,
    pub(super) person_name: Vec<u8>,
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
}

/// What a search is narrowed to before anything is opened.
pub(super) struct Narrow {
    /// Only reference identities.
    pub(super) reference: bool,
    /// Only of persons whose record is in use.
    pub(super) active: bool,
    /// Only members of this gallery.
    pub(super) gallery: Option<String>,
}

/// Identities with ids above `after`, in their order.
pub(super) async fn every(tx: &mut Tx, after: i64, narrow: &Narrow, most: i64) -> Result<Vec<Listed>, StoreError> {
    fetch_all!(
        tx,
        Listed,
        "SELECT r.id, r.person, p.name AS person_name, r.name, r.content
         FROM identity_record r JOIN population_person p ON p.person = r.person
         WHERE r.id > $1 AND ($2 = 0 OR p.reference = r.id) AND ($3 = 0 OR p.record_status = 'ACTIVE')
           AND (CAST($4 AS TEXT) IS NULL
                OR EXISTS (SELECT 1 FROM identity_gallery g WHERE g.gallery = $4 AND g.record = r.id))
         ORDER BY r.id LIMIT $5",
        after,
        i64::from(narrow.reference),
        i64::from(narrow.active),
        &narrow.gallery,
        most
    )
}

/// The same, of those that have both hashes (which may be one).
pub(super) async fn with_hashes(
    tx: &mut Tx,
    (one, other): (&[u8], &[u8]),
    after: i64,
    narrow: &Narrow,
    most: i64,
) -> Result<Vec<Listed>, StoreError> {
    fetch_all!(
        tx,
        Listed,
        "SELECT r.id, r.person, p.name AS person_name, r.name, r.content
         FROM identity_attribute a
         JOIN identity_record r ON r.id = a.record
         JOIN population_person p ON p.person = r.person
         WHERE a.hash = $1 AND a.record > $2
           AND EXISTS (SELECT 1 FROM identity_attribute b WHERE b.hash = $3 AND b.record = a.record)
           AND ($4 = 0 OR p.reference = r.id) AND ($5 = 0 OR p.record_status = 'ACTIVE')
           AND (CAST($6 AS TEXT) IS NULL
                OR EXISTS (SELECT 1 FROM identity_gallery g WHERE g.gallery = $6 AND g.record = r.id))
         ORDER BY a.record LIMIT $7",
        one,
        after,
        other,
        i64::from(narrow.reference),
        i64::from(narrow.active),
        &narrow.gallery,
        most
    )
}

/// Names of galleries that have a member.
pub(super) async fn galleries(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    let rows = fetch_all!(tx, (String,), "SELECT DISTINCT gallery FROM identity_gallery ORDER BY gallery")?;
    Ok(rows.into_iter().map(|(gallery,)| gallery).collect())
}

/// Whether a gallery has a member.
pub(super) async fn gallery_exists(tx: &mut Tx, gallery: &str) -> Result<bool, StoreError> {
    let sql = "SELECT record FROM identity_gallery WHERE gallery = $1 LIMIT 1";
    Ok(fetch_optional!(tx, (i64,), sql, gallery)?.is_some())
}

/// Members of a gallery, or of any where `gallery` is `None`, in the order of their ids.
pub(super) async fn members(
    tx: &mut Tx,
    gallery: Option<&str>,
    offset: i64,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    fetch_all!(
        tx,
        Listed,
        "SELECT r.id, r.person, p.name AS person_name, r.name, r.content
         FROM identity_record r JOIN population_person p ON p.person = r.person
         WHERE r.id IN (SELECT record FROM identity_gallery g
                        WHERE CAST($1 AS TEXT) IS NULL OR g.gallery = $1)
         ORDER BY r.id LIMIT $2 OFFSET $3",
        gallery,
        limit,
        offset
    )
}
