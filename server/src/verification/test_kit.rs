//! What the tests of calls about persons play with: a relying party with a token of its own, a person, what the person
//! agreed to.

use axum::http::{Request, header};
use serde_json::Value;

use crate::consents::{self, NewReceipt, Signed};
use crate::dialect::Mount;
use crate::registry::{self, Identifier, IdentifierKind, NewPerson, PersonId, Photo};
use crate::testkit::{Answer, Kit, Pair, RelyingParty};
use protocol::jws::Algorithm;

pub(crate) const UIN: &str = "8267411571";
pub(crate) const VID: &str = "vid-0401";

/// A relying party that may ask for `claims`, and its token with `scopes`.
pub(crate) async fn asker(kit: &Kit, id: &str, scopes: &[&str], claims: &[&str]) -> String {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let (own, may) = (list(scopes), list(claims));
    let party = RelyingParty::with(kit, Mount::Op, id, Pair::new(Algorithm::Es256), |registration| {
        registration.scopes = own;
        registration.user_claims = may;
    });
    token(kit, &party.await, scopes).await
}

/// A token of its own.
pub(crate) async fn token(kit: &Kit, party: &RelyingParty, scopes: &[&str]) -> String {
    let scope = scopes.join(" ");
    let answer = party.ask(kit, &[("grant_type", "client_credentials"), ("scope", &scope)]).await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned()
}

/// Somebody of whom everything in these tests is known.
pub(crate) async fn anna(kit: &Kit) -> PersonId {
    let attributes = serde_json::json!({
        "given_name": "Anna", "given_name#fr": "Anne", "family_name": "Nováková", "birthdate": "1990-02-03",
        "gender": "female", "email": "anna@example.test", "birthplace": "Brno",
        "address": { "locality": "Brno", "country": "CZ" }
    });
    let identifiers = [(IdentifierKind::Uin, UIN), (IdentifierKind::Vid, VID), (IdentifierKind::Handle, "ID-77")];
    let identifiers = identifiers.map(|(kind, value)| Identifier { kind, value: value.into() }).to_vec();
    let photo = Photo { media_type: "image/png".into(), bytes: b"\x89PNG\r\n\x1a\nface".to_vec().into() };
    let attributes = attributes.as_object().unwrap().clone();
    let person = NewPerson { identifiers, attributes, photo: Some(photo), ..NewPerson::default() };
    registry::add(&kit.state, person).await.unwrap()
}

/// What a person agreed to for a client of the standard mount.
pub(crate) async fn agree(kit: &Kit, person: PersonId, client_id: &str, claims: &[&str]) -> i64 {
    let (state, client_id) = (kit.state.clone(), client_id.to_owned());
    let claims = claims.iter().map(|claim| (*claim).to_owned()).collect();
    let expires_at = Some(kit.state.clock.now() + 600_000);
    let work = kit.state.store.write(move |tx| {
        Box::pin(async move {
            let receipt = NewReceipt {
                mount: Mount::Op,
                client_id,
                person,
                transaction: 1,
                claims,
                scopes: Vec::new(),
                signed: Signed::default(),
                rests_on: None,
                expires_at,
            };
            consents::record(&state, tx, receipt).await
        })
    });
    work.await.unwrap()
}

/// Ends it.
pub(crate) async fn withdraw(kit: &Kit, person: PersonId, client_id: &'static str) {
    let state = kit.state.clone();
    let work = kit
        .state
        .store
        .write(move |tx| Box::pin(async move { consents::withdraw(&state, tx, person, Mount::Op, client_id).await }));
    assert!(work.await.unwrap() > 0);
}

/// Posts JSON with a token.
pub(crate) async fn post(kit: &Kit, path: &str, token: &str, body: &Value) -> Answer {
    let request = Request::post(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    kit.send(request.body(body.to_string().into()).unwrap()).await
}
