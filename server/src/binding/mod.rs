//! Binding: keys of wallets as factors of persons. A person may have several; each has a certificate by the binding
//! authority, which names nobody.

pub mod adopt;
pub mod attestation;
mod authority;
mod bind;
mod caller;
mod carried;
mod certificate;
pub mod compatible;
pub mod devices;
mod model;
mod names;
pub mod native;
#[cfg(test)]
pub(crate) mod phone;
mod proof;
mod public_key;
mod statement;
mod store;
#[cfg(test)]
mod tests;
mod wla;

pub use authority::SEALED_KEY;
pub use caller::{Signed, stated_by};
pub use carried::{Carried, carry, settle};
pub use model::{Authenticated, BoundKey, Expected, Profile, WalletProof};
pub use names::SEALED_NAME;
pub use statement::is_stated;
pub use wla::{authenticate, verify_wla};

use crate::clock::Millis;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Rows deleted by one call of [`expire`], of each kind.
const BATCH: i64 = 500;

/// The key of a person that logged in, to hold a consent's signature against: `None` where it was revoked or has expired
/// since, or is somebody else's.
///
/// # Errors
/// [`StoreError`].
pub async fn key_for_consent(state: &AppState, person: PersonId, key: i64) -> Result<Option<BoundKey>, StoreError> {
    let now = state.clock.now();
    let key = state.store.read(move |tx| Box::pin(store::live(tx, store::Named::Row(key), now))).await?;
    Ok(key.filter(|key: &BoundKey| key.person == person))
}

/// Whether a key is this person's, and neither revoked nor expired.
///
/// # Errors
/// [`StoreError`].
pub async fn is_live(tx: &mut Tx, person: PersonId, key: i64, now: Millis) -> Result<bool, StoreError> {
    let key = store::live(tx, store::Named::Row(key), now).await?;
    Ok(key.is_some_and(|key: BoundKey| key.person == person))
}

/// The living key with this RFC 7638 thumbprint, whoever's it is: for a wallet that names the only key it may use.
///
/// # Errors
/// [`StoreError`].
pub async fn key_named(state: &AppState, tx: &mut Tx, thumbprint: String) -> Result<Option<BoundKey>, StoreError> {
    store::live(tx, store::Named::Thumbprint(thumbprint), state.clock.now()).await
}

/// Deletes what has ended, a few hundred rows at a time; tells how many, so that the caller goes on while it is many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire(state: &AppState) -> Result<u64, StoreError> {
    let now = state.clock.now();
    state.store.write(move |tx| Box::pin(store::expire(tx, now, BATCH))).await
}
