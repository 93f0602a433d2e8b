//! The running server: listeners, TLS, background work, graceful stop.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use futures::FutureExt;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpSocket;

use crate::bankid::{notifications as claim_changes, trace};
use crate::binding::attestation;
use crate::clients;
use crate::clock::{self, Rng};
use crate::config::{Config, ConfigError, Mode, Tls};
use crate::http::first_bytes::FirstBytes;
use crate::http::{headers, limits};
use crate::identity;
use crate::jobs;
use crate::metrics::{self, Metrics};
use crate::notifications;
use crate::osia;
use crate::portability;
use crate::risk;
use crate::secrets::{SecretError, Secrets};
use crate::sessions;
use crate::state::AppState;
use crate::store::{Store, StoreError};
use crate::wait::Hub;

/// How long requests in flight may finish after a stop is asked for.
const GRACE: Duration = Duration::from_secs(8);
/// How long an HTTP/2 connection may be quiet before its peer is asked whether it still lives, and has to say so.
const QUIET: Duration = Duration::from_secs(20);
/// Connections that may wait to be accepted; the system may allow fewer.
const QUEUE: u32 = 4096;
/// Bytes of a request's head (case F8).
const HEAD_BYTES: usize = 32 * 1024;

/// Why the server does not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret file cannot be used.
    #[error("{0}; the file is `secret_file` of the configuration")]
    Secret(#[from] SecretError),
    /// A port or a certificate cannot be used.
    #[error("cannot listen, read or write: {0}")]
    Listen(#[from] std::io::Error),
    /// A part of the state cannot be made.
    #[error("cannot start: {0}")]
    Start(String),
}

/// Reads the secret file; in development, makes it where there is none.
///
/// # Errors
/// [`SecretError`] where it cannot be read or made.
pub fn secrets(config: &Config) -> Result<Secrets, SecretError> {
    if config.mode == Mode::Development && !config.secret_file.exists() {
        match Secrets::create(&config.secret_file, &crate::clock::System) {
            // Another node that starts beside this one was first: its secret is everyone's.
            Err(SecretError::File(error)) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => {
                tracing::warn!(file = %config.secret_file.display(), "made a new secret file; production refuses to start without one");
                return made;
            }
        }
    }
    Secrets::read(&config.secret_file)
}

/// Opens everything the configuration names; with `migrate`, also brings the schema forward where the
/// configuration allows, and makes the signing keys where there are none.
///
/// # Errors
/// [`ServeError`], each naming what to change.
pub async fn open(config: Config, migrate: bool) -> Result<AppState, ServeError> {
    let secrets = secrets(&config)?;
    let waits = Hub::new();
    let store = Store::open(&config.database.url, waits.on_wake()).await?;
    if migrate && config.database.migrate {
        store.migrate().await?;
    }
    let (clock, rng) = (Arc::new(clock::System), Arc::new(clock::System));
    let state = AppState::new(config, store, waits, secrets, clock, rng)
        .map_err(|error| ServeError::Start(error.to_string()))?;
    risk::load(&state).map_err(|error| ServeError::Start(error.to_string()))?;
    attestation::load(&state).map_err(|error| ServeError::Start(error.to_string()))?;
    if migrate {
        state.keys.tend().await.map_err(|error| ServeError::Start(error.to_string()))?;
        return portability::at_home(state).await.map_err(|error| ServeError::Start(error.to_string()));
    }
    Ok(state)
}

/// Serves until `stop` is done, then lets requests in flight finish. `ready` hears the address once it listens.
///
/// # Errors
/// [`ServeError`], each naming what to change.
pub async fn serve(
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
    ready: impl FnOnce(SocketAddr) + Send + 'static,
) -> Result<(), ServeError> {
    if portability::is_unfinished(&state).await? {
        let text = "a file is half read in: run `tessera restore` with it again until it has ended, then start";
        return Err(ServeError::Start(text.into()));
    }
    if let Some((mount, id, alg)) = clients::signed_otherwise(&state).await? {
        let (mount, alg) = (mount.name(), alg.name());
        return Err(ServeError::Start(format!(
            "client {id} on {mount} is registered for {alg}, which this server does not sign with there: \
             give it another by `tessera client metadata {id} --mount {mount} JSON`"
        )));
    }
    let config = state.config.clone();
    let metrics = Metrics::new(&state);
    let per_address = limits::PerAddress::new(&config, crate::routes::streamed(&config));
    let work = tokio::spawn(jobs::run(state.clone(), per_address.clone()));
    let wakes = tokio::spawn(state.store.clone().listen());
    let notices = tokio::spawn(sessions::notices::run(state.clone()));
    let claim_changes = tokio::spawn(claim_changes::run(state.clone()));
    let notifications = tokio::spawn(notifications::run(state.clone()));
    let identities = tokio::spawn(identity::run(state.clone()));
    if let Some(address) = config.metrics_listen {
        let listener = tokio::net::TcpListener::bind(address).await?;
        let router = Router::new().route("/metrics", axum::routing::get(metrics::get)).with_state(metrics.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
    let router = layered(&state, metrics, per_address);
    let handle = Handle::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            if let Some(address) = handle.listening().await {
                tracing::info!(%address, "listening");
                ready(address);
            }
        }
    });
    tokio::spawn({
        let (handle, waits) = (handle.clone(), state.waits.clone());
        async move {
            stop.await;
            tracing::info!("stopping");
            waits.close();
            handle.graceful_shutdown(Some(GRACE));
        }
    });
    let head = Duration::from_secs(config.limits.head_seconds);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let listener = listen(config.listen)?;
    match &config.tls {
        Some(tls) => {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let files = tls.clone();
            let tls = RustlsConfig::from_pem_file(&files.certificate, &files.key).await?;
            tokio::spawn(renew(tls.clone(), files));
            let server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
            let mut server = server.map(|inner| FirstBytes::within(head, inner));
            bound_heads(server.http_builder(), head);
            server.serve(service).await?;
        }
        None => {
            let server = axum_server::from_tcp(listener)?.handle(handle);
            let mut server = server.map(|inner| FirstBytes::within(head, inner));
            bound_heads(server.http_builder(), head);
            server.serve(service).await?;
        }
    }
    work.abort();
    wakes.abort();
    notices.abort();
    claim_changes.abort();
    notifications.abort();
    identities.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Listens with room for a crowd: who finds the queue full believes to be connected, and waits for nobody (F7, L4).
fn listen(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a restart need not wait for the connections of the process before.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)?.into_std()
}

