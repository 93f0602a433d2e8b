//! Where a login stands, as a value: what may follow what, without server, store or keys.

use super::review::LoginReview;
use super::signing::SignedConsent;
use crate::errors::ErrorCode;
use serde::{Deserialize, Serialize};

/// What the server asked, and what names this login there.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) link_transaction_id: String,
    /// To be repeated in the native token.
    pub(super) nonce: Option<String>,
    pub(super) client_id: Option<String>,
    /// Same device: where to go afterwards.
    pub(super) return_uri: Option<String>,
    pub(super) review: LoginReview,
}

/// How a login that was approved ended well.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct LoginOutcome {
    /// Whether the server went by a consent given earlier instead of the one given now.
    pub consent_remembered: bool,
    /// Same device only: the `https` link to open next, which leads to the browser that began.
    pub return_uri: Option<String>,
    /// The receipt of the consent given now.
    pub receipt_id: Option<String>,
}

/// ```text
/// review ──approve──▶ approved ──token taken──▶ consenting ──consent taken──▶ completed
///   ▲ └─deny─▶ denied     │ └─token taken, consent remembered─▶ completed
///   └──token refused──────┘
/// ```
/// `approved` and `consenting` are stored before the request is sent: an app killed in between
/// finds them again and does not know whether the server took the step.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum State {
    Review(Asked),
    Approved(Asked, SignedConsent),
    Consenting(Asked, SignedConsent),
    #[serde(skip)]
    Completed(LoginOutcome),
    #[serde(skip)]
    Denied,
    #[serde(skip)]
    Failed(ErrorCode),
    #[serde(skip)]
    Cancelled,
}

crate::redact::redacted_debug!(Asked, LoginOutcome, State);

/// What happens to a login.
pub(super) enum Event {
    /// The citizen approved and the key signed.
    Approved(SignedConsent),
    /// The server took the token; consent is still to be sent.
    TokenTaken,
    /// The server did not take the token; the login goes on.
    TokenRefused,
    /// The server has all it needs.
    Completed(LoginOutcome),
    /// The citizen denied.
    Denied,
    /// The login is over without success.
    Failed(ErrorCode),
    /// The app ended it.
    Cancelled,
}

impl State {
    /// The next state; `None` where the event cannot happen in this one.
    pub(super) fn after(&self, event: Event) -> Option<Self> {
        match (self, event) {
            (Self::Review(asked), Event::Approved(consent)) => Some(Self::Approved(asked.clone(), consent)),
            (Self::Approved(asked, _), Event::TokenRefused) => Some(Self::Review(asked.clone())),
            (Self::Approved(asked, consent), Event::TokenTaken) => {
                Some(Self::Consenting(asked.clone(), consent.clone()))
            }
            (Self::Approved(..) | Self::Consenting(..), Event::Completed(outcome)) => Some(Self::Completed(outcome)),
            (Self::Review(_) | Self::Approved(..) | Self::Consenting(..), Event::Denied) => Some(Self::Denied),
            (Self::Review(_) | Self::Approved(..) | Self::Consenting(..), Event::Failed(code)) => {
                Some(Self::Failed(code))
            }
            (Self::Review(_) | Self::Approved(..) | Self::Consenting(..), Event::Cancelled) => Some(Self::Cancelled),
            _ => None,
        }
    }

    /// What was asked, while the login is open.
    pub(super) fn asked(&self) -> Option<&Asked> {
        match self {
            Self::Review(asked) | Self::Approved(asked, _) | Self::Consenting(asked, _) => Some(asked),
            _ => None,
        }
    }
}
