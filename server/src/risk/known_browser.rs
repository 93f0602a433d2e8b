//! Browsers that a person has logged in with before: a random cookie, and a row that binds its hash to the person's by a
//! keyed hash. The cookie says nothing about anybody, and the table does not say who used which browser.

use axum::http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use super::store;
use crate::clock::Millis;
use crate::http::session;
use crate::ids::Kind;
use crate::registry::PersonId;
use crate::secrets::Purpose;
use crate::state::AppState;
use crate::store::{StoreError, Tx};

/// The cookie's name: with `__Host-` where cookies can be `Secure`, so that no neighbouring host can plant one.
fn name(state: &AppState) -> &'static str {
    if state.config.is_https() { "__Host-tessera-known" } else { "tessera-known" }
}

/// A browser, by its cookie.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    id: i64,
    hash: Vec<u8>,
}

fn days(state: &AppState) -> Millis {
    Millis::from(state.config.risk.known_browser_days) * 24 * 3600 * 1000
}

/// Which browser shows itself; `None` for one without a cookie of ours, or with one that is too old.
pub(super) fn shown(state: &AppState, headers: &HeaderMap) -> Option<Visitor> {
    let oldest = state.ids.first_at(state.clock.now() - days(state));
    session::cookies(headers, name(state))
        .filter_map(|value| state.ids.open(Kind::KnownBrowser, value))
        .find(|opened| opened.id >= oldest)
        .map(|opened| Visitor { id: opened.id, hash: opened.secret_hash() })
}

fn bound(state: &AppState, visitor: &Visitor, person: PersonId) -> Vec<u8> {
    state.secrets.mac(Purpose::Lookup, &[b"known browser", &visitor.hash, &person.0.to_be_bytes()])
}

/// Whether this person has logged in with this browser lately.
///
/// # Errors
/// [`StoreError`].
pub async fn knows(state: &AppState, tx: &mut Tx, visitor: &Visitor, person: PersonId) -> Result<bool, StoreError> {
    store::knows(tx, visitor.id, &bound(state, visitor, person), state.clock.now()).await
}

/// Remembers that a person logged in with a browser, in the caller's transaction; gives the value of a cookie for one
/// that has none yet.
///
/// # Errors
/// [`StoreError`].
pub async fn remember(
    state: &AppState,
    tx: &mut Tx,
    visitor: Option<&Visitor>,
    person: PersonId,
) -> Result<Option<String>, StoreError> {
    let (visitor, text) = match visitor {
        Some(visitor) => (visitor.clone(), None),
        None => {
            let minted = state.mint(Kind::KnownBrowser);
            (Visitor { id: minted.id, hash: minted.secret_hash }, Some(minted.text))
        }
    };
    let until = state.clock.now() + days(state);
    store::remember(tx, visitor.id, &bound(state, &visitor, person), until).await?;
    Ok(text)
}

/// The `Set-Cookie` header for what [`remember`] gave.
#[must_use]
pub fn cookie(state: &AppState, value: &str) -> Option<HeaderValue> {
    session::set_for(state, name(state), value, days(state) / 1000)
}
