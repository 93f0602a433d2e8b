//! Long polls: how soon a waiting one is answered, and what it costs to have many of them wait.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use futures::StreamExt;
use outside::metrics::{Metrics, WAITING};
use outside::server::Database;
use serde_json::{Value, json};

use crate::login::{Shown, link, show};
use crate::measure::{Run, Times, memory_kib, paced, round};
use crate::people::address;
use crate::qr::Stage;
use crate::wire::Wire;

/// How long polls are held here, so that none ends while it is counted.
const HELD: &str =
    "lifetimes.poll = 900\nlifetimes.transaction = 1800\nlifetimes.link_code = 900\nlimits.request_seconds = 60";
/// Polls from one address: it has ports for some 28,000 connections.
const PER_ADDRESS: usize = 5000;
/// Browsers that begin a login at once while the polls are set up.
const AT_ONCE: usize = 32;
/// Connections in use for logins beside the waiting polls.
const BESIDE: usize = 8;

/// From the moment that the wallet has its answer to the moment that the browser, which was waiting, has its own.
pub async fn wakes(count: usize) -> Value {
    let mut found = json!({});
    for database in Database::all() {
        let stage = Stage::new(database, "/op", "").await;
        let first = address(&stage.server);
        found[format!("{database:?}, same node")] = wakes_between(&stage, first, first, count).await;
        if database == Database::Postgres {
            let second = stage.server.second_node().await;
            found[format!("{database:?}, two nodes")] = wakes_between(&stage, address(&second), first, count).await;
        }
    }
    found
}

async fn wakes_between(stage: &Stage, browser_at: SocketAddr, wallet_at: SocketAddr, count: usize) -> Value {
    let mut browser = Wire::open(browser_at, None).await;
    let mut polling = Wire::open(browser_at, None).await;
    let mut wallet = Wire::open(wallet_at, None).await;
    let (mut late, mut whole) = (Vec::new(), Vec::new());
    for number in 0..count {
        let shown = show(&mut browser, stage.mount, &stage.party).await;
        let poll = shown.status(stage.mount);
        let answered = async {
            let reply = polling.ask(&poll).await;
            (Instant::now(), reply)
        };
        let claimed = async {
            // The poll must be waiting: another question on the same node is answered after it has begun.
            show(&mut browser, stage.mount, &stage.party).await;
            let began = Instant::now();
            link(&mut wallet, stage.mount, &shown.code, &stage.phones[number % stage.phones.len()]).await;
            (began, Instant::now())
        };
        let ((told, reply), (began, done)) = tokio::join!(answered, claimed);
        reply.good();
        late.push(told.saturating_duration_since(done));
        whole.push(told.saturating_duration_since(began));
    }
    let (late, whole) = (Times::of(late), Times::of(whole));
    json!({
        "count": count,
        "p50_ms": round(late.percentile(0.5)),
        "p99_ms": round(late.percentile(0.99)),
        "since_the_wallet_asked_p50_ms": round(whole.percentile(0.5)),
        "since_the_wallet_asked_p99_ms": round(whole.percentile(0.99)),
    })
}

/// Logins at a steady, low rate.
async fn logins(stage: &Stage) -> Run {
    let lines = stage.lines(BESIDE).await;
    let cpu = || stage.server.cpu_seconds();
    paced(lines, 20.0, Duration::from_secs(15), cpu, async |line| stage.login(line).await).await
}

/// Descriptors that server and load need beside the polls.
const OTHERS: usize = 250;

/// Descriptors that a process of ours may have: the server inherits the limit.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX)
}

/// What so many waiting polls cost in memory, and what logins beside them notice. As many as the system allows: each is a
/// descriptor at both ends.
pub async fn waiting(count: usize) -> Value {
    let count = count.min(descriptors().saturating_sub(OTHERS));
    let (settings, metrics) = Metrics::listening(HELD);
    let stage = Stage::new(Database::Sqlite, "/op", &settings).await;
    stage.warm_up().await;
    let at = address(&stage.server);
    let idle = logins(&stage).await;
    let began = Instant::now();
    let shown: Vec<Shown> = futures::stream::iter(0..count)
        .map(|_| async {
            let mut wire = Wire::open(at, None).await;
            show(&mut wire, stage.mount, &stage.party).await
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let begun = began.elapsed().as_secs_f64();
    let before = memory_kib(stage.server.pid(), "VmRSS");
    let mut polls = Vec::with_capacity(count);
    for (number, one) in shown.iter().enumerate() {
        let from = IpAddr::V4(Ipv4Addr::new(127, 0, 1, 1 + (number / PER_ADDRESS) as u8));
        let mut wire = Wire::open(at, Some(from)).await;
        wire.send(&one.status(stage.mount)).await;
        polls.push(wire);
    }
    // A login that begins while the server still reads so many polls would be measured waiting for them.
    metrics.until(WAITING, count as f64, f64::INFINITY).await;
    let full = logins(&stage).await;
    let after = memory_kib(stage.server.pid(), "VmRSS");
    json!({
        "polls": count,
        "logins_begun_per_second": round(count as f64 / begun),
        "kib_each": round(after.saturating_sub(before) as f64 / count as f64),
        "memory_mib": after / 1024,
        "logins beside none": idle.json(),
        "logins beside all": full.json(),
        "still_waiting": still_waiting(&mut polls),
    })
}

/// Polls that have had no answer.
fn still_waiting(polls: &mut [Wire]) -> usize {
    polls.iter().filter(|wire| wire.is_silent()).count()
}
