//! Reading an enrollment, and what is said where it is none.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Enrollment;
use super::enumerations::NOT_LISTED;
use super::format::{EMPTY, NOT_A_DATE_TIME, NOT_A_URI};

/// Why something is no enrollment. Tells the member and the rule, never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Fault {
    /// The member, as `biometricData[0].impressionType`; `.` is the whole.
    pub path: String,
    /// What it must be.
    pub reason: &'static str,
}

impl Enrollment {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// [`Fault`] where it is no JSON, or not as the schema has it.
    pub fn read(body: &[u8]) -> Result<Self, Fault> {
        let mut from = serde_json::Deserializer::from_slice(body);
        let read = serde_path_to_error::deserialize(&mut from).map_err(fault)?;
        match from.end() {
            Ok(()) => Ok(read),
            Err(_) => Err(Fault { path: ".".into(), reason: "must be one JSON object and nothing after it" }),
        }
    }

    /// Reads what is JSON already: a record with a patch merged into it.
    ///
    /// # Errors
    /// [`Fault`] where it is not as the schema has it.
    pub fn from_value(value: Value) -> Result<Self, Fault> {
        read_as(value)
    }
}

/// Reads a part of the schema that is JSON already, for those whose objects have the same parts.
///
/// # Errors
/// [`Fault`] where it is not as the schema has it.
pub fn read_as<T: DeserializeOwned>(value: Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(fault)
}

fn fault(error: serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let path = error.path().to_string();
    let said = error.inner().to_string();
    if let Some(missing) = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let path = if path == "." { missing.to_owned() } else { format!("{path}.{missing}") };
        return Fault { path, reason: "is required by OSIA enrollment 1.3.0" };
    }
    let known = [NOT_A_URI, NOT_A_DATE_TIME, EMPTY, NOT_LISTED].into_iter().find(|rule| said.starts_with(rule));
    let reason = known.unwrap_or_else(|| {
        if error.inner().is_syntax() || error.inner().is_eof() {
            "must be JSON (RFC 8259)"
        } else if said.starts_with("unknown field") {
            "is no member of OSIA enrollment 1.3.0"
        } else if said.starts_with("duplicate field") {
            "is there twice"
        } else {
            "must have the type that OSIA enrollment 1.3.0 gives it"
        }
    });
    Fault { path, reason }
}
