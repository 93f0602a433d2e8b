//! Questions of relying parties to persons, which wallets pull.

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// See the fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inbox {
    /// Hours in which a question can be answered, where the relying party wants no fewer.
    pub question_hours: u32,
    /// Hours for which a relying party that got a no may not ask the same person again.
    pub pause_hours: u32,
    /// Questions open to one person at once, of all relying parties; of one relying party's client it is one.
    pub open_per_person: u32,
    /// Days for which an ended question is kept, so that the relying party can read how it ended.
    pub kept_days: u32,
}

impl Default for Inbox {
    fn default() -> Self {
        Self { question_hours: 72, pause_hours: 24, open_per_person: 20, kept_days: 30 }
    }
}

impl Inbox {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let days = u64::from(self.kept_days) * 24;
        // A no may come in the last hour of a question, and holds from then on.
        if self.question_hours == 0 || days < u64::from(self.question_hours) + u64::from(self.pause_hours) {
            return Err(ConfigError::Refused {
                key: "inbox.kept_days",
                reason: "a question lasts an hour at least, and is kept no shorter than it lasts and the pause after a no",
            });
        }
        Ok(())
    }
}
