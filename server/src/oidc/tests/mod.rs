mod metadata;
mod registration;
mod token;
mod userinfo;

use protocol::jwk::Jwk;
use serde_json::Value;

use crate::dialect::Mount;
use crate::keys::UNDERSTOOD;
use crate::testkit::Kit;

/// Claims of a token of ours, checked as a relying party would: with the keys that the mount's metadata names.
async fn checked(kit: &Kit, mount: Mount, token: &str) -> Value {
    let keys: Vec<Jwk> = published(kit, mount).await.iter().map(|key| Jwk::from_value(key).unwrap()).collect();
    let jws = kit.state.keys.verify(&keys, &UNDERSTOOD, token).unwrap();
    assert!(keys.iter().any(|key| key.kid() == jws.header().kid.as_deref()));
    jws.claims().unwrap()
}

async fn published(kit: &Kit, mount: Mount) -> Vec<Value> {
    let metadata = kit.get(&format!("{}/.well-known/openid-configuration", mount.prefix()), None).await.json();
    let path = metadata["jwks_uri"].as_str().unwrap().strip_prefix(kit.state.config.origin()).unwrap().to_owned();
    kit.get(&path, None).await.json()["keys"].as_array().unwrap().clone()
}
