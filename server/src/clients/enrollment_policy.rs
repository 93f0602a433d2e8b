//! What the operator asks of the enrollments that a client uploads (GS-ENR-05a).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_json_path::JsonPath;

/// Set by the operator only; a client without one may upload without protection of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnrollmentPolicy {
    /// Members that `contextualData` must have: who enrolled, where, when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<String>,
    /// Paths (RFC 9535, from the document's root, with or without `$`) to what an integrity block must cover.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub integrity: Vec<String>,
    /// How those blocks must be signed, one of these; not at all where empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signature: Vec<SignatureFormat>,
    /// Paths to what must be encrypted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encryption: Vec<String>,
}

/// A format of signatures over integrity blocks, by OSIA's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignatureFormat {
    /// RFC 7515.
    Jws,
    /// RFC 5652.
    Pkcs7,
}

/// A policy is not one that this server can hold.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the enrollment policy cannot be read: {0}")]
pub struct NotAnEnrollmentPolicy(String);

impl EnrollmentPolicy {
    /// Reads what an operator sets. Nothing at all (`{}`) takes the policy away: `None`.
    ///
    /// # Errors
    /// [`NotAnEnrollmentPolicy`] with what is unknown or malformed.
    pub fn read(object: &Map<String, Value>) -> Result<Option<Self>, NotAnEnrollmentPolicy> {
        let read: Self = serde_json::from_value(Value::Object(object.clone()))
            .map_err(|error| NotAnEnrollmentPolicy(error.to_string()))?;
        for path in read.integrity.iter().chain(&read.encryption) {
            let whole = if path.starts_with('$') { path.clone() } else { format!("$.{path}") };
            if path.contains(char::is_whitespace) || JsonPath::parse(&whole).is_err() {
                return Err(NotAnEnrollmentPolicy(format!("`{path}` is not one JSON path (RFC 9535)")));
            }
        }
        if !read.signature.is_empty() && read.integrity.is_empty() {
            return Err(NotAnEnrollmentPolicy("`signature` needs `integrity`: what has to be signed".into()));
        }
        Ok((read != Self::default()).then_some(read))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(policy: Value) -> Result<Option<EnrollmentPolicy>, NotAnEnrollmentPolicy> {
        EnrollmentPolicy::read(policy.as_object().unwrap())
    }

    #[test]
    fn a_policy_says_what_it_asks_and_nothing_unknown() {
        let whole = json!({ "context": ["operator"], "integrity": ["biographicData", "$.biometricData[*].image"],
            "signature": ["JWS", "PKCS7"], "encryption": ["biographicData"] });
        assert_eq!(json!(read(whole.clone()).unwrap().unwrap()), whole);
        assert_eq!(read(json!({})), Ok(None));
        for bad in [
            json!({ "contexts": [] }),
            json!({ "integrity": ["a b"] }),
            json!({ "encryption": ["a["] }),
            json!({ "signature": ["JWS"] }),
            json!({ "signature": ["PGP"], "integrity": ["a"] }),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
