//! What a citizen sees before deciding, and what he decides.

use crate::errors::{ErrorCode, WalletError};
use protocol::consent;
use protocol::linked::{DenyReason, LinkTransaction};
use serde::{Deserialize, Serialize};

/// Who asks. Name, domain and logo are those registered with the server: verified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct RelyingParty {
    /// Its name in the first preferred language there is.
    pub name: String,
    /// Its domain; eSignet 1.x servers do not tell.
    pub domain: Option<String>,
    /// Address of its logo, `https`. Fetching it tells its host that a login is going on.
    pub logo_url: Option<String>,
}

/// One claim asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RequestedClaim {
    /// Its name, e.g. `birthdate`.
    pub name: String,
    /// Whether the login needs it. Others are the citizen's choice, off until chosen.
    pub essential: bool,
}

/// Where the login was begun, as far as told. **Hints, not verified**: a browser calls itself what
/// it likes, and an attacker's browser looks like any other.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct UnverifiedOrigin {
    /// Kind of browser.
    pub browser: Option<String>,
    /// Place of the browser.
    pub place: Option<String>,
    /// When the browser began, in milliseconds since 1970.
    pub started_at_ms: Option<i64>,
    /// Whether browser and wallet seem to share a network.
    pub near: Option<bool>,
}

/// How the login came to this wallet, as the server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum LoginChannel {
    /// By a code on another device's screen: that may be a stranger's.
    #[default]
    CrossDevice,
    /// By a link on this device.
    SameDevice,
}

/// What to show before the citizen approves or denies.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct LoginReview {
    /// Who asks.
    pub relying_party: RelyingParty,
    /// The issuer that answers for the relying party.
    pub issuer: String,
    /// Origin of the page that shows the code, as the issuer says.
    pub page_origin: Option<String>,
    /// The claims asked for, essential ones first.
    pub claims: Vec<RequestedClaim>,
    /// Scopes that need permission.
    pub scopes: Vec<String>,
    /// Where the login was begun.
    pub from: UnverifiedOrigin,
    /// How it came to this wallet.
    #[serde(default)]
    pub channel: LoginChannel,
    /// When the server gives up, in milliseconds since 1970 by the device's clock, where told.
    pub expires_at_ms: Option<i64>,
    /// Whether the number shown in the browser must be typed.
    pub number_required: bool,
    /// The binding that would log in.
    pub binding_id: String,
}

/// What the citizen agrees to. Essential claims go without saying.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct LoginChoices {
    /// Voluntary claims accepted, by name.
    pub accepted_voluntary_claims: Vec<String>,
    /// Scopes permitted.
    pub permitted_scopes: Vec<String>,
    /// The number typed from the browser, where required.
    pub number: Option<String>,
}

/// Why a citizen denies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DenialReason {
    /// He did not start this login.
    NotMe,
    /// He did, and does not want to go on.
    ChangedMind,
    /// Something looks wrong.
    Suspicious,
}

crate::redact::redacted_debug!(RelyingParty, UnverifiedOrigin, LoginReview, LoginChoices);

impl From<DenialReason> for DenyReason {
    fn from(reason: DenialReason) -> Self {
        match reason {
            DenialReason::NotMe => Self::NotMe,
            DenialReason::ChangedMind => Self::ChangedMind,
            DenialReason::Suspicious => Self::Suspicious,
        }
    }
}

/// Claims and scopes agreed to, sorted as they are signed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Agreed {
    pub(crate) claims: Vec<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) number: Option<String>,
}

crate::redact::redacted_debug!(Agreed);

impl LoginReview {
    /// The review of a link-transaction's answer.
    pub(super) fn of(
        answer: &LinkTransaction,
        issuer: &str,
        binding_id: &str,
        languages: &[String],
        device_now_ms: i64,
    ) -> Result<Self, WalletError> {
        let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
        let name = answer.client_name.in_language(&languages).filter(|name| !name.trim().is_empty());
        let told = answer.configs.tessera.clone().unwrap_or_default();
        let essential = answer.essential_claims.iter().map(|name| (name, true));
        let voluntary = answer.voluntary_claims.iter().filter(|name| !answer.essential_claims.contains(name));
        let lifetime =
            answer.configs.other.get("linked-transaction-expire-in-secs").and_then(serde_json::Value::as_i64);
        Ok(Self {
            relying_party: RelyingParty {
                name: name.ok_or(ErrorCode::UnexpectedAnswer)?.to_owned(),
                domain: told.rp_domain,
                logo_url: answer.logo_url.clone().filter(|url| url.starts_with("https://")),
            },
            issuer: issuer.to_owned(),
            page_origin: told.page_origin,
            claims: essential
                .chain(voluntary.map(|name| (name, false)))
                .map(|(name, essential)| RequestedClaim { name: name.clone(), essential })
                .collect(),
            scopes: answer.authorize_scopes.clone(),
            from: UnverifiedOrigin {
                browser: told.browser,
                place: told.place,
                started_at_ms: told.started_at.map(protocol::timestamp::Timestamp::epoch_ms),
                near: told.near,
            },
            channel: match told.channel.as_deref() {
                Some("same_device") => LoginChannel::SameDevice,
                _ => LoginChannel::CrossDevice,
            },
            expires_at_ms: lifetime.map(|seconds| device_now_ms.saturating_add(seconds.saturating_mul(1000))),
            number_required: told.match_required.unwrap_or(false),
            binding_id: binding_id.to_owned(),
        })
    }

    /// Holds choices against what was asked. Errors: `InvalidInput` (a claim or scope not asked for
    /// as voluntary), `NumberNeeded`.
    pub(super) fn agree(&self, choices: &LoginChoices) -> Result<Agreed, WalletError> {
        let voluntary = |name: &String| self.claims.iter().any(|claim| !claim.essential && claim.name == *name);
        let known_claims = choices.accepted_voluntary_claims.iter().all(voluntary);
        let known_scopes = choices.permitted_scopes.iter().all(|scope| self.scopes.contains(scope));
        if !known_claims || !known_scopes {
            return Err(ErrorCode::InvalidInput.into());
        }
        let number = choices.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
        if self.number_required && number.is_none() {
            return Err(ErrorCode::NumberNeeded.into());
        }
        let essential = self.claims.iter().filter(|claim| claim.essential).map(|claim| claim.name.clone());
        let claims: Vec<String> = essential.chain(choices.accepted_voluntary_claims.iter().cloned()).collect();
        Ok(Agreed {
            claims: once_each(&claims),
            scopes: once_each(&choices.permitted_scopes),
            number: number.filter(|_| self.number_required).map(str::to_owned),
        })
    }
}

fn once_each(names: &[String]) -> Vec<String> {
    let mut sorted = consent::sorted(names);
    sorted.dedup();
    sorted
}
