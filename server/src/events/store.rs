//! Table `event`. Of the tables of `notifications`, only whether anybody is to be told is asked here.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_optional};

/// An event as it lies.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) topic_id: i64,
    pub(super) content: Vec<u8>,
    pub(super) made_at: Millis,
}

/// The primary key of a topic of this name that somebody is to be told of.
pub(super) async fn listened_to(tx: &mut Tx, name: &str) -> Result<Option<i64>, StoreError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM notification_topic WHERE name = $1 AND EXISTS
            (SELECT 1 FROM notification_subscription
             WHERE topic_id = notification_topic.id AND confirmed_at IS NOT NULL)",
        name
    )?;
    Ok(row.map(|(id,)| id))
}

pub(super) async fn insert(tx: &mut Tx, id: i64, topic: i64, content: &[u8], now: Millis) -> Result<(), StoreError> {
    let sql = "INSERT INTO event (id, topic_id, content, made_at) VALUES ($1, $2, $3, $4)";
    execute!(tx, sql, id, topic, content, now)?;
    Ok(())
}

pub(super) async fn find(tx: &mut Tx, id: i64) -> Result<Option<Row>, StoreError> {
    fetch_optional!(tx, Row, "SELECT id, topic_id, content, made_at FROM event WHERE id = $1", id)
}

pub(super) async fn waiting(tx: &mut Tx, most: i64) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, topic_id, content, made_at FROM event WHERE spread_at IS NULL ORDER BY id LIMIT $1";
    fetch_all!(tx, Row, sql, most)
}

pub(super) async fn take(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    Ok(execute!(tx, "UPDATE event SET spread_at = $1 WHERE id = $2 AND spread_at IS NULL", now, id)? == 1)
}

pub(super) async fn delete_told(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "DELETE FROM event WHERE id = $1 AND spread_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM notification_delivery WHERE event_id = $1)",
        id
    )?;
    Ok(())
}

/// Events of which nobody is to be told any more.
pub(super) async fn told(tx: &mut Tx, until: Millis, most: i64) -> Result<Vec<i64>, StoreError> {
    let rows = fetch_all!(
        tx,
        (i64,),
        "SELECT id FROM event WHERE spread_at <= $1
            AND NOT EXISTS (SELECT 1 FROM notification_delivery WHERE event_id = event.id) ORDER BY id LIMIT $2",
        until,
        most
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// An event as it lies, with when it was put down for those who are told.
#[derive(sqlx::FromRow)]
pub(super) struct Kept {
    pub(super) id: i64,
    pub(super) topic_id: i64,
    pub(super) content: Vec<u8>,
    pub(super) made_at: Millis,
    pub(super) spread_at: Option<Millis>,
}

/// Events above a row, at most `most`.
pub(super) async fn after(tx: &mut Tx, after: i64, most: i64) -> Result<Vec<Kept>, StoreError> {
    let sql = "SELECT id, topic_id, content, made_at, spread_at FROM event WHERE id > $1 ORDER BY id LIMIT $2";
    fetch_all!(tx, Kept, sql, after, most)
}

/// Writes an event as it was.
pub(super) async fn insert_as_it_was(tx: &mut Tx, row: &Kept) -> Result<(), StoreError> {
    let sql = "INSERT INTO event (id, topic_id, content, made_at, spread_at) VALUES ($1, $2, $3, $4, $5)";
    execute!(tx, sql, row.id, row.topic_id, &row.content, row.made_at, row.spread_at)?;
    Ok(())
}

pub(super) async fn delete_of_topic(tx: &mut Tx, topic: i64) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM event WHERE topic_id = $1", topic)?;
    Ok(())
}
