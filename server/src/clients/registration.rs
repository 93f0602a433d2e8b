//! What is registered about a client: the metadata of OpenID Connect Registration §2 and RFC 7591 §2, and eSignet's.

use std::collections::BTreeMap;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};
use url::Url;

use super::additional_config::AdditionalConfig;
use super::enrollment_policy::EnrollmentPolicy;
use super::login_policy::LoginPolicy;
use super::model::{AuthMethod, GrantType, KeySource};
use super::profile::{MacAlgorithm, Profile};
use super::secret::{ClientSecret, RegistrationAccess};
use crate::acr::Acr;
use crate::keys::Encryption;

/// What is registered about a client, as it lies in the database. Members that came later have defaults: the rows of
/// before are read as they were meant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Its name: [`super::NO_LANGUAGE`] always, and ISO 639-3 languages.
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
    /// RSA key for which userinfo is encrypted; present whenever `additional` says JWE. See [`super::encryption_key`].
    pub enc_jwk: Option<Jwk>,
    /// Switches.
    pub additional: AdditionalConfig,
    /// What its ID tokens and signed userinfo are signed with; see [`super::Client::signed_with`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_alg: Option<Algorithm>,
    /// What it asks of logins by QR code; see [`super::Client::login_policy`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login_policy: Option<LoginPolicy>,
    /// The profile it registered for; ask [`super::Client::policy`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub profile: Profile,
    /// What it may ask for at the authorization endpoint. Empty in rows of before: `code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_types: Vec<ResponseType>,
    /// Where it runs (`application_type`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub application_type: ApplicationType,
    /// The secret that this server made for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<ClientSecret>,
    /// Present where the client registered itself: what it manages its registration with (RFC 7592).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_access: Option<RegistrationAccess>,
    /// The one algorithm its assertions may have (`private_key_jwt`); those of its policy where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// The same for `client_secret_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_mac_alg: Option<MacAlgorithm>,
    /// Whether other relying parties know persons by the same name; see [`super::Client::sector`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub subject_type: SubjectType,
    /// Where the redirect URIs of all clients that share pairwise subjects are listed (OpenID Connect Core §8.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<Url>,
    /// What its ID tokens are encrypted with, after they were signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_encryption: Option<Encryption>,
    /// What its userinfo is signed with; where absent it is as `additional.userinfo_response_type` and the mount say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// What its userinfo is encrypted with; after it was signed, where it is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_encryption: Option<Encryption>,
    /// The one algorithm its request objects may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<Algorithm>,
    /// Whether it registered `none` as that algorithm; the policy allows it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request_object_unsigned: bool,
    /// What its request objects may be encrypted with; any or nothing where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_encryption: Option<Encryption>,
    /// What its authorization responses are signed with, in the response modes `jwt` (JARM §3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<Algorithm>,
    /// What introspection answers it with, where it asks for a JWT (RFC 9701 §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_signed_response_alg: Option<Algorithm>,
    /// `max_age` of requests that name none, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether its ID tokens must say `auth_time`. Ours always do.
    #[serde(default, skip_serializing_if = "is_default")]
    pub require_auth_time: bool,
    /// `acr_values` of requests that name none, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<Acr>,
    /// Where a login at the client begins, for whoever wants to begin one elsewhere (OpenID Connect Core §4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<Url>,
    /// Where browsers may be sent back to after a logout; compared byte for byte.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens are posted to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<Url>,
    /// Whether logout tokens must say which session ended (`sid`).
    #[serde(default, skip_serializing_if = "is_default")]
    pub backchannel_logout_session_required: bool,
    /// The only places request objects are fetched from; compared without fragment, which is the hash of what lies there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// Whether all its tokens are bound to a key; ask [`super::Client::sender_constrained`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub dpop_bound_access_tokens: bool,
    /// Whether all its requests are pushed; ask [`super::Client::pushed`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub require_pushed_authorization_requests: bool,
    /// Whether all its requests come as signed request objects (RFC 9101 §10.5).
    #[serde(default, skip_serializing_if = "is_default")]
    pub require_signed_request_object: bool,
    /// Where it is told that claims changed, where persons permit that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_uri: Option<Url>,
    /// Its home page, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// What it does with people's data, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Mail addresses of those who run it, for the operator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Which software it is (RFC 7591 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// What its enrollments must have; nothing where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enrollment_policy: Option<EnrollmentPolicy>,
}

/// Whether a member says nothing.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What the authorization endpoint gives (RFC 6749 §3.1.1). The implicit grant is not among them (RFC 9700 §2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// An authorization code.
    Code,
}

/// See [`Registration::application_type`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a server or in a browser.
    #[default]
    Web,
    /// On a person's device (RFC 8252).
    Native,
}

/// See [`Registration::subject_type`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum SubjectType {
    /// Each relying party knows a person by another name (OpenID Connect Core §8.1).
    #[default]
    Pairwise,
    /// All clients with this type know a person by one name.
    Public,
}

impl SubjectType {
    /// `subject_type` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pairwise => "pairwise",
            Self::Public => "public",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of before is read as it was meant, and what says nothing is not written.
    #[test]
    fn what_came_later_may_be_missing() {
        let before = r#"{"name":{"@none":"Clinic"},"logo_uri":null,"redirect_uris":["https://rp.test/cb"],
            "user_claims":["name"],"acrs":[],"grant_types":["authorization_code"],"auth_methods":["private_key_jwt"],
            "scopes":[],"keys":{"keys":[]},"enc_jwk":null,"additional":{"require_pkce":false}}"#;
        let read: Registration = serde_json::from_str(before).unwrap();
        assert_eq!((read.profile, read.subject_type), (Profile::Oidc, SubjectType::Pairwise));
        let (written, before): (serde_json::Value, serde_json::Value) =
            (serde_json::to_value(&read).unwrap(), serde_json::from_str(before).unwrap());
        assert_eq!(written, before);
    }
}
