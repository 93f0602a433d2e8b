use ed25519_dalek::Signer as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::jwk::{Jwk, KeyMaterial};

const ANY: Profile =
    Profile { typ: None, algorithms: &[Algorithm::Es256, Algorithm::EdDsa], embedded_key: EmbeddedKey::Refused };

fn ec() -> (p256::ecdsa::SigningKey, Jwk) {
    let key = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let jwk = Jwk::p256_from_uncompressed(point.as_bytes()).unwrap();
    (key, jwk)
}

fn with_header(header: &Value) -> String {
    format!("{}.e30.AA", base64url::encode(header.to_string()))
}

fn parse_header(header: &Value) -> Result<Jws, JwsError> {
    Jws::parse(&with_header(header))
}

#[test]
fn signs_outside_and_verifies_es256_from_der() {
    let (key, jwk) = ec();
    let input = SigningInput::new(&Header::new(Algorithm::Es256).with_typ("t"), &json!({"a": 1})).unwrap();
    let signature: p256::ecdsa::Signature = key.sign(input.bytes());
    let raw = es256_raw_from_der(signature.to_der().as_bytes()).unwrap();
    let token = Jws::parse(&input.attach(&raw)).unwrap();
    assert_eq!(token.verify(&jwk), Ok(()));
    assert_eq!(token.claims::<Value>().unwrap(), json!({"a": 1}));
    // The same signature in DER is no JWS signature.
    let der = Jws::parse(&input.attach(signature.to_der().as_bytes())).unwrap();
    assert_eq!(der.verify(&jwk), Err(JwsError::BadSignature));
    for bad in [&[][..], &[0x30, 0], &[0x30, 6, 2, 1, 0, 2, 1, 0], &[0; 64]] {
        assert_eq!(es256_raw_from_der(bad), Err(JwsError::BadSignature));
    }
}

#[test]
fn a_key_of_another_kind_never_verifies() {
    let (_, ec) = ec();
    let ed_key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let ed = Jwk::ed25519(ed_key.verifying_key().to_bytes()).unwrap();
    let input = SigningInput::new(&Header::new(Algorithm::EdDsa), &json!({})).unwrap();
    let token = Jws::parse(&input.attach(&ed_key.sign(input.bytes()).to_bytes())).unwrap();
    assert_eq!(token.verify(&ed), Ok(()));
    assert_eq!(token.verify(&ec), Err(JwsError::WrongKey));
    let rsa = Jwk::rsa(&[0xff; 256], &[1, 0, 1]).unwrap();
    assert_eq!(token.verify(&rsa), Err(JwsError::WrongKey));
    let input = SigningInput::new(&Header::new(Algorithm::Rs256), &json!({})).unwrap();
    let token = Jws::parse(&input.attach(&[1; 256])).unwrap();
    assert_eq!(token.verify(&rsa), Err(JwsError::CheckedElsewhere));
    assert_eq!(token.verify(&ec), Err(JwsError::WrongKey));
    assert_eq!(token.require(&ANY), Err(JwsError::AlgorithmNotAllowed));
}

#[test]
fn t16_refuses_algorithms_and_extensions() {
    for alg in ["none", "None", "HS256", "ES256K", "es256", "RS1", ""] {
        assert_eq!(parse_header(&json!({"alg": alg})).err(), Some(JwsError::AlgorithmNotAllowed), "{alg}");
    }
    for crit in [json!([]), json!(["b64"]), json!(["exp"]), Value::Null, json!("x")] {
        let header = json!({"alg": "ES256", "crit": crit});
        assert_eq!(parse_header(&header).err(), Some(JwsError::CriticalExtension));
    }
    for b64 in [json!(false), json!(true), Value::Null] {
        assert_eq!(parse_header(&json!({"alg": "ES256", "b64": b64})).err(), Some(JwsError::UnencodedPayload));
    }
}

#[test]
fn t16_refuses_an_embedded_key_where_none_is_expected() {
    let (_, jwk) = ec();
    let token = parse_header(&json!({"alg": "ES256", "jwk": jwk})).unwrap();
    assert_eq!(token.require(&ANY), Err(JwsError::EmbeddedKey));
    let private = json!({"alg": "ES256", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "AA"}});
    assert_eq!(parse_header(&private).err(), Some(JwsError::Malformed));
}

