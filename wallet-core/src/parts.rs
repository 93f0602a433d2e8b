//! What the wallet and its sessions share.

use crate::credentials::{CredentialIssuer, Pinned};
use crate::errors::WalletError;
use crate::exchange::Exchange;
use crate::ports::{DeviceKeys, Rng};
use crate::store::{Change, Store, table};
use std::sync::Arc;

/// Every alias the wallet makes begins with this: no other key of the app is touched.
const ALIAS_PREFIX: &str = "tessera.";

/// How a wallet is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WalletConfig {
    /// Where the store lies: a file in a folder that is not backed up; made where it is not there.
    pub store_path: String,
    /// Languages for names, best first, as servers write them (ISO 639-3, e.g. `eng`; also BCP 47).
    pub languages: Vec<String>,
    /// How many days the activity log goes back.
    pub activity_days: u32,
    /// Limit for one request, in milliseconds.
    pub request_timeout_ms: u32,
    /// Whether `http` to the own machine is allowed: for tests and demos only.
    pub allow_loopback_http: bool,
    /// Issuers whose credentials count as verified.
    #[cfg_attr(feature = "uniffi", uniffi(default = []))]
    pub credential_issuers: Vec<CredentialIssuer>,
}

impl WalletConfig {
    /// The usual set-up: no language preferred, log of 400 days, 20 seconds, `https` only, no issuers.
    #[must_use]
    pub fn at(store_path: &str) -> Self {
        Self {
            store_path: store_path.to_owned(),
            languages: Vec::new(),
            activity_days: 400,
            request_timeout_ms: 20_000,
            allow_loopback_http: false,
            credential_issuers: Vec::new(),
        }
    }
}

pub(crate) struct Parts {
    pub(crate) config: WalletConfig,
    pub(crate) issuers: Vec<Pinned>,
    pub(crate) store: Store,
    pub(crate) keys: Arc<dyn DeviceKeys>,
    pub(crate) exchange: Exchange,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Parts {
    /// 128 random bits as text: for ids, aliases and `jti`.
    pub(crate) fn random_id(&self) -> Result<String, WalletError> {
        let mut bytes = [0u8; 16];
        self.rng.fill(&mut bytes)?;
        Ok(protocol::base64url::encode(bytes))
    }

    /// A new alias, written down before the key is made, so that a killed app leaves no key behind.
    pub(crate) fn new_alias(&self) -> Result<String, WalletError> {
        let alias = format!("{ALIAS_PREFIX}{}", self.random_id()?);
        self.store.write(&[Change::put(table::KEYS, &alias, &())?])?;
        Ok(alias)
    }

    /// Deletes a key of ours from the device, and then from the list.
    pub(crate) async fn delete_key(&self, alias: &str) -> Result<(), WalletError> {
        self.keys.delete(alias.to_owned()).await?;
        Ok(self.store.write(&[Change::delete(table::KEYS, alias)])?)
    }
}
