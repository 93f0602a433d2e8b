//! Buffers by reference, put where the buffer itself would be: by OSIA's convention the member name of a buffer (`image`)
//! stands in a scope for its content in base64, also where the document has its URL (`imageRef`) instead.

use std::collections::HashSet;

use serde_json::Value;

use super::holders::{buffer_of, reference_to};
use super::scope::{Location, Step};

/// A node with a mark in the place of each buffer that it refers to.
pub(super) struct Marked {
    /// With references and marks.
    pub(super) both: Value,
    /// What every mark begins with; occurs nowhere else in the node.
    pub(super) prefix: String,
    /// The URLs, by the number in the mark.
    pub(super) urls: Vec<String>,
    /// Bytes of the node as JSON.
    pub(super) size: usize,
}

/// What marks begin with, before a number and a hyphen.
const MARK: &str = "buffer-";

/// What marks may begin with so that nothing in a text does: found in one pass, whatever the text has of the kind.
fn unused(text: &str) -> String {
    let number = |(place, _): (usize, &str)| -> Option<u64> {
        let rest = text.get(place + MARK.len()..)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if rest.as_bytes().get(digits) == Some(&b'-') { rest.get(..digits)?.parse().ok() } else { None }
    };
    let taken: HashSet<u64> = text.match_indices(MARK).filter_map(number).collect();
    let free = (0..).find(|number| !taken.contains(number)).unwrap_or_default();
    format!("{MARK}{free}-")
}

impl Marked {
    /// Marks a copy of `node`.
    pub(super) fn of(node: &Value) -> Self {
        let text = node.to_string();
        let mut marked = Self { both: node.clone(), prefix: unused(&text), urls: Vec::new(), size: text.len() };
        let mut both = std::mem::take(&mut marked.both);
        marked.mark(&mut both);
        marked.both = both;
        marked
    }

    fn mark(&mut self, node: &mut Value) {
        match node {
            Value::Array(elements) => elements.iter_mut().for_each(|element| self.mark(element)),
            Value::Object(members) => {
                let references: Vec<(&str, String)> = members
                    .iter()
                    .filter_map(|(name, value)| Some((buffer_of(name)?, value.as_str()?.to_owned())))
                    .filter(|(buffer, _)| !members.contains_key(*buffer))
                    .collect();
                members.values_mut().for_each(|value| self.mark(value));
                for (buffer, url) in references {
                    // The end keeps one mark from being the beginning of another.
                    members.insert(buffer.to_owned(), format!("{}{};", self.prefix, self.urls.len()).into());
                    self.urls.push(url);
                }
            }
            _ => {}
        }
    }

    /// The URL that a value is the mark of.
    pub(super) fn url(&self, value: &Value) -> Option<&str> {
        let number = value.as_str()?.strip_prefix(&self.prefix)?.strip_suffix(';')?;
        self.urls.get(number.parse::<usize>().ok()?).map(String::as_str)
    }

    /// The node with marks in the place of references.
    pub(super) fn followed(self) -> (Value, String, Vec<String>) {
        let mut node = self.both;
        let prefix = self.prefix;
        forget_references(&mut node, &prefix);
        (node, prefix, self.urls)
    }
}

fn forget_references(node: &mut Value, prefix: &str) {
    match node {
        Value::Array(elements) => elements.iter_mut().for_each(|element| forget_references(element, prefix)),
        Value::Object(members) => {
            let marked = |value: &Value| value.as_str().is_some_and(|text| text.starts_with(prefix));
            let followed: Vec<&str> =
                members.iter().filter(|(_, value)| marked(value)).filter_map(|(name, _)| reference_to(name)).collect();
            for reference in followed {
                members.remove(reference);
            }
            members.values_mut().for_each(|value| forget_references(value, prefix));
        }
        _ => {}
    }
}

/// The place of the buffer, for the place of a reference to it; any other place stays.
pub(super) fn place_of_buffer(location: &Location) -> Location {
    let mut place = location.clone();
    if let Some(Step::Member(name)) = place.last_mut()
        && let Some(buffer) = buffer_of(name)
    {
        *name = buffer.to_owned();
    }
    place
}
