//! What enrollments are found by without a clear value in the database.
//!
//! Equality: the keyed hash of service, attribute and value. Ranges: for dates and numbers, the year or the order of
//! magnitude beside the keyed hash of service and attribute; what lies in the year at the end of a range is told by
//! opening it. All other texts have no range here: whoever asks for one has every enrollment of the service opened.

use std::collections::BTreeSet;

use serde_json::Value;

use super::attributes::{Attribute, Wanted};
use super::service::Service;
use crate::osia::{Expression, Operand, Operator};
use crate::secrets::{Hash, Purpose};
use crate::state::AppState;

/// Bytes of a keyed hash that are kept: what is found is opened and compared anyway.
const HASH: usize = 16;
/// Below every number's order of magnitude, above it, and where years begin.
const LOWEST: i64 = -3_000;
const HIGHEST: i64 = 3_000;
const YEAR_ZERO: i64 = 10_000;
const LAST_YEAR: i64 = YEAR_ZERO + 9_999;

/// What an enrollment is found by.
#[derive(Default)]
pub(super) struct Index {
    /// For equality.
    pub(super) hashes: BTreeSet<Hash>,
    /// For ranges.
    pub(super) buckets: BTreeSet<(Hash, i64)>,
}

/// How candidates are found in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// By an attribute's value.
    Equal(Hash),
    /// By an attribute's bucket, both ends included.
    Between {
        /// Hash of the attribute.
        name: Hash,
        /// First bucket.
        from: i64,
        /// Last bucket.
        to: i64,
    },
}

/// What is written down for attributes of a service's enrollment.
pub(super) fn of(state: &AppState, service: &Service, attributes: &[Attribute]) -> Index {
    let mut index = Index::default();
    for Attribute { name, value, .. } in attributes {
        if let Some(hash) = value_hash(state, service, name, value) {
            index.hashes.insert(hash);
        }
        if let Some(bucket) = bucket(value) {
            index.buckets.insert((name_hash(state, service, name), bucket));
        }
    }
    index
}

/// How the candidates for an expression are found; `None` where the index cannot tell.
pub(super) fn lookup(state: &AppState, service: &Service, expression: &Expression) -> Option<Lookup> {
    let wanted = Wanted::read(&expression.attribute_name);
    if wanted.is_status() {
        return None;
    }
    let name = wanted.name;
    let operand = match &expression.value {
        Operand::Boolean(truth) => Value::Bool(*truth),
        Operand::Integer(number) => Value::from(*number),
        Operand::Number(number) => Value::from(*number),
        Operand::Text(text) => Value::String(text.clone()),
    };
    if expression.operator == Operator::Equal {
        return value_hash(state, service, name, &operand).map(Lookup::Equal);
    }
    let bucket = bucket(&operand)?;
    let (lowest, highest) = if bucket >= YEAR_ZERO { (YEAR_ZERO, LAST_YEAR) } else { (LOWEST, HIGHEST) };
    let (from, to) = match expression.operator {
        Operator::Less | Operator::NotGreater => (lowest, bucket),
        Operator::Greater | Operator::NotLess => (bucket, highest),
        Operator::Equal | Operator::NotEqual => return None,
    };
    Some(Lookup::Between { name: name_hash(state, service, name), from, to })
}

/// Whether an attribute's value meets an expression. With a date, in a range, only dates are compared: a name is neither
/// before nor after it.
pub(super) fn holds(expression: &Expression, value: &Value) -> bool {
    let range = !matches!(expression.operator, Operator::Equal | Operator::NotEqual);
    if range
        && let (Operand::Text(operand), Value::String(known)) = (&expression.value, value)
        && year(operand).is_some()
        && year(known).is_none()
    {
        return false;
    }
    expression.holds(value)
}

fn name_hash(state: &AppState, service: &Service, name: &str) -> Hash {
    let parts = [b"enrollment attribute".as_slice(), service.name().as_bytes(), name.as_bytes()];
    state.secrets.hash(Purpose::Lookup, &parts).truncated(HASH)
}

/// Numbers that are equal have one hash, however they are written.
fn value_hash(state: &AppState, service: &Service, name: &str, value: &Value) -> Option<Hash> {
    let number;
    let (kind, bytes): (&[u8], &[u8]) = match value {
        Value::Bool(truth) => (b"boolean", if *truth { b"1" } else { b"0" }),
        Value::String(text) => (b"text", text.as_bytes()),
        Value::Number(known) => {
            // Zero has two signs.
            number = (known.as_f64()? + 0.0).to_bits().to_be_bytes();
            (b"number", &number)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => return None,
    };
    let parts = [b"enrollment value".as_slice(), service.name().as_bytes(), name.as_bytes(), kind, bytes];
    Some(state.secrets.hash(Purpose::Lookup, &parts).truncated(HASH))
}

/// The year of a date, or the order of magnitude of a number; it grows with the value.
fn bucket(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => year(text).map(|year| YEAR_ZERO + year),
        Value::Number(number) => {
            let number = number.as_f64()?;
            if number == 0.0 {
                return Some(0);
            }
            // The exponent of IEEE 754, from 0 to 2047.
            let magnitude = i64::try_from((number.abs().to_bits() >> 52) & 0x7ff).ok()? + 1;
            Some(if number < 0.0 { -magnitude } else { magnitude })
        }
        _ => None,
    }
}

/// The year that a text begins with, where it looks like a date (ISO 8601): four digits, then nothing or a hyphen.
fn year(text: &str) -> Option<i64> {
    let (year, rest) = text.as_bytes().split_first_chunk::<4>()?;
    let date = year.iter().all(u8::is_ascii_digit) && rest.first().is_none_or(|next| *next == b'-');
    date.then(|| year.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn dates_and_numbers_have_a_bucket_and_names_have_none() {
        assert_eq!(bucket(&json!("1990-12-31")), Some(11_990));
        assert_eq!(bucket(&json!("1990")), Some(11_990));
        for none in [json!("Jana"), json!("19901231"), json!("199"), json!(""), json!(true), json!("１９９０-")] {
            assert_eq!(bucket(&none), None, "{none}");
        }
        assert!(bucket(&json!(1e308)).unwrap() < HIGHEST && bucket(&json!(-1e308)).unwrap() > LOWEST);
    }

    proptest! {
        /// A range by buckets misses nothing: what is less has no higher bucket.
        #[test]
        fn buckets_grow_with_numbers(one: f64, other: f64) {
            prop_assume!(one.is_finite() && other.is_finite());
            let (low, high) = if one < other { (one, other) } else { (other, one) };
            prop_assert!(bucket(&json!(low)).unwrap() <= bucket(&json!(high)).unwrap());
        }

        #[test]
        fn buckets_grow_with_dates(one in "[0-9]{4}(-[0-9]{2}){0,2}", other in "[0-9]{4}(-[0-9]{2}){0,2}") {
            let (low, high) = if one < other { (one, other) } else { (other, one) };
            prop_assert!(bucket(&json!(low)).unwrap() <= bucket(&json!(high)).unwrap());
        }
    }
}
