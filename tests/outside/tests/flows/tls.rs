//! The server's own TLS listener.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use outside::browser::Browser;
use outside::certificate::make_certificate;
use outside::relying_party::RelyingParty;
use outside::server::{AMARA, Server};
use outside::wallet::Wallet;
use reqwest::Version;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client that believes one certificate and speaks these versions of HTTP.
fn client(certificate: &Path, protocols: &[&str]) -> reqwest::ClientBuilder {
    let builder = outside::http();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let mut config = rustls::ClientConfig::builder().with_root_certificates(Arc::new(roots)).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    builder.tls_backend_preconfigured(config)
}

/// GS-SEC: a whole login over TLS, with either version of HTTP; then with a new certificate, without an interruption.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_over_the_servers_own_tls() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = make_certificate(files.path(), "first");
    let http = client(&certificate, &["h2", "http/1.1"]).build().unwrap();
    let mut server = Server::start_tls(&certificate, &key, &http, "").await;
    assert!(server.origin.starts_with("https://"));
    for (protocols, version) in [(["h2", "http/1.1"].as_slice(), Version::HTTP_2), (&["http/1.1"], Version::HTTP_11)] {
        let http = client(&certificate, protocols).build().unwrap();
        let seen = http.get(format!("{}/health", server.origin)).send().await.unwrap();
        assert_eq!(seen.version(), version);
        assert!(seen.headers().contains_key("strict-transport-security"));
        server.http = http;
        let (party, wallet) = people(&server).await;
        let browser = Browser::with(client(&certificate, protocols), &server.origin, "/v1/esignet");
        log_in(&party, &wallet, browser.await.unwrap()).await;
    }

    // Another certificate in the same files.
    let (other, other_key) = make_certificate(files.path(), "second");
    std::fs::copy(&other_key, &key).unwrap();
    std::fs::copy(&other, &certificate).unwrap();
    server.signal("HUP");
    let began = Instant::now();
    server.http = client(&other, &["h2"]).build().unwrap();
    while server.http.get(format!("{}/health", server.origin)).send().await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(180), "the new certificate is not served:\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A file that is none changes nothing.
    std::fs::write(&certificate, "no certificate").unwrap();
    server.signal("HUP");
    let began = Instant::now();
    while !server.log().contains("cannot be read anew") {
        assert!(began.elapsed() < Duration::from_secs(180), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (party, wallet) = people(&server).await;
    let browser = Browser::with(client(&other, &["h2"]), &server.origin, "/v1/esignet");
    log_in(&party, &wallet, browser.await.unwrap()).await;
}

async fn people(server: &Server) -> (RelyingParty, Wallet) {
    let party = server.relying_party("/v1/esignet").await;
    let mut wallet = Wallet::new(server, AMARA.id);
    wallet.bind(server, AMARA.email).await.good();
    (party, wallet)
}

async fn log_in(party: &RelyingParty, wallet: &Wallet, browser: Browser) {
    let (request, begun) = party.begin();
    let transaction = browser.start(request).await;
    let code = browser.link_code(&transaction).await;
    wallet.approve(party.mount, &code, &["name"]).await;
    let code = browser.link_auth_code(&transaction, &code).await.text_of("code");
    let tokens = party.redeem(&code, &begun).await;
    let (_, claims) = party.userinfo(tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(claims["name"], AMARA.name);
}

/// The first message of a TLS client (RFC 5246 §7.4.1.2) that offers no more than a version of the protocol.
fn client_hello(version: [u8; 2]) -> Vec<u8> {
    let extensions: &[u8] = &[
        0, 10, 0, 4, 0, 2, 0, 23, // supported_groups: secp256r1
        0, 11, 0, 2, 1, 0, // ec_point_formats: uncompressed
        0, 13, 0, 4, 0, 2, 4, 3, // signature_algorithms: ecdsa_secp256r1_sha256
    ];
    let mut hello = version.to_vec();
    hello.extend([7; 32]);
    // No session; ECDHE-ECDSA with AES-128-GCM, with AES-128-CBC, RSA with AES-128-CBC; no compression.
    hello.extend([0, 0, 6, 0xc0, 0x2b, 0xc0, 0x09, 0, 0x2f, 1, 0]);
    hello.extend((extensions.len() as u16).to_be_bytes());
    hello.extend(extensions);
    let mut record = vec![22, 3, 1];
    record.extend((hello.len() as u16 + 4).to_be_bytes());
    record.extend([1, 0]);
    record.extend((hello.len() as u16).to_be_bytes());
    record.extend(hello);
    record
}

async fn say(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(server.origin.strip_prefix("https://").unwrap()).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut heard = vec![0; 5];
    let read = tokio::time::timeout(Duration::from_secs(60), socket.read_exact(&mut heard)).await.expect("an end");
    if read.is_ok() { heard } else { Vec::new() }
}

/// GS-SEC: old versions of TLS are refused, and plain HTTP to the port gets nothing.
#[tokio::test(flavor = "multi_thread")]
async fn old_tls_and_plain_http_get_nothing() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = make_certificate(files.path(), "first");
    let http = client(&certificate, &["http/1.1"]).build().unwrap();
    let server = Server::start_tls(&certificate, &key, &http, "").await;
    // The same words with TLS 1.2 are answered by a handshake message.
    assert_eq!(say(&server, &client_hello([3, 3])).await[0], 22);
    for old in [[3, 0], [3, 1], [3, 2]] {
        let heard = say(&server, &client_hello(old)).await;
        assert!(heard.is_empty() || heard[0] == 21, "an alert for {old:?}, not {heard:?}");
    }
    let heard = say(&server, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(heard.is_empty() || heard[0] == 21, "{heard:?}");
    assert_eq!(http.get(format!("{}/health", server.origin)).send().await.unwrap().status(), 200);
}
