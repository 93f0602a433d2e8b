//! One key of uniqueness: which values of a person it takes, under which hashes the person is found, and how alike two
//! persons are by it.

use serde_json::{Map, Value};

use super::plain::{date, plain, sound};
use crate::claims::untagged;
use crate::config::UniqueKey;

/// Variants by language of one key at most: a person's name in that many languages.
const MOST_VARIANTS: usize = 8;
/// How alike two dates are that differ by a slip.
const SLIP: f64 = 0.9;

/// A person's values for one key, plain; in the order of the key's attributes.
pub(super) type Values = Vec<String>;

/// A person's values: one list for each language that one of the attributes is known in. Empty where an attribute of the
/// key is not known.
pub(super) fn values(key: &UniqueKey, attributes: &Map<String, Value>) -> Vec<Values> {
    let tag = |name: &str| name.split_once('#').map(|(_, tag)| tag.to_owned());
    let of_key = attributes.keys().filter(|name| key.attributes.iter().any(|wanted| wanted == untagged(name)));
    let mut tags: Vec<Option<String>> = of_key.map(|name| tag(name)).collect();
    tags.sort_unstable();
    tags.dedup();
    let mut all: Vec<Values> = tags
        .iter()
        .take(MOST_VARIANTS)
        .filter_map(|tag| {
            let value = |name: &String| {
                let tagged = tag.as_ref().and_then(|tag| attributes.get(&format!("{name}#{tag}")));
                tagged.or_else(|| attributes.get(name)).and_then(plain)
            };
            key.attributes.iter().map(value).collect()
        })
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What a person is found by under a key: the values themselves; and, where those who are nearly alike count, every choice
/// of all values but one, as they sound, so that whoever differs in one is found by the others. Where a date is the one
/// left out, its year and its day each stay in turn: a slip is in one of them.
pub(super) fn blocks(key: &UniqueKey, values: &[String]) -> Vec<Vec<String>> {
    let mut blocks = vec![[vec!["=".to_owned()], values.to_vec()].concat()];
    if !key.fuzzy {
        return blocks;
    }
    let sounds: Vec<String> =
        values.iter().map(|value| if date(value).is_some() { value.clone() } else { sound(value) }).collect();
    for (place, value) in values.iter().enumerate() {
        let mut choice = |stand_in: String| {
            let mut block = sounds.clone();
            if let Some(one) = block.get_mut(place) {
                *one = stand_in;
            }
            blocks.push([vec![format!("~{place}")], block].concat());
        };
        match date(value) {
            Some((year, day)) => {
                choice(year.to_owned());
                choice(day.to_owned());
            }
            None if values.len() == 1 => choice(sound(value)),
            None => choice(String::new()),
        }
    }
    blocks
}

/// How alike two persons are by a key, from 0 to 1: as alike as the attribute in which they differ most. 1: the same.
pub(super) fn likeness(one: &[String], other: &[String]) -> f64 {
    let each = one.iter().zip(other).map(|(one, other)| match (date(one), date(other)) {
        _ if one == other => 1.0,
        (Some(_), Some(_)) => of_dates(one, other),
        _ => strsim::jaro_winkler(one, other),
    });
    each.fold(1.0, f64::min)
}

/// A date in which one digit is another, two neighbours changed places, or day and month did.
fn of_dates(one: &str, other: &str) -> f64 {
    let parts = |date: &str| Some((date.get(..4)?.to_owned(), date.get(4..6)?.to_owned(), date.get(6..)?.to_owned()));
    let (Some(one_parts), Some(other_parts)) = (parts(one), parts(other)) else { return 0.0 };
    let swapped = one_parts.0 == other_parts.0 && one_parts.1 == other_parts.2 && one_parts.2 == other_parts.1;
    if swapped || strsim::osa_distance(one, other) <= 1 { SLIP } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key(fuzzy: bool) -> UniqueKey {
        let attributes = ["given_name", "family_name", "birthdate"].map(String::from).to_vec();
        UniqueKey { attributes, fuzzy, likeness: 85 }
    }

    fn of(given: &str, family: &str, birthdate: &str) -> Values {
        let person = json!({ "given_name": given, "family_name": family, "birthdate": birthdate });
        values(&key(true), person.as_object().unwrap()).remove(0)
    }

    fn found(one: &Values, other: &Values) -> bool {
        let (one, other) = (blocks(&key(true), one), blocks(&key(true), other));
        one.iter().any(|block| other.contains(block))
    }

    /// GS-UNQ-01.
    #[test]
    fn gs_unq_01_a_slip_in_one_attribute_is_found_and_near() {
        let amina = of("Amina", "Diallo", "1990-02-28");
        for (given, family, birthdate) in [
            ("AMINA", "DIALLO", "1990-02-28"),
            ("Aminata", "Diallo", "1990-02-28"),
            ("Amina", "Dialo", "1990-02-28"),
            ("Amina", "Diallo", "1990-02-27"),
            ("Amina", "Diallo", "1991-02-28"),
            ("Emina", "Dialló", "1990-02-28"),
        ] {
            let other = of(given, family, birthdate);
            assert!(found(&amina, &other), "{given} {family} {birthdate}");
            assert!(likeness(&amina, &other) >= 0.85, "{given} {family} {birthdate}");
        }
        let swapped = (of("Amina", "Diallo", "1990-02-08"), of("Amina", "Diallo", "1990-08-02"));
        assert!(found(&swapped.0, &swapped.1) && likeness(&swapped.0, &swapped.1) >= 0.85);
    }

    #[test]
    fn others_are_not_near() {
        let amina = of("Amina", "Diallo", "1990-02-28");
        for (given, family, birthdate) in [
            ("Fatou", "Diallo", "1990-02-28"),
            ("Amina", "Okafor", "1990-02-28"),
            ("Amina", "Diallo", "1975-11-03"),
            ("Amadou", "Diallo", "1990-02-28"),
        ] {
            assert!(likeness(&amina, &of(given, family, birthdate)) < 0.85, "{given} {family} {birthdate}");
        }
        let exact = UniqueKey { fuzzy: false, ..key(true) };
        assert_eq!(blocks(&exact, &amina).len(), 1);
    }

    #[test]
    fn a_key_needs_all_its_attributes_and_takes_every_language() {
        let of = |person: Value| values(&key(true), person.as_object().unwrap());
        assert!(of(json!({ "given_name": "Amina", "family_name": "Diallo" })).is_empty());
        let two = of(json!({
            "given_name": "Amina", "given_name#fr": "Aminé", "family_name": "Diallo", "birthdate": "1990-02-28"
        }));
        assert_eq!(two.len(), 2);
    }
}
