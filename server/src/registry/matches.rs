//! Strict comparison of what somebody says of a person with what is known (GS-VAP-02).

use serde_json::{Map, Value};

use super::model::{Fault, PersonId};
use super::{claims, sealed, store};
use crate::claims::untagged;
use crate::state::AppState;
use crate::store::StoreError;

/// Whether every value is what is known of the person, by the names of claims. Of an attribute in several languages any may be
/// meant, unless the name says which; any of the person's identifiers is `individual_id`; of an object the members that are
/// given count. What is not known of the person is not right.
///
/// Texts are compared letter by letter.
///
/// # Errors
/// [`Fault`] where the database does not answer or a value does not open.
pub async fn matches(state: &AppState, person: PersonId, supplied: &[(String, Value)]) -> Result<bool, Fault> {
    let now = state.clock.now();
    let rows = state
        .store
        .read(move |tx| {
            Box::pin(async move {
                let identifiers = store::good_identifiers(tx, person, now).await?;
                Ok::<_, StoreError>((store::biographics(tx, person).await?, identifiers))
            })
        })
        .await?;
    let (Some(row), identifiers) = rows else { return Ok(false) };
    let attributes = sealed::open_biographics(state, person, &row.biographics)?;
    // What is computed of others, such as `age_over_18`.
    let computed: Vec<String> = supplied
        .iter()
        .map(|(name, _)| name.clone())
        .filter(|name| variants(&attributes, name).next().is_none())
        .collect();
    let mut computed = claims(state, person, &computed, &[]).await?;
    computed.remove("individual_id");
    for (name, value) in supplied {
        let mut right = variants(&attributes, name).any(|known| same(known, value))
            || computed.get(name).is_some_and(|known| same(known, value));
        if name == "individual_id" {
            for (_, sealed) in &identifiers {
                let known = sealed::open_identifier(state, person, sealed)?;
                right = right || value.as_str() == Some(known.as_str());
            }
        }
        if !right {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The values that an attribute is known by: in the language of the name, else in every.
fn variants<'a>(attributes: &'a Map<String, Value>, name: &'a str) -> impl Iterator<Item = &'a Value> {
    let tagged = name.contains('#');
    attributes
        .iter()
        .filter(move |(known, _)| *known == name || !tagged && untagged(known) == name)
        .map(|(_, value)| value)
}

fn same(known: &Value, supplied: &Value) -> bool {
    match (known, supplied) {
        (Value::Object(known), Value::Object(supplied)) => {
            !supplied.is_empty()
                && supplied.iter().all(|(name, value)| known.get(name).is_some_and(|known| same(known, value)))
        }
        _ => known == supplied,
    }
}
