//! What enrollment clients may send, and whose enrollments they work on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Enrollment {
    /// Bytes of one enrollment as JSON, with what it holds by value; it is read whole.
    pub largest_record: usize,
    /// Bytes of one buffer; it is never held whole.
    pub largest_buffer: u64,
    /// Seconds for sending one enrollment or buffer.
    pub transfer_seconds: u64,
    /// Seconds that a buffer waits for its enrollment to be created; then it is deleted.
    pub buffer_seconds: u32,
    /// By relying party id, the enrollment service that it belongs to. Clients of one service share their enrollments. A
    /// relying party that is not named is a service of its own, under its id. Enrollments keep the service that they were
    /// made for.
    pub services: BTreeMap<String, String>,
}

impl Default for Enrollment {
    fn default() -> Self {
        Self {
            largest_record: 16 * 1024 * 1024,
            largest_buffer: 128 * 1024 * 1024,
            transfer_seconds: 900,
            buffer_seconds: 24 * 3600,
            services: BTreeMap::new(),
        }
    }
}

impl Enrollment {
    /// The service of a relying party, by its id.
    #[must_use]
    pub fn service_of<'s>(&'s self, relying_party_id: &'s str) -> &'s str {
        self.services.get(relying_party_id).map_or(relying_party_id, String::as_str)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        if self.largest_record == 0 || self.largest_buffer == 0 {
            return refuse("enrollment.largest_record", "and enrollment.largest_buffer must allow something");
        }
        if i64::try_from(self.largest_buffer).is_err() {
            return refuse("enrollment.largest_buffer", "must be less than 2^63");
        }
        if self.transfer_seconds == 0 || self.buffer_seconds == 0 {
            return refuse("enrollment.transfer_seconds", "and enrollment.buffer_seconds must be at least 1");
        }
        if self.services.values().any(String::is_empty) {
            return refuse("enrollment.services", "a service needs a name");
        }
        Ok(())
    }
}
