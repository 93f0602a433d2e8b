//! `jwks` in metadata (RFC 7591 §2): keys that sign and keys that receive, in one set.

use protocol::jwk::Jwk;
use serde_json::Value;

use super::super::public_keys::{Unfit, any_key};
use super::NotMetadata;

/// Keys of a set that are looked at.
const MOST: usize = 32;

/// The keys that this server can use; kinds that it does not know are passed over (RFC 7517 §5).
pub(super) fn set(value: &Value) -> Result<Vec<Jwk>, NotMetadata> {
    let members = value.get("keys").and_then(Value::as_array).filter(|members| members.len() <= MOST);
    let members = members.ok_or(NotMetadata::of("jwks", "a JWK set of at most 32 keys"))?;
    let unfit =
        |_: Unfit| NotMetadata::of("jwks", "public keys: RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519");
    let mut keys = Vec::new();
    for member in members {
        let object = member.as_object().ok_or_else(|| unfit(Unfit))?;
        keys.extend(any_key(object).map_err(unfit)?);
    }
    if keys.is_empty() { Err(unfit(Unfit)) } else { Ok(keys) }
}
