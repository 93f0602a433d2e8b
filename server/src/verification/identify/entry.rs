//! An entry of a watch list, and whether a search finds it.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::store::Row;
use crate::registry::Fault;
use crate::secrets::{Purpose, SecretError};
use crate::state::AppState;
use crate::store::StoreError;

pub(super) fn context(id: i64) -> Vec<u8> {
    format!("watch_entry/{id}").into_bytes()
}

/// What an entry says, by claims, as it lies.
///
/// # Errors
/// [`SecretError`].
pub(super) fn seal(state: &AppState, id: i64, claims: &Map<String, Value>) -> Result<Vec<u8>, SecretError> {
    let clear = Zeroizing::new(serde_json::to_vec(claims).map_err(|_| SecretError::Sealed)?);
    state.secrets.seal(Purpose::Biographics, &context(id), &clear, &*state.rng)
}

/// What an entry says, by claims.
///
/// # Errors
/// [`Fault`].
pub(super) fn open(state: &AppState, row: &Row) -> Result<Map<String, Value>, Fault> {
    let clear = state.secrets.open(Purpose::Biographics, &context(row.id), &row.content)?;
    serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "watch list" }.into())
}

/// Whether an entry is one that a search looks for: every attribute sought is the entry's, whatever the case of its letters and
/// the space around it; of an object the members that are sought count.
pub(super) fn is_sought(entry: &Map<String, Value>, sought: &[(String, Value)]) -> bool {
    sought.iter().all(|(claim, value)| entry.get(claim).is_some_and(|known| alike(known, value)))
}

fn alike(known: &Value, sought: &Value) -> bool {
    match (known, sought) {
        (Value::String(known), Value::String(sought)) => known.trim().to_lowercase() == sought.trim().to_lowercase(),
        (Value::Object(known), Value::Object(sought)) => {
            !sought.is_empty()
                && sought.iter().all(|(name, value)| known.get(name).is_some_and(|known| alike(known, value)))
        }
        _ => known == sought,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_found_by_any_of_its_attributes_and_by_no_other() {
        let entry = json!({ "family_name": "Novák", "birthdate": "1990-02-03", "address": { "locality": "Brno" } });
        let entry = entry.as_object().unwrap();
        let found = |sought: Value| {
            let sought: Vec<_> = sought.as_object().unwrap().clone().into_iter().collect();
            is_sought(entry, &sought)
        };
        assert!(found(json!({ "family_name": " NOVÁK " })));
        assert!(found(json!({ "family_name": "Novák", "address": { "locality": "brno" } })));
        assert!(!found(json!({ "family_name": "Novák", "birthdate": "1990-02-04" })));
        assert!(!found(json!({ "given_name": "Jan" })) && !found(json!({ "address": {} })));
    }
}
