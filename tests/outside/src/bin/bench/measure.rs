//! How anything is measured: so many at once, each beginning again when it is done, for so many seconds; and the CPU time
//! that the server used meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Times of what was done, in milliseconds, sorted.
pub struct Times(Vec<f64>);

impl Times {
    /// From durations in any order.
    pub fn of(durations: impl IntoIterator<Item = Duration>) -> Self {
        let mut times: Vec<f64> = durations.into_iter().map(|one| one.as_secs_f64() * 1000.0).collect();
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that this share of all stayed under; 0 where there are none.
    pub fn percentile(&self, share: f64) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share) as usize).copied().unwrap_or_default()
    }
}

/// What a run gave.
pub struct Run {
    /// Each one's time.
    pub times: Times,
    /// Wall time in seconds.
    pub seconds: f64,
    /// CPU time of the server in seconds.
    pub cpu: f64,
}

impl Run {
    /// How many a second.
    pub fn rate(&self) -> f64 {
        self.times.count() as f64 / self.seconds
    }

    /// How many per second of the server's CPU time: the figure that a busy machine changes least.
    pub fn per_cpu(&self) -> f64 {
        self.times.count() as f64 / self.cpu.max(0.01)
    }

    /// As JSON, for the report.
    pub fn json(&self) -> Value {
        json!({
            "count": self.times.count(),
            "per_second": round(self.rate()),
            "per_cpu_second": round(self.per_cpu()),
            "cpu_ms_each": round(self.cpu * 1000.0 / self.times.count().max(1) as f64),
            "p50_ms": round(self.times.percentile(0.50)),
            "p95_ms": round(self.times.percentile(0.95)),
            "p99_ms": round(self.times.percentile(0.99)),
        })
    }
}

/// Three significant digits are all that these figures are good for.
pub fn round(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10f64.powi(2 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// Runs `once` over and over with each of `places` (a set of connections) for `length`. `cpu` reads the server's clock.
pub async fn repeat<P, F>(places: Vec<P>, length: Duration, cpu: impl Fn() -> f64, once: F) -> Run
where
    F: AsyncFn(&mut P),
{
    let (used, began) = (cpu(), Instant::now());
    let one = async |mut place: P| {
        let mut times = Vec::new();
        while began.elapsed() < length {
            let start = Instant::now();
            once(&mut place).await;
            times.push(start.elapsed());
        }
        times
    };
    let all = futures::future::join_all(places.into_iter().map(one)).await;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu() - used);
    Run { times: Times::of(all.into_iter().flatten()), seconds, cpu }
}

/// Begins `once` at a steady rate, for `length`, whether those before are done or not; at most one per place at a time.
pub async fn paced<P, F>(places: Vec<P>, rate: f64, length: Duration, cpu: impl Fn() -> f64, once: F) -> Run
where
    F: AsyncFn(&mut P),
{
    let (used, began) = (cpu(), tokio::time::Instant::now());
    let between = Duration::from_secs_f64(places.len() as f64 / rate);
    let count = places.len() as f64;
    let one = async |(number, mut place): (usize, P)| {
        let mut times = Vec::new();
        let mut due = began + between.mul_f64(number as f64 / count);
        while due < began + length {
            tokio::time::sleep_until(due).await;
            let start = Instant::now();
            once(&mut place).await;
            times.push(start.elapsed());
            due += between;
        }
        times
    };
    let all = futures::future::join_all(places.into_iter().enumerate().map(one)).await;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu() - used);
    Run { times: Times::of(all.into_iter().flatten()), seconds, cpu }
}

/// A figure of `/proc/PID/status`, in KiB.
pub fn memory_kib(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()).map_or(0, |text| text.parse().unwrap())
}
