//! Where a subscriber is told: a URL, or a mail address.

use lettre::Address as MailAddress;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::http::fetch::Unreachable;
use crate::http::mail::Relay;
use crate::osia::Refusal;
use crate::state::AppState;

/// Characters of an address at most.
const LONGEST: usize = 2048;

/// What is said of a URL of another form.
const NOT_HTTPS: &str = "address must be an https URL, without user name and password";
/// What is said of a host that the guard never lets this server reach.
const INSIDE: &str = "address is this machine's or a private one, where nothing is sent: name a public host, or ask the operator \
                      to allow this one in fetch_allow";

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
                if url.fragment().is_some() {
                    return Err(Refusal::bad("address must have no fragment"));
                }
                match state.fetch.unreachable(&url) {
                    // A host that is allowed may be without TLS; whatever else it is, it is asked by HTTP.
                    None if matches!(url.scheme(), "https" | "http") => url.into(),
                    None | Some(Unreachable::Scheme | Unreachable::Form) => return Err(Refusal::bad(NOT_HTTPS)),
                    Some(Unreachable::Address | Unreachable::Localhost) => return Err(Refusal::bad(INSIDE)),
                }
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
