//! What a relying party asks for, and whether that may be done.

use std::sync::Arc;

use super::answer::Refusal;
use crate::clients::{self, Client};
use crate::dialect::Mount;
use crate::sessions::id_token_hint::{self, Hint};
use crate::state::AppState;

/// Longest query or form looked at, in bytes: a hint and an address.
const LONGEST: usize = 32 * 1024;
/// Longest `state` given back, in bytes; as at the authorization endpoint.
const LONGEST_STATE: usize = 2048;

/// Parameters as sent; what was sent blank counts as not sent (RFC 6749 §3.1).
#[derive(Default)]
pub(super) struct Asked {
    id_token_hint: Option<String>,
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
    /// Best first.
    pub(super) ui_locales: Vec<String>,
    /// The answer to the page's question.
    pub(super) answer: Option<String>,
    /// The CSRF token.
    pub(super) csrf: Option<String>,
}

impl Asked {
    /// Reads a query or a form; unknown parameters are ignored. `None` for an endless one, and where one that counts is sent
    /// twice.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut asked = Self::default();
        let mut locales = None;
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let slot = match &*name {
                "id_token_hint" => &mut asked.id_token_hint,
                "client_id" => &mut asked.client_id,
                "post_logout_redirect_uri" => &mut asked.post_logout_redirect_uri,
                "state" => &mut asked.state,
                "ui_locales" => &mut locales,
                "logout" => &mut asked.answer,
                crate::http::csrf::FIELD => &mut asked.csrf,
                _ => continue,
            };
            if value.is_empty() {
                continue;
            }
            if slot.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        asked.ui_locales = locales.iter().flat_map(|list| list.split(' ')).take(10).map(str::to_owned).collect();
        Some(asked)
    }
}

impl Asked {
    /// Whether an ID token is shown.
    pub(super) fn has_hint(&self) -> bool {
        self.id_token_hint.is_some()
    }
}

/// Where the browser goes afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Back {
    /// Registered, to the letter.
    pub(super) uri: String,
    /// Given back byte for byte.
    pub(super) state: Option<String>,
}

impl Back {
    /// The address with `state`; a registered query of its own stays as it is.
    pub(super) fn location(&self) -> String {
        let Some(state) = &self.state else { return self.uri.clone() };
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
        let joint = match self.uri.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some((_, own)) if own.ends_with('&') => "",
            Some(_) => "&",
        };
        format!("{}{joint}{query}", self.uri)
    }
}

/// A request that may be answered.
pub(super) struct Wanted {
    /// Who asks, where it said so.
    pub(super) client: Option<Arc<Client>>,
    /// What it proved that with.
    pub(super) hint: Option<Hint>,
    /// Where the browser goes.
    pub(super) back: Option<Back>,
}

/// Holds a request against the client that it names, by a hint or by `client_id`. A hint that is not ours, an address that is
/// not registered to the letter, or one that nobody vouches for, changes nothing (case C10).
///
/// # Errors
/// [`Refusal`].
pub(super) async fn check(state: &AppState, mount: Mount, asked: &Asked) -> Result<Wanted, Refusal> {
    let hint = match &asked.id_token_hint {
        Some(token) => Some(id_token_hint::read(state, mount, token).ok_or(Refusal::Request)?),
        None => None,
    };
    let named = hint.as_ref().map(|hint| hint.client_id.as_str());
    let id = match (named, asked.client_id.as_deref()) {
        (Some(named), Some(sent)) if named != sent => return Err(Refusal::Request),
        (named, sent) => named.or(sent),
    };
    let client = match id {
        Some(id) => Some(clients::find(state, mount, id).await?.ok_or(Refusal::Request)?),
        None => None,
    };
    let back = match &asked.post_logout_redirect_uri {
        None => None,
        Some(uri) => {
            let registered = client.as_ref().is_some_and(|client| client.post_logout_redirect_uris.contains(uri));
            if !registered || asked.state.as_ref().is_some_and(|state| state.len() > LONGEST_STATE) {
                return Err(Refusal::Request);
            }
            Some(Back { uri: uri.clone(), state: asked.state.clone() })
        }
    };
    Ok(Wanted { client, hint, back })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_sent_once() {
        for name in ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "logout"] {
            assert!(Asked::read(&format!("{name}=a&{name}=b")).is_none(), "{name}");
        }
        assert!(Asked::read("theirs=1&theirs=2&state=").unwrap().state.is_none());
        assert!(Asked::read(&"a=1&".repeat(10_000)).is_none());
    }

    #[test]
    fn state_keeps_its_bytes_and_a_registered_query_stays() {
        let of = |uri: &str| Back { uri: uri.into(), state: Some("a b&c=\"<".into()) }.location();
        let added = "state=a+b%26c%3D%22%3C";
        assert_eq!(of("https://rp.test/bye"), format!("https://rp.test/bye?{added}"));
        assert_eq!(of("https://rp.test/bye?x=1"), format!("https://rp.test/bye?x=1&{added}"));
        assert_eq!(of("app.test:/bye"), format!("app.test:/bye?{added}"));
        assert_eq!(Back { uri: "https://rp.test/bye".into(), state: None }.location(), "https://rp.test/bye");
    }
}
