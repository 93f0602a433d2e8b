//! How an answer reaches the relying party: by redirect or by a form that the browser posts, plain with `iss` (RFC 9207)
//! or as one signed token (JARM).

use protocol::jws::Algorithm;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::approval::Finished;
use super::model::Transaction;
use super::request::Request;
use crate::clients::{self, Client, ResponseMode};
use crate::dialect::Mount;
use crate::error::{ApiError, Code};
use crate::keys::KeyError;
use crate::state::AppState;

/// Seconds that a signed answer is good for (JARM §2.1: ten minutes at most).
const LIFE: i64 = 600;

/// Where a relying party may be told: its redirect URI was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo {
    /// The relying party.
    pub client_id: String,
    /// Registered, to the letter.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// Given back byte for byte.
    pub state: Option<String>,
}

impl ReturnTo {
    /// To the client that asks.
    #[must_use]
    pub fn new(client: &Client, request: &Request) -> Self {
        Self {
            client_id: client.id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
        }
    }

    /// Of a login that goes on.
    #[must_use]
    pub fn of(transaction: &Transaction) -> Self {
        let request = &transaction.request;
        Self {
            client_id: transaction.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
        }
    }
}

/// What the browser is to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// To go there.
    Redirect(String),
    /// To post this form (OAuth 2.0 Form Post Response Mode §2).
    Form {
        /// Where to.
        action: String,
        /// Names and values, as they are.
        fields: Vec<(String, String)>,
    },
}

/// The code of a login that is finished.
///
/// # Errors
/// [`Code::InvalidClientId`] where a signed answer is wanted by a client that is not active any more;
/// [`ApiError::Unavailable`] where it cannot be signed.
pub async fn with_code(state: &AppState, mount: Mount, finished: &Finished) -> Result<Delivery, ApiError> {
    let to = ReturnTo {
        client_id: finished.client_id.clone(),
        redirect_uri: finished.redirect_uri.clone(),
        mode: finished.response_mode,
        state: finished.state.clone(),
    };
    deliver(state, mount, &to, vec![("code", finished.code.clone())]).await
}

/// An error (RFC 6749 §4.1.2.1).
///
/// # Errors
/// [`Code::InvalidClientId`] where a signed answer is wanted by a client that is not active any more;
/// [`ApiError::Unavailable`] where it cannot be signed.
pub async fn with_error(
    state: &AppState,
    mount: Mount,
    to: &ReturnTo,
    error: &str,
    description: &str,
) -> Result<Delivery, ApiError> {
    let parameters = vec![("error", error.to_owned()), ("error_description", description.to_owned())];
    deliver(state, mount, to, parameters).await
}

/// Puts `state` and `iss` beside the parameters, and all of them where the mode wants them.
///
/// # Errors
/// [`Code::InvalidClientId`] where a signed answer is wanted by a client that is not active any more;
/// [`ApiError::Unavailable`] where it cannot be signed.
async fn deliver(
    state: &AppState,
    mount: Mount,
    to: &ReturnTo,
    mut parameters: Vec<(&'static str, String)>,
) -> Result<Delivery, ApiError> {
    if let Some(text) = &to.state {
        parameters.push(("state", text.clone()));
    }
    parameters.push(("iss", state.issuer(mount)));
    if is_signed(to.mode) {
        let client = clients::find(state, mount, &to.client_id).await?.ok_or(Code::InvalidClientId)?;
        parameters = vec![("response", sign(state, &client, parameters)?)];
    }
    Ok(if is_posted(to.mode) {
        let fields = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Delivery::Form { action: to.redirect_uri.clone(), fields }
    } else {
        Delivery::Redirect(with_parameters(&to.redirect_uri, &parameters))
    })
}

fn is_signed(mode: ResponseMode) -> bool {
    matches!(mode, ResponseMode::Jwt | ResponseMode::QueryJwt | ResponseMode::FormPostJwt)
}

fn is_posted(mode: ResponseMode) -> bool {
    matches!(mode, ResponseMode::FormPost | ResponseMode::FormPostJwt)
}

/// JARM §2.1: the parameters as claims, for this client and a short time.
fn sign(state: &AppState, client: &Client, parameters: Vec<(&'static str, String)>) -> Result<String, ApiError> {
    let mut claims: Map<String, Value> =
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    claims.insert("aud".into(), client.id.clone().into());
    claims.insert("exp".into(), json!(state.clock.now().div_euclid(1000) + LIFE));
    let signed = algorithm(client)
        .ok_or(KeyError::Crypto("choosing an algorithm"))
        .and_then(|alg| state.keys.sign_jwt(alg, "JWT", &claims));
    signed.map_err(|error| {
        tracing::error!(%error, "an authorization response could not be signed");
        ApiError::Unavailable
    })
}

/// What the client registered; else RS256 (JARM §3), unless its profile knows it not.
fn algorithm(client: &Client) -> Option<Algorithm> {
    let usual = Some(Algorithm::Rs256).filter(|alg| client.policy().client_algorithms.contains(alg));
    client.authorization_signed_response_alg.or(usual).or_else(|| client.signed_with())
}

/// Adds parameters to a registered redirect URI, whose own query stays as it is (RFC 6749 §3.1.2).
fn with_parameters(uri: &str, parameters: &[(&'static str, String)]) -> String {
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, own)) if own.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registered_query_stays_and_state_keeps_its_bytes() {
        let parameters =
            [("code", "c".to_owned()), ("state", "a b&c=\"<".to_owned()), ("iss", "https://id.test/op".to_owned())];
        let of = |uri| with_parameters(uri, &parameters);
        let added = "code=c&state=a+b%26c%3D%22%3C&iss=https%3A%2F%2Fid.test%2Fop";
        assert_eq!(of("https://rp.test/cb"), format!("https://rp.test/cb?{added}"));
        assert_eq!(of("https://rp.test/cb?x=1"), format!("https://rp.test/cb?x=1&{added}"));
        assert_eq!(of("https://rp.test/cb?"), format!("https://rp.test/cb?{added}"));
        assert_eq!(of("app.test:/cb"), format!("app.test:/cb?{added}"));
    }

    #[test]
    fn each_mode_is_signed_or_not_and_posted_or_not() {
        for (mode, signed, posted) in [
            (ResponseMode::Query, false, false),
            (ResponseMode::FormPost, false, true),
            (ResponseMode::Jwt, true, false),
            (ResponseMode::QueryJwt, true, false),
            (ResponseMode::FormPostJwt, true, true),
        ] {
            assert_eq!((is_signed(mode), is_posted(mode)), (signed, posted), "{mode:?}");
        }
    }
}
