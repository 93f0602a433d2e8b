//! Topics: what services can subscribe to. This server's own exist from the beginning; nobody removes them, and nobody else
//! publishes to them, so that what is told of an identity comes from here. Another is the relying party's that made it: nobody
//! else removes it, for others have subscribed to it.

use schemars::JsonSchema;
use serde::Serialize;

use super::{party, store, uuid};
use crate::access::Caller;
use crate::audit::{Actor, Event, EventKind};
use crate::dialect::Mount;
use crate::events::{self, Content};
use crate::osia::Refusal;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Topics that services make, at most: lists have no pages.
const MOST: i64 = 1000;
/// Characters of a name or a subject at most.
const LONGEST: usize = 256;

/// A topic (OSIA `Topic`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Topic {
    /// Its unique id.
    pub uuid: String,
    /// Its name.
    pub name: String,
}

/// Whether a text can stand in one line.
fn is_line(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control)
}

/// Writes down what a client did to topics or subscriptions.
pub(super) async fn record(state: &AppState, tx: &mut Tx, kind: EventKind, caller: &Caller) -> Result<(), StoreError> {
    let actor = Actor::client(caller.mount, &caller.client_id);
    state.audit.record(tx, Event::new(kind, caller.mount).client(&caller.client_id).by(&actor)).await
}

/// Who removes a topic.
pub(super) enum Remover {
    /// A client: one of its own relying party's, or one of which nobody knows whose it is.
    Client {
        /// The client.
        caller: Caller,
        /// Its relying party.
        party: String,
    },
    /// The operator, by a command: whosever it is.
    Operator,
}

impl Remover {
    /// A client.
    ///
    /// # Errors
    /// As [`party`].
    pub(super) async fn client(state: &AppState, caller: Caller) -> Result<Self, Refusal> {
        let party = party(state, &caller).await?;
        Ok(Self::Client { caller, party })
    }

    fn may_remove(&self, topic: &store::TopicRow) -> bool {
        match (self, &topic.party) {
            (Self::Client { party, .. }, Some(owner)) => party == owner,
            (Self::Client { .. }, None) | (Self::Operator, _) => true,
        }
    }

    async fn record(&self, state: &AppState, tx: &mut Tx) -> Result<(), StoreError> {
        match self {
            Self::Client { caller, .. } => record(state, tx, EventKind::TopicRemoved, caller).await,
            Self::Operator => {
                let command = Actor::command();
                let event = Event::new(EventKind::TopicRemoved, Mount::Wallet).by(&command);
                state.audit.record(tx, event).await
            }
        }
    }
}

/// The topic of this name, made where there is none (OSIA-NOT-01). It is the caller's relying party's then.
///
/// # Errors
/// [`Refusal`]
pub(super) async fn create(state: &AppState, caller: Caller, name: String) -> Result<Topic, Refusal> {
    if !is_line(&name) {
        return Err(Refusal::bad(format!(
            "name must have 1 to {LONGEST} characters, none of them a control character"
        )));
    }
    let (party, inner) = (party(state, &caller).await?, state.clone());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(found) = store::topic_named(tx, &name).await? {
                    return Ok(found.into());
                }
                if store::count_topics(tx).await? >= MOST {
                    return Err(Refusal::bad("there are too many topics: remove some"));
                }
                let uuid = uuid::new(&*inner.rng);
                if store::insert_topic(tx, inner.next_id(), &uuid, &name, Some(party.as_str())).await? {
                    record(&inner, tx, EventKind::TopicCreated, &caller).await?;
                }
                // Another may have been first.
                let made = store::topic_named(tx, &name).await?.ok_or(StoreError::Corrupt { what: "topic" })?;
                Ok(made.into())
            })
        })
        .await
}

/// All topics, this server's own first.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn list(state: &AppState) -> Result<Vec<store::TopicRow>, StoreError> {
    state.store.read(|tx| Box::pin(store::topics(tx))).await
}

/// Removes a topic, with its subscriptions and all that is on its way to them.
///
/// # Errors
/// [`Refusal::NotFound`]; [`Refusal::Forbidden`] for one of this server's own, or another relying party's.
pub(super) async fn remove(state: &AppState, by: Remover, uuid: String) -> Result<(), Refusal> {
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let topic = store::topic_of(tx, &uuid).await?.ok_or(Refusal::NotFound)?;
                if topic.own != 0 {
                    return Err(Refusal::Forbidden("this topic is the server's own"));
                }
                if !by.may_remove(&topic) {
                    return Err(Refusal::Forbidden(
                        "another service made this topic: it may remove it, or the server's operator",
                    ));
                }
                events::forget_topic(tx, topic.id).await?;
                if !store::delete_topic(tx, topic.id).await? {
                    return Err(Refusal::NotFound);
                }
                by.record(&inner, tx).await.map_err(Refusal::from)
            })
        })
        .await
}

/// Publishes a text to a topic.
///
/// # Errors
/// [`Refusal::Bad`] for an unknown topic: OSIA's file knows no 404 here. [`Refusal::Forbidden`] for one of this server's own.
pub(super) async fn publish(
    state: &AppState,
    uuid: String,
    subject: Option<String>,
    text: String,
) -> Result<(), Refusal> {
    if subject.as_deref().is_some_and(|subject| !subject.is_empty() && !is_line(subject)) {
        return Err(Refusal::bad(format!("subject may have {LONGEST} characters, none of them a control character")));
    }
    let inner = state.clone();
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let topic = store::topic_of(tx, &uuid).await?;
                let topic = topic.ok_or_else(|| Refusal::bad("there is no such topic"))?;
                if topic.own != 0 {
                    return Err(Refusal::Forbidden("only the server publishes to this topic"));
                }
                let content = Content::Published { subject, text };
                events::put(&inner, tx, topic.id, &content).await.map_err(Refusal::from)
            })
        })
        .await
}

impl From<store::TopicRow> for Topic {
    fn from(row: store::TopicRow) -> Self {
        Self { uuid: row.uuid, name: row.name }
    }
}
