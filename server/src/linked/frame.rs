//! Frames of a link code: what a page shows in its place where the code changes by itself, `<code>.<slot>.<tag>`.
//!
//! Only the server can make them: the tag is an HMAC under a secret of the login's own that never leaves the server. A
//! frame is good while its slot is shown and one slot longer, so that a picture of it is soon worth nothing.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::slots::Slots;
use super::store::CodeRow;
use crate::clock::Millis;
use crate::config::Lifetimes;
use crate::error::{ApiError, Code};
use crate::ids::{Kind, Minted, Opened};
use crate::secrets::{Purpose, Secrets};
use crate::state::AppState;

/// Bytes of a tag: HMAC-SHA-256, truncated (RFC 2104 §5: half of the hash).
const TAG: usize = 16;
/// Longest slot number taken: more than any login has.
const SLOT_DIGITS: usize = 9;

/// A link code as it came in: the code itself, or a frame of it.
#[derive(Clone)]
pub(super) struct Presented {
    /// The code.
    pub(super) code: Opened,
    mark: Option<Mark>,
}

/// What makes a code a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    slot: Millis,
    tag: [u8; TAG],
}

impl Mark {
    /// Reads `<slot>.<tag>` in the one spelling that [`Frames::at`] has.
    fn read(text: &str) -> Option<Self> {
        let (slot, tag) = text.split_once('.')?;
        let plain = slot == "0" || !slot.starts_with('0');
        let digits = (1..=SLOT_DIGITS).contains(&slot.len()) && slot.bytes().all(|digit| digit.is_ascii_digit());
        if !plain || !digits || tag.len() != TAG.div_ceil(3) * 4 - 2 {
            return None;
        }
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
        Some(Self { slot: slot.parse().ok()?, tag })
    }
}

impl Presented {
    /// Reads what a page or wallet sent.
    ///
    /// # Errors
    /// `invalid_link_code` for anything that is not one of ours by its looks.
    pub(super) fn open(state: &AppState, text: &str) -> Result<Self, ApiError> {
        let text = text.trim();
        let (code, mark) = match text.split_once('.') {
            Some((code, mark)) => (code, Some(Mark::read(mark).ok_or(Code::InvalidLinkCode)?)),
            None => (text, None),
        };
        let code = state.ids.open(Kind::LinkCode, code).ok_or(Code::InvalidLinkCode)?;
        Ok(Self { code, mark })
    }

    /// Until when a wallet may claim with it, at `now`.
    ///
    /// # Errors
    /// `invalid_link_code` where it is the bare code of one that is shown as frames, a frame of one that is not, forged,
    /// from a later slot than now, or over.
    pub(super) fn claimable(&self, state: &AppState, row: &CodeRow, now: Millis) -> Result<Millis, ApiError> {
        let good = match (Frames::of(&state.secrets, self.code.id, row), self.mark) {
            (None, None) => Some(row.expires_at),
            (Some(frames), Some(mark)) => frames.claimable(mark, now),
            (None, Some(_)) | (Some(_), None) => None,
        };
        Ok(good.filter(|end| *end > now).ok_or(Code::InvalidLinkCode)?)
    }

    /// Whether a page was given it, however long ago: enough to ask how its login stands.
    ///
    /// # Errors
    /// `invalid_link_code` where it was not.
    pub(super) fn known(&self, state: &AppState, row: &CodeRow, now: Millis) -> Result<(), ApiError> {
        let known = match (Frames::of(&state.secrets, self.code.id, row), self.mark) {
            (None, None) => true,
            (Some(frames), Some(mark)) => frames.made(mark, now),
            (None, Some(_)) | (Some(_), None) => false,
        };
        if known { Ok(()) } else { Err(Code::InvalidLinkCode.into()) }
    }
}

/// The changing code of a transaction: the same whenever it is asked for, so that each node can make the next frame
/// although the database holds the code's hash alone.
pub(super) fn code_of(state: &AppState, transaction_id: i64) -> Minted {
    let mac = state.secrets.mac(Purpose::Frames, &[b"code", &transaction_id.to_be_bytes()]);
    let mut secret = [0; 32];
    secret.copy_from_slice(&mac);
    state.ids.mint_of(Kind::LinkCode, transaction_id, secret)
}

/// How long each frame of a new code is shown.
pub(super) fn length(lifetimes: &Lifetimes) -> Millis {
    i64::from(lifetimes.frame) * 1000
}

/// The frames of one code.
#[derive(Clone)]
pub(super) struct Frames {
    secret: Zeroizing<Vec<u8>>,
    slots: Slots,
}

/// A frame and its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// `<slot>.<tag>`.
    mark: String,
    /// When the next one is to be shown.
    pub(super) next_at: Millis,
    /// When it can no longer be claimed.
    pub(super) expires_at: Millis,
}

impl Frame {
    /// What is shown.
    pub(super) fn of_code(&self, code: &str) -> String {
        format!("{code}.{}", self.mark)
    }
}

impl Frames {
    /// Those of the code with this primary key; `None` where it stands for itself.
    pub(super) fn of(secrets: &Secrets, id: i64, row: &CodeRow) -> Option<Self> {
        let (made_at, length) = (row.made_at?, row.frame_ms?.max(1));
        let secret = secrets.mac(Purpose::Frames, &[b"frames", &id.to_be_bytes(), &row.secret_hash]);
        Some(Self { secret: Zeroizing::new(secret), slots: Slots { made_at, length, ends_at: row.expires_at } })
    }

