//! A row as SQLite gave it, in sqlx's words, so that one type of row is read from either database.

use std::fmt;
use std::sync::Arc;

use rusqlite::types::Value;
use sqlx::error::BoxDynError;
use sqlx::{ColumnIndex, Decode, Error, Type};

use super::driver::{Driver, Stored};

/// A column: where it stands and what it is called.
#[derive(Debug)]
pub struct Column {
    at: usize,
    name: Box<str>,
}

/// The columns of a statement.
pub(super) type Columns = Arc<[Column]>;

impl Column {
    pub(super) fn new(at: usize, name: &str) -> Self {
        Self { at, name: name.into() }
    }
}

impl sqlx::Column for Column {
    type Database = Driver;

    fn ordinal(&self) -> usize {
        self.at
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn type_info(&self) -> &Kind {
        // SQLite gives types to values, not to columns.
        &Kind::Null
    }
}

/// What SQLite stores a value as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// 64 bits.
    Integer,
    /// A floating-point number.
    Real,
    /// UTF-8.
    Text,
    /// Bytes.
    Blob,
}

impl Kind {
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(_) => Self::Integer,
            Value::Real(_) => Self::Real,
            Value::Text(_) => Self::Text,
            Value::Blob(_) => Self::Blob,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(sqlx::TypeInfo::name(self))
    }
}

impl sqlx::TypeInfo for Kind {
    fn is_null(&self) -> bool {
        *self == Self::Null
    }

    fn name(&self) -> &str {
        match self {
            Self::Null => "NULL",
            Self::Integer => "INTEGER",
            Self::Real => "REAL",
            Self::Text => "TEXT",
            Self::Blob => "BLOB",
        }
    }
}

/// One row.
pub struct Row {
    columns: Columns,
    values: Vec<Stored>,
}

impl Row {
    pub(super) fn new(columns: Columns, values: Vec<Value>) -> Self {
        Self { columns, values: values.into_iter().map(Stored).collect() }
    }
}

impl sqlx::Row for Row {
    type Database = Driver;

    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn try_get_raw<I: ColumnIndex<Self>>(&self, index: I) -> Result<&Stored, Error> {
        let index = index.index(self)?;
        self.values.get(index).ok_or(Error::ColumnIndexOutOfBounds { len: self.values.len(), index })
    }
}

impl ColumnIndex<Row> for usize {
    fn index(&self, row: &Row) -> Result<usize, Error> {
        let len = row.values.len();
        if *self < len { Ok(*self) } else { Err(Error::ColumnIndexOutOfBounds { len, index: *self }) }
    }
}

impl ColumnIndex<Row> for &'_ str {
    fn index(&self, row: &Row) -> Result<usize, Error> {
        let found = row.columns.iter().position(|column| *column.name == **self);
        found.ok_or_else(|| Error::ColumnNotFound((*self).into()))
    }
}

/// A type that a value of this kind, and no other, is read as.
macro_rules! read_as {
    ($kind:ident, $type:ty, $value:ident => $read:expr) => {
        impl Type<Driver> for $type {
            fn type_info() -> Kind {
                Kind::$kind
            }
        }

        impl<'r> Decode<'r, Driver> for $type {
            fn decode(stored: &'r Stored) -> Result<Self, BoxDynError> {
                match &stored.0 {
                    Value::$kind($value) => Ok($read),
                    other => Err(format!("{} where {} was expected", Kind::of(other), Kind::$kind).into()),
                }
            }
        }
    };
}

read_as!(Integer, i64, value => *value);
read_as!(Integer, i32, value => i32::try_from(*value)?);
read_as!(Integer, bool, value => *value != 0);
read_as!(Real, f64, value => *value);
read_as!(Text, String, value => value.clone());
read_as!(Blob, Vec<u8>, value => value.clone());
