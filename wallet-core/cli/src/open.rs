//! Opening the wallet of a home folder.

use std::path::PathBuf;
use std::sync::Arc;

use wallet_core::ports::{Log, LogLevel};
use wallet_core::{Wallet, WalletConfig, WalletPorts};
use wallet_host::{FileDataKey, HttpTransport, Roots, SoftwareKeys, StderrLog, TransportOptions};

use crate::args::Setup;
use crate::credentials;
use crate::error::CliError;

/// Opens the wallet, or makes it.
pub(crate) async fn wallet(setup: &Setup) -> Result<Arc<Wallet>, CliError> {
    let home = home(setup)?;
    let keys = SoftwareKeys::in_folder(home.join("keys")).map_err(CliError::file("the home folder"))?;
    let data_key = FileDataKey::at(home.join("store.key")).map_err(CliError::file("the home folder"))?;
    let roots = match &setup.ca {
        Some(path) => Roots::Only(std::fs::read(path).map_err(CliError::file("the file of --ca"))?),
        None => Roots::System,
    };
    let transport = HttpTransport::new(TransportOptions { roots, loopback_http: setup.loopback_http })?;
    let store = home.join("store.redb");
    let store = store.to_str().ok_or(CliError::Choice("the path of the home folder is not UTF-8"))?;
    let credential_issuers = match &setup.issuers {
        Some(path) => credentials::issuers(path)?,
        None => Vec::new(),
    };
    let config = WalletConfig {
        credential_issuers,
        languages: setup.language.clone(),
        allow_loopback_http: setup.loopback_http,
        ..WalletConfig::at(store)
    };
    let log = setup.verbose.then(|| Arc::new(StderrLog { at_least: LogLevel::Debug }) as Arc<dyn Log>);
    let ports = WalletPorts {
        keys: Arc::new(keys),
        transport: Arc::new(transport),
        data_key: Arc::new(data_key),
        log,
        clock: None,
    };
    Ok(Wallet::open(config, ports).await?)
}

fn home(setup: &Setup) -> Result<PathBuf, CliError> {
    if let Some(home) = &setup.home {
        return Ok(home.clone());
    }
    std::env::home_dir()
        .map(|home| home.join(".tessera-wallet"))
        .ok_or(CliError::Choice("you have no home folder: name one with --home"))
}
