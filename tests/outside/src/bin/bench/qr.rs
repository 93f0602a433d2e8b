//! Complete QR logins.

use std::time::Duration;

use outside::server::{Database, Server};
use serde_json::{Value, json};

use crate::login::Lines;
use crate::measure::{Run, repeat};
use crate::people::{Party, Phone, address, bind, import};

/// People with a wallet in every measurement of logins.
pub const PHONES: usize = 16;
/// Logins before measuring, so that caches and connections are warm.
const WARM_UP: usize = 100;
/// What every measured server is told beyond the defaults: nobody is locked out, frames change as they do by default.
pub const SETTINGS: &str =
    "log = \"warn\"\nlimits.attempts = 1000000\nlimits.otps_per_person = 1000000\nlifetimes.frame = 10";

/// A server with people who can log in by QR code at one relying party.
pub struct Stage {
    /// The server.
    pub server: Server,
    /// Where the relying party is registered.
    pub mount: &'static str,
    /// The relying party.
    pub party: Party,
    /// Their wallets.
    pub phones: Vec<Phone>,
}

impl Stage {
    /// Sets one up.
    pub async fn new(database: Database, mount: &'static str, settings: &str) -> Self {
        let server = Server::start(database, &format!("{SETTINGS}\n{settings}")).await;
        import(&server, 0, PHONES);
        let phones = bind(&server, 0..PHONES).await;
        // The mount's own policy, without the number that a person would have to type.
        let policy = json!({ "number_matching": "off" });
        let party = Party::of(&server.relying_party_with_policy(mount, &policy).await);
        Self { server, mount, party, phones }
    }

    /// Connections for so many logins at once, each with a phone of its own.
    pub async fn lines(&self, at_once: usize) -> Vec<(Lines, &Phone)> {
        let at = address(&self.server);
        let mut lines = Vec::new();
        for number in 0..at_once {
            lines.push((Lines::open(at, at).await, &self.phones[number % self.phones.len()]));
        }
        lines
    }

    /// One login.
    pub async fn login(&self, (lines, phone): &mut (Lines, &Phone)) {
        lines.login(self.mount, &self.party, phone).await;
    }

    /// Logs in until everything is warm.
    pub async fn warm_up(&self) {
        for one in &mut self.lines(4).await {
            for _ in 0..WARM_UP / 4 {
                self.login(one).await;
            }
        }
    }

    /// Complete logins, as many as there is room for.
    pub async fn run(&self, seconds: u64, at_once: usize) -> Run {
        let lines = self.lines(at_once).await;
        let cpu = || self.server.cpu_seconds();
        repeat(lines, Duration::from_secs(seconds), cpu, async |line| self.login(line).await).await
    }
}

/// On each database with ES256, and once with RS256 (GovStack's mount).
pub async fn logins(seconds: u64, at_once: usize) -> Value {
    let mut found = json!({});
    for database in Database::all() {
        let mounts: &[(&str, &str)] =
            if database == Database::Sqlite { &[("/op", "ES256"), ("", "RS256")] } else { &[("/op", "ES256")] };
        for (mount, alg) in mounts {
            let stage = Stage::new(database, mount, "").await;
            stage.warm_up().await;
            let run = stage.run(seconds, at_once).await;
            let alone = stage.run(seconds.min(4), 1).await;
            let mut row = run.json();
            row["p50_alone_ms"] = crate::measure::round(alone.times.percentile(0.50)).into();
            found[format!("{database:?} {alg}")] = row;
        }
    }
    found
}
