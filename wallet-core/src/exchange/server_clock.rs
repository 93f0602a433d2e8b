//! The device's clock corrected by what servers say.
//!
//! Every answer carries `responseTime`. What a wallet signs is good for a minute, so a phone whose
//! clock is off would never log in; the difference to each server is learned from its answers and
//! added to what is written into requests and tokens. A lying server only spoils tokens made for
//! itself: the difference is kept per server.

use crate::ports::{Clock, SystemClock};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Differences smaller than this, beside the time the exchange took, are taken for jitter.
const JITTER_MS: i64 = 1_000;
/// A correction of at least this much may have been why a request was refused.
const HARMFUL_MS: i64 = 20_000;

/// What an answer taught.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Learned {
    /// The clock was right, or known to be wrong by this much already.
    Nothing,
    /// The difference is a new one, too small to have harmed.
    Small,
    /// The request was made with a time the server cannot have accepted: make it again.
    Harmful,
}

pub(crate) struct ServerClock {
    device: Arc<dyn Clock>,
    ahead_ms: Mutex<HashMap<String, i64>>,
}

impl ServerClock {
    pub(crate) fn new(device: Arc<dyn Clock>) -> Self {
        Self { device, ahead_ms: Mutex::new(HashMap::new()) }
    }

    /// The device's own time, in milliseconds.
    pub(crate) fn device_ms(&self) -> i64 {
        self.device.now_ms().unwrap_or_else(|_| SystemClock.epoch_ms())
    }

    /// The time at the server, as far as known, in milliseconds.
    pub(crate) fn now_ms(&self, server: &str) -> i64 {
        self.device_ms().saturating_add(self.ahead_ms(server))
    }

    /// How far the server's clock is ahead of the device's, in milliseconds.
    pub(crate) fn ahead_ms(&self, server: &str) -> i64 {
        *self.lock().get(server).unwrap_or(&0)
    }

    /// Takes over a difference learned earlier, by a session that was stored.
    pub(crate) fn remember(&self, server: &str, ahead_ms: i64) {
        self.lock().entry(server.to_owned()).or_insert(ahead_ms);
    }

    /// Learns from an answer: when the request was sent and the answer there by the device's clock,
    /// and what the server's clock said in between.
    pub(crate) fn learn(&self, server: &str, sent_ms: i64, received_ms: i64, server_ms: i64) -> Learned {
        let took = received_ms.saturating_sub(sent_ms).max(0);
        let middle = sent_ms.saturating_add(took / 2);
        let measured = server_ms.saturating_sub(middle);
        let mut known = self.lock();
        let old = *known.get(server).unwrap_or(&0);
        let change = measured.saturating_sub(old).saturating_abs();
        if change <= JITTER_MS.saturating_add(took / 2) {
            return Learned::Nothing;
        }
        known.insert(server.to_owned(), measured);
        if change >= HARMFUL_MS { Learned::Harmful } else { Learned::Small }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, i64>> {
        self.ahead_ms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::ClockError;

    struct Fixed(i64);
    impl Clock for Fixed {
        fn now_ms(&self) -> Result<i64, ClockError> {
            Ok(self.0)
        }
    }

    #[test]
    fn differences_are_learned_per_server_and_jitter_is_not() {
        let clock = ServerClock::new(Arc::new(Fixed(1_000_000)));
        assert_eq!(clock.learn("a", 1_000_000, 1_000_400, 1_000_900), Learned::Nothing);
        assert_eq!(clock.learn("a", 1_000_000, 1_000_400, 1_600_200), Learned::Harmful);
        assert_eq!(clock.now_ms("a"), 1_600_000);
        assert_eq!(clock.now_ms("b"), 1_000_000);
        assert_eq!(clock.learn("a", 1_000_000, 1_000_000, 1_600_500), Learned::Nothing);
        assert_eq!(clock.learn("a", 1_000_000, 1_000_000, 1_605_000), Learned::Small);
        assert_eq!(clock.learn("a", i64::MIN, i64::MAX, i64::MIN), Learned::Harmful);
    }
}
