//! Answers that only the client can read (RFC 7516): ID tokens and userinfo.

use crate::clients::Client;
use crate::keys::{self, Encryption, KeyError};

/// Encrypts for the client, with the key that it registered or publishes for this. `cty` is `JWT` where the content is one.
///
/// # Errors
/// [`KeyError`] where it has no such key: what was meant to be encrypted never leaves in clear.
pub(super) fn for_client(
    client: &Client,
    how: Encryption,
    cty: Option<&str>,
    content: &[u8],
) -> Result<String, KeyError> {
    let key = client.enc_jwk.as_ref().ok_or(KeyError::Crypto("finding the client's encryption key"))?;
    keys::encrypt_with(key, how, cty, content)
}
