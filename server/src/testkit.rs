//! What tests inside the server stand on: a clock that is set, randomness that repeats, a fresh database of each kind.

#[path = "../../tests/outside/src/abis.rs"]
pub(crate) mod abis;
#[path = "../../tests/outside/src/phone_maker.rs"]
pub(crate) mod phone_maker;
#[path = "../../tests/outside/src/place_file.rs"]
pub(crate) mod place_file;
mod relying_party;

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::clock::{Clock, Millis, Rng};
use crate::config::Config;
use crate::secrets::Secrets;
use crate::state::AppState;
use crate::store::Store;
use crate::wait::Hub;

pub(crate) use relying_party::{Pair, RelyingParty};

/// 2026-01-05T10:00:00Z.
pub(crate) const START: Millis = 1_767_607_200_000;

/// A clock that stands still until it is set.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    /// Moves it.
    pub(crate) fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}

/// A generator that gives the same bytes in every run.
pub(crate) struct SeededRng(AtomicU64);

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = Sha256::digest(self.0.fetch_add(1, Ordering::SeqCst).to_le_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

/// A whole state on a fresh database.
pub(crate) struct Kit {
    pub(crate) state: AppState,
    pub(crate) clock: Arc<ManualClock>,
    document: OnceLock<serde_json::Value>,
    _folder: tempfile::TempDir,
}

static DATABASES: AtomicU64 = AtomicU64::new(0);

impl Kit {
    /// On SQLite, which is enough for everything but a store's own tests.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    /// With a configuration of the test's own; its database is replaced.
    pub(crate) async fn with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
        Self::open(config, folder, &url).await
    }

    /// One on each database: SQLite always, PostgreSQL where `TESSERA_TEST_POSTGRES` names a server on which databases may be made.
    pub(crate) async fn both() -> Vec<Self> {
        Self::both_with(&Config::default()).await
    }

    /// The same with a configuration of the test's own; its database is replaced.
    pub(crate) async fn both_with(config: &Config) -> Vec<Self> {
        let mut kits = vec![Self::with(config.clone()).await];
        match std::env::var("TESSERA_TEST_POSTGRES") {
            Ok(server) => {
                let name = format!("tessera_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
                let admin = sqlx::PgPool::connect(&server).await.unwrap();
                sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&admin).await.unwrap();
                let mut url = url::Url::parse(&server).unwrap();
                url.set_path(&name);
                kits.push(Self::open(config.clone(), tempfile::tempdir().unwrap(), url.as_str()).await);
            }
            Err(_) => println!("SKIPPED on PostgreSQL: TESSERA_TEST_POSTGRES is not set"),
        }
        kits
    }

    async fn open(mut config: Config, folder: tempfile::TempDir, url: &str) -> Self {
        config.database.url = url.into();
        let clock = Arc::new(ManualClock(AtomicI64::new(START)));
        let rng = Arc::new(SeededRng(AtomicU64::new(0)));
        let waits = Hub::new();
        let store = Store::open(url, waits.on_wake()).await.unwrap();
        store.migrate().await.unwrap();
        let state = AppState::new(config, store, waits, Secrets::new(SECRET), clock.clone(), rng).unwrap();
        state.keys.seed().await;
        Self { state, clock, document: OnceLock::new(), _folder: folder }
    }
}

/// The secret of every kit, and one that takes its place.
const SECRET: [u8; 32] = [7; 32];
const NEXT_SECRET: [u8; 32] = [9; 32];

/// The kit's secret, and the next one, which was added and does not seal yet.
pub(crate) fn added_secret() -> Secrets {
    Secrets::several(SECRET, &[NEXT_SECRET], SECRET)
}

/// The next one seals, the kit's opens and finds.
pub(crate) fn promoted_secret() -> Secrets {
    Secrets::several(NEXT_SECRET, &[SECRET], SECRET)
}

/// The kit's is gone, but for what stays.
pub(crate) fn new_secret() -> Secrets {
    Secrets::several(NEXT_SECRET, &[], SECRET)
}

impl Kit {
    /// The same database, clock and secret in a process that remembers nothing.
    pub(crate) async fn restarted(&self) -> Self {
        self.with_secrets(Secrets::new(SECRET)).await
    }

    /// The same database and clock in a process with other secrets.
    pub(crate) async fn with_secrets(&self, secrets: Secrets) -> Self {
        let waits = Hub::new();
        let store = Store::open(&self.state.config.database.url, waits.on_wake()).await.unwrap();
        let config = Config::clone(&self.state.config);
        let rng = self.state.rng.clone();
        let state = AppState::new(config, store, waits, secrets, self.clock.clone(), rng).unwrap();
        state.keys.tend().await.unwrap();
        Self { state, clock: self.clock.clone(), document: OnceLock::new(), _folder: tempfile::tempdir().unwrap() }
    }
}

/// An answer of the whole app.
pub(crate) struct Answer {
    pub(crate) status: axum::http::StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// Its JSON; `Null` where it is none.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// `errors[0].errorCode` of an envelope; empty where there is none.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["errorCode"].as_str().unwrap_or_default().to_owned()
    }
}

impl Kit {
    /// Sends a request through the whole app.
    ///
    /// # Panics
    /// Where the document of all routes does not know such an answer.
    pub(crate) async fn send(&self, request: axum::http::Request<axum::body::Body>) -> Answer {
        use tower::ServiceExt;
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = crate::routes::app(&self.state).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let document = self.document.get_or_init(|| crate::routes::openapi(&self.state.config));
        let answer = (parts.status, &parts.headers, !bytes.is_empty());
        if let Some(wrong) = crate::http::openapi::held::undocumented(document, (&method, &path), answer) {
            panic!("{wrong}: {}", String::from_utf8_lossy(&bytes));
        }
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Posts an envelope around `request`, with extra headers.
    pub(crate) async fn post(&self, path: &str, request: serde_json::Value, headers: &[(&str, &str)]) -> Answer {
        let time = crate::http::envelope::format_time(self.state.clock.now());
        let body = serde_json::json!({ "requestTime": time, "request": request }).to_string();
        let mut builder = axum::http::Request::post(path).header(axum::http::header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        self.send(builder.body(body.into()).unwrap()).await
    }
}

/// A configuration with an ABIS that is a double.
pub(crate) fn with_abis(double: &abis::AbisDouble) -> Config {
    let mut config = Config::default();
    config.identity.abis = Some(crate::config::Abis {
        url: double.url().parse().unwrap(),
        token: Some(abis::TOKEN.into()),
        gallery: "PERSONS".into(),
        threshold: Some(1000),
        seconds: 10,
        callback: None,
        callback_seconds: 60,
    });
    config.fetch_allow = vec![double.address.to_string()];
    config
}
