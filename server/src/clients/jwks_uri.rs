//! A client's keys: registered, or fetched from where the client publishes them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::jwk::Jwk;
use serde_json::{Map, Value};
use tokio::sync::Mutex as AsyncMutex;
use url::Url;

use super::model::{Client, KeySource};
use super::public_keys::any_key;
use crate::clock::Millis;
use crate::http::fetch::FetchError;
use crate::keys::Encryption;
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
    let keys = all_keys(state, client, kid).await?;
    if keys.iter().all(Jwk::may_verify) {
        return Ok(keys);
    }
    Ok(Cow::Owned(keys.iter().filter(|key| key.may_verify()).cloned().collect()))
}

/// The key for which something is encrypted for the client: the one registered for that, else the first of its keys that
/// can receive it, one that says so by `use` before one that says nothing. `None` where it has none.
///
/// # Errors
/// As [`signature_keys`].
pub async fn encryption_key(
    state: &AppState,
    client: &Client,
    encryption: Encryption,
) -> Result<Option<Jwk>, FetchError> {
    let receives = |key: &&Jwk| key.may_encrypt(encryption.alg.name()) && encryption.alg.fits(key.key());
    if let Some(key) = client.enc_jwk.as_ref().filter(receives) {
        return Ok(Some(key.clone()));
    }
    let keys = all_keys(state, client, None).await?;
    let mut fitting: Vec<&Jwk> = keys.iter().filter(receives).collect();
    // A key for signatures alone was left out above; one that may do both comes last.
    fitting.sort_by_key(|key| key.may_verify());
    Ok(fitting.first().copied().cloned())
}

async fn all_keys<'c>(state: &AppState, client: &'c Client, kid: Option<&str>) -> Result<Cow<'c, [Jwk]>, FetchError> {
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
    Some(keys.filter_map(|key| any_key(key.as_object()?).ok().flatten()).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::extract::State;
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::clients::model::Status;
    use crate::clients::registration::Registration;
    use crate::config::Config;
    use crate::dialect::Mount;
    use crate::testkit::Kit;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    /// A relying party's server that publishes one key, under another `kid` each time that it is told to.
    #[derive(Default)]
    struct Publisher {
        kid: AtomicUsize,
        asked: AtomicUsize,
        broken: AtomicUsize,
    }

    async fn publish(State(publisher): State<Arc<Publisher>>) -> Result<String, StatusCode> {
        publisher.asked.fetch_add(1, Ordering::SeqCst);
        if publisher.broken.load(Ordering::SeqCst) > 0 {
            return Err(StatusCode::INTERNAL_SERVER_ERROR);
        }
        let kid = publisher.kid.load(Ordering::SeqCst).to_string();
        let unusable = json!({ "kty": "oct", "k": "AQAB", "kid": kid });
        Ok(json!({ "keys": [unusable, { "kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": kid }] }).to_string())
    }

    async fn stage() -> (Kit, Client, Arc<Publisher>) {
        let publisher = Arc::new(Publisher::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/jwks", axum::routing::get(publish)).with_state(publisher.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let kit = Kit::with(Config { fetch_allow: vec![address.to_string()], ..Config::default() }).await;
        let keys = KeySource::Uri(Url::parse(&format!("http://{address}/jwks")).unwrap());
        let client = Client {
            row: 1,
            id: "c".into(),
            mount: Mount::Op,
            relying_party_id: "c".into(),
            status: Status::Active,
            registration: Registration { keys, ..Registration::default() },
        };
        (kit, client, publisher)
    }

    async fn kids(kit: &Kit, client: &Client, kid: Option<&str>) -> Option<Vec<String>> {
        let keys = signature_keys(&kit.state, client, kid).await.ok()?;
        Some(keys.iter().filter_map(|key| key.kid().map(str::to_owned)).collect())
    }

    #[tokio::test]
    async fn published_keys_are_fetched_once_and_again_for_a_new_one() {
        let (kit, client, publisher) = stage().await;
        for _ in 0..5 {
            assert_eq!(kids(&kit, &client, Some("0")).await, Some(vec!["0".to_owned()]));
        }
        assert_eq!(publisher.asked.load(Ordering::SeqCst), 1);
        // Tokens that name keys which do not exist do not make this server knock at every one.
        for kid in ["a", "b", "c"] {
            assert_eq!(kids(&kit, &client, Some(kid)).await, Some(vec!["0".to_owned()]));
        }
        assert_eq!(publisher.asked.load(Ordering::SeqCst), 1);
        publisher.kid.store(1, Ordering::SeqCst);
        kit.clock.advance_seconds(30);
        assert_eq!(kids(&kit, &client, Some("1")).await, Some(vec!["1".to_owned()]));
        assert_eq!(publisher.asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn t15_a_withdrawn_key_is_forgotten_after_five_minutes_even_where_its_address_is_silent() {
        let (kit, client, publisher) = stage().await;
        assert_eq!(kids(&kit, &client, Some("0")).await, Some(vec!["0".to_owned()]));
        publisher.kid.store(1, Ordering::SeqCst);
        kit.clock.advance_seconds(299);
        assert_eq!(kids(&kit, &client, Some("0")).await, Some(vec!["0".to_owned()]));
        kit.clock.advance_seconds(1);
        assert_eq!(kids(&kit, &client, Some("0")).await, Some(vec!["1".to_owned()]));
        publisher.broken.store(1, Ordering::SeqCst);
        kit.clock.advance_seconds(100);
        // A failure for a key that is not there does not lose those that are.
        assert_eq!(kids(&kit, &client, Some("2")).await, Some(vec!["1".to_owned()]));
        kit.clock.advance_seconds(200);
        assert_eq!(kids(&kit, &client, Some("1")).await, None);
    }
}