    fn tag(&self, slot: Millis) -> [u8; TAG] {
        // RFC 2104: a key shorter than the hash's block of 64 bytes is filled with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..self.secret.len()].copy_from_slice(&self.secret);
        let mac = <Hmac<Sha256> as KeyInit>::new((&*block).into()).chain_update(slot.to_be_bytes());
        let mut tag = [0; TAG];
        tag.copy_from_slice(&mac.finalize().into_bytes()[..TAG]);
        tag
    }

    /// The frame to show at `now`.
    pub(super) fn at(&self, now: Millis) -> Frame {
        let slot = self.slots.at(now);
        Frame {
            mark: format!("{slot}.{}", URL_SAFE_NO_PAD.encode(self.tag(slot))),
            next_at: self.slots.next_at(slot),
            expires_at: self.slots.end(slot),
        }
    }

    /// Whether the server has made this frame by `now`. What is forged and what is of a later slot it has not.
    fn made(&self, mark: Mark, now: Millis) -> bool {
        mark.slot <= self.slots.at(now) && bool::from(self.tag(mark.slot).ct_eq(&mark.tag))
    }

    /// Until when a frame may be claimed; `None` where it may not.
    fn claimable(&self, mark: Mark, now: Millis) -> Option<Millis> {
        self.slots.claimable(mark.slot, now).filter(|_| self.made(mark, now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MADE_AT: Millis = 1_767_607_200_000;

    fn frames(secret: u8, length: Millis, life: Millis) -> Frames {
        let slots = Slots { made_at: MADE_AT, length, ends_at: MADE_AT + life };
        Frames { secret: Zeroizing::new(vec![secret; 32]), slots }
    }

    fn mark(frame: &Frame) -> Mark {
        Mark::read(&frame.mark).unwrap()
    }

    proptest! {
        /// A frame is good from when it is shown until one slot after it went, and no longer than its code.
        #[test]
        fn a_frame_is_good_for_its_slot_and_one_more(
            length in 1i64..60_000, life in 0i64..900_000, shown in 0i64..900_000, later in 0i64..200_000,
        ) {
            let frames = frames(1, length, life);
            let (then, now) = (MADE_AT + shown, MADE_AT + shown + later);
            let frame = frames.at(then);
            let slot = shown / length;
            prop_assert_eq!(frame.next_at, MADE_AT + (slot + 1) * length);
            prop_assert_eq!(frame.expires_at, frames.slots.ends_at.min(frame.next_at + length));
            let good = frames.claimable(mark(&frame), now);
            prop_assert_eq!(good, (now < frame.expires_at).then_some(frame.expires_at));
            // Who asks how the login stands may come with any frame that was ever shown.
            prop_assert!(frames.made(mark(&frame), now));
        }

        /// A frame is worth nothing before its time: nobody can take one along from the future.
        #[test]
        fn a_frame_of_a_later_slot_is_refused(length in 1i64..60_000, shown in 0i64..600_000, ahead in 1i64..1000) {
            let frames = frames(1, length, 100_000_000);
            let mark = mark(&frames.at(MADE_AT + shown + ahead * length));
            prop_assert!(!frames.made(mark, MADE_AT + shown));
            prop_assert_eq!(frames.claimable(mark, MADE_AT + shown), None);
        }

        /// Nobody but the server makes a frame: not from another login's, not from an earlier one, not by trying.
        #[test]
        fn what_the_server_did_not_make_is_refused(
            shown in 0i64..600_000, bit in 0usize..128, slot in 0i64..1_000_000, tag in any::<[u8; TAG]>(),
        ) {
            let (ours, others) = (frames(1, 10_000, 900_000), frames(2, 10_000, 900_000));
            let now = MADE_AT + shown;
            let good = mark(&ours.at(now));
            prop_assert!(ours.claimable(good, now).is_some());
            prop_assert_eq!(ours.claimable(mark(&others.at(now)), now), None);
            let mut flipped = good;
            flipped.tag[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!ours.made(flipped, now));
            let (moved, guessed) = (Mark { slot, ..good }, Mark { tag, ..good });
            prop_assert!(slot == good.slot || !ours.made(moved, now));
            prop_assert!(tag == good.tag || !ours.made(guessed, now));
        }

        /// A mark has one spelling: what reads is written back the same.
        #[test]
        fn a_mark_has_one_spelling(text in "[0-9]{0,11}\\.[A-Za-z0-9_.=+-]{20,24}") {
            if let Some(mark) = Mark::read(&text) {
                prop_assert_eq!(format!("{}.{}", mark.slot, URL_SAFE_NO_PAD.encode(mark.tag)), text);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,60}") {
            let _ = Mark::read(&text);
        }
    }

    #[test]
    fn odd_spellings_are_refused() {
        let tag = URL_SAFE_NO_PAD.encode([7; TAG]);
        assert!(Mark::read(&format!("0.{tag}")).is_some());
        assert!(Mark::read(&format!("12.{tag}")).is_some());
        for odd in [
            format!("00.{tag}"),
            format!("+1.{tag}"),
            format!("-1.{tag}"),
            format!(" 1.{tag}"),
            format!(".{tag}"),
            format!("1.{tag}="),
            format!("1.{tag}.1"),
            format!("1.{}", &tag[1..]),
            format!("1000000000.{tag}"),
            "1".to_owned(),
            String::new(),
        ] {
            assert_eq!(Mark::read(&odd), None, "{odd}");
        }
    }
}
