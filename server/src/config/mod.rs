//! Configuration: a TOML file, then environment variables `TESSERA_SECTION__KEY`. Unknown keys are refused.
//!
//! One file per larger section; each default stands beside its field.

mod assurance;
mod attestation;
mod bankid;
mod check;
mod enrollment;
mod identity;
mod inbox;
mod lifetimes;
mod limits;
mod notifications;
mod otp;
mod population;
mod registration;
mod risk;
mod signing;
mod statistics;
mod verification;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};
use url::Url;

pub use assurance::Assurance;
pub use attestation::{
    AndroidApp, AndroidKey, AndroidLevel, AppAttest, Attestation, AttestationPolicy, sha256_from_hex,
};
pub use bankid::{Bank, BankId, BankLogo, BankService};
pub use enrollment::Enrollment;
pub use identity::{Abis, CheckDigit, Identity, UniqueKey};
pub use inbox::Inbox;
pub use lifetimes::Lifetimes;
pub use limits::Limits;
pub use notifications::Notifications;
pub use otp::{Delivery, Otp};
pub use population::Population;
pub use registration::{Opening, Registration};
pub use risk::Risk;
pub use signing::Signing;
pub use statistics::{Region, Statistics};
pub use verification::{AttributeSet, Identify, Verification, is_set_name};

use crate::dialect::Mount;

/// The whole configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the world reaches this server: scheme, host and port. Every issuer and link is built from it, never from the `Host` header.
    pub public_url: Url,
    /// `development` allows what must never reach production: plain HTTP, OTPs in the log, a secret file made at start.
    pub mode: Mode,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where `/metrics` is served; off when absent.
    pub metrics_listen: Option<SocketAddr>,
    /// Certificate and key of its own; without, the server expects to stand behind a proxy that ends TLS.
    pub tls: Option<Tls>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where things are stored.
    pub database: Database,
    /// File with the deployment's master secret; `tessera keys secret` makes one.
    pub secret_file: PathBuf,
    /// Which issuers are served.
    pub mounts: Mounts,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How much of anything is allowed.
    pub limits: Limits,
    /// How one-time passwords reach people.
    pub otp: Otp,
    /// The wallets offered on the login page.
    pub wallet: Wallet,
    /// How wallet keys are bound.
    pub binding: Binding,
    /// What makes a login by QR code look odd.
    pub risk: Risk,
    /// What persons were verified by.
    pub assurance: Assurance,
    /// What Bank iD's profile needs to know.
    pub bankid: BankId,
    /// What enrollment clients may send, and whose enrollments they work on.
    pub enrollment: Enrollment,
    /// What clients of the population registry may send.
    pub population: Population,
    /// Whether clients may register themselves.
    pub registration: Registration,
    /// What this server signs with.
    pub signing: Signing,
    /// What planners are told.
    pub statistics: Statistics,
    /// How persons come to be.
    pub identity: Identity,
    /// What relying parties may be told by calls of their own.
    pub verification: Verification,
    /// Questions of relying parties to persons.
    pub inbox: Inbox,
    /// How services are told of what happened.
    pub notifications: Notifications,
    /// Languages of the pages, best first; all must be among those built in (`en`, `fr`, `ar`).
    pub languages: Vec<String>,
    /// Hosts and addresses that may be fetched although they are not public; for tests and closed networks.
    pub fetch_allow: Vec<String>,
    /// PEM file with the authorities of a closed network: whoever is fetched from may be certified by them too.
    pub fetch_ca: Option<PathBuf>,
    /// What is logged, in `tracing` filter syntax.
    pub log: String,
    /// `text` for people, `json` for machines.
    pub log_format: LogFormat,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: default_url(),
            mode: Mode::Development,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            tls: None,
            trusted_proxies: Vec::new(),
            database: Database::default(),
            secret_file: "tessera.secret".into(),
            mounts: Mounts::default(),
            lifetimes: Lifetimes::default(),
            limits: Limits::default(),
            otp: Otp::default(),
            wallet: Wallet::default(),
            binding: Binding::default(),
            risk: Risk::default(),
            assurance: Assurance::default(),
            bankid: BankId::default(),
            enrollment: Enrollment::default(),
            population: Population::default(),
            registration: Registration::default(),
            signing: Signing::default(),
            statistics: Statistics::default(),
            identity: Identity::default(),
            verification: Verification::default(),
            inbox: Inbox::default(),
            notifications: Notifications::default(),
            languages: ["en", "fr", "ar"].map(String::from).to_vec(),
            fetch_allow: Vec::new(),
            fetch_ca: None,
            log: "info".into(),
            log_format: LogFormat::Text,
        }
    }
}

#[expect(clippy::unwrap_used, reason = "a literal")]
fn default_url() -> Url {
    Url::parse("http://localhost:8080").unwrap()
}

