//! Table `notification_delivery`, and the leases of lanes.

use super::super::Counted;
use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// A subscription that somebody delivers to. `topic`: the unique id of its topic. `leased_until`: until then whoever took it has
/// it.
#[derive(Clone, sqlx::FromRow)]
pub(in crate::notifications) struct Lane {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) uuid: String,
    pub(in crate::notifications) topic: String,
    pub(in crate::notifications) topic_name: String,
    pub(in crate::notifications) mount: String,
    pub(in crate::notifications) client_id: String,
    pub(in crate::notifications) protocol: String,
    pub(in crate::notifications) address: Vec<u8>,
    pub(in crate::notifications) countdown: i64,
    pub(in crate::notifications) retries: i64,
    pub(in crate::notifications) leased_until: Millis,
}

/// A message that is due. Without an event it asks the address to agree.
#[derive(sqlx::FromRow)]
pub(in crate::notifications) struct Due {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) event_id: Option<i64>,
    pub(in crate::notifications) attempts: i64,
}

/// A message that was given up.
pub(in crate::notifications) struct DeadRow {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) event_id: Option<i64>,
    pub(in crate::notifications) attempts: i64,
    pub(in crate::notifications) dead_at: Millis,
    pub(in crate::notifications) lane: Lane,
}

pub(in crate::notifications) async fn insert_delivery(
    tx: &mut Tx,
    id: i64,
    subscription: i64,
    event: Option<i64>,
    now: Millis,
) -> Result<(), StoreError> {
    // A subscription that ended meanwhile gets nothing.
    execute!(
        tx,
        "INSERT INTO notification_delivery (id, subscription_id, event_id, attempts, due_at)
         SELECT $1, id, $2, 0, $3 FROM notification_subscription WHERE id = $4",
        id,
        event,
        now,
        subscription
    )?;
    Ok(())
}

/// Removes what asks the address to agree.
pub(in crate::notifications) async fn delete_questions(tx: &mut Tx, subscription: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM notification_delivery WHERE subscription_id = $1 AND event_id IS NULL";
    execute!(tx, sql, subscription)?;
    Ok(())
}

/// Whether there is a lane to take.
pub(in crate::notifications) async fn any_due(tx: &mut Tx, now: Millis) -> Result<bool, StoreError> {
    let found = fetch_optional!(
        tx,
        (i64,),
        "SELECT id FROM notification_subscription s WHERE leased_until <= $1 AND EXISTS
            (SELECT 1 FROM notification_delivery d WHERE d.subscription_id = s.id AND d.due_at <= $1) LIMIT 1",
        now
    )?;
    Ok(found.is_some())
}

/// Takes the free lane that waited longest, of those in which something is due, so that nobody else has it before `until`.
pub(in crate::notifications) async fn take_lane(
    tx: &mut Tx,
    now: Millis,
    until: Millis,
) -> Result<Option<Lane>, StoreError> {
    let taken = fetch_optional!(
        tx,
        (i64,),
        "UPDATE notification_subscription SET leased_until = $1 WHERE leased_until <= $2 AND id =
            (SELECT s.id FROM notification_subscription s WHERE s.leased_until <= $2 AND EXISTS
                (SELECT 1 FROM notification_delivery d WHERE d.subscription_id = s.id AND d.due_at <= $2)
             ORDER BY s.leased_until, s.id LIMIT 1)
         RETURNING id",
        until,
        now
    )?;
    let Some((id,)) = taken else { return Ok(None) };
    lane(tx, id).await
}

async fn lane(tx: &mut Tx, id: i64) -> Result<Option<Lane>, StoreError> {
    fetch_optional!(
        tx,
        Lane,
        "SELECT s.id, s.uuid, t.uuid AS topic, t.name AS topic_name, s.mount, s.client_id, s.protocol, s.address,
            s.countdown, s.retries, s.leased_until
         FROM notification_subscription s JOIN notification_topic t ON t.id = s.topic_id WHERE s.id = $1",
        id
    )
}

/// Frees a lane that was taken until `until`; `false` where somebody else has taken it since, or it has ended. Who has waited
/// longest comes first, so that the time is kept.
pub(in crate::notifications) async fn free(
    tx: &mut Tx,
    subscription: i64,
    until: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let sql = "UPDATE notification_subscription SET leased_until = $1 WHERE id = $2 AND leased_until = $3";
    Ok(execute!(tx, sql, now, subscription, until)? == 1)
}

/// What is due in a lane, oldest first.
pub(in crate::notifications) async fn due(
    tx: &mut Tx,
    subscription: i64,
    now: Millis,
    most: i64,
) -> Result<Vec<Due>, StoreError> {
    fetch_all!(
        tx,
        Due,
        "SELECT id, event_id, attempts FROM notification_delivery WHERE subscription_id = $1 AND due_at <= $2
         ORDER BY due_at, id LIMIT $3",
        subscription,
        now,
        most
    )
}

