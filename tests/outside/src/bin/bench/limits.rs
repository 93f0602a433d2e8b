//! What this machine can do at all, with the same libraries: the figures that all others are to be held against.

use std::hint::black_box;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use josekit::jws::{ES256, JwsSigner, JwsVerifier, RS256};
use serde_json::{Value, json};

use crate::grants::Target;
use crate::measure::round;

/// Calls of `work` per second of CPU time, which is what the figures of servers count too; and per second, where it waits.
fn rate(length: Duration, mut work: impl FnMut()) -> Value {
    let (began, used) = (Instant::now(), own_cpu_seconds());
    let mut count = 0u64;
    while began.elapsed() < length {
        work();
        count += 1;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), own_cpu_seconds() - used);
    let count = count as f64;
    json!({ "per_second": round(count / seconds), "per_cpu_second": round(count / cpu.max(0.01)) })
}

/// CPU time of this thread.
fn own_cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn signatures(length: Duration, signer: &dyn JwsSigner, verifier: &dyn JwsVerifier) -> Value {
    let message = [7u8; 700];
    let signature = signer.sign(&message).unwrap();
    json!({
        "sign": rate(length, || { black_box(signer.sign(&message).unwrap()); }),
        "verify": rate(length, || verifier.verify(&message, &signature).unwrap()),
    })
}

/// Durable commits into a table like ours, so many rows each: write-ahead log, `synchronous=FULL`, keys in order of time.
fn commits(length: Duration, rows: i64) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let connection = rusqlite::Connection::open(folder.path().join("limit.sqlite")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, state BLOB NOT NULL)", ()).unwrap();
    let (state, mut id) = ([7u8; 400], 0i64);
    rate(length, || {
        let transaction = connection.unchecked_transaction().unwrap();
        for _ in 0..rows {
            id += 1;
            let mut insert = transaction.prepare_cached("INSERT INTO thing (id, state) VALUES (?1, ?2)").unwrap();
            insert.execute((id, state)).unwrap();
        }
        transaction.commit().unwrap();
    })
}

/// Answers `GET /` with a fixed text: axum and nothing else. For [`all`], which runs it as a process of its own.
pub async fn plain(port: u16) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    axum::serve(listener, Router::new().route("/", get(|| async { "plain" }))).await.unwrap();
}

/// A child process that ends with this value.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command on the core that servers have.
pub fn on_the_servers_core(program: &str) -> Command {
    let taskset = Command::new("taskset").arg("--version").stdout(Stdio::null()).status();
    if taskset.is_ok_and(|status| status.success()) && std::env::var_os("BENCH_PIN").is_some() {
        let mut command = Command::new("taskset");
        command.args(["-c", "0", program]);
        command
    } else {
        Command::new(program)
    }
}

/// The first line that a process prints. What follows is its own business, but is read too: a process whose output nobody
/// takes any more ends.
pub fn first_line(child: &mut Child) -> String {
    use std::io::{BufRead, BufReader};
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    line.trim().to_owned()
}

/// CPU seconds of a process.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

async fn http(seconds: u64) -> Value {
    let program = std::env::current_exe().unwrap();
    let mut command = on_the_servers_core(program.to_str().unwrap());
    let mut child = Process(command.args(["plain", "0"]).stdout(Stdio::piped()).spawn().unwrap());
    let address = first_line(&mut child.0).parse().unwrap();
    let pid = child.0.id();
    let target = Target { address, cpu: &|| cpu_seconds(pid), seconds, at_once: 32 };
    target.get("/").await.json()
}

/// All limits.
pub async fn all(seconds: u64) -> Value {
    let length = Duration::from_secs(seconds);
    let mut ec = josekit::jwk::Jwk::generate_ec_key(josekit::jwk::alg::ec::EcCurve::P256).unwrap();
    let mut rsa = josekit::jwk::Jwk::generate_rsa_key(2048).unwrap();
    ec.set_algorithm("ES256");
    rsa.set_algorithm("RS256");
    let (ec_public, rsa_public) = (ec.to_public_key().unwrap(), rsa.to_public_key().unwrap());
    let mut found = json!({});
    found["ES256"] =
        signatures(length, &ES256.signer_from_jwk(&ec).unwrap(), &ES256.verifier_from_jwk(&ec_public).unwrap());
    found["RS256"] =
        signatures(length, &RS256.signer_from_jwk(&rsa).unwrap(), &RS256.verifier_from_jwk(&rsa_public).unwrap());
    found["durable commits of one row"] = commits(length, 1);
    found["durable commits of 16 rows"] = commits(length, 16);
    found["HTTP, fixed text"] = http(seconds).await;
    found
}
