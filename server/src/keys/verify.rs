//! Checking signatures of others: client assertions, wallet tokens, proofs, consent statements.
//!
//! `protocol::jws` reads the header and already refuses `none`, symmetric algorithms, `crit` and `b64`, and never looks
//! at `jku`, `x5u` or `x5c`. Here the caller's keys and algorithms decide, and the parsed key is remembered: parsing it
//! costs twice as much as the check itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::jwk::Jwk;
use protocol::jws::{self, Algorithm, Jws, JwsError};

use super::jose::Verifier;

/// What wallets, and clients of GovStack's and eSignet's mounts, sign with. What other clients may sign with is their
/// policy's (`clients::Policy`).
pub const UNDERSTOOD: [Algorithm; 4] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Rs256];
/// Keys tried for one token at most: more would let a key set multiply the work.
const TRIED: usize = 8;
/// Parsed keys remembered, twice.
const REMEMBERED: usize = 4096;

type Slot = HashMap<(String, Algorithm), Arc<Verifier>>;

/// Parsed public keys. Two generations: what is used survives, what is not is forgotten.
#[derive(Default)]
pub(super) struct Verifiers {
    slots: Mutex<(Slot, Slot)>,
}

impl Verifiers {
    fn get(&self, alg: Algorithm, key: &Jwk) -> Result<Arc<Verifier>, JwsError> {
        let name = (key.thumbprint(), alg);
        {
            let slots = &mut *self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(found) = slots.0.get(&name) {
                return Ok(found.clone());
            }
            if let Some(found) = slots.1.remove(&name) {
                return Ok(remember(slots, name, found));
            }
        }
        let parsed = Arc::new(Verifier::of(alg, key)?);
        let slots = &mut *self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(remember(slots, name, parsed))
    }

    /// Checks the signature of a parsed token with one key. The key decides: one of another kind, for another
    /// algorithm or for another use never verifies.
    pub(super) fn check(&self, jws: &Jws, key: &Jwk) -> Result<(), JwsError> {
        let alg = jws.header().alg;
        if !fits(alg, key) {
            return Err(JwsError::WrongKey);
        }
        self.get(alg, key)?.check(jws.signing_input().as_bytes(), jws.signature())
    }

    /// Checks a parsed token with whichever of `keys` it names (RFC 7515 §4.1.4), or with those that fit where it names
    /// none.
    pub(super) fn verify(&self, keys: &[Jwk], allowed: &[Algorithm], jws: &Jws) -> Result<(), JwsError> {
        let header = jws.header();
        if !allowed.contains(&header.alg) {
            return Err(JwsError::AlgorithmNotAllowed);
        }
        if header.jwk.is_some() {
            return Err(JwsError::EmbeddedKey);
        }
        let named = header.kid.as_deref();
        // A kid is compared and nothing else. One that no key has may still be meant for a key without one.
        let wanted = if named.is_some_and(|kid| keys.iter().any(|key| key.kid() == Some(kid))) { named } else { None };
        let candidates = keys.iter().filter(|key| named.is_none() || key.kid() == wanted).take(TRIED);
        let mut refusal = JwsError::WrongKey;
        for key in candidates {
            match self.check(jws, key) {
                Ok(()) => return Ok(()),
                Err(JwsError::WrongKey) => {}
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }
}

fn remember(slots: &mut (Slot, Slot), name: (String, Algorithm), verifier: Arc<Verifier>) -> Arc<Verifier> {
    if slots.0.len() >= REMEMBERED {
        slots.1 = std::mem::take(&mut slots.0);
    }
    slots.0.insert(name, verifier.clone());
    verifier
}

/// RFC 9864 gives Ed25519 a name of its own; keys may have it, tokens still say `EdDSA`.
fn fits(alg: Algorithm, key: &Jwk) -> bool {
    jws::fits(alg, key.key())
        && key.may_verify()
        && key.alg().is_none_or(|name| name == alg.name() || (name == "Ed25519" && alg == Algorithm::EdDsa))
}
