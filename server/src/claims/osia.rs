//! What OSIA calls the attributes of a person (its `biographicData` and `contactData`), and which claims they are.
//!
//! OSIA leaves the names open; the table has those of its own documents and their usual spellings. What has no claim is a
//! *further attribute*: it is kept, under its OSIA name behind [`FURTHER`], so that no claim can be meant by it.

use serde_json::{Map, Value, json};

use super::countries::{alpha2, alpha3};
use super::{is_known, untagged};

/// Before the OSIA name of an attribute that is no claim: `osia.spouseName`.
pub const FURTHER: &str = "osia.";

/// The claim that a person's documents are, OSIA's `credentialData`.
pub const CREDENTIALS: &str = "idcards";

/// Characters of an OSIA name at most.
const LONGEST: usize = 64;

/// OSIA's name and the claim; of several names for one claim the first is told.
const NAMES: &[(&str, &str)] = &[
    ("firstName", "given_name"),
    ("givenName", "given_name"),
    ("lastName", "family_name"),
    ("familyName", "family_name"),
    ("surname", "family_name"),
    ("middleName", "middle_name"),
    ("fullName", "name"),
    ("dateOfBirth", "birthdate"),
    ("gender", "gender"),
    ("sex", "gender"),
    ("nationality", "primary_nationality"),
    ("placeOfBirth", "birthplace"),
    ("countryOfBirth", "birthcountry"),
    ("civilStatus", "maritalstatus"),
    ("maritalStatus", "maritalstatus"),
    ("dateOfDeath", "date_of_death"),
    ("address", "address"),
    ("Address", "address"),
    ("currentAddress", "address"),
    ("phone", "phone_number"),
    ("phone1", "phone_number"),
    ("phoneNumber", "phone_number"),
    ("email", "email"),
    ("emailAddress", "email"),
    ("preferredLanguage", "locale"),
];

/// Claims that nobody gives as an attribute: computed, or said by this server alone.
const NEVER_GIVEN: [&str; 8] = [
    "picture",
    "individual_id",
    "updated_at",
    "age",
    "majority",
    "email_verified",
    "phone_number_verified",
    super::bankid::VERIFIED_CLAIMS,
];

/// Members of OSIA's address and of the claim's (OpenID Connect Core §5.1.1), beside the lines of the street.
const ADDRESS: [(&str, &str); 4] =
    [("city", "locality"), ("state", "region"), ("postalCode", "postal_code"), ("country", "country")];

/// The claim that an OSIA attribute is; a claim's own name is one too. `None` for what is kept as a further attribute.
#[must_use]
pub fn to_claim(name: &str) -> Option<&str> {
    let claim = NAMES.iter().find(|(osia, _)| *osia == name).map_or(name, |(_, claim)| claim);
    (is_known(claim) && !NEVER_GIVEN.contains(&claim)).then_some(claim)
}

/// What OSIA calls a claim: `firstName` for `given_name`. `None` where it has no name for it.
#[must_use]
pub fn to_osia(claim: &str) -> Option<&'static str> {
    NAMES.iter().find(|(_, known)| *known == claim).map(|(osia, _)| *osia)
}

/// Whether something that OSIA's interfaces carry of a person is the claim.
#[must_use]
pub fn is_carried(claim: &str) -> bool {
    claim == CREDENTIALS || to_osia(claim).is_some()
}

/// What an OSIA attribute is called among a person's attributes: the claim, or its own name behind [`FURTHER`].
#[must_use]
pub fn attribute(name: &str) -> String {
    to_claim(name).map_or_else(|| format!("{FURTHER}{name}"), str::to_owned)
}

/// The OSIA name of a further attribute, where an attribute is one: `spouseName` of `osia.spouseName`.
#[must_use]
pub fn further(attribute: &str) -> Option<&str> {
    let name = attribute.strip_prefix(FURTHER)?;
    let sound = |letter: char| !letter.is_control() && !letter.is_whitespace() && letter != '#';
    ((1..=LONGEST).contains(&name.chars().count()) && name.chars().all(sound)).then_some(name)
}

