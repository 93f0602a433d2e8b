//! Binding and the wallet's factor, through the whole app.

mod attested;
mod compatible;
mod devices;
mod native;
mod wla;

use protocol::binding::ProofClaims;
use serde_json::{Value, json};

use super::phone::Phone;
use crate::factors::captured;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId};
use crate::testkit::{Answer, Kit};

const ANNA: &str = "8267411571";
const BEN: &str = "7261934405";
const GOVSTACK: &str = "/wallet-binding";
const ESIGNET: &str = "/v1/esignet/binding/wallet-binding";
const PARTNER: [(&str, &str); 2] = [("PARTNER-ID", "p"), ("PARTNER-API-KEY", "k")];

/// Adds Anna and Ben.
async fn people(kit: &Kit) -> (PersonId, PersonId) {
    let add = async |id: &str| {
        let attributes = json!({ "email": mail(id), "name": "Anna Meyer" });
        let identifiers = vec![Identifier { kind: IdentifierKind::Uin, value: id.into() }];
        let attributes = attributes.as_object().unwrap().clone();
        registry::add(&kit.state, NewPerson { identifiers, attributes, ..NewPerson::default() }).await.unwrap()
    };
    (add(ANNA).await, add(BEN).await)
}

fn mail(id: &str) -> String {
    format!("{id}@example.org")
}

/// An OTP for binding, as a challenge list.
async fn otp(kit: &Kit, id: &str) -> Value {
    let request = json!({ "individualId": id, "otpChannels": ["email"] });
    let answer = kit.post("/wallet/binding-otp", request, &[]).await;
    assert_eq!(answer.code(), "", "{}", answer.text);
    let otp = captured::otps(&kit.state, &mail(id)).pop().unwrap();
    json!([{ "authFactorType": "OTP", "challenge": otp, "format": "alpha-numeric" }])
}

/// Claims of a proof over a fresh challenge.
async fn proof_claims(kit: &Kit) -> ProofClaims {
    let answer = kit.post("/wallet/binding-challenge", json!({}), &[]).await.json();
    let text = |name: &str| answer["response"][name].as_str().unwrap().to_owned();
    let now = kit.state.clock.now() / 1000;
    ProofClaims { aud: text("issuer"), nonce: text("challenge"), iat: now, exp: now + 60 }
}

/// Binds natively; gives the answer.
async fn bind(kit: &Kit, id: &str, phone: &Phone) -> Answer {
    let proof = phone.proof(&proof_claims(kit).await);
    let request = json!({
        "individualId": id, "challengeList": otp(kit, id).await, "publicKey": phone.jwk_json(), "proof": proof,
        "deviceName": "Anna's phone"
    });
    kit.post("/wallet/binding", request, &[]).await
}

/// Binds as a wallet's backend does.
async fn bind_at(kit: &Kit, path: &str, id: &str, public_key: Value) -> Answer {
    let request = json!({
        "individualId": id, "challengeList": otp(kit, id).await, "publicKey": public_key, "authFactorType": "WLA",
        "format": "jwt"
    });
    kit.post(path, request, &PARTNER).await
}

/// A kit whose compatible paths ask for no bearer token.
async fn open_kit() -> Kit {
    let mut config = crate::config::Config::default();
    config.binding.require_bearer = false;
    Kit::with(config).await
}

/// The member of a good answer.
fn member(answer: &Answer, name: &str) -> String {
    answer.json()["response"][name].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}
