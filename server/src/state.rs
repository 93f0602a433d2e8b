//! What every handler holds: configuration, database, keys, time, randomness.

use std::ops::Deref;
use std::sync::Arc;

use crate::audit::Audit;
use crate::clock::{Clock, Rng};
use crate::config::Config;
use crate::deliveries::Deliveries;
use crate::dialect::Mount;
use crate::flow::Flow;
use crate::http::fetch::{Fetch, FetchSetupError};
use crate::ids::{Ids, Kind, Minted};
use crate::kept::Kept;
use crate::keys::Keys;
use crate::secrets::{Purpose, Secrets};
use crate::store::Store;
use crate::wait::Hub;

/// One for the whole server. Every request clones it a dozen times, so that it is one pointer.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What [`AppState`] points to.
#[derive(Clone)]
pub struct Parts {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// Opaque tokens.
    pub ids: Arc<Ids>,
    /// Keys for data at rest.
    pub secrets: Arc<Secrets>,
    /// Guarded requests to others.
    pub fetch: Fetch,
    /// Long polls; the same that the store wakes.
    pub waits: Arc<Hub>,
    /// What rooms keep in memory.
    pub kept: Arc<Kept>,
    /// Signing keys, and parsed keys of others.
    pub keys: Arc<Keys>,
    /// What happened.
    pub audit: Arc<Audit>,
    /// How logins go, counted.
    pub flow: Arc<Flow>,
    /// What was sent to others, counted.
    pub deliveries: Arc<Deliveries>,
}

impl AppState {
    /// Puts the parts together.
    ///
    /// # Errors
    /// Where requests to others cannot be set up: the file `fetch_ca`, or the TLS library.
    pub fn new(
        config: Config,
        store: Store,
        waits: Arc<Hub>,
        secrets: Secrets,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, FetchSetupError> {
        let ids = Arc::new(Ids::new(&secrets.key(Purpose::Ids)));
        let fetch = Fetch::new(&config.fetch_allow, config.fetch_ca.as_deref())?;
        let secrets = Arc::new(secrets);
        let (key_store, key_secrets) = (store.clone(), secrets.clone());
        let keys = Keys::new(key_store, key_secrets, clock.clone(), rng.clone(), &config.lifetimes, config.signing);
        let audit = Audit::new(secrets.clone(), ids.clone(), clock.clone(), rng.clone());
        Ok(Parts {
            config: Arc::new(config),
            store,
            clock,
            rng,
            ids,
            secrets,
            fetch,
            waits,
            kept: Arc::default(),
            keys: Arc::new(keys),
            audit: Arc::new(audit),
            flow: Arc::default(),
            deliveries: Arc::default(),
        }
        .into())
    }

    /// The same with opaque ids that are made under another key: those that another instance gave out.
    #[must_use]
    pub fn with_ids(&self, key: &[u8; 32]) -> Self {
        let parts = Parts::clone(self);
        let ids = Arc::new(Ids::new(key));
        let audit = Audit::new(parts.secrets.clone(), ids.clone(), parts.clock.clone(), parts.rng.clone());
        Parts { ids, audit: Arc::new(audit), ..parts }.into()
    }

    /// Makes an opaque token.
    #[must_use]
    pub fn mint(&self, kind: Kind) -> Minted {
        self.ids.mint(kind, &*self.clock, &*self.rng)
    }

    /// A primary key for a row that nobody names.
    #[must_use]
    pub fn next_id(&self) -> i64 {
        self.ids.next_id(&*self.clock, &*self.rng)
    }

    /// The issuer of a mount.
    #[must_use]
    pub fn issuer(&self, mount: Mount) -> String {
        self.config.issuer(mount)
    }
}

impl From<Parts> for AppState {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}
