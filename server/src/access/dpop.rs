//! Proof of possession (RFC 9449): a JWT that the caller signs for one request, with the key that its tokens are bound to.

use axum::http::{HeaderMap, Method};
use protocol::base64url;
use protocol::jws::{Algorithm, EmbeddedKey, Jws, Profile};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

use super::assertion::numeric_date;
use crate::clock::Millis;
use crate::dialect::Mount;
use crate::grants::{Assertion, HeldKey};
use crate::secrets::Purpose;
use crate::state::AppState;

/// The header that carries a proof, and the one that carries a nonce for the next.
pub const DPOP: &str = "dpop";
/// See [`DPOP`].
pub const DPOP_NONCE: &str = "dpop-nonce";
/// Algorithms of proofs. Those that FAPI 2.0 §5.4 takes, and the larger curves.
pub const DPOP_ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Es384, Algorithm::Es512];

const PROFILE: Profile =
    Profile { typ: Some("dpop+jwt"), algorithms: &DPOP_ALGORITHMS, embedded_key: EmbeddedKey::Required };
/// How long ago, in seconds, a proof may have been made.
const OLDEST: i64 = 60;
/// How far clocks may be apart, in seconds.
const LEEWAY: i64 = 15;
/// Longest `jti` taken, in bytes.
const LONGEST_JTI: usize = 512;
/// A nonce is good in the minute that it was given in, and in the next.
const NONCE_PERIOD: Millis = 60_000;

/// What a proof is held against.
pub struct Expected<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// Where the request may have been sent to, without query.
    pub urls: &'a [String],
    /// The access token that comes with it.
    pub access_token: Option<&'a str>,
    /// Whether it must repeat a nonce of ours. One that it repeats must be good in any case.
    pub nonce: bool,
}

/// Why a proof is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadProof {
    /// `invalid_dpop_proof`; says what is wrong, for the client's developer.
    Invalid(&'static str),
    /// `use_dpop_nonce`: it must repeat a nonce, and repeats none or an old one.
    Nonce,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    #[serde(deserialize_with = "numeric_date")]
    iat: i64,
    ath: Option<String>,
    nonce: Option<String>,
}

/// The key that the caller proves to hold, where the request has a proof. The proof is good once: whoever answers must take it.
///
/// # Errors
/// [`BadProof`] for several proofs and for each rule of RFC 9449 §4.3.
pub fn held_key(
    state: &AppState,
    mount: Mount,
    headers: &HeaderMap,
    expected: &Expected<'_>,
) -> Result<Option<HeldKey>, BadProof> {
    let mut proofs = headers.get_all(DPOP).iter();
    let Some(proof) = proofs.next() else { return Ok(None) };
    if proofs.next().is_some() {
        return Err(BadProof::Invalid("more than one DPoP header"));
    }
    let unreadable = BadProof::Invalid("the DPoP proof cannot be read");
    let jws = proof.to_str().ok().and_then(|proof| Jws::parse(proof).ok()).ok_or(unreadable)?;
    jws.require(&PROFILE).map_err(|_| BadProof::Invalid("typ, alg or jwk of the DPoP proof is not as it must be"))?;
    let key = jws.header().jwk.as_ref().ok_or(unreadable)?;
    state.keys.check(&jws, key).map_err(|_| BadProof::Invalid("the signature of the DPoP proof does not hold"))?;
    let claims: Claims =
        jws.claims().map_err(|_| BadProof::Invalid("a claim of the DPoP proof is missing or malformed"))?;
    let now = state.clock.now();
    let until = claims.check(expected, now.div_euclid(1000)).map_err(BadProof::Invalid)?;
    match claims.nonce {
        Some(nonce) if !is_nonce(state, &nonce, now) => return Err(BadProof::Nonce),
        None if expected.nonce => return Err(BadProof::Nonce),
        _ => {}
    }
    let jkt = key.thumbprint();
    let proof = Assertion::of_proof(mount, &jkt, &claims.jti, until);
    Ok(Some(HeldKey { jkt, proof }))
}

impl Claims {
    /// Until when a second use must be noticed, in seconds; or what is wrong.
    fn check(&self, expected: &Expected<'_>, now: i64) -> Result<i64, &'static str> {
        if self.jti.is_empty() || self.jti.len() > LONGEST_JTI {
            return Err("jti of the DPoP proof must be there, 512 bytes at most");
        }
        if self.htm != expected.method.as_str() {
            return Err("htm of the DPoP proof is not the method of the request");
        }
        let sent_to = bare(&self.htu).ok_or("htu of the DPoP proof is no URL")?;
        if !expected.urls.iter().any(|url| bare(url).as_ref() == Some(&sent_to)) {
            return Err("htu of the DPoP proof is not the URL of the request");
        }
        if self.iat < now - OLDEST - LEEWAY || self.iat > now + LEEWAY {
            return Err("iat of the DPoP proof is too far from now");
        }
        let wanted = expected.access_token.map(|token| base64url::encode(Sha256::digest(token)));
        if wanted.is_some() && wanted != self.ath {
            return Err("ath of the DPoP proof is not the hash of the access token");
        }
        Ok(self.iat.saturating_add(OLDEST + 2 * LEEWAY))
    }
}

/// Without query and fragment; scheme, host and port normalised (RFC 9449 §4.3, RFC 3986 §6.2).
fn bare(url: &str) -> Option<Url> {
    let mut url = Url::parse(url).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// The nonce that proofs may repeat now: the same on every node and for everyone, known to nobody before its time
/// (RFC 9449 §8).
#[must_use]
pub fn nonce(state: &AppState) -> String {
    nonce_of(state, state.clock.now().div_euclid(NONCE_PERIOD))
}

fn nonce_of(state: &AppState, period: i64) -> String {
    base64url::encode(&state.secrets.mac(Purpose::ProofNonces, &[&period.to_be_bytes()])[..16])
}

/// Of this minute, of the one before, or of the next where another node's clock is ahead.
fn is_nonce(state: &AppState, nonce: &str, now: Millis) -> bool {
    let period = now.div_euclid(NONCE_PERIOD);
    (period - 1..=period + 1).any(|period| nonce_of(state, period).as_bytes().ct_eq(nonce.as_bytes()).into())
}
