//! Foreign vectors: Wycheproof, the JOSE cookbook and constants of RFCs. See `vectors/README.md` for sources.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its vectors must fail")]

use protocol::base64url;
use protocol::jwk::{Jwk, JwkError, KeyMaterial};
use protocol::jws::{Algorithm, EmbeddedKey, Header, Jws, JwsError, Profile, SigningInput};
use serde_json::Value;

/// Both algorithms this crate verifies.
const VERIFIED: Profile =
    Profile { typ: None, algorithms: &[Algorithm::Es256, Algorithm::EdDsa], embedded_key: EmbeddedKey::Refused };

fn read(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

/// The public half of a key that a vector gives with its private members.
fn public(key: &Value) -> Value {
    let mut key = key.clone();
    let members = key.as_object_mut().unwrap();
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        members.remove(name);
    }
    key
}

fn verify(token: &str, key: &Value) -> Result<(), String> {
    let key = Jwk::from_value(key).map_err(|e| e.to_string())?;
    let token = Jws::parse_within(token, 1 << 20).map_err(|e| e.to_string())?;
    token.require(&VERIFIED).map_err(|e| e.to_string())?;
    if token.header().kid.is_some() && key.kid().is_some() && token.header().kid.as_deref() != key.kid() {
        return Err("kid of another key".into());
    }
    token.verify(&key).map_err(|e| e.to_string())
}

/// 262 signatures over P-256 in `r || s`, edge cases and forgeries (CVE-2022-21449 among them).
#[test]
fn wycheproof_ecdsa_p256() {
    let file = read("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json");
    let mut run = 0;
    for group in list(&file["testGroups"]) {
        let point = hex(group["publicKey"]["uncompressed"].as_str().unwrap());
        let key = Jwk::p256_from_uncompressed(&point).unwrap();
        for test in list(&group["tests"]) {
            let message = hex(test["msg"].as_str().unwrap());
            // JWS signs `header.payload`: the message of the vector cannot stand there, so the bare check is asked.
            let holds =
                protocol::jws::verify(Algorithm::Es256, &message, &hex(test["sig"].as_str().unwrap()), &key).is_ok();
            assert_eq!(holds, test["result"] == "valid", "tcId {}: {}", test["tcId"], test["comment"]);
            run += 1;
        }
    }
    assert_eq!(run, file["numberOfTests"]);
}

/// Of 401 tokens: those over P-256 must come out as the vector says; those of other kinds must never verify here.
#[test]
fn wycheproof_json_web_signature() {
    let file = read("wycheproof/json_web_signature_test.json");
    let (mut ours, mut others) = (0, 0);
    for group in list(&file["testGroups"]) {
        let given = if group["public"].is_null() { &group["private"] } else { &group["public"] };
        for test in list(&group["tests"]) {
            // Some vectors use a JSON serialisation, which is not the compact one.
            let Some(token) = test["jws"].as_str() else { continue };
            let what = format!("tcId {}: {}", test["tcId"], test["comment"]);
            let result = verify(token, &public(given));
            if given["crv"] == "P-256" {
                ours += 1;
                assert_eq!(result.is_ok(), test["result"] == "valid", "{what}: {result:?}");
            } else {
                others += 1;
                assert!(result.is_err(), "{what}");
            }
        }
    }
    assert!(ours >= 40 && others >= 300, "{ours} {others}");
}

/// Keys that must be refused, or never verify.
#[test]
fn wycheproof_json_web_key() {
    let file = read("wycheproof/json_web_key_test.json");
    let mut run = 0;
    for group in list(&file["testGroups"]) {
        let Some(keys) = group["public"]["keys"].as_array() else { continue };
        for test in list(&group["tests"]).iter().filter(|t| t["result"] == "invalid") {
            for key in keys {
                let holds = test["jws"].as_str().is_some_and(|token| verify(token, key).is_ok());
                assert!(!holds, "tcId {}: {}", test["tcId"], test["comment"]);
                run += 1;
            }
        }
        let refused = match group["comment"].as_str().unwrap() {
            "keysize_too_small" | "exponentOne" => Some(JwkError::WeakRsa),
            "invalid_point" => Some(JwkError::NotOnCurve),
            "wrong_curve" => Some(JwkError::UnsupportedKind),
            "wrong_kty" => Some(JwkError::UnsupportedKind),
            _ => None,
        };
        if let Some(refused) = refused {
            assert_eq!(Jwk::from_value(&keys[0]).err(), Some(refused), "{}", group["comment"]);
        }
    }
    assert!(run >= 9, "{run}");
}

#[test]
fn rfc7515_a3_es256() {
    let vector = read("rfc/rfc7515-a3-es256.json");
    let token = vector["compact"].as_str().unwrap();
    let parsed = Jws::parse(token).unwrap();
    assert_eq!(parsed.verify(&Jwk::from_value(&public(&vector["jwk"])).unwrap()), Ok(()));
    assert_eq!(parsed.payload(), vector["payload"].as_str().unwrap().as_bytes());
    assert_eq!(Jwk::from_value(&vector["jwk"]), Err(JwkError::PrivateMember));
}

#[test]
fn rfc7638_thumbprint() {
    let vector = read("rfc/rfc7638-thumbprint.json");
    let key = Jwk::from_value(&vector["jwk"]).unwrap();
    assert_eq!(key.canonical(), vector["canonical"].as_str().unwrap());
    assert_eq!(key.thumbprint(), vector["sha256_b64url"].as_str().unwrap());
}

#[test]
fn rfc8037_ed25519() {
    let vector = read("jose-cookbook/ed25519_jws.json");
    let key = Jwk::from_value(&public(&vector["input"]["key"])).unwrap();
    // RFC 8037 appendix A.3.
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let token = vector["output"]["compact"].as_str().unwrap();
    assert_eq!(Jws::parse(token).unwrap().verify(&key), Ok(()));
    let payload = vector["input"]["payload"].as_str().unwrap();
    let built = SigningInput::over_bytes(&Header::new(Algorithm::EdDsa), payload.as_bytes()).unwrap();
    assert_eq!(built.as_str(), vector["signing"]["sig-input"].as_str().unwrap());
    assert_eq!(built.attach(&base64url::decode(vector["signing"]["sig"].as_str().unwrap()).unwrap()), token);
}

#[test]
fn rfc7797_unencoded_payload_is_refused() {
    let vector = read("jose-cookbook/4.2.hmac-sha2_b64_false.json");
    let header = vector["signing"]["protected_b64u"].as_str().unwrap();
    assert_eq!(Jws::parse(&format!("{header}.e30.AA")).err(), Some(JwsError::UnencodedPayload));
}

#[test]
fn rfc7520_keys() {
    let rsa = read("jose-cookbook/3_3.rsa_public_key.json");
    assert!(matches!(Jwk::from_value(&rsa).unwrap().key(), KeyMaterial::Rsa { .. }));
    for private in ["3_2.ec_private_key", "3_4.rsa_private_key", "3_5.symmetric_key_mac_computation"] {
        let key = read(&format!("jose-cookbook/{private}.json"));
        assert_eq!(Jwk::from_value(&key), Err(JwkError::PrivateMember), "{private}");
    }
    let p521 = read("jose-cookbook/3_1.ec_public_key.json");
    assert_eq!(Jwk::from_value(&p521), Err(JwkError::UnsupportedKind));
}
