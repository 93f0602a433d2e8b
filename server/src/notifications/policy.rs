//! What happens where a message is not taken: `countdown,max` (OSIA Notification 1.2.0).

use crate::clock::Millis;
use crate::osia::Refusal;

/// Seconds between two attempts at most: 30 days.
const LONGEST: i64 = 30 * 24 * 3600;
/// Retries at most, where there is an end.
const MOST: i64 = 1_000_000;

/// When a message is sent again, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Seconds from one attempt to the next.
    pub countdown: i64,
    /// How many after the first; -1: without end.
    pub retries: i64,
}

impl Default for Policy {
    /// Every hour for seven days.
    fn default() -> Self {
        Self { countdown: 3600, retries: 168 }
    }
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{}", self.countdown, self.retries)
    }
}

impl Policy {
    /// Reads `countdown` or `countdown,max`.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for anything but such numbers.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let refused = || {
            Refusal::bad(format!(
                "policy must be countdown,max: seconds from 1 to {LONGEST}, and retries from 0 to {MOST} or -1"
            ))
        };
        let (countdown, retries) = match text.split_once(',') {
            Some((countdown, retries)) => (countdown, Some(retries)),
            None => (text, None),
        };
        let number = |text: &str| text.trim().parse::<i64>().map_err(|_| refused());
        let policy =
            Self { countdown: number(countdown)?, retries: retries.map_or(Ok(Self::default().retries), number)? };
        let good = (1..=LONGEST).contains(&policy.countdown) && (-1..=MOST).contains(&policy.retries);
        if good { Ok(policy) } else { Err(refused()) }
    }

    /// When to try again after this many attempts, the last of them now; `None` where it is given up.
    #[must_use]
    pub fn again(self, attempts: i64, now: Millis) -> Option<Millis> {
        let more = self.retries == -1 || attempts <= self.retries;
        more.then_some(now + self.countdown * 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA-NOT-10.
    #[test]
    fn osia_not_10_a_policy_says_when_and_how_often() {
        assert_eq!(Policy::default().to_string(), "3600,168");
        assert_eq!(Policy::read("3600,-1").unwrap(), Policy { countdown: 3600, retries: -1 });
        assert_eq!(Policy::read("5").unwrap(), Policy { countdown: 5, retries: 168 });
        for bad in ["", ",", "a", "0,1", "-1,1", "1,-2", "1,2,3", "1.5,2", "99999999,1", "1,9999999", "1,"] {
            assert!(matches!(Policy::read(bad), Err(Refusal::Bad(_))), "{bad}");
        }
        let policy = Policy { countdown: 2, retries: 1 };
        assert_eq!((policy.again(1, 10), policy.again(2, 10)), (Some(2010), None));
        assert_eq!(Policy { countdown: 1, retries: 0 }.again(1, 0), None);
        assert_eq!(Policy { countdown: 1, retries: -1 }.again(i64::MAX, 0), Some(1000));
    }
}
