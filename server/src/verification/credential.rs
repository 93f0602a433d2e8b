//! Documents that persons hold: the claim `idcards`, in OSIA's words.

use serde_json::{Map, Value};

use super::model::{CredentialData, OutputCredential};

/// OSIA's usual types and those of the claim (Bank iD's interface file).
const TYPES: [(&str, &str); 3] = [("ID_CARD", "ID"), ("PASSPORT", "P"), ("DRIVING_LICENSE", "DL")];

/// Whether one of a person's documents is the one described, in every member that is given. What this server does not know of
/// documents, such as `serialNumber`, is right of none.
pub(super) fn is_held(cards: &Value, described: &CredentialData) -> bool {
    let cards = cards.as_array().map(Vec::as_slice).unwrap_or_default();
    cards.iter().any(|card| fits(card, described))
}

/// Whether a description says anything.
pub(super) fn says_something(described: &CredentialData) -> bool {
    *described != CredentialData::default()
}

fn fits(card: &Value, described: &CredentialData) -> bool {
    let CredentialData {
        credential_id,
        status,
        status_other,
        credential_number,
        person_id,
        credential_type,
        issued_date,
        expiry_date,
        serial_number,
        issuing_authority,
        issuing_place,
        others,
    } = described;
    let unknown = [credential_id, status_other, person_id, serial_number, issuing_place];
    if unknown.into_iter().any(Option::is_some) || status.is_some() || others.is_some() {
        return false;
    }
    let same = |given: &Option<String>, member: &str| given.as_ref().is_none_or(|given| card[member] == given.as_str());
    // The claim has days, OSIA moments.
    let day = |given: &Option<String>, member: &str| {
        given.as_ref().is_none_or(|given| given.get(..10).is_some_and(|day| card[member] == day))
    };
    same(credential_number, "number")
        && same(&credential_type.as_deref().map(of_claim), "type")
        && same(issuing_authority, "issuer")
        && day(issued_date, "issue_date")
        && day(expiry_date, "valid_to")
}

fn of_claim(name: &str) -> String {
    TYPES.iter().find(|(osia, _)| *osia == name).map_or(name, |(_, claim)| claim).to_owned()
}

fn of_osia(name: &str) -> &str {
    TYPES.iter().find(|(_, claim)| *claim == name).map_or(name, |(osia, _)| osia)
}

/// The documents that are wanted, each with the members that are wanted and known.
pub(super) fn told(cards: &Value, wanted: &[OutputCredential]) -> Vec<Map<String, Value>> {
    let cards: Vec<Map<String, Value>> = cards.as_array().into_iter().flatten().map(described).collect();
    let mut told = Vec::new();
    for OutputCredential { credential_type, credential_data_fields: fields } in wanted {
        let of_type = |card: &&Map<String, Value>| {
            credential_type.as_ref().is_none_or(|wanted| card.get("credentialType").is_some_and(|is| is == wanted))
        };
        for card in cards.iter().filter(of_type) {
            let mut card = card.clone();
            card.retain(|name, _| fields.is_empty() || name == "credentialType" || fields.contains(name));
            told.push(card);
        }
    }
    told
}

fn described(card: &Value) -> Map<String, Value> {
    let text = |member: &str| card[member].as_str();
    let moment = |member: &str| text(member).map(|day| format!("{day}T00:00:00Z"));
    let members = [
        ("credentialType", text("type").map(|name| of_osia(name).to_owned())),
        ("credentialNumber", text("number").map(str::to_owned)),
        ("issuedDate", moment("issue_date")),
        ("expiryDate", moment("valid_to")),
        ("issuingAuthority", text("issuer").map(str::to_owned)),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cards() -> Value {
        json!([
            { "type": "ID", "country": "CZ", "number": "123456789", "valid_to": "2030-01-02", "issuer": "Praha 3" },
            { "type": "P", "country": "CZ", "number": "P1" }
        ])
    }

    /// GS-VAP-01: a credential is verified by its number, and by all else that is said of it.
    #[test]
    fn gs_vap_01_a_document_is_held_where_every_member_is_right() {
        let held = |described: Value| is_held(&cards(), &serde_json::from_value(described).unwrap());
        assert!(held(json!({ "credentialType": "ID_CARD", "credentialNumber": "123456789" })));
        assert!(held(json!({ "credentialNumber": "123456789", "expiryDate": "2030-01-02T00:00:00Z" })));
        assert!(held(json!({ "credentialNumber": "P1", "credentialType": "P" })));
        for wrong in [
            json!({ "credentialType": "PASSPORT", "credentialNumber": "123456789" }),
            json!({ "credentialNumber": "123456780" }),
            json!({ "credentialNumber": "123456789", "expiryDate": "2031-01-02T00:00:00Z" }),
            json!({ "credentialNumber": "123456789", "serialNumber": "1" }),
            json!({ "credentialNumber": "123456789", "status": "ACTIVE" }),
        ] {
            assert!(!held(wrong.clone()), "{wrong}");
        }
        assert!(!is_held(&Value::Null, &CredentialData::default()));
    }

    #[test]
    fn only_wanted_documents_and_members_are_told() {
        let wanted = OutputCredential {
            credential_type: Some("ID_CARD".into()),
            credential_data_fields: vec!["expiryDate".into()],
        };
        let told = told(&cards(), &[wanted]);
        assert_eq!(json!(told), json!([{ "credentialType": "ID_CARD", "expiryDate": "2030-01-02T00:00:00Z" }]));
        assert_eq!(super::told(&cards(), &[OutputCredential::default()]).len(), 2);
    }
}
