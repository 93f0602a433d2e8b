//! What an enrollment says of a person, as attributes that the registry takes: each is a claim where it has the claim's form,
//! and a further attribute under its OSIA name where it has not, so that nothing that was enrolled keeps somebody out.

use serde_json::{Map, Value};

use super::{identity, validation};
use crate::claims::osia;

/// Attributes of OSIA's `biographicData`. What is longer than an attribute may be stays in the enrollment alone.
#[must_use]
pub fn enrolled(biographic: &Map<String, Value>) -> Map<String, Value> {
    let mut attributes = osia::attributes(biographic, validation::fits);
    attributes.retain(|name, value| validation::fits(name, value));
    // What claims demand of each other (a birth number of Czech citizens) an enrollment need not bring.
    if identity::together(&attributes).is_err() {
        for name in ["primary_nationality", "nationalities"] {
            if let Some(value) = attributes.remove(name) {
                let kept = osia::osia_value(name, &value);
                let known = osia::to_osia(name).unwrap_or(name);
                attributes.insert(format!("{}{known}", osia::FURTHER), kept);
            }
        }
    }
    attributes
}
