//! How figures are shown and kept: `target/bench/report.json`, and the same as a table.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

use crate::measure::round;

/// Where reports go.
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("BENCH_OUT").map_or_else(|| PathBuf::from("target/bench"), PathBuf::from);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// What was measured on, and when.
pub fn machine() -> Value {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |(_, model)| model);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib: u64 = memory.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    json!({
        "date": said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        "cpu": model,
        "cores": std::thread::available_parallelism().map_or(1, usize::from),
        "machine_cores": cpu.lines().filter(|line| line.starts_with("processor")).count(),
        "memory_gib": kib.div_ceil(1024 * 1024),
        "kernel": said("uname", &["-sr"]),
        "load_before": load.split_whitespace().next().unwrap_or_default(),
        "commit": said("git", &["rev-parse", "--short", "HEAD"]),
    })
}

/// The last report; empty where there is none.
fn last() -> Value {
    let text = std::fs::read_to_string(folder().join("report.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|_| json!({}))
}

/// Begins a new report.
pub fn begin(report: Value) {
    std::fs::write(folder().join("report.json"), serde_json::to_string_pretty(&report).unwrap()).unwrap();
}

/// Prints a part and puts it into the report, in the place of the same part of an earlier run.
pub fn add(name: &str, found: Value) {
    let mut report = last();
    print(&json!({ name: found }));
    report[name] = found;
    begin(report);
}

/// How many times the peer's figure ours is, per second of the server's CPU time, for what both were asked.
pub fn compared(ours: &Value, peers: &Value) -> Value {
    let Some(rows) = peers.as_object() else { return json!("not measured") };
    let per_cpu = |found: &Value, name: &str| found[name]["per_cpu_second"].as_f64();
    let times = rows.keys().filter_map(|name| {
        let times = per_cpu(ours, name)? / per_cpu(peers, name)?;
        Some((name.clone(), json!({ "times": round(times) })))
    });
    Value::Object(times.collect())
}

/// Columns of the table, by the names that they have in a row.
const COLUMNS: [(&str, &str); 8] = [
    ("per_second", "per second"),
    ("per_cpu_second", "per CPU second"),
    ("cpu_ms_each", "CPU ms each"),
    ("p50_ms", "p50 ms"),
    ("p95_ms", "p95 ms"),
    ("p99_ms", "p99 ms"),
    ("percent", "%"),
    ("more", "more"),
];

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
            _ => number.to_string(),
        },
        Value::Array(rows) => format!("{} rows", rows.len()),
        other => other.to_string(),
    }
}

/// One row: what has a column stands there, what has none is named in the last.
fn row(name: &str, found: &Map<String, Value>) -> Vec<String> {
    let mut cells = vec![name.to_owned()];
    for (column, _) in &COLUMNS[..COLUMNS.len() - 1] {
        cells.push(found.get(*column).map(text).unwrap_or_default());
    }
    let named = |name: &str| COLUMNS.iter().any(|(column, _)| *column == name) || name == "count";
    let more = found.iter().filter(|(name, value)| !named(name) && !value.is_object() && !value.is_array());
    cells.push(
        more.map(|(name, value)| format!("{} {}", name.replace('_', " "), text(value))).collect::<Vec<_>>().join(", "),
    );
    cells
}

fn rows(prefix: &str, found: &Value, into: &mut Vec<Vec<String>>) {
    match found {
        Value::Object(members) => {
            if members.values().any(|value| !value.is_object() && !value.is_array()) {
                into.push(row(prefix, members));
            }
            for (name, value) in members.iter().filter(|(_, value)| value.is_object() || value.is_array()) {
                let joined = if prefix.is_empty() { name.clone() } else { format!("{prefix}: {name}") };
                rows(&joined, value, into);
            }
        }
        Value::Array(several) => {
            for one in several {
                into.push(row(prefix, one.as_object().unwrap_or(&Map::new())));
            }
        }
        other => into.push(vec![prefix.to_owned(), text(other)]),
    }
}

fn table(found: &Value) -> Vec<Vec<String>> {
    let mut all = vec![std::iter::once("").chain(COLUMNS.iter().map(|(_, title)| *title)).map(str::to_owned).collect()];
    rows("", found, &mut all);
    for cells in &mut all {
        cells.resize(COLUMNS.len() + 1, String::new());
    }
    // Columns that nobody uses are left out.
    let used: Vec<bool> = (0..=COLUMNS.len()).map(|at| all.iter().skip(1).any(|cells| !cells[at].is_empty())).collect();
    let keep =
        |cells: Vec<String>| cells.into_iter().zip(&used).filter(|(_, used)| **used).map(|(cell, _)| cell).collect();
    all.into_iter().map(keep).collect()
}

/// Prints figures as a table for people.
pub fn print(found: &Value) {
    let table = table(found);
    let widths: Vec<usize> =
        (0..table[0].len()).map(|at| table.iter().map(|cells| cells[at].chars().count()).max().unwrap_or(0)).collect();
    for cells in &table {
        let line: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| match at {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        println!("{}", line.join("  ").trim_end());
    }
}

/// Prints the last report as markdown, for `docs/performance.md`.
pub fn markdown() {
    let table = table(&last());
    for (number, cells) in table.iter().enumerate() {
        println!("| {} |", cells.join(" | "));
        if number == 0 {
            let rule: Vec<&str> = (0..cells.len()).map(|at| if at == 0 { "---" } else { "---:" }).collect();
            println!("| {} |", rule.join(" | "));
        }
    }
}
