//! Wallet local authentication: the token a bound key signs to log its person in (GS-WAL-08).
//!
//! Two forms, told apart by `typ` before any claim is read. The native one is bound to one login. The legacy one, of
//! wallets of eSignet 1.x, is bound to person and audience only; mounts of old wallets take it, each token once. Which
//! form a key signs was fixed when it was bound: neither is ever taken from a key of the other profile.

use protocol::base64url;
use protocol::claim_time::DEFAULT_SKEW_S;
use protocol::jws::Jws;
use protocol::linked::Challenge;
use protocol::wla::{
    LEGACY_PROFILE, LegacyClaims, NATIVE_PROFILE, NativeClaims, NativeExpected, check_legacy, check_native, is_native,
};
use sha2::{Digest, Sha256};

use super::model::{Authenticated, BoundKey, Expected, Profile, WalletProof};
use super::store::{self, Named, Standing};
use crate::acr::Factor;
use crate::clock::Millis;
use crate::error::{ApiError, Code};
use crate::factors;
use crate::registry::PersonId;
use crate::state::AppState;
use crate::store::StoreError;

/// How old a legacy token may be, in seconds, before skew (facts §3.1).
const LEGACY_AGE_S: i64 = 30;

/// Why a token proves nothing. Not told to the caller, who hears `auth_failed`; but for the holder of a key that was bound.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the token is malformed, of another kind, or in a form that is not taken here")]
    Form,
    #[error("no key of this person and form has signed it")]
    Key,
    #[error("all else holds, but the key was revoked or has expired")]
    Ended,
    #[error("another key was named at the scan")]
    OtherKey,
    #[error("the signature does not hold")]
    Signature,
    #[error("the claims do not hold: {0}")]
    Claims(#[from] protocol::wla::WlaError),
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A token whose signature and claims hold, not yet taken.
struct Checked {
    key: BoundKey,
    /// What makes the token single.
    hash: String,
    /// Until when the hash must be remembered.
    until: Millis,
    /// The number typed in the wallet.
    typed: Option<String>,
}

/// Checks a person by all challenges of a list: wallet token, OTP, PIN. One call is one guess, whatever the channel; the
/// wrong token counts like a wrong OTP (case L8).
///
/// # Errors
/// As `factors::verify`, without `auth_factor_mismatch`; `binding_ended` where the token is good and its key is bound no
/// more: this is told to nobody but the key's holder.
pub async fn authenticate(
    state: &AppState,
    expected: &Expected,
    individual_id: &str,
    challenges: &[Challenge],
) -> Result<Authenticated, ApiError> {
    let given = factors::read_login(state, expected.mount, expected.purpose, individual_id, challenges)?;
    let token = given.iter().find(|one| one.factor == Factor::Wla).map(|one| one.value);
    let attempt = factors::begin(state, expected.purpose, individual_id, &given).await?;
    let checked = match token {
        Some(token) => match check(state, attempt.person(), individual_id, token, expected).await {
            Ok(checked) => Some(checked),
            Err(Refused::Store(error)) => return Err(error.into()),
            Err(refused) => {
                tracing::info!(reason = %refused, "a wallet token was refused");
                let code = if matches!(refused, Refused::Ended) { Code::BindingEnded } else { Code::AuthFailed };
                return Err(code.into());
            }
        },
        None => None,
    };
    let proof = checked.as_ref().map(|checked| WalletProof {
        person: checked.key.person,
        key: checked.key.id,
        thumbprint: checked.key.thumbprint.clone(),
        profile: checked.key.profile,
        proven: checked.key.proven,
        typed: checked.typed.clone(),
        amr: amr_of(&checked.key),
    });
    let mut amr = factors::amr(&given);
    amr.extend(checked.as_ref().map(|checked| amr_of(&checked.key)).unwrap_or_default());
    amr.sort_unstable();
    amr.dedup();
    let now = state.clock.now();
    let person = state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let person = attempt.settle(tx).await?;
                if let Some(Checked { key, hash, until, .. }) = checked {
                    let first = store::take_token(tx, &hash, until).await?;
                    if !first {
                        return Err(ApiError::from(Code::AuthFailed));
                    }
                    // Asked again here, where a revocation in the meantime must have won.
                    if !store::touch(tx, key.id, now).await? {
                        return Err(Code::BindingEnded.into());
                    }
                }
                Ok(person)
            })
        })
        .await?;
    Ok(Authenticated { person, amr, wallet: proof })
}

