//! What a client is held to, as data: one [`Policy`] for each [`Profile`]. Code asks the policy, never the profile.

use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};

use super::model::{AuthMethod, GrantType};
use crate::dialect::Mount;
use crate::keys::UNDERSTOOD;

/// A named set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lowercase")]
pub enum Profile {
    /// OpenID Connect Core 1.0 with RFC 9700: the standard mount's own.
    #[default]
    Oidc,
    /// FAPI 2.0 Security Profile (final).
    Fapi2,
    /// Bank iD's interface for service providers.
    BankId,
    /// GovStack's Identity Building Block.
    GovStack,
    /// eSignet 1.x.
    ESignet,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Oidc, Self::Fapi2, Self::BankId, Self::GovStack, Self::ESignet];

    /// Those that clients of a mount may have; the first is that of clients which name none.
    #[must_use]
    pub fn of_mount(mount: Mount) -> &'static [Self] {
        match mount {
            Mount::GovStack => &[Self::GovStack],
            Mount::ESignet => &[Self::ESignet],
            Mount::Op | Mount::Wallet => &[Self::Oidc, Self::Fapi2],
            Mount::BankId => &[Self::BankId],
        }
    }

    /// Its name in commands, requests and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Fapi2 => "fapi2",
            Self::BankId => "bankid",
            Self::GovStack => "govstack",
            Self::ESignet => "esignet",
        }
    }

    /// Reads [`Profile::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Its rules.
    #[must_use]
    pub fn policy(self) -> &'static Policy {
        match self {
            Self::Oidc => &OIDC,
            Self::Fapi2 => &FAPI2,
            Self::BankId => &BANK_ID,
            Self::GovStack => &GOVSTACK,
            Self::ESignet => &ESIGNET,
        }
    }
}

/// Whether something may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// It may.
    Optional,
    /// It may not.
    Required,
}

impl Demand {
    /// Whether it may not be left out.
    #[must_use]
    pub fn is_required(self) -> bool {
        self == Self::Required
    }
}

/// What the `aud` of a client assertion may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The issuer alone, as a string (FAPI 2.0 Security Profile §5.3.2.1): an assertion for an endpoint could be one for
    /// an endpoint of somebody else's making.
    Issuer,
    /// The issuer or one of its endpoints that clients authenticate at, as a string or a list of one (RFC 7523 §3,
    /// RFC 9126 §2).
    IssuerOrEndpoint,
}

/// What keeps a refresh token from being of use to a thief (RFC 9700 §2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Each use gives a new one; a second use of an old one ends the family.
    Rotating,
    /// It is bound to the client's key, and is not replaced (FAPI 2.0 Security Profile §5.3.2.1).
    SenderConstrained,
}

/// How an authorization response reaches the client (`response_mode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
    /// Signed, in the way that is usual for the response type (JARM §2.3): for `code` as [`ResponseMode::QueryJwt`].
    Jwt,
    /// Signed, in the query.
    QueryJwt,
    /// Signed, in a form.
    FormPostJwt,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Query, Self::FormPost, Self::Jwt, Self::QueryJwt, Self::FormPostJwt];

    /// `response_mode` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
            Self::Jwt => "jwt",
            Self::QueryJwt => "query.jwt",
            Self::FormPostJwt => "form_post.jwt",
        }
    }

    /// Reads [`ResponseMode::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

/// By what a client's secret signs (RFC 7518 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    #[serde(rename = "HS256")]
    Hs256,
    /// HMAC with SHA-384.
    #[serde(rename = "HS384")]
    Hs384,
    /// HMAC with SHA-512.
    #[serde(rename = "HS512")]
    Hs512,
}

impl MacAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// `alg` on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// Reads [`MacAlgorithm::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == name)
    }
}

/// The rules of one profile.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whose rules these are.
    pub profile: Profile,
    /// `code_challenge` of confidential clients; public ones always send it (RFC 9700 §2.1.1). See [`super::Client::pkce`].
    pub pkce: Demand,
    /// `nonce` in requests with scope `openid`.
    pub nonce: Demand,
    /// Pushed authorization requests (RFC 9126).
    pub pushed: Demand,
    /// Tokens bound to a key of the client (RFC 9449).
    pub sender_constrained: Demand,
    /// What a client assertion may be addressed to.
    pub assertion_audience: Audience,
    /// What clients may sign assertions with, and request objects.
    pub client_algorithms: &'static [Algorithm],
    /// What `client_secret_jwt` may be made with.
    pub mac_algorithms: &'static [MacAlgorithm],
    /// How clients may prove who they are.
    pub auth_methods: &'static [AuthMethod],
    /// Grants that clients may use.
    pub grants: &'static [GrantType],
    /// How authorization responses may be given; the first where a request names none.
    pub response_modes: &'static [ResponseMode],
    /// What protects refresh tokens.
    pub refresh: Refresh,
    /// Seconds that an authorization code lives at most, where that is less than the configuration's.
    pub code_seconds: Option<u32>,
    /// Whether requests must come as request objects (RFC 9101).
    pub request_object: Demand,
    /// Whether a request object may be unsigned, where its client registered no algorithm (OpenID Connect Core §6.1).
    pub unsigned_request_objects: bool,
}

