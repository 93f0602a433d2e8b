//! How logins go, counted for Prometheus: steps, and how long people take. Labels hold issuer, channel and step, never
//! an id.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::clock::Millis;
use crate::dialect::Mount;

/// How far a login came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A relying party's request became a login.
    Started,
    /// A link code was made, to be shown or opened.
    CodeMade,
    /// A wallet claimed a link code.
    Scanned,
    /// The citizen agreed, in the wallet.
    Approved,
    /// The citizen refused, or the server did.
    Denied,
    /// Its time ran out.
    Expired,
    /// The browser got its authorization code.
    Finished,
    /// The citizen reported it afterwards.
    Reported,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::CodeMade => "code_made",
            Self::Scanned => "scanned",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Finished => "finished",
            Self::Reported => "reported",
        }
    }
}

/// What people wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// From a code that is shown until a wallet claims it.
    Scan,
    /// From there until the citizen agrees.
    Approval,
}

impl Wait {
    fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Approval => "approval",
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Steps {
    mount: &'static str,
    step: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Waits {
    mount: &'static str,
    wait: &'static str,
}

/// The counters of one node; part of the state. They count what was committed.
pub struct Flow {
    steps: Family<Steps, Counter<u64, AtomicU64>>,
    seconds: Family<Waits, Histogram>,
}

impl Default for Flow {
    fn default() -> Self {
        // A quarter of a second to about ten minutes: how long people take.
        let seconds: Family<Waits, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.25, 2.0, 12)));
        Self { steps: Family::default(), seconds }
    }
}

impl Flow {
    /// Counts a step.
    pub fn count(&self, mount: Mount, step: Step) {
        self.add(mount, step, 1);
    }

    /// Counts several.
    pub fn add(&self, mount: Mount, step: Step, many: u64) {
        self.steps.get_or_create(&Steps { mount: mount.name(), step: step.name() }).inc_by(many);
    }

    /// Notes how long somebody took.
    pub fn waited(&self, mount: Mount, wait: Wait, from: Millis, until: Millis) {
        let seconds = std::time::Duration::from_millis(u64::try_from(until - from).unwrap_or(0)).as_secs_f64();
        self.seconds.get_or_create(&Waits { mount: mount.name(), wait: wait.name() }).observe(seconds);
    }

    /// Shows the counters in a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("login_steps", "Steps of logins", self.steps.clone());
        registry.register("login_wait_seconds", "How long people take", self.seconds.clone());
    }
}
