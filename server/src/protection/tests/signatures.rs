//! Signatures over hashes.

use openssl::asn1::Asn1Time;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509, X509NameBuilder};
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::{Held, block, client, person};
use crate::protection::{Buffers, NoBuffers, Reason, verify};
use crate::testkit::{Kit, Pair};

const SCOPE: &str = "biographicData documentData";

fn signed(kind: &str, signature: &str) -> Value {
    let mut document = person();
    let mut block = block(&document, SCOPE);
    block["type"] = json!(kind);
    block["signature"] = json!(signature);
    document["integrity"] = json!([block]);
    document
}

fn hash() -> String {
    block(&person(), SCOPE)["hash"].as_str().unwrap().to_owned()
}

async fn check(kit: &Kit, keys: &[&Jwk], document: &Value, buffers: &dyn Buffers) -> Result<(), Reason> {
    let client = client(keys.iter().copied().cloned().collect(), json!({}));
    verify(&kit.state, &client, document, buffers, false).await.map(|_| ()).map_err(|fault| fault.reason)
}

/// OSIA-INT-09, GS-ENR-05b, GS-ENR-05d: attached, detached, by any of the client's keys as they are now.
#[tokio::test]
async fn a_jws_over_the_hash_by_a_key_that_is_registered_now() {
    let kit = Kit::new().await;
    for alg in [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Es512] {
        let (old, new) = (Pair::new(alg), Pair::new(alg));
        let attached = new.over(&json!({ "alg": alg.name() }), hash().as_bytes());
        let parts: Vec<&str> = attached.split('.').collect();
        let detached = format!("{}..{}", parts[0], parts[2]);
        for signature in [attached.as_str(), &detached] {
            let document = signed("JWS", signature);
            check(&kit, &[&old.public, &new.public], &document, &NoBuffers).await.unwrap();
            // Rotated out.
            let refused = check(&kit, &[&old.public], &document, &NoBuffers).await;
            assert!(matches!(refused, Err(Reason::Signature)), "{alg:?}");
            // GS-ENR-05b: one byte changed.
            let mut changed = document.clone();
            changed["biographicData"]["firstName"] = json!("Alicf");
            assert!(matches!(check(&kit, &[&new.public], &changed, &NoBuffers).await, Err(Reason::Hash)));
        }
    }
}

#[tokio::test]
async fn what_is_signed_is_the_hash_and_how_is_the_keys_to_say() {
    let kit = Kit::new().await;
    let pair = Pair::new(Algorithm::Es256);
    let good = pair.over(&json!({ "alg": "ES256" }), hash().as_bytes());
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("{}.{}.", protocol::base64url::encode(r#"{"alg":"none"}"#), parts[1]);
    for bad in [
        pair.over(&json!({ "alg": "ES256" }), b"another"),
        pair.over(&json!({ "alg": "ES256" }), hash().to_uppercase().as_bytes()),
        pair.over(&json!({ "alg": "ES256", "jwk": pair.public }), hash().as_bytes()),
        pair.over(&json!({ "alg": "ES256", "crit": ["b64"], "b64": false }), hash().as_bytes()),
        unsigned,
        format!("{good}.x"),
        "a.b".into(),
        String::new(),
    ] {
        let refused = check(&kit, &[&pair.public], &signed("JWS", &bad), &NoBuffers).await;
        assert!(matches!(refused, Err(Reason::Signature)), "{bad}");
    }
    let refused = check(&kit, &[], &signed("JWS", &good), &NoBuffers).await;
    assert!(matches!(refused, Err(Reason::Signature)), "a client without keys");
}

/// OSIA-INT-10: the signature in an uploaded buffer.
#[tokio::test]
async fn a_signature_may_lie_in_a_buffer() {
    let kit = Kit::new().await;
    let (pair, url) = (Pair::new(Algorithm::Es256), "https://id.test/v1/enrollments/e/buffer/s");
    let jws = pair.over(&json!({ "alg": "ES256" }), hash().as_bytes());
    let (key, certificate) = certified();
    let cms = cms(&key, &certificate, hash().as_bytes(), CMSOptions::BINARY);
    for (kind, bytes) in [("JWS", jws.into_bytes()), ("PKCS7", cms.to_der().unwrap())] {
        let mut document = signed(kind, "");
        let block = document["integrity"][0].as_object_mut().unwrap();
        block.remove("signature");
        block.insert("signatureRef".into(), json!(url));
        let keys = [&pair.public, &jwk_of(&key)];
        check(&kit, &keys, &document, &Held::one(url, &bytes)).await.unwrap();
        let other = check(&kit, &keys, &document, &Held::one(url, b"another")).await;
        assert!(matches!(other, Err(Reason::Signature)));
        assert!(matches!(check(&kit, &keys, &document, &NoBuffers).await, Err(Reason::Reference)));
    }
}

fn certified() -> (PKey<Private>, X509) {
    let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "office").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    // Long over: that the key is registered is what counts.
    certificate.set_not_before(&Asn1Time::from_unix(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::from_unix(1).unwrap()).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.sign(&key, openssl::hash::MessageDigest::sha256()).unwrap();
    (key, certificate.build())
}

fn jwk_of(key: &PKey<Private>) -> Jwk {
    let rsa = key.rsa().unwrap();
    Jwk::rsa(&rsa.n().to_vec(), &rsa.e().to_vec()).unwrap()
}

fn cms(key: &PKey<Private>, certificate: &X509, content: &[u8], options: CMSOptions) -> CmsContentInfo {
    CmsContentInfo::sign(Some(certificate), Some(key), None, Some(content), options).unwrap()
}

/// OSIA-INT-09: PEM, the content inside or not; the certificate's key must be registered.
#[tokio::test]
async fn cms_by_a_key_that_is_registered_now() {
    let kit = Kit::new().await;
    let (key, certificate) = certified();
    let stranger = certified();
    let pem = |cms: CmsContentInfo| String::from_utf8(cms.to_pem().unwrap()).unwrap();
    let detached = CMSOptions::BINARY | CMSOptions::DETACHED;
    for options in [CMSOptions::BINARY, detached] {
        let document = signed("PKCS7", &pem(cms(&key, &certificate, hash().as_bytes(), options)));
        check(&kit, &[&jwk_of(&key)], &document, &NoBuffers).await.unwrap();
        let refused = check(&kit, &[&jwk_of(&stranger.0)], &document, &NoBuffers).await;
        assert!(matches!(refused, Err(Reason::Signature)), "a key that is not registered");
    }
    // Old headers are read too.
    let old = pem(cms(&key, &certificate, hash().as_bytes(), CMSOptions::BINARY)).replace("CMS", "PKCS7");
    check(&kit, &[&jwk_of(&key)], &signed("PKCS7", &old), &NoBuffers).await.unwrap();
    for bad in [
        pem(cms(&key, &certificate, b"another", CMSOptions::BINARY)),
        pem(cms(&key, &certificate, b"another", detached)),
        pem(cms(&stranger.0, &stranger.1, hash().as_bytes(), CMSOptions::BINARY)),
        pem(cms(&key, &certificate, hash().as_bytes(), CMSOptions::BINARY | CMSOptions::CMS_NOCERTS)),
        "-----BEGIN CMS-----\nAAAA\n-----END CMS-----".into(),
        "x".into(),
    ] {
        let refused = check(&kit, &[&jwk_of(&key)], &signed("PKCS7", &bad), &NoBuffers).await;
        assert!(matches!(refused, Err(Reason::Signature)));
    }
}
