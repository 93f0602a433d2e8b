//! What a relying party asked for by the `claims` parameter (OpenID Connect Core §5.5), as it goes with an approval: the
//! token endpoint and userinfo hold what they know against it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The parameter, read and found good. What the person agreed to stands beside it ([`super::Approval::userinfo_claims`]);
/// nothing in here gives a right to anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// For userinfo.
    #[serde(default, skip_serializing_if = "Place::is_empty")]
    pub userinfo: Place,
    /// For the ID token.
    #[serde(default, skip_serializing_if = "Place::is_empty")]
    pub id_token: Place,
}

/// What is asked for in one place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// By the claim's name, language tag included (`name#fr`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, ClaimRequest>,
    /// `verified_claims` as it was sent (OpenID Connect for Identity Assurance): an object, or a list of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_claims: Option<Value>,
}

/// What is said about one claim.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the relying party cannot do without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The only value that is of use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values that are of use; empty where any is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// What it is needed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
}

impl ClaimsRequest {
    /// Whether nothing was asked for by the parameter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }
}

impl ClaimsRequest {
    /// What is asked for as verified, in whichever place.
    pub fn verified(&self) -> impl Iterator<Item = &Value> {
        [&self.userinfo, &self.id_token].into_iter().filter_map(|place| place.verified_claims.as_ref())
    }
}

impl Place {
    /// Whether nothing is asked for here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.verified_claims.is_none()
    }
}

impl ClaimRequest {
    /// Whether a value is of use to the relying party.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        self.value.as_ref().is_none_or(|wanted| wanted == value)
            && (self.values.is_empty() || self.values.contains(value))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_empty_request_is_written_as_nothing_and_read_from_nothing() {
        assert_eq!(serde_json::to_value(ClaimsRequest::default()).unwrap(), json!({}));
        assert_eq!(serde_json::from_value::<ClaimsRequest>(json!({})).unwrap(), ClaimsRequest::default());
        let asked = ClaimsRequest {
            id_token: Place {
                claims: [("acr".to_owned(), ClaimRequest { essential: true, ..ClaimRequest::default() })].into(),
                verified_claims: Some(json!({ "claims": { "name": null } })),
            },
            ..ClaimsRequest::default()
        };
        let written = serde_json::to_value(&asked).unwrap();
        assert_eq!(serde_json::from_value::<ClaimsRequest>(written).unwrap(), asked);
    }

    #[test]
    fn a_value_is_held_against_what_was_asked() {
        let any = ClaimRequest::default();
        let one = ClaimRequest { value: Some(json!("a")), ..ClaimRequest::default() };
        let some = ClaimRequest { values: vec![json!("a"), json!("b")], ..ClaimRequest::default() };
        assert!(any.admits(&json!("x")) && one.admits(&json!("a")) && some.admits(&json!("b")));
        assert!(!one.admits(&json!("b")) && !some.admits(&json!("c")));
    }
}
