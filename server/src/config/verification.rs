//! What relying parties may be told about persons by calls of their own (OSIA Third Party Services).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// Characters of the name of an attribute set at most.
const LONGEST_NAME: usize = 64;
/// Attributes of a set at most.
const MOST_ATTRIBUTES: usize = 50;

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verification {
    /// Verifications of one person by one client in an hour that may find something wrong, so that nobody guesses his way to
    /// an attribute; 0: any number.
    pub misses_per_hour: u32,
    /// Named sets of attributes, beside OSIA's own (`DEFAULT_SET_01`, `DEFAULT_SET_02`, `DEFAULT_SET_EIDAS`); one of these
    /// names replaces OSIA's. A client reads one with the scope `id.NAME.read`.
    pub sets: BTreeMap<String, AttributeSet>,
    /// How unknown persons are sought on watch lists.
    pub identify: Identify,
}

impl Default for Verification {
    fn default() -> Self {
        Self { misses_per_hour: 30, sets: BTreeMap::new(), identify: Identify::default() }
    }
}

/// What a named set tells, each attribute by its OSIA name (`firstName`) or that of its claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttributeSet {
    /// In `biographicData`; `identifier` is the pseudonym by which the caller knows the person.
    pub biographic: Vec<String>,
    /// In `contactData`.
    pub contact: Vec<String>,
    /// Whether the portrait is told, in `biometricData`.
    pub portrait: bool,
}

/// See [`Verification::identify`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identify {
    /// The watch list that is searched; nobody is identified where it is absent.
    pub gallery: Option<String>,
    /// Longest list that is searched while the caller waits; a longer one is a task.
    pub at_once: u32,
    /// Seconds for which the result of a task is kept.
    pub kept_seconds: u32,
}

impl Default for Identify {
    fn default() -> Self {
        Self { gallery: None, at_once: 1000, kept_seconds: 3600 }
    }
}

/// Whether a name can be that of an attribute set or watch list: 1 to 64 letters, digits, `_` or `-`.
#[must_use]
pub fn is_set_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed)
}

impl Verification {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        for (name, set) in &self.sets {
            if !is_set_name(name) {
                return refuse("verification.sets", "a name has 1 to 64 letters, digits, `_` or `-`");
            }
            let count = set.biographic.len() + set.contact.len();
            if count == 0 && !set.portrait || count > MOST_ATTRIBUTES {
                return refuse("verification.sets", "a set names 1 to 50 attributes, or the portrait");
            }
        }
        if self.identify.gallery.as_deref().is_some_and(|gallery| !is_set_name(gallery)) {
            return refuse("verification.identify.gallery", "a name has 1 to 64 letters, digits, `_` or `-`");
        }
        Ok(())
    }
}
