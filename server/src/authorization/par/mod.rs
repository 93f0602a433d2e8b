//! Pushed authorization requests (RFC 9126): a client that has proven who it is leaves its request here, and sends the
//! browser with a reference to it. Good for one login within a short time, for that client only (A16).
//!
//! The reference is used up when a login that began with it ends: a page may be reloaded before (FAPI 2.0 Security Profile
//! §5.3.2.2, note 3).

pub mod push;
mod store;
#[cfg(test)]
mod tests;

pub use store::{SEALED_REQUEST, expire, take};

use super::asked::Asked;
use crate::clients::Client;
use crate::clock::Millis;
use crate::error::ApiError;
use crate::ids::Kind;
use crate::state::AppState;

/// What every reference begins with (RFC 9126 §2.2).
pub const URN: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a reference is good for a login to begin.
pub(super) const LIFE: Millis = 90_000;

/// What a client pushed: the row, and what it asked. `None` for a reference that is unknown, over, used, or another
/// client's.
pub(super) async fn find(
    state: &AppState,
    client: &Client,
    request_uri: &str,
) -> Result<Option<(i64, Asked)>, ApiError> {
    let token = request_uri.strip_prefix(URN).unwrap_or_default();
    let Some(opened) = state.ids.open(Kind::PushedRequest, token) else { return Ok(None) };
    let row = state.store.read(move |tx| Box::pin(store::find(tx, opened.id))).await.map_err(ApiError::from)?;
    let Some(row): Option<store::Row> = row else { return Ok(None) };
    let same = row.mount == client.mount.name() && row.client_id == client.id && opened.matches(&row.secret_hash);
    if !same || row.used_at.is_some() || row.expires_at <= state.clock.now() {
        return Ok(None);
    }
    let asked = store::open(state, opened.id, &row.asked).map_err(ApiError::from)?;
    Ok(Some((opened.id, asked)))
}
