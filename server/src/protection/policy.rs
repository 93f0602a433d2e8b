//! What the operator asks of one client's enrollments (GS-ENR-05a): which context, which integrity, which signatures, which
//! encryption. Of each upload, also of one that is not finalized yet: what is not there needs no protection.

use std::collections::BTreeSet;
use std::ops::Bound;

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
    let signed = signed(policy, held);
    for place in required(&policy.integrity)? {
        if !held.iter().any(|block| covers(&block.covers, &place, &both)) {
            return Err(Reason::Uncovered.at(shown(&place)));
        }
        if !policy.signature.is_empty() && !signed.iter().any(|block| covers(&block.covers, &place, &both)) {
            return Err(Reason::Unproven.at(shown(&place)));
        }
    }
    let opened: BTreeSet<Location> = clear.opened.iter().cloned().collect();
    for place in required(&policy.encryption)? {
        if !covers(&opened, &place, &both) {
            return Err(Reason::InClear.at(shown(&place)));
        }
    }
    Ok(())
}

/// Whether one of `places` is this one or an object around it, or they are all there is in it.
pub(super) fn covers(places: &BTreeSet<Location>, wanted: &[Step], document: &Value) -> bool {
    if is_around(places, wanted) {
        return true;
    }
    // In the order of the set, what is in a place follows it.
    let next = places.range::<[Step], _>((Bound::Included(wanted), Bound::Unbounded)).next();
    if !next.is_some_and(|place| place.starts_with(wanted)) {
        return false;
    }
    // `biographicData` is covered where each of its members is.
    let inside: Vec<Location> = match super::scope::at(document, wanted) {
        Some(Value::Object(members)) if !members.is_empty() => {
            // No block can cover itself.
            let data = members.keys().filter(|name| !matches!(name.as_str(), "integrity" | "encryption"));
            data.map(|name| place_of_buffer(&[wanted, &[Step::Member(name.clone())]].concat())).collect()
        }
        Some(Value::Array(elements)) if !elements.is_empty() => {
            (0..elements.len()).map(|at| [wanted, &[Step::Element(at)]].concat()).collect()
        }
        _ => return false,
    };
    inside.iter().all(|place| covers(places, place, document))
}

/// Whether one of `places` is this one or an object around it.
fn is_around(places: &BTreeSet<Location>, wanted: &[Step]) -> bool {
    (0..=wanted.len()).filter_map(|end| wanted.get(..end)).any(|around| places.contains(around))
}

/// The blocks that are signed as the policy wants, and those whose hash such a block covers: what they cover is signed too.
fn signed<'h>(policy: &EnrollmentPolicy, held: &'h [Held]) -> Vec<&'h Held> {
    let wanted = |kind: SignatureType| match kind {
        SignatureType::None => false,
        SignatureType::Jws => policy.signature.contains(&SignatureFormat::Jws),
        SignatureType::Pkcs7 => policy.signature.contains(&SignatureFormat::Pkcs7),
    };
    let mut good: Vec<&Held> = held.iter().filter(|block| wanted(block.kind)).collect();
    let mut others: Vec<(Location, &Held)> = held
        .iter()
        .filter(|block| !wanted(block.kind))
        .map(|block| ([block.place.as_slice(), &[Step::Member("hash".into())]].concat(), block))
        .collect();
    let mut looked_at = 0;
    while let Some(signed) = good.get(looked_at).copied() {
        looked_at += 1;
        let (covered, left) = others.into_iter().partition(|(hash, _)| is_around(&signed.covers, hash));
        others = left;
        let covered: Vec<(Location, &Held)> = covered;
        good.extend(covered.into_iter().map(|(_, block)| block));
    }
    good
}
