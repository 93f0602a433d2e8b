//! Which authentication context classes a request leaves: those of the `claims` parameter that are registered, else
//! those of `acr_values` that are, else those that the client registered as its default, else all that are (facts §1.2).

use serde_json::Value;

use super::claims_parameter::parse;
use super::{Asking, Fault};
use crate::acr::Acr;
use crate::error::Code;

/// The classes, each named as it is to be told: as asked, or in the mount's own words.
pub(super) fn choose(asking: &Asking<'_>) -> Result<Vec<String>, Fault> {
    if !asking.mount.dialect().levels.is_empty() {
        return by_level(asking);
    }
    let registered = &asking.client.registration.acrs;
    // A faulty parameter has its fault from its own check.
    let parsed = asking.claims_parameter().and_then(|claims| parse(claims).ok()).unwrap_or_default();
    let claim = parsed.id_token.iter().find(|claim| claim.name == "acr");
    let by_claim: Vec<&str> = claim
        .map_or_else(Vec::new, |claim| claim.values.iter().chain(&claim.value).filter_map(Value::as_str).collect());
    let essential = claim.is_some_and(|claim| claim.essential) && !by_claim.is_empty();
    let by_parameter = asking.asked.acr_values.as_deref().unwrap_or_default().split_ascii_whitespace();

    let mut chosen = among(registered, by_claim);
    if chosen.is_empty() && essential {
        // OpenID Connect Core §5.5.1.1: an essential class that cannot be reached is a failed login.
        return Err(Fault::named(
            Code::NoAcrRegistered,
            "unmet_authentication_requirements",
            "none of the essential acr values is registered for the client",
        ));
    }
    if chosen.is_empty() {
        chosen = among(registered, by_parameter);
    }
    if chosen.is_empty() && asking.asked.acr_values.is_none() {
        let own = asking.client.default_acr_values.iter().filter(|acr| registered.contains(acr));
        chosen = own.map(|acr| acr.name(asking.mount.dialect())).collect();
    }
    if chosen.is_empty() {
        chosen = registered.iter().map(|acr| acr.name(asking.mount.dialect())).collect();
    }
    if chosen.is_empty() {
        return Err(Fault::of(Code::NoAcrRegistered, "no acr is registered for the client"));
    }
    Ok(chosen)
}

/// Where authentication is asked for by level: the registered classes that reach one of those asked for, or any level
/// where none is. What no level is called is refused.
fn by_level(asking: &Asking<'_>) -> Result<Vec<String>, Fault> {
    const UNKNOWN: Fault = Fault::of(Code::InvalidAcr, "acr_values names no level that is known here");
    let dialect = asking.mount.dialect();
    let asked: Vec<&str> = asking.asked.acr_values.as_deref().unwrap_or_default().split_ascii_whitespace().collect();
    let mut levels = dialect.levels.iter().filter(|(level, _)| asked.is_empty() || asked.contains(level)).peekable();
    if levels.peek().is_none() {
        return Err(UNKNOWN);
    }
    let reaching: Vec<&str> = levels.flat_map(|(_, classes)| classes.iter().copied()).collect();
    let registered = asking.client.registration.acrs.iter().filter(|acr| reaching.contains(&acr.bare()));
    let chosen: Vec<String> = registered.map(|acr| acr.name(dialect)).collect();
    if chosen.is_empty() {
        return Err(Fault::of(Code::NoAcrRegistered, "the client is registered for no class that reaches the level"));
    }
    Ok(chosen)
}

fn among<'a>(registered: &[Acr], asked: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut chosen: Vec<(Acr, String)> = Vec::new();
    for name in asked {
        if let Some(acr) = Acr::read(name).filter(|acr| registered.contains(acr))
            && !chosen.iter().any(|(have, _)| *have == acr)
        {
            chosen.push((acr, name.into()));
        }
    }
    chosen.into_iter().map(|(_, name)| name).collect()
}
