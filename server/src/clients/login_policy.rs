//! What a client asks of logins by QR code beyond the protocol: how far a picture of the code may travel, and what a login
//! from another device is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::claims::untagged;
use crate::dialect::Mount;

/// The policy of one client. Whoever sets one may leave members out; see [`LoginPolicy::read`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoginPolicy {
    /// Whether the QR code changes every few seconds.
    pub rotation: Rotation,
    /// Whether the citizen types a number from the page into the wallet.
    pub number_matching: NumberMatching,
    /// Whether a wallet on another device may log a browser in.
    pub cross_device: CrossDevice,
    /// Whether keys may log in whose wallets never proved that they hold them.
    pub unproven_keys: UnprovenKeys,
    /// What logins yield in which a wallet on another device answered; all that was agreed to where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cross_device_limits: Option<Limits>,
    /// What those of them yield that are risky; on top of the limits of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risky_limits: Option<Limits>,
}

/// See [`LoginPolicy::rotation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// One code until its end, as eSignet and GovStack have it.
    #[default]
    Off,
    /// Frames of a code, each good for its slot and one more; the bare code is refused.
    Strict,
}

/// See [`LoginPolicy::number_matching`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NumberMatching {
    /// Never.
    #[default]
    Off,
    /// Where a login is risky; a wallet that cannot is refused then.
    Risky,
    /// Always; a wallet that cannot is refused.
    On,
}

/// See [`LoginPolicy::cross_device`]. Nearness and known browsers raise an attacker's cost, no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CrossDevice {
    /// From anywhere.
    #[default]
    Allow,
    /// Where browser and wallet seem to share a network and country.
    Near,
    /// In a browser that this person has used before.
    KnownBrowser,
    /// In a browser in which this person has proved a first factor in this login (OTP, PIN): without one no code is shown.
    AfterFirstFactor,
    /// Never: only on the device that shows the page.
    Deny,
}

/// See [`LoginPolicy::unproven_keys`]. Only the paths for other wallets bind keys without a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnprovenKeys {
    /// They may.
    #[default]
    Allow,
    /// They are refused: their wallets have to bind again.
    Deny,
}

/// What a login may yield at most. A limit that is absent limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Scopes that are granted beside `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Claims that are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<String>>,
    /// Seconds that tokens live from the approval on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_seconds: Option<u32>,
}

impl Limits {
    /// Both limits at once.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |one: &Option<Vec<String>>, other: &Option<Vec<String>>| match (one, other) {
            (Some(one), Some(other)) => Some(one.iter().filter(|name| other.contains(name)).cloned().collect()),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Self {
            scopes: both(&self.scopes, &other.scopes),
            claims: both(&self.claims, &other.claims),
            token_seconds: self.token_seconds.into_iter().chain(other.token_seconds).min(),
        }
    }

    /// Whether a scope may be granted. `openid` always: without it there is no login.
    #[must_use]
    pub fn allows_scope(&self, scope: &str) -> bool {
        scope == "openid" || self.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|allowed| allowed == scope))
    }

    /// Whether a claim may be told; `name#fr` goes by `name`.
    #[must_use]
    pub fn allows_claim(&self, claim: &str) -> bool {
        let claim = untagged(claim);
        self.claims.as_ref().is_none_or(|claims| claims.iter().any(|allowed| allowed == claim))
    }
}

/// A policy is not one that this server can hold: `invalid_login_policy`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("loginPolicy: {0} is unknown or malformed")]
pub struct NotAPolicy(String);

impl LoginPolicy {
    /// Reads what an operator or a request sets: members that are left out are as on the mount. Nothing at all (`{}`)
    /// takes the client's own policy away: `None`.
    ///
    /// # Errors
    /// [`NotAPolicy`] with the name of the first member that is unknown or malformed.
    pub fn read(mount: Mount, object: &Map<String, Value>) -> Result<Option<Self>, NotAPolicy> {
        let mut policy = Self::of_mount(mount);
        for (name, value) in object {
            let wrong = || NotAPolicy(name.clone());
            let Ok(Value::Object(mut whole)) = serde_json::to_value(&policy) else { return Err(wrong()) };
            whole.insert(name.clone(), value.clone());
            policy = serde_json::from_value(whole.into()).map_err(|_| wrong())?;
        }
        Ok((!object.is_empty()).then_some(policy))
    }

    /// The policy of clients that have none of their own: what others' wallets can do on the compatibility mounts, the
    /// stricter one on ours.
    #[must_use]
    pub fn of_mount(mount: Mount) -> Self {
        match mount {
            Mount::GovStack | Mount::ESignet | Mount::Wallet => Self::default(),
            Mount::Op | Mount::BankId => {
                Self { rotation: Rotation::Strict, number_matching: NumberMatching::Risky, ..Self::default() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(mount: Mount, value: Value) -> Result<Option<LoginPolicy>, NotAPolicy> {
        LoginPolicy::read(mount, value.as_object().unwrap())
    }

    #[test]
    fn what_is_left_out_is_as_on_the_mount() {
        let op = LoginPolicy::of_mount(Mount::Op);
        for mount in Mount::ISSUERS {
            assert_eq!(read(mount, json!({})), Ok(None));
            let near = read(mount, json!({ "cross_device": "near" })).unwrap().unwrap();
            assert_eq!(near, LoginPolicy { cross_device: CrossDevice::Near, ..LoginPolicy::of_mount(mount) });
            // What is shown can be set again.
            assert_eq!(read(mount, serde_json::to_value(&near).unwrap()), Ok(Some(near)));
        }
        assert_eq!((op.rotation, op.number_matching), (Rotation::Strict, NumberMatching::Risky));
        let off = json!({ "rotation": "off", "number_matching": "off" });
        assert_eq!(read(Mount::Op, off), Ok(Some(LoginPolicy::of_mount(Mount::ESignet))));
        let limits = json!({ "risky_limits": { "scopes": [], "token_seconds": 60 }, "unproven_keys": "deny" });
        let read = read(Mount::ESignet, limits.clone()).unwrap().unwrap();
        assert_eq!(read.unproven_keys, UnprovenKeys::Deny);
        assert_eq!(read.risky_limits.map(|limits| json!(limits)), Some(limits["risky_limits"].clone()));
    }

    #[test]
    fn what_is_unknown_or_malformed_is_refused_by_its_name() {
        for (bad, name) in [
            (json!({ "rotation": "on" }), "rotation"),
            (json!({ "rotation": null }), "rotation"),
            (json!({ "number_matching": true }), "number_matching"),
            (json!({ "cross_device": "NEAR" }), "cross_device"),
            (json!({ "numberMatching": "on" }), "numberMatching"),
            (json!({ "risky_limits": { "refresh": false } }), "risky_limits"),
            (json!({ "cross_device_limits": { "token_seconds": -1 } }), "cross_device_limits"),
            (json!({ "unproven_keys": false }), "unproven_keys"),
            (json!({ "cross_device": "near", "colour": "red" }), "colour"),
        ] {
            assert_eq!(read(Mount::Op, bad), Err(NotAPolicy(name.into())));
        }
    }
}
