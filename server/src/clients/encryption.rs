//! What only the client can read (RFC 7516): ID tokens, userinfo, what it is told of later.

use super::jwks_uri::encryption_key;
use super::model::Client;
use crate::keys::{self, Encryption, KeyError};
use crate::state::AppState;

/// Encrypts for the client, with the key that it registered or publishes for this. `cty` is `JWT` where the content is one.
///
/// # Errors
/// [`KeyError`] where it has no such key: what was meant to be encrypted never leaves in clear.
pub async fn encrypt_for(
    state: &AppState,
    client: &Client,
    how: Encryption,
    cty: Option<&str>,
    content: &[u8],
) -> Result<String, KeyError> {
    let key = encryption_key(state, client, how).await;
    let key = key.map_err(|_| KeyError::Crypto("fetching the client's encryption key"))?;
    let key = key.ok_or(KeyError::Crypto("finding the client's encryption key"))?;
    keys::encrypt_with(&key, how, cty, content)
}
