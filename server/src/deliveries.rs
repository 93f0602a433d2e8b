//! What was sent to addresses of others, counted for Prometheus: notifications, logout tokens, changes of claims. Labels hold
//! what it was and how it went, never to whom.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

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
