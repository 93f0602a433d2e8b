//! How objects of the schema are read and written.

use std::fmt;

use schemars::Schema;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, forward_to_deserialize_any};
use serde_json::Value;

/// Defines an object of the schema: members that must be there, then members that may be. No other member is taken, and
/// `null` stands for no member; a list is no object, which serde would take for one. `Debug` tells nothing of what it holds.
macro_rules! object {
    (
        $(#[$doc:meta])* $name:ident
        { $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty,)* }
        { $($(#[$free_doc:meta])* $free:ident: $free_type:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, remote = "Self")]
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

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                // The derived function of the same name.
                $name::deserialize($crate::enrollment::model::object::ObjectOnly(from))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $name::serialize(self, to)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// Reads objects, and nothing else.
pub(super) struct ObjectOnly<D>(pub(super) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(MembersOnly(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Passes on the members of an object; a list is of the wrong type.
struct MembersOnly<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for MembersOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(members)
    }
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
