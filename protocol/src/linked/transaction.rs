//! `link-transaction`: the wallet takes the code and learns who asks for what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lenient::null_as_default;
use crate::timestamp::Timestamp;

/// `link-transaction` and `v2/link-transaction`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkTransactionRequest {
    /// The code scanned.
    #[serde(default, deserialize_with = "null_as_default")]
    pub link_code: String,
    /// What the wallet can do and which key it will use. Ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet: Option<WalletHint>,
}

/// What a wallet says of itself when it takes a code. Once it names its key, only that key may go on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WalletHint {
    /// Capabilities, for example [`crate::wla::CAPABILITY`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub caps: Vec<String>,
    /// RFC 7638 thumbprint of the bound key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Answer of `link-transaction` (name as text) and `v2/link-transaction` (name by language).
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct LinkTransaction {
    /// Names the login in all later calls, there called `linkedTransactionId`. Whoever has it may go on: keep it
    /// secret.
    pub link_transaction_id: String,
    /// The relying party's registered name.
    pub client_name: ClientName,
    /// The relying party's registered logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// Alternatives; of one alternative all factors must be given.
    #[serde(default, deserialize_with = "null_as_default")]
    pub auth_factors: Vec<Vec<AuthFactor>>,
    /// Scopes that need the citizen's permission.
    #[serde(default, deserialize_with = "null_as_default")]
    pub authorize_scopes: Vec<String>,
    /// Claims that must be accepted to go on.
    #[serde(default, deserialize_with = "null_as_default")]
    pub essential_claims: Vec<String>,
    /// Claims that may be accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub voluntary_claims: Vec<String>,
    /// v2: scopes of credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_scopes: Option<Vec<String>>,
    /// The server's free map.
    #[serde(default, deserialize_with = "null_as_default")]
    pub configs: Configs,
}

crate::redact::redacted_debug!(LinkTransactionRequest, LinkTransaction);

/// A relying party's name: text in version 1, by language (ISO 639-3, and `@none`) in version 2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ClientName {
    /// Version 1.
    Plain(String),
    /// Version 2.
    ByLanguage(BTreeMap<String, String>),
}

impl ClientName {
    /// The name in the first of `languages` that there is, else the one of `@none`, else any.
    #[must_use]
    pub fn in_language(&self, languages: &[&str]) -> Option<&str> {
        match self {
            Self::Plain(name) => Some(name),
            Self::ByLanguage(names) => languages
                .iter()
                .find_map(|language| names.get(*language))
                .or_else(|| names.get("@none"))
                .or_else(|| names.values().next())
                .map(String::as_str),
        }
    }

    /// Every name told.
    #[must_use]
    pub fn all(&self) -> Vec<&str> {
        match self {
            Self::Plain(name) => vec![name],
            Self::ByLanguage(names) => names.values().map(String::as_str).collect(),
        }
    }
}

/// A factor to authenticate with. GovStack calls WLA `Wallet`, and its subtypes `bioSubTypes`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AuthFactor {
    /// `WLA` or `Wallet`, `OTP`, `PIN`, `PWD`, `BIO` or `L1-bio-device`, `KBI`.
    #[serde(rename = "type")]
    pub factor_type: String,
    /// How many of it; 0 where it does not matter.
    #[serde(default, deserialize_with = "null_as_default")]
    pub count: u32,
    /// eSignet: which fingers, eyes …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_types: Option<Vec<String>>,
    /// GovStack: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio_sub_types: Option<Vec<String>>,
}

impl AuthFactor {
    /// Whether this is wallet local authentication, under either name.
    #[must_use]
    pub fn is_wla(&self) -> bool {
        matches!(self.factor_type.as_str(), "WLA" | "Wallet")
    }
}

/// The free map `configs`: what eSignet put there, and ours under `tessera`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Configs {
    /// What our wallets read; absent on other servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tessera: Option<TesseraConfig>,
    /// Everything else.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// `configs.tessera`: what binds the login and what the wallet shows about it. Members not known are ignored.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TesseraConfig {
    /// Issuer of the mount: the audience of what the wallet signs.
    pub iss: String,
    /// To be repeated in the WLA token.
    pub nonce: String,
    /// Origin of the page that shows the code. Verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_origin: Option<String>,
    /// Domain of the relying party. Verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rp_domain: Option<String>,
    /// Client id of the relying party, for the consent statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// When the browser began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Kind of browser, as it called itself. A hint, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Where the browser seems to be. A hint, not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether browser and wallet seem to share a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near: Option<bool>,
    /// `cross_device` or `same_device`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether the number on the page must be typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_required: Option<bool>,
    /// Same device only: where to go after consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_uri: Option<String>,
}

crate::redact::redacted_debug!(TesseraConfig);
