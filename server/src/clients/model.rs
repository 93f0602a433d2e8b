//! What a client is.

use std::collections::BTreeMap;
use std::ops::Deref;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};
use url::Url;

use super::additional_config::AdditionalConfig;
use super::login_policy::LoginPolicy;
use crate::acr::Acr;
use crate::dialect::{Dialect, Mount};

/// Key of the client's name in no particular language.
pub const NO_LANGUAGE: &str = "@none";

/// Scopes that a client's own tokens may carry: what machines may do here.
pub const MACHINE_SCOPES: [&str; 6] =
    ["add_oidc_client", "update_oidc_client", "wallet_binding", "send_binding_otp", "audit_read", "audit_case"];

/// A registered client: a relying party's application, or a machine that manages.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Row of the database.
    pub row: i64,
    /// `client_id`.
    pub id: String,
    /// The only issuer it may use.
    pub mount: Mount,
    /// Whose application it is; persons have one pairwise subject per relying party.
    pub relying_party_id: String,
    /// Whether it may be used.
    pub status: Status,
    /// All that its registration says.
    pub registration: Registration,
}

/// What is registered about a client, as it lies in the database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Its name: [`NO_LANGUAGE`] always, and ISO 639-3 languages.
    pub name: BTreeMap<String, String>,
    /// Its logo. Relying parties have one, machines need none.
    pub logo_uri: Option<String>,
    /// Where browsers may be sent back to; see [`super::redirect_uri_matches`].
    pub redirect_uris: Vec<String>,
    /// Claims about persons that it may ask for (GS-VAP-08).
    pub user_claims: Vec<String>,
    /// Classes of authentication that it may ask for.
    pub acrs: Vec<Acr>,
    /// Grants that it may use.
    pub grant_types: Vec<GrantType>,
    /// How it proves who it is.
    pub auth_methods: Vec<AuthMethod>,
    /// Scopes that its own tokens (grant `client_credentials`) may carry.
    pub scopes: Vec<String>,
    /// Where its signature keys are.
    pub keys: KeySource,
    /// RSA key for which userinfo is encrypted; present whenever `additional` says JWE.
    pub enc_jwk: Option<Jwk>,
    /// Switches.
    pub additional: AdditionalConfig,
    /// What its ID tokens and signed userinfo are signed with; see [`Client::signed_with`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_alg: Option<Algorithm>,
    /// What it asks of logins by QR code; see [`Client::login_policy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_policy: Option<LoginPolicy>,
}

/// What is registered reads as the client's own: `client.redirect_uris`.
impl Deref for Client {
    type Target = Registration;

    fn deref(&self) -> &Registration {
        &self.registration
    }
}

impl Client {
    /// Whether it may use a grant.
    #[must_use]
    pub fn allows(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// What its ID tokens and signed userinfo are signed with: what it registered, else the mount's first. `None` where the
    /// mount signs nothing.
    #[must_use]
    pub fn signed_with(&self) -> Option<Algorithm> {
        self.registration.id_token_alg.or_else(|| self.mount.dialect().signing.first().copied())
    }

    /// What it asks of logins by QR code: its own policy, else that of its mount.
    #[must_use]
    pub fn login_policy(&self) -> LoginPolicy {
        self.registration.login_policy.clone().unwrap_or_else(|| LoginPolicy::of_mount(self.mount))
    }

    /// Its name for a reader of `language`, a BCP 47 tag: in that language, else its name in none.
    #[must_use]
    pub fn name_in(&self, language: &str) -> &str {
        let primary = language.split('-').next().unwrap_or_default();
        let of = |key: &str| self.name.get(key).map(String::as_str);
        of(iso639_3(primary)).or_else(|| of(primary)).or_else(|| of(NO_LANGUAGE)).unwrap_or_default()
    }
}

/// The three-letter code of a language of the pages (clients' names are keyed by ISO 639-3, pages by BCP 47).
fn iso639_3(primary: &str) -> &str {
    match primary {
        "en" => "eng",
        "fr" => "fra",
        "ar" => "ara",
        "de" => "deu",
        "es" => "spa",
        "hi" => "hin",
        "pt" => "por",
        "sw" => "swa",
        other => other,
    }
}

impl Default for KeySource {
    /// No keys: nothing such a client signs is accepted.
    fn default() -> Self {
        Self::Keys(Vec::new())
    }
}

/// Where a client's signature keys are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// Registered; at least one.
    Keys(Vec<Jwk>),
    /// Published by the client.
    Uri(Url),
}

/// Whether a client may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Active,
    /// Refused everywhere as if unknown, until it is active again.
    Inactive,
    /// Gone; only its id is remembered.
    Deleted,
}

impl Status {
    /// Name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Deleted => "deleted",
        }
    }

    /// Reads [`Status::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Active, Self::Inactive, Self::Deleted].into_iter().find(|status| status.name() == name)
    }

    /// Name on the wire.
    #[must_use]
    pub fn on_wire(self, dialect: &Dialect) -> String {
        if dialect.status_upper_case { self.name().to_ascii_uppercase() } else { self.name().into() }
    }
}

/// A grant (RFC 6749 §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum GrantType {
    /// Persons log in.
    AuthorizationCode,
    /// The client acts for itself.
    ClientCredentials,
}

impl GrantType {
    /// `grant_type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// How a client proves who it is at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A JWT signed by one of its registered keys.
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Its registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}
