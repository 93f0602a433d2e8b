//! How claims about a person were verified: what a person file says of it, and where it lies (OpenID Identity Assurance
//! Schema Definition 1.0 §5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::{Fault, NewPerson, PersonId};
use super::{sealed, store};
use crate::claims::untagged;
use crate::state::AppState;
use crate::store::StoreError;

/// Processes of one person at most.
const MOST: usize = 10;
/// Bytes of one at most, as JSON.
const LARGEST: usize = 16 * 1024;
/// Members of `verification` that are known, and how deep they may go. `trust_framework` is demanded.
const MEMBERS: [&str; 6] =
    ["trust_framework", "assurance_level", "assurance_process", "time", "verification_process", "evidence"];
/// Types of evidence (§5.4).
const EVIDENCE: [&str; 4] = ["document", "electronic_record", "vouch", "electronic_signature"];

/// One process in which claims about a person were verified. Its `Debug` shows the names of the claims only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// Names of the person's own attributes (or `picture`) that were verified in it, without language tags; at least one.
    pub claims: Vec<String>,
    /// `verification` as the standard has it: `trust_framework` always, and whatever else is known.
    #[serde(flatten)]
    pub process: Map<String, Value>,
}

impl std::fmt::Debug for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a verification of {:?}", self.claims)
    }
}

/// Holds what a person file says against the person in it: nothing is verified that is not known.
///
/// # Errors
/// Why it cannot be.
pub(super) fn check(person: &NewPerson) -> Result<(), &'static str> {
    if person.verification.len() > MOST {
        return Err("at most ten");
    }
    let known = |name: &str| {
        person.attributes.keys().any(|tagged| untagged(tagged) == name) || (name == "picture" && person.photo.is_some())
    };
    for Verification { claims, process } in &person.verification {
        if claims.is_empty() || !claims.iter().all(|name| known(name)) {
            return Err("`claims` must name attributes that this person has");
        }
        if process.keys().any(|name| !MEMBERS.contains(&name.as_str())) {
            return Err("has a member that OpenID Identity Assurance does not know");
        }
        if !["trust_framework", "assurance_level", "verification_process"]
            .iter()
            .all(|name| process.get(*name).is_none_or(is_word))
            || !process.contains_key("trust_framework")
        {
            return Err("needs a `trust_framework`; that, `assurance_level` and `verification_process` are texts");
        }
        if !process.get("time").is_none_or(|time| time.as_str().is_some_and(|time| moment(time).is_some())) {
            return Err("`time` must be a date with time and offset (RFC 3339)");
        }
        if !process.get("evidence").is_none_or(is_evidence) {
            return Err("`evidence` must be a list of objects, each with a `type` of OpenID Identity Assurance §5.4");
        }
        if !process.get("assurance_process").is_none_or(Value::is_object) {
            return Err("`assurance_process` must be an object");
        }
        if Value::Object(process.clone()).to_string().len() > LARGEST {
            return Err("is longer than 16 KiB");
        }
    }
    Ok(())
}

fn is_word(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_evidence(value: &Value) -> bool {
    let one = |one: &Value| one["type"].as_str().is_some_and(|kind| EVIDENCE.contains(&kind));
    value.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(one))
}

/// Seconds since 1970 of an RFC 3339 time.
pub(super) fn moment(text: &str) -> Option<i64> {
    let format = &time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::parse(text, format).ok().map(time::OffsetDateTime::unix_timestamp)
}

/// How a person's claims were verified, in the order of the person file; empty where nothing was.
///
/// # Errors
/// [`Fault`] where the database does not answer or the row does not open.
pub async fn of_person(state: &AppState, person: PersonId) -> Result<Vec<Verification>, Fault> {
    let row = state.store.read(move |tx| Box::pin(store::verification(tx, person))).await?;
    let Some(row): Option<Vec<u8>> = row else { return Ok(Vec::new()) };
    let clear = sealed::open_verification(state, person, &row)?;
    Ok(serde_json::from_slice(&clear).map_err(|_| StoreError::Corrupt { what: "verification" })?)
}
