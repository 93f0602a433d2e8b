//! Google's status list of attestation keys: `{"entries": {"serial number in hex": {"status": "REVOKED", …}}}`
//! (android.googleapis.com/attestation/status). The operator fetches it; it is read again when the file has changed.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;

use super::trust::{TrustError, failed, read};

/// A list in a file.
pub(super) struct Revoked {
    path: PathBuf,
    last: Mutex<Last>,
}

/// What was read last.
#[derive(Clone)]
struct Last {
    changed: Option<(SystemTime, u64)>,
    serials: Arc<HashSet<String>>,
}

#[derive(Deserialize)]
struct List {
    entries: BTreeMap<String, serde::de::IgnoredAny>,
}

/// The serial numbers of a list. Whatever the status of an entry: the list holds only keys that are not to be trusted.
pub(super) fn serials(json: &[u8]) -> Result<HashSet<String>, serde_json::Error> {
    let list: List = serde_json::from_slice(json)?;
    Ok(list.entries.into_keys().map(|serial| serial.to_ascii_lowercase().trim_start_matches('0').to_owned()).collect())
}

impl Revoked {
    /// Of a file.
    ///
    /// # Errors
    /// [`TrustError`] where it cannot be read or is no such list.
    pub(super) fn of_file(path: &Path) -> Result<Self, TrustError> {
        let last = Last { changed: None, serials: Arc::default() };
        let list = Self { path: path.to_owned(), last: Mutex::new(last) };
        list.serials()?;
        Ok(list)
    }

    /// The serial numbers of revoked certificates, as [`super::chain::Certificate::serial`] writes them.
    ///
    /// # Errors
    /// [`TrustError`] where the file cannot be read any more: what cannot be checked must not pass.
    pub(super) fn serials(&self) -> Result<Arc<HashSet<String>>, TrustError> {
        let about = std::fs::metadata(&self.path).map_err(|error| failed(&self.path, &error))?;
        let changed = about.modified().ok().map(|at| (at, about.len()));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if changed.is_none() || last.changed != changed {
            let serials = serials(&read(&self.path)?).map_err(|error| failed(&self.path, &error))?;
            *last = Last { changed, serials: Arc::new(serials) };
        }
        Ok(last.serials.clone())
    }
}
