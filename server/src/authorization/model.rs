//! The login transaction as a state machine.
//!
//! ```text
//! Started ── authenticate ──▶ Authenticated ── finish ─────────────────────────────▶ Finished
//!    └────── link ──▶ Linked ── authenticate_linked ──▶ LinkedAuthenticated            ▲
//!                        └─ (consent remembered) ─┐            │ consent_linked        │
//!                                                 └──▶ Approved ◀┘ ── finish_linked ───┘
//! each but Finished and Denied ── deny ──▶ Denied
//! Started ── prove_first ──▶ FirstFactor, from which it goes on as from Started, for that person only
//! ```
//!
//! Transitions consume the transaction, so that one that was refused or moved cannot be used again by mistake; which of
//! two concurrent requests moved it is decided by [`super::store::save`].

use super::request::Request;
pub use super::stage::{Authenticated, Channel, Decision, Denial, DeniedBy, FirstFactor, Link, Stage};
use crate::clock::Millis;
use crate::config::Lifetimes;
use crate::dialect::Mount;
use crate::http::csrf::Browser;
use crate::risk::Number;

/// One login, from the relying party's request to the authorization code or the refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// The row's primary key, inside the `transactionId`.
    pub id: i64,
    /// The issuer it was started at.
    pub mount: Mount,
    /// The relying party.
    pub client_id: String,
    /// Hash of what only the browser that started it knows (`http::csrf::Browser`).
    pub browser: Vec<u8>,
    /// Hash of the session cookie that browser was given at login (E9), where it had one before.
    pub session: Option<Vec<u8>>,
    /// SHA-256 of the text of the answer of `oauth-details`, base64url; empty where a page of ours was the answer.
    pub details_hash: String,
    /// What was asked.
    pub request: Request,
    /// Where it stands.
    pub stage: Stage,
    /// When it was started.
    pub created_at: Millis,
    /// When it is over, by itself.
    pub expires_at: Millis,
    /// Counts the changes; see [`super::store::save`].
    pub version: i64,
}

/// Why a transition is refused. The transaction stays as the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It does not stand where this could happen.
    #[error("the transaction is {0}")]
    Stage(&'static str),
    /// Another linked transaction than the one that claimed the code.
    #[error("another wallet holds the transaction")]
    OtherLink,
    /// Another key than the one the wallet named when it claimed the code (L6).
    #[error("another key than the one named at the scan")]
    OtherKey,
    /// Another person than the one who proved a first factor in the browser.
    #[error("another person began in the browser")]
    OtherPerson,
    /// The browser must come by the link that the wallet was given, with its `response_code`.
    #[error("the browser did not come back by the wallet's link")]
    NotReturned,
    /// The number on the page was not typed (see [`Transaction::type_number`]).
    #[error("the number on the page is to be typed first")]
    Number,
    /// Its time is over.
    #[error("the transaction is over")]
    Expired,
}

fn seconds(from: Millis, seconds: u32) -> Millis {
    from.saturating_add(i64::from(seconds) * 1000)
}

impl Transaction {
    /// Whether this browser may go on with it: the one that started it, with the session cookie it got at login.
    #[must_use]
    pub fn is_of(&self, browser: &Browser) -> bool {
        self.browser == browser.hash && (self.session.is_none() || self.session == browser.session)
    }

    /// Whether its time is over.
    #[must_use]
    pub fn is_expired(&self, now: Millis) -> bool {
        now >= self.expires_at
    }

    fn alive(self, now: Millis) -> Result<Self, StageError> {
        if self.is_expired(now) { Err(StageError::Expired) } else { Ok(self) }
    }

    fn at(self, stage: Stage, expires_at: Millis) -> Self {
        Self { stage, expires_at, ..self }
    }

