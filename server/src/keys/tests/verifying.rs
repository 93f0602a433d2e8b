//! T16: what must never verify, and foreign vectors.

use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, JwsError};
use serde_json::{Value, json};

use crate::keys::UNDERSTOOD;
use crate::testkit::{Kit, Pair};

const CLAIMS: fn() -> Value = || json!({ "sub": "clinic" });

#[tokio::test]
async fn each_algorithm_verifies_with_its_key_and_no_other() {
    let kit = Kit::new().await;
    let pairs = UNDERSTOOD.map(Pair::new);
    for signer in &pairs {
        let token = signer.token(&json!({ "alg": signer.alg.name() }), &CLAIMS());
        for key in &pairs {
            let outcome = kit.state.keys.verify_with(&key.public, &UNDERSTOOD, &token);
            assert_eq!(outcome.is_ok(), std::ptr::eq(signer, key), "{:?} {:?}", signer.alg, key.alg);
        }
        let all: Vec<Jwk> = pairs.iter().map(|pair| pair.public.clone()).collect();
        assert!(kit.state.keys.verify(&all, &UNDERSTOOD, &token).is_ok());
        let others: Vec<Algorithm> = UNDERSTOOD.into_iter().filter(|alg| *alg != signer.alg).collect();
        let refused = kit.state.keys.verify(&all, &others, &token);
        assert_eq!(refused.err(), Some(JwsError::AlgorithmNotAllowed));
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = base64url::decode(signature).unwrap();
        bytes[5] ^= 1;
        let altered = format!("{rest}.{}", base64url::encode(bytes));
        assert_eq!(kit.state.keys.verify(&all, &UNDERSTOOD, &altered).err(), Some(JwsError::BadSignature));
    }
}

#[tokio::test]
async fn t16_nothing_in_a_header_changes_which_key_decides() {
    let kit = Kit::new().await;
    let (client, attacker) = (Pair::new(Algorithm::Es256), Pair::new(Algorithm::Es256));
    let key = client.public.clone();
    let verify = |token: &str| kit.state.keys.verify(std::slice::from_ref(&key), &UNDERSTOOD, token).err();
    let own_jwk = serde_json::to_value(&attacker.public).unwrap();
    let headers = [
        json!({ "alg": "ES256", "jwk": own_jwk }),
        json!({ "alg": "ES256", "jku": "https://evil.test/jwks" }),
        json!({ "alg": "ES256", "x5u": "https://evil.test/cert" }),
        json!({ "alg": "ES256", "kid": "../../dev/null" }),
        json!({ "alg": "ES256", "kid": "' or 1=1--" }),
        json!({ "alg": "ES256", "kid": "" }),
    ];
    for header in &headers {
        assert!(verify(&attacker.token(header, &CLAIMS())).is_some(), "{header}");
    }
    // Even signed by the right key: what must be understood is not, and a key inside is a confusion of token kinds.
    assert_eq!(verify(&client.token(&headers[0], &CLAIMS())), Some(JwsError::EmbeddedKey));
    let crit = json!({ "alg": "ES256", "crit": ["x"], "x": 1 });
    assert_eq!(verify(&client.token(&crit, &CLAIMS())), Some(JwsError::CriticalExtension));
    for b64 in [json!(false), json!(true)] {
        let token = client.token(&json!({ "alg": "ES256", "b64": b64 }), &CLAIMS());
        assert_eq!(verify(&token), Some(JwsError::UnencodedPayload));
    }
    for alg in ["none", "None", "HS256", "ES384", "RS1", "PBES2-HS256+A128KW", ""] {
        let token = client.token(&json!({ "alg": alg }), &CLAIMS());
        assert_eq!(verify(&token), Some(JwsError::AlgorithmNotAllowed), "{alg}");
    }
    // CVE-2022-21449, and signatures that are none.
    let token = client.token(&json!({ "alg": "ES256" }), &CLAIMS());
    let (input, _) = token.rsplit_once('.').unwrap();
    for signature in [vec![0; 64], vec![], vec![0; 63], vec![0xff; 64], [vec![0; 32], vec![1; 32]].concat()] {
        assert!(verify(&format!("{input}.{}", base64url::encode(signature))).is_some());
    }
    // The public key as the secret of an HMAC.
    let input = format!("{}.{}", base64url::encode(r#"{"alg":"HS256"}"#), base64url::encode(CLAIMS().to_string()));
    let secret = openssl::pkey::PKey::hmac(key.canonical().as_bytes()).unwrap();
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), &secret).unwrap();
    signer.update(input.as_bytes()).unwrap();
    let forged = format!("{input}.{}", base64url::encode(signer.sign_to_vec().unwrap()));
    assert_eq!(verify(&forged), Some(JwsError::AlgorithmNotAllowed));
    // An unknown kid is only a name: the one key without a kid is tried.
    assert_eq!(verify(&client.token(&json!({ "alg": "ES256", "kid": "mine" }), &CLAIMS())), None);
}

