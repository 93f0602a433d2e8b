//! Calls of a browser are answered only where they show that a page of ours made them: the cookie `XSRF-TOKEN` holds a
//! token that this server made, and the header `X-XSRF-TOKEN` (or a form's hidden field) repeats it.
//!
//! The token is `<random>.<HMAC>`. Its random part also tells browsers apart: a transaction belongs to the browser that
//! started it (E6, L3).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::session;
use crate::clock::random;
use crate::error::ApiError;
use crate::secrets::Purpose;
use crate::state::AppState;

/// The cookie's name, eSignet's.
pub const COOKIE: &str = "XSRF-TOKEN";
/// The header that repeats it.
pub const HEADER: &str = "X-XSRF-TOKEN";
/// The form field that repeats it.
pub const FIELD: &str = "_csrf";

/// A browser that proved that a page of ours is calling. As an extractor it answers 403 to everyone else (E5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// SHA-256 of the token's random part.
    pub hash: Vec<u8>,
    /// Hash of its session cookie, where it shows one.
    pub session: Option<Vec<u8>>,
}

/// What a browser is given when it arrives.
pub struct Arrival {
    /// Who it is from now on.
    pub browser: Browser,
    /// The token, for a form's hidden field or the answer of `csrf/token`.
    pub token: String,
    /// Cookies to set; none where it had both.
    pub set_cookies: Vec<HeaderValue>,
}

fn tag(state: &AppState, random: &str) -> String {
    URL_SAFE_NO_PAD.encode(state.secrets.mac(Purpose::Csrf, &[random.as_bytes()]))
}

/// The hash by which a token's browser is known; `None` where the token is not ours.
fn hash(state: &AppState, token: &str) -> Option<Vec<u8>> {
    let (random, sent) = token.split_once('.')?;
    let good: bool = tag(state, random).as_bytes().ct_eq(sent.as_bytes()).into();
    good.then(|| Sha256::digest(random).to_vec())
}

/// Receives a browser: keeps the cookies it has, where they are ours, and makes those it lacks.
#[must_use]
pub fn arrive(state: &AppState, headers: &HeaderMap) -> Arrival {
    let known = session::cookies(headers, COOKIE).find_map(|token| Some((token.to_owned(), hash(state, token)?)));
    let mut set_cookies = Vec::new();
    let (token, hash) = known.unwrap_or_else(|| {
        let random = URL_SAFE_NO_PAD.encode(random::<32>(&*state.rng));
        let token = format!("{random}.{}", tag(state, &random));
        set_cookies.extend(session::set(state, COOKIE, &token, false));
        (token, Sha256::digest(random).to_vec())
    });
    let session = session::shown(state, headers).unwrap_or_else(|| {
        let (cookie, hash) = session::begin(state);
        set_cookies.extend(cookie);
        hash
    });
    Arrival { browser: Browser { hash, session: Some(session) }, token, set_cookies }
}

/// Who a browser is that sent `token` in a form or header, which must be the cookie's.
///
/// # Errors
/// [`ApiError::Forbidden`] where it is missing, not ours, or not the cookie's.
pub fn check(state: &AppState, headers: &HeaderMap, token: Option<&str>) -> Result<Browser, ApiError> {
    let token = token.ok_or(ApiError::Forbidden)?;
    let same = |cookie: &str| bool::from(cookie.as_bytes().ct_eq(token.as_bytes()));
    if !session::cookies(headers, COOKIE).any(same) {
        return Err(ApiError::Forbidden);
    }
    let hash = hash(state, token).ok_or(ApiError::Forbidden)?;
    Ok(Browser { hash, session: session::shown(state, headers) })
}

/// Who a browser is by its cookie alone: for calls that change nothing, and whose answer no foreign page can read.
///
/// # Errors
/// [`ApiError::Forbidden`] where it has none of ours.
pub fn of_cookie(state: &AppState, headers: &HeaderMap) -> Result<Browser, ApiError> {
    let hash = session::cookies(headers, COOKIE).find_map(|token| hash(state, token)).ok_or(ApiError::Forbidden)?;
    Ok(Browser { hash, session: session::shown(state, headers) })
}

impl FromRequestParts<AppState> for Browser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
        check(state, &parts.headers, token)
    }
}
