//! The server's own routes over a database in a file: whatever is sent is answered, and never with a fault of the server.

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use clap::Parser;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use protocol::jws::{Algorithm, Header, SigningInput};
use protocol::{base64url, jwk::Jwk, wallet_request};
use server::clients::cli::ClientCommand;
use server::config::Config;
use server::http::csrf;
use tower::ServiceExt;

use crate::choice;

/// Calls of browsers, wallets and relying parties: method, path, whether an envelope is around the body. The two long polls
/// are not among them: their bodies are read in the target `bodies`.
const ROUTES: &[(&str, &str, bool)] = &[
    ("GET", "/op/authorize", false),
    ("POST", "/op/authorize", false),
    ("POST", "/op/authorize/start", false),
    ("POST", "/op/authorize/login", false),
    ("POST", "/op/token", false),
    ("GET", "/op/userinfo", false),
    ("POST", "/v1/esignet/authorization/v3/oauth-details", true),
    ("POST", "/authorization/oauth-details", true),
    ("POST", "/v1/esignet/authorization/send-otp", true),
    ("POST", "/v1/esignet/authorization/auth-code", true),
    ("POST", "/op/linked-authorization/link-code", true),
    ("POST", "/op/linked-authorization/v2/link-transaction", true),
    ("POST", "/linked-authorization/link-transaction", true),
    ("POST", "/op/linked-authorization/v2/authenticate", true),
    ("POST", "/op/linked-authorization/v2/consent", true),
    ("POST", "/linked-authorization/send-otp", true),
    ("POST", "/wallet/deny", true),
    ("POST", "/wallet/binding-otp", true),
    ("POST", "/wallet/binding", true),
    ("POST", "/wallet/devices/list", true),
    ("POST", "/wallet/devices/revoke", true),
    ("POST", "/v1/esignet/wallet-binding", true),
];

struct Server {
    runtime: tokio::runtime::Runtime,
    router: Router,
    csrf: String,
    key: SigningKey,
    _folder: tempfile::TempDir,
}

#[derive(Parser)]
struct ClientLine {
    #[command(subcommand)]
    command: ClientCommand,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let key = SigningKey::from_slice(&[7; 32]).expect("a key");
        let mut config = Config { secret_file: folder.path().join("secret"), ..Config::default() };
        config.database.url = format!("sqlite:{}", folder.path().join("fuzz.sqlite").display());
        let public = folder.path().join("client.jwk");
        let point = key.verifying_key().to_sec1_point(false);
        let jwk = Jwk::p256_from_uncompressed(point.as_bytes()).expect("a point");
        std::fs::write(&public, jwk.canonical()).expect("a file");
        let add =
            ["client", "add", "clinic", "--mount", "op", "--name", "Clinic", "--logo", "https://rp.test/logo.png"];
        let more = ["--redirect-uri", "https://rp.test/cb", "--claim", "name", "--jwk"];
        let line = add.into_iter().chain(more).map(str::to_owned).chain([public.display().to_string()]);
        let line = ClientLine::try_parse_from(line).expect("a command");
        let (router, csrf) = runtime.block_on(async {
            let state = server::serve::open(config, true).await.expect("a server");
            server::clients::cli::run(&state, line.command, &mut std::io::sink()).await.expect("a client");
            let csrf = csrf::arrive(&state, &header::HeaderMap::new()).token;
            (server::routes::app(&state), csrf)
        });
        Server { runtime, router, csrf, key, _folder: folder }
    })
}

impl Server {
    fn ask(&self, request: Request<Body>) -> axum::http::StatusCode {
        let answer = self.runtime.block_on(self.router.clone().oneshot(request)).expect("an answer");
        let status = answer.status();
        assert!(!status.is_server_error(), "{status}");
        status
    }
}

/// A route by the first byte, a line for the header `Tessera-Wallet`, and the body or query.
pub fn requests(data: &[u8]) {
    let Some((at, rest)) = choice(data, ROUTES.len()) else { return };
    let (method, path, envelope) = ROUTES[at];
    let split = rest.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (signed, body) = (&rest[..split], rest.get(split + 1..).unwrap_or_default());
    let server = server();
    let mut request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).expect("a method"))
        .header(header::COOKIE, format!("{}={}", csrf::COOKIE, server.csrf))
        .header(csrf::HEADER, &server.csrf)
        .header(wallet_request::HEADER_NAME, signed);
    let body = if method == "GET" {
        let query = String::from_utf8_lossy(body);
        let query: String = url::form_urlencoded::parse(query.as_bytes())
            .fold(url::form_urlencoded::Serializer::new(String::new()), |mut query, (name, value)| {
                query.append_pair(&name, &value);
                query
            })
            .finish();
        request = request.uri(format!("{path}?{query}"));
        Vec::new()
    } else if envelope {
        request = request.uri(path).header(header::CONTENT_TYPE, "application/json");
        let now = server::http::envelope::format_time(now_ms());
        [br#"{"requestTime":""#.as_slice(), now.as_bytes(), br#"","request":"#, body, b"}"].concat()
    } else {
        request = request.uri(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        body.to_vec()
    };
    if let Ok(request) = request.body(Body::from(body)) {
        server.ask(request);
    }
}

fn now_ms() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or_default()
}

/// The claims of a client assertion, signed by the client's own key: whatever they are, nobody is let in without a code.
/// The year 2100 stands for a minute from now, which no corpus can hold.
pub fn assertion(data: &[u8]) {
    let server = server();
    let soon = (now_ms() / 1000 + 60).to_string();
    let claims = String::from_utf8_lossy(data).replace("4102444800", &soon);
    let Ok(input) = SigningInput::over_bytes(&Header::new(Algorithm::Es256), claims.as_bytes()) else { return };
    let signature: p256::ecdsa::Signature = server.key.sign(input.bytes());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &base64url::encode([1; 48]))
        .append_pair("redirect_uri", "https://rp.test/cb")
        .append_pair("client_assertion_type", server::access::ASSERTION_TYPE)
        .append_pair("client_assertion", &input.attach(&signature.to_bytes()))
        .finish();
    let request = Request::post("/op/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .expect("a request");
    let status = server.ask(request);
    assert!(status.is_client_error(), "{status}");
}
