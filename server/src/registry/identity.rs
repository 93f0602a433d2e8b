//! The form of the attributes by which a bank knows a person: titles, birth number, addresses, cards, accounts, status
//! (claims of Bank iD's profile; its interface file 2.0.2, with the values of 2.0.5).

use serde_json::{Map, Value};

use super::validation::{is_date, is_text};

const MARITAL_STATUS: [&str; 13] = [
    "COHABITATION",
    "MARRIED",
    "DIVORCED",
    "REGISTERED_PARTNERSHIP",
    "REGISTERED_PARTNERSHIP_CANCELED",
    "REGISTERED_PARTNERSHIP_WIDOWED",
    "PARTNERSHIP",
    "PARTNERSHIP_CANCELED",
    "SEPARATED",
    "LAPSED_MARRIAGE",
    "WIDOWED",
    "SINGLE",
    "UNKNOWN",
];

const ADDRESS_TYPES: [&str; 3] = ["PERMANENT_RESIDENCE", "SECONDARY_RESIDENCE", "UNKNOWN"];
const ADDRESS: Members = Members {
    needed: &["type", "city", "zipcode", "country"],
    others: &["street", "buildingapartment", "streetnumber", "evidencenumber", "cityarea", "ruian_reference"],
};

const CARD_TYPES: [&str; 11] = ["ID", "P", "DL", "IR", "VS", "PS", "IX", "IE", "OP", "CA", "UNKNOWN"];
const CARD: Members =
    Members { needed: &["type", "country", "number"], others: &["description", "valid_to", "issuer", "issue_date"] };
/// The one type of card that has no end.
const CARD_WITHOUT_END: &str = "OP";

const ACCOUNT: Members = Members { needed: &["iban", "currency"], others: &[] };

/// Members of an object, all texts.
struct Members {
    needed: &'static [&'static str],
    others: &'static [&'static str],
}

/// Whether a value has the form of its claim; `None` where the claim is not one of these.
pub(super) fn fits(name: &str, value: &Value) -> Option<bool> {
    let text = value.as_str();
    Some(match name {
        "title_prefix" | "title_suffix" | "birthplace" => is_text(value),
        "birthnumber" => text.is_some_and(is_birth_number),
        "birthcountry" | "primary_nationality" => text.is_some_and(is_country),
        "nationalities" => each(value, |one| one.as_str().is_some_and(is_country)),
        "maritalstatus" => text.is_some_and(|status| MARITAL_STATUS.contains(&status)),
        "addresses" => each(value, is_address),
        "idcards" => each(value, is_card),
        "paymentAccounts" => each(value, |one| one.as_str().is_some_and(is_iban)),
        "paymentAccountsDetails" => each(value, is_account),
        "pep" | "limited_legal_capacity" => value.is_boolean(),
        "date_of_death" => text.is_some_and(|date| date.len() == 10 && is_date(date)),
        _ => return None,
    })
}

/// What holds between attributes: a Czech citizen has a birth number.
///
/// # Errors
/// The attribute that is missing, and why it must be there.
pub(super) fn together(attributes: &Map<String, Value>) -> Result<(), (&'static str, &'static str)> {
    let czech = |value: &Value| value.as_str() == Some("CZ");
    let of = |name: &str| attributes.get(name);
    let citizen = of("primary_nationality").is_some_and(czech)
        || of("nationalities").and_then(Value::as_array).is_some_and(|all| all.iter().any(czech));
    if citizen && of("birthnumber").is_none() {
        return Err(("birthnumber", "is needed where a nationality is CZ"));
    }
    Ok(())
}

/// An array with at least one element, each of which is good.
fn each(value: &Value, good: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(good))
}

/// The object, where its members are these and texts.
fn members<'v>(value: &'v Value, of: &Members) -> Option<&'v Map<String, Value>> {
    let object = value.as_object()?;
    let known = |name: &str| of.needed.contains(&name) || of.others.contains(&name);
    let whole = of.needed.iter().all(|name| object.contains_key(*name));
    (whole && object.iter().all(|(name, part)| known(name) && is_text(part))).then_some(object)
}

fn is_one_of(object: &Map<String, Value>, member: &str, values: &[&str]) -> bool {
    object.get(member).and_then(Value::as_str).is_some_and(|value| values.contains(&value))
}

fn is_address(value: &Value) -> bool {
    members(value, &ADDRESS).is_some_and(|address| is_one_of(address, "type", &ADDRESS_TYPES) && has_country(address))
}

/// BID-124-04: every card but one without a machine readable zone ends some day.
fn is_card(value: &Value) -> bool {
    members(value, &CARD).is_some_and(|card| {
        let date = |member: &str| card.get(member).and_then(Value::as_str);
        let ends = date("valid_to").map_or_else(|| is_one_of(card, "type", &[CARD_WITHOUT_END]), is_date);
        is_one_of(card, "type", &CARD_TYPES) && has_country(card) && ends && date("issue_date").is_none_or(is_date)
    })
}

