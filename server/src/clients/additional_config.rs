//! eSignet's `additionalConfig`: switches of a client. A switch whose feature is not built here is refused when it is
//! switched on; switched off it says what is so anyway.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::NO_LANGUAGE;

/// Least minutes that a consent may live.
const LEAST_CONSENT_MINUTES: f64 = 10.0;
/// Switches of eSignet's schema whose features are not built.
const NOT_BUILT: [&str; 4] = [
    "signup_banner_required",
    "forgot_pwd_link_required",
    "require_pushed_authorization_requests",
    "dpop_bound_access_tokens",
];

/// The switches, in the form in which they are sent, stored and given to wallets as `clientAdditionalConfig`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AdditionalConfig {
    /// Whether userinfo is signed, or signed and encrypted.
    #[serde(default, skip_serializing_if = "UserinfoType::is_unset")]
    pub userinfo_response_type: UserinfoType,
    /// Why persons log in, for the login page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Minutes after which a remembered consent is asked for again; never where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_expire_in_mins: Option<u32>,
    /// Whether authorization requests must carry a code challenge (RFC 7636).
    #[serde(default)]
    pub require_pkce: bool,
}

/// See [`AdditionalConfig::userinfo_response_type`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserinfoType {
    /// Not said: as is usual at the mount.
    #[default]
    #[serde(skip)]
    Unset,
    /// A signed JWT.
    #[serde(rename = "JWS")]
    Jws,
    /// A signed JWT, encrypted for the client.
    #[serde(rename = "JWE")]
    Jwe,
}

impl UserinfoType {
    fn is_unset(&self) -> bool {
        *self == Self::Unset
    }
}

/// Why persons log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Purpose {
    /// What kind of title the page shows where none is given.
    #[serde(rename = "type")]
    pub kind: PurposeKind,
    /// Title by language, `@none` always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<BTreeMap<String, String>>,
    /// Subtitle by language, `@none` always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_title: Option<BTreeMap<String, String>>,
}

/// See [`Purpose::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurposeKind {
    /// No title.
    None,
    /// To prove something.
    Verify,
    /// To link an account.
    Link,
    /// To log in.
    Login,
}

/// The object is not one that this server can honour: `invalid_additional_config`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("additionalConfig: {0} is unknown, malformed, or asks for what this server does not do")]
pub struct NotHonoured(pub String);

impl AdditionalConfig {
    /// Reads what a request carries.
    ///
    /// # Errors
    /// [`NotHonoured`] with the member's name.
    pub fn read(object: &Map<String, Value>) -> Result<Self, NotHonoured> {
        let mut config = Self::default();
        for (name, value) in object {
            let good = match name.as_str() {
                "userinfo_response_type" => read_into(value, &mut config.userinfo_response_type),
                "purpose" => read_into(value, &mut config.purpose) && titles_are_whole(config.purpose.as_ref()),
                "consent_expire_in_mins" => {
                    config.consent_expire_in_mins = whole_minutes(value);
                    config.consent_expire_in_mins.is_some()
                }
                "require_pkce" => read_into(value, &mut config.require_pkce),
                switch => NOT_BUILT.contains(&switch) && value == &Value::Bool(false),
            };
            if !good {
                return Err(NotHonoured(name.clone()));
            }
        }
        Ok(config)
    }
}

fn read_into<T: serde::de::DeserializeOwned>(value: &Value, into: &mut T) -> bool {
    T::deserialize(value).map(|read| *into = read).is_ok()
}

/// eSignet's schema wants `@none` in each title.
fn titles_are_whole(purpose: Option<&Purpose>) -> bool {
    let titles = purpose.into_iter().flat_map(|purpose| [&purpose.title, &purpose.sub_title]);
    titles.flatten().all(|title| title.contains_key(NO_LANGUAGE))
}

/// A number of at least 10; a fraction is cut off, so that a consent lives shorter rather than longer.
fn whole_minutes(value: &Value) -> Option<u32> {
    let minutes = value.as_f64()?;
    (minutes >= LEAST_CONSENT_MINUTES && minutes <= f64::from(u32::MAX)).then_some(minutes as u32)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<AdditionalConfig, NotHonoured> {
        AdditionalConfig::read(value.as_object().unwrap())
    }

    #[test]
    fn what_is_built_is_read_and_written_as_it_came() {
        let sent = json!({
            "userinfo_response_type": "JWE",
            "purpose": { "type": "verify", "title": { "@none": "T", "fra": "U" }, "subTitle": { "@none": "S" } },
            "consent_expire_in_mins": 30,
            "require_pkce": true
        });
        let config = read(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(&config).unwrap(), sent);
        assert_eq!(read(json!({})).unwrap(), AdditionalConfig::default());
        assert_eq!(read(json!({ "purpose": null })).unwrap(), AdditionalConfig::default());
        assert_eq!(read(json!({ "consent_expire_in_mins": 10.9 })).unwrap().consent_expire_in_mins, Some(10));
    }

    #[test]
    fn what_is_not_built_is_refused_when_switched_on_only() {
        for name in NOT_BUILT {
            assert!(read(json!({ name: true })).is_err(), "{name}");
            assert!(read(json!({ name: false })).is_ok(), "{name}");
            assert!(read(json!({ name: null })).is_err(), "{name}");
        }
    }

    #[test]
    fn what_is_malformed_or_unknown_is_refused() {
        for bad in [
            json!({ "userinfo_response_type": "jws" }),
            json!({ "userinfo_response_type": null }),
            json!({ "purpose": {} }),
            json!({ "purpose": { "type": "sell" } }),
            json!({ "purpose": { "type": "login", "title": {} } }),
            json!({ "purpose": { "type": "login", "title": { "@none": 1 } } }),
            json!({ "purpose": { "type": "login", "colour": "red" } }),
            json!({ "consent_expire_in_mins": 9 }),
            json!({ "consent_expire_in_mins": "30" }),
            json!({ "consent_expire_in_mins": 1e300 }),
            json!({ "require_pkce": "yes" }),
            json!({ "rotation": "strict" }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
