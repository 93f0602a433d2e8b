//! The events of this server, by OSIA's names where it has any (OSIA 6.1, notification: event types).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::dialect::Mount;

/// Something that other services may want to know. Its `Debug` names the topic only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A person is in the registry.
    NewPerson {
        /// The person's UIN.
        uin: String,
    },
    /// Attributes of a person changed; which ones is for the registry to tell whoever may know.
    UpdatePerson {
        /// The person's UIN.
        uin: String,
    },
    /// A person has another name.
    ChangeOfName {
        /// The person's UIN.
        uin: String,
    },
    /// A person has another gender.
    ChangeOfGender {
        /// The person's UIN.
        uin: String,
    },
    /// A person died.
    Death {
        /// The person's UIN.
        uin: String,
    },
    /// A person may be in the registry more than once.
    DuplicatePerson {
        /// The person's UIN.
        uin: String,
        /// UINs of those who may be the same.
        duplicates: Vec<String>,
    },
    /// All data of an enrollment was collected; it changes no more.
    EnrollmentFinalized {
        /// Whose it is: nobody else is told, as nobody else may read it. Absent in what was written down before it was kept, of
        /// which nobody is told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<String>,
        /// The client's own id of the enrollment.
        enrollment_id: String,
        /// The client's own id of the call that finalized it.
        transaction_id: String,
    },
    /// A person agreed that a client gets to know something.
    ConsentGiven(Consent),
    /// A person took it back.
    ConsentWithdrawn(Consent),
}

/// A consent, by what the client it was given to may know of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The issuer that the client belongs to.
    pub mount: Mount,
    /// The client.
    pub client_id: String,
    /// The primary key of the person. It is never told: subscribers get the client's own name for the person instead.
    pub person: i64,
    /// The public name of the receipt; `None` where all receipts that the client had end together.
    pub consent_id: Option<String>,
}

/// Names of the topics that this server publishes to, which exist from the beginning.
pub const OWN_TOPICS: [&str; 8] = [
    "newPerson",
    "updatePerson",
    "changeOfName",
    "changeOfGender",
    "death",
    "duplicatePerson",
    "enrollment",
    "consent",
];

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.subject())
    }
}

impl Event {
    /// The name of its topic, one of [`OWN_TOPICS`].
    #[must_use]
    pub fn topic(&self) -> &'static str {
        match self {
            Self::NewPerson { .. } => "newPerson",
            Self::UpdatePerson { .. } => "updatePerson",
            Self::ChangeOfName { .. } => "changeOfName",
            Self::ChangeOfGender { .. } => "changeOfGender",
            Self::Death { .. } => "death",
            Self::DuplicatePerson { .. } => "duplicatePerson",
            Self::EnrollmentFinalized { .. } => "enrollment",
            Self::ConsentGiven(_) | Self::ConsentWithdrawn(_) => "consent",
        }
    }

    /// What a message about it has as subject: the topic's name, except where a topic has events of two kinds.
    #[must_use]
    pub fn subject(&self) -> &'static str {
        match self {
            Self::ConsentGiven(_) => "consentGiven",
            Self::ConsentWithdrawn(_) => "consentWithdrawn",
            other => other.topic(),
        }
    }

    /// The consent that it is about.
    #[must_use]
    pub fn consent(&self) -> Option<&Consent> {
        match self {
            Self::ConsentGiven(consent) | Self::ConsentWithdrawn(consent) => Some(consent),
            _ => None,
        }
    }

    /// What subscribers are told: a JSON object with `source`, the URL of this server, and the members that OSIA gives the
    /// event. Of a consent it has `issuer` as the mount's name and lacks `sub`, which only `notifications` can find out.
    #[must_use]
    pub fn body(&self, source: &str) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("source".into(), source.into());
        match self {
            Self::NewPerson { uin }
            | Self::UpdatePerson { uin }
            | Self::ChangeOfName { uin }
            | Self::ChangeOfGender { uin }
            | Self::Death { uin } => {
                body.insert("uin".into(), json!(uin));
            }
            Self::DuplicatePerson { uin, duplicates } => {
                body.insert("uin".into(), json!(uin));
                body.insert("duplicates".into(), json!(duplicates));
            }
            Self::EnrollmentFinalized { enrollment_id, transaction_id, .. } => {
                body.insert("enrollmentId".into(), json!(enrollment_id));
                body.insert("transactionId".into(), json!(transaction_id));
            }
            Self::ConsentGiven(consent) | Self::ConsentWithdrawn(consent) => {
                body.insert("clientId".into(), json!(consent.client_id));
                if let Some(id) = &consent.consent_id {
                    body.insert("consentId".into(), json!(id));
                }
            }
        }
        body
    }
}
