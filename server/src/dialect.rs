//! Issuers are mounts, and a mount has a dialect: the names and habits in which GovStack's document, eSignet 1.x and the
//! OpenID standards differ. One implementation underneath reads them from here; nothing else asks which mount it is on
//! to choose a name.

mod bankid;
mod esignet;
mod govstack;
mod standard;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use protocol::jws::Algorithm;
use serde::{Deserialize, Serialize};

use crate::claims::ClaimScope;
use crate::error::{Code, OAuthError, TokenFault};

/// Where a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mount {
    /// GovStack's Identity Building Block at `/`.
    GovStack,
    /// eSignet 1.x at `/v1/esignet`.
    ESignet,
    /// The standard OpenID provider at `/op`.
    Op,
    /// Bank iD's profile for service providers at `/bankid` (docs/bankid.md).
    BankId,
    /// Our own wallet's calls under `/wallet`; not an issuer.
    Wallet,
}

impl Mount {
    /// The issuers that are served unless the configuration says otherwise.
    pub const ISSUERS: [Self; 3] = [Self::GovStack, Self::ESignet, Self::Op];

    /// Every issuer among the mounts.
    pub const ALL_ISSUERS: [Self; 4] = [Self::GovStack, Self::ESignet, Self::Op, Self::BankId];

    /// Path of the mount, which is also what its issuer adds to the public URL.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::GovStack => "",
            Self::ESignet => "/v1/esignet",
            Self::Op => "/op",
            Self::BankId => "/bankid",
            Self::Wallet => "/wallet",
        }
    }

    /// Name in the database and in commands.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GovStack => "govstack",
            Self::ESignet => "esignet",
            Self::Op => "op",
            Self::BankId => "bankid",
            Self::Wallet => "wallet",
        }
    }

    /// Reads [`Mount::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL_ISSUERS.into_iter().chain([Self::Wallet]).find(|mount| mount.name() == name)
    }

    /// Its habits.
    #[must_use]
    pub fn dialect(self) -> &'static Dialect {
        match self {
            Self::GovStack => &govstack::DIALECT,
            Self::ESignet => &esignet::DIALECT,
            Self::Op | Self::Wallet => &standard::DIALECT,
            Self::BankId => &bankid::DIALECT,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Mount {
    type Rejection = Infallible;

    /// Set by the router of each mount; a route outside of them belongs to the host itself, where GovStack is.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self::GovStack))
    }
}

