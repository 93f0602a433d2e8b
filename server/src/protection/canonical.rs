//! What a hash is over: the intermediate JSON with nothing but the nodes in scope, in canonical form (RFC 8785).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fault::Reason;
use super::scope::{Location, Step};

/// What is wanted of a node.
enum Wanted {
    /// All of it.
    Whole,
    /// Something in it.
    Within(BTreeMap<Step, Wanted>),
}

impl Wanted {
    fn add(&mut self, location: &[Step]) {
        match (self, location) {
            (Self::Whole, _) => {}
            (wanted, []) => *wanted = Self::Whole,
            (Self::Within(steps), [first, rest @ ..]) => {
                steps.entry(first.clone()).or_insert_with(|| Self::Within(BTreeMap::new())).add(rest);
            }
        }
    }

    fn of(&self, node: &Value) -> Value {
        let steps = match self {
            Self::Whole => return node.clone(),
            Self::Within(steps) => steps,
        };
        match node {
            Value::Object(members) => {
                let kept = members.iter().filter_map(|(name, value)| {
                    steps.get(&Step::Member(name.clone())).map(|wanted| (name.clone(), wanted.of(value)))
                });
                Value::Object(kept.collect::<Map<_, _>>())
            }
            Value::Array(elements) => {
                let kept = elements.iter().enumerate();
                let kept = kept.filter_map(|(at, value)| steps.get(&Step::Element(at)).map(|wanted| wanted.of(value)));
                Value::Array(kept.collect())
            }
            other => other.clone(),
        }
    }
}

/// `node` with nothing but what is at these locations. Elements of arrays that are not wanted leave no gap.
#[must_use]
pub fn intermediate(node: &Value, locations: &[Location]) -> Value {
    let mut wanted = Wanted::Within(BTreeMap::new());
    for location in locations {
        wanted.add(location);
    }
    wanted.of(node)
}

/// The canonical form (RFC 8785). It writes every number as a double: an integer beyond 2^53 that is written otherwise has the
/// hash of its neighbours, and could be changed to one of them under a signature.
///
/// # Errors
/// [`Reason::NotJson`] for what has none, [`Reason::Number`] for such an integer.
pub fn canonical(value: &Value) -> Result<String, Reason> {
    if !is_exact(value) {
        return Err(Reason::Number);
    }
    serde_json_canonicalizer::to_string(value).map_err(|_| Reason::NotJson)
}

/// Whether every integer in it is written as the canonical form writes it, as those up to 2^53 are.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        Value::Number(number) => {
            let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            magnitude.is_none_or(|magnitude| magnitude <= 1 << 53)
                || serde_json_canonicalizer::to_string(number).is_ok_and(|text| text == number.to_string())
        }
        _ => true,
    }
}
