//! Which of a person's attributes answer a claim that was asked for, and in which languages (OpenID Connect Core §5.2).

use serde_json::{Map, Value};

use crate::claims::untagged;

/// The values for one claim, by the names under which they are told.
///
/// Attributes carry a language tag where there are several languages (`name#en`, `name#fr`). Of those, the ones in
/// `locales` are told: one alone under the plain name, several each under its own. Where none of them is in `locales`,
/// or nobody asked for a language, the one without a tag is told, else the one in `preferred`, else the first.
/// A claim asked with a tag is told under that tag.
pub(super) fn values(
    attributes: &Map<String, Value>,
    asked: &str,
    locales: &[String],
    preferred: Option<&str>,
) -> Vec<(String, Value)> {
    let name = untagged(asked);
    let variants: Vec<(&str, &Value)> = attributes
        .iter()
        .filter(|(key, _)| untagged(key) == name)
        .map(|(key, value)| (key.split_once('#').map_or("", |(_, tag)| tag), value))
        .collect();
    if let Some((_, tag)) = asked.split_once('#') {
        let found = variants.iter().find(|(language, _)| speaks(language, tag));
        return found.map(|(_, value)| (asked.to_owned(), (*value).clone())).into_iter().collect();
    }
    let mut wanted: Vec<(&str, &Value)> = Vec::new();
    for locale in locales {
        for variant in variants.iter().filter(|(language, _)| speaks(language, locale)) {
            if !wanted.iter().any(|(language, _)| language == &variant.0) {
                wanted.push(*variant);
            }
        }
    }
    if wanted.len() > 1 {
        return wanted.into_iter().map(|(tag, value)| (format!("{name}#{tag}"), value.clone())).collect();
    }
    let of = |language: &str| variants.iter().find(|(tag, _)| *tag == language).copied();
    let one = wanted
        .first()
        .copied()
        .or_else(|| of(""))
        .or_else(|| variants.iter().find(|(tag, _)| preferred.is_some_and(|wish| speaks(tag, wish))).copied())
        .or_else(|| variants.first().copied());
    one.map(|(_, value)| (name.to_owned(), value.clone())).into_iter().collect()
}

/// Whether a value in `language` serves one who asks for `range` (RFC 4647 §3.3.1, and its reverse for the primary
/// language: whoever asks for `fr-CA` is served by `fr`).
fn speaks(language: &str, range: &str) -> bool {
    let (language, range) = (language.to_ascii_lowercase(), range.to_ascii_lowercase());
    let begins = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'));
    !language.is_empty() && (language == range || begins(&language, &range) || begins(&range, &language))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(asked: &str, locales: &[&str], preferred: Option<&str>) -> Value {
        let attributes = json!({
            "name#en": "Amina Dupont", "name#fr": "Amina Dupont-Diallo", "name#ar": "أمينة",
            "birthdate": "1990-02-28",
            "gender": "female", "gender#fr": "féminin",
            "given_name": "Amina", "name_of_pet": "Rex"
        });
        let locales: Vec<String> = locales.iter().map(|locale| (*locale).to_owned()).collect();
        values(attributes.as_object().unwrap(), asked, &locales, preferred).into_iter().collect::<Map<_, _>>().into()
    }

    #[test]
    fn several_languages_are_told_with_tags_and_one_without() {
        assert_eq!(ask("name", &["fr"], None), json!({ "name": "Amina Dupont-Diallo" }));
        assert_eq!(
            ask("name", &["fr", "en"], None),
            json!({ "name#en": "Amina Dupont", "name#fr": "Amina Dupont-Diallo" })
        );
        assert_eq!(ask("name", &["fr-CA"], None), json!({ "name": "Amina Dupont-Diallo" }));
    }

    #[test]
    fn without_a_language_asked_for_the_plain_one_is_told_then_the_preferred_one() {
        assert_eq!(ask("gender", &[], Some("fr")), json!({ "gender": "female" }));
        assert_eq!(ask("gender", &["fr"], None), json!({ "gender": "féminin" }));
        assert_eq!(ask("gender", &["de"], None), json!({ "gender": "female" }));
        assert_eq!(ask("name", &[], Some("fr")), json!({ "name": "Amina Dupont-Diallo" }));
        assert_eq!(ask("name", &["de"], Some("en-GB")), json!({ "name": "Amina Dupont" }));
        assert_eq!(ask("birthdate", &["fr", "en"], None), json!({ "birthdate": "1990-02-28" }));
    }

    #[test]
    fn a_tag_in_the_claims_name_is_obeyed() {
        assert_eq!(ask("name#fr", &["en"], None), json!({ "name#fr": "Amina Dupont-Diallo" }));
        assert_eq!(ask("name#de", &["en"], None), json!({}));
    }

    #[test]
    fn what_is_not_known_or_only_begins_alike_is_not_told() {
        assert_eq!(ask("email", &[], None), json!({}));
        assert_eq!(ask("name_of", &[], None), json!({}));
        assert_eq!(ask("given", &[], None), json!({}));
    }
}
