//! Which objects of a document may hold blocks (OSIA enrollment 1.3.0, OSIA third party services 1.2.0).

use serde_json::Value;

use super::scope::{Location, Step};

/// What of a holder's members may be a buffer, by value and by reference.
const BUFFERS: [(&str, &str); 3] = [("image", "imageRef"), ("template", "templateRef"), ("data", "dataRef")];

/// The name of the member that holds the buffer itself, for that of a reference.
pub(super) fn buffer_of(reference: &str) -> Option<&'static str> {
    BUFFERS.iter().find(|(_, known)| *known == reference).map(|(buffer, _)| *buffer)
}

/// The name of the reference to a buffer, for that of the buffer itself.
pub(super) fn reference_to(buffer: &str) -> Option<&'static str> {
    BUFFERS.iter().find(|(known, _)| *known == buffer).map(|(_, reference)| *reference)
}

/// Objects with integrity blocks: the root, each biometric, each document, each of its parts.
pub(super) fn of_integrity(document: &Value) -> Vec<Location> {
    let mut holders = of_encryption(document);
    holders.extend(elements(document, &[], "documentData"));
    holders
}

/// Objects with an encryption block: the root first, then each biometric, each part of a document. Not the document.
pub(super) fn of_encryption(document: &Value) -> Vec<Location> {
    let mut holders = vec![Vec::new()];
    holders.extend(elements(document, &[], "biometricData"));
    for held in elements(document, &[], "documentData") {
        let parts = super::scope::at(document, &held).map(|value| elements(value, &held, "parts"));
        holders.extend(parts.unwrap_or_default());
    }
    holders
}

/// The objects in an array of `node`, which is at `location`.
fn elements(node: &Value, location: &[Step], name: &str) -> Vec<Location> {
    let Some(elements) = node.get(name).and_then(Value::as_array) else { return Vec::new() };
    let objects = elements.iter().enumerate().filter(|(_, element)| element.is_object());
    objects.map(|(at, _)| [location, &[Step::Member(name.to_owned()), Step::Element(at)]].concat()).collect()
}
