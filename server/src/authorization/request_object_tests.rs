//! A11 to A14: whose request objects are taken, by which algorithm, and what they say about themselves.

use protocol::jws::Algorithm;
use serde_json::{Value, json};

use super::request_object::{LONGEST, read};
use crate::clients::{self, Client, Registration};
use crate::dialect::Mount;
use crate::testkit::{Kit, Pair, RelyingParty};

const ISSUER: &str = "http://localhost:8080/op";

/// A client of the standard mount, its key, and what it asks.
async fn party(kit: &Kit, id: &str, change: impl FnOnce(&mut Registration)) -> (RelyingParty, std::sync::Arc<Client>) {
    let party = RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), change).await;
    let client = clients::find(&kit.state, Mount::Op, id).await.unwrap().unwrap();
    (party, client)
}

fn asks(kit: &Kit) -> Value {
    let now = kit.state.clock.now() / 1000;
    json!({
        "iss": "clinic", "aud": ISSUER, "client_id": "clinic", "exp": now + 60, "nbf": now, "iat": now,
        "response_type": "code", "redirect_uri": "https://rp.test/cb", "scope": "openid", "state": "theirs",
        "max_age": 60, "claims": { "userinfo": { "name": null } }
    })
}

fn es256() -> Value {
    json!({ "alg": "ES256", "typ": "oauth-authz-req+jwt" })
}

fn plain(claims: &Value) -> String {
    let part = |value: &Value| protocol::base64url::encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
}

#[tokio::test]
async fn a_signed_request_is_read_whole() {
    let kit = Kit::new().await;
    assert_eq!(kit.state.issuer(Mount::Op), ISSUER);
    let (party, client) = party(&kit, "clinic", |_| ()).await;
    let asked = read(&kit.state, &client, &party.pair.token(&es256(), &asks(&kit))).await.unwrap();
    assert_eq!((asked.state.as_deref(), asked.max_age.as_deref()), (Some("theirs"), Some("60")));
    assert!(asked.claims.is_some() && asked.request.is_none());
}

/// A11.
#[tokio::test]
async fn a11_unsigned_ones_are_taken_only_where_nothing_else_was_registered() {
    let kit = Kit::new().await;
    let token = plain(&asks(&kit));
    let (_, nothing) = party(&kit, "clinic", |_| ()).await;
    assert!(read(&kit.state, &nothing, &token).await.is_ok());
    for (id, change) in [
        ("signs", (|r: &mut Registration| r.request_object_signing_alg = Some(Algorithm::Es256)) as fn(&mut _)),
        ("must", |r| r.require_signed_request_object = true),
        ("fapi2", |r| r.profile = crate::clients::Profile::Fapi2),
    ] {
        let (_, client) = party(&kit, id, change).await;
        let mut claims = asks(&kit);
        claims["client_id"] = id.into();
        claims["iss"] = id.into();
        let refused = read(&kit.state, &client, &plain(&claims)).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.error, "invalid_request_object", "{id}");
    }
    // A signature that is there is no unsigned token, whatever its header says.
    let (party, client) = party(&kit, "unsigned", |r| r.request_object_unsigned = true).await;
    let odd = party.pair.token(&json!({ "alg": "none" }), &asks(&kit));
    assert!(read(&kit.state, &client, &odd).await.is_err());
    assert!(read(&kit.state, &client, &party.pair.token(&es256(), &asks(&kit))).await.is_err());
}

/// A12: another client's key, our own public key as a secret, another algorithm than the registered one.
#[tokio::test]
async fn a12_only_the_clients_own_key_and_algorithm_count() {
    let kit = Kit::new().await;
    let (_, client) = party(&kit, "clinic", |r| r.request_object_signing_alg = Some(Algorithm::Es256)).await;
    let (other, _) = party(&kit, "other", |_| ()).await;
    let claims = asks(&kit);
    let rsa = Pair::new(Algorithm::Rs256);
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let input = [&header, &claims].map(|part| protocol::base64url::encode(part.to_string())).join(".");
    let secret = kit.state.keys.jwks(Mount::Op);
    let mac = hmac_sha256(&secret, input.as_bytes());
    for token in [
        other.pair.token(&es256(), &claims),
        rsa.token(&json!({ "alg": "RS256" }), &claims),
        format!("{input}.{}", protocol::base64url::encode(mac)),
        other.pair.token(&json!({ "alg": "ES256", "jwk": other.pair.public }), &claims),
    ] {
        let refused = read(&kit.state, &client, &token).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.error, "invalid_request_object");
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    Hmac::<sha2::Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes().to_vec()
}

/// A13: nothing is decrypted here, so that nothing is taken for signed because it was encrypted.
#[tokio::test]
async fn a13_an_encrypted_one_is_refused() {
    let kit = Kit::new().await;
    let (_, client) = party(&kit, "clinic", |_| ()).await;
    let header = json!({ "alg": "ECDH-ES", "enc": "A256GCM" });
    let jwe = format!("{}..x.x.x", protocol::base64url::encode(header.to_string()));
    for token in [jwe.as_str(), "", "x", "e30.e30.", "a.b.c", "....", &"x".repeat(LONGEST + 1)] {
        let refused = read(&kit.state, &client, token).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.error, "invalid_request_object", "{}", &token[..token.len().min(40)]);
    }
}

/// A14, RFC 9101 §4, §10.8: for this client, this issuer and this time, and no other kind of token.
#[tokio::test]
async fn a14_what_contradicts_or_is_meant_for_others_is_refused() {
    let kit = Kit::new().await;
    let (party, client) = party(&kit, "clinic", |_| ()).await;
    let now = kit.state.clock.now() / 1000;
    let with = |name: &str, value: Value| {
        let mut claims = asks(&kit);
        claims[name] = value;
        claims
    };
    for bad in [
        with("client_id", json!("other")),
        with("iss", json!("other")),
        with("sub", json!("clinic")),
        with("aud", json!("https://other.test")),
        with("aud", json!(["https://other.test", 5])),
        with("exp", json!(now - 60)),
        with("exp", json!("soon")),
        with("nbf", json!(now + 60)),
        with("iat", json!(now + 60)),
        with("request", json!("x")),
        with("request_uri", json!("https://rp.test/r")),
        with("scope", json!(["openid"])),
        with("claims", json!([1])),
    ] {
        let refused = read(&kit.state, &client, &party.pair.token(&es256(), &bad)).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.error, "invalid_request_object", "{bad}");
    }
    for good in [
        with("aud", json!(["https://other.test", ISSUER])),
        with("exp", json!(now - 5)),
        with("nbf", json!(now + 8)),
        with("sub", json!("somebody")),
    ] {
        assert!(read(&kit.state, &client, &party.pair.token(&es256(), &good)).await.is_ok(), "{good}");
    }
    for typ in ["client-authentication+jwt", "at+jwt", "logout+jwt"] {
        let header = json!({ "alg": "ES256", "typ": typ });
        assert!(read(&kit.state, &client, &party.pair.token(&header, &asks(&kit))).await.is_err(), "{typ}");
    }
}
