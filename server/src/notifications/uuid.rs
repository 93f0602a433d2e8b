//! Names of topics and subscriptions: random UUIDs (RFC 9562 §5.4).

use crate::clock::{Rng, random};

/// A new one, as text.
pub(super) fn new(rng: &dyn Rng) -> String {
    let mut bits = u128::from_be_bytes(random(rng));
    // Version 4, variant 10.
    bits = bits & !(0xf << 76) | 4 << 76;
    bits = bits & !(0b11 << 62) | 0b10 << 62;
    let hex = format!("{bits:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[cfg(test)]
mod tests {
    use crate::clock::Rng;

    struct Same(u8);

    impl Rng for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    /// RFC 9562 §4 and §5.4.
    #[test]
    fn version_and_variant_stand_in_their_places() {
        assert_eq!(super::new(&Same(0)), "00000000-0000-4000-8000-000000000000");
        assert_eq!(super::new(&Same(255)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
