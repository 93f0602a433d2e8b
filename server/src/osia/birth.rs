//! Dates of birth that lie ahead, in what OSIA's interfaces bring of a person.

use serde_json::Value;

use super::Refusal;
use crate::claims::birth;
use crate::clock::Millis;

/// Refuses biographic data that say a birth in the future. What came encrypted is held against this once it is opened.
///
/// # Errors
/// [`Refusal::Bad`], with the member.
pub fn refuse(biographic: Option<&Value>, now: Millis) -> Result<(), Refusal> {
    let members = biographic.and_then(Value::as_object);
    match members.and_then(|members| birth::ahead(members, now)) {
        Some(name) => Err(Refusal::bad(format!("biographicData.{name} {}", birth::AHEAD))),
        None => Ok(()),
    }
}
