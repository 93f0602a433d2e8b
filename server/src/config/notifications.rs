//! How services are told of what happened.

use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notifications {
    /// Days for which a message that was given up is kept, to be looked at and sent again.
    pub dead_letter_days: u32,
    /// Days within which an address must agree to be told of a topic.
    pub confirmation_days: u32,
    /// Subscribers that are delivered to at the same time, by each node.
    pub at_once: u16,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { dead_letter_days: 30, confirmation_days: 3, at_once: 32 }
    }
}
