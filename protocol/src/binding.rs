//! Binding: a wallet's key becomes an authentication factor of a person. Bodies and the proof of possession of the
//! native calls (`/wallet/binding-otp`, `/wallet/binding-challenge`, `/wallet/binding`), and the bodies of GovStack's
//! and eSignet's (`wallet-binding`, `binding-otp`).

pub mod attestation;
mod bodies;

pub use bodies::{
    Attestation, Binding, BindingChallenge, BindingChallengeRequest, BindingOtp, BindingOtpRequest, BindingRequest,
    WalletBinding, WalletBindingRequest,
};

use serde::{Deserialize, Serialize};

use crate::claim_time::{self, TimeError};
use crate::jwk::Jwk;
use crate::jws::{Algorithm, EmbeddedKey, Header, Jws, JwsError, Profile, SigningInput};

/// `typ` of the proof.
pub const TYP: &str = "tessera-binding+jwt";
/// Longest lifetime of a proof, in seconds.
pub const MAX_LIFE_S: i64 = 300;

/// What a proof looks like. It carries the key it proves.
pub const PROFILE: Profile = Profile {
    typ: Some(TYP),
    algorithms: &[Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256, Algorithm::Ps256],
    embedded_key: EmbeddedKey::Required,
};

/// The claims of a proof.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofClaims {
    /// `issuer` of the binding challenge.
    pub aud: String,
    /// `challenge` of the binding challenge.
    pub nonce: String,
    /// Seconds since the epoch.
    pub iat: i64,
    /// Seconds since the epoch, at most [`MAX_LIFE_S`] after `iat`.
    pub exp: i64,
}

crate::redact::redacted_debug!(ProofClaims);

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The key inside is not the key to be bound.
    #[error("proof of another key")]
    OtherKey,
    /// `aud` is another server.
    #[error("made for another server")]
    WrongAudience,
    /// `nonce` is not the challenge given out.
    #[error("wrong challenge")]
    WrongChallenge,
    /// The times do not hold.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The token is malformed or of another kind.
    #[error(transparent)]
    Token(#[from] JwsError),
}

/// What the key signs to prove itself.
///
/// # Errors
/// [`JwsError`] where header or claims cannot be written.
pub fn proof_signing_input(alg: Algorithm, key: &Jwk, claims: &ProofClaims) -> Result<SigningInput, JwsError> {
    SigningInput::new(&Header::new(alg).with_typ(TYP).with_jwk(key), claims)
}

/// Holds a parsed proof against the key to be bound: kind of token, and the key inside is that key. Then the caller
/// checks the signature against `public_key`, and [`check_proof`] the claims.
///
/// # Errors
/// [`ProofError::Token`] or [`ProofError::OtherKey`].
pub fn require_proof_of(proof: &Jws, public_key: &Jwk) -> Result<(), ProofError> {
    proof.require(&PROFILE)?;
    match &proof.header().jwk {
        Some(inside) if inside.key() == public_key.key() => Ok(()),
        _ => Err(ProofError::OtherKey),
    }
}

/// Checks the claims of a verified proof at `now`; `now` and `skew` in seconds. That the challenge was not used before
/// is the caller's to check.
///
/// # Errors
/// [`ProofError::WrongAudience`], [`ProofError::WrongChallenge`] or [`ProofError::Time`].
pub fn check_proof(claims: &ProofClaims, issuer: &str, challenge: &str, now: i64, skew: i64) -> Result<(), ProofError> {
    if claims.aud != issuer {
        return Err(ProofError::WrongAudience);
    }
    if claims.nonce != challenge || challenge.is_empty() {
        return Err(ProofError::WrongChallenge);
    }
    Ok(claim_time::check_window(claims.iat, claims.exp, now, MAX_LIFE_S, skew)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const OTHER: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn claims() -> ProofClaims {
        ProofClaims { aud: "https://id.example".into(), nonce: "c".into(), iat: 1000, exp: 1300 }
    }

    #[test]
    fn proves_the_key_it_carries() {
        let key = Jwk::from_json(KEY).unwrap();
        let input = proof_signing_input(Algorithm::Es256, &key, &claims()).unwrap();
        let proof = Jws::parse(&input.attach(&[1; 64])).unwrap();
        assert_eq!(require_proof_of(&proof, &key), Ok(()));
        let other = Jwk::from_json(OTHER).unwrap();
        assert_eq!(require_proof_of(&proof, &other), Err(ProofError::OtherKey));
        let bare = SigningInput::new(&Header::new(Algorithm::Es256).with_typ(TYP), &claims()).unwrap();
        let bare = Jws::parse(&bare.attach(&[1; 64])).unwrap();
        assert_eq!(require_proof_of(&bare, &key), Err(JwsError::NoKey.into()));
        let untyped = SigningInput::new(&Header::new(Algorithm::Es256).with_jwk(&key), &claims()).unwrap();
        let untyped = Jws::parse(&untyped.attach(&[1; 64])).unwrap();
        assert_eq!(require_proof_of(&untyped, &key), Err(JwsError::WrongType.into()));
    }

    #[test]
    fn holds_for_one_challenge_of_one_server() {
        let check = |c: &ProofClaims| check_proof(c, "https://id.example", "c", 1000, 30);
        assert_eq!(check(&claims()), Ok(()));
        assert_eq!(check(&ProofClaims { aud: "x".into(), ..claims() }), Err(ProofError::WrongAudience));
        assert_eq!(check(&ProofClaims { nonce: "x".into(), ..claims() }), Err(ProofError::WrongChallenge));
        assert_eq!(check(&ProofClaims { exp: 1301, ..claims() }), Err(TimeError::Lifetime.into()));
        let blank = ProofClaims { nonce: String::new(), ..claims() };
        assert_eq!(check_proof(&blank, "https://id.example", "", 1000, 30), Err(ProofError::WrongChallenge));
    }
}
