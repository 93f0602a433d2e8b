//! GS-OIDC-06, C9: what relying parties see of our keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::x509::X509;
use protocol::base64url;
use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::clients;
use crate::config::{Config, Mounts, Signing};
use crate::dialect::Mount;
use crate::testkit::{Kit, Pair, RelyingParty};

fn set(kit: &Kit, mount: Mount) -> Vec<Value> {
    let set: Value = serde_json::from_slice(&kit.state.keys.jwks(mount)).unwrap();
    set["keys"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_mount_publishes_the_keys_it_signs_with_in_its_own_form() {
    let kit = Kit::new().await;
    for (mount, alg, family) in [
        (Mount::GovStack, Some("RS256"), "RSA"),
        // PS256 or RS256, as the client registered: `alg` would forbid one of them.
        (Mount::ESignet, None, "RSA"),
        (Mount::Op, Some("ES256"), "EC"),
    ] {
        let keys = set(&kit, mount);
        let members = keys[0].as_object().unwrap();
        assert_eq!((keys[0]["kty"].as_str(), keys[0]["alg"].as_str()), (Some(family), alg), "{mount:?}");
        assert_eq!(keys[0]["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(!members.contains_key(private));
        }
        assert_eq!(keys[0]["kid"], Jwk::from_value(&keys[0]).unwrap().thumbprint());
    }
    let standard = set(&kit, Mount::Op);
    let told = |key: &Value| [key["kty"].clone(), key["crv"].clone(), key["alg"].clone()];
    let expected = [
        [json!("EC"), json!("P-256"), json!("ES256")],
        // RS256, PS256 or PS512, as the client registered.
        [json!("RSA"), Value::Null, Value::Null],
        [json!("EC"), json!("P-384"), json!("ES384")],
        [json!("EC"), json!("P-521"), json!("ES512")],
        [json!("OKP"), json!("Ed25519"), json!("EdDSA")],
    ];
    assert_eq!(standard.iter().map(told).collect::<Vec<_>>(), expected);
    assert!(set(&kit, Mount::GovStack)[0]["exp"].as_str().unwrap().ends_with('Z'));
    assert!(set(&kit, Mount::ESignet)[0]["exp"].as_i64().unwrap() > kit.state.clock.now() / 1000);
}

#[tokio::test]
async fn the_certificate_in_x5c_is_of_the_same_key() {
    let kit = Kit::new().await;
    let key = set(&kit, Mount::GovStack).remove(0);
    let der = STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
    assert_eq!(key["x5t#S256"], base64url::encode(Sha256::digest(&der)));
    let certificate = X509::from_der(&der).unwrap();
    let public = certificate.public_key().unwrap();
    assert!(certificate.verify(&public).unwrap());
    let rsa = public.rsa().unwrap();
    assert_eq!(key["n"], base64url::encode(rsa.n().to_vec()));
    assert_eq!(key["e"], base64url::encode(rsa.e().to_vec()));
    assert!(certificate.serial_number().to_bn().unwrap().num_bits() > 64);
}

#[tokio::test]
async fn what_is_signed_verifies_with_what_is_published() {
    let kit = Kit::new().await;
    for mount in Mount::ISSUERS {
        let keys: Vec<Jwk> = set(&kit, mount).iter().map(|key| Jwk::from_value(key).unwrap()).collect();
        for alg in mount.dialect().signing {
            let token = kit.state.keys.sign_jwt(*alg, "JWT", &json!({ "sub": "x" })).unwrap();
            let jws = kit.state.keys.verify(&keys, &Algorithm::ALL, &token).unwrap();
            assert_eq!(jws.header().alg, *alg);
            assert!(keys.iter().any(|key| key.kid() == jws.header().kid.as_deref()));
            // A second library agrees, where it can.
            if *alg == Algorithm::Es256 {
                jws.verify(&keys[0]).unwrap();
            }
        }
    }
    assert!(kit.state.keys.sign_jwt(Algorithm::Rs384, "JWT", &json!({})).is_err());
}

/// Whoever reads `/op`'s keys with a library that knows no Ed25519 can be served: nothing speaks of it any more.
#[tokio::test]
async fn ed25519_can_be_left_out() {
    let kit = Kit::with(Config { signing: Signing { ed25519: false }, ..Config::default() }).await;
    assert!(set(&kit, Mount::Op).iter().all(|key| key["kty"] != "OKP"));
    assert_eq!(set(&kit, Mount::Op).len(), 4);
    let metadata = kit.get("/op/.well-known/openid-configuration", None).await.json();
    for name in ["id_token", "userinfo", "authorization", "introspection"] {
        let algs = metadata[format!("{name}_signing_alg_values_supported")].as_array().unwrap().clone();
        assert!(!algs.contains(&json!("EdDSA")) && algs.contains(&json!("ES256")), "{name}");
    }
    // What others sign is another matter.
    assert!(metadata["dpop_signing_alg_values_supported"].as_array().unwrap().contains(&json!("EdDSA")));
}

/// A client of before that would get what it cannot check is named, so that the server need not start.
#[tokio::test]
async fn a_client_with_an_algorithm_that_is_left_out_is_found() {
    for (ed25519, mount, alg, found) in [
        (true, Mount::Op, Algorithm::EdDsa, false),
        (false, Mount::Op, Algorithm::EdDsa, true),
        (false, Mount::Op, Algorithm::Es384, false),
        (true, Mount::BankId, Algorithm::Es256, true),
        (true, Mount::BankId, Algorithm::Ps512, false),
    ] {
        let mounts = Mounts { bankid: true, ..Mounts::default() };
        let kit = Kit::with(Config { signing: Signing { ed25519 }, mounts, ..Config::default() }).await;
        RelyingParty::with(&kit, mount, "shop", Pair::new(Algorithm::Rs256), |registration| {
            registration.userinfo_signed_response_alg = Some(alg);
        })
        .await;
        let told = clients::signed_otherwise(&kit.state).await.unwrap();
        assert_eq!(told, found.then(|| (mount, "shop".to_owned(), alg)), "{mount:?} {alg:?}");
    }
}