    /// The browser proved a first factor: from now on only that person may answer.
    ///
    /// # Errors
    /// [`StageError`] unless it is started and untouched.
    pub fn prove_first(self, first: FirstFactor, now: Millis) -> Result<Self, StageError> {
        let this = self.alive(now)?;
        let until = this.expires_at;
        match this.stage {
            Stage::Started => Ok(this.at(Stage::FirstFactor(first), until)),
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// The browser proved who is there.
    ///
    /// # Errors
    /// [`StageError`] unless nobody answered yet, and nobody else proved a first factor.
    pub fn authenticate(self, who: Authenticated, now: Millis, lifetimes: &Lifetimes) -> Result<Self, StageError> {
        let this = self.alive(now)?;
        match this.stage {
            Stage::FirstFactor(first) if first.person != who.person => Err(StageError::OtherPerson),
            Stage::Started | Stage::FirstFactor(_) => {
                Ok(Self { stage: Stage::Authenticated(who), expires_at: seconds(now, lifetimes.authenticated), ..this })
            }
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// A wallet claimed the link code.
    ///
    /// # Errors
    /// [`StageError`] unless nobody answered yet.
    pub fn link(self, link: Link, now: Millis, lifetimes: &Lifetimes) -> Result<Self, StageError> {
        let mut this = self.alive(now)?;
        let first = match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::Started => None,
            Stage::FirstFactor(first) => Some(first),
            other => return Err(StageError::Stage(other.name())),
        };
        Ok(this.at(Stage::Linked(Link { first, ..link }), seconds(now, lifetimes.linked)))
    }

    /// The wallet proved who is there. Where consent is remembered, this approves at once.
    ///
    /// # Errors
    /// [`StageError`] unless it is linked by `linked`, the key is the one named at the scan, where one was, and the person
    /// the one who proved a first factor, where one was proved.
    pub fn authenticate_linked(
        self,
        linked: i64,
        mut who: Authenticated,
        now: Millis,
        lifetimes: &Lifetimes,
    ) -> Result<Self, StageError> {
        let mut this = self.alive(now)?;
        match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::Linked(link) if link.linked != linked => Err(StageError::OtherLink),
            Stage::Linked(link) => {
                let signed = who.key.as_ref().map(|(_, thumbprint)| thumbprint);
                if link.key.is_some() && link.key.as_ref() != signed {
                    return Err(StageError::OtherKey);
                }
                if matches!(link.terms.number, Number::Shown(_)) {
                    return Err(StageError::Number);
                }
                if let Some(first) = &link.first {
                    if first.person != who.person {
                        return Err(StageError::OtherPerson);
                    }
                    who.amr.extend(first.amr.iter().cloned());
                }
                Ok(match who.remembered.clone() {
                    Some(decision) => {
                        let until = seconds(now, lifetimes.linked);
                        this.at(Stage::Approved(link, who, decision), until)
                    }
                    None => {
                        let until = seconds(now, lifetimes.authenticated);
                        this.at(Stage::LinkedAuthenticated(link, who), until)
                    }
                })
            }
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// The citizen consented in the wallet.
    ///
    /// # Errors
    /// [`StageError`] unless `linked` authenticated and consent is awaited.
    pub fn consent_linked(
        self,
        linked: i64,
        decision: Decision,
        now: Millis,
        lifetimes: &Lifetimes,
    ) -> Result<Self, StageError> {
        let mut this = self.alive(now)?;
        match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::LinkedAuthenticated(link, _) if link.linked != linked => Err(StageError::OtherLink),
            Stage::LinkedAuthenticated(link, who) => {
                let until = seconds(now, lifetimes.linked);
                Ok(this.at(Stage::Approved(link, who, decision), until))
            }
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// The browser consented and gets its code: who, and what was agreed to, go into it.
    ///
    /// # Errors
    /// [`StageError`] unless the browser authenticated.
    pub fn finish(
        self,
        decision: Decision,
        now: Millis,
        lifetimes: &Lifetimes,
    ) -> Result<(Self, Authenticated, Decision), StageError> {
        let mut this = self.alive(now)?;
        match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::Authenticated(who) => Ok((this.at(Stage::Finished, seconds(now, lifetimes.code)), who, decision)),
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// The browser comes for the code that the wallet approved, from another device.
    ///
    /// # Errors
    /// [`StageError`] unless the wallet approved; [`StageError::NotReturned`] where it is on the browser's own device.
    pub fn finish_linked(
        self,
        now: Millis,
        lifetimes: &Lifetimes,
    ) -> Result<(Self, Authenticated, Decision), StageError> {
        self.finish_approved(now, lifetimes, |link| link.channel == Channel::CrossDevice)
    }

    /// The wallet is on the browser's own device: from now on the browser gets its code only with the `response_code`
    /// whose hash this is. Does nothing to any other transaction.
    #[must_use]
    pub fn expect_return(mut self, response_hash: Vec<u8>) -> Self {
        if let Stage::Approved(link, ..) = &mut self.stage
            && link.channel == Channel::SameDevice
        {
            link.response = Some(response_hash);
        }
        self
    }

    /// The browser that began comes back by the link that the wallet was given. `is_response` tells whether a hash is
    /// that of the `response_code` it brings.
    ///
    /// # Errors
    /// [`StageError`] unless the wallet approved on the same device; [`StageError::NotReturned`] for another
    /// `response_code`.
    pub fn finish_returned(
        self,
        is_response: impl FnOnce(&[u8]) -> bool,
        now: Millis,
        lifetimes: &Lifetimes,
    ) -> Result<(Self, Authenticated, Decision), StageError> {
        self.finish_approved(now, lifetimes, |link| {
            link.channel == Channel::SameDevice && link.response.as_deref().is_some_and(is_response)
        })
    }

    fn finish_approved(
        self,
        now: Millis,
        lifetimes: &Lifetimes,
        may: impl FnOnce(&Link) -> bool,
    ) -> Result<(Self, Authenticated, Decision), StageError> {
        let mut this = self.alive(now)?;
        match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::Approved(link, who, decision) => {
                if !may(&link) {
                    return Err(StageError::NotReturned);
                }
                Ok((this.at(Stage::Finished, seconds(now, lifetimes.code)), who, decision))
            }
            other => Err(StageError::Stage(other.name())),
        }
    }

    /// The citizen refused, or the server ended it. A refusal counts as long as no code was issued, also after an
    /// approval. What is left of its time stays, so that the browser can hear of it.
    ///
    /// # Errors
    /// [`StageError`] where it is over already, or held by another wallet than `linked`.
    pub fn deny(
        self,
        by: DeniedBy,
        linked: Option<i64>,
        reason: Option<String>,
        now: Millis,
    ) -> Result<Self, StageError> {
        let mut this = self.alive(now)?;
        let link = match std::mem::replace(&mut this.stage, Stage::Started) {
            Stage::Started | Stage::FirstFactor(_) | Stage::Authenticated(_) => None,
            Stage::Linked(link) | Stage::LinkedAuthenticated(link, _) | Stage::Approved(link, ..) => Some(link),
            over @ (Stage::Finished | Stage::Denied(_)) => return Err(StageError::Stage(over.name())),
        };
        if linked.is_some() && linked != link.as_ref().map(|link| link.linked) {
            return Err(StageError::OtherLink);
        }
        let until = this.expires_at;
        Ok(this.at(Stage::Denied(Denial { by, reason, link }), until))
    }
}
