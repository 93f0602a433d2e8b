//! The wallet's encrypted store: one redb file, each record sealed on its own.
//!
//! The file tells how many records there are and how large, nothing else. The data key is random,
//! wrapped by the platform ([`DataKeyWrap`]) and kept in the file in that form. A process opens a
//! file once; app extensions must not share it.

mod schema;
mod seal;
#[cfg(test)]
mod tests;

use crate::ports::{DataKeyWrap, KeyError, Rng};
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
pub(crate) use schema::{CURRENT, Schema, table};
use seal::{NAME, Place, Seal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

const RECORDS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("records");
const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
const WRAPPED_KEY: &str = "wrapped_key";
const SCHEMA_VERSION: &str = "schema_version";

/// Why the store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the data key cannot be had")]
    Wrap(KeyError),
    #[error("the file is open already")]
    InUse,
    #[error("the file is of a newer schema")]
    TooNew,
    #[error("the file is damaged")]
    Corrupt,
    #[error("the file cannot be read or written")]
    Io,
    #[error("no randomness")]
    NoRandomness,
}

/// A sealed record with its name in front.
type Sealed = (Vec<u8>, Vec<u8>);

/// What is kept of a record: its id beside its content, because its name is only a hash.
#[derive(serde::Serialize, serde::Deserialize)]
struct Record<T> {
    id: String,
    content: T,
}

/// An open store.
pub(crate) struct Store {
    file: Database,
    seal: Seal,
    schema: Schema,
    rng: Arc<dyn Rng>,
}

impl Store {
    /// Opens the file or makes it, and brings it to the schema. Tells whether it was migrated.
    pub(crate) async fn open(
        path: &Path,
        schema: Schema,
        wrap: &dyn DataKeyWrap,
        rng: Arc<dyn Rng>,
    ) -> Result<(Self, bool), StoreError> {
        let file = Database::create(path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
            DatabaseError::Storage(redb::StorageError::Corrupted(_)) => StoreError::Corrupt,
            DatabaseError::Storage(redb::StorageError::Io(error))
                if error.kind() == std::io::ErrorKind::InvalidData =>
            {
                StoreError::Corrupt
            }
            _ => StoreError::Io,
        })?;
        let known = read_meta(&file)?;
        let (data_key, version) = match known {
            Some((wrapped, version)) => {
                let plain = Zeroizing::new(wrap.unwrap_key(wrapped).await.map_err(StoreError::Wrap)?);
                (plain, version)
            }
            None => {
                let mut plain = Zeroizing::new(vec![0u8; 32]);
                rng.fill(plain.as_mut_slice()).map_err(|_| StoreError::NoRandomness)?;
                let wrapped = wrap.wrap_key(plain.to_vec()).await.map_err(StoreError::Wrap)?;
                write_meta(&file, &wrapped, schema.version)?;
                (plain, schema.version)
            }
        };
        if version > schema.version {
            return Err(StoreError::TooNew);
        }
        if data_key.len() != 32 {
            return Err(StoreError::Corrupt);
        }
        let store = Self { file, seal: Seal::new(&data_key)?, schema, rng };
        if version < schema.version {
            store.migrate(version)?;
        }
        Ok((store, version < schema.version))
    }

    /// Reads one record.
    pub(crate) fn get<T: DeserializeOwned>(&self, table: &str, id: &str) -> Result<Option<T>, StoreError> {
        let name = self.seal.name(table, id)?;
        let read = self.file.begin_read().map_err(|_| StoreError::Io)?;
        let records = match read.open_table(RECORDS) {
            Ok(records) => records,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            Err(_) => return Err(StoreError::Io),
        };
        match records.get(name.as_slice()).map_err(|_| StoreError::Io)? {
            Some(sealed) => self.read(table, &name, self.schema.version, sealed.value()).map(|r| Some(r.content)),
            None => Ok(None),
        }
    }

    /// Reads all records of a table with their ids, in no order.
    pub(crate) fn all<T: DeserializeOwned>(&self, table: &str) -> Result<Vec<(String, T)>, StoreError> {
        let read = self.file.begin_read().map_err(|_| StoreError::Io)?;
        let records = match read.open_table(RECORDS) {
            Ok(records) => records,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(_) => return Err(StoreError::Io),
        };
        let mut found = Vec::new();
        for (name, sealed) in self.sealed_of(&records, table)? {
            let record: Record<T> = self.read(table, &name, self.schema.version, &sealed)?;
            found.push((record.id, record.content));
        }
        Ok(found)
    }

    /// Writes all changes in one transaction, durably.
    pub(crate) fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        let write = self.file.begin_write().map_err(|_| StoreError::Io)?;
        {
            let mut records = write.open_table(RECORDS).map_err(|_| StoreError::Io)?;
            for change in changes {
                let name = self.seal.name(change.table, &change.id)?;
                match &change.content {
                    Some(plain) => {
                        let place = Place { table: change.table, name: &name, schema: self.schema.version };
                        let sealed = self.seal.close(self.rng.as_ref(), &place, plain)?;
                        records.insert(name.as_slice(), sealed.as_slice()).map_err(|_| StoreError::Io)?;
                    }
                    None => {
                        records.remove(name.as_slice()).map_err(|_| StoreError::Io)?;
                    }
                }
            }
        }
        write.commit().map_err(|_| StoreError::Io)
    }

    fn read<T: DeserializeOwned>(
        &self,
        table: &str,
        name: &[u8],
        schema: u32,
        sealed: &[u8],
    ) -> Result<Record<T>, StoreError> {
        let plain = self.seal.open(&Place { table, name, schema }, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt)
    }

    /// The sealed records of a table with their names.
    fn sealed_of(
        &self,
        records: &impl ReadableTable<&'static [u8], &'static [u8]>,
        table: &str,
    ) -> Result<Vec<Sealed>, StoreError> {
        let prefix = self.seal.table_prefix(table)?;
        let mut found = Vec::new();
        for entry in records.range(prefix.as_slice()..).map_err(|_| StoreError::Io)? {
            let (name, sealed) = entry.map_err(|_| StoreError::Io)?;
            if !name.value().starts_with(&prefix) {
                break;
            }
            if name.value().len() != NAME {
                return Err(StoreError::Corrupt);
            }
            found.push((name.value().to_vec(), sealed.value().to_vec()));
        }
        Ok(found)
    }

    /// Brings every record from an older version to this one, in one transaction: a killed app
    /// finds either the old store or the new.
    fn migrate(&self, from: u32) -> Result<(), StoreError> {
        let first =
            usize::try_from(from.checked_sub(1).ok_or(StoreError::Corrupt)?).map_err(|_| StoreError::Corrupt)?;
        let steps = self.schema.steps.get(first..).ok_or(StoreError::Corrupt)?;
        let write = self.file.begin_write().map_err(|_| StoreError::Io)?;
        for table in table::ALL {
            self.migrate_table(&write, table, from, steps)?;
        }
        {
            let mut meta = write.open_table(META).map_err(|_| StoreError::Io)?;
            meta.insert(SCHEMA_VERSION, self.schema.version.to_be_bytes().as_slice()).map_err(|_| StoreError::Io)?;
        }
        write.commit().map_err(|_| StoreError::Io)
    }

    fn migrate_table(
        &self,
        write: &WriteTransaction,
        table: &str,
        from: u32,
        steps: &[schema::Step],
    ) -> Result<(), StoreError> {
        let mut records = write.open_table(RECORDS).map_err(|_| StoreError::Io)?;
        for (name, sealed) in self.sealed_of(&records, table)? {
            let record: Record<serde_json::Value> = self.read(table, &name, from, &sealed)?;
            let moved = steps.iter().try_fold(record.content, |content, step| step(table, content));
            match moved {
                Some(content) => {
                    let plain = encode(&record.id, &content)?;
                    let place = Place { table, name: &name, schema: self.schema.version };
                    let sealed = self.seal.close(self.rng.as_ref(), &place, &plain)?;
                    records.insert(name.as_slice(), sealed.as_slice()).map_err(|_| StoreError::Io)?;
                }
                None => {
                    records.remove(name.as_slice()).map_err(|_| StoreError::Io)?;
                }
            }
        }
        Ok(())
    }
}

