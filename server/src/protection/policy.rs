//! What the operator asks of one client's enrollments (GS-ENR-05a): which context, which integrity, which signatures, which
//! encryption. Of each upload, also of one that is not finalized yet: what is not there needs no protection.

use serde_json::Value;

use super::blocks::SignatureType;
use super::encrypted::Clear;
use super::fault::{Fault, Reason};
use super::references::{Marked, place_of_buffer};
use super::scope::{Location, Scope, Step, shown};
use super::verify::Held;
use crate::clients::{EnrollmentPolicy, SignatureFormat};

/// Whether a document that holds in itself is one that this policy takes.
pub(super) fn check(policy: &EnrollmentPolicy, clear: &Clear, held: &[Held]) -> Result<(), Fault> {
    for name in &policy.context {
        let given = clear.document.get("contextualData").and_then(|context| context.get(name));
        if given.is_none_or(|value| value.is_null() || value == "") {
            return Err(Reason::Required.at(format!("contextualData.{name}")));
        }
    }
    // By OSIA's convention the name of a buffer stands for it, also where the document has its URL.
    let both = Marked::of(&clear.document).both;
    let required = |paths: &[String]| -> Result<Vec<Location>, Fault> {
        let mut found = Vec::new();
        for path in paths {
            let fault = |reason: Reason| reason.at(path.clone());
            found.extend(Scope::parse(path).and_then(|scope| scope.locate(&both)).map_err(fault)?);
        }
        Ok(found.iter().map(place_of_buffer).collect())
    };
    for place in required(&policy.integrity)? {
        if !held.iter().any(|block| covers(&block.covers, &place, &both)) {
            return Err(Reason::Uncovered.at(shown(&place)));
        }
        if !policy.signature.is_empty() && !signed(policy, held).any(|block| covers(&block.covers, &place, &both)) {
            return Err(Reason::Unproven.at(shown(&place)));
        }
    }
    for place in required(&policy.encryption)? {
        if !covers(&clear.opened, &place, &both) {
            return Err(Reason::InClear.at(shown(&place)));
        }
    }
    Ok(())
}

/// Whether one of `places` is this one or an object around it, or they are all there is in it.
pub(super) fn covers(places: &[Location], wanted: &Location, document: &Value) -> bool {
    if places.iter().any(|place| wanted.starts_with(place)) {
        return true;
    }
    // `biographicData` is covered where each of its members is.
    let inside: Vec<Location> = match super::scope::at(document, wanted) {
        Some(Value::Object(members)) if !members.is_empty() => {
            // No block can cover itself.
            let data = members.keys().filter(|name| !matches!(name.as_str(), "integrity" | "encryption"));
            data.map(|name| place_of_buffer(&[wanted.as_slice(), &[Step::Member(name.clone())]].concat())).collect()
        }
        Some(Value::Array(elements)) if !elements.is_empty() => {
            (0..elements.len()).map(|at| [wanted.as_slice(), &[Step::Element(at)]].concat()).collect()
        }
        _ => return false,
    };
    places.iter().any(|place| place.starts_with(wanted)) && inside.iter().all(|place| covers(places, place, document))
}

/// The blocks that are signed as the policy wants, and those whose hash such a block covers: what they cover is signed too.
fn signed<'h>(policy: &EnrollmentPolicy, held: &'h [Held]) -> impl Iterator<Item = &'h Held> {
    let wanted = |kind: SignatureType| match kind {
        SignatureType::None => false,
        SignatureType::Jws => policy.signature.contains(&SignatureFormat::Jws),
        SignatureType::Pkcs7 => policy.signature.contains(&SignatureFormat::Pkcs7),
    };
    let mut good: Vec<bool> = held.iter().map(|block| wanted(block.kind)).collect();
    loop {
        let hash_of = |block: &Held| [block.place.as_slice(), &[Step::Member("hash".into())]].concat();
        let more = (0..held.len()).find(|at| {
            let hash = hash_of(&held[*at]);
            let over =
                |(of, other): (usize, &Held)| good[of] && other.covers.iter().any(|place| hash.starts_with(place));
            !good[*at] && held.iter().enumerate().any(over)
        });
        match more {
            Some(at) => good[at] = true,
            None => break,
        }
    }
    held.iter().zip(good).filter_map(|(block, good)| good.then_some(block))
}
