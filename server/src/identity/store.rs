//! SQL of enrollments on their way to identities: table `identity_task`.

pub(super) mod calls;
pub(super) mod carried;
pub(super) mod claims;

use super::model::State;
use crate::clock::Millis;
use crate::registry::PersonId;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx};

/// When a task is due that nobody works on.
pub(super) const NEVER: Millis = Millis::MAX;

/// A task as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) enrollment: i64,
    pub(super) service: String,
    pub(super) person: i64,
    pub(super) state: String,
    pub(super) cause: Option<String>,
    pub(super) identity: Option<i64>,
    pub(super) due_at: Millis,
    pub(super) attempts: i64,
    pub(super) made_at: Millis,
    pub(super) sealed: Vec<u8>,
}

/// A task that was due, taken for a while.
pub(super) struct Leased {
    pub(super) row: Row,
    pub(super) until: Millis,
}

const ALL: &str = "enrollment, service, person, state, cause, identity, due_at, attempts, made_at, sealed";

/// Begins a task; `false` where the enrollment has one.
pub(super) async fn insert(tx: &mut Tx, row: &Row, reference: &Hash) -> Result<bool, StoreError> {
    let sql =
        "INSERT INTO identity_task (enrollment, reference, service, person, state, due_at, attempts, made_at, sealed)
               VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8) ON CONFLICT DO NOTHING";
    let inserted = crate::execute!(
        tx,
        sql,
        row.enrollment,
        reference.newest(),
        &row.service,
        row.person,
        &row.state,
        row.due_at,
        row.made_at,
        &row.sealed
    )?;
    Ok(inserted == 1)
}

/// The enrollment whose task has been due the longest.
async fn due(tx: &mut Tx, now: Millis) -> Result<Option<(i64, Millis)>, StoreError> {
    let sql = "SELECT enrollment, due_at FROM identity_task WHERE due_at <= $1 ORDER BY due_at LIMIT 1";
    crate::fetch_optional!(tx, (i64, i64), sql, now)
}

/// Takes the task that has been due the longest, until `until`; `None` where none is due, or another node was first.
pub(super) async fn lease(tx: &mut Tx, now: Millis, until: Millis) -> Result<Option<Leased>, StoreError> {
    let Some((enrollment, due_at)) = due(tx, now).await? else { return Ok(None) };
    let sql = "UPDATE identity_task SET due_at = $1, attempts = attempts + 1 WHERE enrollment = $2 AND due_at = $3";
    if crate::execute!(tx, sql, until, enrollment, due_at)? == 0 {
        return Ok(None);
    }
    Ok(find(tx, enrollment).await?.map(|row| Leased { row, until }))
}

/// Puts off a task that was taken until `until`, with so many attempts behind it; nothing where somebody else has it by now, or
/// it is due for another reason.
pub(super) async fn put_off(
    tx: &mut Tx,
    enrollment: i64,
    until: Millis,
    (due_at, attempts): (Millis, i64),
) -> Result<(), StoreError> {
    let sql = "UPDATE identity_task SET due_at = $1, attempts = $2 WHERE enrollment = $3 AND due_at = $4";
    crate::execute!(tx, sql, due_at, attempts, enrollment, until)?;
    Ok(())
}

/// A task.
pub(super) async fn find(tx: &mut Tx, enrollment: i64) -> Result<Option<Row>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {ALL} FROM identity_task WHERE enrollment = $1"));
    crate::fetch_optional!(tx, Row, sql, enrollment)
}

/// The task of a service's enrollment; of several that had this id one after another, the newest.
pub(super) async fn named(tx: &mut Tx, reference: &Hash) -> Result<Option<Row>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ALL} FROM identity_task WHERE reference IN ($1, $2) ORDER BY enrollment DESC LIMIT 1"
    ));
    crate::fetch_optional!(tx, Row, sql, reference.newest(), reference.before())
}

/// Parked tasks after `after`, oldest first.
pub(super) async fn parked(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Row>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "SELECT {ALL} FROM identity_task WHERE state = 'parked' AND enrollment > $1 ORDER BY enrollment LIMIT $2"
    ));
    crate::fetch_all!(tx, Row, sql, after, most)
}

/// What an enrollment ended in whose person has or would have had this primary key: the state's name, and whose it is.
pub(super) async fn ended_in(tx: &mut Tx, person: PersonId) -> Result<Option<(String, PersonId)>, StoreError> {
    let sql = "SELECT state, identity FROM identity_task WHERE person = $1 AND identity IS NOT NULL";
    let found = crate::fetch_optional!(tx, (String, i64), sql, person.0)?;
    Ok(found.map(|(state, identity)| (state, PersonId(identity))))
}

/// What was found to be one person's is another's.
pub(super) async fn give(tx: &mut Tx, from: PersonId, to: PersonId) -> Result<(), StoreError> {
    crate::execute!(tx, "UPDATE identity_task SET identity = $1 WHERE identity = $2", to.0, from.0)?;
    Ok(())
}

/// Enrollments that were found to be a person's.
pub(super) async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Row>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("SELECT {ALL} FROM identity_task WHERE identity = $1 ORDER BY enrollment"));
    crate::fetch_all!(tx, Row, sql, person.0)
}

/// Whether a person is to be made of an enrollment that came before another one and has not ended.
pub(super) async fn is_planned_before(tx: &mut Tx, person: PersonId, enrollment: i64) -> Result<bool, StoreError> {
    let sql = "SELECT enrollment FROM identity_task
               WHERE person = $1 AND enrollment < $2 AND state IN ('waiting', 'parked')";
    Ok(crate::fetch_optional!(tx, (i64,), sql, person.0, enrollment)?.is_some())
}

/// Where a step leads.
pub(super) struct Step<'s> {
    pub(super) from: State,
    pub(super) to: State,
    pub(super) cause: Option<&'s str>,
    pub(super) identity: Option<PersonId>,
    pub(super) due_at: Millis,
    pub(super) sealed: &'s [u8],
}

/// Saves a step; `false` where the task is not any more in the state that it leads from: nothing is changed then.
pub(super) async fn step(tx: &mut Tx, enrollment: i64, step: &Step<'_>) -> Result<bool, StoreError> {
    let sql = "UPDATE identity_task SET state = $1, cause = $2, identity = $3, due_at = $4, sealed = $5, attempts = 0
               WHERE enrollment = $6 AND state = $7";
    let changed = crate::execute!(
        tx,
        sql,
        step.to.name(),
        step.cause,
        step.identity.map(|person| person.0),
        step.due_at,
        step.sealed,
        enrollment,
        step.from.name()
    )?;
    Ok(changed == 1)
}
