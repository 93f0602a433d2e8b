//! Names that stand twice in one object.

use std::collections::HashSet;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::Refusal;

const TWICE: &str = "a name stands twice in one object";

/// Refuses JSON in which an object has a name twice. Readers differ on which of the two counts (RFC 8259 §4), so that what
/// one of them checked or signed need not be what another takes. What is no JSON is left to the reader of the body.
///
/// # Errors
/// [`Refusal::Bad`], with the place.
pub fn refuse(body: &[u8]) -> Result<(), Refusal> {
    match serde_json::from_slice::<Once>(body) {
        Err(error) if error.is_data() => {
            Err(Refusal::bad(format!("line {}, column {}: {TWICE}", error.line(), error.column())))
        }
        _ => Ok(()),
    }
}

/// JSON in which no object has a name twice. Nothing of it is kept.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Once;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            members.next_value::<Once>()?;
            if !names.insert(name) {
                return Err(A::Error::custom(TWICE));
            }
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// OSIA-MOD-07, GS-VAP-06: wherever it is, however it is written.
    #[test]
    fn osia_mod_07_a_name_stands_once_in_an_object() {
        for good in [
            r#"{"a":{"b":1,"c":[{"b":1},{"b":2}]},"b":null}"#,
            r#"["a","a",1.5,-1,18446744073709551615,true,{}]"#,
            r#"{"a":1,"A":2}"#,
            "",
            "{",
            r#"{"a":1e999}"#,
            r#"{"a":1,"a":"#,
        ] {
            assert!(refuse(good.as_bytes()).is_ok(), "{good}");
        }
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"\u0061":3}"#,
            r#"{"biographicData":{"firstName":"A","firstName":"B"}}"#,
            r#"[{"x":[[{"a":{},"a":[]}]]}]"#,
        ] {
            let Err(Refusal::Bad(message)) = refuse(bad.as_bytes()) else { panic!("{bad}") };
            assert!(message.starts_with("line 1, column ") && message.ends_with(TWICE), "{message}");
        }
    }
}
