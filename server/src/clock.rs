//! Time and randomness come in through these two, so that every expiry is testable without sleeping.

use time::OffsetDateTime;

/// Milliseconds since 1970-01-01 UTC.
pub type Millis = i64;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Millis;
}

/// Where random bytes come from.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with bytes that nobody can guess.
    fn fill(&self, bytes: &mut [u8]);
}

/// Random bytes, as many as the array holds.
pub fn random<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}

/// The machine's clock and generator.
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Millis {
        let now = OffsetDateTime::now_utc();
        i64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }
}

impl Rng for System {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's generator is read")]
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            // Guessable secrets would be worse than no server.
            std::process::abort();
        }
    }
}
