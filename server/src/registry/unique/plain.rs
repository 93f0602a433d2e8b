//! What is left of a value when spelling does not count: letters of every script in plain ones, no case, no marks, no
//! spaces; and how it sounds.

use deunicode::deunicode;
use serde_json::Value;

/// A value as plain letters and digits: `jeanpierre` of `Jean-Pierre`, `19900228` of `1990-02-28`. `None` where nothing is
/// left, or the value holds other values.
pub(super) fn plain(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => deunicode(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Object(members) => members.values().filter_map(plain).collect(),
        Value::Array(_) | Value::Null => return None,
    };
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    (!plain.is_empty()).then_some(plain)
}

/// How a plain text sounds: the classes of consonants by which Soundex (Russell, 1918) tells names apart, at full length and
/// without its first letter, so that Catherine and Katherine sound alike. A text of vowels alone is its own sound; digits
/// stay.
pub(super) fn sound(plain: &str) -> String {
    let mut sound = String::new();
    let mut last = None;
    for letter in plain.chars() {
        let class = match letter {
            'b' | 'f' | 'p' | 'v' => Some('B'),
            'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => Some('C'),
            'd' | 't' => Some('D'),
            'l' => Some('L'),
            'm' | 'n' => Some('M'),
            'r' => Some('R'),
            // They are not heard between two of one class.
            'h' | 'w' => continue,
            digit if digit.is_ascii_digit() => Some(digit),
            _ => None,
        };
        if let Some(class) = class
            && last != Some(class)
        {
            sound.push(class);
        }
        last = class;
    }
    if sound.is_empty() { plain.to_owned() } else { sound }
}

/// Year, month and day, where a plain value is a whole date.
pub(super) fn date(plain: &str) -> Option<(&str, &str)> {
    (plain.len() == 8 && plain.bytes().all(|byte| byte.is_ascii_digit())).then(|| plain.split_at(4))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// GS-UNQ-01: Unicode, case and diacritics do not make another person.
    #[test]
    fn gs_unq_01_spelling_does_not_count() {
        let same = |one: &str, other: &str| assert_eq!(plain(&json!(one)), plain(&json!(other)), "{one} {other}");
        same("Jean-Pierre", "JEAN PIERRE");
        same("Zoë", "zoe\u{308}");
        same("Łukasz", "lukasz");
        same("Straße", "STRASSE");
        same("ＤＩＡＬＬＯ", "diallo");
        same("Иван", "Ivan");
        assert_eq!(plain(&json!("1990-02-28")).as_deref(), Some("19900228"));
        assert_eq!((plain(&json!("- ")), plain(&json!(null)), plain(&json!(["a"]))), (None, None, None));
        assert_eq!(plain(&json!(42)).as_deref(), Some("42"));
    }

    #[test]
    fn names_that_sound_alike_have_one_sound() {
        for (one, other) in
            [("catherine", "katherine"), ("mohammed", "mohamed"), ("diallo", "dialo"), ("smith", "smyth")]
        {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        assert_ne!(sound("amina"), sound("fatou"));
        assert_eq!((sound("aeo"), sound("19900228")), ("aeo".to_owned(), "19028".to_owned()));
        assert_eq!((date("19900228"), date("1990"), date("199o0228")), (Some(("1990", "0228")), None, None));
    }
}
