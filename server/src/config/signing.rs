//! What this server signs with.

use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};

/// See the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signing {
    /// Whether clients of `/op` may have EdDSA, and its key is published there. Some libraries refuse a whole key set for
    /// one kind of key that they do not know.
    pub ed25519: bool,
}

impl Default for Signing {
    fn default() -> Self {
        Self { ed25519: true }
    }
}

impl Signing {
    /// Those of a mount's algorithms that it signs with here, in the same order.
    #[must_use]
    pub fn offered(self, algorithms: &[Algorithm]) -> Vec<Algorithm> {
        algorithms.iter().copied().filter(|alg| self.ed25519 || *alg != Algorithm::EdDsa).collect()
    }
}
