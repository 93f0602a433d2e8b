//! What client management says on the wire. Every member may be missing here; which ones must be there, and what each
//! must be like, is `validation`'s.

use std::collections::BTreeMap;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::additional_config::AdditionalConfig;
use super::login_policy::LoginPolicy;
use super::model::{Client, KeySource, NO_LANGUAGE};
use crate::dialect::Dialect;

/// `POST /client-mgmt/{oidc-client, oauth-client, client}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Create {
    /// Required: 1 to 100 visible ASCII characters, not used on this mount before.
    pub client_id: Option<String>,
    /// Required, 1 to 100 characters: whose application it is.
    pub relying_party_id: Option<String>,
    /// See there; exactly one of its members.
    #[serde(flatten)]
    pub keys: Keys,
    /// All required but `clientNameLangMap`, `additionalConfig`, `idTokenSignedResponseAlg`, `encPublicKey` and
    /// `loginPolicy`.
    #[serde(flatten)]
    pub fields: Fields,
}

/// Where a client's signature keys are: exactly one member, or none where it does not authenticate with keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Keys {
    /// One public key as JWK: RSA of 2048 bits or more, P-256 or Ed25519, on the standard mount also P-384 and P-521.
    pub public_key: Option<Map<String, Value>>,
    /// Up to ten public keys as JWK set.
    pub jwks: Option<Map<String, Value>>,
    /// Where the client publishes them: `https`, on a public address. Not on GovStack's mount.
    pub jwks_uri: Option<String>,
}

/// `PUT` and `PATCH`. A PUT must have what a POST must have, and `status`; a PATCH changes what it names. Optional members
/// that are missing stay as they are.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Required where the path has no id; otherwise that of the path.
    pub client_id: Option<String>,
    /// `ACTIVE` or `INACTIVE`, in any case.
    pub status: Option<String>,
    /// Cannot be changed; may be repeated.
    pub relying_party_id: Option<String>,
    /// Cannot be changed here; may be repeated.
    #[serde(flatten)]
    pub keys: Keys,
    /// What can be changed.
    #[serde(flatten)]
    pub fields: Fields,
}

/// What is registered and can be changed later.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fields {
    /// 1 to 256 characters.
    pub client_name: Option<String>,
    /// Names of up to 50 characters by ISO 639-3 language.
    pub client_name_lang_map: Option<BTreeMap<String, String>>,
    /// Claims that it may ask for: up to 30, or none.
    pub user_claims: Option<Vec<String>>,
    /// Classes of authentication that it may ask for: 1 to 30.
    pub auth_context_refs: Option<Vec<String>>,
    /// `http` or `https`, up to 2048 characters.
    pub logo_uri: Option<String>,
    /// 1 to 5; compared byte for byte, no wildcards.
    pub redirect_uris: Option<Vec<String>>,
    /// `authorization_code`; on the standard mount also `refresh_token`.
    pub grant_types: Option<Vec<String>>,
    /// `private_key_jwt`; on the standard mount one of what discovery names.
    pub client_auth_methods: Option<Vec<String>>,
    /// Switches; see eSignet's schema.
    pub additional_config: Option<Map<String, Value>>,
    /// What its ID tokens and signed userinfo are signed with: `PS256` (default) or `RS256` on eSignet's mount, `ES256`
    /// (default) or `RS256` on the standard one, `RS256` on GovStack's.
    pub id_token_signed_response_alg: Option<String>,
    /// The rules it is held to, on the standard mount: `oidc` (default) or `fapi2`. Other mounts have one profile and do
    /// not look at this.
    pub profile: Option<String>,
    /// On the standard mount: client metadata by the names of OpenID Connect Registration §2 and RFC 7591 §2. It goes before
    /// members above that say the same. Other mounts do not look at it.
    pub metadata: Option<Map<String, Value>>,
    /// RSA key for encrypted userinfo; `null` takes it away.
    #[serde(default, deserialize_with = "even_null")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub enc_public_key: Option<Option<Map<String, Value>>>,
    /// What it asks of logins by QR code. Members that are left out are as on the mount; `{}` or `null` gives it back
    /// the mount's.
    #[serde(default, deserialize_with = "even_null")]
    #[schemars(with = "Option<LoginPolicy>")]
    pub login_policy: Option<Option<Map<String, Value>>>,
}

