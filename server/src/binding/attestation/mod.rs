//! Attestation: what a phone's maker says about a key that is to be bound, held against what the operator trusts
//! (`docs/attestation.md`).

mod android_key;
mod app_attest;
mod asn1;
mod chain;
mod key_description;
mod read;
mod revoked;
#[cfg(test)]
mod tests;
mod trust;

use protocol::base64url;
use protocol::binding::Attestation;
use protocol::binding::attestation::{ANDROID_KEY, APPLE_APPATTEST};
use protocol::devices::KeySecurity;
use protocol::jwk::Jwk;

pub use read::{Part, can_be_read};
pub use trust::{Trust, TrustError, load};

use crate::config::AttestationPolicy;
use crate::error::{ApiError, Code};
use crate::state::AppState;

/// The key that an attestation must be about.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// The key to be bound.
    pub jwk: &'a Jwk,
    /// The challenge of this binding, as its proof repeats it.
    pub challenge: &'a str,
}

/// Why an attestation does not hold. The caller hears `invalid_attestation`, the log the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The configuration does not speak of this format.
    #[error("the format is not taken: configure it under binding.attestation")]
    Format,
    /// It cannot be read.
    #[error("it is malformed")]
    Malformed,
    /// A certificate is not signed by the next one.
    #[error("a certificate of the chain is not signed by the next one")]
    Broken,
    /// The chain ends at no root of the configuration.
    #[error("the chain ends at no root of the configuration")]
    UnknownRoot,
    /// A certificate that signs another may not.
    #[error("a certificate of the chain is no authority")]
    NotAuthority,
    /// A certificate is not yet good or no more.
    #[error("a certificate of the chain is not yet good, or no more")]
    NotInTime,
    /// A certificate is on the list of revoked ones.
    #[error("a certificate of the chain is revoked")]
    Revoked,
    /// The chain is not one that a phone makes.
    #[error("somebody has put certificates of his own below a phone's")]
    Extended,
    /// The key's certificate says nothing about it.
    #[error("the certificate does not describe its key")]
    NoStatement,
    /// It was made for something else.
    #[error("it was made for another challenge")]
    OtherChallenge,
    /// It is about another key.
    #[error("it is about another key")]
    OtherKey,
    /// Another app made the key.
    #[error("the key is of another app: compare package and signing digest with the configuration")]
    OtherApp,
    /// The key lives in a weaker place than the configuration asks for.
    #[error("the key lives in a weaker place than least_level")]
    Level,
    /// The phone's operating system is not its maker's, or its boot loader is open.
    #[error("the phone did not start a verified operating system")]
    Boot,
    /// The key was brought in from outside, was used before, or is good for more than signing.
    #[error("the key is no fresh key made there for signing")]
    Use,
    /// The key signs without asking for anybody.
    #[error("the key does not ask for the citizen")]
    UserAuthentication,
    /// A developer's build.
    #[error("it is of a developer's build")]
    Development,
}

/// Asks for what the policy asks for; gives what is known then of where the key lives: nothing where nobody looked, or
/// nothing was sent and nothing demanded.
///
/// # Errors
/// `invalid_attestation` where one does not hold, or is demanded and absent; [`ApiError::Unavailable`] where the
/// operator's files cannot be read.
pub(super) async fn check(
    state: &AppState,
    offered: Option<&Attestation>,
    key: Key<'_>,
) -> Result<Option<KeySecurity>, ApiError> {
    let policy = state.config.binding.attestation.policy;
    let offered = match (policy, offered) {
        (AttestationPolicy::Off, _) | (AttestationPolicy::WhenOffered, None) => return Ok(None),
        (AttestationPolicy::Required, None) => return Err(Code::InvalidAttestation.into()),
        (_, Some(offered)) => offered.clone(),
    };
    let (state, jwk, challenge) = (state.clone(), key.jwk.clone(), key.challenge.to_owned());
    // Half a dozen signatures, and a file that may have to be read.
    let checked = tokio::task::spawn_blocking(move || {
        let trust = trust::of(&state)?;
        trust.check(&offered, Key { jwk: &jwk, challenge: &challenge }, state.clock.now())
    });
    match checked.await {
        Ok(Ok(Ok(security))) => Ok(Some(security)),
        Ok(Ok(Err(refused))) => {
            tracing::info!(reason = %refused, "an attestation was refused");
            Err(Code::InvalidAttestation.into())
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "an attestation could not be checked");
            Err(ApiError::Unavailable)
        }
        Err(_) => Err(ApiError::Unavailable),
    }
}

/// The members of a format, read from the wire.
enum Offered {
    AndroidKey(Vec<Vec<u8>>),
    AppAttest(Vec<u8>),
}

impl Offered {
    fn read(attestation: &Attestation) -> Result<Self, Refused> {
        let member = |name: &str| attestation.statement.get(name).ok_or(Refused::Malformed);
        let bytes = |value: &serde_json::Value| {
            value.as_str().and_then(|text| base64url::decode(text.as_bytes()).ok()).ok_or(Refused::Malformed)
        };
        match attestation.format.as_str() {
            ANDROID_KEY => {
                let chain = member("certificates")?.as_array().ok_or(Refused::Malformed)?;
                Ok(Self::AndroidKey(chain.iter().map(bytes).collect::<Result<_, _>>()?))
            }
            APPLE_APPATTEST => Ok(Self::AppAttest(bytes(member("statement")?)?)),
            _ => Err(Refused::Format),
        }
    }
}
