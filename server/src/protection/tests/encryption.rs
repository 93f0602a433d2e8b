//! What is encrypted for this server.

use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::X509;
use protocol::jwk::Jwk;
use serde_json::{Value, json};

use super::{Held, block, checked, client, hash, person};
use crate::keys::{ContentEncryption, Encryption, Family, KeyManagement, Rotation, encrypt, encrypt_with};
use crate::protection::{Reason, buffer_in_clear, clear, verify};
use crate::testkit::Kit;

/// What the server publishes: for elliptic curves, for RSA.
async fn keys(kit: &Kit) -> [Jwk; 2] {
    let published = kit.state.keys.encryption_keys().await.unwrap();
    [0, 1].map(|at| Jwk::from_value(&published[at].jwk).unwrap())
}

async fn cms(kit: &Kit, which: usize, content: &[u8]) -> Vec<u8> {
    cms_with(kit, which, content, Cipher::aes_256_cbc()).await
}

async fn cms_with(kit: &Kit, which: usize, content: &[u8], cipher: Cipher) -> Vec<u8> {
    let published = kit.state.keys.encryption_keys().await.unwrap();
    let mut to = Stack::new().unwrap();
    to.push(X509::from_pem(published[which].certificate.as_bytes()).unwrap()).unwrap();
    CmsContentInfo::encrypt(&to, content, cipher, CMSOptions::BINARY).unwrap().to_der().unwrap()
}

/// OSIA-ENC-01, OSIA-ENC-03, OSIA-ENC-04: each way a JWE may be made for the published keys.
#[tokio::test]
async fn objects_and_buffers_open_whichever_way_they_were_encrypted() {
    let kit = Kit::new().await;
    let [ec, rsa] = keys(&kit).await;
    assert!(ec.may_encrypt("ECDH-ES") && rsa.may_encrypt("RSA-OAEP-256") && !ec.may_verify());
    let whole = person();
    for alg in KeyManagement::ALL {
        for enc in ContentEncryption::ALL {
            let key = if alg.fits(ec.key()) { &ec } else { &rsa };
            let seal = |clear: &[u8]| Value::from(encrypt_with(key, Encryption { alg, enc }, None, clear).unwrap());
            let mut document = whole.clone();
            // Not canonical, which is recommended and not demanded.
            document["biographicData"] =
                seal(b" { \"lastName\":\"Smith\", \"height\": 170, \"firstName\":\"Alice\" } ");
            document["biometricData"][0]["image"] = seal(b"image");
            document["encryption"] = json!({ "type": "JWE", "scope": "biographicData biometricData[0].image" });
            let mut opened = checked(&kit, &document).await.unwrap().document;
            opened.as_object_mut().unwrap().remove("encryption");
            assert_eq!(opened, whole, "{alg:?} {enc:?}");
        }
    }
}

/// OSIA-ENC-06, OSIA-ENC-07: CMS, for either certificate, in blocks of a biometric and of a part.
#[tokio::test]
async fn cms_opens_in_every_place_that_may_have_a_block() {
    let kit = Kit::new().await;
    for which in [0, 1] {
        let mut document = person();
        let (image, data) = (cms(&kit, which, b"image").await, cms(&kit, which, b"string").await);
        document["biometricData"][0]["image"] = json!(STANDARD.encode(image));
        document["biometricData"][0]["encryption"] = json!({ "type": "PKCS7", "scope": "image" });
        let pem = format!("-----BEGIN CMS-----\n{}\n-----END CMS-----\n", STANDARD.encode(data));
        document["documentData"][0]["parts"][0]["data"] = json!(pem);
        document["documentData"][0]["parts"][0]["encryption"] = json!({ "type": "PKCS7", "scope": "$.data" });
        document["integrity"] = json!([block(&person(), "biometricData[0].image documentData[0].parts[0].data")]);
        let opened = checked(&kit, &document).await.unwrap().document;
        assert_eq!(opened["biometricData"][0]["image"], person()["biometricData"][0]["image"]);
        assert_eq!(opened["documentData"][0]["parts"][0]["data"], person()["documentData"][0]["parts"][0]["data"]);
    }
}

