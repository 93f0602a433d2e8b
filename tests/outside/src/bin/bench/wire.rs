//! HTTP/1.1 with as little work as possible: the load generator has one core, and it must not be what is measured.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// An open connection.
pub struct Wire {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
}

/// An answer.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; `Null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// `response` of an envelope without errors.
    pub fn good(&self) -> Value {
        let mut json = self.json();
        let fine = self.status == 200 && json["errors"].as_array().is_none_or(Vec::is_empty);
        assert!(fine, "{}{}", self.head, String::from_utf8_lossy(&self.body));
        json["response"].take()
    }

    /// Every value of a header.
    pub fn headers<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The cookies set, as a `Cookie` header has them.
    pub fn cookies(&self) -> String {
        self.headers("set-cookie").filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if method != "GET" {
        let _ = write!(text, "content-length: {}\r\n", body.len());
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

impl Wire {
    /// Connects; `from` one of the machine's own addresses, where one address has not ports enough.
    pub async fn open(address: SocketAddr, from: Option<IpAddr>) -> Self {
        // A listener's queue can be full for a moment.
        for _ in 0..100 {
            let socket = TcpSocket::new_v4().unwrap();
            if let Some(from) = from {
                socket.bind(SocketAddr::new(from, 0)).unwrap();
            }
            if let Ok(stream) = socket.connect(address).await {
                stream.set_nodelay(true).unwrap();
                return Self { stream, address, buffer: Vec::new() };
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{address} takes no connection")
    }

    /// Sends a request and reads its answer. A connection that the server closed while idle is opened once again.
    pub async fn ask(&mut self, request: &[u8]) -> Reply {
        if let Some(reply) = self.try_ask(request).await {
            return reply;
        }
        *self = Self::open(self.address, None).await;
        self.try_ask(request).await.expect("an answer")
    }

    /// The same, and the answer must be of status 200.
    pub async fn ask_well(&mut self, request: &[u8]) -> Reply {
        let reply = self.ask(request).await;
        assert_eq!(reply.status, 200, "{}{}", reply.head, String::from_utf8_lossy(&reply.body));
        reply
    }

    /// Sends a request whose answer nobody waits for.
    pub async fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
    }

    /// Whether nothing has come and the connection is open.
    pub fn is_silent(&self) -> bool {
        let mut byte = [0];
        matches!(self.stream.try_read(&mut byte), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    async fn try_ask(&mut self, request: &[u8]) -> Option<Reply> {
        self.stream.write_all(request).await.ok()?;
        self.buffer.clear();
        loop {
            if let Some(reply) = self.parse() {
                return Some(reply);
            }
            if self.stream.read_buf(&mut self.buffer).await.ok()? == 0 {
                return None;
            }
        }
    }

    fn parse(&mut self) -> Option<Reply> {
        let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let status: u16 = head.get(9..12)?.parse().ok()?;
        let mut reply = Reply { status, head, body: Vec::new() };
        reply.body = if reply.headers("transfer-encoding").next().is_some() {
            chunks(&self.buffer[end..])?
        } else {
            let length: usize = reply.headers("content-length").next().map_or(0, |text| text.parse().unwrap());
            self.buffer.get(end..end + length)?.to_vec()
        };
        Some(reply)
    }
}

/// A body in chunks (RFC 9112 §7.1); `None` where its last has not come.
fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        let chunk = rest.get(line + 2..line + 2 + length + 2)?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..length]);
        rest = &rest[line + 2 + length + 2..];
    }
}
