//! What an enrollment client does to protect what it sends: hashes over the canonical form, signatures, encryption for the
//! server's published keys. With josekit and OpenSSL, none of it the server's code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm;
use josekit::jwe::{JweHeader, serialize_compact};
use josekit::jwk::Jwk;
use josekit::jwk::alg::ec::EcKeyPair;
use josekit::jws::{ES256, JwsHeader};
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::symm::Cipher;
use openssl::x509::{X509, X509Name};
use outside::service::Service;
use serde_json::{Value, json};

/// Text of a hash: lower case hexadecimal, as OSIA's examples have it.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// RFC 8785: members in order and no blanks, which is all that it asks of the texts and small integers that are hashed here.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(name, value)| format!("{}:{}", json!(name), canonical(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(all) => format!("[{}]", all.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// The hash of an intermediate document (OSIA-INT-05).
pub fn hashed(intermediate: &Value, alg: &str) -> String {
    let algorithm = match alg {
        "SHA256" => MessageDigest::sha256(),
        "SHA384" => MessageDigest::sha384(),
        "SHA512" => MessageDigest::sha512(),
        other => panic!("{other}"),
    };
    hex(&hash(algorithm, canonical(intermediate).as_bytes()).unwrap())
}

/// A block without signature.
pub fn block(scope: &str, alg: &str, intermediate: &Value) -> Value {
    json!({ "scope": scope, "alg": alg, "hash": hashed(intermediate, alg) })
}

/// A block with members more, or others.
pub fn with(mut block: Value, members: Value) -> Value {
    block.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    block
}

/// A compact JWS over a hash by a key; detached where asked (RFC 7515 appendix F).
pub fn jws(key: &Jwk, text: &str, detached: bool) -> String {
    let mut header = JwsHeader::new();
    header.set_key_id(key.key_id().unwrap());
    let signer = ES256.signer_from_jwk(key).unwrap();
    let token = josekit::jws::serialize_compact(text.as_bytes(), &header, &signer).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    if detached { format!("{}..{}", parts[0], parts[2]) } else { token }
}

/// The block signed so.
pub fn signed(block: Value, key: &Jwk) -> Value {
    let signature = jws(key, block["hash"].as_str().unwrap(), true);
    with(block, json!({ "type": "JWS", "signature": signature }))
}

fn private(key: &Jwk) -> PKey<Private> {
    PKey::private_key_from_der(&EcKeyPair::from_jwk(key).unwrap().to_der_private_key()).unwrap()
}

/// A certificate of a key's own.
fn certificate(key: &PKey<Private>) -> X509 {
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "office").unwrap();
    let name = name.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder.set_serial_number(&BigNum::from_u32(7).unwrap().to_asn1_integer().unwrap()).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(key).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(30).unwrap()).unwrap();
    builder.sign(key, MessageDigest::sha256()).unwrap();
    builder.build()
}

/// A detached CMS signature over a hash.
pub fn cms_signature(key: &Jwk, text: &str) -> CmsContentInfo {
    let key = private(key);
    let options = CMSOptions::DETACHED | CMSOptions::BINARY;
    CmsContentInfo::sign(Some(&certificate(&key)), Some(&key), None, Some(text.as_bytes()), options).unwrap()
}

/// The server's keys for encryption, by their kind.
pub struct Recipients {
    keys: Vec<Jwk>,
    certificates: Vec<X509>,
}

impl Recipients {
    /// As the server publishes them; nobody needs a token for that.
    pub async fn of(service: &Service) -> Self {
        let http = &service.party.http;
        let set = http.get(format!("{}/enrollment/jwks.json", service.origin)).send().await.unwrap();
        let set: Value = set.error_for_status().unwrap().json().await.unwrap();
        let keys: Vec<Jwk> = set["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| {
                assert_eq!(key["use"], "enc", "{key}");
                assert!(key.get("d").is_none() && key["x5c"][0].is_string(), "{key}");
                Jwk::from_bytes(key.to_string()).unwrap()
            })
            .collect();
        let pem = http.get(format!("{}/enrollment/certificates.pem", service.origin)).send().await.unwrap();
        let pem = pem.error_for_status().unwrap().bytes().await.unwrap();
        let certificates = X509::stack_from_pem(&pem).unwrap();
        assert_eq!(keys.len(), certificates.len());
        Self { keys, certificates }
    }

    /// A compact JWE for the server's key of a type (`RSA`, `EC`).
    pub fn jwe(&self, kind: &str, bytes: &[u8]) -> String {
        let key = self.keys.iter().find(|key| key.key_type() == kind).unwrap_or_else(|| panic!("a key of {kind}"));
        let mut header = JweHeader::new();
        header.set_content_encryption("A256GCM");
        header.set_key_id(key.key_id().unwrap());
        if kind == "RSA" {
            let encrypter = RsaesJweAlgorithm::RsaOaep256.encrypter_from_jwk(key).unwrap();
            serialize_compact(bytes, &header, &encrypter).unwrap()
        } else {
            let encrypter = EcdhEsJweAlgorithm::EcdhEsA256kw.encrypter_from_jwk(key).unwrap();
            serialize_compact(bytes, &header, &encrypter).unwrap()
        }
    }

    /// CMS EnvelopedData in DER for the server's first certificate.
    pub fn cms(&self, bytes: &[u8]) -> Vec<u8> {
        let mut recipients = Stack::new().unwrap();
        recipients.push(self.certificates[0].clone()).unwrap();
        let options = CMSOptions::BINARY;
        CmsContentInfo::encrypt(&recipients, bytes, Cipher::aes_256_cbc(), options).unwrap().to_der().unwrap()
    }

    /// The same in base64.
    pub fn cms_text(&self, bytes: &[u8]) -> String {
        STANDARD.encode(self.cms(bytes))
    }
}
