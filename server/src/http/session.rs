//! The browser's session cookie: unreadable for scripts, and another one after login (E9).
//!
//! It names nothing by itself: a transaction remembers the hash of the cookie of the browser that moved it last.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::ids::{Kind, Minted};
use crate::state::AppState;

/// The cookie's name: with `__Host-` where cookies can be `Secure`, so that no neighbouring host can plant one.
fn name(state: &AppState) -> &'static str {
    if state.config.is_https() { "__Host-tessera" } else { "tessera" }
}

/// All values of a cookie, in the order sent; a neighbouring host may have planted some.
pub fn cookies<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(move |pair| pair.trim().split_once('=').filter(|(found, _)| *found == name).map(|(_, value)| value))
}

/// Hash of the session the browser shows; `None` where it shows none of ours, or one older than `lifetimes.session`.
#[must_use]
pub fn shown(state: &AppState, headers: &HeaderMap) -> Option<Vec<u8>> {
    let oldest = state.ids.first_at(state.clock.now() - i64::from(state.config.lifetimes.session) * 1000);
    cookies(headers, name(state))
        .filter_map(|value| state.ids.open(Kind::Session, value))
        .find(|opened| opened.id >= oldest)
        .map(|opened| opened.secret_hash())
}

/// A new session: the `Set-Cookie` header and the hash to remember.
#[must_use]
pub fn begin(state: &AppState) -> (Option<HeaderValue>, Vec<u8>) {
    let Minted { text, secret_hash, .. } = state.mint(Kind::Session);
    (set(state, name(state), &text, true), secret_hash)
}

/// A `Set-Cookie` header for the whole host. `None` only for values that no header can hold; ours are base64url.
pub(crate) fn set(state: &AppState, name: &str, value: &str, http_only: bool) -> Option<HeaderValue> {
    let http_only = if http_only { "; HttpOnly" } else { "" };
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; SameSite=Lax{http_only}{secure}")).ok()
}

/// As [`set`], for a cookie that outlives the browser's session by so many seconds; unreadable for scripts.
pub(crate) fn set_for(state: &AppState, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly{secure}");
    HeaderValue::from_str(&text).ok()
}