/// What differs between the mounts, as data.
#[derive(Debug)]
pub struct Dialect {
    /// Whether a failed answer has `response: null` (eSignet) or no `response` at all (GovStack's schemas want an object).
    pub null_response: bool,
    /// Whether all validation errors are told, or only the first (GovStack's harness compares the joined list).
    pub several_errors: bool,
    /// HTTP status of an answer with errors in the envelope (eSignet: always 200).
    pub error_status: u16,
    /// Prefix of authentication context class references, `…:acr:` included.
    pub acr_prefix: &'static str,
    /// Name of the wallet factor in `authFactors`.
    pub wallet_factor: &'static str,
    /// Name of a factor's sub types in `authFactors`.
    pub sub_types: &'static str,
    /// Whether a client's status is written in capitals.
    pub status_upper_case: bool,
    /// Whether `exp` of a JWK is an ISO date-time (GovStack) rather than a number.
    pub jwk_exp_text: bool,
    /// Claims about persons that a client may be registered for.
    pub claims: &'static [&'static str],
    /// The scopes that ask for claims, with what they ask for.
    pub claim_scopes: &'static [ClaimScope],
    /// The scopes that the citizen permits one by one; they are returned with the access token.
    pub permitted_scopes: &'static [&'static str],
    /// Levels by which authentication is asked for and told here, each with the classes (without prefix) that reach it.
    /// Where there are none, classes go by their own names.
    pub levels: &'static [(&'static str, &'static [&'static str])],
    /// What the proof of a key is called in `amr` where its hardware is not attested; `pop` where absent (RFC 8176 §2).
    pub unattested_key: Option<&'static str>,
    /// Whether requests must have a `state`.
    pub state_required: bool,
    /// Values of `prompt` that are known here.
    pub prompts: &'static [&'static str],
    /// Values of `display` named in discovery.
    pub displays: &'static [&'static str],
    /// Whether the `claims` parameter is read (OpenID Connect Core §5.5), rather than ignored.
    pub claims_parameter: bool,
    /// Whether the JSON calls are served here by which login pages of others log in, machines manage clients, and
    /// backends bind the wallets of others.
    pub json_apis: bool,
    /// Where the authorization endpoint is, under the mount.
    pub authorization_path: &'static str,
    /// Where the endpoint for the extended claims is, under the mount.
    pub profile_path: Option<&'static str>,
    /// Where the list of banks is, under the mount.
    pub banks_path: Option<&'static str>,
    /// What a request is told in a body whose fault must not be redirected, by the fault; a page tells it where there are
    /// none.
    pub request_refusals: &'static [(Code, &'static str)],
    /// Whether the claim endpoints tell the claim `txn` (RFC 8417 §2.2).
    pub txn: bool,
    /// Whether a client's signature keys may be replaced. GovStack: a compromised key means a new client.
    pub key_roll_over: bool,
    /// Whether two clients may not share a signature key. eSignet refuses it; GovStack's harness registers five clients
    /// with one key, and RFC 7591 knows no such rule.
    pub unique_client_keys: bool,
    /// What ID tokens and signed userinfo may be signed with here: the first, unless a client registered another.
    /// GovStack's document knows RS256 only; eSignet signs with PS256 since 1.8 and did with RS256 before.
    pub signing: &'static [Algorithm],
    /// Whether ID tokens of a refresh repeat the `nonce` of the login: Bank iD's file demands one of every ID token, and OpenID
    /// Connect Core §12.2 would rather have none.
    pub nonce_again: bool,
    /// Whether a client may use a `nonce` once a day only. The other documents know no such rule.
    pub nonce_once: bool,
    /// Whether OTP and PIN may come under any of the four formats and at any length (GovStack's document fixes neither).
    pub free_challenge_formats: bool,
    /// Whether wallets of eSignet 1.x may log in here with their token, which is bound to nothing but the person.
    pub legacy_wallets: bool,
    /// Whether a page on a phone offers the wallet on that phone first, by a code of its own kind that leads back to the
    /// browser which began. Wallets of eSignet 1.x know no such way back.
    pub same_device: bool,
    /// Where a login page that is not ours sends the first factor which a client's policy wants before a code is shown, under
    /// the mount; GovStack's and eSignet's documents know no such call.
    pub first_factor_path: Option<&'static str>,
    /// Whether a person may bind the same key again, for a new certificate (GovStack: `duplicate_public_key`).
    pub rebinds_own_key: bool,
    /// Whether `walletUserId` is encrypted to an RSA wallet key (eSignet).
    pub encrypts_wallet_user_id: bool,
    /// Where the token endpoint is, under the mount; the first is the one that discovery names.
    pub token_paths: &'static [&'static str],
    /// Where the userinfo endpoint is, under the mount.
    pub userinfo_path: &'static str,
    /// Where the public keys are, under the mount; the first is the one that discovery names.
    pub jwks_paths: &'static [&'static str],
    /// Where the metadata is, under the mount.
    pub metadata_paths: &'static [&'static str],
    /// Where clients leave authorization requests (RFC 9126), under the mount.
    pub par_path: Option<&'static str>,
    /// Whether requests may come as request objects (RFC 9101), by value and by reference.
    pub request_objects: bool,
    /// Whether `verified_claims` may be asked for (OpenID Connect for Identity Assurance).
    pub verified_claims: bool,
    /// Where client registration answers, under the mount. Discovery names it where GovStack's document demands it, and where
    /// the configuration lets clients register themselves.
    pub registration_path: Option<&'static str>,
    /// Where relying parties log people out, under the mount. `None`: the mount keeps no sessions, every login is a proof.
    pub end_session_path: Option<&'static str>,
    /// Whether clients are told which session a login belongs to (`sid`).
    pub session_ids: bool,
    /// Whether who logs people out must show an ID token of theirs (`id_token_hint`).
    pub logout_needs_hint: bool,
    /// Whether clients have the metadata of OpenID Connect Registration and RFC 7591, and may, where the configuration says
    /// so, register themselves. The other documents have members and endpoints of their own.
    pub client_metadata: bool,
    /// What pages of other origins may call, under the mount.
    pub cross_origin: &'static [&'static str],
    /// Where tokens are looked into (RFC 7662), under the mount, where they are.
    pub introspection_path: Option<&'static str>,
    /// Whether introspection says by `token_type` which kind of token it is (`access_token`, `refresh_token`), where RFC 7662
    /// says how an access token is used; and answers with a JWT where `application/jwt` is asked for.
    pub token_kinds: bool,
    /// Whether logout tokens are encrypted for clients whose ID tokens are. Back-Channel Logout 1.0 §2.4 leaves it open.
    pub encrypts_logout_tokens: bool,
    /// Where tokens are revoked (RFC 7009), under the mount, where they are.
    pub revocation_path: Option<&'static str>,
    /// Whether tokens can be bound to a key (RFC 9449). Elsewhere the header `DPoP` is as good as absent.
    pub dpop: bool,
    /// Whether ID tokens and userinfo can be encrypted in every way that a client may register, not only as eSignet does.
    pub client_encryption: bool,
    /// Whether a claim that is asked for with a value is told only where it has that value, or, for claims that are named so
    /// (`birthdate_matches`), answered by yes or no.
    pub claim_values: bool,
    /// Scopes named in discovery.
    pub scopes: &'static [&'static str],
    /// Algorithms of client assertions named in discovery; all four are taken everywhere, GovStack's enumeration has one.
    pub assertion_signing: &'static [Algorithm],
    /// Whether userinfo is plain JSON unless a client registered otherwise (OpenID Connect Core §5.3.2), not a JWT.
    pub userinfo_json: bool,
    /// Whether an access token may come in the form of a POST to the userinfo endpoint (RFC 6750 §2.2).
    pub bearer_in_form: bool,
    /// `error` in `WWW-Authenticate` where a request has no bearer token; absent by RFC 6750 §3.1.
    pub missing_bearer: Option<&'static str>,
    /// Codes with a name of their own here; all others go by [`Code::name`].
    codes: &'static [(Code, &'static str)],
    /// Faults at the token endpoint with a status and a name of their own here; all others go by [`TokenFault::rfc`].
    token_faults: &'static [(TokenFault, u16, &'static str)],
}

