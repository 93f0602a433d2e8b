//! Factors: what a person proves himself with. One-time passwords and PINs are sent and checked here; the counting of
//! attempts and the lock-out are shared with the wallet's factor, which `binding` checks.
//!
//! Whoever calls holds [`read`]'s factors against those that the login offers (`auth_factor_mismatch`), then calls
//! [`verify`]; where a wallet's token may be among them, `binding::authenticate` instead.

mod attempts;
mod carried;
mod challenges;
mod delivery;
mod mask;
mod model;
mod otp;
mod pin;
mod store;
#[cfg(test)]
mod tests;

use protocol::linked::Challenge;

pub(crate) use attempts::{begin, number_was_right, number_was_wrong};
pub use carried::{Carried, carry, settle};
pub(crate) use challenges::{Faults, collect};
pub use challenges::{Given, is_identifier, read};
#[cfg(test)]
pub(crate) use delivery::captured;
pub use delivery::channels;
pub use model::{Channel, Masked, OtpFor, PinError, Verified};
pub use otp::send_otp;
pub use pin::{SEALED, set_pin};

use crate::acr::Factor;
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Rows deleted by one call of [`expire`], of each kind.
const BATCH: i64 = 500;

/// Checks a person by OTP and PIN. One call is one guess, counted before anything is looked at, whatever the channel.
///
/// # Errors
/// The faults of [`read`]; `invalid_identifier` for a blank or malformed identifier (binding: `invalid_individual_id`);
/// `no_attempts_left`, `individual_id_blocked`; `auth_failed` for anything wrong, an unknown person among it;
/// `auth_factor_mismatch` where a wallet's token is given, which this function does not check.
pub async fn verify(
    state: &AppState,
    mount: Mount,
    purpose: OtpFor,
    individual_id: &str,
    challenges: &[Challenge],
) -> Result<Verified, ApiError> {
    let given = read_login(state, mount, purpose, individual_id, challenges)?;
    if given.iter().any(|one| one.factor == Factor::Wla) {
        return Err(Code::AuthFactorMismatch.into());
    }
    let amr = amr(&given);
    let attempt = begin(state, purpose, individual_id, &given).await?;
    let person = state.store.write(move |tx| Box::pin(async move { attempt.settle(tx).await })).await?;
    Ok(Verified { person, amr })
}

/// Reads identifier and challenges together, so that all their faults are told at once.
pub(crate) fn read_login<'a>(
    state: &AppState,
    mount: Mount,
    purpose: OtpFor,
    individual_id: &str,
    challenges: &'a [Challenge],
) -> Result<Vec<Given<'a>>, ApiError> {
    let mut faults = Faults::new();
    if !is_identifier(individual_id) {
        faults.push((purpose.bad_identifier(), None));
    }
    let given = collect(mount.dialect(), purpose, state.config.otp.digits, challenges, &mut faults);
    if faults.is_empty() { Ok(given) } else { Err(ApiError::Refused(faults)) }
}

/// Authentication method references of a list of challenges (RFC 8176 §2), sorted.
pub(crate) fn amr(given: &[Given<'_>]) -> Vec<&'static str> {
    let of = |factor| match factor {
        Factor::Otp => "otp",
        Factor::Pin => "pin",
        // `binding` adds `hwk` where the phone's maker has attested that the key lives in hardware.
        Factor::Wla => "pop",
    };
    let mut amr: Vec<_> = given.iter().map(|one| of(one.factor)).collect();
    amr.sort_unstable();
    amr
}

/// Ends a person's lock-out and forgets his wrong guesses, over every channel; `false` where there were none.
///
/// # Errors
/// [`StoreError`].
pub async fn unlock(state: &AppState, person: PersonId) -> Result<bool, StoreError> {
    let counter = attempts::person_key(state, Some(person), "");
    state.store.write(move |tx| Box::pin(async move { attempts::forget(tx, &counter).await })).await
}

/// Forgets what a person proves themselves by, inside the write that erases them: the PIN, passwords under way, wrong guesses.
///
/// # Errors
/// [`StoreError`].
pub async fn erase(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    attempts::forget(tx, &attempts::person_key(state, Some(person), "")).await?;
    store::erase(tx, person.0).await
}

/// Deletes what has ended, a few hundred rows at a time; tells how many, so that the caller goes on while it is many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::expire(tx, now, BATCH))).await
}
