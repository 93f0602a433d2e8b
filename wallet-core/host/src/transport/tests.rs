use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that answers every connection with the same bytes, then holds or closes it.
async fn server(answer: Vec<u8>, hold: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(&answer).await;
                if hold {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    port
}

fn transport(loopback_http: bool) -> HttpTransport {
    HttpTransport::new(TransportOptions { roots: Roots::System, loopback_http }).unwrap()
}

fn post(url: String) -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Post,
        url,
        headers: vec![HttpHeader { name: "Content-Type".into(), value: "application/json".into() }],
        body: b"{}".to_vec(),
        timeout_ms: 60_000,
        max_response_bytes: 100,
    }
}

#[tokio::test]
async fn every_status_is_an_answer_and_redirects_are_not_followed() {
    let port =
        server(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nhi".to_vec(), false)
            .await;
    let answer = transport(true).send(post(format!("http://127.0.0.1:{port}/x"))).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (302, &b"hi"[..]));
    assert!(answer.headers.iter().any(|h| h.name == "location"));
}

#[tokio::test]
async fn a_large_answer_is_cut_off() {
    let mut long = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
    long.extend([b'x'; 101]);
    let port = server(long, false).await;
    let answer = transport(true).send(post(format!("http://127.0.0.1:{port}/x"))).await;
    assert_eq!(answer, Err(TransportError::TooLarge));
}

#[tokio::test]
async fn a_slow_answer_ends_in_time() {
    let port = server(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec(), true).await;
    let request = HttpRequest { timeout_ms: 100, ..post(format!("http://127.0.0.1:{port}/x")) };
    assert_eq!(transport(true).send(request).await, Err(TransportError::Timeout));
}

#[tokio::test]
async fn nobody_there_is_offline_and_no_tls_is_tls() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let answer = transport(true).send(post(format!("http://127.0.0.1:{closed}/x"))).await;
    assert_eq!(answer, Err(TransportError::Offline));
    let port = server(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), false).await;
    let pem = include_bytes!("../../tests/ca.pem").to_vec();
    let only = HttpTransport::new(TransportOptions { roots: Roots::Only(pem), loopback_http: false }).unwrap();
    assert_eq!(only.send(post(format!("https://127.0.0.1:{port}/x"))).await, Err(TransportError::Tls));
}

#[tokio::test]
async fn plain_http_goes_to_loopback_only_and_only_when_allowed() {
    for (allowed, url) in [
        (false, "http://127.0.0.1:1/"),
        (false, "http://localhost:1/"),
        (true, "http://id.example/"),
        (true, "http://127.0.0.1.id.example/"),
        (true, "http://10.0.0.1/"),
        (true, "ftp://127.0.0.1/"),
    ] {
        let answer = transport(allowed).send(post(url.into())).await;
        assert_eq!(answer, Err(TransportError::Failed { detail: "the address is not https".into() }), "{url}");
    }
}

#[test]
fn rubbish_is_no_authority() {
    for pem in [&b""[..], b"rubbish"] {
        let options = TransportOptions { roots: Roots::Only(pem.to_vec()), loopback_http: false };
        assert_eq!(HttpTransport::new(options).err(), Some(TransportSetupError::Roots));
    }
}
