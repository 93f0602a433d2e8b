//! What an app says about a binding, and what it is told.

use crate::bound::Binding;
use crate::devices;
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::address;
use crate::parts::Parts;
use crate::ports::{SecurityLevelRule, UserAuthentication};
use protocol::linked::Challenge;
use serde::{Deserialize, Serialize};

/// Longest identifier of a person, label and partner value, in characters.
const MAX_CHARS: usize = 256;
/// Longest OTP or PIN, in characters.
const MAX_SECRET_CHARS: usize = 64;

/// Access of a partner to the binding calls of an eSignet 1.x server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct PartnerAccess {
    /// Header `PARTNER-ID`.
    pub partner_id: String,
    /// Header `PARTNER-API-KEY`.
    pub partner_api_key: String,
    /// Bearer token with scope `wallet_binding`, where the server asks for one.
    pub access_token: Option<String>,
}

/// The server to bind to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Debug))]
pub enum BindingServer {
    /// Our own server, by its native calls under `/wallet`.
    Tessera {
        /// Its origin, e.g. `https://id.example`.
        origin: String,
    },
    /// An eSignet 1.x server, or our server's eSignet mount: RSA key, legacy token.
    Esignet {
        /// Where its API begins, e.g. `https://id.example/v1/esignet`.
        base_url: String,
        /// What the binding calls ask of a partner; eSignet expects them from a wallet's backend.
        partner: Option<PartnerAccess>,
        /// Audience of the wallet's token: `esignet-binding`, or `ida-binding` before a MOSIP IDA.
        wla_audience: String,
    },
}

/// A binding to begin.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct BindingRequest {
    /// The server.
    pub server: BindingServer,
    /// UIN or another identifier of the person.
    pub individual_id: String,
    /// What the citizen calls this phone; the server keeps it. 1 to 64 characters.
    pub device_name: String,
    /// What the app calls this person, kept in this phone only; may be empty.
    pub label: String,
    /// Where the key is to live.
    pub security_level: SecurityLevelRule,
    /// When the key asks for the citizen.
    pub user_authentication: UserAuthentication,
    /// Whether the device's maker should attest the key; left out where the device cannot.
    pub attest: bool,
}

/// A way to send an OTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum OtpChannel {
    /// By e-mail.
    Email,
    /// By text message.
    Phone,
}

/// Where an OTP went, masked by the server.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct OtpDelivery {
    /// The e-mail address, if one was used.
    pub masked_email: Option<String>,
    /// The phone number, if one was used.
    pub masked_phone: Option<String>,
}

/// What a person proves himself with.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Debug))]
pub enum BindingFactor {
    /// The OTP received.
    Otp {
        /// As received.
        code: String,
    },
    /// The person's PIN.
    Pin {
        /// As typed.
        pin: String,
    },
}

/// Where a binding session stands.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Debug))]
pub enum BindingStage {
    /// Nothing was sent yet.
    Started,
    /// An OTP is on its way.
    OtpSent {
        /// Where to.
        delivery: OtpDelivery,
    },
    /// Done.
    Bound {
        /// The binding.
        binding: Binding,
    },
    /// Ended by the app.
    Cancelled,
}

crate::redact::redacted_debug!(PartnerAccess, BindingServer, BindingRequest, OtpDelivery, BindingFactor, BindingStage,);

impl BindingServer {
    /// The origin of the server, which names its clock.
    pub(super) fn origin(&self, parts: &Parts) -> Result<String, WalletError> {
        let (Self::Tessera { origin: address } | Self::Esignet { base_url: address, .. }) = self;
        Ok(address::origin(address, parts.exchange.loopback)?)
    }
}

impl BindingRequest {
    /// The request with trimmed texts and canonical addresses. Errors: `InvalidInput`, `InsecureAddress`.
    pub(super) fn checked(self, parts: &Parts) -> Result<Self, WalletError> {
        let server = match self.server {
            BindingServer::Tessera { origin } => {
                BindingServer::Tessera { origin: address::origin(&origin, parts.exchange.loopback)? }
            }
            BindingServer::Esignet { base_url, partner, wla_audience } => {
                let base_url = address::base(&base_url, parts.exchange.loopback)?;
                if let Some(partner) = &partner {
                    header_value(&partner.partner_id)?;
                    header_value(&partner.partner_api_key)?;
                    partner.access_token.as_deref().map_or(Ok(()), token_value)?;
                }
                BindingServer::Esignet { base_url, partner, wla_audience: text(&wla_audience)? }
            }
        };
        if self.label.chars().count() > MAX_CHARS {
            return Err(ErrorCode::InvalidInput.into());
        }
        let individual_id = text(&self.individual_id)?;
        let device_name = devices::checked_name(&self.device_name)?;
        Ok(Self { server, individual_id, device_name, ..self })
    }
}

impl OtpChannel {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

impl BindingFactor {
    /// The factor as a challenge of the wire. Formats: eSignet's table of factors.
    pub(super) fn challenge(&self) -> Challenge {
        let (auth_factor_type, format, secret) = match self {
            Self::Otp { code } => ("OTP", "alpha-numeric", code),
            Self::Pin { pin } => ("PIN", "number", pin),
        };
        let challenge = secret.trim().chars().take(MAX_SECRET_CHARS).collect();
        Challenge { auth_factor_type: auth_factor_type.to_owned(), challenge, format: format.to_owned() }
    }
}

fn text(text: &str) -> Result<String, WalletError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
        return Err(ErrorCode::InvalidInput.into());
    }
    Ok(text.to_owned())
}

/// A header's value must be visible ASCII, so that nothing can be written behind it.
fn header_value(value: &str) -> Result<(), WalletError> {
    let holds = !value.is_empty() && value.len() <= MAX_CHARS && value.bytes().all(|byte| byte.is_ascii_graphic());
    if holds { Ok(()) } else { Err(ErrorCode::InvalidInput.into()) }
}

/// The same for a bearer token, which may be long.
fn token_value(value: &str) -> Result<(), WalletError> {
    let holds = !value.is_empty() && value.len() <= 8192 && value.bytes().all(|byte| byte.is_ascii_graphic());
    if holds { Ok(()) } else { Err(ErrorCode::InvalidInput.into()) }
}
