//! The parameters of an authorization request as they came in, before any check: from `GET /authorize`, or from the
//! body of `oauth-details`.

use serde_json::Value;

/// Longest query looked at, in bytes; a request with claims and purposes in several languages stays far below.
const LONGEST_QUERY: usize = 32 * 1024;

/// The `claims` parameter: text in a query, an object in a JSON body.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimsAsked {
    /// To be read as JSON.
    Text(String),
    /// Read already.
    Json(Value),
}

/// Parameters as sent; what was sent blank counts as not sent (RFC 6749 §3.1).
#[derive(Clone, Default)]
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
    /// `code_challenge`.
    pub code_challenge: Option<String>,
    /// `code_challenge_method`.
    pub code_challenge_method: Option<String>,
    /// Known parameters that were sent more than once (A5).
    pub twice: Vec<&'static str>,
    /// Parameters of features that this server does not have.
    pub not_built: Vec<&'static str>,
}

/// Parameters whose features are not built; they change what a request means, so that they must not be ignored.
const NOT_BUILT: [&str; 5] = ["request", "request_uri", "registration", "id_token_hint", "dpop_jkt"];

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
            asked.take(&name, value.into_owned(), &mut seen);
        }
        Some(asked)
    }

    fn take(&mut self, name: &str, value: String, seen: &mut Vec<&'static str>) {
        let mut claims = None;
        let (known, slot) = match name {
            "client_id" => ("client_id", &mut self.client_id),
            "scope" => ("scope", &mut self.scope),
            "response_type" => ("response_type", &mut self.response_type),
            "response_mode" => ("response_mode", &mut self.response_mode),
            "redirect_uri" => ("redirect_uri", &mut self.redirect_uri),
            "state" => ("state", &mut self.state),
            "nonce" => ("nonce", &mut self.nonce),
            "display" => ("display", &mut self.display),
            "prompt" => ("prompt", &mut self.prompt),
            "max_age" => ("max_age", &mut self.max_age),
            "acr_values" => ("acr_values", &mut self.acr_values),
            "claims_locales" => ("claims_locales", &mut self.claims_locales),
            "ui_locales" => ("ui_locales", &mut self.ui_locales),
            "login_hint" => ("login_hint", &mut self.login_hint),
            "code_challenge" => ("code_challenge", &mut self.code_challenge),
            "code_challenge_method" => ("code_challenge_method", &mut self.code_challenge_method),
            "claims" => ("claims", &mut claims),
            other => {
                self.not_built.extend(NOT_BUILT.iter().find(|known| **known == other && !value.is_empty()));
                return;
            }
        };
        if seen.contains(&known) {
            self.twice.push(known);
            return;
        }
        seen.push(known);
        *slot = (!value.is_empty()).then_some(value);
        if let Some(text) = claims {
            self.claims = Some(ClaimsAsked::Text(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a5_what_is_sent_twice_is_noticed() {
        for name in ["redirect_uri", "client_id", "scope", "state", "claims"] {
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
        assert!(asked.not_built.is_empty());
        assert_eq!(Asked::from_query("request_uri=urn:x").unwrap().not_built, ["request_uri"]);
    }

    #[test]
    fn endless_queries_are_not_looked_at() {
        assert!(Asked::from_query(&"a=1&".repeat(10_000)).is_none());
    }
}
