//! What a relying party is told of a person, in the ID token or at userinfo: what the person agreed to, as far as it is
//! known, and as far as the request wants it (OpenID Connect Core §5.5).

use serde_json::{Map, Value};

use crate::grants::{Approval, Place};
use crate::registry::verified_claims::verified_claims;
use crate::registry::{self, Fault};
use crate::state::AppState;

/// The values for the names agreed to in one place. `asked` is what the `claims` parameter says about them there.
pub(super) async fn told(
    state: &AppState,
    approval: &Approval,
    names: &[String],
    asked: &Place,
) -> Result<Map<String, Value>, Fault> {
    let mut claims = registry::claims(state, approval.person, names, &approval.locales).await?;
    if !approval.mount.dialect().claim_values {
        return Ok(claims);
    }
    claims.extend(registry::comparisons(state, approval.person, &wanted(names, asked)).await?);
    // A value that is of no use to the relying party is not told.
    claims.retain(|name, value| {
        crate::claims::compared(name).is_some() || asked.claims.get(name).is_none_or(|request| request.admits(value))
    });
    // What was verified is told beside, never more of it than was agreed to (OpenID Connect for Identity Assurance §6).
    let agreed = &approval.verified_claims;
    if let Some(request) = &asked.verified_claims
        && let Some(verified) = verified_claims(state, approval.person, request, agreed, &approval.locales).await?
    {
        claims.insert("verified_claims".into(), verified);
    }
    Ok(claims)
}

/// The claims to be compared instead of told: what each is called, and the values that would do.
fn wanted(names: &[String], asked: &Place) -> Vec<(String, Vec<Value>)> {
    let values = |name: &String| {
        let request = asked.claims.get(name)?;
        let values: Vec<Value> = request.value.iter().chain(&request.values).cloned().collect();
        (!values.is_empty()).then_some(values)
    };
    let comparisons = names.iter().filter(|name| crate::claims::compared(name).is_some());
    comparisons.filter_map(|name| Some((name.clone(), values(name)?))).collect()
}
