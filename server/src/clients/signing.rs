//! Clients that are registered for an algorithm which this server does not sign with on their mount.

use protocol::jws::Algorithm;

use super::management;
use super::registration::Registration;
use crate::dialect::Mount;
use crate::state::AppState;
use crate::store::StoreError;

impl Registration {
    /// The algorithms that it names for what it is sent.
    fn signed_with(&self) -> impl Iterator<Item = Algorithm> {
        let registered = [
            self.id_token_alg,
            self.userinfo_signed_response_alg,
            self.authorization_signed_response_alg,
            self.introspection_signed_response_alg,
        ];
        registered.into_iter().flatten()
    }
}

/// The first client, by mount and id, that waits for signatures which nobody could check: their key is not published.
/// Registration refuses such algorithms; those of before may be left where the configuration changed since, or the mount.
///
/// # Errors
/// [`StoreError`] where the database does not answer.
pub async fn signed_otherwise(state: &AppState) -> Result<Option<(Mount, String, Algorithm)>, StoreError> {
    let config = &state.config;
    let changed = [(Mount::Op, !config.signing.ed25519), (Mount::BankId, true)];
    for (mount, _) in changed.into_iter().filter(|(mount, changed)| *changed && config.mounts.serves(*mount)) {
        let offered = config.signs_with(mount);
        for client in management::list(state, Some(mount)).await? {
            if let Some(alg) = client.registration.signed_with().find(|alg| !offered.contains(alg)) {
                return Ok(Some((mount, client.id, alg)));
            }
        }
    }
    Ok(None)
}
