//! Reading requests the way the linked-authorization API does: a member that is missing or `null` is *blank*, not
//! malformed JSON, so that the server can answer with the code that names the member (`invalid_transaction_id` …)
//! instead of a parser's message. Unknown members are ignored everywhere.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = …)]`: `null` reads as the type's default.
///
/// # Errors
/// Those of the type itself, for a value that is neither `null` nor of that type.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
