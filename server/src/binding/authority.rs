//! The binding certificate authority: its own P-256 key, sealed at rest, made by whichever node needs it first, and
//! followed by a new one before it can no longer outlive what it certifies.

use std::sync::{Arc, Mutex, PoisonError};

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use protocol::base64url;
use protocol::jwk::Jwk;
use sha2::{Digest, Sha256};

use super::certificate::{self, Validity};
use super::store::{self, StoredAuthority};
use crate::clock::Millis;
use crate::error::{ApiError, Code};
use crate::secrets::{Column, Key, Purpose, number};
use crate::state::AppState;

/// How long an authority is good for.
const DAYS: i64 = 3650;

/// An opened authority.
struct Authority {
    key: PKey<Private>,
    certificate: X509,
    pem: String,
    expires_at: Millis,
}

/// The one in use, parsed once.
#[derive(Default)]
struct InUse(Mutex<Option<Arc<Authority>>>);

/// What a wallet gets for its key.
pub(super) struct Certified {
    /// PEM of the leaf, then of the authority.
    pub(super) chain: String,
    /// `x5t#S256`: base64url SHA-256 of the leaf's DER.
    pub(super) x5t: String,
    /// End of the leaf.
    pub(super) expires_at: Millis,
}

/// Certifies a wallet's key.
///
/// # Errors
/// `key_binding_failed` where the cryptographic library fails, else a fault of the store.
pub(super) async fn certify(state: &AppState, jwk: &Jwk) -> Result<Certified, ApiError> {
    let validity = Validity::days(state.clock.now(), i64::from(state.config.binding.certificate_days));
    let authority = current(state, validity.end()).await?;
    let leaf = certificate::leaf(jwk, &authority.certificate, &authority.key, validity, &*state.rng).map_err(broken)?;
    let x5t = base64url::encode(Sha256::digest(leaf.to_der().map_err(broken)?));
    Ok(Certified { chain: pem(&leaf)? + &authority.pem, x5t, expires_at: validity.end() })
}

/// The newest authority, if it lives at least until `needed`; else a new one.
async fn current(state: &AppState, needed: Millis) -> Result<Arc<Authority>, ApiError> {
    let in_use = state.kept.get::<InUse>();
    let known = in_use.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(known) = known.filter(|known| known.expires_at >= needed) {
        return Ok(known);
    }
    let stored = match newest(state).await? {
        Some(stored) if stored.expires_at >= needed => stored,
        older => {
            let made = make(state, older.map_or(1, |older| older.id + 1), needed)?;
            state.store.write(move |tx| Box::pin(store::put_authority(tx, made))).await?;
            // Another node may have been first: then its authority is the one.
            newest(state).await?.ok_or(ApiError::Unavailable)?
        }
    };
    let opened = Arc::new(open(state, &stored)?);
    *in_use.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(opened.clone());
    Ok(opened)
}

async fn newest(state: &AppState) -> Result<Option<StoredAuthority>, ApiError> {
    Ok(state.store.read(|tx| Box::pin(store::authority(tx))).await?)
}

fn context(id: i64) -> Vec<u8> {
    format!("binding_authority/{id}").into_bytes()
}

/// What this room keeps sealed, to be sealed anew.
pub const SEALED_KEY: &[Column] = &[Column {
    table: "binding_authority",
    key: &[Key::Number("id")],
    column: "sealed_key",
    purpose: Purpose::SigningKeys,
    context: |key| context(number(key, 0)),
}];

fn make(state: &AppState, id: i64, needed: Millis) -> Result<StoredAuthority, ApiError> {
    let now = state.clock.now();
    let days = DAYS.max((needed - now).div_euclid(86_400_000) + 1);
    let validity = Validity::days(now, days);
    let key = certificate::generate(&*state.rng).map_err(broken)?;
    let certificate = certificate::authority(&key, validity, &*state.rng).map_err(broken)?;
    let der = zeroize::Zeroizing::new(key.private_key_to_pkcs8().map_err(broken)?);
    Ok(StoredAuthority {
        id,
        certificate: pem(&certificate)?,
        sealed_key: state.secrets.seal(Purpose::SigningKeys, &context(id), &der, &*state.rng)?,
        expires_at: validity.end(),
    })
}

fn open(state: &AppState, stored: &StoredAuthority) -> Result<Authority, ApiError> {
    let der = state.secrets.open(Purpose::SigningKeys, &context(stored.id), &stored.sealed_key)?;
    Ok(Authority {
        key: PKey::private_key_from_pkcs8(&der).map_err(broken)?,
        certificate: X509::from_pem(stored.certificate.as_bytes()).map_err(broken)?,
        pem: stored.certificate.clone(),
        expires_at: stored.expires_at,
    })
}

fn pem(certificate: &X509) -> Result<String, ApiError> {
    String::from_utf8(certificate.to_pem().map_err(broken)?).map_err(|_| Code::KeyBindingFailed.into())
}

fn broken(error: ErrorStack) -> ApiError {
    tracing::error!(%error, "a binding certificate could not be made");
    Code::KeyBindingFailed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Parts;
    use crate::testkit::Kit;

    const KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn authority_of(chain: &str) -> String {
        chain.split_inclusive("-----END CERTIFICATE-----\n").nth(1).unwrap().to_owned()
    }

    /// A second node: the same database and secrets, nothing in memory.
    fn node(state: &AppState) -> AppState {
        Parts { kept: Arc::default(), ..Parts::clone(state) }.into()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn on_both_nodes_that_begin_at_once_have_one_authority() {
        for kit in Kit::both().await {
            let key = Jwk::from_json(KEY).unwrap();
            let nodes: Vec<_> = (0..8).map(|_| node(&kit.state)).collect();
            let chains = futures::future::join_all(nodes.iter().map(|node| certify(node, &key))).await;
            let authorities: Vec<_> = chains.into_iter().map(|made| authority_of(&made.unwrap().chain)).collect();
            assert!(authorities.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }

    #[tokio::test]
    async fn on_both_a_new_authority_comes_before_the_old_one_is_too_short() {
        for kit in Kit::both().await {
            let key = Jwk::from_json(KEY).unwrap();
            let first = authority_of(&certify(&kit.state, &key).await.unwrap().chain);
            kit.clock.advance_seconds(86_400 * (DAYS - 366));
            assert_eq!(authority_of(&certify(&kit.state, &key).await.unwrap().chain), first);
            kit.clock.advance_seconds(86_400 * 2);
            let second = authority_of(&certify(&kit.state, &key).await.unwrap().chain);
            assert_ne!(second, first);
            assert_eq!(authority_of(&certify(&node(&kit.state), &key).await.unwrap().chain), second);
        }
    }
}
