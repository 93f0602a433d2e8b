//! The server's own numbers, read where it serves them.

use std::time::{Duration, Instant};

use crate::port::Port;

/// Long polls and event streams that wait.
pub const WAITING: &str = "tessera_polls_waiting";

/// Where a server serves its numbers.
pub struct Metrics {
    url: String,
    _port: Port,
}

impl Metrics {
    /// Settings, with a free port for the metrics among them, and the metrics.
    pub fn listening(settings: &str) -> (String, Self) {
        let port = Port::keep();
        let address = port.address;
        let metrics = Self { url: format!("http://{address}/metrics"), _port: port };
        (format!("{settings}\nmetrics_listen = \"{address}\""), metrics)
    }

    /// All of them as they are now.
    pub async fn text(&self) -> String {
        reqwest::get(&self.url).await.unwrap().text().await.unwrap()
    }

    /// A number as it is now.
    pub async fn value(&self, name: &str) -> f64 {
        let text = self.text().await;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {text}")).trim().parse().unwrap()
    }

    /// Waits until a number is in this range.
    pub async fn until(&self, name: &str, at_least: f64, at_most: f64) {
        let began = Instant::now();
        loop {
            let value = self.value(name).await;
            if value >= at_least && value <= at_most {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(300), "{name} is {value}, not {at_least} to {at_most}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
