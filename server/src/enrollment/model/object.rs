//! How objects of the schema are read and written.

use schemars::Schema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Defines an object of the schema: members that must be there, then members that may be. No other member is taken, and
/// `null` stands for no member. `Debug` tells nothing of what it holds.
macro_rules! object {
    (
        $(#[$doc:meta])* $name:ident
        { $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty,)* }
        { $($(#[$free_doc:meta])* $free:ident: $free_type:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        #[schemars(transform = $crate::enrollment::model::object::without_null)]
        pub struct $name {
            $($(#[$needed_doc])* pub $needed: $needed_type,)*
            $(
                $(#[$free_doc])*
                #[serde(
                    default,
                    skip_serializing_if = "Option::is_none",
                    deserialize_with = "crate::enrollment::model::object::present"
                )]
                pub $free: Option<$free_type>,
            )*
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// Reads a member that is there: `null` is no value of any of these types.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Members that may be left out are described as what they are when they are there.
pub(super) fn without_null(schema: &mut Schema) {
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for member in members.values_mut() {
        if let Some(Value::Array(types)) = member.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                member["type"] = only;
            }
        }
        if let Some(Value::Array(kinds)) = member.get_mut("anyOf") {
            kinds.retain(|kind| kind.get("type").is_none_or(|name| name != "null"));
        }
    }
}