/// When there is something to do in a lane that is free then.
pub(in crate::notifications) async fn soonest_due(tx: &mut Tx) -> Result<Option<Millis>, StoreError> {
    let (due,) = fetch_one!(
        tx,
        (Option<i64>,),
        "SELECT MIN(CASE WHEN due > free THEN due ELSE free END) FROM (SELECT
            (SELECT MIN(d.due_at) FROM notification_delivery d WHERE d.subscription_id = s.id) AS due,
            s.leased_until AS free FROM notification_subscription s) AS lanes WHERE due IS NOT NULL"
    )?;
    Ok(due)
}

pub(in crate::notifications) async fn delete_delivery(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    execute!(tx, "DELETE FROM notification_delivery WHERE id = $1", id)?;
    Ok(())
}

pub(in crate::notifications) async fn again(tx: &mut Tx, id: i64, attempts: i64, at: Millis) -> Result<(), StoreError> {
    execute!(tx, "UPDATE notification_delivery SET attempts = $1, due_at = $2 WHERE id = $3", attempts, at, id)?;
    Ok(())
}

pub(in crate::notifications) async fn give_up(
    tx: &mut Tx,
    id: i64,
    attempts: i64,
    now: Millis,
) -> Result<(), StoreError> {
    let sql = "UPDATE notification_delivery SET attempts = $1, due_at = NULL, dead_at = $2 WHERE id = $3";
    execute!(tx, sql, attempts, now, id)?;
    Ok(())
}

/// A dead letter without its lane.
#[derive(sqlx::FromRow)]
struct Dead {
    id: i64,
    subscription_id: i64,
    event_id: Option<i64>,
    attempts: i64,
    dead_at: Millis,
}

async fn with_lane(tx: &mut Tx, dead: Dead) -> Result<Option<DeadRow>, StoreError> {
    let Dead { id, subscription_id, event_id, attempts, dead_at } = dead;
    Ok(lane(tx, subscription_id).await?.map(|lane| DeadRow { id, event_id, attempts, dead_at, lane }))
}

/// Counts messages on their way and dead letters, `most` of each at most.
pub(in crate::notifications) async fn counted(tx: &mut Tx, most: i64) -> Result<Counted, StoreError> {
    let (waiting, dead) = fetch_one!(
        tx,
        (i64, i64),
        "SELECT (SELECT COUNT(*) FROM (SELECT id FROM notification_delivery WHERE due_at IS NOT NULL LIMIT $1) AS w),
            (SELECT COUNT(*) FROM (SELECT id FROM notification_delivery WHERE dead_at IS NOT NULL LIMIT $1) AS d)",
        most
    )?;
    Ok(Counted { waiting, dead })
}

/// The dead letters of a party, or of all, in the order in which they were written.
pub(in crate::notifications) async fn dead(
    tx: &mut Tx,
    party: Option<&str>,
    limit: i64,
    offset: i64,
) -> Result<Vec<DeadRow>, StoreError> {
    let found = fetch_all!(
        tx,
        Dead,
        "SELECT d.id, d.subscription_id, d.event_id, d.attempts, d.dead_at
         FROM notification_delivery d JOIN notification_subscription s ON s.id = d.subscription_id
         WHERE d.dead_at IS NOT NULL AND ($1 IS NULL OR s.party = $1) ORDER BY d.id LIMIT $2 OFFSET $3",
        party,
        limit,
        offset
    )?;
    let mut rows = Vec::with_capacity(found.len());
    for dead in found {
        rows.extend(with_lane(tx, dead).await?);
    }
    Ok(rows)
}

/// One dead letter, where it is the party's; anybody's, where none is named.
pub(in crate::notifications) async fn dead_letter(
    tx: &mut Tx,
    id: i64,
    party: Option<&str>,
) -> Result<Option<DeadRow>, StoreError> {
    let found = fetch_optional!(
        tx,
        Dead,
        "SELECT d.id, d.subscription_id, d.event_id, d.attempts, d.dead_at
         FROM notification_delivery d JOIN notification_subscription s ON s.id = d.subscription_id
         WHERE d.dead_at IS NOT NULL AND d.id = $1 AND ($2 IS NULL OR s.party = $2)",
        id,
        party
    )?;
    match found {
        Some(dead) => with_lane(tx, dead).await,
        None => Ok(None),
    }
}

/// Lets a dead letter live again, due now; `false` where there is none.
pub(in crate::notifications) async fn revive(tx: &mut Tx, id: i64, now: Millis) -> Result<bool, StoreError> {
    let sql = "UPDATE notification_delivery SET attempts = 0, due_at = $1, dead_at = NULL
               WHERE id = $2 AND dead_at IS NOT NULL";
    Ok(execute!(tx, sql, now, id)? == 1)
}

pub(in crate::notifications) async fn delete_dead(tx: &mut Tx, died: Millis, batch: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM notification_delivery WHERE id IN
            (SELECT id FROM notification_delivery WHERE dead_at <= $1 ORDER BY dead_at LIMIT $2)",
        died,
        batch
    )
}
