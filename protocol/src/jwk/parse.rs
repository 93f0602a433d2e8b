//! From the members of a JSON object to a checked key.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Jwk, JwkError, KeyMaterial, MAX_RSA_BITS, MIN_RSA_BITS};
use crate::base64url;

/// Members of private and symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4; RFC 8037 §2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/// Longest public exponent taken, in bytes.
const MAX_EXPONENT_BYTES: usize = 8;

/// Reads a key from the members of its JWK. Members it does not know are ignored (RFC 7517 §4).
pub(super) fn jwk(members: &BTreeMap<String, Value>) -> Result<Jwk, JwkError> {
    if PRIVATE.iter().any(|name| members.contains_key(*name)) {
        return Err(JwkError::PrivateMember);
    }
    let kty = text(members, "kty")?.ok_or(JwkError::Missing("kty"))?;
    let crv = text(members, "crv")?;
    let key = match (kty.as_str(), crv.as_deref()) {
        ("EC", Some("P-256")) => p256(coordinate(members, "x")?, coordinate(members, "y")?)?,
        ("EC", Some("P-384")) => KeyMaterial::P384 { x: coordinate(members, "x")?, y: coordinate(members, "y")? },
        ("EC", Some("P-521")) => KeyMaterial::P521 { x: coordinate(members, "x")?, y: coordinate(members, "y")? },
        ("OKP", Some("Ed25519")) => ed25519(coordinate(members, "x")?)?,
        ("RSA", None) => rsa(number(members, "n")?, number(members, "e")?)?,
        _ => return Err(JwkError::UnsupportedKind),
    };
    Ok(Jwk {
        key,
        kid: text(members, "kid")?,
        alg: text(members, "alg")?,
        public_key_use: text(members, "use")?,
        key_ops: texts(members, "key_ops")?,
    })
}

pub(super) fn p256(x: [u8; 32], y: [u8; 32]) -> Result<KeyMaterial, JwkError> {
    let point = [&[4][..], &x, &y].concat();
    p256::PublicKey::from_sec1_bytes(&point).map_err(|_| JwkError::NotOnCurve)?;
    Ok(KeyMaterial::P256 { x, y })
}

pub(super) fn ed25519(x: [u8; 32]) -> Result<KeyMaterial, JwkError> {
    // A point of small order verifies some signatures over any message, so it identifies nobody.
    match ed25519_dalek::VerifyingKey::from_bytes(&x) {
        Ok(key) if !key.is_weak() => Ok(KeyMaterial::Ed25519 { x }),
        _ => Err(JwkError::NotOnCurve),
    }
}

pub(super) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<KeyMaterial, JwkError> {
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|b| b & 1 == 1);
    let exponent = e.iter().fold(0u64, |value, byte| (value << 8) | u64::from(*byte));
    let strong = (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits(&n))
        && odd(&n)
        && odd(&e)
        && e.len() <= MAX_EXPONENT_BYTES
        && exponent >= 65537;
    if strong { Ok(KeyMaterial::Rsa { n, e }) } else { Err(JwkError::WeakRsa) }
}

/// Length in bits of a number without leading zero bytes.
fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn text(members: &BTreeMap<String, Value>, name: &'static str) -> Result<Option<String>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(JwkError::MalformedMember(name)),
    }
}

fn texts(members: &BTreeMap<String, Value>, name: &'static str) -> Result<Option<Vec<String>>, JwkError> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let list = value.as_array().ok_or(JwkError::MalformedMember(name))?;
    let strings: Option<Vec<String>> = list.iter().map(|v| v.as_str().map(str::to_owned)).collect();
    strings.map(Some).ok_or(JwkError::MalformedMember(name))
}

/// A coordinate: always as long as the curve's field, leading zeros included (RFC 7518 §6.2.1.2).
fn coordinate<const N: usize>(members: &BTreeMap<String, Value>, name: &'static str) -> Result<[u8; N], JwkError> {
    let text = text(members, name)?.ok_or(JwkError::Missing(name))?;
    base64url::decode_array(text).map_err(|_| JwkError::MalformedMember(name))
}

