mod dpop;
mod encryption;
mod introspection;
mod metadata;
mod other_origins;
mod refresh;
mod registration;
mod token;
mod userinfo;
mod yes_no;

use protocol::jwk::Jwk;
use protocol::jws::Algorithm;
use serde_json::Value;

use crate::clients::{GrantType, Registration};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::registry::PersonId;
use crate::testkit::{Answer, Kit, RelyingParty};

/// Claims of a token of ours, checked as a relying party would: with the keys that the mount's metadata names.
async fn checked(kit: &Kit, mount: Mount, token: &str) -> Value {
    let keys: Vec<Jwk> = published(kit, mount).await.iter().map(|key| Jwk::from_value(key).unwrap()).collect();
    let jws = kit.state.keys.verify(&keys, &Algorithm::ALL, token).unwrap();
    assert!(keys.iter().any(|key| key.kid() == jws.header().kid.as_deref()));
    jws.claims().unwrap()
}

async fn published(kit: &Kit, mount: Mount) -> Vec<Value> {
    let metadata = kit.get(&format!("{}/.well-known/openid-configuration", mount.prefix()), None).await.json();
    let path = metadata["jwks_uri"].as_str().unwrap().strip_prefix(kit.state.config.origin()).unwrap().to_owned();
    kit.get(&path, None).await.json()["keys"].as_array().unwrap().clone()
}

/// Status and `error` of an answer.
fn told(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

/// Lets a client have refresh tokens.
fn refreshable(registration: &mut Registration) {
    registration.grant_types.push(GrantType::RefreshToken);
}

/// An approval of access while away.
fn offline(kit: &Kit, party: &RelyingParty, person: PersonId) -> Approval {
    let approval = party.approval(kit, person);
    let scopes = ["openid", "profile", "offline_access"].map(str::to_owned).to_vec();
    Approval { scopes, offline: true, ..approval }
}
