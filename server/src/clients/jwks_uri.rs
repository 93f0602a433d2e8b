//! A client's signature keys: registered, or fetched from where the client publishes them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::jwk::Jwk;
use serde_json::{Map, Value};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use super::model::{Client, KeySource};
use super::public_keys::signature_key;
use crate::clock::Millis;
use crate::http::fetch::FetchError;
use crate::state::AppState;

/// How long fetched keys are good: a key that the client withdrew is refused after this at the latest (T15).
const LIFE: Millis = 300_000;
/// How soon an address is tried again, for a key that is not among those fetched or after a failure.
const PAUSE: Millis = 30_000;
/// Bytes of a key set at most.
const MOST_BYTES: usize = 64 * 1024;
/// Keys of a set that are looked at.
const MOST_KEYS: usize = 32;
/// Addresses remembered at most.
const MOST_SETS: usize = 1_024;

/// What was fetched from one address, and when that was tried last.
#[derive(Default)]
struct Fetched {
    tried: Option<Millis>,
    got: Option<(Millis, Vec<Jwk>)>,
}

impl Fetched {
    /// The keys, while they are good.
    fn good(&self, now: Millis) -> Option<&[Jwk]> {
        self.got.as_ref().filter(|(at, _)| now - at < LIFE).map(|(_, keys)| keys.as_slice())
    }

    /// Whether to fetch before answering for `kid`.
    fn is_due(&self, kid: Option<&str>, now: Millis) -> bool {
        let serves = |keys: &[Jwk]| kid.is_none() || keys.iter().any(|key| key.kid() == kid);
        !self.good(now).is_some_and(serves) && self.tried.is_none_or(|at| now - at >= PAUSE)
    }
}

/// One fetch at a time per address: those who come meanwhile wait for it and take its result.
#[derive(Default)]
struct Sets(Mutex<HashMap<Url, Arc<AsyncMutex<Fetched>>>>);

impl Sets {
    fn of(&self, uri: &Url) -> Arc<AsyncMutex<Fetched>> {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sets.len() >= MOST_SETS && !sets.contains_key(uri) {
            sets.clear();
        }
        sets.entry(uri.clone()).or_default().clone()
    }
}

/// The keys with which the client signs. `kid` is the one that a token names: where it is not among those fetched
/// earlier, they are fetched again, at most every 30 seconds.
///
/// # Errors
/// [`FetchError`] where the keys are published by the client and cannot be had; to the caller as `invalid_client`.
pub async fn signature_keys<'c>(
    state: &AppState,
    client: &'c Client,
    kid: Option<&str>,
) -> Result<Cow<'c, [Jwk]>, FetchError> {
    let uri = match &client.keys {
        KeySource::Keys(keys) => return Ok(Cow::Borrowed(keys)),
        KeySource::Uri(uri) => uri,
    };
    let set = state.kept.get::<Sets>().of(uri);
    let mut fetched = set.lock().await;
    if fetched.is_due(kid, state.clock.now()) {
        let got = state.fetch.get(uri, MOST_BYTES).await.ok().and_then(|bytes| read(&bytes));
        let now = state.clock.now();
        fetched.tried = Some(now);
        if let Some(keys) = got {
            fetched.got = Some((now, keys));
        }
    }
    let keys = fetched.good(state.clock.now()).map(<[Jwk]>::to_vec);
    keys.map(Cow::Owned).ok_or(FetchError::NoAnswer)
}

/// The keys of a set that this server can use; others are passed over (RFC 7517 §5).
fn read(bytes: &[u8]) -> Option<Vec<Jwk>> {
    let set: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let keys = set.get("keys")?.as_array()?.iter().take(MOST_KEYS);
    Some(keys.filter_map(|key| signature_key(key.as_object()?).ok()).collect())
}
