//! Tables `statistics_person`, `statistics_region`, `statistics_day` and `statistics_counted`.

use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

pub(super) async fn knows_region(tx: &mut Tx, hash: &str) -> Result<bool, StoreError> {
    let sql = "SELECT CAST(1 AS BIGINT) FROM statistics_region WHERE hash = $1";
    Ok(fetch_optional!(tx, (i64,), sql, hash)?.is_some())
}

pub(super) async fn insert_region(tx: &mut Tx, hash: &str, name: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO statistics_region (hash, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    execute!(tx, sql, hash, name)?;
    Ok(())
}

pub(super) async fn set_person(tx: &mut Tx, subject: &[u8], region: &str, day: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO statistics_person (subject, region, added_day) VALUES ($1, $2, $3)
         ON CONFLICT (subject) DO UPDATE SET region = excluded.region",
        subject,
        region,
        day
    )?;
    Ok(())
}

pub(super) async fn delete_person(tx: &mut Tx, subject: &[u8]) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM statistics_person WHERE subject = $1", subject)?;
    Ok(())
}

/// The region that a person is known to live in.
pub(super) async fn region_of(tx: &mut Tx, subject: &[u8]) -> Result<Option<String>, StoreError> {
    let sql = "SELECT region FROM statistics_person WHERE subject = $1";
    Ok(fetch_optional!(tx, (String,), sql, subject)?.map(|(region,)| region))
}

/// Persons who were added on a day, by region.
pub(super) async fn added_on(tx: &mut Tx, day: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "SELECT region, COUNT(*) FROM statistics_person WHERE added_day = $1 GROUP BY region";
    fetch_all!(tx, (String, i64), sql, day)
}

/// The last day that was counted, where any was.
pub(super) async fn last_counted(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT CAST(COALESCE(MAX(day), -1) AS BIGINT) FROM statistics_counted";
    let (day,) = fetch_one!(tx, (i64,), sql)?;
    Ok((day >= 0).then_some(day))
}

/// The first day on which a person was added, where any was.
pub(super) async fn first_added(tx: &mut Tx) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT CAST(COALESCE(MIN(added_day), -1) AS BIGINT) FROM statistics_person";
    let (day,) = fetch_one!(tx, (i64,), sql)?;
    Ok((day >= 0).then_some(day))
}

/// Notes that a day is counted; `false` where another node did.
pub(super) async fn take_day(tx: &mut Tx, day: i64) -> Result<bool, StoreError> {
    Ok(execute!(tx, "INSERT INTO statistics_counted (day) VALUES ($1) ON CONFLICT DO NOTHING", day)? == 1)
}

/// One group of a day.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Group {
    pub(super) day: i64,
    pub(super) kind: String,
    pub(super) region: String,
    pub(super) events: i64,
    pub(super) persons: i64,
}

pub(super) async fn insert(tx: &mut Tx, group: &Group) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO statistics_day (day, kind, region, events, persons) VALUES ($1, $2, $3, $4, $5)",
        group.day,
        &group.kind,
        &group.region,
        group.events,
        group.persons
    )?;
    Ok(())
}

/// Groups of at least `least` persons, from a day to another, both included.
pub(super) async fn groups(tx: &mut Tx, from: i64, to: i64, least: i64) -> Result<Vec<Group>, StoreError> {
    fetch_all!(
        tx,
        Group,
        "SELECT day, kind, region, events, persons FROM statistics_day
         WHERE day >= $1 AND day <= $2 AND persons >= $3 ORDER BY day, kind, region",
        from,
        to,
        least
    )
}

pub(super) async fn region_name(tx: &mut Tx, hash: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT name FROM statistics_region WHERE hash = $1";
    Ok(fetch_optional!(tx, (Vec<u8>,), sql, hash)?.map(|(name,)| name))
}

/// Counted days after one, at most `most`.
pub(super) async fn counted_after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT day FROM statistics_counted WHERE day > $1 ORDER BY day LIMIT $2";
    Ok(fetch_all!(tx, (i64,), sql, after, most)?.into_iter().map(|(day,)| day).collect())
}

/// Where persons live: keyed hashes of persons after one, each with region and day of its coming; at most `most`.
pub(super) async fn persons_after(
    tx: &mut Tx,
    after: &[u8],
    most: i64,
) -> Result<Vec<(Vec<u8>, String, i64)>, StoreError> {
    let sql = "SELECT subject, region, added_day FROM statistics_person WHERE subject > $1 ORDER BY subject LIMIT $2";
    fetch_all!(tx, (Vec<u8>, String, i64), sql, after, most)
}