/// One change of a transaction.
pub(crate) struct Change {
    table: &'static str,
    id: String,
    content: Option<Zeroizing<Vec<u8>>>,
}

impl Change {
    /// Writes a record, new or in place of the old one.
    pub(crate) fn put<T: Serialize>(table: &'static str, id: &str, content: &T) -> Result<Self, StoreError> {
        Ok(Self { table, id: id.to_owned(), content: Some(encode(id, content)?) })
    }

    /// Deletes a record, if there is one.
    pub(crate) fn delete(table: &'static str, id: &str) -> Self {
        Self { table, id: id.to_owned(), content: None }
    }
}

fn encode<T: Serialize>(id: &str, content: &T) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    serde_json::to_vec(&Record { id: id.to_owned(), content }).map(Zeroizing::new).map_err(|_| StoreError::Corrupt)
}

/// The wrapped data key and the schema version, or nothing in a new file.
fn read_meta(file: &Database) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
    let read = file.begin_read().map_err(|_| StoreError::Io)?;
    let meta = match read.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(_) => return Err(StoreError::Io),
    };
    let wrapped = meta.get(WRAPPED_KEY).map_err(|_| StoreError::Io)?.ok_or(StoreError::Corrupt)?;
    let version = meta.get(SCHEMA_VERSION).map_err(|_| StoreError::Io)?.ok_or(StoreError::Corrupt)?;
    let version = <[u8; 4]>::try_from(version.value()).map_err(|_| StoreError::Corrupt)?;
    Ok(Some((wrapped.value().to_vec(), u32::from_be_bytes(version))))
}

fn write_meta(file: &Database, wrapped: &[u8], version: u32) -> Result<(), StoreError> {
    let write = file.begin_write().map_err(|_| StoreError::Io)?;
    {
        let mut meta = write.open_table(META).map_err(|_| StoreError::Io)?;
        meta.insert(WRAPPED_KEY, wrapped).map_err(|_| StoreError::Io)?;
        meta.insert(SCHEMA_VERSION, version.to_be_bytes().as_slice()).map_err(|_| StoreError::Io)?;
    }
    write.commit().map_err(|_| StoreError::Io)
}
