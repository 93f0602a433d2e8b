//! Buffers: any kind of bytes, checked by their digest, given back as they came; and nothing by tricks with paths.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::hash::{MessageDigest, hash};
use outside::server::{Database, Server};
use outside::service::{Reply, Service};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{buffers, enrollment, new_id, office};

fn digest(algorithm: MessageDigest, bytes: &[u8]) -> String {
    STANDARD.encode(hash(algorithm, bytes).unwrap())
}

async fn upload(office: &Service, id: &str, media: &str, bytes: &[u8], digest: Option<&str>) -> Reply {
    let request = office.request("POST", &buffers(id)).header("content-type", media).body(bytes.to_vec());
    Reply::of(if let Some(digest) = digest { request.header("digest", digest) } else { request }).await
}

fn buffer_id(reply: &Reply) -> String {
    let body = reply.is(201).parsed();
    assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
    body["bufferId"].as_str().unwrap().to_owned()
}

fn buffer(id: &str, buffer: &str) -> String {
    format!("/v1/enrollments/{id}/buffer/{buffer}?transactionId=t")
}

async fn started(office: &Service) -> String {
    let id = new_id();
    office.post(&enrollment(&id), &json!({ "biographicData": { "firstName": "Ada" } })).await.is(204);
    id
}

/// OSIA-BUF-01a to 02b, GS-EAP-06.
#[tokio::test(flavor = "multi_thread")]
async fn buffers_come_back_as_they_went() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let id = started(&office).await;
        // A little over a megabyte: several rows of any size, and an end that fits none.
        let large: Vec<u8> = (0..1_100_003u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let mut seen = Vec::new();
        for (media, bytes) in [
            ("image/png", &b"\x89PNG\r\n\x1a\n"[..]),
            ("image/wsq", &[0xff, 0xa0, 0, 255]),
            ("image/jp2", b"jp2"),
            ("application/pdf", &large),
            ("application/octet-stream", b""),
            ("application/vnd.iso.19794-2+xml; charset=utf-8", b"<a/>"),
        ] {
            let stored = buffer_id(&upload(&office, &id, media, bytes, None).await);
            assert!(!seen.contains(&stored), "OSIA-BUF-01a: each has a name of its own");
            let reply = office.get(&buffer(&id, &stored)).await;
            reply.is(200);
            assert!(reply.bytes == bytes, "OSIA-BUF-02a: {media}");
            assert_eq!(reply.header("content-type"), media, "OSIA-BUF-02a");
            let expected = format!("SHA-256={}", digest(MessageDigest::sha256(), bytes));
            assert!(reply.header("digest").contains(&expected), "OSIA-BUF-02b: {:?}", reply.headers);
            seen.push(stored);
        }
        office.get(&buffer(&id, "none")).await.refused(404);
        // Another enrollment's name for it is no name.
        let other = started(&office).await;
        office.get(&buffer(&other, &seen[0])).await.refused(404);
        for media in ["text/plain", "video/mp4", "multipart/form-data"] {
            let status = upload(&office, &id, media, b"x", None).await.status;
            assert!([400, 415].contains(&status), "{media}: {status}");
        }
    }
}

/// OSIA-BUF-01c: what the digest says is checked, however it is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_digest_is_checked() {
    for database in Database::all() {
        let server = Server::start(database, "").await;
        let office = office(&server).await;
        let id = started(&office).await;
        let bytes = b"a buffer and its digest";
        let (one, two, three) = (
            digest(MessageDigest::sha1(), bytes),
            digest(MessageDigest::sha256(), bytes),
            digest(MessageDigest::sha512(), bytes),
        );
        for good in [
            format!("SHA={one}"),
            format!("SHA-256={two}"),
            format!("SHA-512={three}"),
            format!("sha-256={two}"),
            format!("SHA-256={two},SHA={one}"),
            format!("SHA={one}, sha-512={three}"),
        ] {
            let reply = upload(&office, &id, "image/png", bytes, Some(&good)).await;
            assert_eq!(reply.status, 201, "{good}: {}", reply.text());
        }
        let wrong = digest(MessageDigest::sha256(), b"another buffer");
        let hex: String =
            hash(MessageDigest::sha1(), bytes).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        for bad in [
            format!("SHA-256={wrong}"),
            format!("SHA-256={two},SHA={}", digest(MessageDigest::sha1(), b"another")),
            format!("SHA-256={}", &two[..20]),
            format!("SHA={hex}"),
            "SHA-256=".to_owned(),
            "SHA-256=!".to_owned(),
            "SHA-256".to_owned(),
            two.clone(),
        ] {
            let reply = upload(&office, &id, "image/png", bytes, Some(&bad)).await;
            assert_eq!(reply.status, 400, "{bad}: {}", reply.text());
            reply.refused(400);
        }
    }
}

/// Bytes of a buffer that is as large as buffers may be here, in pieces.
const PIECE: usize = 64 * 1024;
const LARGE: usize = 60 << 20;
/// More than the page cache of a connection.
const SMALL: usize = 12 << 20;
/// What every piece is made of.
const SENT: [u8; 4096] = [7; 4096];

