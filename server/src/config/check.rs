//! What a configuration may not say, whatever its parts.

use super::{Config, ConfigError, Delivery, Mode};

impl Config {
    /// Refuses what would not work, or not be safe.
    ///
    /// # Errors
    /// [`ConfigError::Refused`] with the key, and what is wrong.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |key, reason| Err(ConfigError::Refused { key, reason });
        if self.public_url.path() != "/" || self.public_url.query().is_some() || self.public_url.fragment().is_some() {
            return refuse("public_url", "only scheme, host and port: the issuers' paths are fixed");
        }
        if !(6..=10).contains(&self.otp.digits) {
            return refuse("otp.digits", "6 to 10: fewer can be guessed");
        }
        if self.lifetimes.frame == 0 {
            return refuse("lifetimes.frame", "at least one second");
        }
        if self.languages.is_empty() {
            return refuse("languages", "name at least one");
        }
        if !self.statistics.is_sound() {
            return refuse("statistics.least_group", "must be 2 or more: a group of one is a person");
        }
        if !self.assurance.is_whole() {
            return refuse(
                "assurance",
                "name trust frameworks, and the types of documents and records that evidence has",
            );
        }
        self.binding.attestation.check(self.mode)?;
        self.bankid.check()?;
        self.enrollment.check()?;
        self.population.check()?;
        self.registration.check()?;
        self.identity.check()?;
        self.verification.check()?;
        self.inbox.check()?;
        if self.mode == Mode::Production {
            if self.public_url.scheme() != "https" {
                return refuse("public_url", "must be https in production");
            }
            if matches!(self.otp.delivery, Delivery::Log) {
                return refuse("otp.delivery", "`log` shows one-time passwords: use smtp or webhook in production");
            }
        }
        Ok(())
    }
}
