//! The number that a page shows and the citizen types into the wallet: who types the right one looks at that page.

use subtle::ConstantTimeEq;

use crate::clock::{Rng, random};

/// How many there are: three digits.
const NUMBERS: u16 = 1000;

/// A fresh one, each as likely as any other.
#[must_use]
pub fn number(rng: &dyn Rng) -> String {
    // What is left above the last whole thousand would make small numbers likelier.
    const END: u16 = u16::MAX / NUMBERS * NUMBERS;
    loop {
        let drawn = u16::from_le_bytes(random(rng));
        if drawn < END {
            return format!("{:03}", drawn % NUMBERS);
        }
    }
}

/// Whether the number typed is the one shown; in constant time.
#[must_use]
pub fn is_number(shown: &str, typed: &str) -> bool {
    shown.as_bytes().ct_eq(typed.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Gives these draws, one after the other.
    struct Draws(Mutex<Vec<u16>>);

    impl Rng for Draws {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0.lock().unwrap().remove(0).to_le_bytes());
        }
    }

    fn drawn(draws: &[u16]) -> String {
        number(&Draws(Mutex::new(draws.to_vec())))
    }

    #[test]
    fn numbers_have_three_digits_and_what_would_favour_some_is_drawn_again() {
        assert_eq!((drawn(&[7]).as_str(), drawn(&[64_999]).as_str()), ("007", "999"));
        assert_eq!(drawn(&[65_000, u16::MAX, 42]), "042");
        // Every number comes of as many draws as any other.
        let mut counts = [0_u32; 1000];
        (0..65_000).for_each(|draw| counts[drawn(&[draw]).parse::<usize>().unwrap()] += 1);
        assert!(counts.iter().all(|count| *count == 65));
    }

    #[test]
    fn only_the_same_digits_match() {
        assert!(is_number("042", "042"));
        for typed in ["42", "0042", "043", "", " 042", "４２"] {
            assert!(!is_number("042", typed), "{typed}");
        }
    }
}