impl Dialect {
    /// What a class of authentication that a login reached is called here. `acr` is its name with a prefix.
    #[must_use]
    pub fn told_acr<'a>(&self, acr: &'a str) -> &'a str {
        let reaches = |classes: &[&str]| classes.iter().any(|class| acr.rsplit(':').next() == Some(*class));
        self.levels.iter().find(|(_, classes)| reaches(classes)).map_or(acr, |(level, _)| *level)
    }

    /// What the methods of a login are called here.
    #[must_use]
    pub fn told_amr(&self, amr: &[String]) -> Vec<String> {
        let Some(unattested) = self.unattested_key else { return amr.to_vec() };
        let attested = amr.iter().any(|method| method == "hwk");
        let told = amr.iter().filter(|method| *method != "pop" || !attested);
        told.map(|method| if method == "pop" { unattested.to_owned() } else { method.clone() }).collect()
    }

    /// What a scope asks for; nothing where it stands for no claims.
    #[must_use]
    pub fn claim_scope(&self, scope: &str) -> Option<&'static ClaimScope> {
        self.claim_scopes.iter().find(|known| known.name == scope)
    }

    /// What an error is called here.
    #[must_use]
    pub fn code(&self, code: Code) -> &'static str {
        self.codes.iter().find(|(known, _)| *known == code).map_or_else(|| code.name(), |(_, name)| name)
    }

    /// An error of the token endpoint, as it is told here. The description holds no personal data.
    #[must_use]
    pub fn oauth(&self, fault: TokenFault, description: &'static str) -> OAuthError {
        let own = self.token_faults.iter().find(|(known, ..)| *known == fault);
        let (status, error) = own.map_or_else(|| fault.rfc(), |(_, status, error)| (*status, *error));
        OAuthError { status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), error, description }
    }
}

const ASSERTION_SIGNING: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Rs256];

/// GovStack's and eSignet's scopes for what a relying party does in the citizen's name.
const AUTHORIZE_SCOPES: [&str; 5] =
    ["Manage-Identity-Data", "Manage-VID", "Manage-Authentication", "Manage-Service-Requests", "Manage-Credentials"];

/// OpenID Connect Core §3.1.2.1.
const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];
/// OpenID Connect Core §3.1.2.1.
const DISPLAYS: [&str; 4] = ["page", "popup", "touch", "wap"];

const METADATA: [&str; 2] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
