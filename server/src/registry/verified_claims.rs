//! `verified_claims` (OpenID Connect for Identity Assurance 1.0 §5, §6): what was asked, held against what was verified. No
//! more is told than was asked for and consented to; where a demand on the verification cannot be met, nothing is.

use serde_json::{Map, Value, json};

use super::model::{Fault, PersonId};
use super::verification::{Verification, moment, verifications};
use crate::claims::untagged;
use crate::config::Assurance;
use crate::state::AppState;

/// Members of a request that say what a value must be like; the others are names.
const DEMANDS: [&str; 3] = ["value", "values", "max_age"];
/// Members of a request that are neither names nor demands.
const REMARKS: [&str; 2] = ["essential", "purpose"];
/// What names an element of a list is told with whatever else of it (its schema demands it).
const ALWAYS: [&str; 2] = ["type", "check_method"];

/// One claim that a request wants verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedVerified {
    /// Its name, with a language tag where it has one.
    pub name: String,
    /// Whether the relying party cannot do without it.
    pub essential: bool,
    /// What it is needed for.
    pub purpose: Option<String>,
}

/// The claims that a request wants verified, each once: what the person is asked to agree to. `None` where it is not what the
/// standard describes.
#[must_use]
pub fn wanted_verified(request: &Value) -> Option<Vec<WantedVerified>> {
    let list = match request {
        Value::Array(list) if !list.is_empty() => list.as_slice(),
        object @ Value::Object(_) => std::slice::from_ref(object),
        _ => return None,
    };
    let mut all: Vec<WantedVerified> = Vec::new();
    for one in list {
        let (claims, process) = (one.get("claims")?.as_object()?, one.get("verification")?.as_object()?);
        if claims.is_empty() || !process.contains_key("trust_framework") {
            return None;
        }
        for (name, wanted) in claims {
            if !(wanted.is_null() || wanted.is_object()) || !has_good_purpose(wanted) {
                return None;
            }
            let essential = wanted.get("essential").and_then(Value::as_bool).unwrap_or_default();
            let purpose = wanted.get("purpose").and_then(Value::as_str).map(str::to_owned);
            match all.iter_mut().find(|known| known.name == *name) {
                Some(known) => {
                    known.essential |= essential;
                    known.purpose = known.purpose.take().or(purpose);
                }
                None => all.push(WantedVerified { name: name.clone(), essential, purpose }),
            }
        }
    }
    Some(all)
}

/// 3 to 300 characters (OpenID Connect for Identity Assurance §8.1).
fn has_good_purpose(wanted: &Value) -> bool {
    wanted
        .get("purpose")
        .is_none_or(|purpose| purpose.as_str().is_some_and(|text| (3..=300).contains(&text.chars().count())))
}

/// What is told of a person for a request: an object, or a list where the request is one; `None` where nothing can be.
/// `agreed` names the claims that the person consented to.
///
/// # Errors
/// [`Fault`].
pub async fn verified_claims(
    state: &AppState,
    person: PersonId,
    request: &Value,
    agreed: &[String],
    locales: &[String],
) -> Result<Option<Value>, Fault> {
    let wanted = wanted_verified(request).unwrap_or_default().into_iter().map(|wanted| wanted.name);
    let names: Vec<String> = wanted.filter(|name| agreed.contains(name)).collect();
    if names.is_empty() || state.config.assurance.trust_frameworks.is_empty() {
        return Ok(None);
    }
    let known = verifications(state, person).await?;
    if known.is_empty() {
        return Ok(None);
    }
    let values = super::claims(state, person, &names, locales).await?;
    let now = state.clock.now().div_euclid(1000);
    Ok(answer(request, &known, &values, &state.config.assurance, now))
}

/// The same without a database. `values`: of the claims that may be told; `now` in seconds.
fn answer(
    request: &Value,
    known: &[Verification],
    values: &Map<String, Value>,
    advertised: &Assurance,
    now: i64,
) -> Option<Value> {
    let one = |request: &Value| {
        known.iter().find_map(|verification| {
            let process = advertised_part(verification.told(), advertised)?;
            let told = members(request.get("verification")?.as_object()?, &process, now)?;
            let claims = claims(request.get("claims")?.as_object()?, verification, values);
            (!claims.is_empty()).then(|| json!({ "verification": told, "claims": claims }))
        })
    };
    match request {
        Value::Array(list) => {
            let told: Vec<Value> = list.iter().filter_map(one).collect();
            (!told.is_empty()).then_some(Value::Array(told))
        }
        object => one(object),
    }
}

