//! The HTTP and the envelope of a played server: one request per connection, in a thread.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use protocol::envelope::{DEFAULT_LEEWAY_MS, Request};
use protocol::timestamp::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wallet_core::ports::SystemClock;

/// The response, or an error code.
pub(crate) type Answer = Result<Value, &'static str>;

/// A request as received.
pub(crate) struct Received {
    pub(crate) path: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// A header's value; empty where it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }
}

/// Serves until the test's process ends. Gives the origin.
pub(crate) fn serve(handle: impl Fn(Received) -> Answer + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let request = read(&stream);
            write(stream, handle(request));
        }
    });
    origin
}

fn read(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut request = Received { path, headers, body: Vec::new() };
    request.body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut request.body).unwrap();
    request
}

fn write(mut stream: TcpStream, answer: Answer) {
    let (response, errors) = match answer {
        Ok(response) => (response, json!([])),
        Err(code) => (Value::Null, json!([{"errorCode": code, "errorMessage": code}])),
    };
    let time = Timestamp::from_epoch_ms(now_ms()).unwrap();
    let text = json!({"responseTime": time, "response": response, "errors": errors}).to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:";
    write!(stream, "{head} {}\r\n\r\n{text}", text.len()).unwrap();
}

/// The body of an envelope.
pub(crate) fn open<T: DeserializeOwned>(body: &[u8]) -> Result<T, &'static str> {
    let request: Request<T> = serde_json::from_slice(body).map_err(|_| "invalid_request")?;
    request.open(now_ms(), DEFAULT_LEEWAY_MS).map_err(|_| "invalid_request")
}

pub(crate) fn now_ms() -> i64 {
    SystemClock.epoch_ms()
}

pub(crate) fn now_s() -> i64 {
    now_ms() / 1000
}

pub(crate) fn in_a_year() -> Timestamp {
    Timestamp::from_epoch_ms(now_ms() + 365 * 86_400_000).unwrap()
}