/// How a key proves (RFC 8176 §2): `hwk` only where the phone's maker attested that it cannot leave the hardware.
fn amr_of(key: &BoundKey) -> Vec<&'static str> {
    match key.security {
        Some(security) if security.is_hardware() => vec!["hwk", "pop"],
        _ => vec!["pop"],
    }
}

/// Checks one wallet token; see [`authenticate`], which takes it together with other factors.
///
/// # Errors
/// As [`authenticate`].
pub async fn verify_wla(
    state: &AppState,
    individual_id: &str,
    token: &str,
    expected: &Expected,
) -> Result<WalletProof, ApiError> {
    let challenge = Challenge { auth_factor_type: "WLA".into(), challenge: token.into(), format: "jwt".into() };
    let proven = authenticate(state, expected, individual_id, &[challenge]).await?;
    proven.wallet.ok_or_else(|| Code::AuthFailed.into())
}

async fn check(
    state: &AppState,
    person: Option<PersonId>,
    individual_id: &str,
    token: &str,
    expected: &Expected,
) -> Result<Checked, Refused> {
    let jws = Jws::parse(token).map_err(|_| Refused::Form)?;
    let header = jws.header();
    let (profile, named) = if is_native(header) {
        jws.require(&NATIVE_PROFILE).map_err(|_| Refused::Form)?;
        (Profile::Native, Named::Thumbprint(header.kid.clone().ok_or(Refused::Form)?))
    } else {
        let taken = expected.mount.dialect().legacy_wallets && jws.require(&LEGACY_PROFILE).is_ok();
        let x5t = header.x5t_s256.clone().filter(|_| taken).ok_or(Refused::Form)?;
        (Profile::Legacy, Named::Certificate(x5t))
    };
    let now = state.clock.now();
    let found = state.store.read(|tx| Box::pin(store::find(tx, named, now))).await?;
    let (key, standing) = found.ok_or(Refused::Key)?;
    if key.profile != profile || key.alg != header.alg {
        return Err(Refused::Key);
    }
    // Before the person is compared: a token of one's own key must take the same time for others and for nobody.
    state.keys.check(&jws, &key.jwk).map_err(|_| Refused::Signature)?;
    if Some(key.person) != person {
        return Err(Refused::Key);
    }
    if expected.key.as_ref().is_some_and(|named| *named != key.thumbprint) {
        return Err(Refused::OtherKey);
    }
    let now = now.div_euclid(1000);
    let (hash, until, typed) = match profile {
        Profile::Native => {
            let claims: NativeClaims = jws.claims().map_err(|_| Refused::Form)?;
            let issuer = state.issuer(expected.mount);
            let login = NativeExpected {
                thumbprint: &key.thumbprint,
                individual_id,
                issuer: &issuer,
                nonce: &expected.nonce,
                txn: &expected.txn,
                match_number: None,
            };
            check_native(&claims, &login, now, DEFAULT_SKEW_S)?;
            (token_hash(&["wla", &key.thumbprint, &claims.jti]), claims.exp + DEFAULT_SKEW_S, claims.match_number)
        }
        Profile::Legacy => {
            let claims: LegacyClaims = jws.claims().map_err(|_| Refused::Form)?;
            let audiences: Vec<&str> = state.config.binding.legacy_audiences.iter().map(String::as_str).collect();
            check_legacy(&claims, individual_id, &audiences, now, LEGACY_AGE_S, DEFAULT_SKEW_S)?;
            // It has no jti: what was signed is what makes it single.
            let hash = token_hash(&["legacy", &key.thumbprint, jws.signing_input()]);
            (hash, claims.iat + LEGACY_AGE_S + DEFAULT_SKEW_S + 1, None)
        }
    };
    if standing == Standing::Ended {
        return Err(Refused::Ended);
    }
    Ok(Checked { key, hash, until: until * 1000, typed })
}

/// What is remembered of a token, so that it is taken once.
pub(super) fn token_hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    base64url::encode(hash.finalize())
}
