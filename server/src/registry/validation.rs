//! What a person must be like to be added.

use serde_json::{Map, Value};
use url::Url;

use super::model::{AddError, NewPerson, Photo};
use super::{identity, verification};
use crate::claims::{self, birth};
use crate::clock::Millis;

/// Characters of an identifier at most.
const LONGEST_IDENTIFIER: usize = 128;
/// Bytes of a photo at most; it travels in userinfo.
pub const LARGEST_PHOTO: usize = 256 * 1024;
/// Bytes of an attribute at most, as JSON.
const LARGEST_ATTRIBUTE: usize = 4 * 1024;
/// Bytes of a page's address at most.
const LONGEST_PAGE: usize = 2048;
/// Claims that are made from other things than attributes.
const COMPUTED: [&str; 6] =
    ["picture", "individual_id", "updated_at", "age", "majority", claims::bankid::VERIFIED_CLAIMS];
/// Members of `address` that may have several lines (OpenID Connect Core §5.1.1).
const LINES: [&str; 2] = ["formatted", "street_address"];
/// Members of `address` (§5.1.1).
const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];

pub(super) fn check(person: &NewPerson) -> Result<(), AddError> {
    let refuse = |member: String, reason| Err(AddError::Invalid { member, reason });
    if person.identifiers.is_empty() {
        return refuse("identifiers".into(), "at least one is needed");
    }
    for (place, identifier) in person.identifiers.iter().enumerate() {
        let value = &identifier.value;
        let strange = |letter: char| letter.is_whitespace() || letter.is_control();
        if value.is_empty() || value.chars().count() > LONGEST_IDENTIFIER || value.contains(strange) {
            return refuse(
                format!("identifiers[{place}]"),
                "1 to 128 characters, neither white space nor control characters",
            );
        }
    }
    attributes(&person.attributes)?;
    verification::check(&person.verifications, &person.attributes)?;
    person.photo.as_ref().map_or(Ok(()), face)
}

/// Holds a date of birth against today. It is no part of [`check`], so that what another instance took is restored as it was.
pub(super) fn born(attributes: &Map<String, Value>, now: Millis) -> Result<(), AddError> {
    match birth::ahead(attributes, now) {
        Some(name) => Err(AddError::Invalid { member: format!("attributes.{name}"), reason: birth::AHEAD }),
        None => Ok(()),
    }
}

/// Holds a face against what travels in userinfo.
pub(super) fn face(face: &Photo) -> Result<(), AddError> {
    photo(face).map_err(|reason| AddError::Invalid { member: "photo".into(), reason })
}

/// Holds all attributes of a person against the forms of their claims, and against each other.
pub(super) fn attributes(attributes: &Map<String, Value>) -> Result<(), AddError> {
    let refuse = |name: &str, reason| Err(AddError::Invalid { member: format!("attributes.{name}"), reason });
    for (name, value) in attributes {
        if let Err(reason) = attribute(name, value) {
            return refuse(name, reason);
        }
    }
    identity::together(attributes).or_else(|(name, reason)| refuse(name, reason))
}

/// Whether a value has the form of its claim or further attribute.
#[must_use]
pub(super) fn fits(tagged: &str, value: &Value) -> bool {
    attribute(tagged, value).is_ok()
}

fn attribute(tagged: &str, value: &Value) -> Result<(), &'static str> {
    let name = claims::untagged(tagged);
    if COMPUTED.contains(&name) {
        return Err(
            "is computed: leave it out (a face goes into `photo`, identifiers into `identifiers`, evidence of what was \
                    verified into `verifications`)",
        );
    }
    if !claims::is_known(name) && claims::osia::further(name).is_none() {
        return Err("is not a claim that this server knows");
    }
    if tagged.split_once('#').is_some_and(|(_, tag)| !is_language_tag(tag)) {
        return Err("has a malformed language tag");
    }
    if value.to_string().len() > LARGEST_ATTRIBUTE {
        return Err("is longer than 4096 bytes");
    }
    let good = match name {
        further if claims::osia::further(further).is_some() => !value.is_null(),
        "email_verified" | "phone_number_verified" => value.is_boolean(),
        "address" => value.as_object().is_some_and(|address| {
            !address.is_empty()
                && address.iter().all(|(key, part)| ADDRESS.contains(&key.as_str()) && fits_line(key, part))
        }),
        "birthdate" => value.as_str().is_some_and(is_date),
        "email" => value.as_str().is_some_and(is_address),
        "profile" | "website" => value.as_str().is_some_and(is_page),
        other => identity::fits(other, value).unwrap_or_else(|| is_text(value)),
    };
    if good { Ok(()) } else { Err("has not the form of this claim (docs/person-file.md)") }
}

/// A member of `address`. Those that stand for several lines of a letter may have line breaks (OpenID Connect Core §5.1.1).
fn fits_line(member: &str, value: &Value) -> bool {
    if !LINES.contains(&member) {
        return is_text(value);
    }
    let strange = |c: char| c.is_control() && c != '\n' && c != '\r';
    value.as_str().is_some_and(|text| !text.trim().is_empty() && !text.contains(strange))
}

pub(super) fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty() && !text.contains(char::is_control))
}

/// BCP 47 by its looks: subtags of 1 to 8 letters and digits, the first of 2 or 3 letters.
fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    matches!(primary.len(), 2 | 3)
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `YYYY-MM-DD`, or only the year (OpenID Connect Core §5.1).
pub(super) fn is_date(text: &str) -> bool {
    let date = time::macros::format_description!("[year]-[month]-[day]");
    time::Date::parse(text, date).is_ok() || (text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The address of a page.
fn is_page(text: &str) -> bool {
    text.len() <= LONGEST_PAGE && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// A mail address by its looks: one that mail can be sent to without meaning something else in a header.
fn is_address(text: &str) -> bool {
    text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.contains('@'))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"'))
}

fn photo(photo: &Photo) -> Result<(), &'static str> {
    let begins: &[u8] = match photo.media_type.as_str() {
        "image/jpeg" => b"\xff\xd8\xff",
        "image/png" => b"\x89PNG\r\n\x1a\n",
        "image/webp" => b"RIFF",
        _ => return Err("media type must be image/jpeg, image/png or image/webp"),
    };
    if photo.bytes.len() > LARGEST_PHOTO {
        return Err("is larger than 256 KiB");
    }
    if photo.bytes.starts_with(begins) { Ok(()) } else { Err("is not an image of its media type") }
}
