//! An identity as callers give and get it (OSIA `Identity`), and its parts as they are sealed.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::galleries::ALL;
use super::model::IdentityStatus;
use crate::enrollment::model::{self, BiometricData, DocumentData, Encryption, Integrity};
use crate::osia::Refusal;

/// Galleries of one identity at most.
const MOST_GALLERIES: usize = 100;
/// Characters of a gallery's id or of an identity's type at most.
const LONGEST_NAME: usize = 128;

/// An identity as it is sent.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "OsiaIdentity")]
pub struct Given {
    /// Read only: the one of the path, where it is sent.
    #[serde(default, deserialize_with = "present")]
    pub identity_id: Option<String>,
    /// What kind of identity it is, in the registry's own words.
    pub identity_type: String,
    /// How far it is believed.
    pub status: IdentityStatus,
    /// Kept by the server: RFC 3339; what is sent is not used.
    #[serde(default, deserialize_with = "present")]
    pub created_date: Option<String>,
    /// Kept by the server: RFC 3339; what is sent is not used.
    #[serde(default, deserialize_with = "present")]
    pub updated_date: Option<String>,
    /// Names of the galleries that it is in; at least one, each once.
    #[serde(default, deserialize_with = "present")]
    pub galleries: Option<Vec<String>>,
    /// Whatever the client wants kept with it, in base64.
    #[serde(default, deserialize_with = "present")]
    pub client_data: Option<String>,
    /// How it came to be; any JSON.
    #[serde(default, deserialize_with = "present")]
    pub contextual_data: Option<Value>,
    /// What is known of the person; any JSON, as a rule an object.
    #[serde(default, deserialize_with = "present")]
    pub biographic_data: Option<Value>,
    /// OSIA `BiometricData`, each also with `identityId`.
    #[serde(default, deserialize_with = "present")]
    pub biometric_data: Option<Vec<Value>>,
    /// OSIA `DocumentData`.
    #[serde(default, deserialize_with = "present")]
    pub document_data: Option<Vec<Value>>,
    /// OSIA `Encryption`.
    #[serde(default, deserialize_with = "present")]
    pub encryption: Option<Value>,
    /// OSIA `Integrity`.
    #[serde(default, deserialize_with = "present")]
    pub integrity: Option<Vec<Value>>,
}

/// A member that may be absent but not `null`.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(of: D) -> Result<Option<T>, D::Error> {
    T::deserialize(of).map(Some)
}

/// What is sealed of an identity and opened in every search.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// See [`Given`].
    pub identity_type: String,
    /// See [`Given`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub galleries: Option<Vec<String>>,
    /// See [`Given`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_data: Option<String>,
    /// See [`Given`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub contextual_data: Option<Value>,
    /// See [`Given`].
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub biographic_data: Option<Value>,
    /// See [`Given`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Value>,
    /// See [`Given`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrity: Option<Vec<Value>>,
}

/// A whole identity, checked.
#[derive(Clone, PartialEq)]
pub struct Identity {
    /// How far it is believed.
    pub status: IdentityStatus,
    /// Type, galleries, biographic and contextual data.
    pub content: Content,
    /// Biometrics.
    pub biometrics: Option<Vec<Value>>,
    /// Documents.
    pub documents: Option<Vec<Value>>,
}