#[tokio::test]
async fn a_kid_chooses_among_keys_that_have_one() {
    let kit = Kit::new().await;
    let (old, new) = (Pair::new(Algorithm::Es256), Pair::new(Algorithm::Es256));
    let named = |pair: &Pair, kid: &str| {
        let mut value = serde_json::to_value(&pair.public).unwrap();
        value["kid"] = json!(kid);
        Jwk::from_value(&value).unwrap()
    };
    let keys = [named(&old, "old"), named(&new, "new")];
    let verify =
        |pair: &Pair, header: Value| kit.state.keys.verify(&keys, &UNDERSTOOD, &pair.token(&header, &CLAIMS())).is_ok();
    assert!(verify(&new, json!({ "alg": "ES256", "kid": "new" })));
    assert!(verify(&new, json!({ "alg": "ES256" })));
    assert!(!verify(&new, json!({ "alg": "ES256", "kid": "old" })));
    assert!(!verify(&new, json!({ "alg": "ES256", "kid": "unknown" })));
}

#[tokio::test]
async fn a_key_is_used_only_for_what_it_says() {
    let kit = Kit::new().await;
    let pair = Pair::new(Algorithm::Rs256);
    let token = pair.token(&json!({ "alg": "RS256" }), &CLAIMS());
    for (member, value, good) in [
        ("alg", json!("RS256"), true),
        ("alg", json!("PS256"), false),
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["encrypt"]), false),
    ] {
        let mut jwk = serde_json::to_value(&pair.public).unwrap();
        jwk["alg"] = Value::Null;
        jwk.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        jwk[member] = value.clone();
        let key = Jwk::from_value(&jwk).unwrap();
        assert_eq!(kit.state.keys.verify_with(&key, &UNDERSTOOD, &token).is_ok(), good, "{member} {value}");
    }
}

fn vectors(name: &str) -> Value {
    let path = format!("{}/../protocol/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Wycheproof's JSON Web Signatures: what it calls invalid never verifies; what it calls valid does, where key and
/// algorithm are ones we take.
#[tokio::test]
async fn wycheproof_agrees() {
    let kit = Kit::new().await;
    let set = vectors("wycheproof/json_web_signature_test.json");
    let mut valid = [0; 2];
    for group in set["testGroups"].as_array().unwrap() {
        let Ok(key) = Jwk::from_value(&group["public"]) else { continue };
        for test in group["tests"].as_array().unwrap() {
            let Some(token) = test["jws"].as_str() else { continue };
            let outcome = kit.state.keys.verify_with(&key, &UNDERSTOOD, token);
            let header = base64url::decode(token.split('.').next().unwrap()).unwrap_or_default();
            let header: Value = serde_json::from_slice(&header).unwrap_or_default();
            let ours = UNDERSTOOD.iter().any(|known| header["alg"] == known.name());
            let expected = test["result"] == "valid" && ours;
            assert_eq!(
                outcome.is_ok(),
                expected,
                "{} {} {outcome:?}",
                test["tcId"],
                test["comment"],
                outcome = outcome.err()
            );
            valid[usize::from(expected)] += 1;
        }
    }
    assert!(valid[0] > 200 && valid[1] >= 16, "{valid:?}");
}

/// RFC 7515, appendix A.3.
#[tokio::test]
async fn the_example_of_rfc_7515_verifies() {
    let kit = Kit::new().await;
    let set = vectors("rfc/rfc7515-a3-es256.json");
    let key = Jwk::from_json(
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    )
    .unwrap();
    let token = find_token(&set).unwrap();
    assert!(kit.state.keys.verify_with(&key, &[Algorithm::Es256], &token).is_ok());
}

/// The first text of the file that looks like a compact JWS.
fn find_token(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.starts_with("eyJ") && text.matches('.').count() == 2 => Some(text.clone()),
        Value::Array(items) => items.iter().find_map(find_token),
        Value::Object(members) => members.values().find_map(find_token),
        _ => None,
    }
}
