//! The session's cookie: one for each issuer, unreadable for scripts, and gone with the browser's own session. Another one
//! after each proof (E9).

use axum::http::{HeaderMap, HeaderValue};

use crate::dialect::Mount;
use crate::http::session::{cookies, set as set_cookie};
use crate::ids::{Kind, Opened};
use crate::state::AppState;

/// With `__Host-` where cookies can be `Secure`, so that no neighbouring host can plant one.
fn name(state: &AppState, mount: Mount) -> String {
    let prefix = if state.config.is_https() { "__Host-" } else { "" };
    format!("{prefix}tessera-login-{}", mount.name())
}

/// The `Set-Cookie` header of a session that was begun; `None` only for values that no header can hold.
#[must_use]
pub fn set(state: &AppState, mount: Mount, value: &str) -> Option<HeaderValue> {
    set_cookie(state, &name(state, mount), value, true)
}

/// The `Set-Cookie` header that takes the cookie away.
#[must_use]
pub fn clear(state: &AppState, mount: Mount) -> Option<HeaderValue> {
    crate::http::session::set_for(state, &name(state, mount), "", 0)
}

/// What a browser shows, the first that is ours: where there is no TLS a neighbouring host may have planted others.
pub(super) fn shown(state: &AppState, mount: Mount, headers: &HeaderMap) -> Option<Opened> {
    cookies(headers, &name(state, mount)).find_map(|text| state.ids.open(Kind::LoginSession, text))
}
