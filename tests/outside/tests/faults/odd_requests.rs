//! F8: requests that are too large, or that two servers could read in two ways.

use outside::logins::MOUNT;
use outside::server::{AMARA, Database, PIN, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::slow_clients::connect;

/// Sends bytes and hears until the server ends the connection: the statuses it answered with.
async fn statuses(server: &Server, request: &[u8]) -> Vec<u16> {
    let mut socket = connect(server).await.unwrap();
    let mut heard = Vec::new();
    let talk = async {
        // The server may end the connection before it has read everything.
        let _ = socket.write_all(request).await;
        let _ = socket.read_to_end(&mut heard).await;
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), talk).await.expect("the connection is closed");
    let heard = String::from_utf8_lossy(&heard).into_owned();
    heard.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f8_too_large_or_ambiguous_requests_are_refused_and_the_connection_closed() {
    let server = Server::start(Database::Sqlite, "log = \"warn\"\nlimits.head_seconds = 10").await;
    let post = "POST /op/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let get = "GET /health HTTP/1.1\r\nHost: x\r\n";
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let many: String = (0..1000).map(|number| format!("X-{number}: 1\r\n")).collect();
    let smuggled = "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n";
    let cases: Vec<(&str, String)> = vec![
        ("100 kB of headers", format!("{get}X-Long: {}\r\n\r\n", "a".repeat(100_000))),
        ("1,000 headers", format!("{get}{many}\r\n")),
        ("a URL of 64 kB", format!("GET /health?{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(65_536))),
        ("a body of 20 MB, told", format!("{post}Content-Length: 20971520\r\n\r\n{}", "a".repeat(300_000))),
        ("chunks without end", format!("{post}Transfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(40))),
        ("a chunk size beyond numbers", format!("{post}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\na")),
        ("a chunk size that is none", format!("{post}Transfer-Encoding: chunked\r\n\r\nzz\r\naa\r\n0\r\n\r\n")),
        ("an endless chunk extension", format!("{post}Transfer-Encoding: chunked\r\n\r\n1;{}", "a".repeat(100_000))),
        (
            "length and chunks",
            format!("{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"),
        ),
        ("two lengths", format!("{post}Content-Length: 0\r\nContent-Length: {}\r\n\r\n{smuggled}", smuggled.len())),
        ("two lengths in one", format!("{post}Content-Length: 0, {}\r\n\r\n{smuggled}", smuggled.len())),
        ("a length with a sign", format!("{post}Content-Length: +{}\r\n\r\n{smuggled}", smuggled.len())),
        ("an unknown coding", format!("{post}Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("chunked twice", format!("{post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{smuggled}")),
        ("chunked not last", format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{smuggled}")),
        ("a folded header", format!("{get}X-Folded: a\r\n b\r\n\r\n{smuggled}")),
        ("a folded length", format!("{post}Content-Length:\r\n 0\r\n\r\n{smuggled}")),
        ("a space before the colon", format!("{post}Content-Length : {}\r\n\r\n{smuggled}", smuggled.len())),
        ("a NUL in a header", format!("{get}X: a\0b\r\n\r\n")),
        ("a bare CR in a header", format!("{get}X: a\rb\r\n\r\n")),
        ("no version", "GET /health\r\n\r\n".into()),
        ("a version from nowhere", "GET /health HTTP/9.9\r\nHost: x\r\n\r\n".into()),
        ("rubbish", "\u{1}\u{2}\u{3}\r\n\r\n".into()),
    ];
    let memory = server.memory();
    let mut wrong = Vec::new();
    for (what, request) in cases {
        let told = statuses(&server, request.as_bytes()).await;
        println!("{what}: {told:?}");
        // A reset that overtakes the answer is a refusal too.
        let refused = told.iter().all(|status| [400, 408, 411, 413, 414, 431, 501, 505].contains(status));
        if !refused || told.len() > 1 {
            wrong.push((what, told));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    println!("memory {memory} kB before, {} kB after", server.memory());
    let party = server.relying_party(MOUNT).await;
    let browser = outside::browser::Browser::new(&server, MOUNT).await;
    let transaction = browser.start(party.begin().0).await;
    browser.authenticate_by_pin(&transaction, AMARA.id, PIN).await.good();
}
