//! Table `notification_topic`.

use crate::store::{StoreError, Tx};
use crate::{execute, fetch_all, fetch_one, fetch_optional};

/// A topic as it lies.
#[derive(sqlx::FromRow)]
pub(in crate::notifications) struct TopicRow {
    pub(in crate::notifications) id: i64,
    pub(in crate::notifications) uuid: String,
    pub(in crate::notifications) name: String,
    pub(in crate::notifications) own: i64,
    /// The relying party that made it; `None` of the server's own, and where nobody wrote it down.
    pub(in crate::notifications) party: Option<String>,
}

pub(in crate::notifications) async fn topic_named(tx: &mut Tx, name: &str) -> Result<Option<TopicRow>, StoreError> {
    fetch_optional!(tx, TopicRow, "SELECT id, uuid, name, own, party FROM notification_topic WHERE name = $1", name)
}

pub(in crate::notifications) async fn topic_of(tx: &mut Tx, uuid: &str) -> Result<Option<TopicRow>, StoreError> {
    fetch_optional!(tx, TopicRow, "SELECT id, uuid, name, own, party FROM notification_topic WHERE uuid = $1", uuid)
}

pub(in crate::notifications) async fn topics(tx: &mut Tx) -> Result<Vec<TopicRow>, StoreError> {
    fetch_all!(tx, TopicRow, "SELECT id, uuid, name, own, party FROM notification_topic ORDER BY id")
}

/// How many there are beside this server's own.
pub(in crate::notifications) async fn count_topics(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(fetch_one!(tx, (i64,), "SELECT COUNT(*) FROM notification_topic WHERE own = 0")?.0)
}

/// `false` where the name is taken.
pub(in crate::notifications) async fn insert_topic(
    tx: &mut Tx,
    id: i64,
    uuid: &str,
    name: &str,
    party: Option<&str>,
) -> Result<bool, StoreError> {
    let sql =
        "INSERT INTO notification_topic (id, uuid, name, own, party) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING";
    Ok(execute!(tx, sql, id, uuid, name, party)? == 1)
}

/// With its subscriptions, and what is on its way to them.
pub(in crate::notifications) async fn delete_topic(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    Ok(execute!(tx, "DELETE FROM notification_topic WHERE id = $1 AND own = 0", id)? == 1)
}