/// See [`Config::mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// On a developer's machine.
    Development,
    /// Facing citizens.
    Production,
}

/// See [`Config::log_format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// PEM files.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// Certificate chain, leaf first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// See [`Config::database`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: String,
    /// Whether `serve` brings the schema forward by itself.
    pub migrate: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self { url: "sqlite:tessera.sqlite".into(), migrate: true }
    }
}

/// Which issuers are served (see `dialect`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mounts {
    /// GovStack's, at `/`.
    pub govstack: bool,
    /// eSignet 1.x's, at `/v1/esignet`; at the bare host too where GovStack's is off.
    pub esignet: bool,
    /// The standard OpenID provider, at `/op`.
    pub op: bool,
    /// Bank iD's profile for service providers, at `/bankid`.
    pub bankid: bool,
}

impl Mounts {
    /// Whether an issuer is served.
    #[must_use]
    pub fn serves(&self, mount: Mount) -> bool {
        match mount {
            Mount::GovStack => self.govstack,
            Mount::ESignet => self.esignet,
            Mount::Op => self.op,
            Mount::BankId => self.bankid,
            Mount::Wallet => false,
        }
    }
}

impl Default for Mounts {
    fn default() -> Self {
        Self { govstack: true, esignet: true, op: true, bankid: false }
    }
}

/// See [`Config::wallet`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wallet {
    /// Shown beside the QR code.
    pub name: String,
    /// Shown beside the QR code.
    pub logo_url: Option<Url>,
    /// Where to get the wallet.
    pub download_url: Option<Url>,
    /// What the QR code holds; `LINK_CODE`, `LINK_EXPIRE_DT` and `ISSUER` are replaced.
    pub deep_link: String,
}

impl Default for Wallet {
    fn default() -> Self {
        Self {
            name: "Tessera".into(),
            logo_url: None,
            download_url: None,
            deep_link: "tessera://wla-auth?linkCode=LINK_CODE&linkExpireDateTime=LINK_EXPIRE_DT&iss=ISSUER".into(),
        }
    }
}

/// See [`Config::binding`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Binding {
    /// Days a binding certificate is good for.
    pub certificate_days: u32,
    /// Whether the compatibility paths of binding demand a bearer token with scope `wallet_binding`.
    pub require_bearer: bool,
    /// Partners of the compatibility paths: id to SHA-256 of the API key in hex. Empty: any pair of headers will do, as in eSignet behind its gateway.
    pub partners: std::collections::BTreeMap<String, String>,
    /// `aud` values accepted in the legacy wallet token.
    pub legacy_audiences: Vec<String>,
    /// What phones' makers must say about keys bound natively.
    pub attestation: Attestation,
}

impl Default for Binding {
    fn default() -> Self {
        Self {
            certificate_days: 365,
            require_bearer: true,
            partners: std::collections::BTreeMap::new(),
            legacy_audiences: ["esignet-binding", "ida-binding"].map(String::from).to_vec(),
            attestation: Attestation::default(),
        }
    }
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key is unknown, missing or of the wrong type.
    #[error("configuration: {0}")]
    Invalid(#[from] Box<figment::Error>),
    /// A value is not allowed.
    #[error("configuration: {key}: {reason}")]
    Refused {
        /// The key.
        key: &'static str,
        /// Why, and what to do.
        reason: &'static str,
    },
}

/// `TESSERA_CONFIG` names the file, and `TESSERA_TEST_…` speaks to the project's tests: neither is a setting.
fn environment() -> Env {
    Env::prefixed("TESSERA_").filter(|key| key != "config" && !key.starts_with("test_")).split("__")
}

impl Config {
    /// Reads `file` (if given), then the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with the key and what to do about it.
    pub fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment.merge(environment()).extract().map_err(Box::new)?;
        config.check()?;
        Ok(config)
    }

    /// For printing: what could open something is left out.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        shown.otp.delivery = shown.otp.delivery.without_secrets();
        shown.identity = shown.identity.without_secrets();
        if let Ok(mut url) = Url::parse(&shown.database.url)
            && url.password().is_some()
            && url.set_password(Some("…")).is_ok()
        {
            shown.database.url = url.into();
        }
        shown
    }

    /// What a mount signs with: the first, unless a client registered another.
    #[must_use]
    pub fn signs_with(&self, mount: Mount) -> Vec<Algorithm> {
        self.signing.offered(mount.dialect().signing)
    }

    /// The issuer of a mount, without a slash at its end.
    #[must_use]
    pub fn issuer(&self, mount: Mount) -> String {
        // eSignet's own issuer is the bare host; where nobody else has that, its relying parties need not notice.
        let bare = mount == Mount::ESignet && self.mounts.esignet && !self.mounts.govstack;
        format!("{}{}", self.origin(), if bare { "" } else { mount.prefix() })
    }

    /// Scheme, host and port, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Whether cookies can be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
