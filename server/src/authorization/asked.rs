//! The parameters of an authorization request as they came in, before any check: from the query or the form of the
//! authorization endpoint, from a pushed form, from a request object, or from the body of `oauth-details`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest query looked at, in bytes; a request with claims and purposes in several languages stays far below, and so does
/// one with a request object.
const LONGEST_QUERY: usize = 64 * 1024;

/// The parameters that are read as text; `claims` has a shape of its own.
const TEXTS: [&str; 21] = [
    "client_id",
    "scope",
    "response_type",
    "response_mode",
    "redirect_uri",
    "state",
    "nonce",
    "display",
    "prompt",
    "max_age",
    "acr_values",
    "claims_locales",
    "ui_locales",
    "login_hint",
    "id_token_hint",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "request",
    "request_uri",
    "registration",
];

/// The `claims` parameter: text in a query, an object in JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimsAsked {
    /// To be read as JSON.
    Text(String),
    /// Read already.
    Json(Value),
}

/// Parameters as sent; what was sent blank counts as not sent (RFC 6749 §3.1).
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// `response_type`.
    pub response_type: Option<String>,
    /// `response_mode`.
    pub response_mode: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `state`.
    pub state: Option<String>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// `display`.
    pub display: Option<String>,
    /// `prompt`.
    pub prompt: Option<String>,
    /// `max_age`.
    pub max_age: Option<String>,
    /// `acr_values`.
    pub acr_values: Option<String>,
    /// `claims`.
    pub claims: Option<ClaimsAsked>,
    /// `claims_locales`.
    pub claims_locales: Option<String>,
    /// `ui_locales`.
    pub ui_locales: Option<String>,
    /// `login_hint`.
    pub login_hint: Option<String>,
    /// `id_token_hint`.
    pub id_token_hint: Option<String>,
    /// `code_challenge`.
    pub code_challenge: Option<String>,
    /// `code_challenge_method`.
    pub code_challenge_method: Option<String>,
    /// `dpop_jkt` (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// `request`: a request object by value (OpenID Connect Core §6.1).
    pub request: Option<String>,
    /// `request_uri`: a request object, or a pushed request, by reference.
    pub request_uri: Option<String>,
    /// `registration`, which is for providers of one's own (OpenID Connect Core §7).
    pub registration: Option<String>,
    /// Known parameters that were sent more than once (A5).
    #[serde(skip)]
    pub twice: Vec<&'static str>,
}

