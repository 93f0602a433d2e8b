//! Login by QR or link: the citizen sees who asks for what, and approves or denies.

mod begin;
mod finish;
mod review;
mod signing;
mod state;
#[cfg(test)]
mod state_tests;

pub(crate) use begin::bindings_for;
pub use review::{
    DenialReason, LoginChannel, LoginChoices, LoginReview, RelyingParty, RequestedClaim, UnverifiedOrigin,
};
pub(crate) use signing::SignedConsent;
pub use state::LoginOutcome;

use super::StoredSession;
use super::turn::Turn;
use crate::activity::{ActivityEntry, ActivityKind};
use crate::bound::{self, BindingProfile, BindingRecord};
use crate::errors::{ErrorCode, WalletError};
use crate::exchange::address;
use crate::parts::Parts;
use crate::store::{Change, table};
use protocol::linked::{Deny, DenyRequest};
use serde::{Deserialize, Serialize};
use state::{Asked, Event, State};
use std::sync::{Arc, Mutex, PoisonError};

/// A login session as it lies in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) began_at_ms: i64,
    /// How far the server's clock was ahead when last heard.
    clock_ahead_ms: i64,
    state: State,
}

crate::redact::redacted_debug!(Stored);

/// Where a login stands.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Debug))]
pub enum LoginStage {
    /// The citizen is to decide.
    Review {
        /// What to show.
        review: LoginReview,
    },
    /// Approved, and the server's answer is missing: [`LoginSession::finish`] asks again.
    Unfinished {
        /// What was approved.
        review: LoginReview,
    },
    /// The browser is logged in.
    Completed {
        /// How.
        outcome: LoginOutcome,
    },
    /// The citizen said no.
    Denied,
    /// Over without success.
    Failed {
        /// Why.
        code: ErrorCode,
    },
    /// Ended by the app.
    Cancelled,
}

crate::redact::redacted_debug!(LoginStage);

/// One login. Begun by [`crate::Wallet::begin_login`], which claims the code: from then on this
/// wallet alone can approve it.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct LoginSession {
    parts: Arc<Parts>,
    id: String,
    bound: BindingRecord,
    stored: Mutex<Stored>,
    turn: Turn,
}

crate::redact::redacted_debug!(LoginSession);

impl LoginSession {
    pub(crate) fn resume(parts: Arc<Parts>, id: &str) -> Result<Arc<Self>, WalletError> {
        let Some(StoredSession::Login(stored)) = parts.store.get(table::SESSIONS, id)? else {
            return Err(ErrorCode::InvalidInput.into());
        };
        let asked = stored.state.asked().ok_or(ErrorCode::StoreCorrupt)?;
        let bound = bound::find(&parts, &asked.review.binding_id)?;
        let origin = address::origin(&bound.server, parts.exchange.loopback)?;
        parts.exchange.clock.remember(&origin, stored.clock_ahead_ms);
        Ok(Arc::new(Self { id: id.to_owned(), parts, bound, stored: Mutex::new(*stored), turn: Turn::new() }))
    }

