//! Revoking tokens (RFC 7009): an access token alone, or with a refresh token all that came of its login.

use super::assertion::Shown;
use super::{refresh, store};
use crate::audit::{Event, EventKind};
use crate::dialect::Mount;
use crate::ids::Kind;
use crate::state::AppState;
use crate::store::StoreError;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It is dead.
    Now,
    /// It is none of this client's living tokens; nothing was changed.
    Nothing,
    /// What the client showed was used before; the token was not looked at.
    ShownBefore,
}

/// Revokes a token of a client's own, and takes what the client showed.
///
/// # Errors
/// [`StoreError`]: then nothing is known to be revoked (case C6).
pub async fn revoke(
    state: &AppState,
    mount: Mount,
    client_id: &str,
    token: &str,
    shown: Shown,
) -> Result<Revoked, StoreError> {
    let (inner, client_id, token) = (state.clone(), client_id.to_owned(), token.to_owned());
    state
        .store
        .write(move |tx| {
            Box::pin(async move {
                let state = inner;
                if shown.take(tx).await?.is_some() {
                    return Ok(Revoked::ShownBefore);
                }
                let now = state.clock.now();
                let revoked = if let Some(opened) = state.ids.open(Kind::AccessToken, &token) {
                    store::revoke_token(tx, opened.id, opened.secret_hash(), mount.name(), &client_id, now).await?
                } else if let Some(id) = refresh::family_of(&state, tx, &token, mount, &client_id).await? {
                    store::family::revoke(tx, id, now).await?
                } else {
                    false
                };
                if !revoked {
                    return Ok(Revoked::Nothing);
                }
                state.audit.record(tx, Event::new(EventKind::TokenRevoked, mount).client(&client_id)).await?;
                Ok(Revoked::Now)
            })
        })
        .await
}
