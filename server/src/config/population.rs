//! What clients of the population registry may send.

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// See the field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Population {
    /// Bytes of one identity as JSON, with the portrait, fingerprints and documents that it holds; it is read whole.
    pub largest_identity: usize,
}

impl Default for Population {
    fn default() -> Self {
        Self { largest_identity: 16 * 1024 * 1024 }
    }
}

impl Population {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.largest_identity == 0 {
            return Err(ConfigError::Refused { key: "population.largest_identity", reason: "must allow something" });
        }
        Ok(())
    }
}