/// Tells `null` (`Some(None)`) from a missing member (`None`).
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<Map<String, Value>>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A client's id and state, after every change.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Its id.
    pub client_id: String,
    /// `ACTIVE` or `INACTIVE`; small letters on GovStack's mount.
    pub status: String,
    /// The secret that was made for it, where it authenticates with one. It is shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// A client's new secret. It is shown once; the one before is refused from now on.
#[derive(Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Renewed {
    /// The client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl Registered {
    /// Of a client.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            client_id: client.id.clone(),
            status: client.status.on_wire(client.mount.dialect()),
            client_secret: None,
        }
    }
}

/// A client that was deleted.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Removed {
    /// Its id, which is not given to another.
    pub client_id: String,
}

/// A client's signature keys, after they were replaced.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// The client.
    pub client_id: String,
    /// RFC 7638 thumbprints of the keys; empty where the client publishes them.
    pub thumbprints: Vec<String>,
}

/// All about a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Details {
    /// Its id.
    pub client_id: String,
    /// `ACTIVE` or `INACTIVE`; small letters on GovStack's mount.
    pub status: String,
    /// Its name in no particular language.
    pub client_name: String,
    /// Its name by ISO 639-3 language.
    pub client_name_lang_map: BTreeMap<String, String>,
    /// Whose application it is.
    pub relying_party_id: String,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Where browsers may be sent back to.
    pub redirect_uris: Vec<String>,
    /// Claims that it may ask for.
    pub user_claims: Vec<String>,
    /// Classes of authentication that it may ask for.
    pub auth_context_refs: Vec<String>,
    /// Grants.
    pub grant_types: Vec<&'static str>,
    /// How it proves who it is.
    pub client_auth_methods: Vec<&'static str>,
    /// What its ID tokens and signed userinfo are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<&'static str>,
    /// Scopes of its own tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Its signature keys, where they are registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<KeySet>,
    /// Where it publishes its signature keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Its encryption key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    pub enc_public_key: Option<Jwk>,
    /// Switches.
    #[schemars(with = "Map<String, Value>")]
    pub additional_config: AdditionalConfig,
    /// What it asks of logins by QR code: its own policy, or else its mount's.
    pub login_policy: LoginPolicy,
    /// On the standard mount: its metadata by the names of the standards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
}

/// A JWK set (RFC 7517 §5).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeySet {
    /// Public keys.
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub keys: Vec<Jwk>,
}

impl Details {
    /// Of a client, in its mount's words.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let dialect: &Dialect = client.mount.dialect();
        let mut names = client.name.clone();
        let (jwks, jwks_uri) = match &client.keys {
            KeySource::Keys(keys) => (Some(KeySet { keys: keys.clone() }), None),
            KeySource::Uri(uri) => (None, Some(uri.to_string())),
        };
        Self {
            client_id: client.id.clone(),
            status: client.status.on_wire(dialect),
            client_name: names.remove(NO_LANGUAGE).unwrap_or_default(),
            client_name_lang_map: names,
            relying_party_id: client.relying_party_id.clone(),
            logo_uri: client.logo_uri.clone(),
            redirect_uris: client.redirect_uris.clone(),
            user_claims: client.user_claims.clone(),
            auth_context_refs: client.acrs.iter().map(|acr| acr.name(dialect)).collect(),
            grant_types: client.grant_types.iter().map(|grant| grant.name()).collect(),
            client_auth_methods: client.auth_methods.iter().map(|method| method.name()).collect(),
            id_token_signed_response_alg: client.signed_with().map(Algorithm::name),
            scopes: client.scopes.clone(),
            jwks,
            jwks_uri,
            enc_public_key: client.enc_jwk.clone(),
            additional_config: client.additional.clone(),
            login_policy: client.login_policy(),
            metadata: dialect.client_metadata.then(|| super::metadata::write(client)),
        }
    }
}
