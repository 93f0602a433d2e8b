//! Time comes in, so that every expiry is testable.

/// The clock could not be read. The wallet then asks the device's own ([`SystemClock`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum ClockError {
    /// Anything.
    #[error("the clock failed")]
    Failed,
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for ClockError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

/// Tells the time. Apps need none: without one the wallet asks the device. Tests give one that is wrong, or stands still.
#[cfg_attr(feature = "uniffi", uniffi::export(rust, foreign))]
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z. Must return at once. Errors: `Failed`.
    fn now_ms(&self) -> Result<i64, ClockError>;
}

/// The device's clock. It may be wrong: the wallet learns the difference from the servers'
/// `responseTime` and corrects what it signs.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[expect(clippy::disallowed_methods, reason = "the one place where the device's time enters the wallet")]
    #[must_use]
    pub fn epoch_ms(self) -> i64 {
        use std::time::{SystemTime, UNIX_EPOCH};
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> Result<i64, ClockError> {
        Ok(self.epoch_ms())
    }
}
