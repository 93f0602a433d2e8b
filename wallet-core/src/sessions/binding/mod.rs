//! Binding: a key of this phone becomes an authentication factor of a person at a server.

mod esignet;
mod native;
mod request;

pub use request::{BindingFactor, BindingRequest, BindingServer, BindingStage, OtpChannel, OtpDelivery, PartnerAccess};

use super::StoredSession;
use super::turn::Turn;
use crate::activity::{ActivityEntry, ActivityKind};
use crate::backup;
use crate::bound::{self, Binding, BindingRecord};
use crate::errors::{ErrorCode, WalletError};
use crate::parts::Parts;
use crate::ports::{KeyAlgorithm, KeyInfo, KeyOptions};
use crate::store::{Change, table};
use protocol::binding::{BindingOtp, BindingOtpRequest};
use protocol::linked::Challenge;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};

/// Most factors in one request, as on the wire.
const MAX_FACTORS: usize = 5;

/// A binding session as it lies in the store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) began_at_ms: i64,
    /// How far the server's clock was ahead when last heard.
    clock_ahead_ms: i64,
    request: BindingRequest,
    state: State,
}

/// Where the session stands. The end is not stored: then the binding itself is.
#[derive(Clone, Serialize, Deserialize)]
enum State {
    Started,
    OtpSent(OtpDelivery),
    #[serde(skip)]
    Bound(Box<BindingRecord>),
    #[serde(skip)]
    Cancelled,
}

crate::redact::redacted_debug!(Stored);

/// Binds this phone to a server: have an OTP sent if that is the factor, then bind.
///
/// ```text
/// started ──request_otp──▶ otp_sent ──bind──▶ bound
///    └────────────bind (PIN)────────────────────▲
/// ```
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct BindingSession {
    parts: Arc<Parts>,
    id: String,
    stored: Mutex<Stored>,
    turn: Turn,
}

crate::redact::redacted_debug!(BindingSession);

impl BindingSession {
    pub(crate) fn begin(parts: Arc<Parts>, request: BindingRequest) -> Result<Arc<Self>, WalletError> {
        let request = request.checked(&parts)?;
        let stored =
            Stored { began_at_ms: parts.exchange.clock.device_ms(), clock_ahead_ms: 0, request, state: State::Started };
        let session = Self { id: parts.random_id()?, parts, stored: Mutex::new(stored), turn: Turn::new() };
        session.save()?;
        Ok(Arc::new(session))
    }

    pub(crate) fn resume(parts: Arc<Parts>, id: &str) -> Result<Arc<Self>, WalletError> {
        match parts.store.get(table::SESSIONS, id)? {
            Some(StoredSession::Binding(stored)) => {
                let origin = stored.request.server.origin(&parts)?;
                parts.exchange.clock.remember(&origin, stored.clock_ahead_ms);
                Ok(Arc::new(Self { id: id.to_owned(), parts, stored: Mutex::new(*stored), turn: Turn::new() }))
            }
            _ => Err(ErrorCode::InvalidInput.into()),
        }
    }

    fn stored(&self) -> std::sync::MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request, where the session is still open. Errors: `WrongState`.
    fn open_request(&self) -> Result<BindingRequest, WalletError> {
        let stored = self.stored();
        match stored.state {
            State::Started | State::OtpSent(_) => Ok(stored.request.clone()),
            State::Bound(_) | State::Cancelled => Err(ErrorCode::WrongState.into()),
        }
    }

    fn save(&self) -> Result<(), WalletError> {
        let mut stored = self.stored();
        let origin = stored.request.server.origin(&self.parts)?;
        stored.clock_ahead_ms = self.parts.exchange.clock.ahead_ms(&origin);
        let change = Change::put(table::SESSIONS, &self.id, &StoredSession::Binding(Box::new(stored.clone())))?;
        Ok(self.parts.store.write(&[change])?)
    }

    async fn send_otp(&self, channels: Vec<OtpChannel>) -> Result<OtpDelivery, WalletError> {
        let request = self.open_request()?;
        if channels.is_empty() {
            return Err(ErrorCode::InvalidInput.into());
        }
        let body = BindingOtpRequest {
            individual_id: request.individual_id.clone(),
            otp_channels: channels.iter().map(|channel| channel.name().to_owned()).collect(),
            captcha_token: None,
        };
        let sent: BindingOtp = match &request.server {
            BindingServer::Tessera { origin } => {
                self.parts.exchange.call(origin, "/wallet/binding-otp", &[], &body).await?
            }
            BindingServer::Esignet { base_url, partner, .. } => {
                let headers = esignet::headers(partner.as_ref());
                self.parts.exchange.call(base_url, "/binding/binding-otp", &headers, &body).await?
            }
        };
        let delivery = OtpDelivery { masked_email: sent.masked_email, masked_phone: sent.masked_mobile };
        self.stored().state = State::OtpSent(delivery.clone());
        self.save()?;
        Ok(delivery)
    }