/// Sends a request head and then pieces until all is sent; the status of the answer.
async fn stream(office: &Service, path: &str, length: usize) -> (u16, String) {
    let authority = office.origin.strip_prefix("http://localhost:").unwrap();
    let mut socket = tokio::net::TcpStream::connect(format!("127.0.0.1:{authority}")).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: image/png\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n",
        office.token
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![7u8; PIECE];
    let mut left = length;
    while left > 0 {
        let now = left.min(PIECE);
        if socket.write_all(&piece[..now]).await.is_err() {
            break;
        }
        left -= now;
    }
    let mut heard = Vec::new();
    let _ = socket.read_to_end(&mut heard).await;
    let heard = String::from_utf8_lossy(&heard).into_owned();
    let status = heard.get(9..12).and_then(|text| text.parse().ok()).unwrap_or_default();
    (status, heard)
}

/// Reads a buffer as it comes, and counts its bytes.
async fn drain(office: &Service, path: &str) -> usize {
    let mut response = office.request("GET", path).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut length = 0;
    while let Some(piece) = response.chunk().await.unwrap() {
        assert!(piece.chunks(SENT.len()).all(|part| part == &SENT[..part.len()]));
        length += piece.len();
    }
    length
}

/// OSIA-BUF-01a, 02a: 60 MB go in and out, several at a time, and the server holds a little of each.
#[tokio::test(flavor = "multi_thread")]
async fn large_buffers_are_never_whole_in_memory() {
    for database in Database::all() {
        let server = Server::start(database, "enrollment.largest_buffer = 67108864").await;
        let office = office(&server).await;
        let id = started(&office).await;
        let send = async |length| {
            let (status, answer) = stream(&office, &buffers(&id), length).await;
            assert_eq!(status, 201, "{answer}");
            answer.split("\"bufferId\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned()
        };
        let in_and_out = async |length| {
            let path = buffer(&id, &send(length).await);
            assert_eq!(drain(&office, &path).await, length);
        };
        let two_in_and_out = async |length| {
            let (one, other) = tokio::join!(send(length), send(length));
            let paths = [one, other].map(|stored| buffer(&id, &stored));
            assert_eq!(tokio::join!(drain(&office, &paths[0]), drain(&office, &paths[1])), (length, length));
        };
        // Smaller ones fill the page caches of as many connections; those have a limit of their own.
        two_in_and_out(SMALL).await;
        let small = server.most_memory();
        in_and_out(LARGE).await;
        let one = server.most_memory();
        two_in_and_out(LARGE).await;
        let two = server.most_memory();
        // The first may fill the page caches of other connections too, which is less than a buffer. The kernel counts its
        // pages in haste: what it tells may also be a little less than before.
        for (what, grown, most) in [
            ("the first", one.saturating_sub(small), LARGE / 2 * 3),
            ("then two at once", two.saturating_sub(one), LARGE / 2),
        ] {
            println!("{database:?}: 60 MB in and out, {what}: at most {} MB more memory", grown / 1024);
            assert!(grown < most as u64 / 1024, "{what}: {grown} kB");
        }
        // Larger than may be: told, and nothing is left.
        let (status, answer) = stream(&office, &buffers(&id), 68 << 20).await;
        assert!(status == 413 || status == 0, "{answer}");
    }
}

/// Paths that mean something to file systems, to other servers, or to nobody: each is an id or refused, and never another's.
#[tokio::test(flavor = "multi_thread")]
async fn tricks_with_paths_reach_nothing() {
    let server = Server::start(Database::Sqlite, "").await;
    let (office, victim) = (office(&server).await, office(&server).await);
    let id = started(&victim).await;
    let secret = buffer_id(&upload(&victim, &id, "image/png", b"nobody else's", None).await);
    let long = "a".repeat(5000);
    let own = started(&office).await;
    for path in [
        format!("/v1/enrollments/{own}/buffer/../../{id}/buffer/{secret}"),
        format!("/v1/enrollments/{own}/buffer/..%2f..%2f{id}%2fbuffer%2f{secret}"),
        format!("/v1/enrollments/{own}/buffer/%2e%2e/%2e%2e/{id}/buffer/{secret}"),
        format!("/v1/enrollments/{id}/buffer/{secret}"),
        format!("/v1/enrollments/{id}%00/buffer/{secret}"),
        format!("/v1/enrollments/{own}/buffer/{secret}"),
        format!("/v1/enrollments/{own}%2f..%2f{id}"),
        format!("/v1/enrollments/{own};{id}"),
        "/v1/enrollments/..%2f..%2fetc%2fpasswd".into(),
        "/v1/enrollments/%2e%2e".into(),
        "/v1/enrollments/%".into(),
        "/v1/enrollments/%ff%fe".into(),
        "/v1/enrollments/%0d%0aX-More:%201".into(),
        "/v1/enrollments/' OR 1=1 --".replace(' ', "%20"),
        "/v1/enrollments//".into(),
        format!("/v1/enrollments/{long}"),
    ] {
        let authority = office.origin.strip_prefix("http://localhost:").unwrap();
        let mut socket = tokio::net::TcpStream::connect(format!("127.0.0.1:{authority}")).await.unwrap();
        let head = format!(
            "GET {path}?transactionId=t HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            office.token
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        let _ = socket.read_to_end(&mut heard).await;
        let heard = String::from_utf8_lossy(&heard).into_owned();
        let status: u16 = heard.get(9..12).and_then(|text| text.parse().ok()).unwrap_or_default();
        assert!((400..500).contains(&status), "{path}: {heard}");
        assert!(!heard.contains("nobody else's") && !heard.to_lowercase().contains("\nx-more"), "{path}: {heard}");
    }
    assert_eq!(victim.get(&buffer(&id, &secret)).await.is(200).bytes, b"nobody else's");
}
