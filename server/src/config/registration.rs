//! Whether clients may register themselves.

use serde::{Deserialize, Serialize};

use super::{ConfigError, sha256_from_hex};

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Who may register a client at `/op/register`.
    pub opening: Opening,
    /// SHA-256 of each initial access token, in hex: `printf %s TOKEN | sha256sum`.
    pub initial_access_tokens: Vec<String>,
    /// Claims about persons that clients which registered themselves may ask for; all where empty. The person is asked in
    /// every case.
    pub claims: Vec<String>,
    /// Days after which a client that registered itself is removed where nobody ever logged in to it; 0 keeps it for ever.
    pub unused_days: u32,
}

impl Default for Registration {
    fn default() -> Self {
        Self { opening: Opening::default(), initial_access_tokens: Vec::new(), claims: Vec::new(), unused_days: 30 }
    }
}

/// See [`Registration::opening`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// Nobody; those that are there may not manage themselves either.
    #[default]
    Off,
    /// Whoever has an initial access token (RFC 7591 §1.2).
    Token,
    /// Anybody.
    Open,
}

impl Registration {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        if !self.initial_access_tokens.iter().all(|text| sha256_from_hex(text).is_some()) {
            return refuse("registration.initial_access_tokens", "SHA-256 of each token: 64 digits of hex");
        }
        if self.opening == Opening::Token && self.initial_access_tokens.is_empty() {
            return refuse(
                "registration.initial_access_tokens",
                "name at least one, or let nobody or anybody register",
            );
        }
        Ok(())
    }
}
