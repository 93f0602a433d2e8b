//! What is signed and encrypted for a client: ID tokens and both claim endpoints.

use axum::http::header;
use josekit::jwe::JweDecrypter;
use josekit::jwe::alg::ecdh_es::EcdhEsJweAlgorithm::EcdhEs;
use josekit::jwe::alg::rsaes::RsaesJweAlgorithm::{RsaOaep, RsaOaep256};
use protocol::jwk::Jwk;
use protocol::jws::{Algorithm, Jws};
use serde_json::{Value, json};

use super::{approval, ask, config, every_scope, jan, party_with, tokens};
use crate::keys::{ContentEncryption, Encryption, KeyManagement};
use crate::testkit::{Kit, Pair};

/// The ways of the interface file.
const WAYS: [KeyManagement; 3] = [KeyManagement::EcdhEs, KeyManagement::RsaOaep256, KeyManagement::RsaOaep];

fn opened(token: &str, alg: KeyManagement, key: &Pair) -> (String, Option<Value>) {
    let decrypter: Box<dyn JweDecrypter> = match alg {
        KeyManagement::RsaOaep => Box::new(RsaOaep.decrypter_from_jwk(&key.private).unwrap()),
        KeyManagement::RsaOaep256 => Box::new(RsaOaep256.decrypter_from_jwk(&key.private).unwrap()),
        _ => Box::new(EcdhEs.decrypter_from_jwk(&key.private).unwrap()),
    };
    let (content, outer) = josekit::jwe::deserialize_compact(token, &*decrypter).unwrap();
    assert_eq!((outer.claim("alg"), outer.claim("enc")), (Some(&json!(alg.name())), Some(&json!("A256GCM"))));
    (String::from_utf8(content).unwrap(), outer.claim("cty").cloned())
}

/// Claims of a token whose signature holds under the published keys.
async fn checked(kit: &Kit, token: &str, alg: Algorithm) -> Value {
    let set = kit.get("/bankid/.well-known/jwks", None).await.json();
    let keys: Vec<Jwk> = set["keys"].as_array().unwrap().iter().map(|key| Jwk::from_value(key).unwrap()).collect();
    let jws: Jws = kit.state.keys.verify(&keys, &[alg], token).unwrap();
    jws.claims().unwrap()
}

/// BID-LNK-07: ES512 unless a client registered PS512, and nothing else is promised.
#[tokio::test]
async fn bid_lnk_07_tokens_are_signed_with_es512_or_ps512() {
    let kit = Kit::with(config()).await;
    let metadata = kit.get("/bankid/.well-known/openid-configuration", None).await.json();
    for what in ["id_token", "userinfo", "profile", "introspection"] {
        assert_eq!(metadata[format!("{what}_signing_alg_values_supported")], json!(["ES512", "PS512"]), "{what}");
    }
    for what in ["id_token", "userinfo", "profile"] {
        let algs = metadata[format!("{what}_encryption_alg_values_supported")].as_array().unwrap().clone();
        assert!(WAYS.iter().all(|alg| algs.contains(&json!(alg.name()))), "{what}");
        let encs = metadata[format!("{what}_encryption_enc_values_supported")].as_array().unwrap().clone();
        assert!(encs.contains(&json!("A256GCM")), "{what}");
    }
    let person = jan(&kit).await;
    for (id, registered, alg) in
        [("unset", None, Algorithm::Es512), ("ps512", Some(Algorithm::Ps512), Algorithm::Ps512)]
    {
        let shop = party_with(&kit, id, |registration| registration.id_token_alg = registered).await;
        let (_, id_token) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
        assert_eq!(checked(&kit, &id_token, alg).await["aud"], id);
    }
}

/// BID-CLM-01, BID-CLM-08, BID-CLM-09, BID-CLM-10, BID-LNK-07: plain, signed, encrypted, or signed and then encrypted, by
/// registration, at both endpoints; ID tokens too.
#[tokio::test]
async fn bid_clm_01_claims_are_signed_and_encrypted_as_the_client_registered() {
    let kit = Kit::with(config()).await;
    let person = jan(&kit).await;
    let (rsa, ec) = (Pair::new(Algorithm::Rs256), Pair::new(Algorithm::Es256));
    let signings = [None, Some(Algorithm::Es512), Some(Algorithm::Ps512)];
    for (number, (signed, alg)) in signings
        .into_iter()
        .flat_map(|signed| WAYS.map(Some).into_iter().chain([None]).map(move |alg| (signed, alg)))
        .enumerate()
    {
        let key = if alg == Some(KeyManagement::EcdhEs) { &ec } else { &rsa };
        let how = alg.map(|alg| Encryption { alg, enc: ContentEncryption::A256Gcm });
        let id = format!("shop {number}");
        let shop = party_with(&kit, &id, |registration| {
            registration.userinfo_signed_response_alg = signed;
            registration.userinfo_encryption = how;
            registration.id_token_encryption = how;
            registration.enc_jwk = Some(key.public.clone());
        });
        let shop = shop.await;
        let (token, id_token) = tokens(&kit, &shop, &approval(&kit, &shop, person, &every_scope())).await;
        let id_token = alg.map_or(id_token.clone(), |alg| opened(&id_token, alg, key).0);
        let sub = checked(&kit, &id_token, Algorithm::Es512).await["sub"].clone();
        for (path, name) in [("/userinfo", "email"), ("/profile", "birthnumber")] {
            let answer = ask(&kit, path, &token).await;
            let media = if how.is_none() && signed.is_none() { "application/json" } else { "application/jwt" };
            assert_eq!(answer.headers[header::CONTENT_TYPE], media, "{path} {signed:?} {alg:?}");
            let content = match alg {
                Some(alg) => {
                    let (content, cty) = opened(&answer.text, alg, key);
                    assert_eq!(cty, signed.map(|_| json!("JWT")));
                    content
                }
                None => answer.text,
            };
            let claims = match signed {
                Some(alg) => checked(&kit, &content, alg).await,
                None => serde_json::from_str(&content).unwrap(),
            };
            assert_eq!((&claims["sub"], claims[name].is_string()), (&sub, true), "{path} {signed:?} {alg:?}");
            assert!(claims["txn"].is_string());
        }
    }
}
