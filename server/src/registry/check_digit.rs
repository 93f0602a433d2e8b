//! Check digits: Verhoeff's (J. Verhoeff, Error Detecting Decimal Codes, 1969) and Luhn's (ISO/IEC 7812-1, annex B).

use crate::config::CheckDigit;

/// The place of each digit one further to the left; Verhoeff's own permutation, which comes back after eight places.
const MOVED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Multiplication in the dihedral group of ten elements: 0 to 4 are turns of a pentagon, 5 to 9 its reflections.
fn times(one: u8, other: u8) -> u8 {
    let turn = if one < 5 { one + other } else { one + 5 - other % 5 } % 5;
    if (one < 5) == (other < 5) { turn } else { turn + 5 }
}

/// A digit at a place, counted from the right.
fn moved(digit: u8, place: usize) -> u8 {
    (0..place % 8).fold(digit, |digit, _| MOVED.get(usize::from(digit)).copied().unwrap_or_default())
}

fn verhoeff(digits: &[u8]) -> u8 {
    let sum = digits.iter().rev().zip(1..).fold(0, |sum, (digit, place)| times(sum, moved(*digit, place)));
    // What brings the sum to 0: a reflection undoes itself, a turn is undone by the rest of it.
    if sum < 5 { (5 - sum) % 5 } else { sum }
}

fn luhn(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) if digit > 4 => digit * 2 - 9,
            (0, digit) => digit * 2,
            (_, digit) => digit,
        })
        .sum();
    // Below ten.
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
}

/// The digit that belongs behind these (each 0 to 9); `None` where numbers have no check digit.
pub(super) fn check_digit(kind: CheckDigit, digits: &[u8]) -> Option<u8> {
    match kind {
        CheckDigit::Verhoeff => Some(verhoeff(digits)),
        CheckDigit::Luhn => Some(luhn(digits)),
        CheckDigit::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Vec<u8> {
        text.bytes().map(|byte| byte - b'0').collect()
    }

    fn fits(kind: CheckDigit, number: &[u8]) -> bool {
        let (last, rest) = number.split_last().unwrap();
        check_digit(kind, rest) == Some(*last)
    }

    #[test]
    fn the_published_examples_hold() {
        assert_eq!(check_digit(CheckDigit::Verhoeff, &digits("236")), Some(3));
        assert_eq!(check_digit(CheckDigit::Verhoeff, &digits("12345")), Some(1));
        assert_eq!(check_digit(CheckDigit::Luhn, &digits("7992739871")), Some(3));
        assert_eq!(check_digit(CheckDigit::None, &digits("1")), None);
    }

    /// What the digit is for: a slip of the pen makes no other good number.
    #[test]
    fn a_wrong_digit_and_two_that_changed_places_are_found() {
        let mut number = digits("483920175638");
        number.push(check_digit(CheckDigit::Verhoeff, &number).unwrap());
        assert!(fits(CheckDigit::Verhoeff, &number));
        for place in 0..number.len() {
            for other in (0..10).filter(|digit| *digit != number[place]) {
                let mut wrong = number.clone();
                wrong[place] = other;
                assert!(!fits(CheckDigit::Verhoeff, &wrong), "{place} {other}");
            }
            if place > 0 && number[place] != number[place - 1] {
                let mut wrong = number.clone();
                wrong.swap(place, place - 1);
                assert!(!fits(CheckDigit::Verhoeff, &wrong), "{place}");
            }
        }
    }
}