/// A value of an OSIA attribute as the claim writes it; `None` where it cannot be written so.
///
/// Of the sex `M` and `F` become `male` and `female`, countries get two letters, an address the claim's members.
#[must_use]
pub fn claim_value(claim: &str, value: &Value) -> Option<Value> {
    let text = value.as_str();
    match claim {
        "gender" => Some(match text? {
            "M" | "m" => "male".into(),
            "F" | "f" => "female".into(),
            other => other.into(),
        }),
        "primary_nationality" | "birthcountry" => alpha2(text?).map(Value::from),
        "address" => match value {
            Value::String(line) => Some(json!({ "formatted": line })),
            Value::Object(members) => address(members),
            _ => None,
        },
        _ => Some(value.clone()),
    }
}

/// The claim's address of OSIA's; `None` where a member would be lost.
fn address(members: &Map<String, Value>) -> Option<Value> {
    let mut claim = Map::new();
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for (name, value) in members {
        let text = value.as_str()?;
        let same = |(osia, known): &&(&str, &str)| name == osia || name == known;
        if let Some((_, member)) = ADDRESS.iter().find(same) {
            claim.insert((*member).to_owned(), text.into());
        } else if matches!(name.as_str(), "formatted" | "street_address") {
            claim.insert(name.clone(), text.into());
        } else if matches!(name.as_str(), "address1" | "address2") {
            lines.push((name, text));
        } else {
            return None;
        }
    }
    lines.sort_unstable();
    if !lines.is_empty() {
        if claim.contains_key("street_address") {
            return None;
        }
        let street: Vec<&str> = lines.into_iter().map(|(_, line)| line).collect();
        claim.insert("street_address".into(), street.join(", ").into());
    }
    (!claim.is_empty()).then_some(Value::Object(claim))
}

/// A claim's value as OSIA writes it; the reverse of [`claim_value`].
#[must_use]
pub fn osia_value(claim: &str, value: &Value) -> Value {
    let text = value.as_str();
    match (claim, text) {
        ("gender", Some("male")) => "M".into(),
        ("gender", Some("female")) => "F".into(),
        ("primary_nationality" | "birthcountry", Some(code)) => alpha3(code).unwrap_or(code).into(),
        ("address", None) => {
            let Some(members) = value.as_object() else { return value.clone() };
            let name = |member: &str| match member {
                "street_address" => "address1".to_owned(),
                other => ADDRESS.iter().find(|(_, known)| *known == other).map_or(other, |(osia, _)| *osia).to_owned(),
            };
            members.iter().map(|(member, part)| (name(member), part.clone())).collect()
        }
        _ => value.clone(),
    }
}

/// A person's attributes of what OSIA brings: claims where `fits` says that a value has the claim's form, further
/// attributes of all else. A name with a language tag (`firstName#fr`) keeps it. Of two names for one claim the first, in
/// the order of their letters, is the claim. Members that are `null` say nothing, and are left out.
#[must_use]
pub fn attributes(biographic: &Map<String, Value>, fits: impl Fn(&str, &Value) -> bool) -> Map<String, Value> {
    let mut attributes = Map::new();
    let mut names: Vec<&String> = biographic.keys().collect();
    names.sort_unstable();
    for name in names {
        let Some(value) = biographic.get(name).filter(|value| !value.is_null()) else { continue };
        let claim = to_claim(untagged(name)).and_then(|claim| {
            let tagged = name.split_once('#').map_or_else(|| claim.to_owned(), |(_, tag)| format!("{claim}#{tag}"));
            let value = claim_value(claim, value)?;
            (fits(&tagged, &value) && !attributes.contains_key(&tagged)).then_some((tagged, value))
        });
        let (key, value) = claim.unwrap_or_else(|| (format!("{FURTHER}{}", name.replace('#', ".")), value.clone()));
        attributes.insert(key, value);
    }
    attributes
}

