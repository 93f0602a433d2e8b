//! What the operator trusts: roots, apps and levels of the configuration, with the files that it names.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use openssl::x509::X509;
use protocol::binding::Attestation;
use protocol::devices::KeySecurity;

use super::revoked::Revoked;
use super::{Key, Offered, Refused, android_key, app_attest};
use crate::clock::Millis;
use crate::config;
use crate::state::AppState;

/// A file that the configuration names cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("binding.attestation: {} cannot be used: {reason}", path.display())]
pub struct TrustError {
    pub(super) path: PathBuf,
    pub(super) reason: String,
}

/// Which attestations hold.
pub struct Trust {
    android: Option<(android_key::Rules, Option<Revoked>)>,
    apple: Option<app_attest::Rules>,
}

/// The one in use.
#[derive(Default)]
struct InUse(OnceLock<Arc<Trust>>);

/// Reads the files that the configuration names, so that a server with bad ones does not start.
///
/// # Errors
/// [`TrustError`].
pub fn load(state: &AppState) -> Result<(), TrustError> {
    of(state).map(drop)
}

/// What this server trusts.
pub(super) fn of(state: &AppState) -> Result<Arc<Trust>, TrustError> {
    let in_use = state.kept.get::<InUse>();
    if let Some(trust) = in_use.0.get() {
        return Ok(trust.clone());
    }
    let read = Arc::new(Trust::read(&state.config.binding.attestation)?);
    Ok(in_use.0.get_or_init(|| read).clone())
}

impl Trust {
    /// Reads the files of a configuration.
    ///
    /// # Errors
    /// [`TrustError`] where one is absent, or holds no certificate or no list.
    pub fn read(config: &config::Attestation) -> Result<Self, TrustError> {
        let android = config.android.as_ref().map(|android| {
            let revoked = android.revoked.as_deref().map(Revoked::of_file).transpose()?;
            Ok((android_key::Rules::new(roots(&android.roots)?, android), revoked))
        });
        let apple = config.apple.as_ref().map(|apple| Ok(app_attest::Rules::new(roots(&apple.roots)?, apple)));
        Ok(Self { android: android.transpose()?, apple: apple.transpose()? })
    }

    /// Whether an attestation holds for this key, and what it says.
    ///
    /// # Errors
    /// [`TrustError`] where the list of revoked keys cannot be read any more: then nobody can say.
    pub fn check(
        &self,
        offered: &Attestation,
        key: Key<'_>,
        now: Millis,
    ) -> Result<Result<KeySecurity, Refused>, TrustError> {
        let offered = match Offered::read(offered) {
            Ok(offered) => offered,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(match (offered, &self.android, &self.apple) {
            (Offered::AndroidKey(chain), Some((rules, revoked)), _) => {
                let revoked = revoked.as_ref().map(Revoked::serials).transpose()?.unwrap_or_default();
                rules.check(&chain, &revoked, &key, now)
            }
            (Offered::AppAttest(object), _, Some(rules)) => rules.check(&object, &key, now),
            _ => Err(Refused::Format),
        })
    }
}

fn roots(files: &[PathBuf]) -> Result<Vec<X509>, TrustError> {
    let mut roots = Vec::new();
    for path in files {
        let found = read(path).and_then(|pem| X509::stack_from_pem(&pem).map_err(|error| failed(path, &error)))?;
        if found.is_empty() {
            return Err(failed(path, &"it holds no certificate in PEM"));
        }
        roots.extend(found);
    }
    Ok(roots)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, TrustError> {
    std::fs::read(path).map_err(|error| failed(path, &error))
}

pub(super) fn failed(path: &Path, reason: &dyn std::fmt::Display) -> TrustError {
    TrustError { path: path.to_owned(), reason: reason.to_string() }
}
