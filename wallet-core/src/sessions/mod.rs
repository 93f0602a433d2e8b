//! What takes several steps: binding a phone, logging in.
//!
//! A session's state lies in the store after every step, so that an app that was killed continues.
//! Nothing is sent without a call by the app; one call runs at a time; `cancel()` stops it and ends
//! the session.

pub(crate) mod binding;
pub(crate) mod login;
mod turn;

pub use binding::{
    BindingFactor, BindingRequest, BindingServer, BindingSession, BindingStage, OtpChannel, OtpDelivery, PartnerAccess,
};
pub use login::{
    DenialReason, LoginChannel, LoginChoices, LoginOutcome, LoginReview, LoginSession, LoginStage, RelyingParty,
    RequestedClaim, UnverifiedOrigin,
};

pub(crate) use login::SignedConsent;

use crate::errors::WalletError;
use crate::parts::Parts;
use crate::store::table;
use serde::{Deserialize, Serialize};

/// An unfinished session, of whatever kind, as it lies in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) enum StoredSession {
    Binding(Box<binding::Stored>),
    Login(Box<login::Stored>),
}

/// Which kind of session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SessionKind {
    /// A [`BindingSession`].
    Binding,
    /// A [`LoginSession`].
    Login,
}

/// A session that was begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct UnfinishedSession {
    /// Names the session.
    pub id: String,
    /// Its kind.
    pub kind: SessionKind,
    /// When it began, in milliseconds since 1970 by the device's clock.
    pub began_at_ms: i64,
}

/// All unfinished sessions, oldest first.
pub(crate) fn unfinished(parts: &Parts) -> Result<Vec<UnfinishedSession>, WalletError> {
    let stored: Vec<(String, StoredSession)> = parts.store.all(table::SESSIONS)?;
    let mut sessions: Vec<UnfinishedSession> = stored
        .into_iter()
        .map(|(id, session)| match session {
            StoredSession::Binding(stored) => {
                UnfinishedSession { id, kind: SessionKind::Binding, began_at_ms: stored.began_at_ms }
            }
            StoredSession::Login(stored) => {
                UnfinishedSession { id, kind: SessionKind::Login, began_at_ms: stored.began_at_ms }
            }
        })
        .collect();
    sessions.sort_by(|a, b| a.began_at_ms.cmp(&b.began_at_ms).then_with(|| a.id.cmp(&b.id)));
    Ok(sessions)
}
