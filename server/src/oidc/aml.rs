//! `verified_claims` of Bank iD's profile: what was verified by the law against money laundering, of what is told anyway
//! (docs/bankid.md). What was not verified so is not in the container.

use serde_json::{Map, Value, json};

use crate::claims::bankid::VERIFIED_CLAIMS;
use crate::registry::{CZ_AML, Verification};

/// Puts the container beside the claims, where some of them were verified.
pub(super) fn add(claims: &mut Map<String, Value>, verifications: &[Verification]) {
    let Some(by) = verifications.iter().find(|one| one.trust_framework == CZ_AML) else { return };
    let verified: Map<String, Value> =
        claims.iter().filter(|(name, _)| by.covers(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    if verified.is_empty() {
        return;
    }
    let mut verification = json!({ "trust_framework": by.trust_framework });
    if let Some(time) = &by.time {
        verification["time"] = time.as_str().into();
    }
    if let Some(process) = &by.verification_process {
        verification["verification_process"] = process.as_str().into();
    }
    claims.insert(VERIFIED_CLAIMS.into(), json!({ "verification": verification, "claims": verified }));
}
