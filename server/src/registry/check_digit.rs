//! Check digits: Verhoeff's (J. Verhoeff, Error Detecting Decimal Codes, 1969) and Luhn's (ISO/IEC 7812-1, annex B).

use crate::config::CheckDigit;

/// Multiplication in the dihedral group of ten elements.
const TIMES: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/// What becomes of a digit at each place, counted from the right; from the ninth on it begins again.
const MOVED: [[u8; 10]; 8] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];
/// The inverse of each element.
const INVERSE: [u8; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];

fn at<const N: usize>(table: &[[u8; 10]; N], row: usize, column: u8) -> u8 {
    table.get(row).and_then(|row| row.get(usize::from(column))).copied().unwrap_or_default()
}

fn verhoeff(digits: &[u8]) -> u8 {
    let sum = digits
        .iter()
        .rev()
        .zip(1..)
        .fold(0u8, |sum, (digit, place): (&u8, usize)| at(&TIMES, usize::from(sum), at(&MOVED, place % 8, *digit)));
    INVERSE.get(usize::from(sum)).copied().unwrap_or_default()
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
