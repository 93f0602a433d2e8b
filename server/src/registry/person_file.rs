//! Person files: what `tessera person import` reads. The form is described in `docs/person-file.md`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::model::{Identifier, NewPerson, Photo};
use super::verification::Verification;

/// Persons in one file at most; they are added in one transaction.
const MOST: usize = 10_000;

/// A person of a file, with the PIN that is to be set.
pub struct FilePerson {
    /// The person.
    pub person: NewPerson,
    /// Six digits; none where the person logs in by other means only.
    pub pin: Option<Zeroizing<String>>,
}

/// Why a file cannot be read. Tells the place, never the content.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonFileError {
    /// Not JSON, or a member that is unknown or of the wrong type.
    #[error("line {line}, column {column}: not a person as docs/person-file.md describes one")]
    Malformed {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// A photo is not base64.
    #[error("person {0}: photo.data is not base64")]
    Photo(usize),
    /// More than ten thousand persons.
    #[error("more than 10000 persons: split the file")]
    TooMany,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    identifiers: Vec<Identifier>,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    verifications: Vec<Verification>,
    photo: Option<EntryPhoto>,
    pin: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryPhoto {
    media_type: String,
    data: String,
}

/// Reads one person (an object) or several (an array).
///
/// # Errors
/// [`PersonFileError`].
pub fn read(text: &str) -> Result<Vec<FilePerson>, PersonFileError> {
    let malformed =
        |error: serde_json::Error| PersonFileError::Malformed { line: error.line(), column: error.column() };
    let entries: Vec<Entry> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(malformed)?
    } else {
        vec![serde_json::from_str(text).map_err(malformed)?]
    };
    if entries.len() > MOST {
        return Err(PersonFileError::TooMany);
    }
    let persons = entries.into_iter().enumerate().map(|(place, entry)| {
        let photo = entry.photo.map(|photo| match STANDARD.decode(photo.data) {
            Ok(bytes) => Ok(Photo { media_type: photo.media_type, bytes: Zeroizing::new(bytes) }),
            Err(_) => Err(PersonFileError::Photo(place + 1)),
        });
        let (identifiers, attributes, verifications) = (entry.identifiers, entry.attributes, entry.verifications);
        let person = NewPerson { identifiers, attributes, verifications, photo: photo.transpose()? };
        Ok(FilePerson { person, pin: entry.pin.map(Zeroizing::new) })
    });
    persons.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::validation;

    #[test]
    fn the_example_of_the_document_is_a_person_file() {
        let document = include_str!("../../../docs/person-file.md");
        let example = document.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let persons = read(example).unwrap();
        assert_eq!(persons.len(), 2);
        for FilePerson { person, .. } in &persons {
            validation::check(person).unwrap();
        }
        assert_eq!(persons[0].pin.as_deref().map(String::as_str), Some("314159"));
        assert!(persons[0].person.photo.is_some());
    }

    #[test]
    fn errors_tell_the_place_and_no_content() {
        let bad = "{\n \"identifiers\": [{\"kind\": \"uin\", \"value\": 8267411571}] }";
        let error = read(bad).err().unwrap();
        assert!(matches!(error, PersonFileError::Malformed { line: 2, .. }));
        assert!(!error.to_string().contains("8267"));
        assert!(read(r#"{"identifiers": [], "favourite_colour": "red"}"#).is_err());
        assert!(read("[{}]").is_err());
        assert_eq!(
            read(r#"{"identifiers": [], "photo": {"media_type": "image/png", "data": "?"}}"#).err(),
            Some(PersonFileError::Photo(1))
        );
    }
}
