//! What a client is.

use std::ops::Deref;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};
use url::Url;

use super::login_policy::LoginPolicy;
use super::profile::{Demand, Policy, Profile};
use super::registration::{Registration, SubjectType};
use crate::dialect::{Dialect, Mount};

/// Key of the client's name in no particular language.
pub const NO_LANGUAGE: &str = "@none";

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

/// What is registered reads as the client's own: `client.redirect_uris`.
impl Deref for Client {
    type Target = Registration;

    fn deref(&self) -> &Registration {
        &self.registration
    }
}

impl Client {
    /// The profile it is held to: the registered one where its mount has that, else its mount's first.
    #[must_use]
    pub fn profile(&self) -> Profile {
        let of_mount = Profile::of_mount(self.mount);
        let registered = of_mount.iter().find(|profile| **profile == self.registration.profile);
        registered.or(of_mount.first()).copied().unwrap_or_default()
    }

    /// The rules it is held to.
    #[must_use]
    pub fn policy(&self) -> &'static Policy {
        self.profile().policy()
    }

    /// Whether it proves who it is by nothing: what anybody could say.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.auth_methods.contains(&AuthMethod::None)
    }

    /// Whether its requests must have a `code_challenge`: by policy, by its own wish, and always where it is public
    /// (RFC 9700 §2.1.1).
    #[must_use]
    pub fn pkce(&self) -> Demand {
        let wanted = self.policy().pkce.is_required() || self.is_public() || self.additional.require_pkce;
        if wanted { Demand::Required } else { Demand::Optional }
    }

    /// Whether its requests must be pushed (RFC 9126 §6).
    #[must_use]
    pub fn pushed(&self) -> Demand {
        let wanted = self.policy().pushed.is_required() || self.require_pushed_authorization_requests;
        if wanted { Demand::Required } else { Demand::Optional }
    }

    /// Whether its tokens must be bound to a key (RFC 9449 §5.2).
    #[must_use]
    pub fn sender_constrained(&self) -> Demand {
        let wanted = self.policy().sender_constrained.is_required() || self.dpop_bound_access_tokens;
        if wanted { Demand::Required } else { Demand::Optional }
    }

    /// With whom it shares what it knows persons by (OpenID Connect Core §8): for `registry::subject_for`. Its relying
    /// party where subjects are pairwise. Where they are public, all such clients share the empty name, which no relying
    /// party has.
    #[must_use]
    pub fn sector(&self) -> &str {
        match self.subject_type {
            SubjectType::Pairwise => &self.relying_party_id,
            SubjectType::Public => "",
        }
    }

    /// Whether it may use a grant.
    #[must_use]
    pub fn allows(&self, grant: GrantType) -> bool {
        // A token of its own is for a client that proved who it is (RFC 6749 §4.4).
        let unproven = grant == GrantType::ClientCredentials && self.is_public();
        self.grant_types.contains(&grant) && !unproven
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
pub(super) fn iso639_3(primary: &str) -> &str {
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
    /// A login goes on without the person (RFC 6749 §6).
    RefreshToken,
}

impl GrantType {
    /// `grant_type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
        }
    }

    /// Reads [`GrantType::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::AuthorizationCode, Self::ClientCredentials, Self::RefreshToken]
            .into_iter()
            .find(|grant| grant.name() == name)
    }
}

/// How a client proves who it is at the token endpoint, and wherever else clients authenticate (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum AuthMethod {
    /// A JWT signed by one of its registered keys.
    PrivateKeyJwt,
    /// Its secret in the header `Authorization` (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// Its secret in the form.
    ClientSecretPost,
    /// A JWT signed by its secret.
    ClientSecretJwt,
    /// Not at all: what runs in a browser or on a phone keeps no secret. PKCE is demanded of it.
    None,
}

impl AuthMethod {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::PrivateKeyJwt, Self::ClientSecretBasic, Self::ClientSecretPost, Self::ClientSecretJwt, Self::None];

    /// Its registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::None => "none",
        }
    }

    /// Reads [`AuthMethod::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// Whether it needs a secret.
    #[must_use]
    pub fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}