    async fn bind_with(&self, factors: Vec<BindingFactor>) -> Result<Binding, WalletError> {
        let request = self.open_request()?;
        if factors.is_empty() || factors.len() > MAX_FACTORS {
            return Err(ErrorCode::InvalidInput.into());
        }
        let challenges: Vec<Challenge> = factors.iter().map(BindingFactor::challenge).collect();
        let alias = self.parts.new_alias()?;
        let bound = match &request.server {
            BindingServer::Tessera { origin } => native::bind(&self.parts, origin, &request, challenges, &alias).await,
            BindingServer::Esignet { base_url, partner, wla_audience } => {
                let at = esignet::Server { base_url, partner: partner.as_ref(), wla_audience };
                esignet::bind(&self.parts, &at, &request, challenges, &alias).await
            }
        };
        let mut record = match bound {
            Ok(record) => record,
            Err(error) => {
                // No server will take this key any more, or we cannot know: the next try makes a
                // new one. A key that cannot be deleted now is deleted when the wallet opens again.
                let _ = self.parts.delete_key(&alias).await;
                return Err(error);
            }
        };
        let awaited = backup::take_place(&self.parts, &mut record)?;
        let replaced = replaced_by(&self.parts, &record)?;
        let entry = ActivityEntry::plain(&self.parts, ActivityKind::Bound, &record.server)?;
        let mut changes = vec![record.put()?, entry.put()?, Change::delete(table::SESSIONS, &self.id)];
        changes.extend(awaited);
        changes.extend(replaced.iter().map(|old| Change::delete(table::BINDINGS, &old.id)));
        self.parts.store.write(&changes)?;
        for old in &replaced {
            let _ = self.parts.delete_key(&old.key_alias).await;
        }
        let public = record.public();
        self.stored().state = State::Bound(Box::new(record));
        Ok(public)
    }
}

#[cfg_attr(feature = "uniffi", uniffi::export)]
impl BindingSession {
    /// Names the session for [`crate::Wallet::resume_binding`].
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Where the session stands. Never fails; a `Result` so that a fault cannot end a Swift app.
    pub fn stage(&self) -> Result<BindingStage, WalletError> {
        Ok(match &self.stored().state {
            State::Started => BindingStage::Started,
            State::OtpSent(delivery) => BindingStage::OtpSent { delivery: delivery.clone() },
            State::Bound(record) => BindingStage::Bound { binding: record.public() },
            State::Cancelled => BindingStage::Cancelled,
        })
    }

    /// Has the server send an OTP to the person; may be called again for another.
    ///
    /// Errors: `InvalidInput` (no channel), `WrongState`, `Busy`, `Cancelled`, `AttemptsExceeded`,
    /// `ServerRefused`, and those of the network.
    pub async fn request_otp(&self, channels: Vec<OtpChannel>) -> Result<OtpDelivery, WalletError> {
        self.turn.run(self.send_otp(channels)).await
    }

    /// Makes a key in the device, proves it to the server and binds it, with what the person
    /// proves himself with.
    ///
    /// Where the answer is lost the phone may stand in the server's list without serving; bind
    /// again and revoke it there.
    ///
    /// Errors: `InvalidInput`, `WrongState`, `Busy`, `Cancelled`, `AuthenticationFailed`,
    /// `AttemptsExceeded`, `AlreadyBound`, `KeyUnsupported`, `Locked`, `PromptDismissed`,
    /// `ServerRefused`, `UnexpectedAnswer`, and those of the network.
    pub async fn bind(&self, factors: Vec<BindingFactor>) -> Result<Binding, WalletError> {
        self.turn.run(self.bind_with(factors)).await
    }

    /// Stops what runs and ends the session. Does nothing to a finished one.
    ///
    /// Errors: `StoreFailed`; the session is over also then, until the app is started again.
    pub fn cancel(&self) -> Result<(), WalletError> {
        {
            let mut stored = self.stored();
            if matches!(stored.state, State::Bound(_) | State::Cancelled) {
                return Ok(());
            }
            stored.state = State::Cancelled;
        }
        self.turn.cancel();
        Ok(self.parts.store.write(&[Change::delete(table::SESSIONS, &self.id)])?)
    }
}

/// Older bindings of the same person at the same server: one person logs in with one key per phone.
fn replaced_by(parts: &Parts, new: &BindingRecord) -> Result<Vec<BindingRecord>, WalletError> {
    let same = |old: &BindingRecord| {
        (old.profile, &old.server, &old.individual_id) == (new.profile, &new.server, &new.individual_id)
    };
    Ok(bound::list(parts)?.into_iter().filter(same).collect())
}

/// Makes the key of a binding. Errors: those of the key store, `KeyUnsupported` where it made another kind of key.
async fn make_key(
    parts: &Parts,
    request: &BindingRequest,
    alias: &str,
    algorithm: KeyAlgorithm,
    attestation_challenge: Option<Vec<u8>>,
) -> Result<KeyInfo, WalletError> {
    let options = KeyOptions {
        algorithm,
        security_level: request.security_level,
        user_authentication: request.user_authentication,
        attestation_challenge,
    };
    let key = parts.keys.create(alias.to_owned(), options).await?;
    if key.algorithm == algorithm { Ok(key) } else { Err(ErrorCode::KeyUnsupported.into()) }
}
