//! What holds for every document.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::hash;
use crate::protection::{Scope, canonical, intermediate};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]|.{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The same members in the opposite order, at every level.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect::<Map<_, _>>(),
        ),
        Value::Array(elements) => elements.iter().map(reversed).collect(),
        other => other.clone(),
    }
}

proptest! {
    /// Order and white space do not matter (OSIA-INT-05): what is read from the canonical form has the same one.
    #[test]
    fn the_canonical_form_is_its_own(value in any_json()) {
        let text = canonical(&value).unwrap();
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&canonical(&read).unwrap(), &text);
        prop_assert_eq!(canonical(&reversed(&value)).unwrap(), text);
    }

    /// The whole document in scope is the whole document; a member in scope is that member alone, whatever else there is.
    #[test]
    fn what_is_out_of_scope_does_not_count(value in any_json(), other in any_json()) {
        let document = json!({ "a": value, "b": other });
        let everything = Scope::parse("$").unwrap().locate(&document).unwrap();
        prop_assert_eq!(&intermediate(&document, &everything), &document);
        let alone = json!({ "a": document["a"] });
        prop_assert_eq!(hash(&document, "a", "SHA256"), hash(&alone, "$", "SHA256"));
    }

    /// Reading a scope does not fail in any other way than by refusing it.
    #[test]
    fn any_text_is_a_scope_or_is_none(text in "[a-c$.\\[\\]*?@'\" ,0-9()=&|!:-]{0,40}", value in any_json()) {
        if let Ok(scope) = Scope::parse(&text)
            && let Ok(found) = scope.locate(&value)
        {
            let kept = intermediate(&value, &found);
            prop_assert!(canonical(&kept).is_ok());
        }
    }
}
