//! Countries and cities from addresses, where the operator has a file that tells them.

use std::net::IpAddr;
use std::path::Path;
use std::sync::OnceLock;

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

use crate::state::AppState;

/// Where an address seems to be. All absent where nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166-1 code.
    pub country: Option<String>,
    /// City and country for people, in English.
    pub name: Option<String>,
}

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("risk.place_database: {} cannot be used: {error}", path.display())]
pub struct PlacesError {
    path: std::path::PathBuf,
    error: MaxMindDbError,
}

/// The file in memory.
#[derive(Default)]
struct Places(OnceLock<Reader<Vec<u8>>>);

/// What is read of a record: the common part of the city and country files of MaxMind, DB-IP and others.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    city: Option<Named<'a>>,
    #[serde(borrow)]
    country: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    iso_code: Option<&'a str>,
    #[serde(borrow)]
    names: Option<Names<'a>>,
}

#[derive(Deserialize)]
struct Names<'a> {
    en: Option<&'a str>,
}

/// Reads the file that the configuration names, if it names one.
///
/// # Errors
/// [`PlacesError`] where it cannot be read or is no such file.
pub fn load(state: &AppState) -> Result<(), PlacesError> {
    let Some(path) = &state.config.risk.place_database else { return Ok(()) };
    let read = |path: &Path| Reader::open_readfile(path);
    let reader = read(path).map_err(|error| PlacesError { path: path.clone(), error })?;
    // A second call finds the same file read already.
    let _ = state.kept.get::<Places>().0.set(reader);
    Ok(())
}

/// Where an address seems to be.
#[must_use]
pub fn place(state: &AppState, address: Option<IpAddr>) -> Place {
    let places = state.kept.get::<Places>();
    match (places.0.get(), address) {
        (Some(reader), Some(address)) => find(reader, address).unwrap_or_default(),
        _ => Place::default(),
    }
}

/// A record that is missing or damaged tells nothing.
fn find(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<Place> {
    let record: Record<'_> = reader.lookup(address).ok()?.decode().ok()??;
    let name = |named: &Option<Named<'_>>| Some(named.as_ref()?.names.as_ref()?.en?.to_owned());
    let told: Vec<String> = [name(&record.city), name(&record.country)].into_iter().flatten().collect();
    Some(Place {
        country: record.country.as_ref().and_then(|country| country.iso_code).map(str::to_owned),
        name: (!told.is_empty()).then(|| told.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Risk};
    use crate::testkit::{Kit, place_file::place_file};

    async fn kit(bytes: &[u8]) -> (Kit, Result<(), PlacesError>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("places.mmdb");
        std::fs::write(&path, bytes).unwrap();
        let risk = Risk { place_database: Some(path), ..Risk::default() };
        let kit = Kit::with(Config { risk, ..Config::default() }).await;
        let loaded = load(&kit.state);
        (kit, loaded)
    }

    #[tokio::test]
    async fn country_and_city_are_told_where_the_file_knows_them() {
        let file = place_file(&[("198.51.100.0", 24, "SN", "Senegal", "Dakar"), ("203.0.0.0", 8, "ML", "Mali", "Gao")]);
        let (kit, loaded) = kit(&file).await;
        loaded.unwrap();
        let place = |address: &str| place(&kit.state, address.parse().ok());
        assert_eq!(place("198.51.100.77"), Place { country: Some("SN".into()), name: Some("Dakar, Senegal".into()) });
        assert_eq!(place("203.0.113.9").country.as_deref(), Some("ML"));
        for nowhere in ["198.51.101.1", "127.0.0.1", "2001:db8::1", ""] {
            assert_eq!(place(nowhere), Place::default(), "{nowhere}");
        }
    }

    #[tokio::test]
    async fn without_a_file_nothing_is_known_and_a_bad_one_is_told() {
        let kit = Kit::new().await;
        load(&kit.state).unwrap();
        assert_eq!(place(&kit.state, "198.51.100.77".parse().ok()), Place::default());
        let (kit, loaded) = self::kit(b"no such file").await;
        assert!(loaded.unwrap_err().to_string().starts_with("risk.place_database: "));
        assert_eq!(place(&kit.state, "198.51.100.77".parse().ok()), Place::default());
    }
}