/// A process without what discovery does not name; `None` for one under another trust framework.
fn advertised_part(mut process: Map<String, Value>, advertised: &Assurance) -> Option<Map<String, Value>> {
    let among = |list: &[String], value: &Value| value.as_str().is_some_and(|text| list.iter().any(|one| one == text));
    if !among(&advertised.trust_frameworks, process.get("trust_framework")?) {
        return None;
    }
    if let Some(Value::Array(list)) = process.get_mut("evidence") {
        list.retain(|one| {
            let kind = |member: &str| one.get(member).and_then(|part| part.get("type"));
            among(&advertised.evidence, &one["type"])
                && kind("document_details").is_none_or(|kind| among(&advertised.documents, kind))
                && kind("record").is_none_or(|kind| among(&advertised.electronic_records, kind))
        });
        for checks in list.iter_mut().filter_map(|one| one.get_mut("check_details")).filter_map(Value::as_array_mut) {
            checks.retain(|check| among(&advertised.check_methods, &check["check_method"]));
        }
        if list.is_empty() {
            process.remove("evidence");
        }
    }
    Some(process)
}

/// The claims of a request that were verified in this process, that have a value, and whose value is of use.
fn claims(wanted: &Map<String, Value>, verification: &Verification, values: &Map<String, Value>) -> Map<String, Value> {
    let mut told = Map::new();
    for (name, wanted) in wanted {
        if !verification.covers(name) {
            continue;
        }
        let of_name = values.iter().filter(|(tagged, _)| *tagged == name || untagged(tagged) == name);
        told.extend(
            of_name.filter(|(_, value)| fits(wanted, value)).map(|(tagged, value)| (tagged.clone(), value.clone())),
        );
    }
    told
}

/// Whether a value is of use: `value` and `values` of OpenID Connect Core §5.5.1.
fn fits(wanted: &Value, value: &Value) -> bool {
    wanted.get("value").is_none_or(|one| one == value)
        && wanted.get("values").is_none_or(|some| some.as_array().is_some_and(|some| some.contains(value)))
}

/// What became of one element of a request.
enum Part {
    /// This is told.
    Told(Value),
    /// Nothing is known of it, and nothing was demanded.
    Nothing,
    /// A demand is not met.
    Unmet,
}

/// The members of an object that were asked for; `None` where a demand among them is not met.
fn members(wanted: &Map<String, Value>, known: &Map<String, Value>, now: i64) -> Option<Map<String, Value>> {
    let mut told = Map::new();
    for (name, wanted) in wanted.iter().filter(|(name, _)| !REMARKS.contains(&name.as_str())) {
        let part = match known.get(name) {
            Some(known) => part(wanted, known, now),
            None if demands(wanted) => Part::Unmet,
            None => Part::Nothing,
        };
        match part {
            Part::Told(value) => drop(told.insert(name.clone(), value)),
            Part::Nothing => {}
            Part::Unmet => return None,
        }
    }
    if !told.is_empty() {
        let always = ALWAYS.into_iter().filter_map(|name| Some((name.to_owned(), known.get(name)?.clone())));
        told.extend(always);
    }
    Some(told)
}

/// Whether a request demands anything of a value, somewhere inside.
fn demands(wanted: &Value) -> bool {
    match wanted {
        Value::Object(object) => object.iter().any(|(name, inner)| DEMANDS.contains(&name.as_str()) || demands(inner)),
        Value::Array(list) => list.iter().any(demands),
        _ => false,
    }
}

fn part(wanted: &Value, known: &Value, now: i64) -> Part {
    match (wanted, known) {
        (Value::Null, known) => Part::Told(known.clone()),
        (Value::Object(object), known) if DEMANDS.iter().any(|demand| object.contains_key(*demand)) => {
            if fits(wanted, known) && is_young(object.get("max_age"), known, now) {
                Part::Told(known.clone())
            } else {
                Part::Unmet
            }
        }
        (Value::Object(object), known) if object.keys().all(|name| REMARKS.contains(&name.as_str())) => {
            Part::Told(known.clone())
        }
        (Value::Object(object), Value::Object(known)) => match members(object, known, now) {
            Some(told) if told.is_empty() => Part::Nothing,
            Some(told) => Part::Told(Value::Object(told)),
            None => Part::Unmet,
        },
        (Value::Array(list), Value::Array(known)) => elements(list, known, now),
        _ if demands(wanted) => Part::Unmet,
        _ => Part::Nothing,
    }
}

/// The elements that fit one of those asked for (`evidence`, `check_details`): the first that it fits says what is told of
/// it.
fn elements(wanted: &[Value], known: &[Value], now: i64) -> Part {
    let told: Vec<Value> = known
        .iter()
        .filter_map(|known| {
            wanted.iter().find_map(|wanted| match part(wanted, known, now) {
                Part::Told(told) => Some(told),
                Part::Nothing | Part::Unmet => None,
            })
        })
        .collect();
    match told.is_empty() {
        false => Part::Told(Value::Array(told)),
        true if wanted.iter().any(demands) => Part::Unmet,
        true => Part::Nothing,
    }
}

/// Whether a time is at most `max_age` seconds ago; one that is no time is not.
fn is_young(max_age: Option<&Value>, known: &Value, now: i64) -> bool {
    let Some(max_age) = max_age else { return true };
    match (max_age.as_i64(), known.as_str().and_then(moment)) {
        (Some(seconds), Some(at)) => now - at <= seconds,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
