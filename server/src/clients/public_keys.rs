//! Which public keys may be registered.

use protocol::jwk::{Jwk, KeyMaterial};
use protocol::jws::{Algorithm, fits};
use serde_json::{Map, Value};

/// Signature keys of a client at most.
const MOST: usize = 10;

/// A key that may not be registered: private, weak, off its curve, of another kind, or meant for something else.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a public key that fits: RSA of 2048 bits or more, P-256 or Ed25519, for this use")]
pub struct Unfit;

/// Reads a key with which a client signs. `alg` and `use` may be missing; where they are given they must fit.
///
/// # Errors
/// [`Unfit`].
pub fn signature_key(jwk: &Map<String, Value>) -> Result<Jwk, Unfit> {
    let key = Jwk::from_value(&Value::Object(jwk.clone())).map_err(|_| Unfit)?;
    let named = |name: &str| match name {
        // RFC 9864 gives Ed25519 a name of its own.
        "Ed25519" => Some(Algorithm::EdDsa),
        name => Algorithm::from_name(name),
    };
    let alg_fits = key.alg().is_none_or(|name| named(name).is_some_and(|alg| fits(alg, key.key())));
    if alg_fits && key.may_verify() { Ok(key) } else { Err(Unfit) }
}

/// Reads a key set (RFC 7517 §5), every key of which must fit, and none be there twice.
///
/// # Errors
/// [`Unfit`], also for an empty set and for more than ten keys.
pub fn signature_keys(set: &Map<String, Value>) -> Result<Vec<Jwk>, Unfit> {
    let members = set.get("keys").and_then(Value::as_array).ok_or(Unfit)?;
    let keys = members.iter().map(|member| signature_key(member.as_object().ok_or(Unfit)?));
    let keys: Vec<Jwk> = keys.collect::<Result<_, _>>()?;
    let distinct = keys.iter().enumerate().all(|(place, key)| keys[..place].iter().all(|other| !same(other, key)));
    if !keys.is_empty() && keys.len() <= MOST && distinct { Ok(keys) } else { Err(Unfit) }
}

/// Reads a key for which userinfo is encrypted: RSA, as RSA-OAEP-256 is what eSignet encrypts with.
///
/// # Errors
/// [`Unfit`].
pub fn encryption_key(jwk: &Map<String, Value>) -> Result<Jwk, Unfit> {
    let key = Jwk::from_value(&Value::Object(jwk.clone())).map_err(|_| Unfit)?;
    let rsa = matches!(key.key(), KeyMaterial::Rsa { .. });
    let alg_fits = key.alg().is_none_or(|alg| alg == "RSA-OAEP-256");
    let use_fits = jwk.get("use").is_none_or(|usage| usage == "enc");
    if rsa && alg_fits && use_fits { Ok(key) } else { Err(Unfit) }
}

/// Whether two JWKs are the same key, whatever else they say.
#[must_use]
pub fn same(one: &Jwk, other: &Jwk) -> bool {
    one.key() == other.key()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn ec(extra: &Value) -> Map<String, Value> {
        let mut key = json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y });
        key.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        key.as_object().unwrap().clone()
    }

    #[test]
    fn a_signature_key_may_say_what_it_is_for_but_nothing_else() {
        for good in [json!({}), json!({ "alg": "ES256" }), json!({ "use": "sig" }), json!({ "kid": "1", "x5t": "y" })] {
            assert!(signature_key(&ec(&good)).is_ok(), "{good}");
        }
        for bad in [
            json!({ "alg": "" }),
            json!({ "use": "" }),
            json!({ "use": "enc" }),
            json!({ "alg": "RS256" }),
            json!({ "alg": "none" }),
            json!({ "key_ops": ["sign"] }),
            json!({ "d": "AQ" }),
            json!({ "crv": "P-384" }),
            json!({ "y": X }),
        ] {
            assert_eq!(signature_key(&ec(&bad)), Err(Unfit), "{bad}");
        }
    }

    #[test]
    fn a_key_set_has_keys_and_none_twice() {
        let set = |keys: Value| json!({ "keys": keys }).as_object().unwrap().clone();
        assert_eq!(signature_keys(&set(json!([ec(&json!({}))]))).unwrap().len(), 1);
        assert_eq!(signature_keys(&set(json!([]))), Err(Unfit));
        assert_eq!(signature_keys(&set(json!([ec(&json!({})), ec(&json!({ "kid": "2" }))]))), Err(Unfit));
        assert_eq!(signature_keys(&set(json!([ec(&json!({})), "x"]))), Err(Unfit));
        assert_eq!(signature_keys(&Map::new()), Err(Unfit));
    }

    #[test]
    fn only_rsa_encrypts() {
        assert_eq!(encryption_key(&ec(&json!({ "use": "enc" }))), Err(Unfit));
        let n = protocol::base64url::encode([0xff; 256]);
        let rsa = |extra: Value| {
            let mut key = json!({ "kty": "RSA", "n": n, "e": "AQAB" });
            key.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            key.as_object().unwrap().clone()
        };
        assert!(encryption_key(&rsa(json!({ "use": "enc", "alg": "RSA-OAEP-256" }))).is_ok());
        assert!(encryption_key(&rsa(json!({}))).is_ok());
        assert_eq!(encryption_key(&rsa(json!({ "use": "sig" }))), Err(Unfit));
        assert_eq!(encryption_key(&rsa(json!({ "alg": "RSA1_5" }))), Err(Unfit));
    }
}
