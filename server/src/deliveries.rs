//! What was sent to addresses of others, counted for Prometheus: notifications, logout tokens, changes of claims. Labels hold
//! what it was and how it went, never to whom.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::clock::Millis;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A message of OSIA's notification interface, by HTTP.
    Notification,
    /// The same, by mail.
    Mail,
    /// A logout token.
    Logout,
    /// A notification of changed claims, as Bank iD's profile has it.
    Claims,
}

impl Sent {
    fn name(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Mail => "mail",
            Self::Logout => "logout",
            Self::Claims => "claims",
        }
    }
}

/// How an attempt went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered,
    /// It was not, and comes again.
    Refused,
    /// It was not, and was given up.
    Dead,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Refused => "refused",
            Self::Dead => "dead",
        }
    }
}

/// What came of one attempt to tell a client something, which is made again after pauses that grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The client took it.
    Taken,
    /// It did not.
    NotTaken,
    /// It is not one that is told.
    Over,
}

impl Attempt {
    /// When the next is due after so many, milliseconds of pause before each; `None` where there is none.
    #[must_use]
    pub fn again(self, attempts: i64, pauses: &[Millis], now: Millis) -> Option<Millis> {
        let pause = usize::try_from(attempts - 1).ok().and_then(|place| pauses.get(place));
        pause.filter(|_| self == Self::NotTaken).map(|pause| now + pause)
    }

    /// How it is counted; `None` for one that was none.
    fn outcome(self, again: bool) -> Option<Outcome> {
        match self {
            Self::Taken => Some(Outcome::Delivered),
            Self::NotTaken if again => Some(Outcome::Refused),
            Self::NotTaken => Some(Outcome::Dead),
            Self::Over => None,
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Attempts {
    sent: &'static str,
    outcome: &'static str,
}

/// The counters of one node; part of the state. They count what was written down.
#[derive(Default)]
pub struct Deliveries {
    attempts: Family<Attempts, Counter<u64, AtomicU64>>,
}

impl Deliveries {
    /// Counts an attempt.
    pub fn count(&self, sent: Sent, outcome: Outcome) {
        self.attempts.get_or_create(&Attempts { sent: sent.name(), outcome: outcome.name() }).inc();
    }

    /// Counts an attempt at a client, once what came of it is written down.
    pub fn tried(&self, sent: Sent, attempt: Attempt, again: bool) {
        if let Some(outcome) = attempt.outcome(again) {
            self.count(sent, outcome);
        }
    }

    /// How many attempts there were so far.
    #[must_use]
    pub fn so_far(&self, sent: Sent, outcome: Outcome) -> u64 {
        self.attempts.get_or_create(&Attempts { sent: sent.name(), outcome: outcome.name() }).get()
    }

    /// Shows the counters in a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("deliveries", "Attempts to send something to others", self.attempts.clone());
    }
}
