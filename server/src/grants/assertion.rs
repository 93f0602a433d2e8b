//! What a client shows when it asks, and what is good once: its assertion (RFC 7523 §3, case T13) and its proof of a key
//! (RFC 9449 §11.1, case T24). Both are taken in the transaction that gives what it asks for: one commit for all.

use sha2::{Digest, Sha256};

use super::model::NotRedeemed;
use super::refresh::NotRefreshed;
use super::store;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// Assertions forgotten at once.
const BATCH: i64 = 500;
/// How much longer than needed an assertion is remembered, in milliseconds: the nodes' clocks may differ.
const SPARE: Millis = 300_000;

/// One whose signature and claims hold. Whoever answers it, be it with a refusal, must take it first.
#[derive(Debug)]
#[must_use]
pub struct Assertion {
    /// Of client and `jti`.
    hash: Vec<u8>,
    expires_at: Millis,
}

impl Assertion {
    /// An assertion of a client by its `jti`, which must be remembered `until` then, in seconds.
    pub fn new(mount: Mount, client_id: &str, jti: &str, until: i64) -> Self {
        Self::of(&[mount.name(), client_id, jti], until)
    }

    /// A proof of the key with this thumbprint by its `jti`, which must be remembered `until` then, in seconds.
    pub fn of_proof(mount: Mount, jkt: &str, jti: &str, until: i64) -> Self {
        Self::of(&["proof", mount.name(), jkt, jti], until)
    }

    fn of(parts: &[&str], until: i64) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self { hash: hash.finalize()[..16].to_vec(), expires_at: until.saturating_mul(1000) }
    }

    /// Takes it for good, in the caller's transaction; `false` where it was taken before. What this says is durable with that
    /// transaction, so that a restart forgets nothing.
    pub(super) async fn take(self, tx: &mut Tx) -> Result<bool, StoreError> {
        store::remember_assertion(tx, self.hash, self.expires_at).await
    }

    /// Takes it where nothing else is to be written: the request is refused. `false` where it was taken before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn spend(self, state: &AppState) -> Result<bool, StoreError> {
        state.store.write(move |tx| Box::pin(self.take(tx))).await
    }
}

/// A key that the caller has proven to hold, in this very request (RFC 9449 §4).
#[derive(Debug)]
#[must_use]
pub struct HeldKey {
    /// Its RFC 7638 thumbprint.
    pub jkt: String,
    /// The proof, to be taken once.
    pub proof: Assertion,
}

/// What a request shows that is good once.
#[derive(Debug, Default)]
#[must_use]
pub struct Shown {
    /// The client's assertion, where it authenticates with one.
    pub assertion: Option<Assertion>,
    /// The key that what it gets is to be bound to.
    pub key: Option<HeldKey>,
}

/// Which of it was taken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakenBefore {
    Assertion,
    Proof,
}

impl From<TakenBefore> for NotRedeemed {
    fn from(what: TakenBefore) -> Self {
        match what {
            TakenBefore::Assertion => Self::AssertionUsed,
            TakenBefore::Proof => Self::ProofUsed,
        }
    }
}

impl From<TakenBefore> for NotRefreshed {
    fn from(what: TakenBefore) -> Self {
        match what {
            TakenBefore::Assertion => Self::AssertionUsed,
            TakenBefore::Proof => Self::ProofUsed,
        }
    }
}

impl Shown {
    /// The thumbprint of the key shown.
    pub(super) fn jkt(&self) -> Option<String> {
        self.key.as_ref().map(|key| key.jkt.clone())
    }

    /// Takes all of it for good; says what was taken before.
    pub(super) async fn take(self, tx: &mut Tx) -> Result<Option<TakenBefore>, StoreError> {
        if let Some(assertion) = self.assertion
            && !assertion.take(tx).await?
        {
            return Ok(Some(TakenBefore::Assertion));
        }
        if let Some(key) = self.key
            && !key.proof.take(tx).await?
        {
            return Ok(Some(TakenBefore::Proof));
        }
        Ok(None)
    }
}

/// Forgets a batch of assertions that would be refused as expired anyway; gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn expire_assertions(state: &AppState) -> Result<u64, StoreError> {
    let before = state.clock.now() - SPARE;
    state.store.write(move |tx| Box::pin(async move { store::forget_assertions(tx, before, BATCH).await })).await
}
