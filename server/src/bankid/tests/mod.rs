//! BID-*: the mount seen through its routes.

mod claims;
mod metadata;
mod refresh;
mod sealed;
mod token_info;
mod tokens;

use axum::http::{Request, header};

use crate::acr::Acr;
use crate::config::{Config, Mounts};
use crate::dialect::Mount;
use crate::grants::Approval;
use crate::registry::{self, PersonId};
use crate::testkit::{Answer, Kit, Pair, RelyingParty};
use protocol::jws::Algorithm;
use serde_json::{Value, json};

/// The mount beside those that are always there.
pub(super) fn config() -> Config {
    Config { mounts: Mounts { bankid: true, ..Mounts::default() }, ..Config::default() }
}

/// All scopes that ask for claims.
fn every_scope() -> Vec<String> {
    let scopes = Mount::BankId.dialect().claim_scopes.iter().map(|scope| scope.name.to_owned());
    ["openid".to_owned()].into_iter().chain(scopes).collect()
}

/// A relying party that may ask for everything.
async fn party(kit: &Kit, id: &str) -> RelyingParty {
    party_with(kit, id, |_| ()).await
}

pub(super) async fn party_with(
    kit: &Kit,
    id: &str,
    change: impl FnOnce(&mut crate::clients::Registration),
) -> RelyingParty {
    static KEY: std::sync::LazyLock<std::sync::Mutex<Pair>> =
        std::sync::LazyLock::new(|| std::sync::Mutex::new(Pair::new(Algorithm::Rs256)));
    let key = KEY.lock().unwrap().again();
    RelyingParty::with(kit, Mount::BankId, id, key, |registration| {
        registration.user_claims = Mount::BankId.dialect().claims.iter().map(|name| (*name).to_owned()).collect();
        registration.acrs = vec![Acr::LinkedWallet, Acr::GeneratedCode];
        change(registration);
    })
    .await
}

/// What a person agreed to who was asked with these scopes.
fn approval(kit: &Kit, party: &RelyingParty, person: PersonId, scopes: &[String]) -> Approval {
    let dialect = Mount::BankId.dialect();
    let asked = scopes.iter().filter_map(|scope| dialect.claim_scope(scope));
    let mut claims: Vec<String> =
        asked.flat_map(|scope| scope.userinfo.iter().chain(scope.profile)).map(|name| (*name).to_owned()).collect();
    claims.sort_unstable();
    claims.dedup();
    Approval {
        scopes: scopes.to_vec(),
        userinfo_claims: claims,
        acr: Acr::LinkedWallet.name(dialect),
        amr: vec!["hwk".into(), "mca".into(), "pop".into()],
        login: Some(kit.state.next_id()),
        ..party.approval(kit, person)
    }
}

/// A person of whom a bank knows everything.
pub(super) async fn jan(kit: &Kit) -> PersonId {
    let person = json!({
        "identifiers": [{ "kind": "uin", "value": "7008010147" }],
        "attributes": jans_attributes()
    });
    let read = registry::person_file::read(&person.to_string()).unwrap();
    registry::add(&kit.state, read.into_iter().next().unwrap().person).await.unwrap()
}

fn jans_attributes() -> Value {
    json!({
        "name": "Ing. Jan Novák", "given_name": "Jan", "family_name": "Novák", "middle_name": "Karel",
        "nickname": "Honza", "preferred_username": "JanN", "title_prefix": "Ing.", "title_suffix": "Ph.D.",
        "gender": "male", "birthdate": "1970-08-01", "birthnumber": "7008010147", "birthplace": "Praha 4",
        "birthcountry": "CZ", "primary_nationality": "CZ", "nationalities": ["CZ", "AT"], "maritalstatus": "MARRIED",
        "email": "j.novak@example.org", "email_verified": true, "phone_number": "+420123456789",
        "phone_number_verified": false, "zoneinfo": "Europe/Prague", "locale": "cs-CZ", "pep": false,
        "limited_legal_capacity": false,
        "addresses": [{ "type": "PERMANENT_RESIDENCE", "street": "Olbrachtova", "city": "Praha", "zipcode": "14000", "country": "CZ" }],
        "idcards": [{ "type": "ID", "country": "CZ", "number": "123456789", "valid_to": "2033-10-11" }],
        "paymentAccounts": ["CZ6508000000192000145399"],
        "paymentAccountsDetails": [{ "iban": "CZ6508000000192000145399", "currency": "CZK" }]
    })
}

/// Asks one of the claim endpoints.
async fn ask(kit: &Kit, path: &str, token: &str) -> Answer {
    let request = Request::get(format!("/bankid{path}")).header(header::AUTHORIZATION, format!("Bearer {token}"));
    kit.send(request.body(axum::body::Body::empty()).unwrap()).await
}

/// An access token for this approval, and its ID token.
async fn tokens(kit: &Kit, party: &RelyingParty, approval: &Approval) -> (String, String) {
    let answer = party.redeem(kit, &kit.code(approval).await).await;
    let body = answer.json();
    let of = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    (of("access_token"), of("id_token"))
}
