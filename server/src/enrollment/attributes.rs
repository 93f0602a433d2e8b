//! What of an enrollment can be searched: single values of biographic, request, flag and contextual data, and what documents
//! say about themselves.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::Enrollment;
use crate::osia::Refusal;

/// Attributes of one enrollment at most.
const MOST: usize = 1000;
/// Name of the enrollment's status.
pub(super) const STATUS: &str = "status";

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Group {
    /// Beside the others: `enrollmentId`, `status`, `enrollmentType`.
    Enrollment,
    /// `biographicData`.
    BiographicData,
    /// `requestData`.
    RequestData,
    /// `enrollmentFlags`.
    EnrollmentFlags,
    /// `contextualData`.
    ContextualData,
    /// `documentData`.
    DocumentData,
}

impl Group {
    const NAMED: [(&'static str, Self); 5] = [
        ("biographicData", Self::BiographicData),
        ("requestData", Self::RequestData),
        ("enrollmentFlags", Self::EnrollmentFlags),
        ("contextualData", Self::ContextualData),
        ("documentData", Self::DocumentData),
    ];
}

/// One value. A member of an object is named `deliveryAddress.city`; the items of a list have the list's name.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Attribute {
    pub(super) group: Group,
    pub(super) name: String,
    pub(super) value: Value,
}

/// The name of an attribute in a search: `firstName` wherever it stands, or `biographicData.firstName`. `enrollmentId`,
/// `enrollmentType` and `status` are always the enrollment's own.
pub(super) struct Wanted<'n> {
    pub(super) group: Option<Group>,
    /// Without its group.
    pub(super) name: &'n str,
}

impl<'n> Wanted<'n> {
    /// Reads the name in an expression.
    pub(super) fn read(text: &'n str) -> Self {
        for (name, group) in Group::NAMED {
            if let Some(rest) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')) {
                return Self { group: Some(group), name: rest };
            }
        }
        let own = matches!(text, "enrollmentId" | "enrollmentType" | STATUS);
        Self { group: own.then_some(Group::Enrollment), name: text }
    }

    /// Whether it is the enrollment's status, which changes and is in no index.
    pub(super) fn is_status(&self) -> bool {
        self.group == Some(Group::Enrollment) && self.name == STATUS
    }

    /// Whether an attribute is the one meant.
    pub(super) fn is(&self, attribute: &Attribute) -> bool {
        attribute.name == self.name && self.group.is_none_or(|group| group == attribute.group)
    }
}

/// The attributes of an enrollment, its documents' apart.
///
/// # Errors
/// [`Refusal::Bad`] where there are more than 1,000 of them, which no index should hold.
pub(super) fn of(id: &str, enrollment: &Enrollment) -> Result<Vec<Attribute>, Refusal> {
    let mut found = vec![attribute(Group::Enrollment, "enrollmentId", id)];
    if let Some(kind) = &enrollment.enrollment_type {
        found.push(attribute(Group::Enrollment, "enrollmentType", kind));
    }
    for (group, data) in [
        (Group::BiographicData, &enrollment.biographic_data),
        (Group::RequestData, &enrollment.request_data),
        (Group::EnrollmentFlags, &enrollment.enrollment_flags),
        (Group::ContextualData, &enrollment.contextual_data),
    ] {
        if let Some(Value::Object(members)) = data {
            for (name, value) in members {
                collect(group, name, value, &mut found);
            }
        }
    }
    within_bounds(found)
}

/// What the documents of an enrollment say about themselves.
///
/// # Errors
/// As [`of`].
pub(super) fn of_documents(enrollment: &Enrollment) -> Result<Vec<Attribute>, Refusal> {
    let mut found = Vec::new();
    let mut note = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            found.push(attribute(Group::DocumentData, name, value));
        }
    };
    for document in enrollment.document_data.iter().flatten() {
        note("documentType", Some(document.document_type.name()));
        note("documentTypeOther", document.document_type_other.as_deref());
        note("instance", document.instance.as_deref());
        for part in document.parts.iter() {
            note("parts.mimeType", part.mime_type.as_deref());
            note("parts.captureDate", part.capture_date.as_ref().map(|date| date.as_str()));
            note("parts.captureDevice", part.capture_device.as_deref());
        }
    }
    within_bounds(found)
}

fn attribute(group: Group, name: &str, value: &str) -> Attribute {
    Attribute { group, name: name.to_owned(), value: Value::String(value.to_owned()) }
}

fn within_bounds(found: Vec<Attribute>) -> Result<Vec<Attribute>, Refusal> {
    if found.len() > MOST {
        return Err(Refusal::bad(
            "an enrollment may have 1000 single values outside of biometrics and documents, and 1000 in documents",
        ));
    }
    Ok(found)
}

fn collect(group: Group, name: &str, value: &Value, found: &mut Vec<Attribute>) {
    match value {
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            // One more than are taken is enough to refuse.
            if found.len() <= MOST {
                found.push(Attribute { group, name: name.to_owned(), value: value.clone() });
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(group, name, item, found)),
        Value::Object(members) => {
            for (member, value) in members {
                collect(group, &format!("{name}.{member}"), value, found);
            }
        }
    }
}
