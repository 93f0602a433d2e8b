//! Where sealed values and keyed hashes lie, so that they can be made anew.

use super::{Hash, Purpose, Secrets};

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

/// A column of keyed hashes that are made of what is sealed in the same row. Each room tells its own.
#[derive(Clone, Copy, Debug)]
pub struct Hashed {
    /// The hash's column; never NULL.
    pub column: &'static str,
    /// Columns that the hash is made of besides, at most two; read as text.
    pub with: &'static [&'static str],
    /// What it is made of, in the same table.
    pub sealed: Column,
    /// Makes it from the columns in `with` and from what was sealed; `None` where the row has nothing that it is made of.
    pub made: fn(&Secrets, &[&str], &[u8]) -> Option<Hash>,
}

/// A row that is found by several hashes, in a walk through a room's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub row: i64,
    /// Whether the newest secret made all of them; `None` where no secret opens what they are made of.
    pub newest: Option<bool>,
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
