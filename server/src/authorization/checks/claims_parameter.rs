//! The `claims` parameter (OpenID Connect Core §5.5, with `purpose` of OpenID Connect for Identity Assurance).

use serde_json::{Map, Value};

use super::super::asked::ClaimsAsked;
use super::super::request::Claim;

/// Longest text, in bytes.
const LONGEST: usize = 16 * 1024;
/// Claims in one place at most.
const MOST_CLAIMS: usize = 60;
/// Values of one claim at most.
const MOST_VALUES: usize = 30;
/// Levels of JSON: the parameter, a place, a claim, its values, and an object (`address`) among these.
const DEEPEST: usize = 6;

/// What the parameter asks for, before it is held against what the client is registered for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) userinfo: Vec<Claim>,
    pub(super) id_token: Vec<Claim>,
}

/// Why a parameter is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClaimsFault {
    /// No JSON object, too large, too deep, or a member has the wrong type.
    Malformed,
    /// `verified_claims`, which is not built.
    Verified,
}

/// Reads the parameter. Unknown members are ignored, as the standard demands.
pub(super) fn parse(asked: &ClaimsAsked) -> Result<Parsed, ClaimsFault> {
    let value = match asked {
        ClaimsAsked::Text(text) if text.len() > LONGEST => return Err(ClaimsFault::Malformed),
        // The parser itself stops at 128 levels.
        ClaimsAsked::Text(text) => serde_json::from_str(text).map_err(|_| ClaimsFault::Malformed)?,
        ClaimsAsked::Json(value) => value.clone(),
    };
    if depth(&value) > DEEPEST || value.to_string().len() > LONGEST {
        return Err(ClaimsFault::Malformed);
    }
    let object = value.as_object().ok_or(ClaimsFault::Malformed)?;
    Ok(Parsed { userinfo: place(object, "userinfo")?, id_token: place(object, "id_token")? })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn place(object: &Map<String, Value>, name: &str) -> Result<Vec<Claim>, ClaimsFault> {
    let claims = match object.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(claims)) if claims.len() <= MOST_CLAIMS => claims,
        Some(_) => return Err(ClaimsFault::Malformed),
    };
    claims.iter().map(|(name, value)| claim(name, value)).collect()
}

fn claim(name: &str, value: &Value) -> Result<Claim, ClaimsFault> {
    if name == "verified_claims" {
        return Err(ClaimsFault::Verified);
    }
    let mut claim = Claim { name: name.into(), ..Claim::default() };
    let object = match value {
        Value::Null => return Ok(claim),
        Value::Object(object) => object,
        _ => return Err(ClaimsFault::Malformed),
    };
    for (member, value) in object {
        match (member.as_str(), value) {
            ("essential", Value::Bool(essential)) => claim.essential = *essential,
            ("value", value) => claim.value = Some(value.clone()),
            ("values", Value::Array(values)) if !values.is_empty() && values.len() <= MOST_VALUES => {
                claim.values.clone_from(values);
            }
            ("purpose", Value::String(text)) if (3..=300).contains(&text.chars().count()) => {
                claim.purpose = Some(text.clone());
            }
            ("essential" | "values" | "purpose", _) => return Err(ClaimsFault::Malformed),
            _ => {}
        }
    }
    Ok(claim)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Result<Parsed, ClaimsFault> {
        parse(&ClaimsAsked::Text(text.into()))
    }

    #[test]
    fn members_are_read_and_unknown_ones_ignored() {
        let parsed = parse(&ClaimsAsked::Json(json!({
            "userinfo": {
                "name": { "essential": true, "purpose": "To greet you" },
                "email": null,
                "gender": { "values": ["female", "male"], "theirs": 1 }
            },
            "id_token": { "acr": { "value": "x" } },
            "theirs": {}
        })))
        .unwrap();
        let named = |name: &str| parsed.userinfo.iter().find(|claim| claim.name == name).unwrap();
        assert!(named("name").essential);
        assert_eq!(named("name").purpose.as_deref(), Some("To greet you"));
        assert!(!named("email").essential);
        assert_eq!(named("gender").values.len(), 2);
        assert_eq!(parsed.id_token[0].value, Some(json!("x")));
    }

    /// A19.
    #[test]
    fn a19_deep_long_and_odd_ones_are_refused() {
        for bad in [
            "[".repeat(10_000),
            format!("{{\"userinfo\":{}1{}}}", "{\"a\":".repeat(100), "}".repeat(100)),
            format!("{{\"userinfo\":{{\"{}\":null}}}}", "n".repeat(1_000_000)),
            "name".into(),
            "[]".into(),
            "{\"userinfo\":[]}".into(),
            "{\"userinfo\":{\"name\":true}}".into(),
            "{\"userinfo\":{\"name\":{\"essential\":\"yes\"}}}".into(),
            "{\"userinfo\":{\"name\":{\"values\":[]}}}".into(),
            "{\"userinfo\":{\"name\":{\"purpose\":\"ab\"}}}".into(),
        ] {
            assert_eq!(text(&bad), Err(ClaimsFault::Malformed), "{}", &bad[..bad.len().min(60)]);
        }
        assert!(text("{\"userinfo\":{\"\\u0000\\\"'\":null}}").is_ok());
    }

    #[test]
    fn verified_claims_are_refused_by_name() {
        assert_eq!(text("{\"userinfo\":{\"verified_claims\":{}}}"), Err(ClaimsFault::Verified));
    }
}
