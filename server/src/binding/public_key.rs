//! The key to be bound: which ones are taken. `protocol::jwk` refuses private members, weak RSA, points off the curve
//! and kinds that nobody here can check (case L10); here follows for which algorithm it is bound.

use protocol::jwk::{Jwk, KeyMaterial};
use protocol::jws::Algorithm;
use serde_json::Value;

use crate::error::Code;

/// A key that may be bound.
pub(super) struct PublicKey {
    /// The key.
    pub(super) jwk: Jwk,
    /// The one algorithm it is bound for. RSA keys that name none are taken for RS256, which wallets of eSignet 1.x sign
    /// with, unless their proof shows the other one.
    pub(super) alg: Algorithm,
}

/// Reads `publicKey`: a JWK, or the text of one, which GovStack's harness sends.
///
/// # Errors
/// `invalid_public_key` for anything else.
pub(super) fn read(value: &Value) -> Result<PublicKey, Code> {
    let jwk = match value {
        Value::String(text) => Jwk::from_json(text),
        other => Jwk::from_value(other),
    };
    let jwk = jwk.map_err(|_| Code::InvalidPublicKey)?;
    let alg = match (jwk.key(), jwk.alg()) {
        (KeyMaterial::P256 { .. }, None | Some("ES256")) => Algorithm::Es256,
        (KeyMaterial::Ed25519 { .. }, None | Some("EdDSA")) => Algorithm::EdDsa,
        (KeyMaterial::Rsa { .. }, None | Some("RS256")) => Algorithm::Rs256,
        (KeyMaterial::Rsa { .. }, Some("PS256")) => Algorithm::Ps256,
        _ => return Err(Code::InvalidPublicKey),
    };
    if jwk.may_verify() { Ok(PublicKey { jwk, alg }) } else { Err(Code::InvalidPublicKey) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

    fn with(member: &str, value: Value) -> Value {
        let mut key: Value = serde_json::from_str(EC).unwrap();
        key[member] = value;
        key
    }

    #[test]
    fn an_object_and_its_text_are_the_same_key() {
        let object = read(&serde_json::from_str(EC).unwrap()).ok().unwrap();
        let text = read(&json!(EC)).ok().unwrap();
        assert_eq!(object.jwk, text.jwk);
        assert_eq!(text.alg, Algorithm::Es256);
    }

    /// Case L10: keys that must not be bound.
    #[test]
    fn l10_bad_keys_are_refused() {
        let rsa_1024 = json!({ "kty": "RSA", "n": protocol::base64url::encode([0xffu8; 128]), "e": "AQAB" });
        let bad = [
            Value::Null,
            json!("string"),
            json!({}),
            with("d", json!("AQ")),
            with("y", json!("AAAAzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")),
            with("crv", json!("P-384")),
            with("alg", json!("ES384")),
            with("alg", json!("HS256")),
            with("use", json!("enc")),
            json!({ "kty": "oct", "k": "AQ" }),
            rsa_1024,
        ];
        for key in bad {
            assert_eq!(read(&key).err(), Some(Code::InvalidPublicKey), "{key}");
        }
    }
}