    fn stored(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> State {
        self.stored().state.clone()
    }

    /// What was asked. Errors: `WrongState` where the login is over.
    fn asked(&self) -> Result<Asked, WalletError> {
        self.stored().state.asked().cloned().ok_or_else(|| ErrorCode::WrongState.into())
    }

    /// Moves on and writes the new state, with other changes, in one transaction; a login that is
    /// over leaves the store. Errors: `WrongState`, and those of the store: then nothing moved.
    fn advance(&self, event: Event, mut changes: Vec<Change>) -> Result<(), WalletError> {
        let mut stored = self.stored();
        let state = stored.state.after(event).ok_or(ErrorCode::WrongState)?;
        let origin = address::origin(&self.bound.server, self.parts.exchange.loopback)?;
        let clock_ahead_ms = self.parts.exchange.clock.ahead_ms(&origin);
        let next = Stored { began_at_ms: stored.began_at_ms, clock_ahead_ms, state };
        changes.push(match next.state.asked() {
            Some(_) => Change::put(table::SESSIONS, &self.id, &StoredSession::Login(Box::new(next.clone())))?,
            None => Change::delete(table::SESSIONS, &self.id),
        });
        self.parts.store.write(&changes)?;
        *stored = next;
        Ok(())
    }

    /// An activity entry about this login.
    fn entry(&self, kind: ActivityKind, asked: &Asked) -> Result<ActivityEntry, WalletError> {
        let relying_party = &asked.review.relying_party;
        Ok(ActivityEntry {
            relying_party: Some(relying_party.name.clone()),
            domain: relying_party.domain.clone(),
            ..ActivityEntry::plain(&self.parts, kind, &self.bound.server)?
        })
    }

    /// Ends the login without success. Gives the error back, for the caller to return.
    fn fail(&self, asked: &Asked, error: WalletError) -> Result<WalletError, WalletError> {
        let mut entry = self.entry(ActivityKind::LoginFailed, asked)?;
        entry.error = Some(error.code());
        self.advance(Event::Failed(error.code()), vec![entry.put()?])?;
        Ok(error)
    }

    async fn say_no(&self, reason: Option<DenialReason>) -> Result<(), WalletError> {
        let asked = self.asked()?;
        // eSignet 1.x cannot be told: there the browser learns by timeout.
        if self.bound.profile == BindingProfile::Native {
            let request = DenyRequest {
                linked_transaction_id: asked.link_transaction_id.clone(),
                reason: reason.map(Into::into),
            };
            let said: Result<Deny, _> =
                self.parts.exchange.call(&self.bound.server, "/wallet/deny", &[], &request).await;
            if let Err(error) = said {
                let error = WalletError::from(error);
                // A login that is over already is as good as denied, from here.
                if error.code() != ErrorCode::LoginEnded {
                    return Err(error);
                }
            }
        }
        let entry = self.entry(ActivityKind::LoginDenied, &asked)?;
        self.advance(Event::Denied, vec![entry.put()?])
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl LoginSession {
    /// Names the session for [`crate::Wallet::resume_login`].
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Where the login stands. Never fails; a `Result` so that a fault cannot end a Swift app.
    pub fn stage(&self) -> Result<LoginStage, WalletError> {
        Ok(match self.state() {
            State::Review(asked) => LoginStage::Review { review: asked.review },
            State::Approved(asked, _) | State::Consenting(asked, _) => LoginStage::Unfinished { review: asked.review },
            State::Completed(outcome) => LoginStage::Completed { outcome },
            State::Denied => LoginStage::Denied,
            State::Failed(code) => LoginStage::Failed { code },
            State::Cancelled => LoginStage::Cancelled,
        })
    }

    /// What to show. Errors: `WrongState` where the login is over.
    pub fn review(&self) -> Result<LoginReview, WalletError> {
        self.asked().map(|asked| asked.review)
    }

    /// Approves: signs token and consent under one prompt, then sends them.
    ///
    /// Where the network fails half-way the stage is `Unfinished` and [`LoginSession::finish`] goes
    /// on. Where the server refuses the token the stage is `Review` again. A wrong number ends the login, and so does a
    /// binding that has ended.
    ///
    /// Errors: `InvalidInput` (a claim or scope nobody asked for), `NumberNeeded`, `WrongState`,
    /// `Busy`, `Cancelled`, `Locked`, `PromptDismissed`, `KeyInvalidated`, `AuthenticationFailed`,
    /// `AttemptsExceeded`, `BindingEnded`, `LoginEnded`, `NumberWrong`, `LoginNotAllowed`, `ServerRefused`, `UnexpectedAnswer`, and
    /// those of the network.
    pub async fn approve(&self, choices: LoginChoices) -> Result<LoginOutcome, WalletError> {
        self.turn.run(self.sign_and_send(choices)).await
    }

    /// Sends again what was approved, after a lost answer or a killed app.
    ///
    /// Errors: as [`LoginSession::approve`], and `OutcomeUnknown` where the server knows the login
    /// no more: then it either took the step before the answer was lost, or gave up.
    pub async fn finish(&self) -> Result<LoginOutcome, WalletError> {
        self.turn.run(self.send_again()).await
    }

    /// Says no, to the server too, so that the browser is told at once.
    ///
    /// Errors: `WrongState`, `Busy`, `Cancelled`, and those of the network: then nothing changed.
    pub async fn deny(&self, reason: Option<DenialReason>) -> Result<(), WalletError> {
        self.turn.run(self.say_no(reason)).await
    }

    /// Stops what runs and ends the session in this phone; the server is not told. Does nothing to
    /// a finished one.
    ///
    /// Errors: `StoreFailed`; then the session is found again when the wallet is opened.
    pub fn cancel(&self) -> Result<(), WalletError> {
        self.turn.cancel();
        match self.advance(Event::Cancelled, Vec::new()) {
            Err(error) if error.code() == ErrorCode::WrongState => Ok(()),
            other => other,
        }
    }
}
