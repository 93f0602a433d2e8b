//! Table `notification_subscription`.

use super::super::address::Protocol;
use super::super::policy::Policy;
use crate::access::Caller;
use crate::clock::Millis;
use crate::secrets::Hash;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// A subscription to be written.
pub(in crate::notifications) struct NewSubscription<'a> {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) uuid: String,
    pub(in crate::notifications) topic: i64,
    pub(in crate::notifications) party: &'a str,
    pub(in crate::notifications) caller: &'a Caller,
    pub(in crate::notifications) protocol: Protocol,
    pub(in crate::notifications) endpoint: &'a Hash,
    pub(in crate::notifications) address: &'a [u8],
    pub(in crate::notifications) policy: Policy,
    pub(in crate::notifications) now: Millis,
}

/// A subscription as it lies. `topic`: the unique id of its topic.
#[derive(sqlx::FromRow)]
pub(in crate::notifications) struct SubscriptionRow {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) uuid: String,
    pub(in crate::notifications) topic: String,
    pub(in crate::notifications) protocol: String,
    pub(in crate::notifications) address: Vec<u8>,
    pub(in crate::notifications) countdown: i64,
    pub(in crate::notifications) retries: i64,
    pub(in crate::notifications) confirmed_at: Option<Millis>,
}

/// `false` where the party has this endpoint at this topic already.
pub(in crate::notifications) async fn insert_subscription(
    tx: &mut Tx,
    row: NewSubscription<'_>,
) -> Result<bool, StoreError> {
    let written = execute!(
        tx,
        "INSERT INTO notification_subscription (id, uuid, topic_id, party, mount, client_id, protocol, endpoint, address,
            countdown, retries, asked_at, leased_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0) ON CONFLICT DO NOTHING",
        row.id,
        row.uuid,
        row.topic,
        row.party,
        row.caller.mount.name(),
        &row.caller.client_id,
        row.protocol.name(),
        row.endpoint.newest(),
        row.address,
        row.policy.countdown,
        row.policy.retries,
        row.now
    )?;
    Ok(written == 1)
}

pub(in crate::notifications) async fn subscription_at(
    tx: &mut Tx,
    topic: i64,
    endpoint: &Hash,
) -> Result<Option<SubscriptionRow>, StoreError> {
    fetch_optional!(
        tx,
        SubscriptionRow,
        "SELECT s.id, s.uuid, t.uuid AS topic, s.protocol, s.address, s.countdown, s.retries, s.confirmed_at
         FROM notification_subscription s JOIN notification_topic t ON t.id = s.topic_id
         WHERE s.topic_id = $1 AND s.endpoint IN ($2, $3)",
        topic,
        endpoint.newest(),
        endpoint.before()
    )
}

pub(in crate::notifications) async fn of_party(tx: &mut Tx, party: &str) -> Result<Vec<SubscriptionRow>, StoreError> {
    fetch_all!(
        tx,
        SubscriptionRow,
        "SELECT s.id, s.uuid, t.uuid AS topic, s.protocol, s.address, s.countdown, s.retries, s.confirmed_at
         FROM notification_subscription s JOIN notification_topic t ON t.id = s.topic_id
         WHERE s.party = $1 ORDER BY s.id",
        party
    )
}

pub(in crate::notifications) async fn count_of_party(tx: &mut Tx, party: &str) -> Result<i64, StoreError> {
    Ok(fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM notification_subscription WHERE party = $1", party)?.0)
}

pub(in crate::notifications) async fn exists(tx: &mut Tx, id: i64, party: &str) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM notification_subscription WHERE id = $1 AND party = $2";
    Ok(fetch_optional!(tx, (i64,), sql, id, party)?.is_some())
}

pub(in crate::notifications) async fn set_policy(tx: &mut Tx, id: i64, policy: Policy) -> Result<(), StoreError> {
    let sql = "UPDATE notification_subscription SET countdown = $1, retries = $2 WHERE id = $3";
    execute!(tx, sql, policy.countdown, policy.retries, id)?;
    Ok(())
}

/// Whether the address is to be asked once more: it has not agreed, and was last asked before `before`.
pub(in crate::notifications) async fn ask_again(
    tx: &mut Tx,
    id: i64,
    now: Millis,
    before: Millis,
) -> Result<bool, StoreError> {
    let asked = execute!(
        tx,
        "UPDATE notification_subscription SET asked_at = $1 WHERE id = $2 AND confirmed_at IS NULL AND asked_at <= $3",
        now,
        id,
        before
    )?;
    Ok(asked == 1)
}

/// `false` where it is confirmed already, not there, or another party's.
pub(in crate::notifications) async fn confirm(
    tx: &mut Tx,
    id: i64,
    party: &str,
    now: Millis,
) -> Result<bool, StoreError> {
    let sql = "UPDATE notification_subscription SET confirmed_at = $1
               WHERE id = $2 AND party = $3 AND confirmed_at IS NULL";
    Ok(execute!(tx, sql, now, id, party)? == 1)
}

/// With what is on its way to it.
pub(in crate::notifications) async fn delete_subscription(
    tx: &mut Tx,
    uuid: &str,
    party: &str,
) -> Result<bool, StoreError> {
    let sql = "DELETE FROM notification_subscription WHERE uuid = $1 AND party = $2";
    Ok(execute!(tx, sql, uuid, party)? == 1)
}

/// Who is told of a topic: subscriptions, whose each is, and since when it is confirmed.
pub(in crate::notifications) async fn told_of(
    tx: &mut Tx,
    topic: i64,
) -> Result<Vec<(i64, String, Millis)>, StoreError> {
    fetch_all!(
        tx,
        (i64, String, Millis),
        "SELECT id, party, confirmed_at FROM notification_subscription WHERE topic_id = $1 AND confirmed_at IS NOT NULL ORDER BY id",
        topic
    )
}

pub(in crate::notifications) async fn delete_unconfirmed(
    tx: &mut Tx,
    asked: Millis,
    batch: i64,
) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM notification_subscription WHERE id IN
            (SELECT id FROM notification_subscription WHERE confirmed_at IS NULL AND asked_at <= $1 LIMIT $2)",
        asked,
        batch
    )
}
