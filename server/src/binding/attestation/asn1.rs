//! Elements of DER, one after the other: Android's and Apple's extensions have schemas with tags up to 724 and fields that
//! come and go with the version, so that only what is looked for is read and the rest is passed over.

use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Reader, SliceReader, Tag, TagNumber};

use super::Refused;

/// What is wrong with bytes that are no DER, or not of the schema.
fn malformed<E>(_: E) -> Refused {
    Refused::Malformed
}

/// The elements that `bytes` consist of.
pub(super) fn elements(bytes: &[u8]) -> Result<Vec<AnyRef<'_>>, Refused> {
    let mut found = Vec::new();
    if bytes.is_empty() {
        return Ok(found);
    }
    let mut reader = SliceReader::new(bytes).map_err(malformed)?;
    while !reader.is_finished() {
        found.push(reader.decode::<AnyRef<'_>>().map_err(malformed)?);
    }
    Ok(found)
}

/// The elements of one SEQUENCE, which is all there is.
pub(super) fn sequence(bytes: &[u8]) -> Result<Vec<AnyRef<'_>>, Refused> {
    match elements(bytes)?.as_slice() {
        [one] if one.header().tag() == Tag::Sequence => elements(one.value()),
        _ => Err(Refused::Malformed),
    }
}

/// The content of an element of this type.
pub(super) fn content<'a>(element: Option<&AnyRef<'a>>, tag: Tag) -> Result<&'a [u8], Refused> {
    element.filter(|element| element.header().tag() == tag).map(|element| element.value()).ok_or(Refused::Malformed)
}

/// A small number: INTEGER or ENUMERATED, as this schema has it.
pub(super) fn number(element: Option<&AnyRef<'_>>, tag: Tag) -> Result<u64, Refused> {
    match content(element, tag)? {
        bytes @ [first, ..] if bytes.len() <= 8 && *first < 0x80 => {
            Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        }
        _ => Err(Refused::Malformed),
    }
}

/// What stands under an explicit context tag among `elements`; `None` where it is absent, refused where it is there twice.
pub(super) fn tagged<'a>(elements: &[AnyRef<'a>], tag: u32) -> Result<Option<AnyRef<'a>>, Refused> {
    let wanted = Tag::ContextSpecific { constructed: true, number: TagNumber(tag) };
    let mut found = elements.iter().filter(|element| element.header().tag() == wanted);
    let Some(one) = found.next() else { return Ok(None) };
    match (self::elements(one.value())?.as_slice(), found.next()) {
        ([inner], None) => Ok(Some(*inner)),
        _ => Err(Refused::Malformed),
    }
}
