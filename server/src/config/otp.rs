//! How one-time passwords reach people.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

/// See [`super::Config::otp`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Otp {
    /// The channel.
    pub delivery: Delivery,
    /// Digits of a one-time password (eSignet: 6).
    pub digits: u8,
}

impl Default for Otp {
    fn default() -> Self {
        Self { delivery: Delivery::Log, digits: 6 }
    }
}

/// The channel of delivery.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Delivery {
    /// Written to the log; refused in production.
    Log,
    /// By mail. Persons without a mail address cannot be reached.
    Smtp {
        /// Host of the relay.
        host: String,
        /// Port of the relay.
        port: u16,
        /// Whether TLS is demanded (STARTTLS, or from the start on port 465).
        tls: bool,
        /// PEM file with the authority of the relay's certificate, where it is none of the public ones.
        #[serde(default)]
        ca: Option<PathBuf>,
        /// Account at the relay.
        user: Option<String>,
        /// Its password.
        password: Option<String>,
        /// Sender's address.
        from: String,
    },
    /// Posted as JSON `{channel, to, otp, language, expires_in}` to a gateway that knows how to reach phones and mail boxes.
    Webhook {
        /// Where to post; goes through the guard against non-public addresses (`fetch_allow`).
        url: Url,
        /// Sent as bearer token.
        token: Option<String>,
    },
}

impl Delivery {
    /// For printing.
    pub(super) fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        match &mut shown {
            Self::Log => {}
            Self::Smtp { password: secret, .. } | Self::Webhook { token: secret, .. } => {
                *secret = secret.take().map(|_| "…".into());
            }
        }
        shown
    }
}

impl std::fmt::Debug for Delivery {
    /// Without accounts and tokens: a configuration may be printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Log => "log",
            Self::Smtp { .. } => "smtp",
            Self::Webhook { .. } => "webhook",
        })
    }
}