/// OSIA-ENC-06: AES-CBC notices no change. Without an integrity block over the clear text nobody knows what was encrypted;
/// and whether it opens, is JSON, or has the hash, is told to nobody.
#[tokio::test]
async fn osia_enc_06_enveloped_data_needs_a_block_over_the_clear_text() {
    let kit = Kit::new().await;
    let mut document = person();
    let sealed = cms(&kit, 1, person()["biographicData"].to_string().as_bytes()).await;
    document["biographicData"] = json!(STANDARD.encode(&sealed));
    document["encryption"] = json!({ "type": "PKCS7", "scope": "biographicData" });
    let over = |node: &Value, scope: &str, encrypted: bool| json!({ "scope": scope, "alg": "SHA256", "encrypted": encrypted, "hash": hash(node, scope, "SHA256") });
    let with = |blocks: &[Value]| {
        let mut document = document.clone();
        document["integrity"] = json!(blocks);
        document
    };
    let clear_text = over(&person(), "biographicData", false);
    assert_eq!(
        checked(&kit, &with(std::slice::from_ref(&clear_text))).await.unwrap().document["biographicData"],
        person()["biographicData"]
    );
    // Each of its members, in blocks of their own.
    let each =
        ["firstName", "lastName", "height"].map(|name| over(&person(), &format!("biographicData.{name}"), false));
    checked(&kit, &with(&each)).await.unwrap();

    let mut told = Vec::new();
    let mut changed = person();
    changed["biographicData"]["height"] = json!(171);
    for bad in [
        document.clone(),
        with(&[over(&document, "biographicData", true)]),
        with(&[over(&person(), "biometricData", false)]),
        with(&each[..2]),
        with(&[over(&changed, "biographicData", false)]),
    ] {
        told.push(checked(&kit, &bad).await.unwrap_err());
    }
    // The last block of the padding, the first of the text; and what is encrypted is no JSON.
    for at in [sealed.len() - 20, sealed.len() - 60] {
        let mut sealed = sealed.clone();
        sealed[at] ^= 1;
        let mut document = with(std::slice::from_ref(&clear_text));
        document["biographicData"] = json!(STANDARD.encode(sealed));
        told.push(checked(&kit, &document).await.unwrap_err());
    }
    let mut other = with(&[clear_text]);
    other["biographicData"] = json!(STANDARD.encode(cms(&kit, 1, b"no json").await));
    told.push(checked(&kit, &other).await.unwrap_err());
    for fault in told {
        assert!(matches!(fault.reason, Reason::Envelope), "{fault}");
        assert_eq!(fault.place, "encryption");
    }
}

/// OSIA-ENC-06: what notices a change by itself (RFC 5083) needs no block.
#[tokio::test]
async fn osia_enc_06_authenticated_enveloped_data_stands_alone() {
    let kit = Kit::new().await;
    let text = person()["biographicData"].to_string();
    let mut sealed = cms_with(&kit, 1, text.as_bytes(), Cipher::aes_256_gcm()).await;
    let mut document = person();
    document["encryption"] = json!({ "type": "PKCS7", "scope": "biographicData" });
    document["biographicData"] = json!(STANDARD.encode(&sealed));
    assert_eq!(checked(&kit, &document).await.unwrap().document["biographicData"], person()["biographicData"]);
    let last = sealed.len() - 1;
    sealed[last] ^= 1;
    document["biographicData"] = json!(STANDARD.encode(&sealed));
    assert!(matches!(checked(&kit, &document).await.unwrap_err().reason, Reason::Envelope));
}

