//! Messages: what a subscriber is sent, and the signature over it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::store::Lane;
use super::subscriptions;
use crate::clients::Client;
use crate::clock::Millis;
use crate::events::{self, Content, Event, Unreadable};
use crate::ids::Kind;
use crate::keys::KeyError;
use crate::registry::{self, PersonId};
use crate::state::AppState;
use crate::store::StoreError;

/// The header with the detached signature over the body.
pub const SIGNATURE_HEADER: &str = "x-jws-signature";
/// The `typ` of signatures.
const TYP: &str = "osia-notification";

/// What a message is for (OSIA `Message.type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum MessageType {
    /// The address is asked to agree.
    SubscriptionConfirmation,
    /// Something happened.
    Notification,
}

impl MessageType {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SubscriptionConfirmation => "SubscriptionConfirmation",
            Self::Notification => "Notification",
        }
    }
}

/// A message (OSIA `Message`). Its `Debug` shows type and id only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: MessageType,
    /// What has to come back where the address agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The unique id of the topic.
    pub topic: String,
    /// What happened: of this server's own topics, JSON as text.
    pub message: String,
    /// The unique id of the message, the same in every attempt and for every subscriber.
    pub message_id: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Where the token is brought, with it.
    #[serde(rename = "subscribeURL", default, skip_serializing_if = "Option::is_none")]
    pub subscribe_url: Option<String>,
    /// When it happened (RFC 3339).
    pub timestamp: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.message_id)
    }
}

/// Why a message cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotMade {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What happened does not open.
    #[error(transparent)]
    Event(#[from] Unreadable),
    /// It cannot be signed.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// It cannot be written as JSON.
    #[error("a message cannot be written")]
    Written,
}

fn moment(at: Millis) -> Result<String, NotMade> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000).ok();
    at.and_then(|at| at.format(&Rfc3339).ok()).ok_or(NotMade::Written)
}

/// The message of a delivery; `None` where what it tells of is forgotten.
///
/// # Errors
/// [`NotMade`]
pub(super) async fn make(
    state: &AppState,
    lane: &Lane,
    delivery: i64,
    event: Option<i64>,
) -> Result<Option<Message>, NotMade> {
    let Some(event) = event else { return Ok(Some(question(state, lane, delivery)?)) };
    let Some(happened) = events::find(state, event).await? else { return Ok(None) };
    let (subject, message) = match happened.content {
        Content::Ours(event) => (Some(event.subject().to_owned()), text(state, &event).await?),
        Content::Published { subject, text } => (subject, text),
    };
    Ok(Some(Message {
        kind: MessageType::Notification,
        token: None,
        topic: lane.topic.clone(),
        message,
        message_id: state.ids.name(Kind::Message, happened.id),
        subject,
        subscribe_url: None,
        timestamp: moment(happened.at)?,
    }))
}

/// What asks an address to agree.
fn question(state: &AppState, lane: &Lane, delivery: i64) -> Result<Message, NotMade> {
    let token = subscriptions::token(state, lane.id).text;
    let url = format!("{}/v1/subscriptions/confirm?token={token}", state.config.origin());
    Ok(Message {
        kind: MessageType::SubscriptionConfirmation,
        message: format!(
            "This address is to be told of the topic {}. Call subscribeURL to agree; do nothing to refuse.",
            lane.topic_name
        ),
        token: Some(token),
        topic: lane.topic.clone(),
        message_id: state.ids.name(Kind::Message, delivery),
        subject: Some("subscription confirmation".into()),
        subscribe_url: Some(url),
        timestamp: moment(state.ids.made_at(delivery))?,
    })
}

/// The body of one of this server's events, as text. Of a consent, with the client's own name for the person.
async fn text(state: &AppState, event: &Event) -> Result<String, NotMade> {
    let mut body = event.body(state.config.origin());
    if let Some(consent) = event.consent() {
        body.insert("issuer".into(), json!(state.issuer(consent.mount)));
        let client = crate::clients::find_any(state, consent.mount, &consent.client_id).await?;
        if let Some(client) = client {
            let sub = registry::subject_for(state, PersonId(consent.person), client.sector()).await?;
            body.insert("sub".into(), json!(sub));
        }
    }
    Ok(Value::Object(body).to_string())
}

/// The detached signature over a body (RFC 7515 Appendix F), by the key of the subscriber's issuer. Its header names issuer,
/// subscription and time, so that it is good for nobody else.
///
/// # Errors
/// [`NotMade::Keys`]
pub(super) fn sign(state: &AppState, client: &Client, subscription: &str, body: &[u8]) -> Result<String, NotMade> {
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    let mut header = Map::new();
    header.insert("typ".into(), TYP.into());
    header.insert("iss".into(), state.issuer(client.mount).into());
    header.insert("subscription".into(), subscription.into());
    header.insert("iat".into(), state.clock.now().div_euclid(1000).into());
    Ok(state.keys.sign_detached(alg, header, body)?)
}

/// A mail's text: the message for people, and the whole of it signed for machines.
///
/// # Errors
/// [`NotMade::Keys`]
pub(super) fn mail(state: &AppState, client: &Client, message: &Message) -> Result<String, NotMade> {
    let alg = client.signed_with().ok_or(KeyError::Crypto("choosing an algorithm"))?;
    let signed = state.keys.sign_jwt(alg, TYP, message)?;
    let url = message.subscribe_url.as_deref().map(|url| format!("\nsubscribeURL: {url}\n")).unwrap_or_default();
    Ok(format!(
        "{}\n{url}\nmessage-type: {}\nmessage-id: {}\ntopic-id: {}\ntimestamp: {}\n\nsigned: {signed}\n",
        message.message,
        message.kind.name(),
        message.message_id,
        message.topic,
        message.timestamp
    ))
}
