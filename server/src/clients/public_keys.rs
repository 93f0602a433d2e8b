//! Which public keys may be registered.

use protocol::jwk::{Jwk, JwkError, KeyMaterial};
use protocol::jws::{Algorithm, fits};
use serde_json::{Map, Value};

use crate::keys::is_sound;

/// Signature keys of a client at most.
const MOST: usize = 10;

/// A key that may not be registered: private, weak, off its curve, of another kind, or meant for something else.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a public key that fits: RSA of 2048 bits or more, P-256 or Ed25519, for this use")]
pub struct Unfit;

/// Reads a key with which a client signs, by one of `algorithms`. `alg` and `use` may be missing; where they are given they
/// must fit.
///
/// # Errors
/// [`Unfit`].
pub fn signature_key(jwk: &Map<String, Value>, algorithms: &[Algorithm]) -> Result<Jwk, Unfit> {
    let key = Jwk::from_value(&Value::Object(jwk.clone())).map_err(|_| Unfit)?;
    let named = |name: &str| match name {
        // RFC 9864 gives Ed25519 a name of its own.
        "Ed25519" => Some(Algorithm::EdDsa),
        name => Algorithm::from_name(name),
    };
    let alg = key.alg().map(named);
    let fits = algorithms.iter().any(|known| fits(*known, key.key()) && alg.is_none_or(|alg| alg == Some(*known)));
    if fits && key.may_verify() && is_sound(&key) { Ok(key) } else { Err(Unfit) }
}

/// Reads a key for whatever use; `None` for kinds that this server does not know.
///
/// # Errors
/// [`Unfit`] for a private key, a weak one, or one off its curve.
pub fn any_key(jwk: &Map<String, Value>) -> Result<Option<Jwk>, Unfit> {
    match Jwk::from_value(&Value::Object(jwk.clone())) {
        Ok(key) if is_sound(&key) => Ok(Some(key)),
        Err(JwkError::UnsupportedKind) => Ok(None),
        Ok(_) | Err(_) => Err(Unfit),
    }
}

/// Reads a key set (RFC 7517 §5), every key of which must fit, and none be there twice.
///
/// # Errors
/// [`Unfit`], also for an empty set and for more than ten keys.
pub fn signature_keys(set: &Map<String, Value>, algorithms: &[Algorithm]) -> Result<Vec<Jwk>, Unfit> {
    let members = set.get("keys").and_then(Value::as_array).ok_or(Unfit)?;
    let keys = members.iter().map(|member| signature_key(member.as_object().ok_or(Unfit)?, algorithms));
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
    use crate::keys::UNDERSTOOD;

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
            assert!(signature_key(&ec(&good), &UNDERSTOOD).is_ok(), "{good}");
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
            assert_eq!(signature_key(&ec(&bad), &UNDERSTOOD), Err(Unfit), "{bad}");
        }
    }

    /// The algorithms of GovStack's and eSignet's mounts have no use for other curves; the standard mount's have.
    #[test]
    fn other_curves_are_for_whoever_has_an_algorithm_for_them_and_only_on_their_curve() {
        for alg in [Algorithm::Es384, Algorithm::Es512] {
            let key = serde_json::to_value(&crate::testkit::Pair::new(alg).public).unwrap();
            let key = key.as_object().unwrap();
            assert!(signature_key(key, &Algorithm::ALL).is_ok());
            assert_eq!(signature_key(key, &UNDERSTOOD), Err(Unfit));
            let mut off = key.clone();
            off.insert("y".into(), key["x"].clone());
            assert_eq!(signature_key(&off, &Algorithm::ALL), Err(Unfit));
            assert_eq!(any_key(&off), Err(Unfit));
        }
    }

    #[test]
    fn of_keys_for_any_use_the_unknown_kinds_are_passed_over_and_private_ones_refused() {
        assert!(any_key(&ec(&json!({ "use": "enc" }))).unwrap().is_some());
        assert_eq!(any_key(&ec(&json!({ "crv": "secp256k1" }))), Ok(None));
        assert_eq!(any_key(&ec(&json!({ "d": "AQ" }))), Err(Unfit));
        assert_eq!(any_key(&ec(&json!({ "y": X }))), Err(Unfit));
    }

    #[test]
    fn a_key_set_has_keys_and_none_twice() {
        let set = |keys: Value| json!({ "keys": keys }).as_object().unwrap().clone();
        assert_eq!(signature_keys(&set(json!([ec(&json!({}))])), &UNDERSTOOD).unwrap().len(), 1);
        assert_eq!(signature_keys(&set(json!([])), &UNDERSTOOD), Err(Unfit));
        assert_eq!(signature_keys(&set(json!([ec(&json!({})), ec(&json!({ "kid": "2" }))])), &UNDERSTOOD), Err(Unfit));
        assert_eq!(signature_keys(&set(json!([ec(&json!({})), "x"])), &UNDERSTOOD), Err(Unfit));
        assert_eq!(signature_keys(&Map::new(), &UNDERSTOOD), Err(Unfit));
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
