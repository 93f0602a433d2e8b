//! CBOR as it is read here: one value, nothing after it, no key twice. ciborium keeps duplicate keys silently, and two
//! readers that pick different ones of them see two persons.

use ciborium::Value;

/// Deepest nesting taken.
const MAX_DEPTH: usize = 16;

/// The one value that `bytes` are; `None` where they are not.
pub(super) fn read(mut bytes: &[u8]) -> Option<Value> {
    let value = ciborium::de::from_reader_with_recursion_limit(&mut bytes, MAX_DEPTH).ok()?;
    (bytes.is_empty() && keys_are_unique(&value)).then_some(value)
}

fn keys_are_unique(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.iter().enumerate().all(|(place, (key, value))| {
            entries[..place].iter().all(|(other, _)| other != key) && keys_are_unique(key) && keys_are_unique(value)
        }),
        Value::Array(values) => values.iter().all(keys_are_unique),
        Value::Tag(_, value) => keys_are_unique(value),
        _ => true,
    }
}

/// The entries of a map whose keys are all whole numbers.
pub(super) fn numbered(value: Value) -> Option<Vec<(i64, Value)>> {
    value.into_map().ok()?.into_iter().map(|(key, value)| Some((whole(&key)?, value))).collect()
}

/// A whole number that 64 bits hold.
pub(super) fn whole(value: &Value) -> Option<i64> {
    value.as_integer().and_then(|number| i64::try_from(number).ok())
}

/// Some writers put empty text where they have nothing to say.
pub(super) fn present(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

/// The bytes of a value that is made of numbers, text, bytes, lists and maps.
pub(super) fn write(value: &Value) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).ok()?;
    Some(bytes)
}
