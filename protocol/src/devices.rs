//! JSON bodies of `/wallet/devices/*`: a person's phones. Every call carries the `Tessera-Wallet` header
//! ([`crate::wallet_request`]).

use serde::{Deserialize, Serialize};

use crate::jws::Algorithm;
use crate::lenient::null_as_default;
use crate::timestamp::Timestamp;

/// Longest name of a device, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// `/wallet/devices/list`: nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListRequest {}

/// Answer of `/wallet/devices/list`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct List {
    /// The caller's person's devices, this one among them.
    #[serde(default, deserialize_with = "null_as_default")]
    pub devices: Vec<Device>,
}

/// One phone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Names it in the other calls.
    pub device_id: String,
    /// What the citizen calls it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// When it was bound.
    pub created_date_time: Timestamp,
    /// When its certificate ends.
    pub expire_date_time: Timestamp,
    /// Whether it is the caller's own.
    #[serde(default)]
    pub current: bool,
    /// How it was bound.
    pub profile: Profile,
    /// The algorithm of its key.
    pub alg: Algorithm,
    /// Whether it was revoked.
    #[serde(default)]
    pub revoked: bool,
    /// Where its key lives, as the phone's maker attested at binding. Absent where nothing was attested, or a newer server
    /// says what is not known here.
    #[serde(default, deserialize_with = "known_security", skip_serializing_if = "Option::is_none")]
    pub key_security: Option<KeySecurity>,
}

/// Where a key lives, as somebody else than the wallet attested (`docs/attestation.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeySecurity {
    /// In the phone's operating system.
    Software,
    /// In the phone's hardware: a trusted execution environment.
    Hardware,
    /// In a processor of its own.
    Strongbox,
    /// A genuine app on a genuine device vouches for the key (App Attest); where it lives is the app's word.
    App,
}

impl KeySecurity {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Software, Self::Hardware, Self::Strongbox, Self::App];

    /// Name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Hardware => "hardware",
            Self::Strongbox => "strongbox",
            Self::App => "app",
        }
    }

    /// Reads [`KeySecurity::name`].
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// Whether the maker said that the key itself cannot leave the phone's hardware.
    #[must_use]
    pub fn is_hardware(self) -> bool {
        matches!(self, Self::Hardware | Self::Strongbox)
    }
}

fn known_security<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<KeySecurity>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.as_deref().and_then(KeySecurity::named))
}

/// How a key was bound, which decides the form of token it may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// By `/wallet/binding`, with proof.
    Native,
    /// By GovStack's or eSignet's calls.
    Legacy,
}

/// `/wallet/devices/rename`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RenameRequest {
    /// Which.
    #[serde(default, deserialize_with = "null_as_default")]
    pub device_id: String,
    /// At most [`MAX_NAME_CHARS`] characters.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
}

/// `/wallet/devices/revoke`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RevokeRequest {
    /// Which.
    #[serde(default, deserialize_with = "null_as_default")]
    pub device_id: String,
}

/// Answer of rename and revoke.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DeviceId {
    /// As in the request.
    pub device_id: String,
}

/// `/wallet/devices/renew`: a new certificate for the caller's own key; nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RenewRequest {}

/// Answer of `/wallet/devices/renew`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Renewal {
    /// PEM chain, the key's certificate first.
    pub certificate: String,
    /// When it ends.
    pub expire_date_time: Timestamp,
    /// The caller's own device.
    pub device_id: String,
}

crate::redact::redacted_debug!(List, Device, RenameRequest, RevokeRequest, DeviceId, Renewal);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_the_wire() {
        let text = json!({"devices": [{
            "deviceId": "d", "name": "phone", "createdDateTime": "2026-01-05T10:00:00.000Z",
            "expireDateTime": "2027-01-05T10:00:00.000Z", "current": true, "profile": "native", "alg": "ES256",
            "revoked": false,
        }]});
        let list: List = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(list.devices[0].alg, Algorithm::Es256);
        assert_eq!(serde_json::to_value(&list).unwrap(), text);
        assert_eq!(format!("{list:?}"), "List { .. }");
    }
}
