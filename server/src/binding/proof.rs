//! The proof that a wallet holds the key it binds: a JWS by that key over a challenge of ours, good once.

use protocol::binding::{ProofClaims, check_proof, require_proof_of};
use protocol::claim_time::DEFAULT_SKEW_S;
use protocol::jwk::KeyMaterial;
use protocol::jws::{Algorithm, Jws};

use super::public_key::PublicKey;
use super::store;
use crate::clock::Millis;
use crate::error::{ApiError, Code};
use crate::ids::{Kind, Opened};
use crate::state::AppState;

/// What a proof was made over.
pub(super) struct Proven {
    /// The challenge, to be taken.
    pub(super) challenge: Opened,
    /// Its text, which an attestation repeats.
    pub(super) text: String,
}

/// Makes a challenge; gives its text and its end.
///
/// # Errors
/// A fault of the store.
pub(super) async fn challenge(state: &AppState) -> Result<(String, Millis), ApiError> {
    let mut minted = state.mint(Kind::BindingChallenge);
    let text = std::mem::take(&mut minted.text);
    let expires_at = state.clock.now() + Millis::from(state.config.lifetimes.binding_challenge) * 1000;
    state.store.write(move |tx| Box::pin(store::put_challenge(tx, minted, expires_at))).await?;
    Ok((text, expires_at))
}

/// Checks everything about a proof but that its challenge is unused, which is decided where it is taken. An RSA key that
/// names no algorithm is from here on bound for the proof's.
///
/// # Errors
/// `invalid_proof`, whatever is wrong.
pub(super) fn check(state: &AppState, proof: &str, key: &mut PublicKey) -> Result<Proven, Code> {
    let jws = Jws::parse(proof).map_err(|_| Code::InvalidProof)?;
    require_proof_of(&jws, &key.jwk).map_err(|_| Code::InvalidProof)?;
    let alg = jws.header().alg;
    let either = matches!(key.jwk.key(), KeyMaterial::Rsa { .. }) && key.jwk.alg().is_none();
    if alg != key.alg && !(either && alg == Algorithm::Ps256) {
        return Err(Code::InvalidProof);
    }
    state.keys.check(&jws, &key.jwk).map_err(|_| Code::InvalidProof)?;
    let claims: ProofClaims = jws.claims().map_err(|_| Code::InvalidProof)?;
    let now = state.clock.now().div_euclid(1000);
    check_proof(&claims, state.config.origin(), &claims.nonce, now, DEFAULT_SKEW_S).map_err(|_| Code::InvalidProof)?;
    key.alg = alg;
    let challenge = state.ids.open(Kind::BindingChallenge, &claims.nonce).ok_or(Code::InvalidProof)?;
    Ok(Proven { challenge, text: claims.nonce })
}
