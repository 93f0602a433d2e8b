//! Where sealed values lie, so that they can be sealed anew.

use super::Purpose;

/// A column of sealed values. Each room tells its own.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// Columns that find the row and make the context, as far as the context wants them. The first is gone through in order.
    pub key: &'static [Key],
    /// The sealed column; may be NULL.
    pub column: &'static str,
    /// Which key seals it.
    pub purpose: Purpose,
    /// The context that it is sealed with, from the key's columns as text.
    pub context: fn(&[&str]) -> Vec<u8>,
}

/// A number of a key, which was read from a column of numbers.
#[must_use]
pub fn number(key: &[&str], place: usize) -> i64 {
    key.get(place).and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// A column of a key.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    /// A 64-bit number.
    Number(&'static str),
    /// A text.
    Text(&'static str),
}

impl Key {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Number(name) | Self::Text(name) => name,
        }
    }
}
