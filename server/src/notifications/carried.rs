//! Topics, subscriptions and messages on their way to another instance: whoever subscribed is told on from there, and asked
//! nothing again.

use serde::{Deserialize, Serialize};

use super::address::Protocol;
use super::store::carried::{self as rows, KeptDelivery, KeptSubscription};
use super::{store, subscriptions};
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::osia::Refusal;
use crate::registry::Fault;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// A topic that a service made.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedTopic {
    /// Primary key.
    pub id: i64,
    /// Its unique id.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The relying party that made it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
}

/// A subscription.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedSubscription {
    /// Primary key.
    pub id: i64,
    /// Its unique id.
    pub uuid: String,
    /// Primary key of its topic.
    pub topic: i64,
    /// The relying party whose it is.
    pub party: String,
    /// The issuer of the client that subscribed.
    pub mount: Mount,
    /// That client.
    pub client_id: String,
    /// How messages are sent.
    pub protocol: Protocol,
    /// Where they are sent.
    pub address: String,
    /// Seconds from one attempt to the next.
    pub countdown: i64,
    /// Attempts after the first; -1 without end.
    pub retries: i64,
    /// When the address was last asked to agree, in milliseconds since 1970.
    pub asked_at: Millis,
    /// When it agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Millis>,
}

/// A message on its way, or a dead letter.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedDelivery {
    /// Primary key.
    pub id: i64,
    /// Primary key of the subscription.
    pub subscription: i64,
    /// Primary key of the event; absent where the address is asked to agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<i64>,
    /// Attempts until now.
    pub attempts: i64,
    /// When the next one is, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Millis>,
    /// When it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_at: Option<Millis>,
}

const CORRUPT: StoreError = StoreError::Corrupt { what: "subscription" };

/// Topics that services made, in the order of their primary keys. The server's own are everywhere the same.
///
/// # Errors
/// [`Fault`].
pub async fn carry_topics(state: &AppState) -> Result<Vec<CarriedTopic>, Fault> {
    let rows: Vec<store::TopicRow> = state.store.read(|tx| Box::pin(store::topics(tx))).await?;
    let made = rows.into_iter().filter(|row| row.own == 0);
    let carried = |row: store::TopicRow| CarriedTopic { id: row.id, uuid: row.uuid, name: row.name, party: row.party };
    Ok(made.map(carried).collect())
}

/// Writes a topic as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where its name is taken.
pub async fn settle_topic(tx: &mut Tx, carried: &CarriedTopic) -> Result<(), Refusal> {
    let CarriedTopic { id, uuid, name, party } = carried;
    let made = store::insert_topic(tx, *id, uuid, name, party.as_deref()).await?;
    if made { Ok(()) } else { Err(Refusal::bad("two topics have one name")) }
}

/// Subscriptions with primary keys above `after`, in their order, at most `most`.
///
/// # Errors
/// [`Fault`].
pub async fn carry_subscriptions(state: &AppState, after: i64, most: u32) -> Result<Vec<CarriedSubscription>, Fault> {
    let read =
        state.store.read(move |tx| Box::pin(async move { rows::subscriptions_after(tx, after, most.into()).await }));
    let rows: Vec<KeptSubscription> = read.await?;
    rows.into_iter()
        .map(|row| {
            Ok(CarriedSubscription {
                id: row.id,
                uuid: row.uuid,
                topic: row.topic_id,
                party: row.party,
                mount: Mount::named(&row.mount).ok_or(CORRUPT)?,
                client_id: row.client_id,
                protocol: Protocol::read(Some(row.protocol.as_str())).map_err(|_| CORRUPT)?,
                address: subscriptions::address(state, row.id, &row.address)?,
                countdown: row.countdown,
                retries: row.retries,
                asked_at: row.asked_at,
                confirmed_at: row.confirmed_at,
            })
        })
        .collect()
}

/// Writes a subscription as another instance had it.
///
/// # Errors
/// [`Refusal::Bad`] where its relying party has the same one twice.
pub async fn settle_subscription(state: &AppState, tx: &mut Tx, carried: &CarriedSubscription) -> Result<(), Refusal> {
    let CarriedSubscription { id, protocol, .. } = *carried;
    let endpoint = subscriptions::endpoint(&state.secrets, &carried.party, protocol.name(), &carried.address);
    let context = subscriptions::context(id);
    let row = KeptSubscription {
        id,
        uuid: carried.uuid.clone(),
        topic_id: carried.topic,
        party: carried.party.clone(),
        mount: carried.mount.name().to_owned(),
        client_id: carried.client_id.clone(),
        protocol: protocol.name().to_owned(),
        address: state.secrets.seal(Purpose::Subscriptions, &context, carried.address.as_bytes(), &*state.rng)?,
        countdown: carried.countdown,
        retries: carried.retries,
        asked_at: carried.asked_at,
        confirmed_at: carried.confirmed_at,
    };
    let made = rows::insert_kept_subscription(tx, &row, endpoint.newest()).await?;
    if made { Ok(()) } else { Err(Refusal::bad("a relying party has a subscription twice")) }
}

/// Messages with primary keys above `after`, in their order, at most `most`; dead letters too.
///
/// # Errors
/// [`StoreError`].
pub async fn carry_deliveries(state: &AppState, after: i64, most: u32) -> Result<Vec<CarriedDelivery>, StoreError> {
    let read =
        state.store.read(move |tx| Box::pin(async move { rows::deliveries_after(tx, after, most.into()).await }));
    let rows: Vec<KeptDelivery> = read.await?;
    let carried = |row: KeptDelivery| CarriedDelivery {
        id: row.id,
        subscription: row.subscription_id,
        event: row.event_id,
        attempts: row.attempts,
        due_at: row.due_at,
        dead_at: row.dead_at,
    };
    Ok(rows.into_iter().map(carried).collect())
}

/// Writes a message as another instance had it.
///
/// # Errors
/// [`StoreError`].
pub async fn settle_delivery(tx: &mut Tx, carried: &CarriedDelivery) -> Result<(), StoreError> {
    let CarriedDelivery { id, subscription: subscription_id, event: event_id, attempts, due_at, dead_at } = *carried;
    rows::insert_kept_delivery(tx, &KeptDelivery { id, subscription_id, event_id, attempts, due_at, dead_at }).await
}