fn is_account(value: &Value) -> bool {
    members(value, &ACCOUNT).is_some_and(|account| {
        let part = |member: &str| account.get(member).and_then(Value::as_str).unwrap_or_default();
        let currency = part("currency");
        is_iban(part("iban")) && currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

fn has_country(object: &Map<String, Value>) -> bool {
    object.get("country").and_then(Value::as_str).is_some_and(is_country)
}

/// ISO 3166-1 alpha-2, by its looks.
fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Nine digits until 1953, ten since; without the slash.
fn is_birth_number(text: &str) -> bool {
    matches!(text.len(), 9 | 10) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// ISO 13616: country, two check digits, up to 30 letters and digits; the whole is 1 modulo 97.
fn is_iban(text: &str) -> bool {
    let Some((head, account)) = text.split_at_checked(4) else { return false };
    let (country, check) = head.split_at(head.len().min(2));
    let sound = is_country(country)
        && check.bytes().all(|byte| byte.is_ascii_digit())
        && (11..=30).contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let remainder = |sum: u32, byte: u8| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        letter => (sum * 100 + u32::from(letter.saturating_sub(b'A')) + 10) % 97,
    };
    sound && account.bytes().chain(head.bytes()).fold(0, remainder) == 1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn good(name: &str, value: Value) {
        assert_eq!(fits(name, &value), Some(true), "{name} {value}");
    }

    fn bad(name: &str, value: Value) {
        assert_eq!(fits(name, &value), Some(false), "{name} {value}");
    }

    /// BID-202-01, with those of before.
    #[test]
    fn bid_202_01_every_marital_status_of_the_document_is_taken() {
        for status in MARITAL_STATUS {
            good("maritalstatus", json!(status));
        }
        bad("maritalstatus", json!("married"));
        bad("maritalstatus", json!(""));
    }

    /// BID-124-01, BID-124-04.
    #[test]
    fn bid_124_cards_have_a_known_type_and_all_but_one_have_an_end() {
        let card = |kind: &str, valid_to: Option<&str>| {
            let mut card = json!({ "type": kind, "country": "CZ", "number": "123456789" });
            if let Some(valid_to) = valid_to {
                card["valid_to"] = json!(valid_to);
            }
            json!([card])
        };
        for kind in CARD_TYPES {
            good("idcards", card(kind, Some("2030-10-11")));
        }
        good("idcards", card("OP", None));
        bad("idcards", card("ID", None));
        bad("idcards", card("ID", Some("soon")));
        bad("idcards", card("XX", Some("2030-10-11")));
        bad("idcards", json!([]));
        bad("idcards", json!([{ "type": "OP", "country": "CZ" }]));
        bad("idcards", json!([{ "type": "OP", "country": "cz", "number": "1" }]));
        bad("idcards", json!([{ "type": "OP", "country": "CZ", "number": "1", "colour": "red" }]));
        bad("idcards", json!([{ "type": "OP", "country": "CZ", "number": "1", "issue_date": "yesterday" }]));
    }

    /// BID-1120-01, BID-1121-01.
    #[test]
    fn bid_1120_01_addresses_and_accounts_have_the_members_of_the_document() {
        let whole = json!([{
            "type": "PERMANENT_RESIDENCE", "street": "Olbrachtova", "buildingapartment": "1929", "streetnumber": "62",
            "evidencenumber": "21a", "city": "Praha", "cityarea": "Krč", "zipcode": "14000", "country": "CZ",
            "ruian_reference": "14458921"
        }]);
        good("addresses", whole);
        bad("addresses", json!([{ "type": "PERMANENT_RESIDENCE", "city": "Praha", "zipcode": "14000" }]));
        bad("addresses", json!([{ "type": "HOME", "city": "Praha", "zipcode": "14000", "country": "CZ" }]));
        let iban = "CZ6508000000192000145399";
        good("paymentAccounts", json!([iban]));
        good("paymentAccountsDetails", json!([{ "iban": iban, "currency": "CZK" }]));
        bad("paymentAccountsDetails", json!({ "iban": iban, "currency": "CZK" }));
        bad("paymentAccountsDetails", json!([{ "iban": iban, "currency": "crowns" }]));
        bad("paymentAccounts", json!(["CZ6508000000192000145390"]));
        bad("paymentAccounts", json!(["CZ65"]));
        bad("paymentAccounts", json!(["ČZ6508000000192000145399"]));
    }

    #[test]
    fn numbers_countries_and_marks_have_their_form() {
        good("birthnumber", json!("7008010147"));
        good("birthnumber", json!("530801014"));
        bad("birthnumber", json!("700801/0147"));
        bad("birthnumber", json!(7_008_010_147_i64));
        good("nationalities", json!(["CZ", "AT"]));
        bad("nationalities", json!("CZ"));
        good("pep", json!(false));
        bad("limited_legal_capacity", json!("no"));
        bad("date_of_death", json!("2020"));
        assert_eq!(fits("name", &json!("x")), None);
    }

    #[test]
    fn a_czech_citizen_has_a_birth_number() {
        let of = |value: Value| together(value.as_object().unwrap()).is_ok();
        assert!(of(json!({ "nationalities": ["AT"] })));
        assert!(of(json!({ "nationalities": ["AT", "CZ"], "birthnumber": "7008010147" })));
        assert!(!of(json!({ "nationalities": ["AT", "CZ"] })));
        assert!(!of(json!({ "primary_nationality": "CZ" })));
    }
}
