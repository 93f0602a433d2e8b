//! Subscriptions: who is told of a topic, and where. A relying party sees, confirms and ends its own only. Nothing is told to an
//! address that did not agree: it is sent a token, which has to come back.

use schemars::JsonSchema;
use serde::Serialize;

use super::address::Protocol;
use super::policy::Policy;
use super::topics::record;
use super::{party, store, uuid};
use crate::access::Caller;
use crate::audit::EventKind;
use crate::clock::Millis;
use crate::ids::{Kind, Minted};
use crate::osia::Refusal;
use crate::secrets::{Column, Hash, Hashed, Key, Purpose, SecretError, Secrets, number};
use crate::state::AppState;
use crate::store::{StoreError, Tx, take_turn};
use crate::wait;

/// Subscriptions of one relying party at most: lists have no pages.
const MOST: i64 = 1000;
/// How long an address that was asked to agree is not asked again, in milliseconds.
const ASKED: Millis = 60_000;

/// A subscription (OSIA `Subscription`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Subscription {
    /// Its unique id.
    pub uuid: String,
    /// The unique id of its topic.
    pub topic: String,
    /// How messages are sent.
    pub protocol: Protocol,
    /// Where they are sent.
    pub address: String,
    /// `countdown,max`: seconds from one attempt to the next, and how many there are after the first.
    pub policy: String,
    /// Whether the address has agreed.
    pub active: bool,
}

/// What a client asks for.
pub(super) struct Wanted {
    /// The topic's name, or its unique id.
    pub(super) topic: String,
    pub(super) protocol: Protocol,
    pub(super) address: String,
    pub(super) policy: Option<Policy>,
}

/// What is sealed of a subscription.
pub const SEALED: &[Column] = &[ADDRESS];

const ADDRESS: Column = Column {
    table: "notification_subscription",
    key: &[Key::Number("id")],
    column: "address",
    purpose: Purpose::Subscriptions,
    context: |key| context(number(key, 0)),
};

/// What addresses are found by, to be hashed anew.
pub const HASHED: &[Hashed] = &[Hashed {
    column: "endpoint",
    with: &["party", "protocol"],
    sealed: ADDRESS,
    made: |secrets, with, clear| {
        let [party, protocol] = with else { return None };
        Some(endpoint(secrets, party, protocol, std::str::from_utf8(clear).ok()?))
    },
}];

pub(super) fn context(id: i64) -> Vec<u8> {
    format!("notification_subscription/{id}").into_bytes()
}

/// What a party's address is found by, and by nobody who has only the database.
pub(super) fn endpoint(secrets: &Secrets, party: &str, protocol: &str, address: &str) -> Hash {
    let parts = [b"endpoint".as_slice(), party.as_bytes(), protocol.as_bytes(), address.as_bytes()];
    secrets.hash(Purpose::Subscriptions, &parts)
}

/// Opens a subscription's address.
pub(super) fn address(state: &AppState, id: i64, sealed: &[u8]) -> Result<String, SecretError> {
    let clear = state.secrets.open(Purpose::Subscriptions, &context(id), sealed)?;
    String::from_utf8(clear.to_vec()).map_err(|_| SecretError::Sealed)
}

/// What an address sends back to agree: the same in every message about one subscription.
pub(super) fn token(state: &AppState, id: i64) -> Minted {
    let mac = state.secrets.mac(Purpose::Subscriptions, &[b"token", &id.to_be_bytes()]);
    let secret = mac.first_chunk::<32>().copied().unwrap_or_default();
    state.ids.mint_of(Kind::SubscriptionToken, id, secret)
}

/// Subscribes; asks the address to agree. The same again gives the same subscription, with the new policy where one is
/// named, and asks again where it has not agreed (OSIA-NOT-05).
///
/// # Errors
/// [`Refusal`]
pub(super) async fn subscribe(state: &AppState, caller: Caller, wanted: Wanted) -> Result<Subscription, Refusal> {
    let party = party(state, &caller).await?;
    let inner = state.clone();
    let row = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let endpoint = endpoint(&inner.secrets, &party, wanted.protocol.name(), &wanted.address);
                if endpoint.is_double() {
                    take_turn(tx).await?;
                }
                // First by unique id: whoever names a topic by the unique id of another one speaks for nobody else.
                let topic = match store::topic_of(tx, &wanted.topic).await? {
                    Some(found) => Some(found),
                    None => store::topic_named(tx, &wanted.topic).await?,
                };
                let topic = topic.ok_or_else(|| Refusal::bad("there is no such topic"))?;
                if store::subscription_at(tx, topic.id, &endpoint).await?.is_none() {
                    if store::count_of_party(tx, &party).await? >= MOST {
                        return Err(Refusal::bad("there are too many subscriptions: end some"));
                    }
                    if create(&inner, tx, &caller, &party, topic.id, &wanted, &endpoint).await? {
                        record(&inner, tx, EventKind::Subscribed, &caller).await?;
                    }
                }
                let row = store::subscription_at(tx, topic.id, &endpoint).await?;
                let mut row = row.ok_or(StoreError::Corrupt { what: "subscription" })?;
                if let Some(policy) = wanted.policy {
                    store::set_policy(tx, row.id, policy).await?;
                    (row.countdown, row.retries) = (policy.countdown, policy.retries);
                }
                let now = inner.clock.now();
                if store::ask_again(tx, row.id, now, now - ASKED).await? {
                    ask(&inner, tx, row.id).await?;
                }
                Ok(row)
            })
        })
        .await?;
    Ok(view(state, row)?)
}