const SECRETS_AND_KEYS: [AuthMethod; 5] = [
    AuthMethod::ClientSecretBasic,
    AuthMethod::ClientSecretPost,
    AuthMethod::ClientSecretJwt,
    AuthMethod::PrivateKeyJwt,
    AuthMethod::None,
];

static OIDC: Policy = Policy {
    profile: Profile::Oidc,
    pkce: Demand::Optional,
    nonce: Demand::Optional,
    pushed: Demand::Optional,
    sender_constrained: Demand::Optional,
    assertion_audience: Audience::IssuerOrEndpoint,
    client_algorithms: &Algorithm::ALL,
    mac_algorithms: &MacAlgorithm::ALL,
    auth_methods: &SECRETS_AND_KEYS,
    grants: &[GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials],
    response_modes: &ResponseMode::ALL,
    refresh: Refresh::Rotating,
    code_seconds: None,
    request_object: Demand::Optional,
    unsigned_request_objects: true,
};

/// FAPI 2.0 Security Profile §5.3.2 and §5.4. It demands no nonce: PKCE does that work, and its tests ask without one.
static FAPI2: Policy = Policy {
    profile: Profile::Fapi2,
    pkce: Demand::Required,
    nonce: Demand::Optional,
    pushed: Demand::Required,
    sender_constrained: Demand::Required,
    assertion_audience: Audience::Issuer,
    client_algorithms: &[Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa],
    mac_algorithms: &[],
    auth_methods: &[AuthMethod::PrivateKeyJwt],
    grants: &[GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials],
    response_modes: &ResponseMode::ALL,
    refresh: Refresh::SenderConstrained,
    code_seconds: Some(60),
    request_object: Demand::Optional,
    unsigned_request_objects: false,
};

static BANK_ID: Policy = Policy {
    profile: Profile::BankId,
    pkce: Demand::Optional,
    nonce: Demand::Required,
    pushed: Demand::Optional,
    sender_constrained: Demand::Optional,
    assertion_audience: Audience::IssuerOrEndpoint,
    client_algorithms: &[Algorithm::Rs256, Algorithm::Rs512, Algorithm::Ps512, Algorithm::Es512],
    mac_algorithms: &[MacAlgorithm::Hs256, MacAlgorithm::Hs512],
    auth_methods: &[
        AuthMethod::PrivateKeyJwt,
        AuthMethod::ClientSecretPost,
        AuthMethod::ClientSecretJwt,
        AuthMethod::None,
    ],
    grants: &[GrantType::AuthorizationCode, GrantType::RefreshToken],
    response_modes: &[ResponseMode::Query],
    refresh: Refresh::Rotating,
    code_seconds: None,
    request_object: Demand::Optional,
    unsigned_request_objects: false,
};

/// What both mounts did before there were profiles, on the wire to the letter.
const COMPATIBLE: Policy = Policy {
    profile: Profile::GovStack,
    pkce: Demand::Optional,
    nonce: Demand::Optional,
    pushed: Demand::Optional,
    sender_constrained: Demand::Optional,
    assertion_audience: Audience::IssuerOrEndpoint,
    client_algorithms: &UNDERSTOOD,
    mac_algorithms: &[],
    auth_methods: &[AuthMethod::PrivateKeyJwt],
    grants: &[GrantType::AuthorizationCode, GrantType::ClientCredentials],
    response_modes: &[ResponseMode::Query],
    refresh: Refresh::Rotating,
    code_seconds: None,
    request_object: Demand::Optional,
    unsigned_request_objects: false,
};

static GOVSTACK: Policy = COMPATIBLE;

static ESIGNET: Policy = Policy { profile: Profile::ESignet, ..COMPATIBLE };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_has_its_own_policy_and_its_name() {
        for profile in Profile::ALL {
            assert_eq!(profile.policy().profile, profile);
            assert_eq!(Profile::named(profile.name()), Some(profile));
            assert_eq!(serde_json::to_value(profile).unwrap(), profile.name());
        }
        for mount in Mount::ALL_ISSUERS {
            assert!(!Profile::of_mount(mount).is_empty());
        }
    }

    #[test]
    fn a_secret_that_signs_has_an_algorithm_and_no_profile_without_secrets_has_one() {
        for policy in Profile::ALL.map(Profile::policy) {
            let signs = policy.auth_methods.contains(&AuthMethod::ClientSecretJwt);
            assert_eq!(signs, !policy.mac_algorithms.is_empty(), "{:?}", policy.profile);
            assert!(!policy.response_modes.is_empty() && !policy.client_algorithms.is_empty());
        }
    }

    /// RFC 9700 §2.1.1, FAPI 2.0 Security Profile §5.3.2: what is demanded is demanded as data.
    #[test]
    fn fapi2_demands_what_it_demands() {
        let policy = Profile::Fapi2.policy();
        assert!([policy.pkce, policy.pushed, policy.sender_constrained].iter().all(|demand| demand.is_required()));
        assert_eq!(policy.assertion_audience, Audience::Issuer);
        assert_eq!(policy.code_seconds, Some(60));
        assert!(!policy.client_algorithms.contains(&Algorithm::Rs256));
    }
}
