//! Lines of an export.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::authorization::remembered;
use crate::clock::Millis;
use crate::enrollment::{self, buffer};
use crate::notifications::{CarriedDelivery, CarriedSubscription, CarriedTopic};
use crate::registry::{Carried, CarriedNumber};
use crate::statistics::{CarriedDay, CarriedHome};
use crate::verification::identify;
use crate::{audit, binding, clients, consents, events, factors, identity, inbox, keys, population};

/// What a file of this kind calls itself.
pub(super) const FORMAT: &str = "tessera-export";
/// The version of the form that is written. Those before are read too.
pub(super) const VERSION: u32 = 2;

/// How many lines of each kind there are.
pub type Counts = BTreeMap<String, u64>;

/// One line. Primary keys stay what they are, so that one line may refer to another.
#[derive(Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Line {
    /// The first one.
    Head(Head),
    /// What opaque ids are made under.
    Names(Names),
    /// A key that others encrypt for.
    EncryptionKey(Box<keys::Carried>),
    /// A client.
    Client(Box<clients::Carried>),
    /// A UIN that was given out.
    Number(CarriedNumber),
    /// A person, with history.
    Person(Box<Carried>),
    /// What the population registry keeps of the person in an earlier line.
    Population {
        /// The person's primary key.
        person: i64,
        /// It.
        kept: population::Kept,
    },
    /// The PIN of a person.
    Pin(factors::Carried),
    /// The key of a wallet.
    Wallet(Box<binding::Carried>),
    /// What a relying party knows a person by.
    Subject(Subject),
    /// What a person agreed to.
    Receipt(Box<consents::Carried>),
    /// What is remembered of that, so that nobody is asked again.
    Remembered(Box<remembered::Carried>),
    /// A question of a relying party to a person.
    Question(Box<inbox::Carried>),
    /// An enrollment.
    Enrollment(Box<enrollment::Carried>),
    /// What became of an enrollment.
    Task(Box<identity::Carried>),
    /// A buffer; its chunks follow at once.
    Buffer(Box<buffer::Carried>),
    /// A chunk of the buffer before it.
    Chunk(Chunk),
    /// An entry of a watch list.
    Watched(identify::Carried),
    /// A topic that a service made.
    Topic(CarriedTopic),
    /// Who is told of a topic.
    Subscription(Box<CarriedSubscription>),
    /// What happened, and is told.
    Happened(Box<events::Carried>),
    /// A message on its way.
    Delivery(CarriedDelivery),
    /// A day that was counted for planners.
    Day(CarriedDay),
    /// Where a person lives, for the days to come.
    Home(CarriedHome),
    /// An audit event.
    Event(Box<audit::Carried>),
    /// An audit case.
    Case(Box<audit::CarriedCase>),
    /// The last one.
    End {
        /// How many lines of each kind came before, without the first.
        counts: Counts,
        /// SHA-256 of the JSON of all lines before, each with a line feed, base64url. Version 1 has none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
}

impl Line {
    /// The kind under which a line is counted; `None` of the first and the last.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::Head(_) | Self::End { .. } => return None,
            Self::Names(_) => "names",
            Self::EncryptionKey(_) => "encryption_key",
            Self::Client(_) => "client",
            Self::Number(_) => "number",
            Self::Person(_) => "person",
            Self::Population { .. } => "population",
            Self::Pin(_) => "pin",
            Self::Wallet(_) => "wallet",
            Self::Subject(_) => "subject",
            Self::Receipt(_) => "receipt",
            Self::Remembered(_) => "remembered",
            Self::Question(_) => "question",
            Self::Enrollment(_) => "enrollment",
            Self::Task(_) => "task",
            Self::Buffer(_) => "buffer",
            Self::Chunk(_) => "chunk",
            Self::Watched(_) => "watched",
            Self::Topic(_) => "topic",
            Self::Subscription(_) => "subscription",
            Self::Happened(_) => "happened",
            Self::Delivery(_) => "delivery",
            Self::Day(_) => "day",
            Self::Home(_) => "home",
            Self::Event(_) => "event",
            Self::Case(_) => "case",
        })
    }
}

/// What a file says of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// `tessera-export`.
    pub format: String,
    /// 2; 1 had less, and no digest.
    pub version: u32,
    /// When it was begun, in milliseconds since 1970.
    pub made_at: Millis,
}

/// What a relying party knows a person by (OpenID Connect Core §8.1). Derived from the master secret, which does not travel.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The person's primary key.
    pub person: i64,
    /// The relying party.
    pub relying_party_id: String,
    /// The subject.
    pub subject: String,
}

/// What opaque ids are made under: buffers, wallets and questions keep the names that others know them by. A name gives no
/// right; what does has a secret beside it, of which only the hash is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// AES-256 key, base64url.
    pub key: String,
}

/// A chunk of a buffer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chunk {
    /// Primary key of the buffer.
    pub buffer: i64,
    /// Which chunk it is, from 0.
    pub place: i64,
    /// Its bytes in base64.
    pub data: String,
}