/// AuthEnvelopedData with so many bytes of its tag, which is the last of it.
fn with_tag_of(sealed: &[u8], bytes: u8) -> Vec<u8> {
    let tag = sealed.len() - 16;
    assert_eq!(sealed[tag - 2..tag], [0x04, 16]);
    let mut short = [&sealed[..tag - 1], &[bytes], &sealed[tag..tag + usize::from(bytes)]].concat();
    // The structure, its content under a tag, and that itself, each with a length of two bytes.
    for at in [0, 17, 21] {
        assert_eq!(short[at + 1], 0x82);
        let length = u16::from_be_bytes([short[at + 2], short[at + 3]]) - u16::from(16 - bytes);
        short[at + 2..at + 4].copy_from_slice(&length.to_be_bytes());
    }
    short
}

/// OSIA-ENC-06: whoever may shorten the tag to one byte guesses it, and changes what is encrypted.
#[tokio::test]
async fn osia_enc_06_a_shortened_tag_proves_nothing() {
    let kit = Kit::new().await;
    let text = person()["biographicData"].to_string();
    let sealed = cms_with(&kit, 1, text.as_bytes(), Cipher::aes_256_gcm()).await;
    let mut document = person();
    document["encryption"] = json!({ "type": "PKCS7", "scope": "biographicData" });
    for (bytes, taken) in [(16, true), (12, true), (11, false), (4, false), (1, false)] {
        document["biographicData"] = json!(STANDARD.encode(with_tag_of(&sealed, bytes)));
        match checked(&kit, &document).await {
            Ok(_) => assert!(taken, "{bytes}"),
            Err(fault) => assert!(!taken && matches!(fault.reason, Reason::Envelope), "{bytes}: {fault}"),
        }
    }
}

/// OSIA-ENC-06: nor is it told what is wrong with blocks that were encrypted so.
#[tokio::test]
async fn osia_enc_06_faults_inside_of_enveloped_data_are_told_as_one() {
    let kit = Kit::new().await;
    let face = |more: Value| {
        let mut face = json!({ "biometricType": "FACE", "image": "aW1hZ2U=" });
        face.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([face]).to_string()
    };
    let block = |alg: &str| json!({ "scope": "image", "alg": alg, "hash": "00" });
    for inside in [
        face(json!({ "integrity": "none" })),
        face(json!({ "integrity": [block("MD5")] })),
        face(json!({ "integrity": [{ "scope": "image", "alg": "SHA256", "hash": "00", "type": "JWS" }] })),
        face(json!({ "encryption": { "type": "ROT13", "scope": "image" } })),
        face(json!({ "encryption": { "type": "JWE", "scope": "colour" } })),
        "no json".into(),
    ] {
        let document = json!({
            "biometricData": STANDARD.encode(cms(&kit, 1, inside.as_bytes()).await),
            "encryption": { "type": "PKCS7", "scope": "biometricData" }
        });
        let fault = checked(&kit, &document).await.unwrap_err();
        assert!(matches!(fault.reason, Reason::Envelope) && fault.place == "encryption", "{inside}: {fault}");
        // To be processed later it does not open either, where it is no JSON.
        assert_eq!(clear(&kit.state, &document).await.is_err(), inside == "no json" || inside.contains("encryption"));
    }
}