impl Asked {
    /// Reads a query or form body; unknown parameters are ignored (RFC 6749 §3.1). `None` for an endless one.
    #[must_use]
    pub fn from_query(query: &str) -> Option<Self> {
        if query.len() > LONGEST_QUERY {
            return None;
        }
        let mut asked = Self::default();
        let mut seen = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let known = TEXTS.iter().chain(&["claims"]).find(|known| **known == name);
            let Some(known) = known.copied() else { continue };
            if seen.contains(&known) {
                asked.twice.push(known);
                continue;
            }
            seen.push(known);
            asked.put(known, value.into_owned());
        }
        Some(asked)
    }

    /// Reads a form whose parameters are known to be there once each.
    #[must_use]
    pub fn from_form<'f>(get: impl Fn(&str) -> Option<&'f str>) -> Self {
        let mut asked = Self::default();
        for name in TEXTS.iter().chain(&["claims"]) {
            if let Some(value) = get(name) {
                asked.put(name, value.to_owned());
            }
        }
        asked
    }

    /// Reads the members of a request object (RFC 9101 §4): text but for `max_age`, which may be a number, and `claims`,
    /// which is an object. `None` where one of them is anything else.
    #[must_use]
    pub fn from_object(members: &Map<String, Value>) -> Option<Self> {
        let mut asked = Self::default();
        for name in TEXTS {
            match members.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => asked.put(name, text.clone()),
                Some(Value::Number(number)) if name == "max_age" => asked.put(name, number.to_string()),
                Some(_) => return None,
            }
        }
        asked.claims = match members.get("claims") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(ClaimsAsked::Text(text.clone())),
            Some(object @ Value::Object(_)) => Some(ClaimsAsked::Json(object.clone())),
            Some(_) => return None,
        };
        Some(asked)
    }

    fn put(&mut self, name: &str, value: String) {
        let sent = (!value.is_empty()).then_some(value);
        let slot = match name {
            "client_id" => &mut self.client_id,
            "scope" => &mut self.scope,
            "response_type" => &mut self.response_type,
            "response_mode" => &mut self.response_mode,
            "redirect_uri" => &mut self.redirect_uri,
            "state" => &mut self.state,
            "nonce" => &mut self.nonce,
            "display" => &mut self.display,
            "prompt" => &mut self.prompt,
            "max_age" => &mut self.max_age,
            "acr_values" => &mut self.acr_values,
            "claims_locales" => &mut self.claims_locales,
            "ui_locales" => &mut self.ui_locales,
            "login_hint" => &mut self.login_hint,
            "id_token_hint" => &mut self.id_token_hint,
            "code_challenge" => &mut self.code_challenge,
            "code_challenge_method" => &mut self.code_challenge_method,
            "dpop_jkt" => &mut self.dpop_jkt,
            "request" => &mut self.request,
            "request_uri" => &mut self.request_uri,
            "registration" => &mut self.registration,
            "claims" => {
                self.claims = sent.map(ClaimsAsked::Text);
                return;
            }
            _ => return,
        };
        *slot = sent;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a5_what_is_sent_twice_is_noticed() {
        for name in ["redirect_uri", "client_id", "scope", "state", "claims", "request", "request_uri"] {
            let asked = Asked::from_query(&format!("{name}=a&{name}=a")).unwrap();
            assert_eq!(asked.twice, [name]);
        }
        assert!(Asked::from_query("theirs=1&theirs=2").unwrap().twice.is_empty());
    }

    #[test]
    fn blank_is_not_sent_and_state_keeps_its_bytes() {
        let asked = Asked::from_query("scope=&state=%22%3E%3Cscript%3E+%2B&request_uri=").unwrap();
        assert_eq!(asked.scope, None);
        assert_eq!(asked.state.as_deref(), Some("\"><script> +"));
        assert_eq!(asked.request_uri, None);
        assert_eq!(Asked::from_query("request_uri=urn:x").unwrap().request_uri.as_deref(), Some("urn:x"));
    }

    #[test]
    fn endless_queries_are_not_looked_at() {
        assert!(Asked::from_query(&"a=1&".repeat(20_000)).is_none());
    }

    #[test]
    fn every_parameter_is_read_by_each_door() {
        for name in TEXTS {
            let by_query = serde_json::to_value(Asked::from_query(&format!("{name}=x")).unwrap()).unwrap();
            assert_eq!(by_query[name], "x");
            let by_form = Asked::from_form(|asked| (asked == name).then_some("x"));
            assert_eq!(serde_json::to_value(by_form).unwrap(), by_query);
            let members = json!({ name: "x" });
            let by_object = Asked::from_object(members.as_object().unwrap()).unwrap();
            assert_eq!(serde_json::to_value(by_object).unwrap(), by_query);
        }
    }

    #[test]
    fn a_request_object_holds_text_one_number_and_one_object() {
        let read = |members: Value| Asked::from_object(members.as_object().unwrap());
        let good = read(json!({ "max_age": 10, "claims": { "userinfo": null }, "exp": 1, "theirs": [] })).unwrap();
        assert_eq!(good.max_age.as_deref(), Some("10"));
        assert_eq!(good.claims, Some(ClaimsAsked::Json(json!({ "userinfo": null }))));
        for bad in [json!({ "scope": ["openid"] }), json!({ "state": 1 }), json!({ "claims": [] })] {
            assert!(read(bad.clone()).is_none(), "{bad}");
        }
    }
}
