//! The reference identity and the registry's attributes are two views of one person. Whoever changes the registry (an
//! enrollment, an operator, an attribute update with evidence) leaves a note there; here the note is taken and the
//! reference identity says the same. The other way the change is part of the write that makes it ([`change_for`]).

use serde_json::{Map, Value};

use super::model::{IdentityStatus, PhysicalStatus, RecordStatus};
use super::record::{Content, Identity};
use super::{sealed, store};
use crate::claims::osia;
use crate::claims::untagged;
use crate::ids::Kind;
use crate::registry::{self, Change, Fault, PersonId};
use crate::state::AppState;
use crate::statistics;
use crate::store::{StoreError, Tx};

/// Persons brought up to date at once.
const BATCH: u32 = 100;
/// The type of an identity that the registry itself made.
const REGISTERED: &str = "REGISTERED";

/// Brings some of the persons who changed up to date; gives how many. Many nodes may do it at once.
///
/// # Errors
/// [`StoreError`]. What does not open is reported and left as it is, so that it holds nobody else up.
pub async fn catch_up(state: &AppState) -> Result<u64, StoreError> {
    let touched = state.store.read(|tx| Box::pin(registry::touched(tx, BATCH))).await;
    let touched: Vec<PersonId> = touched?;
    let mut done = 0;
    for person in touched {
        match person_now(state, person).await {
            Ok(()) => done += 1,
            Err(Fault::Store(error)) => return Err(error),
            Err(error @ Fault::Sealed(_)) => tracing::error!(%error, "a person cannot be brought up to date"),
        }
    }
    Ok(done)
}

/// Brings one person up to date, where there is anything to do.
pub(super) async fn person(state: &AppState, person: PersonId) -> Result<(), Fault> {
    let touched = state.store.read(move |tx| Box::pin(registry::is_touched(tx, person))).await;
    let touched: bool = touched?;
    if touched { person_now(state, person).await } else { Ok(()) }
}

async fn person_now(state: &AppState, person: PersonId) -> Result<(), Fault> {
    let inner = state.clone();
    state.store.write(move |tx| Box::pin(async move { within(&inner, tx, person).await })).await
}

/// The same in the caller's transaction.
pub(super) async fn within(state: &AppState, tx: &mut Tx, person: PersonId) -> Result<(), Fault> {
    // The person's row first, as all calls take it: else one that changes the reference and this would wait for each other.
    store::take_person(tx, person).await?;
    if !registry::take_touched(tx, person).await? {
        return Ok(());
    }
    let Some(name) = registry::main_identifier(state, tx, person).await? else { return Ok(()) };
    let Some(attributes) = registry::attributes(state, tx, person).await? else { return Ok(()) };
    if let Some(added_at) = registry::added_at(tx, person).await? {
        statistics::place(state, tx, person, &attributes, added_at).await?;
    }
    if store::person(tx, person).await?.is_none() {
        let dead = attributes.contains_key("date_of_death");
        let physical = if dead { PhysicalStatus::Dead } else { PhysicalStatus::Alive };
        let name = sealed::person_name(state, person, &name)?;
        store::insert_person(tx, person, &name, RecordStatus::Active, physical).await?;
    }
    let Some(row) = store::take_person(tx, person).await? else { return Ok(()) };
    let now = state.clock.now();
    let reference = match row.reference {
        Some(id) => store::record(tx, person, id).await?,
        None => None,
    };
    if let Some(record) = reference {
        let mut identity = sealed::open_identity(state, &record)?;
        let said = identity.biographic().cloned().unwrap_or_default();
        let knows = if said.contains_key("fullName") { attributes } else { unnamed(attributes) };
        if let Some(said) = reconciled(&said, &knows) {
            identity.content.biographic_data = Some(said.into());
            let sealed = sealed::identity(state, record.id, &identity)?;
            store::update(tx, record.id, identity.status, &sealed, now).await?;
        }
        return Ok(());
    }
    let biographic = osia::biographic(&unnamed(attributes));
    if biographic.is_empty() {
        return Ok(());
    }
    let identity = Identity {
        status: IdentityStatus::Valid,
        content: Content {
            identity_type: REGISTERED.into(),
            galleries: None,
            client_data: None,
            contextual_data: None,
            biographic_data: Some(biographic.into()),
            encryption: None,
            integrity: None,
        },
        biometrics: None,
        documents: None,
    };
    let id = state.next_id();
    let record = new_record(state, id, person, &generated_name(state, id), &identity)?;
    store::insert(tx, &record).await?;
    store::set_reference(tx, person, Some(id)).await?;
    Ok(())
}

/// A name for an identity whose maker gave none.
pub(super) fn generated_name(state: &AppState, id: i64) -> String {
    state.ids.name(Kind::Identity, id)
}

/// An identity's row.
pub(super) fn new_record(
    state: &AppState,
    id: i64,
    person: PersonId,
    identity_id: &str,
    identity: &Identity,
) -> Result<store::NewRecord, crate::secrets::SecretError> {
    let now = state.clock.now();
    Ok(store::NewRecord {
        id,
        person,
        name_hash: sealed::name_hash(&state.secrets, identity_id),
        name: sealed::name(state, id, identity_id)?,
        status: identity.status,
        sealed: sealed::identity(state, id, identity)?,
        created_at: now,
        updated_at: now,
    })
}

