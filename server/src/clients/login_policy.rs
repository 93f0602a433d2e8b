//! What a client asks of logins by QR code beyond the protocol: how far a picture of the code may travel, and what a login
//! from another device is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dialect::Mount;

/// The policy of one client. Members that are left out are as in [`LoginPolicy::default`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoginPolicy {
    /// Whether the QR code changes every few seconds.
    pub rotation: Rotation,
    /// Whether the citizen types a number from the page into the wallet.
    pub number_matching: NumberMatching,
    /// Whether a wallet on another device may log a browser in.
    pub cross_device: CrossDevice,
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
    /// Once the person has given another factor in the browser.
    AfterFirstFactor,
    /// Never: only on the device that shows the page.
    Deny,
}

impl LoginPolicy {
    /// The policy of clients that have none of their own: what others' wallets can do on the compatibility mounts, the
    /// stricter one on ours.
    #[must_use]
    pub fn of_mount(mount: Mount) -> Self {
        match mount {
            Mount::GovStack | Mount::ESignet | Mount::Wallet => Self::default(),
            Mount::Op => Self {
                rotation: Rotation::Strict,
                number_matching: NumberMatching::Risky,
                cross_device: CrossDevice::Allow,
            },
        }
    }
}