/// A number: as few bytes as possible, so no leading zero (RFC 7518 §2, Base64urlUInt).
fn number(members: &BTreeMap<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = text(members, name)?.ok_or(JwkError::Missing(name))?;
    let bytes = base64url::decode(text).map_err(|_| JwkError::MalformedMember(name))?;
    if bytes.first().is_none_or(|b| *b == 0) { Err(JwkError::MalformedMember(name)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn l10_refuses_private_members_of_every_kind() {
        for name in PRIVATE {
            let with = EC.replace("{\"kty\"", &format!("{{\"{name}\":\"AQ\",\"kty\""));
            assert_eq!(Jwk::from_json(&with), Err(JwkError::PrivateMember), "{name}");
        }
    }

    #[test]
    fn refuses_a_member_given_twice() {
        let twice = EC.replace("{\"kty\"", "{\"kty\":\"RSA\",\"kty\"");
        assert_eq!(Jwk::from_json(&twice), Err(JwkError::Malformed));
        assert!(serde_json::from_str::<Jwk>(&twice).is_err());
    }

    #[test]
    fn l10_refuses_points_off_the_curve() {
        let off = EC.replace("WI5a0", "WI5a8");
        assert_eq!(Jwk::from_json(&off), Err(JwkError::NotOnCurve));
        assert_eq!(Jwk::p256([0; 32], [0; 32]), Err(JwkError::NotOnCurve));
        assert_eq!(Jwk::p256([0xff; 32], [0xff; 32]), Err(JwkError::NotOnCurve));
        // The neutral element: decodes, verifies anything.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(Jwk::ed25519(neutral), Err(JwkError::NotOnCurve));
    }

    #[test]
    fn refuses_unsupported_kinds() {
        for text in [
            r#"{"kty":"EC","crv":"P-224","x":"AQ","y":"AQ"}"#,
            r#"{"kty":"EC","crv":"secp256k1","x":"AQ","y":"AQ"}"#,
            r#"{"kty":"OKP","crv":"X25519","x":"AQ"}"#,
            r#"{"kty":"RSA","crv":"P-256","n":"AQ","e":"AQAB"}"#,
            r#"{"kty":"ec","crv":"P-256","x":"AQ","y":"AQ"}"#,
        ] {
            assert_eq!(Jwk::from_json(text), Err(JwkError::UnsupportedKind), "{text}");
        }
        assert_eq!(Jwk::from_json(r#"{"kty":"oct","k":"AQ"}"#), Err(JwkError::PrivateMember));
        assert_eq!(Jwk::from_json("[]"), Err(JwkError::Malformed));
        assert_eq!(Jwk::from_json(&" ".repeat(9000)), Err(JwkError::TooLong));
    }

    #[test]
    fn coordinates_are_as_long_as_their_curve_says() {
        for (crv, bytes) in [("P-256", 32), ("P-384", 48), ("P-521", 66)] {
            for wrong in [bytes - 1, bytes + 1] {
                let (x, y) = (base64url::encode(vec![1; bytes]), base64url::encode(vec![1; wrong]));
                let text = format!(r#"{{"kty":"EC","crv":"{crv}","x":"{x}","y":"{y}"}}"#);
                assert_eq!(Jwk::from_json(&text), Err(JwkError::MalformedMember("y")), "{text}");
            }
        }
        let (x, y) = (base64url::encode([1; 66]), base64url::encode([2; 66]));
        let text = format!(r#"{{"crv":"P-521","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let key = Jwk::from_json(&text).unwrap();
        assert_eq!(key.canonical(), text);
        assert_eq!(serde_json::to_value(&key).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn l10_refuses_weak_rsa() {
        let rsa = |bits: usize, e: &[u8]| {
            let mut n = vec![0xff; bits / 8];
            n[0] = 0x80;
            Jwk::rsa(&n, e)
        };
        assert!(rsa(2048, &[1, 0, 1]).is_ok());
        assert_eq!(rsa(2040, &[1, 0, 1]), Err(JwkError::WeakRsa));
        assert_eq!(rsa(8200, &[1, 0, 1]), Err(JwkError::WeakRsa));
        for e in [&[][..], &[1], &[3], &[1, 0, 0], &[1, 0, 0, 0, 0, 0, 0, 0, 1]] {
            assert_eq!(rsa(2048, e), Err(JwkError::WeakRsa), "{e:?}");
        }
        let mut even = vec![0xff; 256];
        even[255] = 0xfe;
        assert_eq!(Jwk::rsa(&even, &[1, 0, 1]), Err(JwkError::WeakRsa));
    }

    #[test]
    fn survives_a_round_trip_with_its_use() {
        for text in [EC, ED] {
            let key = Jwk::from_json(text).unwrap();
            let again: Jwk = serde_json::from_str(&serde_json::to_string(&key).unwrap()).unwrap();
            assert_eq!(key, again);
            assert!(key.may_verify());
        }
        let enc = Jwk::from_json(&EC.replace("\"kty\"", "\"use\":\"enc\",\"kty\"")).unwrap();
        assert!(!enc.may_verify());
        let ops = Jwk::from_json(&EC.replace("\"kty\"", "\"key_ops\":[\"encrypt\"],\"kty\"")).unwrap();
        assert!(!ops.may_verify());
    }

    #[test]
    fn takes_an_uncompressed_point() {
        let Ok(key) = Jwk::from_json(EC) else { panic!() };
        let KeyMaterial::P256 { x, y } = key.key() else { panic!() };
        let point = [&[4][..], x, y].concat();
        assert_eq!(Jwk::p256_from_uncompressed(&point).unwrap().thumbprint(), key.thumbprint());
        assert!(Jwk::p256_from_uncompressed(&point[..64]).is_err());
        assert!(Jwk::p256_from_uncompressed(&[&[2][..], x, y].concat()).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = Jwk::from_json(&text);
        }

        #[test]
        fn no_members_panic(kty in "EC|OKP|RSA|oct", crv in "P-256|P-384|P-521|Ed25519|", a in "[A-Za-z0-9_=-]{0,60}", b in "[A-Za-z0-9_-]{0,60}") {
            let value = serde_json::json!({"kty": kty, "crv": crv, "x": a, "y": b, "n": a, "e": b});
            let _ = Jwk::from_value(&value);
        }
    }
}