/// What changes in the registry when a person's reference identity says `after` where one said `before`.
pub(super) fn change_for(before: &Map<String, Value>, after: &Map<String, Value>) -> Change {
    let before = attributes(before);
    let set = attributes(after);
    let unset = before.keys().filter(|name| !set.contains_key(*name)).cloned().collect();
    Change { set, unset, ..Change::default() }
}

/// The attributes that biographic data are, with the full name, which relying parties ask for, where OSIA has it in parts alone.
pub(super) fn attributes(biographic: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = registry::enrolled(biographic);
    if let (false, Some(name)) = (attributes.contains_key("name"), registry::full_name(&attributes)) {
        attributes.insert("name".into(), name.into());
    }
    attributes
}

/// Without a full name that was put together of its parts.
fn unnamed(mut attributes: Map<String, Value>) -> Map<String, Value> {
    let made = registry::full_name(&attributes);
    if made.is_some() && attributes.get("name").and_then(Value::as_str) == made.as_deref() {
        attributes.remove("name");
    }
    attributes
}

/// The attribute that a member of biographic data is, and its value there.
fn attribute_of(name: &str, value: &Value) -> Option<(String, Value)> {
    let one = Map::from_iter([(name.to_owned(), value.clone())]);
    registry::enrolled(&one).into_iter().next()
}

/// What a reference identity must say where the registry knows something else; `None` where it says the same. What it says
/// beyond the registry's words, and how it writes what has not changed, stays as it is.
fn reconciled(said: &Map<String, Value>, attributes: &Map<String, Value>) -> Option<Map<String, Value>> {
    let means = registry::enrolled(said);
    let sayable = |name: &String| {
        osia::further(name).is_some() || osia::to_osia(untagged(name)).is_some() || means.contains_key(name)
    };
    let known: Map<String, Value> = attributes
        .iter()
        .filter(|(name, _)| sayable(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if means == known {
        return None;
    }
    let mut result = Map::new();
    let mut told = Vec::new();
    for (name, value) in said {
        let Some((mut attribute, mut meant)) = attribute_of(name, value) else {
            result.insert(name.clone(), value.clone());
            continue;
        };
        if means.get(&attribute) != Some(&meant) {
            // Another member of the same meaning is the claim; this one is kept as it was written.
            (attribute, meant) = (format!("{}{name}", osia::FURTHER), value.clone());
        }
        match known.get(&attribute) {
            Some(now) if *now == meant => {
                result.insert(name.clone(), value.clone());
            }
            Some(now) => {
                result.insert(name.clone(), written_as(&attribute, now));
            }
            None => {}
        }
        told.push(attribute);
    }
    for (attribute, now) in known.iter().filter(|(attribute, _)| !told.contains(attribute)) {
        if let Some(name) = name_of(attribute) {
            result.insert(name, written_as(attribute, now));
        }
    }
    Some(result)
}

/// OSIA's name of an attribute, with its language tag.
fn name_of(attribute: &str) -> Option<String> {
    if let Some(name) = osia::further(attribute) {
        return Some(name.to_owned());
    }
    let name = osia::to_osia(untagged(attribute))?;
    Some(attribute.split_once('#').map_or_else(|| name.to_owned(), |(_, tag)| format!("{name}#{tag}")))
}

fn written_as(attribute: &str, value: &Value) -> Value {
    if osia::further(attribute).is_some() { value.clone() } else { osia::osia_value(untagged(attribute), value) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_reference_that_says_the_same_is_left_alone() {
        let said = object(json!({ "firstName": "John", "gender": "M", "eyes": ["blue"], "nationality": "FRA" }));
        let attributes = osia::attributes(&said, registry::fits);
        assert_eq!(reconciled(&said, &attributes), None);
        let mut more = attributes;
        more.insert("nickname".into(), json!("Jo"));
        assert_eq!(reconciled(&said, &more), None, "OSIA has no word for it");
    }

    #[test]
    fn only_what_changed_is_written_anew() {
        let said = object(json!({ "firstName": "John", "familyName": "Doo", "gender": "M", "eyes": "blue" }));
        let mut attributes = osia::attributes(&said, registry::fits);
        attributes.insert("family_name".into(), json!("Doe"));
        attributes.insert("birthdate".into(), json!("1985-11-30"));
        attributes.remove("gender");
        let expected = json!({ "firstName": "John", "familyName": "Doe", "eyes": "blue", "dateOfBirth": "1985-11-30" });
        assert_eq!(reconciled(&said, &attributes).map(Value::Object), Some(expected));
    }

    #[test]
    fn a_reference_gives_its_words_and_takes_back_those_of_the_one_before() {
        let before = object(json!({ "firstName": "John", "gender": "M" }));
        let after = object(json!({ "firstName": "Jon", "eyes": "blue" }));
        let change = change_for(&before, &after);
        let expected = json!({ "given_name": "Jon", "name": "Jon", "osia.eyes": "blue" });
        assert_eq!(Value::Object(change.set), expected);
        assert_eq!(change.unset, ["gender"]);
        let mut unset = change_for(&after, &Map::new()).unset;
        unset.sort_unstable();
        assert_eq!(unset, ["given_name", "name", "osia.eyes"]);
    }
}