#[test]
fn every_algorithm_has_its_kind_of_key() {
    let (_, p256) = ec();
    let keys = [
        p256.key().clone(),
        KeyMaterial::P384 { x: [1; 48], y: [1; 48] },
        KeyMaterial::P521 { x: [1; 66], y: [1; 66] },
        KeyMaterial::Ed25519 { x: [1; 32] },
        KeyMaterial::Rsa { n: vec![0xff; 256], e: vec![1, 0, 1] },
    ];
    for alg in Algorithm::ALL {
        assert_eq!(Algorithm::from_name(alg.name()), Some(alg));
        assert_eq!(keys.iter().filter(|key| fits(alg, key)).count(), 1, "{alg:?}");
    }
}

#[test]
fn refuses_another_type_of_token() {
    let token = parse_header(&json!({"alg": "ES256", "typ": "at+jwt"})).unwrap();
    assert_eq!(token.require(&Profile { typ: Some("x+jwt"), ..ANY }), Err(JwsError::WrongType));
    let untyped = parse_header(&json!({"alg": "ES256"})).unwrap();
    assert_eq!(untyped.require(&Profile { typ: Some("x+jwt"), ..ANY }), Err(JwsError::WrongType));
    assert_eq!(token.require(&ANY), Ok(()));
}

#[test]
fn refuses_what_is_malformed() {
    let good = with_header(&json!({"alg": "ES256"}));
    let twice = format!("{}.e30.AA", base64url::encode(r#"{"alg":"none","alg":"ES256"}"#));
    for bad in [
        "",
        ".",
        "..",
        "a.b",
        &good.replace("e30", "e30.e30"),
        &good.replace("e30", "e30="),
        &format!("{good}="),
        &format!(" {good}"),
        &format!("{good}\n"),
        &twice,
        &with_header(&json!([])),
        &with_header(&json!({})),
        &with_header(&json!({"alg": "ES256", "kid": 1})),
        &with_header(&json!({"alg": "ES256", "kid": null})),
    ] {
        assert_eq!(Jws::parse(bad).err(), Some(JwsError::Malformed), "{bad}");
    }
    assert!(Jws::parse(&good).is_ok());
    assert_eq!(Jws::parse_within(&good, good.len() - 1).err(), Some(JwsError::TooLong));
    assert_eq!(Jws::parse(&"a".repeat(MAX_JWS_BYTES + 1)).err(), Some(JwsError::TooLong));
    let long = json!({"alg": "ES256", "x": "y".repeat(MAX_HEADER_BYTES)});
    assert_eq!(parse_header(&long).err(), Some(JwsError::TooLong));
}

#[test]
fn a_key_that_says_what_it_is_for_is_taken_at_its_word() {
    let (key, jwk) = ec();
    let input = SigningInput::new(&Header::new(Algorithm::Es256), &json!({})).unwrap();
    let signature: p256::ecdsa::Signature = key.sign(input.bytes());
    let token = Jws::parse(&input.attach(&signature.to_bytes())).unwrap();
    let mut json = serde_json::to_value(&jwk).unwrap();
    for (name, value) in [("use", json!("enc")), ("key_ops", json!(["sign"])), ("alg", json!("ES512"))] {
        json[name] = value;
        assert_eq!(token.verify(&Jwk::from_value(&json).unwrap()), Err(JwsError::WrongKey), "{name}");
        json.as_object_mut().unwrap().remove(name);
    }
    json["use"] = json!("sig");
    assert_eq!(token.verify(&Jwk::from_value(&json).unwrap()), Ok(()));
}

#[test]
fn prints_nothing() {
    let token = parse_header(&json!({"alg": "ES256"})).unwrap();
    assert_eq!(format!("{token:?}"), "Jws { .. }");
}

proptest! {
    #[test]
    fn no_text_panics(text in "[A-Za-z0-9_.=-]{0,200}") {
        let _ = Jws::parse(&text);
    }

    #[test]
    fn no_header_panics(header in "\\PC{0,100}") {
        let _ = Jws::parse(&format!("{}.e30.AA", base64url::encode(header)));
    }

    #[test]
    fn one_bit_changed_is_refused(at in 0usize..1000, bit in 0u8..6) {
        let (key, jwk) = ec();
        let input = SigningInput::new(&Header::new(Algorithm::Es256), &json!({"a": "some claim"})).unwrap();
        let signature: p256::ecdsa::Signature = key.sign(input.bytes());
        let token = input.attach(&signature.to_bytes());
        let mut bytes = token.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let holds = String::from_utf8(bytes).ok().and_then(|t| Jws::parse(&t).ok()).is_some_and(|t| t.verify(&jwk).is_ok());
        prop_assert!(!holds);
    }
}
