//! SQL of topics, subscriptions and messages as another instance had them.

use crate::clock::Millis;
use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all};

/// A subscription as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::notifications) struct KeptSubscription {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) uuid: String,
    pub(in crate::notifications) topic_id: i64,
    pub(in crate::notifications) party: String,
    pub(in crate::notifications) mount: String,
    pub(in crate::notifications) client_id: String,
    pub(in crate::notifications) protocol: String,
    pub(in crate::notifications) address: Vec<u8>,
    pub(in crate::notifications) countdown: i64,
    pub(in crate::notifications) retries: i64,
    pub(in crate::notifications) asked_at: Millis,
    pub(in crate::notifications) confirmed_at: Option<Millis>,
}

/// Subscriptions above a row, at most `most`.
pub(in crate::notifications) async fn subscriptions_after(
    tx: &mut Tx,
    after: i64,
    most: i64,
) -> Result<Vec<KeptSubscription>, StoreError> {
    fetch_all!(
        tx,
        KeptSubscription,
        "SELECT id, uuid, topic_id, party, mount, client_id, protocol, address, countdown, retries, asked_at, confirmed_at
         FROM notification_subscription WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

/// Writes a subscription as it was; `false` where the party has this endpoint at this topic.
pub(in crate::notifications) async fn insert_kept_subscription(
    tx: &mut Tx,
    row: &KeptSubscription,
    endpoint: &[u8],
) -> Result<bool, StoreError> {
    let inserted = execute!(
        tx,
        "INSERT INTO notification_subscription (id, uuid, topic_id, party, mount, client_id, protocol, endpoint, address,
            countdown, retries, asked_at, confirmed_at, leased_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0) ON CONFLICT DO NOTHING",
        row.id,
        &row.uuid,
        row.topic_id,
        &row.party,
        &row.mount,
        &row.client_id,
        &row.protocol,
        endpoint,
        &row.address,
        row.countdown,
        row.retries,
        row.asked_at,
        row.confirmed_at
    )?;
    Ok(inserted == 1)
}

/// A message as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::notifications) struct KeptDelivery {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) subscription_id: i64,
    pub(in crate::notifications) event_id: Option<i64>,
    pub(in crate::notifications) attempts: i64,
    pub(in crate::notifications) due_at: Option<Millis>,
    pub(in crate::notifications) dead_at: Option<Millis>,
}

/// Messages above a row, at most `most`; dead letters too.
pub(in crate::notifications) async fn deliveries_after(
    tx: &mut Tx,
    after: i64,
    most: i64,
) -> Result<Vec<KeptDelivery>, StoreError> {
    fetch_all!(
        tx,
        KeptDelivery,
        "SELECT id, subscription_id, event_id, attempts, due_at, dead_at FROM notification_delivery
         WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        most
    )
}

/// Writes a message as it was.
pub(in crate::notifications) async fn insert_kept_delivery(tx: &mut Tx, row: &KeptDelivery) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO notification_delivery (id, subscription_id, event_id, attempts, due_at, dead_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.subscription_id,
        row.event_id,
        row.attempts,
        row.due_at,
        row.dead_at
    )?;
    Ok(())
}