impl Given {
    /// Holds an identity against OSIA's schema.
    ///
    /// # Errors
    /// [`Refusal::Bad`] naming the member, never its value.
    pub fn checked(self, identity_id: Option<&str>) -> Result<Identity, Refusal> {
        if self.identity_id.is_some() && self.identity_id.as_deref() != identity_id {
            return Err(Refusal::bad("identityId is read only: leave it out, or give the one of the path"));
        }
        for (name, date) in [("createdDate", &self.created_date), ("updatedDate", &self.updated_date)] {
            if date.as_deref().is_some_and(|date| OffsetDateTime::parse(date, &Rfc3339).is_err()) {
                return Err(Refusal::bad(format!("{name} must be a date and time of RFC 3339")));
            }
        }
        if !is_name(&self.identity_type) {
            return Err(Refusal::bad("identityType must have 1 to 128 characters, none of them a control character"));
        }
        if let Some(galleries) = &self.galleries {
            let different: BTreeSet<&String> = galleries.iter().collect();
            let good = (1..=MOST_GALLERIES).contains(&galleries.len())
                && different.len() == galleries.len()
                && galleries.iter().all(|gallery| is_name(gallery) && gallery != ALL);
            if !good {
                return Err(Refusal::bad(
                    "galleries must be 1 to 100 different names of 1 to 128 characters; ALL stands for every gallery",
                ));
            }
        }
        if self.client_data.as_deref().is_some_and(|data| STANDARD.decode(data).is_err()) {
            return Err(Refusal::bad("clientData must be base64"));
        }
        each::<DocumentData>("documentData", self.document_data.as_deref(), |_| Ok(()))?;
        each::<Integrity>("integrity", self.integrity.as_deref(), |_| Ok(()))?;
        // The population registry's biometrics have a member more than those of enrollments.
        each::<BiometricData>("biometricData", self.biometric_data.as_deref(), |members| {
            match members.remove("identityId") {
                None | Some(Value::String(_)) => Ok(()),
                Some(_) => Err("identityId must be a text"),
            }
        })?;
        if let Some(encryption) = &self.encryption {
            one::<Encryption>("encryption", encryption.clone())?;
        }
        Ok(Identity {
            status: self.status,
            content: Content {
                identity_type: self.identity_type,
                galleries: self.galleries,
                client_data: self.client_data,
                contextual_data: self.contextual_data,
                biographic_data: self.biographic_data,
                encryption: self.encryption,
                integrity: self.integrity,
            },
            biometrics: self.biometric_data,
            documents: self.document_data,
        })
    }
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// Holds a member against the schema that enrollments have too.
fn one<T: DeserializeOwned>(at: &str, value: Value) -> Result<(), Refusal> {
    model::read_as::<T>(value).map(|_| ()).map_err(|fault| {
        let inside = if fault.path == "." { String::new() } else { format!(".{}", fault.path) };
        Refusal::bad(format!("{at}{inside}: {}", fault.reason))
    })
}

/// Holds each element of a list against that schema; `first` may take members out before.
fn each<T: DeserializeOwned>(
    name: &str,
    values: Option<&[Value]>,
    first: impl Fn(&mut Map<String, Value>) -> Result<(), &'static str>,
) -> Result<(), Refusal> {
    for (place, value) in values.unwrap_or_default().iter().enumerate() {
        let mut value = value.clone();
        let taken = value.as_object_mut().map_or(Err("must be an object"), &first);
        taken.map_err(|reason| Refusal::bad(format!("{name}[{place}]: {reason}")))?;
        one::<T>(&format!("{name}[{place}]"), value)?;
    }
    Ok(())
}

impl Identity {
    /// As callers get it, without its id and dates.
    #[must_use]
    pub fn members(&self) -> Map<String, Value> {
        let content = serde_json::to_value(&self.content).unwrap_or_default();
        let mut members = Map::new();
        members.insert("status".into(), self.status.name().into());
        if let Value::Object(content) = content {
            members.extend(content);
        }
        let lists = [("biometricData", &self.biometrics), ("documentData", &self.documents)];
        members.extend(lists.into_iter().filter_map(|(name, list)| Some((name.to_owned(), list.clone()?.into()))));
        members
    }

    /// What it says about the person, where that is an object and not encrypted.
    #[must_use]
    pub fn biographic(&self) -> Option<&Map<String, Value>> {
        self.content.biographic()
    }
}

impl Content {
    /// What it says about the person, where that is an object and not encrypted.
    #[must_use]
    pub fn biographic(&self) -> Option<&Map<String, Value>> {
        self.biographic_data.as_ref().and_then(Value::as_object)
    }

    /// The value of an attribute that searches may name: a member of the biographic data, else of the contextual data,
    /// else the identity's type.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let contextual = self.contextual_data.as_ref().and_then(Value::as_object);
        let found = self.biographic().and_then(|all| all.get(name)).or_else(|| contextual?.get(name)).cloned();
        found.or_else(|| (name == "identityType").then(|| self.identity_type.as_str().into()))
    }

