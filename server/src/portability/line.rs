//! Lines of an export.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::audit;
use crate::clock::Millis;
use crate::consents;
use crate::population;
use crate::registry::Carried;

/// What a file of this kind calls itself.
pub(super) const FORMAT: &str = "tessera-export";
/// The version of the form that is written, and read.
pub(super) const VERSION: u32 = 1;

/// How many lines of each kind there are.
pub type Counts = BTreeMap<String, u64>;

/// One line. Primary keys stay what they are, so that one line may refer to another.
#[derive(Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Line {
    /// The first one.
    Head(Head),
    /// A person, with history.
    Person(Box<Carried>),
    /// What the population registry keeps of the person in an earlier line.
    Population {
        /// The person's primary key.
        person: i64,
        /// It.
        kept: population::Kept,
    },
    /// What a relying party knows a person by.
    Subject(Subject),
    /// What a person agreed to.
    Receipt(Box<consents::Carried>),
    /// An audit event.
    Event(Box<audit::Carried>),
    /// An audit case.
    Case(Box<audit::CarriedCase>),
    /// The last one.
    End {
        /// How many lines of each kind came before, without the first.
        counts: Counts,
    },
}

impl Line {
    /// The kind under which a line is counted; `None` of the first and the last.
    #[must_use]
    pub fn kind(&self) -> Option<&'static str> {
        Some(match self {
            Self::Head(_) | Self::End { .. } => return None,
            Self::Person(_) => "person",
            Self::Population { .. } => "population",
            Self::Subject(_) => "subject",
            Self::Receipt(_) => "receipt",
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
    /// 1.
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
