//! The `claims` parameter (OpenID Connect Core §5.5, with `purpose` of OpenID Connect for Identity Assurance).

use serde_json::{Map, Value};

use super::super::asked::ClaimsAsked;
use super::super::request::Claim;
use crate::grants::{ClaimsRequest, Place};
use crate::registry::{WantedVerified, wanted_verified};

/// Longest text, in bytes.
const LONGEST: usize = 16 * 1024;
/// Claims in one place at most.
const MOST_CLAIMS: usize = 60;
/// Values of one claim at most.
const MOST_VALUES: usize = 30;
/// Levels of JSON: the parameter, a place, a claim, its values, and an object (`address`) among these.
const DEEPEST: usize = 6;
/// The same inside of verified claims: evidence is nested deeper.
const DEEPEST_VERIFIED: usize = 14;
/// The member of a place that is no claim.
const VERIFIED: &str = "verified_claims";

/// What the parameter asks for, before it is held against what the client is registered for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) userinfo: Vec<Claim>,
    pub(super) id_token: Vec<Claim>,
    verified_userinfo: Option<Value>,
    verified_id_token: Option<Value>,
}

impl Parsed {
    /// Whether verified claims are among it.
    pub(super) fn asks_verified(&self) -> bool {
        self.verified_userinfo.is_some() || self.verified_id_token.is_some()
    }

    /// The claims that are to be verified, each once. `None` where they are not asked for as the standard describes.
    pub(super) fn verified(&self) -> Option<Vec<Claim>> {
        let mut all: Vec<Claim> = Vec::new();
        for asked in self.verified_userinfo.iter().chain(&self.verified_id_token) {
            for WantedVerified { name, essential, purpose } in wanted_verified(asked)? {
                match all.iter_mut().find(|known| known.name == name) {
                    Some(known) => known.essential |= essential,
                    None => all.push(Claim { name, essential, purpose, ..Claim::default() }),
                }
            }
        }
        (all.len() <= MOST_CLAIMS).then_some(all)
    }

    /// The same for an approval, without what `may` does not let through.
    pub(super) fn request(&self, may: impl Fn(&Claim) -> bool) -> ClaimsRequest {
        let place = |claims: &[Claim], verified: &Option<Value>| Place {
            claims: claims.iter().filter(|claim| may(claim)).map(|claim| (claim.name.clone(), claim.asked())).collect(),
            verified_claims: verified.clone(),
        };
        ClaimsRequest {
            userinfo: place(&self.userinfo, &self.verified_userinfo),
            id_token: place(&self.id_token, &self.verified_id_token),
        }
    }
}

/// No JSON object, too large, too deep, or a member has the wrong type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads the parameter. Unknown members are ignored, as the standard demands.
pub(super) fn parse(asked: &ClaimsAsked) -> Result<Parsed, Malformed> {
    let value = match asked {
        ClaimsAsked::Text(text) if text.len() > LONGEST => return Err(Malformed),
        // The parser itself stops at 128 levels.
        ClaimsAsked::Text(text) => serde_json::from_str(text).map_err(|_| Malformed)?,
        ClaimsAsked::Json(value) => value.clone(),
    };
    if depth(&value, true) > DEEPEST || depth(&value, false) > DEEPEST_VERIFIED || value.to_string().len() > LONGEST {
        return Err(Malformed);
    }
    let object = value.as_object().ok_or(Malformed)?;
    Ok(Parsed {
        userinfo: place(object, "userinfo")?,
        id_token: place(object, "id_token")?,
        verified_userinfo: verified(object, "userinfo"),
        verified_id_token: verified(object, "id_token"),
    })
}

/// Levels of JSON, without what is inside of verified claims where these do not count.
fn depth(value: &Value, but_verified: bool) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(|value| depth(value, but_verified)).max().unwrap_or(0),
        Value::Object(object) => {
            let counted = object.iter().filter(|(name, _)| !but_verified || *name != VERIFIED);
            1 + counted.map(|(_, value)| depth(value, but_verified)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

/// `verified_claims` of a place, whose inside is read where they are told.
fn verified(object: &Map<String, Value>, name: &str) -> Option<Value> {
    object.get(name).and_then(|place| place.get(VERIFIED)).cloned()
}

fn place(object: &Map<String, Value>, name: &str) -> Result<Vec<Claim>, Malformed> {
    let claims = match object.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(claims)) if claims.len() <= MOST_CLAIMS => claims,
        Some(_) => return Err(Malformed),
    };
    claims.iter().filter(|(name, _)| *name != VERIFIED).map(|(name, value)| claim(name, value)).collect()
}

fn claim(name: &str, value: &Value) -> Result<Claim, Malformed> {
    let mut claim = Claim { name: name.into(), ..Claim::default() };
    let object = match value {
        Value::Null => return Ok(claim),
        Value::Object(object) => object,
        _ => return Err(Malformed),
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
            ("essential" | "values" | "purpose", _) => return Err(Malformed),
            _ => {}
        }
    }
    Ok(claim)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Result<Parsed, Malformed> {
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
            assert_eq!(text(&bad), Err(Malformed), "{}", &bad[..bad.len().min(60)]);
        }
        assert!(text("{\"userinfo\":{\"\\u0000\\\"'\":null}}").is_ok());
    }

    #[test]
    fn verified_claims_are_kept_as_they_are_and_nothing_else_is_as_deep() {
        let one = json!({
            "verification": {
                "trust_framework": null, "evidence": [{ "document": { "type": { "value": "idcard" } } }]
            },
            "claims": { "birthdate": { "essential": true, "purpose": "to know your age" } }
        });
        for good in [one.clone(), json!([one, one])] {
            let parsed =
                parse(&ClaimsAsked::Json(json!({ "userinfo": { "verified_claims": good, "name": null } }))).unwrap();
            let verified = parsed.verified().unwrap();
            assert_eq!(verified.len(), 1);
            assert!(parsed.asks_verified() && verified[0].essential && verified[0].purpose.is_some());
            let request = parsed.request(|_| true);
            assert_eq!(request.userinfo.verified_claims, Some(good));
            assert_eq!(request.userinfo.claims.keys().collect::<Vec<_>>(), ["name"]);
        }
        for bad in ["{\"userinfo\":{\"verified_claims\":null}}", "{\"id_token\":{\"verified_claims\":[1]}}"] {
            let parsed = text(bad).unwrap();
            assert!(parsed.asks_verified() && parsed.verified().is_none(), "{bad}");
        }
        let deep = json!({ "userinfo": { "name": { "value": { "a": { "b": { "c": { "d": 1 } } } } } } });
        assert_eq!(parse(&ClaimsAsked::Json(deep)), Err(Malformed));
        assert!(!text("{\"userinfo\":{\"name\":null}}").unwrap().asks_verified());
    }
}