/// GS-VAP-06: of two members of one name, one reader checks the first and another takes the second.
#[tokio::test]
async fn gs_vap_06_what_was_encrypted_has_each_name_once() {
    let kit = Kit::new().await;
    let [ec, _] = keys(&kit).await;
    let twice = encrypt(&ec, None, br#"{"firstName":"Alice","firstName":"Eve"}"#).unwrap();
    let document = json!({ "biographicData": twice, "encryption": { "type": "JWE", "scope": "biographicData" } });
    assert!(matches!(checked(&kit, &document).await.unwrap_err().reason, Reason::NotJson));
}

/// OSIA-ENC-05: the URL stays, the buffer is what is encrypted.
#[tokio::test]
async fn a_referred_buffer_is_opened_where_it_is_needed() {
    let kit = Kit::new().await;
    let [ec, _] = keys(&kit).await;
    let url = "https://id.test/v1/enrollments/e/buffer/b";
    for (kind, sealed) in
        [("JWE", encrypt(&ec, None, b"a finger").unwrap().into_bytes()), ("PKCS7", cms(&kit, 1, b"a finger").await)]
    {
        for scope in ["imageRef", "image"] {
            let mut document = person();
            let clear_node = json!({ "image": STANDARD.encode(b"a finger") });
            let sealed_node = json!({ "image": STANDARD.encode(&sealed) });
            document["biometricData"][1]["encryption"] = json!({ "type": kind, "scope": scope });
            // OSIA-INT-06: the hash may be over either.
            document["biometricData"][1]["integrity"] = json!([
                { "scope": "image", "alg": "SHA256", "followRef": true, "hash": hash(&clear_node, "image", "SHA256") },
                { "scope": "image", "alg": "SHA256", "followRef": true, "encrypted": true,
                    "hash": hash(&sealed_node, "image", "SHA256") }
            ]);
            let held = Held::one(url, &sealed);
            let opened = verify(&kit.state, &client(vec![], json!({})), &document, &held, false).await.unwrap();
            assert_eq!(opened.document, document, "nothing of it changes");
            assert!(opened.is_encrypted(url));
            assert_eq!(&*buffer_in_clear(&kit.state.keys, &opened, &held, url).await.unwrap(), b"a finger");
        }
    }
}

/// OSIA-INT-06, over what the document itself holds.
#[tokio::test]
async fn a_hash_is_over_clear_or_encrypted_data_as_the_block_says() {
    let kit = Kit::new().await;
    let [ec, _] = keys(&kit).await;
    let clear_person = person();
    let mut document = person();
    document["biographicData"] = json!(encrypt(&ec, None, person()["biographicData"].to_string().as_bytes()).unwrap());
    document["encryption"] = json!({ "type": "JWE", "scope": "biographicData" });
    let over = |node: &Value, scope: &str, encrypted: bool| json!({ "scope": scope, "alg": "SHA256", "encrypted": encrypted, "hash": hash(node, scope, "SHA256") });
    let mut good = document.clone();
    good["integrity"] = json!([
        over(&clear_person, "biographicData.firstName", false),
        over(&document, "biographicData", true),
        over(&clear_person, "biographicData", false),
    ]);
    checked(&kit, &good).await.unwrap();
    for bad in [over(&clear_person, "biographicData", true), over(&document, "biographicData", false)] {
        document["integrity"] = json!([bad]);
        assert!(matches!(checked(&kit, &document).await.unwrap_err().reason, Reason::Hash));
    }
}

/// OSIA-ENC-02, and everything that does not open: one refusal for all.
#[tokio::test]
async fn what_does_not_open_is_refused_without_saying_why() {
    let kit = Kit::new().await;
    let [ec, _] = keys(&kit).await;
    let other = Kit::new().await;
    let [strange, _] = keys(&other).await;
    let good = encrypt(&ec, None, br#"{"firstName":"Alice"}"#).unwrap();
    let header = |header: Value| {
        let rest = good.split_once('.').unwrap().1;
        format!("{}.{rest}", protocol::base64url::encode(header.to_string()))
    };
    let mut damaged = good.clone();
    damaged
        .replace_range(good.len() - 4..good.len() - 3, if good[good.len() - 4..].starts_with('A') { "B" } else { "A" });
    for bad in [
        encrypt(&strange, None, b"{}").unwrap(),
        damaged,
        header(json!({ "alg": "dir", "enc": "A256GCM" })),
        header(json!({ "alg": "RSA1_5", "enc": "A256GCM" })),
        header(json!({ "alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF" })),
        "a.b.c.d.e".into(),
        String::new(),
    ] {
        let document = json!({ "biographicData": bad, "encryption": { "type": "JWE", "scope": "biographicData" } });
        let fault = checked(&kit, &document).await.unwrap_err();
        assert!(matches!(fault.reason, Reason::Encrypted), "{fault}");
    }
    for (document, wanted) in [
        (json!({ "biographicData": good, "encryption": { "type": "JWE", "scope": "biometricData" } }), "finds nothing"),
        (json!({ "biographicData": good, "encryption": { "type": "JWE", "scope": "a[" } }), "JSON paths"),
        (json!({ "biographicData": good, "encryption": { "type": "PGP", "scope": "a" } }), "as OSIA defines"),
        (json!({ "biographicData": {}, "encryption": { "type": "JWE", "scope": "biographicData" } }), "not encrypted"),
        (
            json!({ "biographicData": encrypt(&ec, None, b"no json").unwrap(),
            "encryption": { "type": "JWE", "scope": "biographicData" } }),
            "not JSON",
        ),
    ] {
        let fault = checked(&kit, &document).await.unwrap_err().to_string();
        assert!(fault.contains(wanted), "{fault}");
    }
}

/// The keys are made when they are first asked for, the same by all nodes; they rotate, and old ones open until dropped.
#[tokio::test]
async fn on_both_encryption_keys_rotate_and_old_ones_open() {
    for kit in Kit::both().await {
        assert!(kit.state.keys.list().iter().all(|key| !key.family.is_encryption()));
        let other = kit.restarted().await;
        let (one, two) = tokio::join!(keys(&kit), keys(&other));
        assert_eq!(one.clone().map(|key| key.thumbprint()), two.map(|key| key.thumbprint()));
        let sealed = encrypt(&one[0], None, b"1").unwrap();
        let sealed_cms = cms(&kit, 1, b"1").await;

        other.state.keys.rotate(Rotation::Soon, &Family::ENCRYPTION).await.unwrap();
        // A key of another node's is found at once; ones long replaced stay.
        kit.clock.advance_seconds(86_400);
        other.state.keys.tend().await.unwrap();
        let new = keys(&other).await;
        assert_ne!(new[0].thumbprint(), one[0].thumbprint());
        let by_new = encrypt(&new[0], None, b"2").unwrap();
        assert_eq!(&**kit.state.keys.open_jwe(&by_new).await.unwrap(), b"2");
        kit.clock.advance_seconds(400 * 86_400);
        other.state.keys.tend().await.unwrap();
        assert_eq!(&**other.state.keys.open_jwe(&sealed).await.unwrap(), b"1");
        assert_eq!(&**other.state.keys.open_cms(&sealed_cms).await.unwrap(), b"1");

        other.state.keys.drop_key(&one[0].thumbprint()).await.unwrap();
        assert!(other.state.keys.open_jwe(&sealed).await.is_err());
        let document = json!({ "biographicData": sealed, "encryption": { "type": "JWE", "scope": "biographicData" } });
        assert!(matches!(clear(&other.state, &document).await.unwrap_err().reason, Reason::Encrypted));
    }
}

/// The keys are public, and nothing private is among them.
#[tokio::test]
async fn the_keys_are_published_as_a_key_set_and_as_certificates() {
    let kit = Kit::new().await;
    let get = async |path: &str| kit.send(Request::get(path).body(axum::body::Body::empty()).unwrap()).await;
    let set = get("/enrollment/jwks.json").await.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        assert_eq!(key["use"], "enc");
        assert!(
            key["kid"].is_string() && key["x5c"][0].is_string() && key.get("d").is_none() && key.get("alg").is_none()
        );
    }
    let pem = get("/enrollment/certificates.pem").await.text;
    let certificates = X509::stack_from_pem(pem.as_bytes()).unwrap();
    assert_eq!(certificates.len(), 2);
    assert!(certificates[0].public_key().unwrap().rsa().is_ok());
    // They sign nothing, and no issuer publishes them.
    let issuer = get("/op/.well-known/jwks.json").await.json();
    for key in issuer["keys"].as_array().into_iter().flatten() {
        assert_eq!(key["use"], "sig");
    }
}
