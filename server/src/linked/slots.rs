//! The times of a code's frames: whole slots since it was made. No secrets here, so that `tests/model` runs the same rule.

use crate::clock::Millis;

/// When each frame of one code is shown, and until when it may be claimed. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// When the code was made.
    pub made_at: Millis,
    /// How long each frame is shown; 1 or more.
    pub length: Millis,
    /// When the code itself ends.
    pub ends_at: Millis,
}

impl Slots {
    /// The slot of `now`.
    #[must_use]
    pub fn at(&self, now: Millis) -> Millis {
        // Another node's clock may be a little behind the one that made the code.
        (now - self.made_at).max(0) / self.length
    }

    /// When the slot after `slot` begins.
    #[must_use]
    pub fn next_at(&self, slot: Millis) -> Millis {
        self.made_at + (slot + 1) * self.length
    }

    /// When a frame can no longer be claimed: a slot after it is shown no more, so that a camera may be slow.
    #[must_use]
    pub fn end(&self, slot: Millis) -> Millis {
        self.ends_at.min(self.made_at + (slot + 2) * self.length)
    }

    /// Until when a frame may be claimed at `now`; `None` where it may not, because it is of a later slot or over.
    #[must_use]
    pub fn claimable(&self, slot: Millis, now: Millis) -> Option<Millis> {
        Some(self.end(slot)).filter(|end| slot <= self.at(now) && *end > now)
    }
}
