//! Where a subscriber is told: a URL, or a mail address.

use lettre::Address as MailAddress;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::http::mail::Relay;
use crate::osia::Refusal;
use crate::state::AppState;

/// Characters of an address at most.
const LONGEST: usize = 2048;

/// How a subscriber is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// By a POST to a URL.
    Http,
    /// By mail.
    Email,
}

impl Protocol {
    /// Reads the name; the default is `http`.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for another name.
    pub fn read(name: Option<&str>) -> Result<Self, Refusal> {
        match name {
            None | Some("http") => Ok(Self::Http),
            Some("email") => Ok(Self::Email),
            Some(_) => Err(Refusal::bad("protocol must be http or email")),
        }
    }

    /// The name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Email => "email",
        }
    }

    /// The address, written in the one way that it is compared by.
    ///
    /// # Errors
    /// [`Refusal::Bad`] for what is no address, or one that this server does not send to.
    pub fn address(self, state: &AppState, text: &str) -> Result<String, Refusal> {
        let address = match self {
            Self::Http => {
                let url = Url::parse(text).map_err(|_| Refusal::bad("address must be a URL"))?;
                let web = matches!(url.scheme(), "https" | "http");
                if !web || url.fragment().is_some() || !state.fetch.may_reach(&url) {
                    return Err(Refusal::bad("address must be https at a public host, without a fragment"));
                }
                url.into()
            }
            Self::Email => {
                if Relay::of(&state.config.otp.delivery).is_none() {
                    return Err(Refusal::bad("this server sends no mail: use the protocol http"));
                }
                let address: MailAddress = text.parse().map_err(|_| Refusal::bad("address must be a mail address"))?;
                address.to_string()
            }
        };
        // As it is written: what is escaped is longer.
        if address.len() > LONGEST { Err(Refusal::bad("address is too long")) } else { Ok(address) }
    }
}
