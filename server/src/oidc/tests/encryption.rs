//! C5: ID tokens and userinfo in every algorithm and form that a client may register at the standard mount.

use axum::http::{StatusCode, header};
use josekit::jwe::JweDecrypter;
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::{EcdhEs, EcdhEsA128kw, EcdhEsA256kw};
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::{RsaOaep, RsaOaep256};
use protocol::jws::{Algorithm, Jws};
use serde_json::{Value, json};

use super::{checked, text};
use crate::dialect::Mount;
use crate::keys::{ContentEncryption, Encryption, KeyManagement};
use crate::testkit::{Kit, Pair, RelyingParty};

const USERINFO: &str = "/op/userinfo";

fn decrypter(alg: KeyManagement, key: &Pair) -> Box<dyn JweDecrypter> {
    let key = &key.private;
    match alg {
        KeyManagement::RsaOaep => Box::new(RsaOaep.decrypter_from_jwk(key).unwrap()),
        KeyManagement::RsaOaep256 => Box::new(RsaOaep256.decrypter_from_jwk(key).unwrap()),
        KeyManagement::EcdhEs => Box::new(EcdhEs.decrypter_from_jwk(key).unwrap()),
        KeyManagement::EcdhEsA128Kw => Box::new(EcdhEsA128kw.decrypter_from_jwk(key).unwrap()),
        KeyManagement::EcdhEsA256Kw => Box::new(EcdhEsA256kw.decrypter_from_jwk(key).unwrap()),
    }
}

/// What is in a JWE, and its `cty`.
fn opened(token: &str, how: Encryption, key: &Pair) -> (String, Option<Value>) {
    let (content, outer) = josekit::jwe::deserialize_compact(token, &*decrypter(how.alg, key)).unwrap();
    assert_eq!(outer.claim("alg"), Some(&json!(how.alg.name())));
    assert_eq!(outer.claim("enc"), Some(&json!(how.enc.name())));
    (String::from_utf8(content).unwrap(), outer.claim("cty").cloned())
}

#[tokio::test]
async fn id_tokens_have_the_algorithm_that_the_client_registered() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    for alg in Mount::Op.dialect().signing {
        let party = RelyingParty::with(&kit, Mount::Op, alg.name(), Pair::new(Algorithm::Es256), |registration| {
            registration.id_token_alg = Some(*alg);
        });
        let party = party.await;
        let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
        let token = text(&body, "id_token");
        assert_eq!(Jws::parse(&token).unwrap().header().alg, *alg);
        assert_eq!(checked(&kit, Mount::Op, &token).await["aud"], alg.name());
    }
}

#[tokio::test]
async fn c5_whatever_is_registered_is_encrypted_so_and_opens_with_the_clients_key() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let (rsa, p256, p521) = (Pair::new(Algorithm::Rs256), Pair::new(Algorithm::Es256), Pair::new(Algorithm::Es512));
    for alg in KeyManagement::ALL {
        for enc in ContentEncryption::ALL {
            let how = Encryption { alg, enc };
            let key = match alg {
                KeyManagement::RsaOaep | KeyManagement::RsaOaep256 => &rsa,
                KeyManagement::EcdhEs | KeyManagement::EcdhEsA128Kw => &p256,
                KeyManagement::EcdhEsA256Kw => &p521,
            };
            let (id, own) = (format!("{} {}", alg.name(), enc.name()), Pair::new(Algorithm::Es256));
            let party = RelyingParty::with(&kit, Mount::Op, &id, own, |registration| {
                registration.id_token_encryption = Some(how);
                registration.userinfo_encryption = Some(how);
                registration.userinfo_signed_response_alg = Some(Algorithm::Ps256);
                registration.enc_jwk = Some(key.public.clone());
            });
            let party = party.await;
            let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
            let userinfo = kit.get(USERINFO, body["access_token"].as_str()).await;
            assert_eq!(userinfo.headers[header::CONTENT_TYPE], "application/jwt");
            for (token, alg) in [(text(&body, "id_token"), Algorithm::Es256), (userinfo.text, Algorithm::Ps256)] {
                let (signed, cty) = opened(&token, how, key);
                assert_eq!(cty, Some(json!("JWT")), "{id}");
                assert_eq!(Jws::parse(&signed).unwrap().header().alg, alg);
                assert_eq!(checked(&kit, Mount::Op, &signed).await["aud"], id.as_str());
            }
        }
    }
}

#[tokio::test]
async fn c5_userinfo_is_signed_encrypted_both_or_neither() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let receiver = Pair::new(Algorithm::Es256);
    let how = Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A128Gcm };
    for (id, alg, encryption) in [
        ("plain", None, None),
        ("signed", Some(Algorithm::Es512), None),
        ("encrypted", None, Some(how)),
        ("both", Some(Algorithm::Rs256), Some(how)),
    ] {
        let party = RelyingParty::with(&kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
            registration.userinfo_signed_response_alg = alg;
            registration.userinfo_encryption = encryption;
            registration.enc_jwk = Some(receiver.public.clone());
        });
        let party = party.await;
        let body = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await.json();
        let answer = kit.get(USERINFO, body["access_token"].as_str()).await;
        let media = if id == "plain" { "application/json" } else { "application/jwt" };
        assert_eq!(answer.headers[header::CONTENT_TYPE], media);
        let content = match encryption {
            Some(how) => {
                let (content, cty) = opened(&answer.text, how, &receiver);
                assert_eq!(cty, alg.map(|_| json!("JWT")));
                content
            }
            None => answer.text.clone(),
        };
        let claims = match alg {
            Some(alg) => {
                assert_eq!(Jws::parse(&content).unwrap().header().alg, alg);
                checked(&kit, Mount::Op, &content).await
            }
            None => serde_json::from_str(&content).unwrap(),
        };
        assert_eq!((&claims["name"], claims.get("iss").is_some()), (&json!("Asha Rao"), alg.is_some()), "{id}");
    }
}

/// GS-PRI: without a key that fits, nothing leaves.
#[tokio::test]
async fn what_cannot_be_encrypted_is_not_given() {
    let kit = Kit::new().await;
    let person = kit.person("100").await;
    let how = Encryption { alg: KeyManagement::RsaOaep256, enc: ContentEncryption::A256Gcm };
    for (id, key) in [("none", None), ("of another kind", Some(Pair::new(Algorithm::Es256).public))] {
        let party = RelyingParty::with(&kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
            registration.id_token_encryption = Some(how);
            registration.enc_jwk = key;
        });
        let party = party.await;
        let answer = party.redeem(&kit, &kit.code(&party.approval(&kit, person)).await).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{id}");
        assert!(!answer.text.contains("token\":"));
    }
}
