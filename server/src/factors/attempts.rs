//! Attempts and lock-out, over every channel together (cases E1, E2; Keycloak CVE-2026-9798 asked only on the first).
//!
//! A guess is counted before it is looked at, in one conditional statement per counter: one of the transaction, one of
//! the person. So parallel guesses are never more than the limit. A right guess forgets the wrong ones before it.
//! An identifier that nobody has is counted under its keyed hash, and locks like any other (case E4).

use super::challenges::Given;
use super::model::OtpFor;
use super::store::{self, Guesses};
use super::{otp, pin};
use crate::acr::Factor;
use crate::clock::Millis;
use crate::error::{ApiError, Code};
use crate::registry::{self, PersonId};
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Names of counters.
pub(super) fn person_key(state: &AppState, person: Option<PersonId>, individual_id: &str) -> String {
    match person {
        Some(person) => format!("p:{}", person.0),
        None => {
            let mac = state.secrets.mac(Purpose::Lookup, &[b"attempts", individual_id.as_bytes()]);
            format!("u:{}", protocol::base64url::encode(mac))
        }
    }
}

/// The counter of wrong numbers typed into a person's wallet. It is one of its own, since the token that brings a number
/// proves the person, and a right factor forgets the wrong ones before it.
fn numbers_key(someone: &str) -> String {
    format!("n:{someone}")
}

/// A person's wallet brought another number than the page showed: counted, up to the limit of the person's guesses. Then
/// the person is locked out, on every channel.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn number_was_wrong(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    let numbers = numbers_key(&person_key(state, Some(person), ""));
    let allow = Guesses { limit: i64::from(state.config.limits.attempts), lockout: lockout(state) };
    // Where none is left, the person is locked out already.
    store::count_guess(tx, &numbers, state.clock.now(), &allow).await.map(drop)
}

/// A person's wallet brought the page's number: the wrong ones before are forgotten.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn number_was_right(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    store::forget(tx, &numbers_key(&person_key(state, Some(person), ""))).await.map(drop)
}

/// Forgets what was counted against a person; `false` where there was nothing.
pub(super) async fn forget(tx: &mut Tx, someone: &str) -> Result<bool, StoreError> {
    let numbers = store::forget(tx, &numbers_key(someone)).await?;
    Ok(store::forget(tx, someone).await? || numbers)
}

fn transaction_key(purpose: OtpFor) -> Option<String> {
    (purpose != OtpFor::Binding).then(|| purpose.key())
}

/// Milliseconds of a lock-out.
fn lockout(state: &AppState) -> Millis {
    Millis::from(state.config.lifetimes.lockout) * 1000
}

/// Whom a refusal is about. Undone counts are the point: what is refused is not counted again.
enum Refusal {
    Transaction,
    Person,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Transaction => Code::NoAttemptsLeft.into(),
            Refusal::Person => Code::IndividualIdBlocked.into(),
            Refusal::Store(error) => error.into(),
        }
    }
}

/// A guess that was counted. It has failed unless [`Attempt::settle`] succeeds.
pub(crate) struct Attempt {
    purpose: OtpFor,
    person: Option<PersonId>,
    counters: Vec<String>,
    pin_ok: bool,
    otp: Option<Vec<u8>>,
    tries: i64,
    now: Millis,
}

/// Counts a guess and checks its PIN, if it has one. Other rooms check their factors next, and then settle.
///
/// # Errors
/// `no_attempts_left` (the transaction has none), `individual_id_blocked` (the person is locked out), or a fault of the
/// store. A wrong PIN is no error yet: it is told by [`Attempt::settle`], like every wrong factor.
pub(crate) async fn begin(
    state: &AppState,
    purpose: OtpFor,
    individual_id: &str,
    given: &[Given<'_>],
) -> Result<Attempt, ApiError> {
    let person = registry::find(state, individual_id).await?;
    let now = state.clock.now();
    let of = |factor| given.iter().find(|one| one.factor == factor).map(|one| one.value);
    let otp = of(Factor::Otp).map(|value| otp::mac(state, purpose, person, value));
    let transaction = transaction_key(purpose);
    let someone = person_key(state, person, individual_id);
    let counters = transaction.iter().cloned().chain([someone.clone()]).collect();
    let per_transaction = i64::from(state.config.limits.attempts_per_transaction);
    let per_person = i64::from(state.config.limits.attempts);
    let (lockout, counts_otp) = (lockout(state), otp.is_some());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                if let Some(transaction) = &transaction {
                    let allow = Guesses { limit: per_transaction, lockout };
                    if !store::count_guess(tx, transaction, now, &allow).await? {
                        return Err(Refusal::Transaction);
                    }
                }
                let numbers = numbers_key(&someone);
                if store::is_locked(tx, &numbers, now, per_person).await?
                    || !store::count_guess(tx, &someone, now, &Guesses { limit: per_person, lockout }).await?
                {
                    return Err(Refusal::Person);
                }
                if counts_otp {
                    store::count_otp_try(tx, &purpose.key(), otp::row(person)).await?;
                }
                Ok(())
            })
        })
        .await?;
    let pin_ok = match of(Factor::Pin) {
        Some(value) => pin::check(state, person, value).await?,
        None => true,
    };
    Ok(Attempt { purpose, person, counters, pin_ok, otp, tries: per_transaction, now })
}

impl Attempt {
    /// Who this claims to be; `None` where nobody has the identifier.
    pub(crate) fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// Ends the guess inside the transaction that acts on it: takes the OTP and forgets the wrong guesses before. An
    /// error must undo that transaction, so that nothing is taken or forgotten.
    ///
    /// # Errors
    /// `auth_failed` (binding: its own name for it) where anything was wrong, whatever it was.
    pub(crate) async fn settle(&self, tx: &mut Tx) -> Result<PersonId, ApiError> {
        let mut good = self.pin_ok;
        if let Some(mac) = &self.otp {
            let (purpose, row) = (self.purpose.key(), otp::row(self.person));
            // Asked even where the PIN was wrong, so that both failures take the same time.
            good &= store::take_otp(tx, &purpose, row, mac, self.now, self.tries).await?;
        }
        let person = self.person.filter(|_| good).ok_or_else(|| ApiError::from(self.purpose.failed()))?;
        for counter in &self.counters {
            store::forget(tx, counter).await?;
        }
        Ok(person)
    }
}

/// Refuses where the person is locked out or the transaction has no attempts left; counts nothing.
pub(super) async fn require_open(
    tx: &mut Tx,
    purpose: OtpFor,
    someone: &str,
    now: Millis,
    limits: (i64, i64),
) -> Result<(), ApiError> {
    if let Some(transaction) = transaction_key(purpose)
        && store::is_locked(tx, &transaction, now, limits.0).await?
    {
        return Err(Code::NoAttemptsLeft.into());
    }
    if store::is_locked(tx, someone, now, limits.1).await?
        || store::is_locked(tx, &numbers_key(someone), now, limits.1).await?
    {
        return Err(Code::IndividualIdBlocked.into());
    }
    Ok(())
}
