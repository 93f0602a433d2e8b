//! PINs: Argon2id with a pepper, on threads that may block, few at a time.
//!
//! Six digits alone would be found within hours by whoever has the database; the pepper, derived from the master
//! secret, is not in it. A PIN that was set at another instance keeps that one's pepper, sealed, until it is set again.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::challenges::PIN_DIGITS;
use super::model::PinError;
use super::store::{self, PinRow};
use crate::clock::random;
use crate::error::ApiError;
use crate::registry::PersonId;
use crate::secrets::{Column, Key, Purpose, SecretError, Secrets, number};
use crate::state::AppState;

/// Hashes at once: each takes 19 MiB (`Params::DEFAULT`, the OWASP cheat sheet's first choice) and a core for some
/// tens of milliseconds.
static SLOTS: Semaphore = Semaphore::const_new(4);
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sets the PIN of a person, who is then able to log in by it on every channel.
///
/// # Errors
/// [`PinError::Weak`] for anything but six digits that are neither all the same nor in a row.
pub async fn set_pin(state: &AppState, person: PersonId, pin: &str) -> Result<(), PinError> {
    if !is_acceptable(pin) {
        return Err(PinError::Weak);
    }
    let (secrets, salt, pin) = (state.secrets.clone(), random(&*state.rng), Zeroizing::new(pin.to_owned()));
    let hash =
        blocking(move || hash(&own_pepper(&secrets), &salt, &pin)).await.flatten().ok_or(PinError::Unavailable)?;
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::put_pin(tx, person.0, hash, now))).await.map_err(|error| {
        tracing::error!(%error, "a PIN could not be stored");
        PinError::Unavailable
    })
}

/// Whether this is the PIN of that person. Takes as long for a person without a PIN, and for nobody (case E4).
pub(super) async fn check(state: &AppState, person: Option<PersonId>, pin: &str) -> Result<bool, ApiError> {
    let row = person.map_or(0, |person| person.0);
    let stored = state.store.read(|tx| Box::pin(store::pin(tx, row))).await?;
    let stored = stored.filter(|_| person.is_some());
    let stored = match stored {
        Some(PinRow { hash, pepper: Some(sealed) }) => Some((hash, open_pepper(&state.secrets, row, &sealed)?)),
        Some(PinRow { hash, pepper: None }) => Some((hash, own_pepper(&state.secrets))),
        None => None,
    };
    let (secrets, salt, pin) = (state.secrets.clone(), random(&*state.rng), Zeroizing::new(pin.to_owned()));
    blocking(move || match stored {
        Some((stored, pepper)) => verify(&pepper, &stored, &pin),
        // Thrown away: only its time counts.
        None => hash(&own_pepper(&secrets), &salt, &pin).is_some_and(|_| false),
    })
    .await
    .ok_or(ApiError::Unavailable)
}

/// Six digits, not all the same, not counting up or down.
fn is_acceptable(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps = |by: u8| digits.windows(2).all(|pair| pair[1] == pair[0].wrapping_add(by));
    digits.len() == PIN_DIGITS && digits.iter().all(u8::is_ascii_digit) && ![0, 1, u8::MAX].into_iter().any(steps)
}

/// Runs `work` where it may block, when its turn comes; `None` where it did not come in time.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let slot = tokio::time::timeout(PATIENCE, SLOTS.acquire()).await.ok()?.ok()?;
    let done = tokio::task::spawn_blocking(move || {
        // Held by the work itself: a caller that goes away does not free the memory it takes.
        let _slot = slot;
        work()
    });
    done.await.ok()
}

/// What PINs are hashed with beside themselves. It lies in no database.
pub(super) type Pepper = Zeroizing<[u8; 32]>;

/// This instance's own.
pub(super) fn own_pepper(secrets: &Secrets) -> Pepper {
    secrets.key(Purpose::Pins)
}

fn context(person: i64) -> Vec<u8> {
    format!("pin/{person}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED: &[Column] = &[Column {
    table: "pin",
    key: &[Key::Number("person")],
    column: "pepper",
    purpose: Purpose::CarriedKeys,
    context: |key| context(number(key, 0)),
}];

/// Seals the pepper of another instance for the PIN of a person.
pub(super) fn seal_pepper(state: &AppState, person: i64, pepper: &Pepper) -> Result<Vec<u8>, SecretError> {
    state.secrets.seal(Purpose::CarriedKeys, &context(person), pepper.as_slice(), &*state.rng)
}

/// Opens [`seal_pepper`].
pub(super) fn open_pepper(secrets: &Secrets, person: i64, sealed: &[u8]) -> Result<Pepper, SecretError> {
    let clear = secrets.open(Purpose::CarriedKeys, &context(person), sealed)?;
    Ok(Zeroizing::new(<[u8; 32]>::try_from(clear.as_slice()).map_err(|_| SecretError::Sealed)?))
}

fn with_argon2<T>(pepper: &Pepper, work: impl FnOnce(&Argon2<'_>) -> T) -> Option<T> {
    let argon2 =
        Argon2::new_with_secret(pepper.as_slice(), Algorithm::Argon2id, Version::V0x13, Params::DEFAULT).ok()?;
    Some(work(&argon2))
}

fn hash(pepper: &Pepper, salt: &[u8; 16], pin: &str) -> Option<String> {
    with_argon2(pepper, |argon2| {
        argon2.hash_password_with_salt(pin.as_bytes(), salt).ok().map(|hash| hash.to_string())
    })?
}

fn verify(pepper: &Pepper, stored: &str, pin: &str) -> bool {
    let Ok(stored) = PasswordHash::new(stored) else { return false };
    with_argon2(pepper, |argon2| argon2.verify_password(pin.as_bytes(), &stored).is_ok()).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easy_pins_are_refused() {
        assert!(is_acceptable("480273") && is_acceptable("112233"));
        for weak in ["", "12345", "1234567", "abcdef", "000000", "123456", "654321", "٤٨٠"] {
            assert!(!is_acceptable(weak), "{weak}");
        }
    }

    #[test]
    fn a_hash_without_its_pepper_verifies_nothing() {
        let [ours, theirs] = [[1; 32], [2; 32]].map(|master| own_pepper(&Secrets::new(master)));
        let stored = hash(&ours, &[3; 16], "480273").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify(&ours, &stored, "480273"));
        assert!(!verify(&ours, &stored, "480274"));
        assert!(!verify(&theirs, &stored, "480273"));
    }
}
