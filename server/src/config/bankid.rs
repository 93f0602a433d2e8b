//! What Bank iD's profile needs to know beside what every issuer does.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use super::ConfigError;

/// Largest side of a logo, in pixels.
const LARGEST_SIDE: u32 = 8192;

/// See the fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BankId {
    /// The banks that `GET /bankid/api/v1/banks` lists, in this order.
    pub banks: Vec<Bank>,
}

/// A bank in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    /// Its name for machines; nobody else's in the list.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// A sentence about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its logo, in one or several sizes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub available_logo_images: Vec<BankLogo>,
    /// What it offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub available_services: Vec<BankService>,
    /// Clients that it is listed for, by `client_id`; for all where there are none. Not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<String>,
}

/// A logo that needs no authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BankLogo {
    /// Its name for machines.
    pub id: String,
    /// Where it is.
    #[schemars(with = "String")]
    pub url: Url,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// What a bank offers by this server. The services of signing, which the interface file also names, are not built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BankService {
    /// Logins, with identification by the law against money laundering.
    Authentication,
    /// Notifications of changed claims.
    Notification,
    /// One identifier of a person over all banks.
    UniqueIdentity,
}

impl BankId {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refuse = |reason| Err(ConfigError::Refused { key: "bankid.banks", reason });
        let ids: BTreeSet<&str> = self.banks.iter().map(|bank| bank.id.as_str()).collect();
        if ids.len() < self.banks.len() {
            return refuse("two banks have the same id");
        }
        if self.banks.iter().any(|bank| bank.id.trim().is_empty() || bank.title.trim().is_empty()) {
            return refuse("each bank needs an id and a title");
        }
        let sound = |logo: &BankLogo| {
            let size = 1..=LARGEST_SIDE;
            logo.url.scheme() == "https" && size.contains(&logo.width) && size.contains(&logo.height)
        };
        if !self.banks.iter().flat_map(|bank| &bank.available_logo_images).all(sound) {
            return refuse("a logo needs an https URL, and a width and a height in pixels");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    fn read(text: &str) -> Option<BankId> {
        Figment::from(Toml::string(text)).extract::<BankId>().ok().filter(|read| read.check().is_ok())
    }

    /// BID-125-02, BID-128-01: services by the document's names, less those that are not built.
    #[test]
    fn bid_125_02_bid_128_01_services_have_the_documents_names() {
        let bank =
            |service: &str| format!("[[banks]]\nid = \"1\"\ntitle = \"First\"\navailable_services = [\"{service}\"]");
        for service in ["AUTHENTICATION", "NOTIFICATION", "UNIQUE_IDENTITY"] {
            assert!(read(&bank(service)).is_some(), "{service}");
        }
        for service in ["QSIGN", "QUALIFIED_SIGNATURE", "SIGN_SO", "authentication", ""] {
            assert!(read(&bank(service)).is_none(), "{service}");
        }
    }

    #[test]
    fn banks_have_names_of_their_own_and_logos_that_can_be_shown() {
        let bank = |id: &str, rest: &str| format!("[[banks]]\nid = \"{id}\"\ntitle = \"First\"\n{rest}\n");
        let logo = |url: &str, width: u32| {
            bank(
                "1",
                &format!("available_logo_images = [{{ id = \"a\", url = \"{url}\", width = {width}, height = 9 }}]"),
            )
        };
        assert!(read("").is_some());
        assert!(read(&(bank("1", "") + &bank("2", "clients = [\"shop\"]"))).is_some());
        assert!(read(&(bank("1", "") + &bank("1", ""))).is_none());
        assert!(read(&bank(" ", "")).is_none());
        assert!(read(&bank("1", "colour = \"red\"")).is_none());
        assert!(read(&logo("https://bank.test/logo.png", 64)).is_some());
        assert!(read(&logo("http://bank.test/logo.png", 64)).is_none());
        assert!(read(&logo("https://bank.test/logo.png", 0)).is_none());
    }
}