    /// Every attribute that searches may name, with its value.
    #[must_use]
    pub fn attributes(&self) -> Map<String, Value> {
        let contextual = self.contextual_data.as_ref().and_then(Value::as_object);
        let mut all = Map::from_iter([("identityType".to_owned(), Value::from(self.identity_type.as_str()))]);
        all.extend(contextual.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        all.extend(self.biographic().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        all
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value) -> Result<Identity, String> {
        let given: Given = serde_json::from_value(value).map_err(|_| "schema".to_owned())?;
        given.checked(Some("1")).map_err(|error| error.to_string())
    }

    fn whole() -> Value {
        json!({
            "identityId": "1", "identityType": "CIVIL", "status": "CLAIMED", "createdDate": "2024-11-18T14:21:00+01:00",
            "galleries": ["G1", "G2"], "clientData": "SU1BR0U=", "contextualData": { "enrollmentDate": "2019-01-11" },
            "biographicData": { "firstName": "John", "height": 180, "nested": { "a": [1] } },
            "biometricData": [{ "biometricType": "FINGER", "identityId": "1", "image": "SU1BR0U=" }],
            "documentData": [{ "documentType": "ID_CARD", "parts": [{ "data": "VkM=", "mimeType": "application/vc" }] }],
            "encryption": { "type": "JWE", "scope": "$.clientData" },
            "integrity": [{ "scope": "$.biographicData", "alg": "SHA256", "hash": "AA==" }]
        })
    }

    #[test]
    fn an_identity_comes_back_as_it_was_given() {
        let identity = check(whole()).unwrap();
        let mut expected = whole();
        for name in ["identityId", "createdDate"] {
            expected.as_object_mut().unwrap().remove(name);
        }
        assert_eq!(Value::Object(identity.members()), expected);
        assert_eq!(identity.content.attribute("enrollmentDate"), Some(json!("2019-01-11")));
        assert_eq!(identity.content.attributes().len(), 5);
    }

    /// OSIA-BIO-13, OSIA-DOC-03 and their like hold for the registry too.
    #[test]
    fn what_the_schema_does_not_allow_is_refused() {
        for (name, value) in [
            ("identityId", json!("2")),
            ("identityType", json!("")),
            ("identityType", json!(7)),
            ("status", json!("GOOD")),
            ("createdDate", json!("18/11/2024")),
            ("galleries", json!([])),
            ("galleries", json!(["a", "a"])),
            ("galleries", Value::Null),
            ("clientData", json!("%")),
            ("biometricData", json!([{ "biometricType": "VOICE" }])),
            ("biometricData", json!([{ "biometricType": "FACE", "identityId": 7 }])),
            ("biometricData", json!([{ "biometricType": "FACE", "colour": "red" }])),
            ("documentData", json!([{ "documentType": "ID_CARD", "parts": [] }])),
            ("encryption", json!({ "type": "ROT13", "scope": "$" })),
            ("integrity", json!([{ "scope": "$" }])),
            ("colour", json!("red")),
        ] {
            let mut other = whole();
            other[name] = value;
            assert!(check(other).is_err(), "{name}");
        }
        for name in ["identityType", "status"] {
            let mut less = whole();
            less.as_object_mut().unwrap().remove(name);
            assert!(check(less).is_err(), "{name}");
        }
    }

    /// OSIA-ERR-02, GS-PRI-01a: which member, and never what it held.
    #[test]
    fn osia_err_02_a_refusal_names_the_member_inside_of_a_list() {
        for (name, value, said) in [
            ("documentData", json!([{ "documentType": "ID_CARD", "parts": [] }]), "documentData[0].parts: "),
            (
                "biometricData",
                json!([{ "biometricType": "FACE" }, { "biometricType": "FACE", "width": "secret" }]),
                "biometricData[1].width: ",
            ),
            ("biometricData", json!([{ "biometricType": "FACE", "colour": "secret" }]), "biometricData[0].colour: "),
            ("biometricData", json!([{ "image": "AA==" }]), "biometricData[0].biometricType: is required"),
            ("biometricData", json!(["secret"]), "biometricData[0]: must be an object"),
            (
                "biometricData",
                json!([{ "biometricType": "FACE", "identityId": 7 }]),
                "biometricData[0]: identityId must be a text",
            ),
            ("encryption", json!({ "type": "secret", "scope": "$" }), "encryption.type: "),
            ("integrity", json!([{ "scope": "$" }]), "integrity[0].alg: is required"),
        ] {
            let mut other = whole();
            other[name] = value;
            let message = check(other).map(|_| ()).unwrap_err();
            assert!(message.starts_with(said) && !message.contains("secret"), "{message}");
        }
    }
}
