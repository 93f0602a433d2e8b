//! Where the server's CPU time goes: a sampling profile (`perf record`, with stacks) of logins under way. Each sample is
//! counted for the innermost of its frames that says whose work it is.

use std::collections::BTreeMap;
use std::process::Command;

use outside::server::Database;
use serde_json::{Value, json};

use crate::measure::round;
use crate::qr::Stage;
use crate::report;

/// Samples a second; no divisor of anything that ticks.
const FREQUENCY: &str = "499";
/// Frames narrower than this share of all are not drawn.
const NARROW: f64 = 0.004;

/// Whose work a frame is; `None` where it only helps.
fn owner(frame: &str) -> Option<&'static str> {
    let any = |parts: &[&str]| parts.iter().any(|part| frame.contains(part));
    let begins = |parts: &[&str]| parts.iter().any(|part| frame.starts_with(part));
    if any(&[
        "aes_gcm",
        "aes::",
        "ghash",
        "polyval",
        "sha2::",
        "hmac::",
        "hkdf",
        "p256",
        "josekit",
        "ecp_nistz",
        "server::secrets",
        "server::ids",
        "server::clock",
        "server::keys",
    ]) || begins(&[
        "EVP_",
        "BN_",
        "bn_",
        "EC_",
        "ec_",
        "ECDSA",
        "ossl_",
        "RSA_",
        "rsa_",
        "ecdsa",
        "OPENSSL_",
        "sha256_block",
    ]) {
        Some("crypto")
    } else if any(&["sqlite3", "rusqlite", "sqlx", "server::store"]) {
        Some("store")
    } else if any(&[
        "hyper::",
        "hyper_util",
        "axum",
        "tower",
        "h2::",
        "server::http",
        "server::metrics",
        "server::routes",
        "tokio::",
    ]) || begins(&["tcp_", "inet_", "sock_", "__sys_recv", "__sys_send", "do_epoll", "ep_", "ip_"])
    {
        Some("HTTP and runtime")
    } else if frame.contains("server::") {
        Some("rest")
    } else {
        None
    }
}

/// A symbol as a reader knows it: without its hash and without what it is generic over.
fn readable(symbol: &str) -> String {
    let symbol = symbol.rsplit_once("::h").filter(|(_, hash)| hash.len() == 16).map_or(symbol, |(name, _)| name);
    let mut text = String::new();
    let mut depth = 0usize;
    for letter in symbol.chars() {
        match letter {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth < 2 => text.push(letter),
            _ => {}
        }
    }
    text.chars().take(80).collect()
}

/// Stacks, outermost frame first, with how often each was seen.
fn stacks(script: &str) -> BTreeMap<Vec<String>, u64> {
    let mut found = BTreeMap::new();
    for sample in script.split("\n\n") {
        let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
        let Some(thread) = lines.next().and_then(|line| line.split_whitespace().next()) else { continue };
        let symbol = |line: &str| line.trim().split_once(' ').map(|(_, symbol)| readable(symbol.trim()));
        let mut stack: Vec<String> = lines.filter_map(symbol).collect();
        stack.push(thread.to_owned());
        stack.reverse();
        *found.entry(stack).or_insert(0) += 1;
    }
    found
}

/// A tree of frames, drawn as rectangles.
#[derive(Default)]
struct Frame {
    samples: u64,
    inner: BTreeMap<String, Frame>,
}

fn draw(out: &mut String, name: &str, frame: &Frame, left: f64, depth: usize, total: f64, rows: usize) {
    use std::fmt::Write;
    let width = frame.samples as f64 / total;
    if width < NARROW {
        return;
    }
    let text = name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (x, w, y) = (left * 1200.0, width * 1200.0, (rows - depth) * 16);
    let colour = match owner(name) {
        Some("crypto") => "#e8a87c",
        Some("store") => "#85cdca",
        Some("HTTP and runtime") => "#c3b1e1",
        Some(_) => "#e2d58b",
        None => "#dddddd",
    };
    let shown: String = text.chars().take((w / 6.5) as usize).collect();
    let _ = writeln!(
        out,
        "<g><title>{text}: {:.1} %</title><rect x=\"{x:.1}\" y=\"{y}\" width=\"{w:.1}\" height=\"15\" fill=\"{colour}\"/>\
         <text x=\"{:.1}\" y=\"{}\">{shown}</text></g>",
        width * 100.0,
        x + 2.0,
        y + 11
    );
    let mut at = left;
    for (name, inner) in &frame.inner {
        draw(out, name, inner, at, depth + 1, total, rows);
        at += inner.samples as f64 / total;
    }
}

fn flame(stacks: &BTreeMap<Vec<String>, u64>) -> String {
    let mut root = Frame::default();
    for (stack, count) in stacks {
        root.samples += count;
        let mut at = &mut root;
        for name in stack.iter().take(60) {
            at = at.inner.entry(name.clone()).or_default();
            at.samples += count;
        }
    }
    fn height(frame: &Frame, least: f64) -> usize {
        let inner = frame.inner.values().filter(|inner| inner.samples as f64 >= least);
        1 + inner.map(|inner| height(inner, least)).max().unwrap_or(0)
    }
    let total = root.samples.max(1) as f64;
    let rows = height(&root, total * NARROW);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1200 {}\" font-family=\"monospace\" font-size=\"10\">\n",
        (rows + 1) * 16
    );
    draw(&mut out, "server", &root, 0.0, 0, total, rows);
    out.push_str("</svg>\n");
    out
}

/// Shares of the CPU time of a login; the drawing goes to `target/bench/flame.svg`. A sentence where `perf` does not work.
pub async fn split(seconds: u64) -> Value {
    let stage = Stage::new(Database::Sqlite, "/op", "").await;
    stage.warm_up().await;
    let data = report::folder().join("perf.data");
    let pid = stage.server.pid().to_string();
    let seconds_text = seconds.to_string();
    let record = Command::new("perf")
        .args(["record", "-q", "-e", "cpu-clock", "-F", FREQUENCY, "--call-graph", "dwarf,16384", "-p", &pid, "-o"])
        .arg(&data)
        .args(["--", "sleep", &seconds_text])
        .spawn();
    let Ok(mut record) = record else { return json!("not measured: there is no perf") };
    let run = stage.run(seconds, 16).await;
    if !record.wait().unwrap().success() {
        return json!("not measured: perf may not record here");
    }
    let script = Command::new("perf").args(["script", "--no-inline", "-F", "comm,ip,sym", "-i"]).arg(&data).output();
    let _ = std::fs::remove_file(&data);
    let script = String::from_utf8_lossy(&script.unwrap().stdout).into_owned();
    let stacks = stacks(&script);
    let total: u64 = stacks.values().sum();
    let mut shares = BTreeMap::from([("crypto", 0), ("store", 0), ("HTTP and runtime", 0), ("rest", 0)]);
    for (stack, count) in &stacks {
        let whose = stack.iter().rev().find_map(|frame| owner(frame));
        let writer = stack.first().is_some_and(|thread| thread == "writer");
        *shares.entry(whose.unwrap_or(if writer { "store" } else { "rest" })).or_insert(0) += count;
    }
    std::fs::write(report::folder().join("flame.svg"), flame(&stacks)).unwrap();
    let each = run.cpu * 1000.0 / run.times.count().max(1) as f64;
    let mut found = json!({ "samples": total, "cpu_ms_each_while_sampled": round(each) });
    for (whose, count) in shares {
        found[whose] = json!({ "percent": round(count as f64 * 100.0 / total.max(1) as f64) });
    }
    found
}