/// Reads the certificate anew at each SIGHUP; connections that are open keep theirs, and a bad file changes nothing.
async fn renew(tls: RustlsConfig, files: Tls) {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        while hangup.recv().await.is_some() {
            match tls.reload_from_pem_file(&files.certificate, &files.key).await {
                Ok(()) => tracing::info!("certificate read anew"),
                Err(error) => tracing::error!(%error, "the certificate cannot be read anew; the old one stays"),
            }
        }
    }
}

fn bound_heads(builder: &mut Builder<TokioExecutor>, head: Duration) {
    let timer = TokioTimer::new();
    builder.http1().timer(timer.clone()).header_read_timeout(head).max_buf_size(HEAD_BYTES);
    builder.http2().timer(timer).max_header_list_size(HEAD_BYTES as u32).max_concurrent_streams(200);
    // A peer that vanished without a word is noticed; HTTP/1's idle connections end with the limit on heads.
    builder.http2().keep_alive_interval(Some(QUIET)).keep_alive_timeout(QUIET);
}

/// What stands between a connection and the routes.
struct Front {
    metrics: Arc<Metrics>,
    per_address: Arc<limits::PerAddress>,
    https: bool,
    /// Patterns of OSIA's interfaces.
    osia: HashSet<String>,
    /// What names answers that no route gave, where Bank iD's profile is served.
    names: Option<Arc<dyn Rng>>,
}

/// The routes behind the front.
fn layered(state: &AppState, metrics: Arc<Metrics>, per_address: Arc<limits::PerAddress>) -> Router {
    let names = state.config.mounts.bankid.then(|| state.rng.clone());
    let osia = crate::routes::osia_paths(&state.config);
    let front = Arc::new(Front { metrics, per_address, https: state.config.is_https(), osia, names });
    crate::routes::app(state).layer(from_fn_with_state(front, pass))
}