/// Writes a subscription and asks its address; `false` where another call was first.
async fn create(
    state: &AppState,
    tx: &mut Tx,
    caller: &Caller,
    party: &str,
    topic: i64,
    wanted: &Wanted,
    endpoint: &Hash,
) -> Result<bool, Refusal> {
    let id = state.next_id();
    let sealed = state.secrets.seal(Purpose::Subscriptions, &context(id), wanted.address.as_bytes(), &*state.rng)?;
    let row = store::NewSubscription {
        id,
        uuid: uuid::new(&*state.rng),
        topic,
        party,
        caller,
        protocol: wanted.protocol,
        endpoint,
        address: &sealed,
        policy: wanted.policy.unwrap_or_default(),
        now: state.clock.now(),
    };
    if !store::insert_subscription(tx, row).await? {
        return Ok(false);
    }
    ask(state, tx, id).await?;
    Ok(true)
}

async fn ask(state: &AppState, tx: &mut Tx, subscription: i64) -> Result<(), StoreError> {
    store::delete_questions(tx, subscription).await?;
    store::insert_delivery(tx, state.next_id(), subscription, None, state.clock.now()).await?;
    tx.wake(wait::events());
    Ok(())
}

/// The subscriptions of the caller's relying party.
///
/// # Errors
/// [`Refusal`]
pub(super) async fn list(state: &AppState, caller: &Caller) -> Result<Vec<Subscription>, Refusal> {
    let party = party(state, caller).await?;
    let rows = state.store.read(move |tx| Box::pin(async move { store::of_party(tx, &party).await })).await?;
    rows.into_iter().map(|row| Ok(view(state, row)?)).collect()
}

/// Ends a subscription, with all that is on its way to it.
///
/// # Errors
/// [`Refusal::NotFound`] for one that is not there, or another relying party's.
pub(super) async fn unsubscribe(state: &AppState, caller: Caller, uuid: String) -> Result<(), Refusal> {
    let party = party(state, &caller).await?;
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if !store::delete_subscription(tx, &uuid, &party).await? {
                    return Err(Refusal::NotFound);
                }
                Ok(record(&inner, tx, EventKind::Unsubscribed, &caller).await?)
            })
        })
        .await
}

/// Makes a subscription of the caller's relying party active by the token that its address was sent. The token stays good: a
/// message may come twice.
///
/// # Errors
/// [`Refusal::Bad`] for a token that is none, or of another relying party's subscription.
pub(super) async fn confirm(state: &AppState, caller: Caller, token: &str) -> Result<(), Refusal> {
    let refused = || Refusal::bad("the token is not good for a subscription of the caller's: subscribe again");
    let party = party(state, &caller).await?;
    let opened = state.ids.open(Kind::SubscriptionToken, token).ok_or_else(refused)?;
    if !opened.matches(&self::token(state, opened.id).secret_hash) {
        return Err(refused());
    }
    let (inner, id) = (state.clone(), opened.id);
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if store::confirm(tx, id, &party, inner.clock.now()).await? {
                    store::delete_questions(tx, id).await?;
                    return Ok(record(&inner, tx, EventKind::SubscriptionConfirmed, &caller).await?);
                }
                if store::exists(tx, id, &party).await? { Ok(()) } else { Err(refused()) }
            })
        })
        .await
}

fn view(state: &AppState, row: store::SubscriptionRow) -> Result<Subscription, SecretError> {
    Ok(Subscription {
        address: address(state, row.id, &row.address)?,
        policy: Policy { countdown: row.countdown, retries: row.retries }.to_string(),
        protocol: if row.protocol == Protocol::Email.name() { Protocol::Email } else { Protocol::Http },
        uuid: row.uuid,
        topic: row.topic,
        active: row.confirmed_at.is_some(),
    })
}
