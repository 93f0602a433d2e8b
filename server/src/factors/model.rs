//! Plain types of the room.

use crate::error::{ApiError, Code};
use crate::registry::PersonId;

/// What a guess, and so a one-time password, is for. A password of one transaction is good for no other (case E3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtpFor {
    /// A login in the browser: the row of its transaction.
    Transaction(i64),
    /// A login by a wallet: the row of its linked transaction.
    Linked(i64),
    /// Binding of a wallet, which has no transaction.
    Binding,
}

impl OtpFor {
    /// Name in the database.
    pub(crate) fn key(self) -> String {
        match self {
            Self::Transaction(id) => format!("t:{id}"),
            Self::Linked(id) => format!("l:{id}"),
            Self::Binding => "b".into(),
        }
    }

    /// What a blank or malformed identifier of a person is called here.
    pub(crate) fn bad_identifier(self) -> Code {
        match self {
            Self::Transaction(_) | Self::Linked(_) => Code::InvalidIdentifier,
            Self::Binding => Code::InvalidIndividualId,
        }
    }

    /// What a wrong factor is called here.
    pub(crate) fn failed(self) -> Code {
        match self {
            Self::Transaction(_) | Self::Linked(_) => Code::AuthFailed,
            Self::Binding => Code::BindingAuthFailed,
        }
    }
}

/// Where a one-time password can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// To the mail address.
    Email,
    /// To the phone number.
    Phone,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Email, Self::Phone];

    /// Name in `otpChannels`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

/// Where a one-time password went, so that the person recognises it and a stranger does not. Says nothing about whether
/// there is such a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    /// `maskedEmail`, where mail was asked for.
    pub email: Option<String>,
    /// `maskedMobile`, where the phone was asked for.
    pub phone: Option<String>,
}

/// A person who proved to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who.
    pub person: PersonId,
    /// How: authentication method references (RFC 8176), sorted.
    pub amr: Vec<&'static str>,
}

/// Why a PIN cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// Not six digits, or all the same, or counting up or down.
    #[error("a PIN has six digits, not all the same and not in a row")]
    Weak,
    /// The store or the server's load is in the way.
    #[error("the PIN cannot be set now")]
    Unavailable,
}

impl From<crate::store::StoreError> for PinError {
    fn from(error: crate::store::StoreError) -> Self {
        tracing::error!(%error, "the store failed");
        Self::Unavailable
    }
}

impl From<PinError> for ApiError {
    fn from(error: PinError) -> Self {
        match error {
            PinError::Weak => Code::InvalidChallenge.into(),
            PinError::Unavailable => Self::Unavailable,
        }
    }
}