/// Counts a request, holds it to the limits, gives what OSIA's interfaces refuse without words their body, and adds the headers
/// that every answer carries. One layer for all of it: each costs every request several allocations.
async fn pass(State(front): State<Arc<Front>>, request: Request, next: Next) -> Response {
    let counted = front.metrics.begin(&request);
    let names = front.names.as_ref().filter(|_| trace::is_ours(request.uri().path()));
    let answer = |request| AssertUnwindSafe(next.run(request)).catch_unwind();
    let answered = front.per_address.enforce(request, answer).await;
    // A panic has told of itself already.
    let mut response = answered.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    if !response.status().is_success() && counted.pattern().is_some_and(|route| front.osia.contains(route)) {
        response = osia::worded(response);
    }
    headers::secure(response.headers_mut(), front.https);
    if let Some(names) = names {
        trace::mark(response.headers_mut(), &**names);
    }
    front.metrics.end(counted, response.status());
    response
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;
    use crate::config::Limits;
    use crate::testkit::Kit;

    /// What a server with these limits answers.
    async fn server(limits: Limits) -> (Kit, Router) {
        let kit = Kit::with(Config { limits, ..Config::default() }).await;
        let per_address = limits::PerAddress::new(&kit.state.config, crate::routes::streamed(&kit.state.config));
        let router = layered(&kit.state, Metrics::new(&kit.state), per_address);
        (kit, router)
    }

    fn request(method: &str, path: &str, header: Option<(&str, &str)>, body: Body) -> Request {
        let peer = SocketAddr::new(IpAddr::from([192, 0, 2, 7]), 1);
        let mut request = Request::builder().method(method).uri(path).extension(ConnectInfo(peer));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.body(body).unwrap()
    }

    /// Status, headers as `name: value` of those that tell how to go on, and the body.
    async fn answered(router: &Router, request: Request) -> (u16, Vec<String>, String) {
        let response = router.clone().oneshot(request).await.unwrap();
        let told = ["retry-after", "connection", "allow", "content-type"];
        let headers = told
            .iter()
            .filter_map(|name| Some(format!("{name}: {}", response.headers().get(*name)?.to_str().unwrap())))
            .collect();
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, headers, String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// What every OSIA interface refuses before anybody looked at the call.
    const OSIA: [(&str, &str); 8] = [
        ("POST", "/v1/enrollments?transactionId=t"),
        ("POST", "/pr/v1/persons?transactionId=t"),
        ("POST", "/data/v1/persons/1/verify"),
        ("POST", "/v1/verify/1?transactionId=t"),
        ("POST", "/v1/uin?transactionId=t"),
        ("POST", "/v1/subscriptions?topic=a&address=b"),
        ("POST", "/inbox/requests"),
        ("POST", "/identity/person/change"),
    ];

    /// OSIA-ERR-01, OSIA-ERR-02, OSIA-ERR-03: the limits in front of the routes too; other mounts have nothing to say there.
    #[tokio::test]
    async fn osia_err_01_what_the_limits_refuse_has_osias_body() {
        let (_kit, router) = server(Limits { body: 10, request_seconds: 0, ..Limits::default() }).await;
        let broken = || {
            let pieces = [Ok::<_, std::io::Error>("{"), Err(std::io::ErrorKind::ConnectionReset.into())];
            Body::from_stream(futures::stream::iter(pieces))
        };
        let never = || Body::from_stream(futures::stream::pending::<Result<String, std::io::Error>>());
        for (method, path) in OSIA {
            for (header, body, status, closes) in [
                (None, Body::from(vec![b' '; 11]), 413, true),
                (Some(("content-length", "11")), never(), 413, true),
                (Some(("transfer-encoding", "gzip, chunked")), never(), 501, true),
                (None, broken(), 400, true),
                (None, never(), 408, false),
            ] {
                let (found, told, text) = answered(&router, request(method, path, header, body)).await;
                let json = "content-type: application/json".to_owned();
                let expected = if closes { vec!["connection: close".to_owned(), json] } else { vec![json] };
                assert_eq!((found, told), (status, expected), "{path}");
                let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path} {status}: {text}"));
                assert_eq!((&body["code"], body.as_object().unwrap().len()), (&json!(status), 2), "{path}");
                assert!(body["message"].as_str().is_some_and(|message| message.len() > 20), "{path}: {body}");
            }
        }
        for path in ["/v1/esignet/oidc/par", "/op/token", "/wallet/binding", "/nowhere"] {
            let (status, _, text) = answered(&router, request("POST", path, None, Body::from(vec![b' '; 11]))).await;
            assert_eq!((status, text.as_str()), (413, ""), "{path}");
        }
    }

    /// OSIA-ERR-01: 429 and 405 too, with what goes with them.
    #[tokio::test]
    async fn osia_err_01_too_many_requests_and_other_methods_have_osias_body() {
        let (_kit, router) = server(Limits::default()).await;
        let (status, headers, text) = answered(&router, request("PATCH", "/v1/topics", None, Body::empty())).await;
        assert!(headers.iter().any(|header| header.starts_with("allow: ")), "{headers:?}");
        assert_eq!((status, headers.last().unwrap().as_str()), (405, "content-type: application/json"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["code"], 405);
        assert_eq!(answered(&router, request("PATCH", "/health", None, Body::empty())).await.2, "");

        let once = Limits { requests_per_second: 1, burst: 1, ..Limits::default() };
        for (path, has_words) in [("/v1/topics", true), ("/health", false)] {
            let (_kit, router) = server(once.clone()).await;
            let mut last = answered(&router, request("GET", path, None, Body::empty())).await;
            // The clock of the limit is the machine's: on a slow one the first second may be over.
            for _ in 0..1000 {
                if last.0 == 429 {
                    break;
                }
                last = answered(&router, request("GET", path, None, Body::empty())).await;
            }
            let (status, headers, text) = last;
            assert_eq!(status, 429, "{path}");
            assert!(
                headers.contains(&"retry-after: 1".into()) || headers.contains(&"retry-after: 2".into()),
                "{headers:?}"
            );
            if has_words {
                let body: Value = serde_json::from_str(&text).unwrap();
                assert!(body["message"].as_str().unwrap().contains("retry-after"), "{body}");
            } else {
                assert_eq!(text, "", "{path}");
            }
        }
    }
}
