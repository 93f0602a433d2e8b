//! What sqlx demands of a driver beyond its rows. Statements are run by [`super::Sqlite`] alone, so that most of these
//! types have no value, and their functions nobody who could call them.

use std::borrow::Cow;
use std::str::FromStr;
use std::time::Duration;

use rusqlite::types::Value;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::{Database, Either, Error, SqlStr, Type};
use sqlx_core::transaction::TransactionManager;

use super::row::{Column, Kind, Row};

/// SQLite, as sqlx names a database.
#[derive(Debug)]
pub struct Driver;

impl Database for Driver {
    type Connection = Nobody;
    type TransactionManager = Nobody;
    type Row = Row;
    type QueryResult = Nothing;
    type Column = Column;
    type TypeInfo = Kind;
    type Value = Stored;
    type ValueRef<'r> = &'r Stored;
    type Arguments = Nothing;
    type ArgumentBuffer = Nothing;
    type Statement = Nobody;

    const NAME: &'static str = "SQLite";
    const URL_SCHEMES: &'static [&'static str] = &["sqlite"];
}

/// A value of a row.
#[derive(Clone)]
pub struct Stored(pub(super) Value);

impl sqlx::Value for Stored {
    type Database = Driver;

    fn as_ref(&self) -> &Stored {
        self
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(Kind::of(&self.0))
    }

    fn is_null(&self) -> bool {
        self.0 == Value::Null
    }
}

impl<'r> sqlx::ValueRef<'r> for &'r Stored {
    type Database = Driver;

    fn to_owned(&self) -> Stored {
        (*self).clone()
    }

    fn type_info(&self) -> Cow<'_, Kind> {
        Cow::Owned(Kind::of(&self.0))
    }

    fn is_null(&self) -> bool {
        self.0 == Value::Null
    }
}

/// No arguments, no result: they are SQLite's own.
#[derive(Debug, Default)]
pub struct Nothing;

impl Extend<Nothing> for Nothing {
    fn extend<T: IntoIterator<Item = Nothing>>(&mut self, _: T) {}
}

impl sqlx::Arguments for Nothing {
    type Database = Driver;

    fn reserve(&mut self, _: usize, _: usize) {}

    fn add<'t, T: Encode<'t, Driver> + Type<Driver>>(&mut self, value: T) -> Result<(), BoxDynError> {
        value.encode(self).map(|_: IsNull| ())
    }

    fn len(&self) -> usize {
        0
    }
}

/// Of this there is none.
#[derive(Clone, Copy, Debug)]
pub enum Nobody {}

impl sqlx::Connection for Nobody {
    type Database = Driver;
    type Options = Nobody;

    async fn close(self) -> Result<(), Error> {
        match self {}
    }

    async fn close_hard(self) -> Result<(), Error> {
        match self {}
    }

    async fn ping(&mut self) -> Result<(), Error> {
        match *self {}
    }

    async fn begin(&mut self) -> Result<sqlx::Transaction<'_, Driver>, Error> {
        match *self {}
    }

    fn shrink_buffers(&mut self) {
        match *self {}
    }

    async fn flush(&mut self) -> Result<(), Error> {
        match *self {}
    }

    fn should_flush(&self) -> bool {
        match *self {}
    }
}

impl FromStr for Nobody {
    type Err = Error;

    fn from_str(_: &str) -> Result<Self, Error> {
        Err(Error::Configuration("SQLite is opened by the store".into()))
    }
}

impl sqlx::ConnectOptions for Nobody {
    type Connection = Self;

    fn from_url(url: &sqlx_core::Url) -> Result<Self, Error> {
        url.as_str().parse()
    }

    async fn connect(&self) -> Result<Self, Error> {
        match *self {}
    }

    fn log_statements(self, _: log::LevelFilter) -> Self {
        match self {}
    }

    fn log_slow_statements(self, _: log::LevelFilter, _: Duration) -> Self {
        match self {}
    }
}

impl TransactionManager for Nobody {
    type Database = Driver;

    async fn begin(nobody: &mut Self, _: Option<SqlStr>) -> Result<(), Error> {
        match *nobody {}
    }

    async fn commit(nobody: &mut Self) -> Result<(), Error> {
        match *nobody {}
    }

    async fn rollback(nobody: &mut Self) -> Result<(), Error> {
        match *nobody {}
    }

    fn start_rollback(nobody: &mut Self) {
        match *nobody {}
    }

    fn get_transaction_depth(nobody: &Self) -> usize {
        match *nobody {}
    }
}

impl sqlx::Statement for Nobody {
    type Database = Driver;

    fn into_sql(self) -> SqlStr {
        match self {}
    }

    fn sql(&self) -> &SqlStr {
        match *self {}
    }

    fn parameters(&self) -> Option<Either<&[Kind], usize>> {
        match *self {}
    }

    fn columns(&self) -> &[Column] {
        match *self {}
    }

    sqlx_core::impl_statement_query!(Nothing);
}

sqlx_core::impl_into_arguments_for_arguments!(Nothing);