/// What is known of a person in OSIA's words. A further attribute stands before the claim of the same name; claims that
/// OSIA has no name for, and values in one of several languages, are left out.
#[must_use]
pub fn biographic(attributes: &Map<String, Value>) -> Map<String, Value> {
    let claims = attributes.iter().filter_map(|(claim, value)| {
        let name = to_osia(claim)?;
        Some((name.to_owned(), osia_value(claim, value)))
    });
    let mut all: Map<String, Value> = claims.collect();
    all.extend(
        attributes.iter().filter_map(|(name, value)| Some((name.strip_prefix(FURTHER)?.to_owned(), value.clone()))),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn names_lead_there_and_back() {
        for (osia, claim) in NAMES {
            assert_eq!(to_claim(osia), Some(*claim), "{osia}");
            assert_eq!(to_osia(claim).and_then(to_claim), Some(*claim), "{claim}");
        }
        assert_eq!((to_claim("spouseName"), to_osia("nickname")), (None, None));
        assert_eq!(to_claim("given_name"), Some("given_name"));
        assert_eq!(attribute("spouseName"), "osia.spouseName");
        assert_eq!((further("osia.spouseName"), further("osia."), further("name")), (Some("spouseName"), None, None));
    }

    /// What this server says alone cannot be enrolled.
    #[test]
    fn nobody_enrolls_a_verified_address_or_an_identifier() {
        for name in NEVER_GIVEN {
            assert_eq!(to_claim(name), None, "{name}");
        }
        let enrolled = attributes(&object(json!({ "email_verified": true, "individual_id": "1" })), |_, _| true);
        assert_eq!(Value::Object(enrolled), json!({ "osia.email_verified": true, "osia.individual_id": "1" }));
    }

    #[test]
    fn gs_idm_01_enrolled_data_become_claims_and_nothing_is_lost() {
        let enrolled = object(json!({
            "firstName": "John", "lastName": "Doo", "dateOfBirth": "1985-11-30", "gender": "M", "nationality": "FRA",
            "address": { "address1": "11 Rue des Rosiers", "address2": "1st floor", "city": "Libourne",
                         "postalCode": "33500", "country": "France" },
            "phone1": "+33555666777", "email": "not a mail address", "spouseName": "Doe", "height": 180, "none": null,
            "firstName#fr": "Jean"
        }));
        let attributes = attributes(&enrolled, |name, _| name != "email");
        let expected = json!({
            "given_name": "John", "given_name#fr": "Jean", "family_name": "Doo", "birthdate": "1985-11-30",
            "gender": "male", "primary_nationality": "FR",
            "address": { "street_address": "11 Rue des Rosiers, 1st floor", "locality": "Libourne",
                         "postal_code": "33500", "country": "France" },
            "phone_number": "+33555666777", "osia.email": "not a mail address", "osia.spouseName": "Doe",
            "osia.height": 180
        });
        assert_eq!(Value::Object(attributes.clone()), expected);
        let back = biographic(&attributes);
        for name in ["firstName", "lastName", "dateOfBirth", "gender", "nationality", "email", "spouseName", "height"] {
            assert_eq!(back.get(name), enrolled.get(name), "{name}");
        }
        assert_eq!(back["address"]["city"], "Libourne");
    }

    #[test]
    fn what_a_claim_cannot_hold_is_kept_as_it_came() {
        let enrolled = object(json!({
            "nationality": "Utopia", "address": { "city": "Praha", "planet": "Earth" }, "givenName": "A",
            "firstName": "B", "gender": 5
        }));
        let attributes = attributes(&enrolled, |_, _| true);
        let expected = json!({
            "osia.nationality": "Utopia", "osia.address": { "city": "Praha", "planet": "Earth" }, "given_name": "B",
            "osia.givenName": "A", "osia.gender": 5
        });
        assert_eq!(Value::Object(attributes), expected);
    }
}
